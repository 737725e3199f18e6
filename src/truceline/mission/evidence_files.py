# SPDX-License-Identifier: Apache-2.0
"""Files of evidence: taken by their content, sealed in the vault, opened with the key in their record.

What a file is goes by its content, not by what its name or its sender says.  Nothing here
decodes or runs one.  A file whose record was refused stays in the vault as noise: nobody
has its key.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Final

import puremagic

from truceline.errors import Fault, RejectedInput, StorageFailure
from truceline.evidence.sealing import seal_file, unseal_file
from truceline.mission.mission import Mission
from truceline.review import EvidenceFile
from truceline.review.steps import AttachFile

LARGEST: Final = 64 * 1024 * 1024
"""Bytes of one file."""

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


def attachment(
    mission: Mission,
    name: str,
    content: bytes,
    incident_id: str,
    described: str,
    *,
    seen: int,
    declared: str = "",
) -> AttachFile:
    """Seal a file in the vault and return the step that attaches it; ``acting.act`` takes it.

    Args:
        mission: Where.
        name: What its sender calls it; its end says what it should be.
        content: The file.
        incident_id: What it is evidence of.
        described: What it shows, who made it, who may be harmed.
        seen: The latest step on the incident that its author saw.
        declared: Its SHA-256 as the sender computed it, in hexadecimal; empty: they did not.

    Raises:
        RejectedInput: It is too large, of a sort that is not taken, not what its name says, or changed on
            the way.  Nothing was kept.
    """
    if len(content) > LARGEST:
        raise _refused("The file is too large.", "at most 64 MiB; cut or compress it", name)
    media_type = _sort_of(name, content)
    sha256 = hashlib.sha256(content).hexdigest()
    if declared and declared.strip().lower() != sha256:
        said = f"computed as {declared[:64]} before it was sent, here it is {sha256}; send it again"
        raise _refused("The file changed on its way here.", said, name)
    if not described.strip():
        raise RejectedInput(
            "The file is not described.", [Fault("attach-file", "described", "say what it shows")]
        )
    kept, file_key = seal_file(content, sha256, mission.ledger.entropy)
    return AttachFile(
        incident_id,
        sha256,
        media_type,
        len(content),
        described,
        seen=seen,
        kept_as=mission.ledger.vault.put(kept),
        file_key=base64.b64encode(file_key).decode(),
    )


def content_of(mission: Mission, file: EvidenceFile | AttachFile) -> bytes:
    """Return an attached file.

    Raises:
        StorageFailure: It is damaged, missing, or not what its record says.
    """
    try:
        file_key = base64.b64decode(file.file_key, validate=True)
    except ValueError:
        file_key = b""
    content = unseal_file(mission.ledger.vault.get(file.kept_as), file_key, file.sha256)
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise StorageFailure(f"The file of evidence {file.sha256} is not what its record says.")
    return content


def require_kept(mission: Mission, step: AttachFile) -> None:
    """Refuse to record a file that is not in the vault, or is another.

    Raises:
        RejectedInput: It is not there as the step says.
    """
    try:
        found = len(content_of(mission, step))
    except StorageFailure as error:
        raise RejectedInput(
            "A file is attached together with its content: truceline attach, or the incident's page.",
            [Fault(step.name, "sha256", "the vault holds no such file", step.sha256)],
        ) from error
    if found != step.size:
        raise RejectedInput(
            "The file has another length.", [Fault(step.name, "size", f"it has {found} bytes")]
        )


def _sort_of(name: str, content: bytes) -> str:
    """Return what sort of file this is, by its content.

    Raises:
        RejectedInput: Of none that is taken, or of another than its name says.
    """
    ending = PurePosixPath(name.replace("\\", "/")).suffix.lower()
    if ending not in TAKEN:
        raise _refused("Files of this sort are not taken.", f"taken are {', '.join(TAKEN)}", name)
    try:
        found = {match.extension for match in puremagic.magic_string(content)}
    except (puremagic.PureError, ValueError):
        found = set()
    if ending not in found:
        raise _refused(
            "The file is not what its name says.", f"its content is not that of a {ending} file", name
        )
    return TAKEN[ending]


def _refused(summary: str, reason: str, name: str) -> RejectedInput:
    return RejectedInput(f"{summary} Nothing was kept.", [Fault("attach-file", "file", reason, name[-100:])])
