# SPDX-License-Identifier: Apache-2.0
"""Parquet files as numbered rows of text.

Batches are cast to text column by column, so that every format reads one thing only.
A timestamp keeps its zone as ``Z``; one without a zone stays without.  PyArrow has no
type stubs; its untyped surface stays in this module.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from truceline.errors import RejectedInput
from truceline.intake.lines import refused
from truceline.intake.model import Limits, Row
from truceline.intake.rows import Sheet, checked_header

BATCH_ROWS = 8_192
"""Rows that are held at a time."""


def parquet_rows(path: Path, limits: Limits) -> Sheet:
    """Return the rows of a Parquet file.

    Raises:
        RejectedInput: It is not a Parquet file, is too large, or has a column of lists
            or structures.
    """
    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        raise refused(path.name, "is not a whole Parquet file; write it again", str(error)) from error
    try:
        names = _checked(path.name, file, limits)
    except RejectedInput:
        file.close()
        raise
    return Sheet(names, _rows(path.name, file, names))


def _checked(name: str, file: pq.ParquetFile, limits: Limits) -> tuple[str, ...]:
    """Return the columns, once the file's own word on its size and types is within limits."""
    held = file.metadata
    declared = sum(held.row_group(index).total_byte_size for index in range(held.num_row_groups))
    if declared > limits.expanded_bytes:
        raise refused(name, f"unfolds to {declared:,} bytes, more than {limits.expanded_bytes:,}; split it")
    if held.num_rows > limits.rows:
        raise refused(name, f"has {held.num_rows:,} rows, more than {limits.rows:,}; split it")
    for field in file.schema_arrow:
        if pa.types.is_nested(field.type):
            raise refused(name, "has a column of lists or structures; give single values", field.name)
    return checked_header(name, file.schema_arrow.names, limits)


def _rows(name: str, file: pq.ParquetFile, names: tuple[str, ...]) -> Generator[Row, None, None]:
    number = 0
    with file:
        try:
            for batch in file.iter_batches(batch_size=BATCH_ROWS):
                texts = [_texts(column) for column in batch.columns]
                for values in zip(*texts, strict=True):
                    number += 1
                    yield Row(number, dict(zip(names, values, strict=True)))
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            raise refused(name, f"cannot be read beyond row {number}; write it again", str(error)) from error


def _texts(column: pa.Array) -> list[str]:
    """Return a column's values as text, the empty text for null."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    return [text or "" for text in column.cast(pa.string()).to_pylist()]
