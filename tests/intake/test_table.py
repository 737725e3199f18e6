# SPDX-License-Identifier: Apache-2.0
"""The observation table, and the checks that every format shares."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.intake.conftest import TABLE_ROW, Ingest, observation, refusal, write_csv

from truceline.geodesy import Ellipse
from truceline.intake import IntakeContext, Row
from truceline.intake.fields import Fields
from truceline.intake.moments import Wrong, instant
from truceline.intake.places import position
from truceline.interval import Interval, iso
from truceline.observation.model import Count, Observation
from truceline.vocabulary import CountQualifier, Kind, SourceKind


def test_row_becomes_the_observation_that_it_states(tmp_path: Path, ingest: Ingest) -> None:
    row = TABLE_ROW | {"origin_id": "post-9", "calibre": "82 mm"}
    assert observation(ingest(write_csv(tmp_path / "a.csv", [row]), "table")) == Observation(
        observation_id="o-1",
        source_id="patrol 7",
        source_kind=SourceKind.PATROL,
        family="patrol 7",
        when=Interval(datetime(2025, 4, 19, 15, tzinfo=UTC), datetime(2025, 4, 19, 15, 10, tzinfo=UTC)),
        time_sigma_s=60.0,
        place=Ellipse(48.1, 37.8, 900.0, 300.0, 45.0),
        place_name="",
        kind=Kind.MORTAR,
        count=Count(CountQualifier.ABOUT, 3, 5),
        received_at=datetime(2025, 4, 19, 16, tzinfo=UTC),
        origin_id="post-9",
        details=(("calibre", "82 mm"),),
    )


@pytest.mark.parametrize(
    ("source_id", "source_kind", "family", "taken"),
    [
        ("Spokesperson", "party", "", "officials"),
        ("Spokesperson", "party", "officials", "officials"),
        ("Gazette", "news", "media", "media"),
        ("camera 3", "camera", "patrols", "patrols"),
        ("Gazette", "news", "", "Gazette"),
        ("camera 3", "camera", "", "camera 3"),
    ],
)
def test_family_is_the_packs_for_the_source_else_the_rows_else_the_source_alone(
    tmp_path: Path, ingest: Ingest, source_id: str, source_kind: str, family: str, taken: str
) -> None:
    row = TABLE_ROW | {"source_id": source_id, "source_kind": source_kind, "family": family}
    assert observation(ingest(write_csv(tmp_path / "a.csv", [row]), "table")).family == taken


@pytest.mark.parametrize(
    ("source_id", "family", "said"),
    [
        (
            "Spokesperson",
            "media",
            "the pack has Spokesperson in officials; leave it empty or correct the pack",
        ),
        ("Gazette", "weekly", "is no family of the pack; name one or leave it empty"),
        ("Spokesperson", "weekly", "is no family of the pack; name one or leave it empty"),
    ],
)
def test_no_row_chooses_its_own_independence(
    tmp_path: Path, ingest: Ingest, source_id: str, family: str, said: str
) -> None:
    row = TABLE_ROW | {"source_id": source_id, "source_kind": "party", "family": family}
    (fault,) = refusal(ingest(write_csv(tmp_path / "a.csv", [row]), "table")).faults
    assert (fault.path, fault.reason, fault.value) == ("family", said, family)


@pytest.mark.parametrize("kind", sorted(set(SourceKind) - {"party", "news", "public"}))
@pytest.mark.parametrize(
    "source", [{"source_id": "Gazette", "family": "media"}, {"source_id": "Spokesperson", "family": ""}]
)
def test_no_instrument_speaks_for_a_family_of_words(
    tmp_path: Path, ingest: Ingest, kind: str, source: dict[str, str]
) -> None:
    row = TABLE_ROW | source | {"source_kind": kind}
    (fault,) = refusal(ingest(write_csv(tmp_path / "a.csv", [row]), "table")).faults
    assert (fault.path, fault.value) == ("source_kind", kind)
    assert "is an instrument" in fault.reason


def test_contradiction_is_marked_and_its_note_kept(tmp_path: Path, ingest: Ingest) -> None:
    row = TABLE_ROW | {"note": "CONTRADICTS: says that it was staged"}
    found = observation(ingest(write_csv(tmp_path / "a.csv", [row]), "table"))
    assert found.details == (("contradicts", "yes"), ("note", "CONTRADICTS: says that it was staged"))


@pytest.mark.parametrize(
    ("least", "most", "count"),
    [
        ("", "", Count(CountQualifier.UNCOUNTED)),
        ("4", "4", Count(CountQualifier.EXACT, 4, 4)),
        ("4", "", Count(CountQualifier.AT_LEAST, 4, None)),
        ("0", "4.0", Count(CountQualifier.ABOUT, 0, 4)),
    ],
)
def test_count_keeps_what_is_open(
    tmp_path: Path, ingest: Ingest, least: str, most: str, count: Count
) -> None:
    row = TABLE_ROW | {"count_min": least, "count_max": most}
    assert observation(ingest(write_csv(tmp_path / "a.csv", [row]), "table")).count == count


def test_observation_without_coordinates_is_kept_without_a_place(tmp_path: Path, ingest: Ingest) -> None:
    row = TABLE_ROW | {"latitude": "", "longitude": ""}
    assert observation(ingest(write_csv(tmp_path / "a.csv", [row]), "table")).place is None


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"latitude": "37.8", "longitude": "48.1"}, "latitude", "swapped"),
        ({"latitude": "0", "longitude": "0.0"}, "latitude", "no position"),
        ({"latitude": "nan"}, "latitude", "not a finite number"),
        ({"longitude": "-inf"}, "longitude", "not a finite number"),
        ({"latitude": "48,1"}, "latitude", "a point"),
        ({"latitude": "1_0"}, "latitude", "a point"),
        ({"latitude": "٤٨"}, "latitude", "a point"),
        ({"latitude": "north"}, "latitude", "not a number"),
        ({"latitude": "91", "longitude": "-100"}, "latitude", "between -90 and 90"),
        ({"longitude": "181"}, "longitude", "between -180 and 180"),
        ({"longitude": ""}, "longitude", "is empty"),
        ({"sigma_major_m": "-1"}, "sigma_major_m", "between"),
        ({"sigma_minor_m": "0"}, "sigma_minor_m", "between"),
        ({"sigma_minor_m": "901"}, "sigma_minor_m", "larger than sigma_major_m"),
        ({"sigma_major_m": "1e999"}, "sigma_major_m", "between"),
        ({"time_sigma_s": "-0.5"}, "time_sigma_s", "between"),
        ({"event_from": "0001-01-01T00:00:00Z"}, "event_from", "years 1900 to 2199"),
        ({"event_to": "9999-12-31T23:59:59-05:00"}, "event_to", "years 1900 to 2199"),
        ({"event_to": "2199-12-31T23:59:59-05:00"}, "event_to", "years 1900 to 2199"),
        ({"event_from": "04/19/2025 15:00"}, "event_from", "write 2025-04-19, year first"),
        ({"event_from": "04/05/2025"}, "event_from", "write 2025-04-05 or 2025-05-04"),
        ({"event_from": "19.04.2025"}, "event_from", "write 2025-04-19"),
        ({"event_from": "2025-04-19T15:00:00"}, "event_from", "no time zone"),
        ({"event_from": "2025-04-19"}, "event_from", "2025-04-19T15:00:00Z"),
        ({"event_from": "2025-04-31T15:00:00Z"}, "event_from", "that exists"),
        ({"event_from": ""}, "event_from", "is empty"),
        ({"event_to": "2025-04-19T14:59:59Z"}, "event_to", "is before event_from"),
        ({"count_min": "-1"}, "count_min", "negative"),
        ({"count_min": "2.5"}, "count_min", "whole number"),
        ({"count_min": "6"}, "count_max", "less than count_min"),
        ({"count_min": ""}, "count_min", "write 0"),
        ({"count_max": "9999999999"}, "count_max", "more than"),
        ({"kind": "catapult"}, "kind", "not a known word; use one of: air_attack"),
        ({"source_kind": ""}, "source_kind", "is empty"),
        ({"observation_id": " "}, "observation_id", "is empty"),
        ({"observation_id": "x" * 201}, "observation_id", "longer than 200"),
        ({"observation_id": "o\x001"}, "observation_id", "control character"),
        ({"source_id": "two\nlines"}, "source_id", "control character"),
        ({"origin_id": "a\x1bb"}, "origin_id", "control character"),
        ({"place_name": "a\x00b"}, "place_name", "control character"),
    ],
)
def test_value_that_cannot_be_used_is_refused_with_field_value_and_remedy(
    tmp_path: Path, ingest: Ingest, change: dict[str, str], field: str, said: str
) -> None:
    row = TABLE_ROW | {"place_name": ""} | change
    refused = refusal(ingest(write_csv(tmp_path / "a.csv", [row]), "table"))
    (fault,) = refused.faults
    assert fault.path == field
    assert said in fault.reason
    assert fault.where == "a.csv row 2"


def test_all_faults_of_a_row_are_named_at_once(tmp_path: Path, ingest: Ingest) -> None:
    row = TABLE_ROW | {"observation_id": "", "latitude": "x", "kind": "?", "event_to": "?", "count_min": "-3"}
    refused = refusal(ingest(write_csv(tmp_path / "a.csv", [row]), "table"))
    assert {fault.path for fault in refused.faults} == {
        "observation_id", "latitude", "kind", "event_to", "count_min",
    }  # fmt: skip
    assert dict(refused.row)["latitude"] == "x"


def test_refused_row_never_quotes_at_length_nor_control_characters(tmp_path: Path, ingest: Ingest) -> None:
    row = TABLE_ROW | {"kind": "\x1b[2J" + "y" * 5_000}
    refused = refusal(ingest(write_csv(tmp_path / "a.csv", [row]), "table"))
    assert len(refused.faults[0].value or "") <= 120
    assert "\x1b" not in str(refused)


@given(st.datetimes(datetime(1901, 1, 1), datetime(2198, 1, 1), timezones=st.timezones()))  # noqa: DTZ001
def test_every_time_with_a_zone_is_the_same_instant_in_utc(moment: datetime) -> None:
    moment = moment.replace(microsecond=0)
    offset = moment.utcoffset()
    whole_minutes = offset is not None and offset.total_seconds() % 60 == 0
    found = instant(moment.isoformat())
    assert found == moment.astimezone(UTC) if whole_minutes else isinstance(found, Wrong)


@given(st.datetimes(datetime(1901, 1, 1), datetime(2198, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_times_as_the_mechanism_writes_them_read_back(moment: datetime) -> None:
    assert instant(iso(moment)) == moment


@given(
    latitude=st.floats(44.0, 54.0),
    longitude=st.floats(22.0, 44.5),
)
def test_pair_and_its_swap_are_never_both_accepted_when_only_one_lies_inside(
    context: IntakeContext, latitude: float, longitude: float
) -> None:
    def accepted(north: float, east: float) -> bool:
        fields = Fields("a.csv", Row(2, {"lat": repr(north), "lon": repr(east)}))
        position(fields, context, "lat", "lon")
        return not fields.faults

    both_inside = 44.0 <= longitude <= 54.0 and 22.0 <= latitude <= 44.5
    assert accepted(latitude, longitude)
    assert accepted(longitude, latitude) == both_inside
