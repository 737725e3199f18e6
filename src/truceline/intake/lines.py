# SPDX-License-Identifier: Apache-2.0
"""Text files as bounded lines: plain or gzip, UTF-8 and nothing else.

No more than one line is ever held, and a line has a bound, so that a file of one
200 MB line costs no more memory than any other.  A wrong encoding is refused with a
guess at what it is: read wrongly, it would turn names into other names in silence.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator
from io import BufferedIOBase
from pathlib import Path
from typing import cast

from truceline.errors import Fault, RejectedInput
from truceline.intake.model import Limits

BOM = b"\xef\xbb\xbf"

_MARKS = (
    (b"\xff\xfe\x00\x00", "is UTF-32; save it as UTF-8"),
    (b"\x00\x00\xfe\xff", "is UTF-32; save it as UTF-8"),
    (b"\xff\xfe", "is UTF-16; save it as UTF-8"),
    (b"\xfe\xff", "is UTF-16; save it as UTF-8"),
    (b"PK\x03\x04", "is a ZIP or Excel file, not text; name it .xlsx if it is a workbook"),
    (b"\xd0\xcf\x11\xe0", "is an old Excel file (.xls), not text; save it as .xlsx or CSV"),
    (b"PAR1", "is a Parquet file, not text; name it .parquet"),
    (b"\x1f\x8b", "is compressed; name it .gz"),
    (b"%PDF", "is a PDF, not a table"),
)

_HIGH = re.compile(rb"[\x80-\xff]+")
_CYRILLIC = frozenset(range(0xC0, 0x100)) | frozenset(b"\xa8\xb8\xaa\xba\xaf\xbf\xb2\xb3\xa5\xb4")
"""Where Windows-1251 has the letters of Russian and Ukrainian."""


def text_lines(path: Path, limits: Limits) -> Iterator[str]:
    """Yield each line with its end, decoded.

    Raises:
        RejectedInput: The file cannot be read, is not UTF-8, or goes beyond a limit.
    """
    compressed = path.suffix.lower() == ".gz"
    try:
        packed_size = path.stat().st_size
        with path.open("rb") as plain:
            # gzip's own stream serves where a buffered one does; typeshed keeps them apart.
            stream = cast("BufferedIOBase", gzip.GzipFile(fileobj=plain) if compressed else plain)
            most = _most_bytes(packed_size, limits) if compressed else None
            yield from _lines(path.name, stream, limits.line_bytes, most)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise refused(path.name, "is not a whole gzip file; compress it again", str(error)) from error
    except OSError as error:
        reason = error.strerror or "an input or output error"
        raise refused(path.name, f"cannot be read ({reason}); check the path and its permissions") from error


def refused(file: str, reason: str, value: str | None = None, path: str = "file") -> RejectedInput:
    """Return the refusal of a whole file for one reason."""
    return RejectedInput(f"{file} {reason}.", [Fault(file, path, reason, value)])


def _most_bytes(packed_size: int, limits: Limits) -> int:
    """Return what a compressed file of this size may unfold to."""
    return min(limits.expanded_bytes, max(limits.free_bytes, packed_size * limits.ratio))


def _lines(file: str, stream: BufferedIOBase, longest: int, most: int | None) -> Iterator[str]:
    read = number = 0
    while line := stream.readline(longest + 1):
        number += 1
        read += len(line)
        if most is not None and read > most:
            raise refused(file, f"unfolds to more than {most:,} bytes; unpack and split it yourself")
        if number == 1:
            for mark, what in _MARKS:
                if line.startswith(mark):
                    raise refused(file, what)
            if line.count(0) * 4 > len(line):
                raise refused(file, "looks like UTF-16 without its mark; save it as UTF-8")
            line = line.removeprefix(BOM)
        if len(line) > longest:
            raise refused(file, f"has a line (number {number}) of more than {longest:,} bytes; split it")
        try:
            yield line.decode("utf-8")
        except UnicodeDecodeError as error:
            reason = f"is not UTF-8 (line {number}); {_guess(line)}, save it as UTF-8"
            raise refused(file, reason, repr(line[error.start : error.start + 12])) from error


def _guess(line: bytes) -> str:
    """Name the encoding that a line which is not UTF-8 is likely to be in."""
    runs = _HIGH.findall(line)
    letters = sum(byte in _CYRILLIC for run in runs for byte in run)
    # Cyrillic words are runs of high bytes; accents of Western words stand alone.
    if letters * 10 >= 9 * sum(map(len, runs)) and sum(map(len, runs)) >= 2.5 * len(runs):
        return "it looks like Windows-1251 (Cyrillic)"
    return "it looks like Windows-1252 or another 8-bit encoding"
