# SPDX-License-Identifier: Apache-2.0
"""XLSX workbooks: values, formulas, dates, and archives made to harm."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest
from tests.intake.conftest import CLAIM_ROW, TABLE_ROW, Ingest, claim, observation, refusal

from truceline.errors import RejectedInput
from truceline.intake import IntakeContext, Limits, read


def write_xlsx(path: Path, rows: Sequence[Mapping[str, object]]) -> Path:
    """Write rows into a workbook's first sheet."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(list(rows[0]))
    for row in rows:
        sheet.append([value if value != "" else None for value in row.values()])
    book.save(path)
    return path


def with_part(path: Path, name: str, content: bytes) -> Path:
    """Replace one part of a workbook."""
    with zipfile.ZipFile(path) as archive:
        parts = {part.filename: archive.read(part) for part in archive.infolist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, held in (parts | {name: content}).items():
            archive.writestr(part, held)
    return path


def test_workbook_reads_as_text_and_numbers_alike(tmp_path: Path, ingest: Ingest) -> None:
    typed = TABLE_ROW | {"latitude": 48.1, "longitude": 37.8, "count_min": 3, "count_max": 5.0}
    as_typed = ingest(write_xlsx(tmp_path / "a.xlsx", [typed]), "table")
    assert as_typed == ingest(write_xlsx(tmp_path / "b.xlsx", [TABLE_ROW]), "table")
    assert observation(as_typed).count.maximum == 5


def test_formula_cell_is_refused_where_it_stands(tmp_path: Path, ingest: Ingest) -> None:
    row = TABLE_ROW | {"sigma_major_m": "=300*3", "sigma_minor_m": "=SUM(A1:A2)"}
    refused = refusal(ingest(write_xlsx(tmp_path / "a.xlsx", [row]), "table"))
    formulas = [(fault.path, fault.value) for fault in refused.faults if "formula" in fault.reason]
    assert formulas == [("sigma_major_m", "=300*3"), ("sigma_minor_m", "=SUM(A1:A2)")]


def test_error_cell_is_refused(tmp_path: Path, ingest: Ingest) -> None:
    refused = refusal(ingest(write_xlsx(tmp_path / "a.xlsx", [TABLE_ROW | {"kind": "#REF!"}]), "table"))
    assert "is an error value; correct it" in [fault.reason for fault in refused.faults]


def test_date_cell_serves_where_a_date_is_meant(tmp_path: Path, ingest: Ingest) -> None:
    row = CLAIM_ROW | {"published_on": datetime(2025, 4, 20)}  # noqa: DTZ001 - a cell has no zone
    found = claim(ingest(write_xlsx(tmp_path / "a.xlsx", [row]), "party-claims"))
    assert found.published_on == datetime(2025, 4, 20, 20, 59, 59, tzinfo=UTC)


def test_date_cell_has_no_zone_and_is_refused_where_one_is_needed(tmp_path: Path, ingest: Ingest) -> None:
    row = TABLE_ROW | {"event_from": datetime(2025, 4, 19, 15, 0, 30)}  # noqa: DTZ001 - a cell has no zone
    refused = refusal(ingest(write_xlsx(tmp_path / "a.xlsx", [row]), "table"))
    assert "no time zone" in refused.faults[0].reason


def test_row_numbers_are_those_that_a_spreadsheet_shows(tmp_path: Path, ingest: Ingest) -> None:
    blank = dict.fromkeys(TABLE_ROW, "")
    found = ingest(write_xlsx(tmp_path / "a.xlsx", [TABLE_ROW, blank, TABLE_ROW | {"kind": "x"}]), "table")
    assert refusal(found[1:]).row_number == 4


def test_value_beyond_the_header_is_refused(tmp_path: Path, ingest: Ingest) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [TABLE_ROW])
    book = openpyxl.load_workbook(path)
    book.worksheets[0].cell(2, len(TABLE_ROW) + 1, "stray")
    book.save(path)
    assert "17 values" in refusal(ingest(path, "table")).faults[0].reason


def test_part_that_unfolds_beyond_proportion_is_refused(tmp_path: Path, context: IntakeContext) -> None:
    path = with_part(write_xlsx(tmp_path / "a.xlsx", [TABLE_ROW]), "xl/bomb.xml", b" " * 20_000_000)
    assert path.stat().st_size < 100_000
    with pytest.raises(RejectedInput, match="unfolds to more than"):
        list(read(path, "table", context))


def test_total_beyond_the_limit_is_refused_before_it_is_read(tmp_path: Path, context: IntakeContext) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [TABLE_ROW])
    with pytest.raises(RejectedInput, match="unfolds to more than 1,000"):
        list(read(path, "table", replace(context, limits=Limits(expanded_bytes=1_000))))


def test_part_that_lies_about_its_size_is_refused(tmp_path: Path, ingest: Ingest) -> None:
    path = with_part(write_xlsx(tmp_path / "a.xlsx", [TABLE_ROW]), "xl/bomb.xml", b" " * 3_000_000)
    content = path.read_bytes()
    lie = content.replace((3_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    assert lie != content
    path.write_bytes(lie)
    with pytest.raises(RejectedInput, match="whole XLSX workbook"):
        ingest(path, "table")


def test_entities_that_unfold_are_refused(tmp_path: Path, ingest: Ingest) -> None:
    laughs = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;">]><a>&c;</a>'
    path = with_part(write_xlsx(tmp_path / "a.xlsx", [TABLE_ROW]), "xl/sharedStrings.xml", laughs)
    with pytest.raises(RejectedInput, match="document type"):
        ingest(path, "table")


def test_row_number_without_end_does_not_stall(tmp_path: Path, ingest: Ingest) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [TABLE_ROW])
    with zipfile.ZipFile(path) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    far = sheet.replace(b'<row r="2"', b'<row r="999999999999"')
    assert far != sheet
    assert ingest(with_part(path, "xl/worksheets/sheet1.xml", far), "table") == []


def test_empty_workbook_is_refused(tmp_path: Path, ingest: Ingest) -> None:
    openpyxl.Workbook().save(tmp_path / "a.xlsx")
    with pytest.raises(RejectedInput, match="has no header"):
        ingest(tmp_path / "a.xlsx", "table")
