# SPDX-License-Identifier: Apache-2.0
"""Whatever a file holds: rows, refusals or RejectedInput, and nothing else."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.intake.conftest import CLAIM_ROW, REPORT_ROW, SMM_ROW, TABLE_ROW
from tests.intake.test_other_formats import FIRMS_ROW, OFFICIAL_ROW, VIINA_ROW, VOLUNTEER_ROW, WATCHES_ROW
from tests.intake.test_smm import RESTRICTION_ROW, WATCH_ROW

from truceline.errors import Fault, RejectedInput
from truceline.intake import FORMATS, IntakeContext, Refusal, read
from truceline.observation.codec import from_row, id_of, kind_of, to_row
from truceline.observation.model import Statement

FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

EXAMPLES: list[tuple[str, dict[str, object]]] = [
    ("table", dict(TABLE_ROW)),
    ("reports", dict(REPORT_ROW)),
    ("party-claims", dict(CLAIM_ROW)),
    ("smm", SMM_ROW),
    ("smm", dict(WATCH_ROW)),
    ("smm", dict(RESTRICTION_ROW)),
    ("watches", dict(WATCHES_ROW)),
    ("viina", dict(VIINA_ROW)),
    ("firms", dict(FIRMS_ROW)),
    ("air-alerts", dict(OFFICIAL_ROW)),
    ("air-alerts", dict(VOLUNTEER_ROW)),
]

odd_values = st.one_of(
    st.text(max_size=30),
    st.integers(),
    st.floats(),
    st.none(),
    st.booleans(),
    st.sampled_from(
        [
            "", "0", "-1", "nan", "1e308", "9" * 400, "2025-04-19", "2025-04-19T15:00:00Z", "0001-01-01",
            "9999-12-31T23:59:59Z", "1900-01-01", "2199-12-31", "1900-01-01T00:00:00Z", "24:00", "00:00",
            "1900-01-02", "evening", "90", "180", "-180", "subset_of_previous", "N|N|S", "uncounted",
        ]
    ),
    st.lists(st.integers(), max_size=2),
)  # fmt: skip


def outcome(path: Path, format_name: str, context: IntakeContext) -> None:
    """Read a file, and check that what is accepted can be recorded and read back."""
    found: list[Statement | Refusal] = []
    faults: tuple[Fault, ...] | None = None
    try:
        found = list(read(path, format_name, context))
    except RejectedInput as rejected:
        str(rejected).encode()
        faults = rejected.faults
    assert faults is None or faults
    for one in found:
        if isinstance(one, Refusal):
            assert one.faults
            str(one).encode()
            continue
        row = json.dumps(to_row(one), allow_nan=False, ensure_ascii=False).encode()
        assert from_row(kind_of(one), row, "a row") == one
        assert 0 < len(id_of(one)) <= 200


@pytest.mark.parametrize("ending", [".csv", ".jsonl", ".csv.gz", ".xlsx", ".parquet"])
@given(content=st.binary(max_size=400))
@FEW
def test_any_bytes(tmp_path: Path, context: IntakeContext, ending: str, content: bytes) -> None:
    path = tmp_path / f"a{ending}"
    path.write_bytes(content)
    outcome(path, "table", context)


@given(rows=st.lists(st.lists(st.text(max_size=20), min_size=1, max_size=18), max_size=4))
@FEW
def test_any_rows_under_a_good_header(tmp_path: Path, context: IntakeContext, rows: list[list[str]]) -> None:
    held = io.StringIO()
    csv.writer(held).writerows([list(TABLE_ROW), *rows])
    path = tmp_path / "a.csv"
    path.write_bytes(held.getvalue().encode("utf-8", "surrogatepass"))
    outcome(path, "table", context)


@pytest.mark.parametrize(("format_name", "row"), EXAMPLES)
@given(data=st.data())
@FEW
def test_any_value_in_any_column(
    tmp_path: Path, context: IntakeContext, format_name: str, row: dict[str, object], data: st.DataObject
) -> None:
    changed = data.draw(st.dictionaries(st.sampled_from([*row, "note", "sigma_m"]), odd_values, max_size=4))
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(row) + "\n" + json.dumps(row | changed) + "\n")
    outcome(path, format_name, context)


@pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")
@given(data=st.data())
@FEW
def test_any_damage_to_a_workbook(tmp_path: Path, context: IntakeContext, data: st.DataObject) -> None:
    path = tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    for values in (list(TABLE_ROW), list(TABLE_ROW.values())):
        book.worksheets[0].append(values)
    book.save(path)
    with zipfile.ZipFile(path) as archive:
        parts = {part.filename: archive.read(part) for part in archive.infolist()}
    hit = data.draw(st.sampled_from(sorted(parts)))
    at = data.draw(st.integers(0, len(parts[hit])))
    cut = data.draw(st.integers(0, 40))
    parts[hit] = parts[hit][:at] + data.draw(st.binary(max_size=20)) + parts[hit][at + cut :]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    outcome(path, "table", context)


def test_every_format_has_an_example_here() -> None:
    assert {format_name for format_name, _ in EXAMPLES} == set(FORMATS)
