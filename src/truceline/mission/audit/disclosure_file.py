# SPDX-License-Identifier: Apache-2.0
"""Reads a disclosure strictly.

Its members are stored, not compressed; their names and sizes are known before any is
read; nothing of it is written to disk.  Whatever is wrong with it is one ``RejectedInput``.
Whether it tells the truth is for the audit to find out.
"""

from __future__ import annotations

import base64
import struct
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from truceline.errors import Fault, RejectedInput, StorageFailure
from truceline.evidence import Checkpoint, Opening, VerificationError, canonical, opening_from_bytes
from truceline.evidence.verify.note import parse_checkpoint, parse_note
from truceline.mission.audit.disclosure import (
    ANNOUNCED,
    MANIFEST,
    MAX_MANIFEST,
    MAX_OPENING,
    MAX_TOTAL,
    Manifest,
    member_name,
)
from truceline.vocabulary import Tier

_UNREADABLE = (OSError, EOFError, ValueError, RuntimeError, OverflowError, struct.error, zipfile.BadZipFile)
"""What ``zipfile`` raises on bytes that are no zip, or not a whole one."""


@dataclass(slots=True)
class Disclosure:
    """A disclosure that is open, its frame checked.

    Attributes:
        path: The file.
        manifest: What it says of itself.
        checkpoint: The state of the log that it was made at; the signature is not checked here.
        held: What it opens: leaf index and tier.
    """

    path: Path
    manifest: Manifest
    checkpoint: Checkpoint
    held: frozenset[tuple[int, Tier]]
    _archive: zipfile.ZipFile
    _unpacked: int = 0

    def opening(self, index: int, tier: Tier) -> Opening | None:
        """Return the opening of one tier of a record, or None if it is not in the file.

        Raises:
            RejectedInput: It is not a whole opening, or unpacks to more than is allowed.
        """
        if (index, tier) not in self.held:
            return None
        name = member_name(index, tier)
        packed = _read(self.path, self._archive, name)
        announced = int.from_bytes(packed[ANNOUNCED], "big")
        self._unpacked += announced
        # Counted before anything is unpacked: a few bytes may announce, and become, a great many.
        if announced > MAX_OPENING or self._unpacked > MAX_TOTAL:
            raise _refused(self.path, name, "unpacks to more than a disclosure may hold", str(announced))
        try:
            return opening_from_bytes(packed)
        except StorageFailure:
            raise _refused(self.path, name, "is not a whole opening") from None


@contextmanager
def open_disclosure(path: Path) -> Iterator[Disclosure]:
    """Open a disclosure and check its frame: members, names, sizes, manifest.

    Raises:
        RejectedInput: It is not a whole disclosure, or holds anything else.
    """
    try:
        size = path.stat().st_size
        archive = zipfile.ZipFile(path)
    except _UNREADABLE as error:
        raise _refused(path, "file", str(error) or "is not a zip") from None
    with archive:
        members = _members(path, archive, size)
        manifest, checkpoint = _manifest(path, archive)
        names = {
            member_name(index, tier): (index, tier)
            for name in members
            if (place := _place(name)) is not None
            for index, tier in [place]
        }
        strange = members.keys() - names.keys() - {MANIFEST}
        if strange:
            raise _refused(path, min(strange), "is not the name of anything in a disclosure")
        yield Disclosure(path, manifest, checkpoint, frozenset(names.values()), archive)


def _place(name: str) -> tuple[int, Tier] | None:
    """Return the leaf index and tier that a member's name stands for, or None if it has another form."""
    digits, _, tier = name.removeprefix("openings/").partition(".")
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 16 and tier in set(Tier)):
        return None
    return int(digits), Tier(tier)


def _members(path: Path, archive: zipfile.ZipFile, size: int) -> Mapping[str, zipfile.ZipInfo]:
    """Return the members by name, each stored as it is and within its bounds."""
    members: dict[str, zipfile.ZipInfo] = {}
    for member in archive.infolist():
        limit = MAX_MANIFEST if member.filename == MANIFEST else MAX_OPENING
        if member.orig_filename in members:
            raise _refused(path, member.orig_filename, "is there twice")
        if member.orig_filename != member.filename:
            raise _refused(path, member.orig_filename, "is not the name of anything in a disclosure")
        if (
            member.flag_bits
            or member.compress_type != zipfile.ZIP_STORED
            or member.file_size != member.compress_size
            or member.file_size > limit
        ):
            raise _refused(path, member.filename, "is compressed, encrypted or too large")
        members[member.filename] = member
    # Members that overlap would add up to more than the file.
    if sum(member.file_size for member in members.values()) > size:
        raise _refused(path, "file", "its members are larger than the file")
    return members


def _manifest(path: Path, archive: zipfile.ZipFile) -> tuple[Manifest, Checkpoint]:
    """Return the manifest, canonical, and the checkpoint in it, which must be the one it names."""
    data = _read(path, archive, MANIFEST)
    try:
        manifest = Manifest.model_validate_json(data)
        same = canonical(manifest.model_dump(mode="json")) == data
    except (ValidationError, RejectedInput):
        raise _refused(path, MANIFEST, "is not a manifest of this format") from None
    if not same:
        raise _refused(path, MANIFEST, "is not canonical JSON")
    try:
        checkpoint = parse_checkpoint(parse_note(manifest.checkpoint.encode(), MANIFEST), MANIFEST)
    except (VerificationError, UnicodeEncodeError) as error:
        raise _refused(path, f"{MANIFEST} checkpoint", str(error)) from None
    named = (manifest.origin, manifest.size, manifest.root)
    if named != (checkpoint.origin, checkpoint.size, base64.b64encode(checkpoint.root).decode()):
        raise _refused(path, MANIFEST, "names another state of the log than its checkpoint")
    return manifest, checkpoint


def _read(path: Path, archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        return archive.read(name)
    except KeyError:
        raise _refused(path, name, "is missing") from None
    except _UNREADABLE as error:
        raise _refused(path, name, str(error) or "cannot be read") from None


def _refused(path: Path, what: str, reason: str, value: str | None = None) -> RejectedInput:
    return RejectedInput(
        f"{path.name} is not a sound disclosure. Ask for it again, and keep this copy.",
        [Fault(path.name, what, reason, value)],
    )
