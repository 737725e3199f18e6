# SPDX-License-Identifier: Apache-2.0
"""Files of evidence: taken in by content, kept under their digest, given out to be saved and never shown.

What a file is goes by its content, not by what its name or its sender says.  Nothing that
was uploaded is ever executed, inlined or rendered by this service.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Annotated, Final

import puremagic
from fastapi import APIRouter, Depends, Form
from fastapi import UploadFile as FormFile
from fastapi.responses import JSONResponse, Response
from pydantic.dataclasses import dataclass
from starlette.datastructures import UploadFile

from truceline.access import Permission, Visitor
from truceline.api.documents import answer
from truceline.api.doors import Door
from truceline.api.problems import PROBLEMS, Refused
from truceline.api.reading import Here, Reader
from truceline.api.room import Room
from truceline.mission import views
from truceline.procedure import Capacity

router = APIRouter(prefix="/api/v1", tags=["evidence"], responses=PROBLEMS)

Attacher = Annotated[Visitor, Depends(Door(Permission.TAKE_STEPS))]

LARGEST: Final = 64 * 1024 * 1024
TAKEN: Final[Mapping[str, str]] = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".mp4": "video/mp4",
    ".mov": "video/quicktime",
    ".mp3": "audio/mpeg",
    ".wav": "audio/wav",
    ".pdf": "application/pdf",
}
"""The sorts of files that are taken, by the end of their name."""

ATTACHERS: Final = frozenset({Capacity.MONITOR, Capacity.DUTY_OFFICER, Capacity.ANALYST, Capacity.VERIFIER})


@dataclass(frozen=True, slots=True)
class Kept:
    """A file in the vault: what a step names it by."""

    sha256: str
    media_type: str
    size: int


@router.post("/evidence", status_code=201, response_class=JSONResponse)
def keep_file(
    room: Here, visitor: Attacher, file: FormFile, sha256: Annotated[str, Form(max_length=64)] = ""
) -> JSONResponse:
    """Keep a file in the vault; the step attach-file then says what it shows.

    ``sha256`` is what the sender computed before it was sent: a file that changed on the way is refused.
    """
    return answer(room.mission.settings.exercise, 201, file=kept(room, visitor, file, sha256))


@router.get("/evidence/{sha256}", response_class=Response)
def evidence(room: Here, visitor: Reader, sha256: str) -> Response:
    """Return an attached file, to be saved: it is never shown in a page."""
    found = views.evidence_file(room.mission, visitor.who, sha256)
    if found is None:
        raise Refused(404, "There is no such file, or it is not released to you.", "The incident lists them.")
    content = room.mission.ledger.vault.get(sha256)
    ending = next((name for name, sort in TAKEN.items() if sort == found.media_type), ".bin")
    headers = {"Content-Disposition": f'attachment; filename="{sha256[:16]}{ending}"'}
    return Response(content, media_type="application/octet-stream", headers=headers)


def kept(room: Room, visitor: Visitor, file: UploadFile, declared: str) -> Kept:
    """Put an uploaded file into the vault.

    Raises:
        Refused: It is too large, of a sort that is not taken, not what its name says, or changed on the way.
    """
    if visitor.who.capacity not in ATTACHERS:
        raise Refused(403, "You may not attach files.", "Monitors, officers, analysts and verifiers may.")
    content = file.file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise Refused(413, "The file is too large.", "At most 64 MiB; cut or compress it. Nothing was kept.")
    media_type = _sort_of(file.filename or "", content)
    digest = hashlib.sha256(content).hexdigest()
    if declared and declared.strip().lower() != digest:
        raise Refused(
            422,
            "The file changed on its way here.",
            f"Your browser computed {declared[:64]}, here it is {digest}. Send it again. Nothing was kept.",
        )
    room.mission.ledger.vault.put(content)
    return Kept(digest, media_type, len(content))


def _sort_of(name: str, content: bytes) -> str:
    """Return what sort of file this is, by its content.

    Raises:
        Refused: Of none that is taken, or of another than its name says.
    """
    ending = PurePosixPath(name.replace("\\", "/")).suffix.lower()
    if ending not in TAKEN:
        raise Refused(
            415, "Files of this sort are not taken.", f"Taken are: {', '.join(TAKEN)}. Nothing was kept."
        )
    try:
        found = {match.extension for match in puremagic.magic_string(content)}
    except (puremagic.PureError, ValueError):
        found = set()
    if ending not in found:
        raise Refused(
            415,
            "The file is not what its name says.",
            f"Its content is not that of a {ending} file; export it anew. Nothing was kept.",
        )
    return TAKEN[ending]
