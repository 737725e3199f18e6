# SPDX-License-Identifier: Apache-2.0
"""What holds for every fusion."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from benchmarks.generate import generate
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fusion.making import DAY, HOME, NOON, groups, only, report, rows_of, table_of

from truceline.errors import RejectedInput
from truceline.fusion import DEFAULT, Fusion, FusionSettings, fuse
from truceline.fusion.reports import believable
from truceline.geodesy import distance_m
from truceline.observation.model import Observation
from truceline.vocabulary import Kind, SourceKind

EXERCISE = fuse(generate(400, 5)[0])

words = st.sampled_from([Kind.MORTAR, Kind.EXPLOSION_UNDETERMINED, Kind.SMALL_ARMS, Kind.LULL])


@st.composite
def reports(draw: st.DrawFn) -> list[Observation]:
    """Draw a handful of reports that crowd together, relays and day-only ones among them."""
    return [
        report(
            f"r{number}",
            source=draw(st.sampled_from("abcd")),
            metres=(draw(st.integers(-3, 3)) * 400.0, draw(st.integers(-3, 3)) * 400.0),
            sigma_m=draw(st.sampled_from([100.0, 500.0, 5_000.0])),
            after_s=draw(st.integers(-3, 3)) * 60.0,
            when=draw(st.sampled_from([None, None, DAY])),
            kind=draw(words),
            origin=draw(st.sampled_from([None, None, "p", "q"])),
            received_s=draw(st.sampled_from([3_600.0, 7_200.0])),
        )
        for number in range(draw(st.integers(1, 9)))
    ]


@settings(max_examples=40, deadline=None)
@given(reports(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(given_reports: list[Observation], chance: object) -> None:
    shuffled = list(given_reports)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # a random.Random
    assert fuse(table_of(*shuffled)) == fuse(table_of(*given_reports))


def test_the_order_of_a_whole_exercise_changes_nothing() -> None:
    table, _ = generate(400, 5)
    assert fuse(rows_of(table, list(reversed(range(len(table)))))) == EXERCISE


@settings(max_examples=40, deadline=None)
@given(reports())
def test_every_report_is_a_member_of_exactly_one_incident(given_reports: list[Observation]) -> None:
    fusion = fuse(table_of(*given_reports))
    members = [name for incident in fusion.incidents for name in incident.members]
    assert sorted(members) == sorted(one.observation_id for one in given_reports)
    home = {name: incident.incident_id for incident in fusion.incidents for name in incident.members}
    assert {one.observation_id: one.incident_id for one in fusion.memberships} == home


@settings(max_examples=40, deadline=None)
@given(reports())
def test_probabilities_are_probabilities(given_reports: list[Observation]) -> None:
    fusion = fuse(table_of(*given_reports))
    for one in fusion.memberships:
        assert one.probability >= 0
        assert one.runner_up_probability >= 0
        assert one.probability + one.runner_up_probability <= 1 + 1e-6
    for incident in fusion.incidents:
        assert 0 < incident.probability_real < 1
        assert sum(share for _, share in incident.kinds) == pytest.approx(1, abs=1e-9)


def test_incident_ids_are_unique_and_memberships_sorted() -> None:
    names = [incident.incident_id for incident in EXERCISE.incidents]
    assert names == sorted(set(names))
    assert [one.observation_id for one in EXERCISE.memberships] == sorted(
        one.observation_id for one in EXERCISE.memberships
    )


def test_a_runner_up_is_another_incident_that_exists() -> None:
    names = {incident.incident_id for incident in EXERCISE.incidents}
    rivals = [one for one in EXERCISE.memberships if one.runner_up_id is not None]
    assert rivals
    assert all(one.runner_up_id in names - {one.incident_id} for one in rivals)


def test_the_terms_add_up_to_the_log_odds_against_a_new_incident() -> None:
    fusion = fuse(table_of(report("a"), report("b", metres=(200.0, 0.0), after_s=20)))
    one = fusion.memberships[0]
    log_odds = one.space + one.time + one.type + one.intensity + one.prior
    assert one.runner_up_id is None
    assert one.probability == pytest.approx(1 / (1 + np.exp(-log_odds)), abs=1e-5)


def test_a_later_report_leaves_the_incident_its_id() -> None:
    before = only(fuse(table_of(report("a"))))
    after = only(fuse(table_of(report("a"), report("b", received_s=9_000))))
    assert after.reports == 2
    assert after.incident_id == before.incident_id


def test_no_reports_are_no_incidents() -> None:
    assert fuse(table_of()) == Fusion((), (), EXERCISE.engine, DEFAULT.as_numbers())


def test_a_lone_report_is_an_incident_with_its_own_ellipse_and_time() -> None:
    one = report("a", sigma_m=800.0, minor_m=200.0, azimuth_deg=30.0, sigma_s=60.0, counted=(3, 5))
    incident = only(fuse(table_of(one)))
    assert (incident.place.sigma_major_m, incident.place.sigma_minor_m) == (800.0, 200.0)
    assert incident.place.azimuth_deg == pytest.approx(30.0)
    assert incident.when.start == NOON - timedelta(seconds=60)
    assert incident.when.end == NOON + timedelta(seconds=60)
    assert (incident.count_min, incident.count_max) == (3, 5)
    assert incident.kinds[0][0] is Kind.MORTAR


def test_reports_of_one_event_by_different_sources_are_one_incident() -> None:
    incident = only(
        fuse(
            table_of(
                report("a"),
                report("b", source_kind=SourceKind.CAMERA, metres=(250.0, 100.0), after_s=20),
                report("c", source_kind=SourceKind.ACOUSTIC, kind=Kind.EXPLOSION_UNDETERMINED, after_s=-15),
            )
        )
    )
    assert (incident.reports, incident.independent_sources) == (3, 3)
    assert incident.kinds[0][0] is Kind.MORTAR


def test_the_sharper_report_dominates_the_ellipse() -> None:
    incident = only(fuse(table_of(report("a", sigma_m=100.0), report("b", metres=(900, 0), sigma_m=900.0))))
    assert distance_m(incident.place.centre, HOME) < 50
    assert incident.place.sigma_major_m < 100


def test_a_bearing_and_a_distance_from_two_sides_cross() -> None:
    # One knows the easting, the other the northing: together they know both.
    north = report("a", sigma_m=2_000.0, minor_m=100.0, azimuth_deg=0.0)
    east = report("b", sigma_m=2_000.0, minor_m=100.0, azimuth_deg=90.0)
    assert only(fuse(table_of(north, east))).place.sigma_major_m < 110


def test_a_day_only_report_fits_without_sharpening_the_time() -> None:
    sharp = report("a", sigma_s=60.0)
    day = report("b", source_kind=SourceKind.NEWS, when=DAY, sigma_s=0.0, sigma_m=3_000.0)
    assert only(fuse(table_of(sharp, day))).when == only(fuse(table_of(sharp))).when


def test_a_day_only_report_of_another_day_is_another_incident() -> None:
    day = report("b", when=DAY, sigma_s=0.0, sigma_m=3_000.0)
    assert len(fuse(table_of(report("a", after_s=86_400.0), day)).incidents) == 2


def test_a_satellite_that_saw_later_heat_fits_an_earlier_instant() -> None:
    seen = report(
        "b",
        source_kind=SourceKind.SATELLITE,
        kind=Kind.THERMAL_HOTSPOT,
        when=DAY,
        sigma_s=0.0,
        metres=(200.0, 0.0),
    )
    assert only(fuse(table_of(report("a"), seen))).reports == 2


@pytest.mark.parametrize(
    "kind", [Kind.LULL, Kind.HUMANITARIAN, Kind.CASUALTY, Kind.AIR_RAID_ALERT, Kind.UAV_FLIGHT]
)
def test_what_is_not_an_attack_never_joins_one(kind: Kind) -> None:
    fusion = fuse(table_of(report("a"), report("b"), report("c", kind=kind), report("d", kind=kind)))
    assert groups(fusion) == {frozenset("ab"), frozenset("cd")}


def test_two_sources_far_apart_in_time_are_two_incidents() -> None:
    assert len(fuse(table_of(report("a"), report("b", after_s=3_600))).incidents) == 2


def test_a_vague_report_between_many_incidents_stays_alone_and_names_its_runner_up() -> None:
    around = [
        report(f"{east}/{hour}", metres=(east * 4_000.0, 0.0), after_s=hour * 3_600.0)
        for east in (-1, 0, 1)
        for hour in (-3, -1, 1, 3)
    ]
    vague = report("vague", source_kind=SourceKind.NEWS, when=DAY, sigma_s=0.0, sigma_m=5_000.0)
    fusion = fuse(table_of(*around, vague))
    (link,) = (one for one in fusion.memberships if one.observation_id == "vague")
    assert frozenset({"vague"}) in groups(fusion)
    assert link.runner_up_id is not None


def test_numbers_stated_stay_an_interval() -> None:
    incident = only(fuse(table_of(report("a", counted=(3, 3)), report("b", counted=(10, 12)))))
    assert (incident.count_min, incident.count_max) == (3, 12)


def test_a_number_without_an_upper_end_leaves_the_interval_open() -> None:
    incident = only(fuse(table_of(report("a", counted=(3, 3)), report("b", counted=(10, None)))))
    assert (incident.count_min, incident.count_max) == (3, None)


def test_more_independent_sources_make_an_incident_more_probably_real() -> None:
    one = only(fuse(table_of(report("a"))))
    two = only(fuse(table_of(report("a"), report("b"))))
    assert two.probability_real > one.probability_real


def test_across_the_date_line_one_event_stays_one() -> None:
    table = table_of(report("a"), report("b"))
    incident = only(fuse(replace(table, longitude=np.array([179.999, -179.999]))))
    assert abs(incident.place.longitude) > 179.9


def test_identical_reports_by_different_sources_are_one_incident() -> None:
    assert only(fuse(table_of(*(report(f"r{i}") for i in range(30))))).reports == 30


def test_a_burst_at_one_instant_over_many_places_stays_many_incidents() -> None:
    burst = [report(f"r{i}", metres=(i * 6_000.0, 0.0), sigma_m=200.0) for i in range(15)]
    assert len(fuse(table_of(*burst)).incidents) == 15


def test_huge_uncertainty_neither_fails_nor_joins_everything() -> None:
    huge = report("huge", sigma_m=2e6, sigma_s=1e9)
    fusion = fuse(table_of(report("a"), report("b", after_s=86_400), huge))
    assert frozenset({"huge"}) in groups(fusion)


def test_no_declared_uncertainty_counts_as_the_floor() -> None:
    assert only(fuse(table_of(report("a", sigma_m=0.0, sigma_s=0.0), report("b")))).reports == 2


def test_a_result_names_its_engine_and_settings() -> None:
    chosen = FusionSettings(sigma_inflation=1.5)
    fusion = fuse(table_of(report("a")), chosen)
    assert fusion.engine == "likelihood-2"
    assert dict(fusion.settings)["sigma_inflation"] == 1.5


def test_settings_that_cannot_work_are_refused_with_every_fault() -> None:
    with pytest.raises(RejectedInput) as refusal:
        FusionSettings(sigma_floor_m=0.0, time_floor_s=-1.0, scales=())
    assert {fault.path for fault in refusal.value.faults} == {"sigma_floor_m", "time_floor_s", "scales"}


@pytest.mark.parametrize("kind", [SourceKind.PARTY, SourceKind.NEWS, SourceKind.PUBLIC])
def test_words_that_claim_a_millimetre_do_not_take_over_an_incidents_place(kind: SourceKind) -> None:
    patrols = [report(f"p{number}", sigma_m=150.0) for number in range(2)]
    boast = report("boast", source_kind=kind, metres=(300.0, 0.0), sigma_m=0.001, sigma_s=0.0)
    alone, told = only(fuse(table_of(*patrols))), only(fuse(table_of(*patrols, boast)))
    assert told.reports == 3
    assert distance_m(told.place.centre, alone.place.centre) < 30.0
    assert told.place.sigma_minor_m > 0.9 * alone.place.sigma_minor_m


@pytest.mark.parametrize(
    ("kind", "metres", "seconds"),
    [
        (SourceKind.PARTY, 500.0, 60.0),
        (SourceKind.NEWS, 500.0, 60.0),
        (SourceKind.PUBLIC, 500.0, 60.0),
        (SourceKind.PATROL, 10.0, 1.0),
        (SourceKind.CAMERA, 10.0, 1.0),
    ],
)
def test_no_lone_report_is_published_finer_than_its_kind_can_know(
    kind: SourceKind, metres: float, seconds: float
) -> None:
    found = only(fuse(table_of(report("a", source_kind=kind, sigma_m=0.001, sigma_s=0.0))))
    assert (found.place.sigma_major_m, found.place.sigma_minor_m) == (metres, metres)
    assert found.when.duration.total_seconds() >= 2 * seconds


def test_a_source_that_claims_no_more_than_its_kind_can_know_is_taken_at_its_word() -> None:
    day = report("a", source_kind=SourceKind.NEWS, sigma_m=5_000.0, sigma_s=0.0, when=DAY)
    exact = report("b", sigma_m=120.0, sigma_s=5.0)
    table = table_of(day, exact)
    taken = believable(table, FusionSettings())
    assert taken.to_arrow().equals(table.to_arrow())


def test_least_sigmas_stand_beside_the_result() -> None:
    numbers = dict(fuse(table_of(report("a"))).settings)
    assert numbers["words_least_sigma_m"] == 500.0
    assert numbers["words_least_sigma_s"] == 60.0
    assert numbers["instruments_least_sigma_m"] == 10.0
    assert numbers["instruments_least_sigma_s"] == 1.0
