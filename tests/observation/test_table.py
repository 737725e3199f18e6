# SPDX-License-Identifier: Apache-2.0
"""The observation table: nothing is lost, and every fault is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fusion.making import NOON, report, table_of

from truceline.errors import RejectedInput
from truceline.interval import Interval
from truceline.observation.model import Observation
from truceline.observation.table import (
    FAULTS_LISTED,
    NOT_COUNTED,
    SCHEMA,
    ObservationTable,
    read_table,
    write_table,
)
from truceline.vocabulary import Kind, SourceKind

GOOD = table_of(report("a", counted=(3, None), origin="post"), report("b", source_kind=SourceKind.CAMERA))


def changed(column: str, values: list[object], kind: pa.DataType | None = None) -> pa.Table:
    arrow = GOOD.to_arrow()
    place = arrow.schema.get_field_index(column)
    return arrow.set_column(place, column, pa.array(values, kind or arrow.schema.field(column).type))


def paths(table: pa.Table) -> set[tuple[str, str]]:
    with pytest.raises(RejectedInput) as refusal:
        ObservationTable.from_arrow(table)
    return {(fault.where, fault.path) for fault in refusal.value.faults}


@st.composite
def observations(draw: st.DrawFn) -> Observation:
    low = draw(st.none() | st.integers(0, 50))
    minor = draw(st.floats(0, 1e4))
    return report(
        draw(st.text(min_size=1, max_size=8)),
        source=draw(st.text(min_size=1, max_size=8)),
        source_kind=draw(st.sampled_from(SourceKind)),
        metres=(draw(st.floats(-1e5, 1e5)), draw(st.floats(-1e5, 1e5))),
        sigma_m=minor + draw(st.floats(0, 1e4)),
        minor_m=minor,
        azimuth_deg=draw(st.floats(0, 180)),
        after_s=draw(st.integers(-(10**8), 10**8)) / 1_000,
        sigma_s=draw(st.floats(0, 1e6)),
        kind=draw(st.sampled_from(Kind)),
        counted=(low, None if low is None else low + draw(st.integers(0, 9))),
        origin=draw(st.none() | st.text(min_size=1, max_size=8)),
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(observations(), max_size=5, unique_by=lambda one: one.observation_id))
def test_a_table_comes_back_from_arrow_as_it_was(given_reports: list[Observation]) -> None:
    arrow = table_of(*given_reports).to_arrow()
    assert arrow.schema == SCHEMA
    assert ObservationTable.from_arrow(arrow).to_arrow().equals(arrow)


@pytest.mark.parametrize("name", ["table.parquet", "table.csv"])
def test_a_table_comes_back_from_a_file_as_it_was(tmp_path: Path, name: str) -> None:
    write_table(GOOD, tmp_path / name)
    assert read_table(tmp_path / name).to_arrow().equals(GOOD.to_arrow())


def test_what_has_no_place_is_not_in_the_table() -> None:
    assert len(table_of(report("a"), replace(report("b"), place=None))) == 1


def test_an_interval_without_an_end_ends_when_the_report_came() -> None:
    open_ended = report("a", when=Interval(NOON), received_s=600)
    table = table_of(open_ended)
    assert table.event_to_s[0] == (NOON + timedelta(seconds=600)).timestamp()


def test_nulls_are_neither_numbers_nor_names() -> None:
    assert GOOD.count_max.tolist() == [NOT_COUNTED, NOT_COUNTED]
    assert GOOD.origin_id.tolist() == ["post", ""]
    assert GOOD.to_arrow()["origin_id"].to_pylist() == ["post", None]


def test_counts_and_origins_may_be_absent() -> None:
    bare = GOOD.to_arrow().drop_columns(["count_min", "count_max", "origin_id"])
    assert ObservationTable.from_arrow(bare).count_min.tolist() == [NOT_COUNTED, NOT_COUNTED]


@pytest.mark.parametrize(
    ("column", "values", "row"),
    [
        ("latitude", [48.0, 91.0], 2),
        ("latitude", [float("nan"), 48.0], 1),
        ("longitude", [181.0, 37.0], 1),
        ("sigma_major_m", [float("inf"), 300.0], 1),
        ("sigma_major_m", [300.0, 10.0], 2),
        ("time_sigma_s", [1.0, -1.0], 2),
        ("kind", ["mortar", "thunder"], 2),
        ("source_kind", ["rumour", "camera"], 1),
        ("observation_id", ["a", "a"], 2),
        ("observation_id", ["a", None], 2),
        ("count_min", [-2, None], 1),
    ],
)
def test_a_value_out_of_range_is_refused_with_its_row(column: str, values: list[object], row: int) -> None:
    assert paths(changed(column, values)) == {(f"table row {row}", column)}


def test_an_interval_that_ends_before_it_starts_is_refused() -> None:
    earlier = NOON - timedelta(hours=1)
    assert paths(changed("event_to", [NOON, earlier])) == {("table row 2", "event_to")}


def test_a_greatest_count_below_the_least_is_refused() -> None:
    assert paths(changed("count_max", [1, None])) == {("table row 1", "count_max")}


def test_times_without_a_zone_are_refused() -> None:
    naive = changed("received_at", [NOON.replace(tzinfo=None)] * 2, pa.timestamp("us"))
    assert paths(naive) == {("table", "received_at")}


def test_numbers_are_no_times() -> None:
    assert paths(changed("received_at", [1, 2], pa.int64())) == {("table", "received_at")}


def test_every_missing_column_is_named() -> None:
    assert paths(GOOD.to_arrow().drop_columns(["kind", "latitude"])) == {
        ("table", "kind"),
        ("table", "latitude"),
    }


def test_text_that_is_no_number_is_refused_with_its_row() -> None:
    assert paths(changed("latitude", ["48.0", "north"], pa.string())) == {("table row 2", "latitude")}


def test_only_the_first_faults_are_listed_and_the_rest_counted() -> None:
    many = table_of(*(report(f"r{i:03d}") for i in range(FAULTS_LISTED + 30)))
    far = replace(many, latitude=np.full(len(many), 99.0))
    with pytest.raises(RejectedInput, match="there are 30 more") as refusal:
        ObservationTable.from_arrow(far.to_arrow())
    assert len(refusal.value.faults) == FAULTS_LISTED


def test_a_csv_time_without_a_zone_is_refused_with_its_row(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    write_table(GOOD, path)
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[2] = lines[2].replace("Z", "", 1)
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(RejectedInput) as refusal:
        read_table(path)
    assert [(fault.where, fault.path) for fault in refusal.value.faults] == [
        ("table.csv row 2", "event_from")
    ]


@pytest.mark.parametrize("name", ["table.xlsx", "table"])
def test_another_ending_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(RejectedInput, match=r"parquet or \.csv"):
        read_table(tmp_path / name)
    with pytest.raises(RejectedInput, match=r"parquet or \.csv"):
        write_table(GOOD, tmp_path / name)


@pytest.mark.parametrize("name", ["table.parquet", "table.csv"])
@pytest.mark.parametrize("content", [b"", b"\x00\xff\xfe not a table", b"PAR1PAR1"])
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(RejectedInput):
        read_table(tmp_path / name)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RejectedInput, match="cannot be read"):
        read_table(tmp_path / "nothing.parquet")


def test_finer_times_than_a_microsecond_are_cut() -> None:
    fine = changed("received_at", [NOON, NOON], pa.timestamp("ns", tz="UTC"))
    assert np.array_equal(ObservationTable.from_arrow(fine).received_at_s, [NOON.timestamp()] * 2)
