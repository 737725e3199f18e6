# SPDX-License-Identifier: Apache-2.0
"""Files of evidence: attached by those who inquire, given out to be saved and never shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Form
from fastapi import UploadFile as FormFile
from fastapi.responses import JSONResponse, Response

from truceline.access import Visitor
from truceline.api.acting import Actor
from truceline.api.problems import PROBLEMS, Refused
from truceline.api.reading import Here, Reader
from truceline.api.room import Room
from truceline.mission import views
from truceline.mission.acting import act
from truceline.mission.evidence_files import LARGEST, TAKEN, attachment, content_of
from truceline.mission.roll import Filter
from truceline.procedure import Capacity, Entry

router = APIRouter(prefix="/api/v1", tags=["evidence"], responses=PROBLEMS)

ATTACHERS: Final = frozenset({Capacity.MONITOR, Capacity.DUTY_OFFICER, Capacity.ANALYST, Capacity.VERIFIER})


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was sent, with what its sender says of it."""

    file: FormFile
    described: Annotated[str, Form(max_length=20_000, description="What it shows, and who may be harmed.")]
    seen: Annotated[int, Form(ge=0, lt=2**53, description="The latest step on the incident that you saw.")]
    sha256: Annotated[str, Form(max_length=64, description="As you computed it before it was sent.")] = ""


Uploaded = Annotated[Upload, Depends()]


@router.post("/incidents/{incident_id}/files", status_code=201, response_class=JSONResponse)
def attach_file(room: Here, visitor: Actor, incident_id: str, upload: Uploaded) -> JSONResponse:
    """Attach a file to the inquiry into an incident."""
    entry = attached(room, visitor, incident_id, upload)
    return JSONResponse({"leaf_index": entry.leaf_index, "at": entry.at.isoformat()}, 201)


@router.get("/evidence/{sha256}", response_class=Response)
def evidence(room: Here, visitor: Reader, sha256: str) -> Response:
    """Return an attached file, to be saved: it is never shown in a page."""
    known = views.evidence_file(room.mission, visitor.who, sha256)
    selection = room.selection(visitor.who, Filter())
    if known is None or selection is None or not selection.holds(known[0]):
        raise Refused(404, "There is no such file, or it is not released to you.", "The incident lists them.")
    _, found = known
    ending = next((name for name, sort in TAKEN.items() if sort == found.media_type), ".bin")
    headers = {"Content-Disposition": f'attachment; filename="{sha256[:16]}{ending}"'}
    content = content_of(room.mission, found)
    return Response(content, media_type="application/octet-stream", headers=headers)


def attached(room: Room, visitor: Visitor, incident_id: str, upload: Upload) -> Entry:
    """Attach an uploaded file.

    Raises:
        Refused: It is not this visitor's to do.
        RejectedInput: It is too large, of a sort that is not taken, or not what it should be.
        RuleViolation: The step is forbidden.
    """
    if visitor.who.capacity not in ATTACHERS:
        raise Refused(403, "You may not attach files.", "Monitors, officers, analysts and verifiers may.")
    name, content = upload.file.filename or "", upload.file.file.read(LARGEST + 1)
    with room.writing() as mission:
        step = attachment(
            mission,
            name,
            content,
            incident_id,
            upload.described,
            seen=upload.seen,
            declared=upload.sha256,
        )
        return act(mission, visitor.who, step)
