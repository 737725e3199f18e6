# SPDX-License-Identifier: Apache-2.0
"""XLSX workbooks as numbered rows of text: the first sheet, values only.

A workbook is a ZIP of XML.  Before openpyxl sees it, its parts are unfolded once and
counted against limits, so that a small file cannot ask for all the memory there is.
A cell with a formula is refused: what it shows depends on who opened it last.  A date
cell has no time zone; where a format needs one, the time must be written as text.
"""

from __future__ import annotations

import warnings
import zipfile
import zlib
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from datetime import date, datetime, time
from pathlib import Path
from typing import BinaryIO
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.cell.read_only import EmptyCell, ReadOnlyCell
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from truceline.errors import Fault
from truceline.intake.lines import refused
from truceline.intake.model import Limits, Row, shown
from truceline.intake.rows import Sheet, checked_header, ragged

AnyCell = Cell | MergedCell | ReadOnlyCell | EmptyCell

LAST_ROW = 1_048_576
"""Rows that a sheet can have (ECMA-376); a file that claims more is made to stall."""

MOST_PARTS = 1_000
"""Files inside a workbook; an honest one has a dozen or two."""

_CHUNK = 1 << 20

MALFORMED = (
    zipfile.BadZipFile, zlib.error, EOFError, ParseError, InvalidFileException, SyntaxError,
    KeyError, IndexError, ValueError, TypeError, AttributeError, NotImplementedError, OSError, RuntimeError,
)  # fmt: skip
"""What zipfile and openpyxl raise on a malformed workbook; neither has a family of errors."""


def workbook_rows(path: Path, limits: Limits) -> Sheet:
    """Return the rows of a workbook's first sheet.

    Raises:
        RejectedInput: It is not a workbook, or unfolds beyond the limits.
    """
    rows = _cells(path, limits)
    names: list[str] = []
    for _, cells in rows:
        names = _trimmed(cells)
        if names:
            break
    columns = checked_header(path.name, names, limits)
    return Sheet(columns, _rows(path.name, columns, rows))


def _measure(path: Path, limits: Limits) -> None:
    """Unfold every part once, counting, and refuse what is out of proportion."""
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
        if len(parts) > MOST_PARTS:
            raise refused(path.name, f"holds {len(parts):,} parts; a workbook has a dozen or two")
        packed = path.stat().st_size
        most = min(limits.expanded_bytes, max(limits.free_bytes, packed * limits.ratio))
        too_much = f"unfolds to more than {most:,} bytes; save only the rows, as CSV"
        if sum(part.file_size for part in parts) > most:
            raise refused(path.name, too_much)
        unfolded = 0
        for part in parts:
            with archive.open(part) as stream:
                first = True
                while chunk := stream.read(_CHUNK):
                    unfolded += len(chunk)
                    if unfolded > most:
                        raise refused(path.name, too_much)
                    # A document type can define entities that unfold without end.
                    if first and b"<!DOCTYPE" in chunk:
                        raise refused(
                            path.name, "holds XML with a document type; save it again", part.filename
                        )
                    first = False


def _cells(path: Path, limits: Limits) -> Generator[tuple[int, tuple[AnyCell, ...]], None, None]:
    """Yield each row's number and cells."""
    number = 0
    try:
        _measure(path, limits)
        # openpyxl leaves a file that it opened itself open when it cannot read it.
        with path.open("rb") as file, closing(_book(file)) as book:
            sheet = book.worksheets[0]
            if not isinstance(sheet, ReadOnlyWorksheet):
                raise refused(path.name, "has no plain sheet first")
            sheet.reset_dimensions()
            for number, cells in enumerate(sheet.iter_rows(max_row=LAST_ROW), start=1):
                yield number, cells
    except MALFORMED as error:
        reason = f"is not a whole XLSX workbook (read up to row {number}); save it again"
        raise refused(path.name, reason, str(error)) from error


def _book(file: BinaryIO) -> openpyxl.Workbook:
    with warnings.catch_warnings():
        # openpyxl warns of styles and extensions that it drops; only values are read.
        warnings.simplefilter("ignore", UserWarning)
        return openpyxl.load_workbook(file, read_only=True, data_only=False, keep_links=False)


def _rows(
    file: str, columns: tuple[str, ...], rows: Iterator[tuple[int, tuple[AnyCell, ...]]]
) -> Generator[Row, None, None]:
    width = len(columns)
    for number, cells in rows:
        texts = _trimmed(cells)
        if not texts:
            continue
        faults = [
            Fault(f"{file} row {number}", name, reason, shown(_text(cell)))
            for name, cell in zip(columns, cells, strict=False)
            if (reason := _unusable(cell)) is not None
        ]
        if len(texts) > width:
            faults.append(ragged(file, number, texts, width))
        texts += [""] * (width - len(texts))
        yield Row(number, dict(zip(columns, texts, strict=False)), tuple(faults))


def _unusable(cell: AnyCell) -> str | None:
    """Return why a cell's value cannot be used; None: it can."""
    match cell.data_type:
        case "f":
            return "is a formula; paste its value"
        case "e":
            return "is an error value; correct it"
        case _:
            return None


def _trimmed(cells: Sequence[AnyCell]) -> list[str]:
    """Return a row's texts without the empty ones at its end."""
    texts = [_text(cell) for cell in cells]
    while texts and not texts[-1]:
        texts.pop()
    return texts


def _text(cell: AnyCell) -> str:
    """Return a cell's value as the other kinds of file would write it."""
    value = cell.value
    if cell.data_type == "f" and not isinstance(value, str):
        return "="  # an array formula or data table, which openpyxl gives as an object
    if isinstance(value, (datetime, date, time)):
        return _moment(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _moment(value: datetime | date | time) -> str:
    """Return a date or time cell as text; a date is a midnight in the file, and a date again here."""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat()
    if isinstance(value, time) and not value.second:
        return value.strftime("%H:%M")
    return value.isoformat()
