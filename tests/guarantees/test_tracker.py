# SPDX-License-Identifier: Apache-2.0
"""EXERCISE: rows in the layout of a tracker of support.  Every donor and figure is made up."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.procedure.made import valley

from truceline.errors import RejectedInput
from truceline.guarantees.ledger import Amounts
from truceline.guarantees.support import SourceDonor
from truceline.guarantees.tracker import COLUMNS, Tracked, donor_ids, read_tracker
from truceline.intake.model import Limits, Row
from truceline.intake.rows import csv_rows

HEADER = ",".join(f'"{name}"' for name in (*COLUMNS, "gdp", "pct_gdp"))


def cells(**changes: str) -> dict[str, str]:
    values = {
        "country": "EXERCISE Land",
        "iso": "EXL",
        "year": "2030",
        "month": "2",
        "total": "0.125007",
        "financial": "0",
        "humanitarian": "0.045",
        "military": "0.080007",
        "commitments": "0.125008",
        "to_be_allocated": "0.000001",
        "gdp": "1000.5",
        "pct_gdp": "0.0125",
    }
    return {**values, **changes}


def read(*rows: Mapping[str, str], donors: Mapping[str, str] | None = None) -> Tracked:
    numbered = [Row(number, values) for number, values in enumerate(rows, start=2)]
    return read_tracker(
        "EXERCISE.csv", [*COLUMNS, "gdp", "pct_gdp"], numbered, donor_ids(valley(), donors or {})
    )


def faults_of(*rows: Mapping[str, str]) -> list[str]:
    with pytest.raises(RejectedInput) as caught:
        read(*rows)
    return [str(fault) for fault in caught.value.faults]


def test_a_row_becomes_a_movement_exact_to_the_cent() -> None:
    (movement,) = read(cells()).movements
    assert movement.amounts == Amounts(
        humanitarian=45_000_000_00, military=80_007_000_00, to_be_allocated=1_000_00
    )
    assert (movement.stated_pledged, movement.stated_allocated) == (125_008_000_00, 125_007_000_00)
    assert (movement.movement_id, movement.period, movement.currency) == (
        "tracker.EXL.2030-02",
        "2030-02",
        "EUR",
    )
    assert movement.row == 2
    assert movement.off_balance == ""


def test_a_draw_down_is_a_negative_movement() -> None:
    row = cells(total="0.3", humanitarian="0", military="0.3", commitments="0.1", to_be_allocated="-0.2")
    (movement,) = read(row).movements
    assert movement.draws_down
    assert movement.amounts == Amounts(military=300_000_000_00, to_be_allocated=-200_000_000_00)


def test_a_cent_is_read_and_less_is_refused() -> None:
    row = cells(
        total="0.00000000001", humanitarian="0", military="1e-11", commitments="1E-11", to_be_allocated="0"
    )
    assert read(row).movements[0].amounts == Amounts(military=1)
    (fault,) = faults_of({**row, "military": "0.000000000001"})
    assert "row 2: military: is finer than the currency's minor unit" in fault


def test_a_row_that_is_off_by_a_rounding_is_refused_with_its_number_and_the_difference() -> None:
    faults = faults_of(cells(), cells(month="3", commitments="0.125009"))
    assert len(faults) == 1
    assert "row 3: commitments: is EUR 1,000.00 apart from total + to_be_allocated" in faults[0]


def test_parts_that_do_not_make_the_total_are_refused() -> None:
    (fault,) = faults_of(cells(financial="0.00000000001"))
    assert "row 2: total: is EUR -0.01 apart from financial + humanitarian + military" in fault


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        "n/a",
        "NaN",
        "inf",
        "-Infinity",
        "1,5",
        "1_0",
        "0x10",
        "\u0661",
        "--1",
        "1e999",
        "€1",
        "9" * 90,
    ],
)
def test_what_is_no_number_is_refused_as_given(value: str) -> None:
    faults = faults_of(cells(military=value))
    assert len(faults) == 1
    assert "row 2: military: " in faults[0]


def test_a_number_beyond_what_is_kept_exactly_is_refused() -> None:
    (fault,) = faults_of(cells(military="90072"))
    assert "more than can be kept exactly" in fault
    huge = ("60000", "60000", "120000")
    faults = faults_of(
        cells(financial=huge[0], military=huge[1], humanitarian="0", total=huge[2], commitments=huge[2])
    )
    assert [": total: " in faults[0], ": commitments: " in faults[1]] == [True, True]


def test_every_fault_of_every_row_comes_at_once() -> None:
    faults = faults_of(
        cells(year="30", month="13", military="x"),
        cells(),
        cells(iso="no code", month="4"),
        cells(country="", month="5"),
    )
    assert [fault.split(": ")[:2] for fault in faults] == [
        ["EXERCISE.csv row 2", "year"],
        ["EXERCISE.csv row 2", "month"],
        ["EXERCISE.csv row 2", "military"],
        ["EXERCISE.csv row 4", "iso"],
        ["EXERCISE.csv row 5", "country"],
    ]


def test_a_long_list_of_faults_is_cut_and_counted() -> None:
    with pytest.raises(RejectedInput, match=r"first 1,000 of 1,500 faults") as caught:
        read(*(cells(military="x", month="1") for _ in range(1_500)))
    assert len(caught.value.faults) == 1_000


def test_a_donor_has_one_row_a_month() -> None:
    (fault,) = faults_of(cells(), cells(month="02"))
    assert "row 3: iso: has a row for 2030-02 already, row 2" in fault


def test_a_code_has_one_name() -> None:
    (fault,) = faults_of(cells(), cells(month="3", country="EXERCISE Island"))
    assert "row 3: country: is another name for EXL" in fault


def test_a_donor_is_known_by_the_agreements_name_of_it_or_as_somebody_says() -> None:
    rows = (cells(country="State X", iso="XXX"), cells(country="Y", iso="YYY"), cells())
    tracked = read(*rows, donors={"YYY": "Y"})
    assert [movement.donor for movement in tracked.movements] == ["X", "Y", "EXL"]
    assert tracked.donors == (
        SourceDonor("XXX", "State X", "X"),
        SourceDonor("YYY", "Y", "Y"),
        SourceDonor("EXL", "EXERCISE Land", "EXL"),
    )


def test_a_file_in_another_layout_is_refused_with_what_is_missing() -> None:
    with pytest.raises(RejectedInput) as caught:
        read_tracker("EXERCISE.csv", ["country", "iso"], [], donor_ids(valley(), {}))
    assert {fault.path for fault in caught.value.faults} == set(COLUMNS) - {"country", "iso"}


def test_a_file_without_rows_is_refused() -> None:
    with pytest.raises(RejectedInput, match="no rows"):
        read()


def test_a_mark_of_byte_order_and_a_ragged_row_are_met_where_they_are(tmp_path: Path) -> None:
    path = tmp_path / "EXERCISE.csv"
    line = ",".join(cells().values())
    path.write_bytes(f"\ufeff{HEADER}\n{line}\n".encode())
    sheet = csv_rows(path, Limits())
    assert len(read_tracker(path.name, sheet.columns, sheet.rows, donor_ids(valley(), {})).movements) == 1
    path.write_text(f"{HEADER}\n{line}\nEXERCISE Land,EXL\n", "utf-8")
    sheet = csv_rows(path, Limits())
    with pytest.raises(RejectedInput, match=r"row 3: row: has 2 values where the header has 12"):
        read_tracker(path.name, sheet.columns, sheet.rows, donor_ids(valley(), {}))


CELL = st.text(max_size=12) | st.sampled_from(["0", "1", "-1", "2030", "EXL", "1e-3", "NaN"])


@given(st.lists(st.fixed_dictionaries(dict.fromkeys(COLUMNS, CELL)), max_size=4))
def test_any_cells_are_read_or_refused(rows: list[dict[str, str]]) -> None:
    try:
        outcome = len(read(*rows).movements)
    except RejectedInput as error:
        outcome = -len(error.faults)
    assert outcome == len(rows) or outcome < 0 or not rows


@given(*[st.integers(-(10**14), 10**14)] * 4)
def test_every_row_that_adds_up_is_read_as_it_stands(
    financial: int, humanitarian: int, military: int, left: int
) -> None:
    total = financial + humanitarian + military
    row = cells(
        financial=f"{financial}e-11",
        humanitarian=f"{humanitarian}e-11",
        military=f"{military}e-11",
        total=f"{total}e-11",
        to_be_allocated=f"{left}e-11",
        commitments=f"{total + left}e-11",
    )
    (movement,) = read(row).movements
    assert movement.amounts == Amounts(financial, humanitarian, military, left)
