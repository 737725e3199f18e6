# SPDX-License-Identifier: Apache-2.0
"""Routes that read: incidents, procedure, the state of the mechanism, the log."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Query, Request
from fastapi.responses import FileResponse, JSONResponse, PlainTextResponse, StreamingResponse

from truceline.access import Permission, Visitor
from truceline.api.asked import AskedOfRoll
from truceline.api.documents import IncidentList, Me, answer, incident_document, me_document
from truceline.api.doors import Door, room_of
from truceline.api.exports import as_csv, as_geojson
from truceline.api.problems import PROBLEMS, Refused
from truceline.api.room import Room
from truceline.errors import Fault, RejectedInput
from truceline.interval import as_utc
from truceline.mission import prove_record, views
from truceline.mission.acts_shown import entries_for
from truceline.mission.roll import IncidentInFull, Selection, in_full, shown

router = APIRouter(prefix="/api/v1", tags=["read"], responses=PROBLEMS)

Here = Annotated[Room, Depends(room_of)]
Reader = Annotated[Visitor, Depends(Door(Permission.READ))]
Exporter = Annotated[Visitor, Depends(Door(Permission.EXPORT))]
AsOf = Annotated[str, Query(max_length=40, description="As of when, RFC 3339 with zone; empty: now.")]

MOST = 500


@router.get("/openapi.json", response_class=JSONResponse, include_in_schema=False)
def openapi(request: Request, _visitor: Reader) -> JSONResponse:
    """Return the description of this service (OpenAPI 3.1)."""
    app = request.app
    if not isinstance(app, FastAPI):
        raise TypeError("not a service of FastAPI")
    return JSONResponse(app.openapi())


@router.get("/me")
def me(visitor: Reader) -> Me:
    """Tell who asks, and what they may do."""
    return me_document(visitor, [one.value for one in Permission if visitor.may(one)])


@router.get("/incidents")
def incidents(
    room: Here,
    visitor: Reader,
    asked: Annotated[AskedOfRoll, Depends()],
    after: Annotated[str, Query(max_length=80)] = "",
    limit: Annotated[int, Query(ge=1, le=MOST)] = 100,
) -> IncidentList:
    """List incidents, latest first, as far as they are released to who asks."""
    selection = require_run(room, visitor, asked)
    page = selection.page(after, limit)
    more = len(page) == limit and page.last_id != selection.last_id
    return IncidentList(
        room.mission.settings.exercise,
        selection.rule.audience,
        len(selection),
        [incident_document(one) for one in shown(room.mission, page)],
        page.last_id if more else None,
    )


def require_run(room: Room, visitor: Visitor, asked: AskedOfRoll) -> Selection:
    """Return the incidents that are asked for.

    Raises:
        Refused: Nothing was run yet, so there are none.
    """
    selection = room.selection(visitor.who, asked.filter())
    if selection is None:
        raise Refused(404, "No incidents yet: nothing was run.", "They appear after the first run.")
    return selection


@router.get("/incidents.csv", response_class=StreamingResponse)
def incidents_csv(
    room: Here, visitor: Exporter, asked: Annotated[AskedOfRoll, Depends()]
) -> StreamingResponse:
    """Export incidents as CSV."""
    stream = as_csv(room.mission, require_run(room, visitor, asked))
    return StreamingResponse(stream, media_type="text/csv; charset=utf-8", headers=_named("incidents.csv"))


@router.get("/incidents.geojson", response_class=StreamingResponse)
def incidents_geojson(
    room: Here, visitor: Exporter, asked: Annotated[AskedOfRoll, Depends()]
) -> StreamingResponse:
    """Export incidents as GeoJSON."""
    stream = as_geojson(room.mission, require_run(room, visitor, asked))
    headers = _named("incidents.geojson")
    return StreamingResponse(stream, media_type="application/geo+json", headers=headers)


def _named(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}


@router.get("/incidents/{incident_id}", response_class=JSONResponse)
def incident(room: Here, visitor: Reader, incident_id: str) -> JSONResponse:
    """Return one incident with what it rests on, as far as it is released to who asks."""
    found = require_incident(room, visitor, incident_id)
    return answer(
        room.mission.settings.exercise,
        incident=incident_document(found.shown),
        observations=found.observations,
        memberships=found.memberships,
        assessments=found.assessments,
    )


def require_incident(room: Room, visitor: Visitor, incident_id: str) -> IncidentInFull:
    """Return one incident in full.

    Raises:
        Refused: There is none of that id that they may see.
    """
    everything = require_run(room, visitor, AskedOfRoll())
    try:
        return in_full(room.mission, everything, incident_id)
    except RejectedInput as error:
        raise Refused(404, error.summary, "Nothing was changed.") from error


@router.get("/cases", response_class=JSONResponse)
def cases(room: Here, visitor: Reader) -> JSONResponse:
    """Return every case of the commission as who asks may see it."""
    return answer(room.mission.settings.exercise, cases=views.cases(room.mission, visitor.who))


@router.get("/procedure", response_class=JSONResponse)
def procedure(room: Here, visitor: Reader, kind: Annotated[str, Query(max_length=40)] = "") -> JSONResponse:
    """Return every recorded step as who asks may see it."""
    steps = entries_for(room.mission, visitor.who, kind or None)
    return answer(room.mission.settings.exercise, steps=steps)


@router.get("/submissions", response_class=JSONResponse)
def submissions(room: Here, visitor: Reader) -> JSONResponse:
    """Return what parties submitted, as far as who asks may see it."""
    return answer(room.mission.settings.exercise, submissions=views.submissions(room.mission, visitor.who))


@router.get("/standing", response_class=JSONResponse)
def standing(room: Here, _visitor: Reader, at: AsOf = "") -> JSONResponse:
    """Return how the agreement stands."""
    return answer(room.mission.settings.exercise, standing=views.standing(room.mission, moment(room, at)))


@router.get("/commitments", response_class=JSONResponse)
def commitments(room: Here, _visitor: Reader) -> JSONResponse:
    """Return how each commitment stands, with its obligations and their clocks."""
    return answer(room.mission.settings.exercise, commitments=views.commitments(room.mission))


@router.get("/coalition", response_class=JSONResponse)
def coalition(room: Here, _visitor: Reader, at: AsOf = "") -> JSONResponse:
    """Return who has which role in the coalition."""
    return answer(room.mission.settings.exercise, coalition=views.coalition(room.mission, moment(room, at)))


@router.get("/force", response_class=JSONResponse)
def force(room: Here, visitor: Reader, at: AsOf = "") -> JSONResponse:
    """Return the force and its hubs, as exactly as who asks may know them."""
    held = views.force(room.mission, visitor.who, moment(room, at))
    return answer(room.mission.settings.exercise, force=held)


@router.get("/support", response_class=JSONResponse)
def support(room: Here, _visitor: Reader, at: AsOf = "") -> JSONResponse:
    """Return the support ledger."""
    return answer(room.mission.settings.exercise, support=views.support(room.mission, moment(room, at)))


def moment(room: Room, typed: str) -> datetime:
    """Return the moment that is asked of; empty: now.

    Raises:
        RejectedInput: It is none.
    """
    if not typed:
        return room.now
    try:
        return as_utc(datetime.fromisoformat(typed))
    except (ValueError, OverflowError, RejectedInput) as error:
        reason = "write a time with its zone, such as 2030-01-14T09:00:00+02:00"
        raise RejectedInput("The moment cannot be read.", [Fault("query", "at", reason, typed)]) from error


@router.get("/log/checkpoint", response_class=PlainTextResponse)
def checkpoint(room: Here, _visitor: Reader) -> PlainTextResponse:
    """Return the log's latest signed checkpoint (C2SP tlog-checkpoint)."""
    return PlainTextResponse((room.mission.folder / "log" / "checkpoint").read_text(encoding="utf-8"))


@router.get("/records/{name}/proof", response_class=PlainTextResponse)
def proof(room: Here, _visitor: Reader, name: str) -> PlainTextResponse:
    """Return the proof that a record is in the log (C2SP tlog-proof)."""
    with room.writing():  # the log is published up to its latest commit first
        text = prove_record(room.mission, name)
    return PlainTextResponse(text, headers=_named("record.tlog-proof"))


@router.get("/log/{path:path}", response_class=FileResponse)
def log_file(room: Here, _visitor: Reader, path: str) -> FileResponse:
    """Return a file of the published log (C2SP tlog-tiles)."""
    folder = (room.mission.folder / "log").resolve()
    wanted = _inside(folder, path)
    if wanted is None:
        raise Refused(404, "The log has no such file.", "Its checkpoint says how far it goes.")
    return FileResponse(wanted, media_type="application/octet-stream")


def _inside(folder: Path, path: str) -> Path | None:
    """Return a file in a folder, or None: what leads out of it is not there."""
    try:
        wanted = (folder / path).resolve()
        return wanted if wanted.is_relative_to(folder) and wanted.is_file() else None
    except (OSError, ValueError):
        return None
