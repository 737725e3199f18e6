# SPDX-License-Identifier: Apache-2.0
"""The files that ``truceline fuse`` writes."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet
import pytest
from tests.fusion.making import report, rows_of, table_of

from truceline.errors import StorageFailure
from truceline.fusion import fuse, write_fusion

TABLE = table_of(report("a", counted=(2, 4)), report("b"), report("c", after_s=9_000.0))


def test_memberships_have_the_columns_of_the_design(tmp_path: Path) -> None:
    memberships, _ = write_fusion(fuse(TABLE), tmp_path)
    assert pyarrow.parquet.read_table(memberships).column_names == [
        "observation_id",
        "incident_id",
        "probability",
        "runner_up_id",
        "runner_up_probability",
        "space",
        "time",
        "type",
        "intensity",
        "prior",
    ]


def test_each_row_of_the_files_is_what_fusion_gave(tmp_path: Path) -> None:
    fusion = fuse(TABLE)
    memberships, incidents = (pyarrow.parquet.read_table(path) for path in write_fusion(fusion, tmp_path))
    assert memberships["incident_id"].to_pylist() == [one.incident_id for one in fusion.memberships]
    assert incidents["reports"].to_pylist() == [one.reports for one in fusion.incidents]
    assert incidents["event_from"].to_pylist() == [one.when.start for one in fusion.incidents]
    assert incidents["kinds"].to_pylist()[0][0]["kind"] == fusion.incidents[0].kinds[0][0].value


def test_the_same_reports_in_another_order_give_the_same_bytes(tmp_path: Path) -> None:
    first = write_fusion(fuse(TABLE), tmp_path / "first")
    second = write_fusion(fuse(rows_of(TABLE, [2, 0, 1])), tmp_path / "second")
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_an_empty_fusion_writes_empty_tables(tmp_path: Path) -> None:
    assert [
        pyarrow.parquet.read_table(path).num_rows for path in write_fusion(fuse(table_of()), tmp_path)
    ] == [
        0,
        0,
    ]


def test_a_folder_that_cannot_be_made_is_a_storage_failure(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    with pytest.raises(StorageFailure, match="Choose a folder"):
        write_fusion(fuse(TABLE), tmp_path / "taken")
