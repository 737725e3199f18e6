# SPDX-License-Identifier: Apache-2.0
"""Monitors' observations, hours watched and restrictions."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.intake.conftest import SMM_ROW, Ingest, observation, refusal, watch, write_csv, write_jsonl

from truceline.geodesy import Ellipse
from truceline.intake.hours import PERIODS, hours_of
from truceline.intake.smm import KYIV
from truceline.observation.model import Count, Observation, Sighting
from truceline.observation.sighting import place_of
from truceline.observation.words import WEAPONS, common_kind, kind_of_words
from truceline.vocabulary import CountQualifier, Kind, WatchState, falls_under

WATCH_ROW = {
    "date_from": "2016-03-28",
    "time_from": "",
    "date_to": "2016-03-28",
    "time_to": "",
    "place": "Svitlodarsk",
    "lat": "48.4337",
    "lon": "38.2233",
    "means": "patrol",
    "duration_stated": "",
    "period": "evening",
    "sentence_id": "",
    "note": "",
    "url": "https://example.org/smm",
}
RESTRICTION_ROW = {
    "date": "2017-01-27",
    "place": "Zolote disengagement area",
    "lat": "48.695",
    "lon": "38.515",
    "kind": "conditional",
    "by_whom": "not stated",
    "url": "https://example.org/smm",
    "note": "kind not stated",
}


def heard(tmp_path: Path, ingest: Ingest, **change: object) -> Observation:
    """Read one observation that differs from the ordinary one."""
    return observation(ingest(write_jsonl(tmp_path / "a.jsonl", [SMM_ROW | change]), "smm"))


def test_position_bearing_and_distance_are_kept_beside_the_ellipse(tmp_path: Path, ingest: Ingest) -> None:
    found = heard(tmp_path, ingest, bearing="NW|NNW")
    stood = Ellipse(48.12, 37.81, 200.0, 200.0)
    assert found.sighting == Sighting(stood, "3km west of Yasynuvata", ("NW", "NNW"), 3_000.0, 5_000.0)
    assert found.place == place_of(found.sighting)
    assert found.family == "patrols"


def test_two_posts_are_two_sources(tmp_path: Path, ingest: Ingest) -> None:
    other = heard(tmp_path, ingest, position="Svitlodarsk")
    assert heard(tmp_path, ingest).source_id != other.source_id


def test_position_without_uncertainty_has_the_packs(tmp_path: Path, ingest: Ingest) -> None:
    found = heard(tmp_path, ingest, position_sigma_m=None)
    assert found.sighting is not None
    assert found.sighting.position.sigma_major_m == 700.0


def test_clock_times_are_those_of_kyiv(tmp_path: Path, ingest: Ingest) -> None:
    summer, winter = (
        heard(tmp_path, ingest),
        heard(tmp_path, ingest, date_from="2017-02-01", date_to="2017-02-01"),
    )
    assert summer.when.start == datetime(2016, 3, 28, 7, 14, tzinfo=UTC)
    assert winter.when.start == datetime(2017, 2, 1, 8, 14, tzinfo=UTC)


def test_report_is_received_on_the_day_of_its_issue(tmp_path: Path, ingest: Ingest) -> None:
    assert heard(tmp_path, ingest).received_at == datetime(2016, 3, 30, 20, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("period", "last", "hours"),
    [
        ("day", 28, ["07:00", "28 19:00"]),
        ("evening", 28, ["17:00", "29 00:00"]),
        ("night", 28, ["19:00", "29 08:00"]),
        ("night", 29, ["19:00", "29 08:00"]),
        ("evening_and_night", 29, ["17:00", "29 08:00"]),
        ("night_and_day", 29, ["19:00", "29 19:00"]),
        ("reporting_period", 29, ["19:30", "29 19:30"]),
        ("not_stated", 28, ["00:00", "29 00:00"]),
    ],
)
def test_words_for_times_of_day_become_hours(
    tmp_path: Path, ingest: Ingest, period: str, last: int, hours: list[str]
) -> None:
    change = {"time_from": None, "time_to": None, "date_to": f"2016-03-{last}"}
    found = heard(tmp_path, ingest, **change, note=f"period:{period}; more")
    local = [moment.astimezone(KYIV) for moment in (found.when.start, found.when.last)]
    assert [f"{local[0]:%H:%M}", f"{local[1]:%d %H:%M}"] == hours
    assert found.detail("hours_from") == period


def test_words_may_stand_in_the_place_of_the_clock(tmp_path: Path, ingest: Ingest) -> None:
    found = heard(tmp_path, ingest, time_from="evening", time_to="night", date_to="2016-03-29")
    assert found.when.last == datetime(2016, 3, 29, 5, tzinfo=UTC)


@given(st.sampled_from(sorted(PERIODS)), st.dates(date(2014, 1, 1), date(2022, 1, 1)), st.integers(0, 3))
def test_every_word_gives_hours_on_every_date(period: str, first: date, later: int) -> None:
    last = date.fromordinal(first.toordinal() + later)
    hours = hours_of(period, first, last, KYIV)
    assert hours.start.astimezone(KYIV).date() == first
    assert hours.last > hours.start
    assert (hours.last - hours.start).days <= later + 1


def test_part_of_a_count_shares_its_origin_and_is_not_counted_again(tmp_path: Path, ingest: Ingest) -> None:
    rows = [
        SMM_ROW | {"obs_id": "S-01.1", "count": 144},
        SMM_ROW | {"obs_id": "S-01.2", "count": 15, "count_qualifier": "subset_of_previous"},
        SMM_ROW | {"obs_id": "S-01.3", "count": 107, "count_qualifier": "paired_impact_of_previous"},
        SMM_ROW | {"obs_id": "S-01.4", "count": 9},
    ]
    found = [
        one for one in ingest(write_jsonl(tmp_path / "a.jsonl", rows), "smm") if isinstance(one, Observation)
    ]
    assert [one.origin_id for one in found] == ["S-01.1", "S-01.1", "S-01.1", "S-01.4"]
    assert sum(one.count.minimum or 0 for one in found) == 153
    assert found[1].detail("stated_count") == "15"


def test_part_without_the_count_before_it_is_refused(tmp_path: Path, ingest: Ingest) -> None:
    rows = [SMM_ROW, SMM_ROW | {"sentence_id": "S-02", "count_qualifier": "subset_of_previous"}]
    refused = refusal(ingest(write_jsonl(tmp_path / "a.jsonl", rows), "smm")[1:])
    assert "none in its sentence" in refused.faults[0].reason


@pytest.mark.parametrize(
    ("event", "weapon", "kind"),
    [
        ("explosion", None, Kind.EXPLOSION_UNDETERMINED),
        ("explosion", "mortar", Kind.MORTAR),
        ("explosion", "artillery|mortar", Kind.INDIRECT_FIRE),
        ("explosion", "mortar|automatic grenade launcher", Kind.EXPLOSION_UNDETERMINED),
        ("explosion", "something new", Kind.EXPLOSION_UNDETERMINED),
        ("burst", None, Kind.GUNFIRE_UNDETERMINED),
        ("burst", "heavy machine gun", Kind.HEAVY_MG),
        ("shot", "heavy machine gun|small arms", Kind.GUNFIRE),
        ("projectile", None, Kind.ATTACK_UNSPECIFIED),
        ("projectile", "tracer", Kind.GUNFIRE_UNDETERMINED),
        ("flare", None, Kind.ILLUMINATION_FLARE),
    ],
)
def test_words_become_the_kind_they_say_and_no_narrower(
    tmp_path: Path, ingest: Ingest, event: str, weapon: str | None, kind: Kind
) -> None:
    assert heard(tmp_path, ingest, event=event, weapon=weapon).kind is kind


@given(st.lists(st.sampled_from(sorted(WEAPONS)), min_size=1, max_size=4))
def test_several_weapons_give_a_kind_that_covers_each(weapons: list[str]) -> None:
    kind = common_kind(WEAPONS[weapon] for weapon in weapons)
    assert kind is not None
    assert all(falls_under(WEAPONS[weapon], kind) for weapon in weapons)
    assert kind_of_words("burst", weapons) == kind_of_words("burst", weapons[::-1])


def test_live_fire_exercise_stays_said(tmp_path: Path, ingest: Ingest) -> None:
    assert (
        heard(tmp_path, ingest, description="live_fire_exercise").detail("description")
        == "live_fire_exercise"
    )


def test_observation_from_a_place_unknown_keeps_bearing_and_distance(tmp_path: Path, ingest: Ingest) -> None:
    found = heard(tmp_path, ingest, position="Nowhere at all", position_lat=None, position_lon=None)
    assert (found.place, found.sighting) == (None, None)
    assert (found.detail("bearing"), found.detail("dist_max_km")) == ("NW", "5")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"event": "bang"}, "event"),
        ({"means": "rumour"}, "means"),
        ({"bearing": "NW|UP"}, "bearing"),
        ({"dist_min_km": 6}, "dist_max_km"),
        ({"dist_max_km": 4000}, "dist_max_km"),
        ({"date_from": None}, "date_from"),
        ({"date_to": "2016-03-27"}, "date_to"),
        ({"time_to": "09:00"}, "time_to"),
        ({"time_to": None}, "time_to"),
        ({"time_from": "teatime", "time_to": None}, "time_from"),
        ({"count_qualifier": "dozens"}, "count_qualifier"),
        ({"position_lat": 37.81, "position_lon": 48.12}, "position_lat"),
    ],
)
def test_observation_with_a_fault_is_refused(
    tmp_path: Path, ingest: Ingest, change: dict[str, object], field: str
) -> None:
    refused = refusal(ingest(write_jsonl(tmp_path / "a.jsonl", [SMM_ROW | change]), "smm"))
    assert field in {fault.path for fault in refused.faults}


def test_watch_reaches_as_far_as_the_pack_says(tmp_path: Path, ingest: Ingest) -> None:
    found = watch(ingest(write_csv(tmp_path / "a.csv", [WATCH_ROW]), "smm"))
    assert (found.state, found.range_m, found.source_id) == (WatchState.OK, 9_000, "patrol")
    assert found.when.start == datetime(2016, 3, 28, 14, tzinfo=UTC)
    assert found.place == Ellipse(48.4337, 38.2233, 5_000, 5_000)


def test_watch_without_coordinates_is_not_looked_up(tmp_path: Path, ingest: Ingest) -> None:
    row = WATCH_ROW | {"lat": "", "lon": ""}
    assert watch(ingest(write_csv(tmp_path / "a.csv", [row]), "smm")).place is None


def test_ids_of_watches_depend_on_their_content_alone(tmp_path: Path, ingest: Ingest) -> None:
    rows = [WATCH_ROW, WATCH_ROW | {"place": "Horlivka"}]
    ids = [one.watch_id for one in ingest(write_csv(tmp_path / "a.csv", rows), "smm")]  # type: ignore[union-attr]
    turned = [one.watch_id for one in ingest(write_csv(tmp_path / "b.csv", rows[::-1]), "smm")]  # type: ignore[union-attr]
    assert ids == turned[::-1]
    assert len(set(ids)) == 2


@pytest.mark.parametrize(
    ("kind", "state"),
    [("denied", WatchState.DENIED), ("delayed", WatchState.DELAYED), ("conditional", WatchState.DELAYED)],
)
def test_restriction_is_a_watch_that_was_lost_all_that_day(
    tmp_path: Path, ingest: Ingest, kind: str, state: WatchState
) -> None:
    found = watch(ingest(write_csv(tmp_path / "a.csv", [RESTRICTION_ROW | {"kind": kind}]), "smm"))
    assert found.state is state
    assert dict(found.details)["restriction"] == kind
    assert found.when.start == datetime(2017, 1, 26, 22, tzinfo=UTC)
    assert found.when.last == datetime(2017, 1, 27, 22, tzinfo=UTC)


def test_fire_near_a_patrol_is_what_monitors_observed(tmp_path: Path, ingest: Ingest) -> None:
    found = observation(
        ingest(write_csv(tmp_path / "a.csv", [RESTRICTION_ROW | {"kind": "fire_near"}]), "smm")
    )
    assert found.kind is Kind.GUNFIRE_UNDETERMINED
    assert found.count == Count(CountQualifier.UNCOUNTED)


def test_same_word_overlaps_its_neighbours() -> None:
    words = ("early_morning", "morning", "afternoon", "evening", "night")
    hours = [hours_of(word, date(2016, 3, 28), date(2016, 3, 28), KYIV) for word in words]
    assert all(second.start <= first.last for first, second in pairwise(hours))
