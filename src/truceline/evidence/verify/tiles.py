# SPDX-License-Identifier: Apache-2.0
"""The published folder: where each tile lies, and how to read it strictly.

Format: C2SP tlog-tiles.  A tile is 256 hashes side by side, an entry bundle the 256
entries below them; the last of each may be partial and then says its width.
"""

from __future__ import annotations

import re
from pathlib import Path

from .errors import VerificationError
from .text import MALFORMED

WIDTH = 256
HASH = 32
ENTRIES = "entries"
INCOMPLETE = "Part of the published log is missing or unreadable: it cannot be checked. Ask for it again."

_LARGEST_FILE = WIDTH * (2 + 65_535)
_NAME = re.compile(r"((?:x[0-9]{3}/)*)([0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


def tile_path(level: int | str, index: int, width: int = WIDTH) -> str:
    """Return a tile's path below the log, e.g. ``tile/0/x001/x234/067.p/12``.

    Args:
        level: 0 to 63, or ``entries``.
        index: The tile's place in its level, from 0.
        width: How many hashes, or entries, it holds, 1 to 256.
    """
    digits = f"{index % 1000:03d}"
    while index := index // 1000:
        digits = f"x{index % 1000:03d}/{digits}"
    return f"tile/{level}/{digits}" + ("" if width == WIDTH else f".p/{width}")


def parse_tile_name(name: str) -> tuple[int, int] | None:
    """Return (index, width) of a path below ``tile/LEVEL/``, or None if it is not one."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    index = int(match[1].replace("x", "").replace("/", "") + match[2])
    width = int(match[3] or WIDTH)
    exact = tile_path("", index, width) == f"tile//{name}"
    return (index, width) if exact and width <= WIDTH else None


def read_file(path: Path, limit: int = _LARGEST_FILE) -> bytes:
    """Return a file's bytes.

    Raises:
        VerificationError: It cannot be read, or is longer than ``limit`` bytes.
    """
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        reason = error.strerror or "unreadable"
        raise VerificationError(
            f"The file cannot be read: {reason}.", where=str(path), meaning=INCOMPLETE
        ) from None
    if len(data) > limit:
        raise VerificationError("The file is too long.", where=str(path), meaning=MALFORMED)
    return data


def parse_hashes(data: bytes, where: str) -> list[bytes]:
    """Return the hashes of a tile.

    Raises:
        VerificationError: Not 1 to 256 hashes of 32 bytes.
    """
    if len(data) % HASH or not 0 < len(data) <= WIDTH * HASH:
        raise VerificationError("This is not a tile of hashes.", where=where, meaning=MALFORMED)
    return [data[at : at + HASH] for at in range(0, len(data), HASH)]


def parse_bundle(data: bytes, where: str) -> list[bytes]:
    """Return the entries of a bundle: each behind its length as big-endian uint16.

    Raises:
        VerificationError: The bytes do not end where an entry ends.
    """
    entries, at = [], 0
    while at < len(data):
        start = at + 2
        at = start + int.from_bytes(data[at:start], "big")
        if at > len(data) or start > len(data):
            raise VerificationError("The last entry is cut off.", where=where, meaning=MALFORMED)
        entries.append(data[start:at])
    return entries


def read_tile(folder: Path, level: int, index: int, width: int) -> list[bytes]:
    """Return the first ``width`` hashes of a tile, from the full tile if the partial is gone.

    Raises:
        VerificationError: Missing, unreadable, malformed or of another width.
    """
    path = _find(folder, level, index, width)
    return _exactly(parse_hashes(read_file(path), str(path)), path, width)


def read_bundle(folder: Path, index: int, width: int) -> list[bytes]:
    """Return the first ``width`` entries of a bundle, from the full one if the partial is gone.

    Raises:
        VerificationError: Missing, unreadable, malformed or of another width.
    """
    path = _find(folder, ENTRIES, index, width)
    return _exactly(parse_bundle(read_file(path), str(path)), path, width)


def _find(folder: Path, level: int | str, index: int, width: int) -> Path:
    """Return the path to read: a log may delete a partial tile once the full one is there."""
    path = folder / tile_path(level, index, width)
    full = folder / tile_path(level, index)
    try:
        return full if not path.exists() and full.exists() else path
    except OSError:  # reading it will say what is wrong
        return path


def _exactly(found: list[bytes], path: Path, width: int) -> list[bytes]:
    """Return the first ``width`` of ``found``, whose number must be what the path says."""
    if len(found) != (width if path.parent.name.endswith(".p") else WIDTH):
        raise VerificationError(
            f"The file holds {len(found)} where its name says otherwise.", where=str(path), meaning=MALFORMED
        )
    return found[:width]
