# SPDX-License-Identifier: Apache-2.0
"""The report holds what its inputs hold, whatever their order, and refuses what does not fit."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.reports.conftest import (
    make_agreement,
    make_assessment,
    make_coverage,
    make_incident,
    make_inputs,
    make_observation,
    many_inputs,
    utc,
)

from truceline.agreement.model import Validity
from truceline.assessment.model import Gap
from truceline.errors import RejectedInput
from truceline.interval import Interval
from truceline.reports import ReportInputs, Tally, daily_report, words
from truceline.reports.geojson import report_geojson
from truceline.reports.html import report_html
from truceline.reports.machine import report_json
from truceline.reports.model import UnassessedRow
from truceline.reports.table import report_csv
from truceline.vocabulary import Kind, SourceKind, Status

Item = TypeVar("Item")

GAPS = tuple(Gap(Interval(utc(20, hour), utc(20, hour + 1)), "Aville", "down", "") for hour in range(4))


def shuffled(inputs: ReportInputs, chance: random.Random) -> ReportInputs:
    """Return the same inputs in another order."""

    def mixed(items: Sequence[Item]) -> tuple[Item, ...]:
        return tuple(chance.sample(items, len(items)))

    return replace(
        inputs,
        incidents=mixed(inputs.incidents),
        assessments=mixed(inputs.assessments),
        observations=mixed(inputs.observations),
        claims=mixed(inputs.claims),
        watches=mixed(inputs.watches),
        coverage=replace(inputs.coverage, gaps=mixed(inputs.coverage.gaps)),
    )


@settings(max_examples=8, deadline=None)
@given(st.randoms(use_true_random=False))
def test_files_are_the_same_bytes_whatever_the_order_of_the_inputs(chance: random.Random) -> None:
    inputs = many_inputs(40, share=0.5)
    inputs = replace(inputs, coverage=replace(inputs.coverage, gaps=GAPS))
    one, other = daily_report(inputs), daily_report(shuffled(inputs, chance))
    assert report_html(one) == report_html(other)
    assert report_json(one, 10) == report_json(other, 10)
    assert report_geojson(one) == report_geojson(other)
    assert report_csv(one) == report_csv(other)


def test_period_counts_wholly_inside_up_to_overlapping() -> None:
    report = daily_report(make_inputs())
    assert (report.tally.least, report.tally.most) == (1, 2)


def test_incidents_of_other_days_are_left_out() -> None:
    far = make_incident("far", ["o9"], when=Interval(utc(10, 1), utc(10, 2)))
    inputs = make_inputs()
    more = replace(
        inputs,
        incidents=(*inputs.incidents, far),
        observations=(*inputs.observations, make_observation("o9", when=far.when)),
    )
    assert daily_report(more).tally == daily_report(inputs).tally


def test_likeliest_breach_stands_first() -> None:
    assert [entry.incident.incident_id for entry in daily_report(make_inputs()).entries] == ["inc-1", "inc-2"]


def test_status_farthest_along_shows_where_clauses_differ() -> None:
    assessments = (make_assessment("inc-1"), make_assessment("inc-1", Status.CORROBORATED))
    entry = daily_report(make_inputs(assessments=assessments)).entries[0]
    assert entry.status is Status.CORROBORATED


def test_incident_without_a_clause_is_not_assessed() -> None:
    report = daily_report(make_inputs(assessments=()))
    assert report.by_status == ((None, 2),)


@pytest.mark.parametrize(
    ("hour", "kind", "ground"),
    [
        (12, Kind.ARTILLERY, "no clause was in force at its hours"),
        (12, Kind.DAMAGE, "no clause was in force at its hours"),
        (16, Kind.DAMAGE, "no clause in force at its hours speaks of its kind"),
        (16, Kind.ARTILLERY, "no assessment of it is on record"),
    ],
)
def test_ground_of_what_is_not_assessed_is_the_true_one(hour: int, kind: Kind, ground: str) -> None:
    late = Validity(since=utc(20, 15), until=utc(20, 21))
    agreement = make_agreement()
    version = agreement.versions[0]
    clause = version.clauses[0].model_copy(update={"valid": late})
    agreement = replace(agreement, versions=(version.model_copy(update={"clauses": (clause,)}),))
    when = Interval(utc(20, hour), utc(20, hour, 30))
    incident = make_incident("inc-1", ["o1", "o2"], when=when, kinds=((kind, 1.0),))
    report = daily_report(make_inputs(agreement=agreement, incidents=(incident,), assessments=()))
    assert report.entries[0].ground == ground
    assert report.unassessed == (UnassessedRow(ground, 1, ((kind, 1),)),)


def test_assessed_incident_has_no_ground_for_not_being_assessed() -> None:
    report = daily_report(make_inputs())
    assert {entry.ground for entry in report.entries} == {""}
    assert report.unassessed == ()


def test_relays_are_reports_but_one_statement() -> None:
    entry = daily_report(make_inputs()).entries[0]
    assert (len(entry.observations), entry.statements) == (2, 1)


def test_families_stand_in_the_order_of_the_pack() -> None:
    assert daily_report(make_inputs()).entries[0].families == ("Aland officials", "News agencies")


def test_observation_without_place_is_kept_apart() -> None:
    report = daily_report(make_inputs())
    assert [one.observation_id for one in report.unplaced] == ["o5"]
    assert [(row.family, row.number) for row in report.unplaced_rows] == [("News agencies", 1)]


def test_observations_without_place_are_grouped_by_their_reason_the_most_first() -> None:
    inputs = make_inputs()
    lost = [
        make_observation(name, place=None, details=(("unplaced", reason),) if reason else ())
        for name, reason in (("a", "is a total"), ("b", "says none"), ("c", "says none"), ("d", ""))
    ]
    held = tuple(one for one in inputs.observations if one.place is not None)
    report = daily_report(replace(inputs, observations=(*held, *lost)))
    said = [("says none", 2), ("is a total", 1), ("no reason is on record", 1)]
    assert sorted(words.by_reason(report.unplaced_rows)) == sorted(said)
    assert words.by_reason(report.unplaced_rows)[0] == said[0]


def test_placed_observation_in_no_incident_is_counted() -> None:
    inputs = make_inputs()
    loose = make_observation("loose")
    assert daily_report(replace(inputs, observations=(*inputs.observations, loose))).unfused == 1


def test_observation_in_an_incident_of_other_hours_is_not_said_to_be_in_none() -> None:
    inputs = make_inputs()
    more = replace(inputs, observations=(*inputs.observations, make_observation("loose")))
    everything = frozenset({"o1", "o2", "o3", "o4", "loose", "far"})
    report = daily_report(replace(more, members_elsewhere=everything))
    assert (report.unfused, report.elsewhere) == (0, 1)
    assert report_json(report, 1) != report_json(daily_report(more), 1)


def test_observation_in_an_incident_of_the_period_before_is_elsewhere() -> None:
    inputs = make_inputs()
    long = Interval(utc(19, 3), utc(20, 3))
    seen = tuple(
        replace(one, when=long) if one.observation_id == "o4" else one for one in inputs.observations
    )
    report = daily_report(replace(inputs, observations=seen))
    assert (report.unfused, report.elsewhere) == (0, 1)


def test_incidents_seen_by_a_patrol_do_not_rest_on_statements_alone() -> None:
    inputs = make_inputs()
    seen = tuple(
        replace(one, source_kind=SourceKind.PATROL) if one.observation_id == "o1" else one
        for one in inputs.observations
    )
    assert daily_report(inputs).without_watch == 2
    assert daily_report(replace(inputs, observations=seen)).without_watch == 1


def test_kinds_are_compared_with_the_period_before() -> None:
    rows = {row.name: (row.now.most, row.before.most) for row in daily_report(make_inputs()).kinds}
    assert rows == {"indirect_fire": (1, 1), "air_attack": (1, 0)}


def test_movement_is_not_counted_as_an_attack() -> None:
    drone = make_incident("inc-1", ["o1", "o2"], kinds=((Kind.UAV_FLIGHT, 1.0),))
    report = daily_report(make_inputs(incidents=(drone,)))
    assert report.attacks == Tally()
    assert report.tally.most == 1


def test_regions_have_the_incidents_of_their_ground_and_the_rest_is_named() -> None:
    inputs = make_inputs()
    away = replace(inputs.incidents[0], place=replace(inputs.incidents[0].place, latitude=55.0))
    report = daily_report(replace(inputs, incidents=(away, *inputs.incidents[1:])))
    assert [row.name for row in report.regions] == ["Eastland", "outside the named regions"]


@pytest.mark.parametrize(
    ("now", "before", "comparable"),
    [(None, None, False), (None, 0.5, False), (0.5, 0.2, False), (0.0, 0.0, False), (0.5, 0.48, True)],
)
def test_periods_compare_only_with_known_and_like_coverage(
    now: float | None, before: float | None, comparable: bool
) -> None:
    inputs = make_inputs()
    report = daily_report(
        replace(
            inputs,
            coverage=make_coverage(inputs.coverage.interval, now),
            previous_coverage=make_coverage(inputs.previous_coverage.interval, before),
        )
    )
    assert (report.incomparable == "") is comparable


def test_missing_member_is_refused_by_name() -> None:
    with pytest.raises(RejectedInput, match="o1"):
        daily_report(make_inputs(observations=()))


def test_coverage_of_other_hours_is_refused() -> None:
    inputs = make_inputs()
    late = Interval(inputs.coverage.interval.start + timedelta(hours=1), inputs.coverage.interval.end)
    with pytest.raises(RejectedInput, match="other hours"):
        daily_report(replace(inputs, coverage=make_coverage(late)))


def test_map_holds_the_line_and_every_incident() -> None:
    report = daily_report(many_inputs(30))
    west, south, east, north = report.frame.bounds
    for entry in report.entries:
        assert west < entry.incident.place.longitude < east
        assert south < entry.incident.place.latitude < north


def test_map_without_line_or_incident_shows_the_pack_s_ground() -> None:
    report = daily_report(make_inputs(agreement=make_agreement(zones=()), incidents=(), assessments=()))
    assert report.frame.bounds == (35.5, 47.0, 38.5, 49.0)
