# SPDX-License-Identifier: Apache-2.0
"""Files as such: encodings, line ends, headers, sizes."""

from __future__ import annotations

import gzip
import resource
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.intake.conftest import TABLE_ROW, Ingest, observation, refusal, write_csv, write_jsonl

from truceline.errors import RejectedInput
from truceline.intake import IntakeContext, Limits, Refusal, read

CYRILLIC = TABLE_ROW | {"source_id": "спостерігачі на станції"}


def test_byte_order_mark_and_windows_line_ends_are_no_obstacle(tmp_path: Path, ingest: Ingest) -> None:
    plain = ingest(write_csv(tmp_path / "a.csv", [CYRILLIC]), "table")
    marked = ingest(write_csv(tmp_path / "b.csv", [CYRILLIC], "utf-8-sig", "\r\n"), "table")
    assert marked == plain
    assert observation(plain).source_id == "спостерігачі на станції"


@pytest.mark.parametrize(
    ("encoding", "guess"),
    [
        ("cp1251", "Windows-1251"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16 without its mark"),
        ("utf-32", "UTF-32"),
    ],
)
def test_wrong_encoding_is_refused_with_its_likely_name(
    tmp_path: Path, ingest: Ingest, encoding: str, guess: str
) -> None:
    path = write_csv(tmp_path / "a.csv", [CYRILLIC], encoding)
    with pytest.raises(RejectedInput, match=guess) as refused:
        ingest(path, "table")
    assert "save it as UTF-8" in str(refused.value)


def test_western_text_is_not_taken_for_cyrillic(tmp_path: Path, ingest: Ingest) -> None:
    path = write_csv(tmp_path / "a.csv", [TABLE_ROW | {"source_id": "Café à côté"}], "cp1252")
    with pytest.raises(RejectedInput, match="Windows-1252"):
        ingest(path, "table")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04rest", "workbook"),
        (b"PAR1rest", "Parquet"),
        (b"\x1f\x8brest", ".gz"),
        (b"", "no header"),
        (b"\n\n", "no header"),
        (b"a,b,a\n1,2,3\n", "more than once"),
        (b"a,,c\n1,2,3\n", "has no name"),
        (b"a;b;c\n1;2;3\n", "not separated by commas"),
        (b"a\x00,b\n1,2\n", "control character"),
        (b"a,b\n1,2\n", "lacks columns"),
    ],
)
def test_file_that_is_not_such_a_table_is_refused(
    tmp_path: Path, ingest: Ingest, content: bytes, said: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(RejectedInput, match=said):
        ingest(path, "table")


def test_quote_that_never_closes_is_refused(tmp_path: Path, ingest: Ingest) -> None:
    path = write_csv(tmp_path / "a.csv", [TABLE_ROW])
    path.write_text(path.read_text() + '"o-2,patrol\n')
    with pytest.raises(RejectedInput, match="cannot be split into columns from row 3"):
        ingest(path, "table")


def test_every_missing_column_is_named(tmp_path: Path, ingest: Ingest) -> None:
    row = {name: text for name, text in TABLE_ROW.items() if name not in {"kind", "latitude"}}
    with pytest.raises(RejectedInput) as refused:
        ingest(write_csv(tmp_path / "a.csv", [row]), "table")
    assert [fault.value for fault in refused.value.faults] == ["kind", "latitude"]


def test_unknown_format_names_the_known_ones(tmp_path: Path, ingest: Ingest) -> None:
    with pytest.raises(RejectedInput, match="party-claims"):
        ingest(write_csv(tmp_path / "a.csv", [TABLE_ROW]), "tables")


@pytest.mark.parametrize("name", ["a.txt", "a", "a.gz", "a.xls", "missing.csv"])
def test_file_of_an_unknown_ending_or_that_is_not_there_is_refused(
    tmp_path: Path, ingest: Ingest, name: str
) -> None:
    if name != "missing.csv":
        (tmp_path / name).write_text("a,b\n")
    with pytest.raises(RejectedInput, match=r"use one of|is not there"):
        ingest(tmp_path / name, "table")


def test_ragged_rows_are_refused_one_by_one(tmp_path: Path, ingest: Ingest) -> None:
    path = write_csv(tmp_path / "a.csv", [TABLE_ROW])
    good = path.read_text().splitlines()
    path.write_text("\n".join([good[0], good[1] + ",extra", "o-2,short", "", good[1]]) + "\n")
    found = ingest(path, "table")
    numbers = [one.row_number for one in found if isinstance(one, Refusal)]
    assert numbers == [2, 3]
    assert len(found) == 3
    assert "17 values where the header has 16" in found[0].faults[0].reason  # type: ignore[union-attr]


def test_quoted_line_breaks_do_not_shift_row_numbers(tmp_path: Path, ingest: Ingest) -> None:
    rows = [TABLE_ROW | {"note": "two\nlines"}, TABLE_ROW | {"note": "", "kind": "catapult"}]
    found = ingest(write_csv(tmp_path / "a.csv", rows), "table")
    assert refusal(found[1:]).row_number == 3


def test_overlong_line_is_refused(tmp_path: Path, context: IntakeContext) -> None:
    path = write_csv(tmp_path / "a.csv", [TABLE_ROW | {"note": "x" * 5_000_000}])
    small = replace(context, limits=Limits(line_bytes=100_000))
    with pytest.raises(RejectedInput, match="line"):
        list(read(path, "table", small))


def test_line_of_200_megabytes_takes_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with path.open("wb") as file:
        file.write((",".join(TABLE_ROW) + "\n").encode())
        file.seek(200_000_000)
        file.write(b"\n")
    program = f"""
import resource
from pathlib import Path
from truceline.errors import RejectedInput
from truceline.intake.lines import text_lines
from truceline.intake.model import Limits
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    list(text_lines(Path({str(path)!r}), Limits()))
except RejectedInput as refused:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, refused.summary)
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    grown, _, said = ran.stdout.partition(" ")
    # Linux counts kilobytes, macOS bytes; either way 32 MiB is a sixth of the line.
    assert int(grown) < (32 << 20 if sys.platform == "darwin" else 32 << 10)
    assert "has a line" in said


def test_gzip_reads_as_what_it_holds(tmp_path: Path, ingest: Ingest) -> None:
    plain = write_csv(tmp_path / "a.csv", [TABLE_ROW])
    packed = tmp_path / "a.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert ingest(packed, "table") == ingest(plain, "table")


def test_gzip_that_unfolds_beyond_proportion_is_refused(tmp_path: Path, context: IntakeContext) -> None:
    plain = write_csv(tmp_path / "a.csv", [TABLE_ROW])
    packed = tmp_path / "a.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes() + b",,,,,,,,,,,,,,,\n" * 500_000))
    small = replace(context, limits=Limits(free_bytes=1_000, ratio=50))
    with pytest.raises(RejectedInput, match="unfolds to more than"):
        list(read(packed, "table", small))


def test_cut_off_gzip_is_refused(tmp_path: Path, ingest: Ingest) -> None:
    packed = tmp_path / "a.csv.gz"
    packed.write_bytes(gzip.compress(write_csv(tmp_path / "a.csv", [TABLE_ROW] * 50).read_bytes())[:-12])
    with pytest.raises(RejectedInput, match="whole gzip file"):
        ingest(packed, "table")


def test_jsonl_row_that_is_no_object_is_refused_and_the_rest_read(tmp_path: Path, ingest: Ingest) -> None:
    path = write_jsonl(tmp_path / "a.jsonl", [TABLE_ROW])
    good = path.read_text()
    path.write_text(
        good + "[1]\n{oops\n\n" + good.replace('"mortar"', '["mortar"]') + '{"kind":1,"kind":2}\n'
    )
    found = ingest(path, "table")
    assert [type(one) is Refusal for one in found] == [False, True, True, True, True]


def test_half_a_character_in_json_is_refused(tmp_path: Path, ingest: Ingest) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(write_jsonl(path, [TABLE_ROW]).read_text().replace("patrol 7", "patrol \\ud83d"))
    assert "control character" in refusal(ingest(path, "table")).faults[0].reason


def test_parquet_reads_as_the_same_csv(tmp_path: Path, ingest: Ingest) -> None:
    rows = [TABLE_ROW, TABLE_ROW | {"observation_id": "o-2", "count_min": "", "count_max": ""}]
    written = {name: [row[name] or None for row in rows] for name in TABLE_ROW}
    table = pa.table(written)
    for place, name in enumerate(table.column_names):
        kind = {"latitude": pa.float64(), "count_min": pa.int64(), "time_sigma_s": pa.float64()}.get(name)
        kind = pa.timestamp("us", tz="UTC") if name.startswith("event_") else kind
        if kind is not None:
            table = table.set_column(place, name, table.column(name).cast(kind))
    path = tmp_path / "a.parquet"
    pq.write_table(table, path)
    assert ingest(path, "table") == ingest(write_csv(tmp_path / "a.csv", rows), "table")


def test_parquet_with_lists_or_out_of_bounds_is_refused(tmp_path: Path, context: IntakeContext) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"a": [[1], [2]]}), path)
    with pytest.raises(RejectedInput, match="lists or structures"):
        list(read(path, "table", context))
    with pytest.raises(RejectedInput, match="rows, more than 1"):
        list(read(path, "table", replace(context, limits=Limits(rows=1))))
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(RejectedInput, match="whole Parquet file"):
        list(read(path, "table", context))


def test_file_is_closed_when_the_caller_stops(tmp_path: Path, context: IntakeContext) -> None:
    rows = read(write_csv(tmp_path / "a.csv", [TABLE_ROW] * 3), "table", context)
    next(rows)
    rows.close()  # type: ignore[attr-defined]
    assert list(rows) == []


def test_rows_stream(tmp_path: Path, context: IntakeContext) -> None:
    path = write_csv(tmp_path / "a.csv", [TABLE_ROW] * 40_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert sum(1 for _ in read(path, "table", context)) == 40_000
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < (16 << 20 if sys.platform == "darwin" else 16 << 10)
