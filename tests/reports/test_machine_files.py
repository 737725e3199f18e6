# SPDX-License-Identifier: Apache-2.0
"""JSON, GeoJSON and CSV say what the page says, and a spreadsheet runs nothing."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import shape
from tests.reports.conftest import DERIVATION, make_incident, make_inputs, make_observation, many_inputs

from truceline.errors import StorageFailure
from truceline.reports import daily_report, words, write_daily_report
from truceline.reports.geojson import report_geojson
from truceline.reports.machine import report_json
from truceline.reports.table import COLUMNS, guarded, report_csv
from truceline.vocabulary import Kind


def test_json_holds_every_incident_and_its_derivation() -> None:
    read = json.loads(report_json(daily_report(make_inputs()), 300))
    assert [one["incident_id"] for one in read["incidents"]] == ["inc-1", "inc-2"]
    assert read["derivation"]["root"] == DERIVATION.root
    assert read["coverage"]["share"] is None
    assert read["incidents_in_period"] == {"least": 1, "most": 2, "expected": 1.5}


def test_json_keys_are_sorted() -> None:
    text = report_json(daily_report(make_inputs()), 300)
    assert (
        text == json.dumps(json.loads(text), sort_keys=True, ensure_ascii=False, separators=(",", ":")) + "\n"
    )


def test_map_file_has_an_ellipse_and_a_centre_for_each_incident() -> None:
    report = daily_report(many_inputs(20))
    features = json.loads(report_geojson(report))["features"]
    rings = [one for one in features if one["properties"]["layer"] == "incident"]
    centres = [one for one in features if one["properties"]["layer"] == "centre"]
    assert len(rings) == len(centres) == len(report.entries)
    for ring, centre in zip(rings, centres, strict=True):
        ellipse = shape(ring["geometry"])
        assert ellipse.is_valid
        assert ellipse.exterior.is_ccw
        assert ellipse.centroid.distance(shape(centre["geometry"])) < 1e-4


def test_ellipse_in_the_map_file_is_as_long_as_its_sigma() -> None:
    place = replace(make_incident("x", []).place, azimuth_deg=0.0)
    incident = make_incident("inc-1", ["o1", "o2"], place=place)
    features = json.loads(report_geojson(daily_report(make_inputs(incidents=(incident,)))))["features"]
    ring = next(one for one in features if one["properties"]["layer"] == "incident")
    _, south, _, north = shape(ring["geometry"]).bounds
    assert (north - south) * 111_195 == pytest.approx(2 * place.sigma_major_m, rel=1e-3)


def test_report_without_incidents_still_has_all_its_files(tmp_path: Path) -> None:
    paths = write_daily_report(daily_report(make_inputs(incidents=(), assessments=(), claims=())), tmp_path)
    assert all(path.stat().st_size > 0 for path in paths)


def test_table_has_one_row_an_incident_in_the_order_of_the_page() -> None:
    report = daily_report(many_inputs(20))
    rows = list(csv.DictReader(io.StringIO(report_csv(report))))
    assert [row["incident_id"] for row in rows] == [entry.incident.incident_id for entry in report.entries]
    assert set(rows[0]) == set(COLUMNS)
    assert {row["root"] for row in rows} == {DERIVATION.root}


@given(st.text(max_size=12))
def test_no_text_of_the_table_starts_a_formula(text: str) -> None:
    assert not guarded(text).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert guarded(text).endswith(words.plain(text))


def test_formulas_of_a_source_reach_the_table_disarmed() -> None:
    incident = make_incident('=HYPERLINK("http://evil.example")', ["@o"])
    observation = make_observation("@o", family="+cmd|' /C calc'!A0")
    report = daily_report(make_inputs(incidents=(incident,), observations=(observation,), assessments=()))
    (row,) = csv.DictReader(io.StringIO(report_csv(report)))
    assert row["incident_id"].startswith("'=")
    assert row["families"].startswith("'+")


def test_no_text_of_the_table_reorders_or_hides_what_stands_beside_it() -> None:
    incident = make_incident("inc\u202e-1\u200b", ["o"])
    inputs = make_inputs(incidents=(incident,), observations=(make_observation("o"),), assessments=())
    assert words.UNSAFE.search(report_csv(daily_report(inputs)).replace("\r\n", "")) is None


def test_formula_behind_an_invisible_character_is_disarmed() -> None:
    assert guarded("\u200b=1+1") == "\ufffd=1+1"


def test_machine_files_give_the_ground_of_what_is_not_assessed() -> None:
    damage = make_incident("inc-1", ["o1", "o2"], kinds=((Kind.DAMAGE, 1.0),))
    report = daily_report(make_inputs(incidents=(damage,), assessments=()))
    ground = "no clause in force at its hours speaks of its kind"
    read = json.loads(report_json(report, 300))
    assert read["not_assessed"] == [{"because": ground, "incidents": 1, "kinds": {"damage": 1}}]
    assert read["incidents"][0]["not_assessed_because"] == ground
    (row,) = csv.DictReader(io.StringIO(report_csv(report)))
    assert (row["status"], row["not_assessed_because"]) == ("not assessed", ground)
    centre = json.loads(report_geojson(report))["features"][-1]["properties"]
    assert centre["not_assessed_because"] == ground


def test_files_are_written_whole_under_the_date_s_name(tmp_path: Path) -> None:
    paths = write_daily_report(daily_report(make_inputs()), tmp_path / "new")
    names = [f"daily-2025-04-20.{end}" for end in ("html", "json", "geojson", "csv")]
    assert [path.name for path in paths] == names
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == sorted(names)


def test_second_writing_gives_the_same_bytes(tmp_path: Path) -> None:
    first = [path.read_bytes() for path in write_daily_report(daily_report(make_inputs()), tmp_path)]
    second = [path.read_bytes() for path in write_daily_report(daily_report(make_inputs()), tmp_path)]
    assert first == second


def test_folder_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with pytest.raises(StorageFailure, match="could not be written"):
        write_daily_report(daily_report(make_inputs()), blocked)


def test_broken_text_of_a_source_does_not_stop_the_report(tmp_path: Path) -> None:
    inputs = make_inputs()
    broken = tuple(replace(one, place_name="a\ud800\x00b") for one in inputs.observations)
    paths = write_daily_report(daily_report(replace(inputs, observations=broken)), tmp_path)
    assert all(path.read_bytes().decode("utf-8") for path in paths)
