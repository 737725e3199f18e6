# SPDX-License-Identifier: Apache-2.0
"""News labels, thermal detections and air-raid alerts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.intake.conftest import Ingest, observation, refusal, watch, write_csv

from truceline.geodesy import Ellipse
from truceline.observation.model import Observation
from truceline.vocabulary import Kind, WatchState, is_attack

VIINA_ROW = {
    "datetime": "2023-07-01 14:20:00",
    "lon": "37.8",
    "lat": "48.1",
    "place_name": "Somewhere",
    "event_type": "artillery|loc",
    "headline": "A headline",
}
FIRMS_ROW = {
    "latitude": "48.1",
    "longitude": "37.8",
    "brightness": "295.4",
    "scan": "0.5",
    "track": "0.4",
    "acq_date": "2023-07-01",
    "acq_time": "137",
    "satellite": "N",
    "instrument": "VIIRS",
    "confidence": "l",
    "version": "2.0NRT",
    "bright_t31": "273",
    "frp": "1.4",
    "daynight": "N",
}
OFFICIAL_ROW = {
    "oblast": "Donetska oblast",
    "raion": "",
    "hromada": "",
    "level": "oblast",
    "started_at": "2023-07-01 04:10:20+00:00",
    "finished_at": "2023-07-01 05:25:38+00:00",
    "source": "official",
}
VOLUNTEER_ROW = {
    "region": "Donetska oblast",
    "started_at": "2023-07-01 04:11:16+00:00",
    "finished_at": "2023-07-01 05:26:05+00:00",
    "naive": "False",
}


WATCHES_ROW = {
    "watch_id": "w-1",
    "source_id": "Camera 4",
    "source_kind": "camera",
    "watched_from": "2023-07-01T18:00:00Z",
    "watched_to": "2023-07-02T03:00:00Z",
    "latitude": "48.1",
    "longitude": "37.8",
    "sigma_m": "50",
    "place_name": "Somewhere",
    "range_m": "4000",
    "state": "down",
    "note": "no power",
}


def test_headline_at_many_places_on_one_day_is_one_statement(tmp_path: Path, ingest: Ingest) -> None:
    rows = [
        VIINA_ROW,
        VIINA_ROW | {"lon": "36.1", "datetime": "2023-07-01 20:00:00"},
        VIINA_ROW | {"datetime": "2023-07-02 01:00:00"},
        VIINA_ROW | {"headline": "Another headline"},
    ]
    found = [
        one for one in ingest(write_csv(tmp_path / "a.csv", rows), "viina") if isinstance(one, Observation)
    ]
    origins = [one.origin_id for one in found]
    assert origins[0] == origins[1]
    assert len(set(origins)) == 3
    assert len({one.observation_id for one in found}) == 4


def test_news_without_a_clock_is_about_its_day_in_kyiv(tmp_path: Path, ingest: Ingest) -> None:
    row = VIINA_ROW | {"datetime": "2023-07-01 00:00:00"}
    found = observation(ingest(write_csv(tmp_path / "a.csv", [row]), "viina"))
    assert found.when.start == datetime(2023, 6, 30, 21, tzinfo=UTC)
    assert found.when.last == datetime(2023, 7, 1, 21, tzinfo=UTC)
    assert found.received_at == datetime(2023, 7, 1, 20, 59, 59, tzinfo=UTC)


def test_news_tells_of_the_hours_before_it(tmp_path: Path, ingest: Ingest) -> None:
    found = observation(ingest(write_csv(tmp_path / "a.csv", [VIINA_ROW]), "viina"))
    assert found.when.last == found.received_at == datetime(2023, 7, 1, 11, 20, tzinfo=UTC)
    assert found.when.duration == timedelta(hours=12)


@pytest.mark.parametrize(
    ("labels", "kind"),
    [
        ("artillery|loc", Kind.INDIRECT_FIRE),
        ("airstrike|uav|loc", Kind.AIR_ATTACK),
        ("airstrike|artillery", Kind.ATTACK_UNSPECIFIED),
        ("firefighb|civcas", Kind.GUNFIRE),
        ("property|civcas", Kind.CASUALTY),
        ("airalerb|loc", Kind.AIR_RAID_ALERT),
    ],
)
def test_labels_become_the_narrowest_kind_that_covers_them(
    tmp_path: Path, ingest: Ingest, labels: str, kind: Kind
) -> None:
    found = observation(ingest(write_csv(tmp_path / "a.csv", [VIINA_ROW | {"event_type": labels}]), "viina"))
    assert found.kind is kind


@pytest.mark.parametrize("labels", ["", "loc", "control|occupy", "arresb"])
def test_labels_without_an_event_are_refused_and_reported(
    tmp_path: Path, ingest: Ingest, labels: str
) -> None:
    refused = refusal(ingest(write_csv(tmp_path / "a.csv", [VIINA_ROW | {"event_type": labels}]), "viina"))
    assert [fault.path for fault in refused.faults] == ["event_type"]


def test_hotspot_is_a_pixel_of_heat_and_no_attack(tmp_path: Path, ingest: Ingest) -> None:
    found = observation(ingest(write_csv(tmp_path / "a.csv", [FIRMS_ROW]), "firms"))
    assert found.place == Ellipse(48.1, 37.8, 250.0, 200.0, 100.0)
    assert found.when.last == datetime(2023, 7, 1, 1, 37, tzinfo=UTC)
    assert found.when.duration == timedelta(hours=12)
    assert found.detail("confidence") == "l"
    assert not is_attack(found.kind)


@pytest.mark.parametrize("time", ["", "2460", "24:00", "12345", "-37"])
def test_overpass_at_no_time_of_day_is_refused(tmp_path: Path, ingest: Ingest, time: str) -> None:
    row = FIRMS_ROW | {"acq_time": time}
    found = ingest(write_csv(tmp_path / "a.csv", [row]), "firms")
    assert [fault.path for fault in refusal(found).faults] == ["acq_time"]


def test_both_channels_of_alerts_are_told_apart_by_their_columns(tmp_path: Path, ingest: Ingest) -> None:
    official = observation(ingest(write_csv(tmp_path / "a.csv", [OFFICIAL_ROW]), "air-alerts"))
    volunteer = observation(ingest(write_csv(tmp_path / "b.csv", [VOLUNTEER_ROW]), "air-alerts"))
    assert official.source_id != volunteer.source_id
    assert official.place == volunteer.place == Ellipse(48.05, 37.67, 50_000, 50_000)
    assert official.kind is Kind.AIR_RAID_ALERT
    assert not is_attack(official.kind)
    assert official.when.start == official.when.last == datetime(2023, 7, 1, 4, 10, 20, tzinfo=UTC)


def test_alert_that_ends_before_it_began_is_refused(tmp_path: Path, ingest: Ingest) -> None:
    row = OFFICIAL_ROW | {"finished_at": "2023-07-01 04:00:00+00:00"}
    assert refusal(ingest(write_csv(tmp_path / "a.csv", [row]), "air-alerts")).faults[0].path == "finished_at"


def test_a_watch_that_was_lost_says_where_when_and_why(tmp_path: Path, ingest: Ingest) -> None:
    found = watch(ingest(write_csv(tmp_path / "a.csv", [WATCHES_ROW]), "watches"))
    assert found.state is WatchState.DOWN
    assert found.place == Ellipse(48.1, 37.8, 50.0, 50.0)
    assert found.range_m == 4_000.0
    assert found.when.duration == timedelta(hours=9)
    assert dict(found.details) == {"note": "no power"}


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("state", "asleep"),
        ("range_m", "-1"),
        ("sigma_m", ""),
        ("watched_to", "2023-07-01T17:00:00Z"),
        ("watch_id", ""),
    ],
)
def test_a_watch_that_cannot_be_counted_is_refused(
    tmp_path: Path, ingest: Ingest, column: str, value: str
) -> None:
    refused = refusal(ingest(write_csv(tmp_path / "a.csv", [WATCHES_ROW | {column: value}]), "watches"))
    assert [fault.path for fault in refused.faults] == [column]
