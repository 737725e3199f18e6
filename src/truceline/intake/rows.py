# SPDX-License-Identifier: Apache-2.0
"""Files as numbered rows of text, whatever they are stored in.

Rows stream: a file of half a million rows is never held as objects at once.  What is
wrong with one row goes with the row; what makes the rest of the file doubtful (its
header, its encoding, its quoting, its size) refuses the file.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from truceline.errors import Fault, RejectedInput
from truceline.intake.lines import refused, text_lines
from truceline.intake.model import UNSHOWABLE, Limits, Row, shown

LONGEST_NAME = 200
"""Characters in a column's name at most."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file's columns and its rows; the rows can be walked once."""

    columns: tuple[str, ...]
    rows: Generator[Row, None, None]


def open_rows(path: Path, limits: Limits) -> Sheet:
    """Return the rows of a file, by the ending of its name.

    Raises:
        RejectedInput: The ending is not known, or the file cannot be read at all; the
            same may come later, from the rows.
    """
    # Imported late: they import this module, and take half a second that a CSV need not wait for.
    from truceline.intake.columns import parquet_rows
    from truceline.intake.workbook import workbook_rows

    readers: dict[str, Callable[[Path, Limits], Sheet]] = {
        ".csv": csv_rows,
        ".jsonl": json_rows,
        ".ndjson": json_rows,
        ".xlsx": workbook_rows,
        ".parquet": parquet_rows,
    }
    name = path.name.lower()
    ending = Path(name.removesuffix(".gz")).suffix
    if name.endswith(".gz") and ending not in (".csv", ".jsonl", ".ndjson"):
        ending = ".gz"
    if ending not in readers:
        known = ", ".join([*sorted(readers), ".csv.gz", ".jsonl.gz"])
        raise refused(path.name, f"ends in {ending or 'nothing'}; use one of {known}")
    if not path.is_file():
        raise refused(path.name, "is not there, or is not a file; check the path")
    return readers[ending](path, limits)


def csv_rows(path: Path, limits: Limits) -> Sheet:
    """Return the rows of a comma-separated file (RFC 4180) whose first row names the columns.

    Raises:
        RejectedInput: The header or the encoding is wrong.
    """
    records = csv.reader(text_lines(path, limits), strict=True)
    try:
        header = next(records, [])
    except csv.Error as error:
        raise _unreadable(path.name, records.line_num, error) from error
    columns = checked_header(path.name, header, limits)
    return Sheet(columns, _records(path.name, columns, records))


def _records(file: str, columns: tuple[str, ...], records: Iterator[list[str]]) -> Generator[Row, None, None]:
    width, number = len(columns), 1
    while True:
        try:
            record = next(records, None)
        except csv.Error as error:
            raise _unreadable(file, number + 1, error) from error
        if record is None:
            return
        number += 1
        if len(record) == width:
            yield Row(number, dict(zip(columns, record, strict=True)))
        elif record:
            yield Row(
                number, dict(zip(columns, record, strict=False)), (ragged(file, number, record, width),)
            )


def ragged(file: str, number: int, record: Sequence[object], width: int) -> Fault:
    """Return the fault of a row with more or fewer values than there are columns."""
    reason = f"has {len(record)} values where the header has {width}; check its commas and quotes"
    return Fault(f"{file} row {number}", "row", reason)


def _unreadable(file: str, number: int, error: csv.Error) -> RejectedInput:
    return refused(
        file, f"cannot be split into columns from row {number} on; check its quotes and line ends", str(error)
    )


def checked_header(file: str, header: Sequence[str], limits: Limits) -> tuple[str, ...]:
    """Return the columns that a header names.

    Raises:
        RejectedInput: It is empty, too wide, or has a column twice or without a name.
    """
    if not any(name.strip() for name in header):
        raise refused(file, "has no header; its first row must name the columns", path="header")
    if len(header) > limits.columns:
        raise refused(file, f"has {len(header):,} columns; at most {limits.columns} are read", path="header")
    faults = [
        Fault(file, "header", "column is there more than once; rename or remove one", shown(name))
        for name, times in Counter(header).items()
        if times > 1 and name
    ]
    faults += [
        Fault(file, "header", f"column {place} has no name; name or remove it")
        for place, name in enumerate(header, start=1)
        if not name
    ]
    faults += [
        Fault(file, "header", "column's name is too long or holds a control character", shown(name, 60))
        for name in header
        if len(name) > LONGEST_NAME or UNSHOWABLE.search(name)
    ]
    if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
        faults.append(Fault(file, "header", "columns are not separated by commas; save it with commas"))
    if faults:
        raise RejectedInput(f"The header of {file} cannot be used; correct it.", faults)
    return tuple(header)


def json_rows(path: Path, limits: Limits) -> Sheet:
    """Return the rows of a file with one JSON object a line.

    The columns are those of the first row; a later row may have others.
    """
    rows = _objects(path.name, text_lines(path, limits), limits)
    first = next(rows, None)
    if first is None:
        raise refused(path.name, "is empty; there is nothing to read")
    return Sheet(tuple(first.values), _again(first, rows))


def _again(first: Row, rest: Iterator[Row]) -> Generator[Row, None, None]:
    yield first
    yield from rest


def _objects(file: str, lines: Iterator[str], limits: Limits) -> Iterator[Row]:
    number = 0
    for line in lines:
        if not line.strip():
            continue
        number += 1
        where = f"{file} row {number}"
        faults: list[Fault] = []

        def pairs(
            found: list[tuple[str, object]], where: str = where, faults: list[Fault] = faults
        ) -> dict[str, object]:
            given = Counter(name for name, _ in found)
            faults.extend(
                Fault(where, shown(name, 60), "is there more than once; keep one")
                for name, times in given.items()
                if times > 1
            )
            return dict(found)

        try:
            value = json.loads(line, object_pairs_hook=pairs, parse_constant=str)
        except (ValueError, RecursionError) as error:
            yield Row(number, {}, (Fault(where, "row", f"is not JSON ({error})"),))
            continue
        if not isinstance(value, dict):
            yield Row(number, {}, (Fault(where, "row", "is not a JSON object; write {...} on each line"),))
            continue
        if len(value) > limits.columns:
            faults.append(Fault(where, "row", f"has more than {limits.columns} fields"))
        faults.extend(
            Fault(where, shown(name, 60), "field's name is too long or holds a control character")
            for name in value
            if len(name) > LONGEST_NAME or UNSHOWABLE.search(name)
        )
        yield Row(
            number, {name: _scalar(where, name, item, faults) for name, item in value.items()}, tuple(faults)
        )


def _scalar(where: str, name: str, value: object, faults: list[Fault]) -> str:
    """Return a JSON value as text; what is not a single value is noted as a fault."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int, float)):
        return str(value)
    faults.append(Fault(where, shown(name, 60), "is a list or an object; give one value"))
    return ""
