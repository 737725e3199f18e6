# SPDX-License-Identifier: Apache-2.0
"""Routes that change something: steps of procedure, reports taken in, runs."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from fastapi import UploadFile as FormFile
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.datastructures import UploadFile

from truceline.access import Permission, Visitor
from truceline.api.documents import answer
from truceline.api.doors import Door, room_of
from truceline.api.problems import PROBLEMS, Refused
from truceline.api.reading import Reader
from truceline.api.room import Room
from truceline.mechanism import STEPS
from truceline.mission import ImportSummary, ingest, run
from truceline.mission.acting import act
from truceline.procedure import Entry
from truceline.procedure.asked import asked_of, summary_of
from truceline.procedure.typed import step_from

router = APIRouter(prefix="/api/v1", tags=["act"], responses=PROBLEMS)

Here = Annotated[Room, Depends(room_of)]
Actor = Annotated[Visitor, Depends(Door(Permission.TAKE_STEPS))]
Taker = Annotated[Visitor, Depends(Door(Permission.TAKE_IN))]
Runner = Annotated[Visitor, Depends(Door(Permission.RUN))]

LARGEST_UPLOAD = 256 * 1024 * 1024
_PIECE = 1 << 20


class StepFields(BaseModel):
    """The fields of a step as typed: each a text, or a list of them; what is left out is not given."""

    model_config = ConfigDict(extra="forbid", strict=True)

    fields: dict[
        Annotated[str, Field(max_length=60)],
        Annotated[str, Field(max_length=100_000)]
        | Annotated[list[Annotated[str, Field(max_length=100_000)]], Field(max_length=10_000)],
    ]


@router.get("/steps", response_class=JSONResponse)
def steps(room: Here, _visitor: Reader) -> JSONResponse:
    """List the steps of procedure, and what each asks for."""
    listed = {
        name: {
            "summary": summary_of(step),
            "fields": [
                {"name": one.name, "required": one.required, "repeated": one.repeated, "help": one.described}
                for one in asked_of(step)
            ],
        }
        for name, step in STEPS.items()
    }
    return answer(room.mission.settings.exercise, steps=listed)


@router.post("/steps/{name}", status_code=201, response_class=JSONResponse)
def take_step(room: Here, visitor: Actor, name: str, given: StepFields) -> JSONResponse:
    """Take a step; the rules of procedure say whether who asks may, and which rule forbids it."""
    entry = taken(room, visitor, name, given.fields)
    return JSONResponse({"leaf_index": entry.leaf_index, "at": entry.at.isoformat()}, 201)


def taken(room: Room, visitor: Visitor, name: str, fields: dict[str, str | list[str]]) -> Entry:
    """Take a step from what somebody typed, and return its entry.

    Raises:
        Refused: There is no such step.
        RejectedInput: A field is missing or malformed.
        RuleViolation: The step is forbidden.
    """
    kind = STEPS.get(name)
    if kind is None:
        raise Refused(404, "There is no such step.", "GET /api/v1/steps lists them.")
    step = step_from(kind, fields)
    with room.writing() as mission:
        return act(mission, visitor.who, step)


@router.post("/imports", status_code=201, response_class=JSONResponse)
def take_in(
    room: Here, visitor: Taker, file: FormFile, format_name: Annotated[str, Form(alias="format")]
) -> JSONResponse:
    """Take a file of reports into the record, whole or not at all; every refused row says why."""
    del visitor
    return answer(room.mission.settings.exercise, 201, summary=taken_in(room, file, format_name))


def taken_in(room: Room, file: UploadFile, format_name: str) -> ImportSummary:
    """Take an uploaded file in.

    Raises:
        Refused: It is too large, or the machine is busy.
        RejectedInput: It cannot be read.
    """
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / _plain_name(file.filename or "")
        written = 0
        with path.open("wb") as out:
            while piece := file.file.read(_PIECE):
                written += len(piece)
                if written > LARGEST_UPLOAD:
                    raise Refused(
                        413, "The file is too large.", "At most 256 MiB; split it, nothing was taken in."
                    )
                out.write(piece)
        with room.writing() as mission:
            return ingest(mission, path, format_name)


def _plain_name(name: str) -> str:
    """Return the name that a file has in the record: its last part, in plain letters."""
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(one if one.isalnum() or one in "._- " else "_" for one in last)[-100:].strip(". ")
    return kept or "upload"


@router.post("/runs", status_code=201, response_class=JSONResponse)
def run_engine(room: Here, visitor: Runner) -> JSONResponse:
    """Fuse what is recorded into incidents and hold them against the clauses."""
    del visitor
    with room.writing() as mission:
        done = run(mission)
    summary = {
        "tree_size": done.tree_size,
        "root": done.root.hex(),
        "observations": done.observations,
        "unfused": done.unfused,
        "incidents": done.incidents,
        "assessments": done.assessments,
        "engine": done.engine,
        "results_sha256": done.results_sha256,
        "recorded": done.recorded,
    }
    return answer(room.mission.settings.exercise, 201, run=summary)
