# SPDX-License-Identifier: Apache-2.0
"""A notice lessens a breach as far as it covers it, shows that it does, and gives nothing away."""

from __future__ import annotations

import dataclasses
import itertools
import math
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import box

from truceline.agreement import (
    Agreement,
    Circle,
    Clause,
    ClauseException,
    Notice,
    Validity,
    Version,
    Zone,
    load_pack,
)
from truceline.assessment import Assessment, Factor, assess
from truceline.fusion.model import Incident
from truceline.geodesy import Ellipse
from truceline.interval import Interval
from truceline.vocabulary import Kind

BLANK = load_pack(Path(__file__).resolve().parents[2] / "packs" / "blank")
START = datetime(2025, 4, 20, 6, tzinfo=UTC)
HOUR = timedelta(hours=1)
ALWAYS = Validity(since=datetime(2025, 1, 1, tzinfo=UTC))

DEMINING = ClauseException(
    id="demining", text="Announced demining", kinds=(Kind.EXPLOSION_UNDETERMINED, Kind.MINE_BLAST)
)
HERE, FAR = Circle(48.0, 37.5, 10_000.0), Circle(49.0, 37.5, 10_000.0)


def incident(*kinds: tuple[Kind, float], when: Interval | None = None, sigma_m: float = 500.0) -> Incident:
    return Incident(
        "inc-1", Ellipse(48.0, 37.5, sigma_m, sigma_m), when or Interval(START, START + HOUR),
        kinds or ((Kind.EXPLOSION_UNDETERMINED, 1.0),), None, None, 2, 2, 0.9, ("a", "b"),
    )  # fmt: skip


def notice(**changes: object) -> Notice:
    base = Notice(
        "A", "v1", "fire", "demining", Interval(START - HOUR, START + 2 * HOUR), (), None, HERE, 123
    )
    return dataclasses.replace(base, **changes)  # type: ignore[arg-type]


def agreement(*exceptions: ClauseException, zones: tuple[Zone, ...] = (), **changes: object) -> Agreement:
    clause = Clause(
        id="fire", title="No fire", text="No fire.", source="Article 1", binds=("A", "B"),
        kinds=(Kind.ATTACK_UNSPECIFIED,), valid=ALWAYS, exceptions=exceptions or (DEMINING,),
    ).model_copy(update=changes)  # fmt: skip
    version = Version(
        id="v1", title="Text", source="Article", authoritative_language="en", valid=ALWAYS, clauses=(clause,)
    )
    return dataclasses.replace(BLANK, versions=(version,), zones=zones)


def zone(zone_id: str, west: float, east: float, valid: Interval | None = None) -> Zone:
    since = valid or Interval(datetime(2025, 1, 1, tzinfo=UTC))
    return Zone(zone_id, zone_id, "zone", box(west, 47.0, east, 49.5), 1.0, since, "drawn for a test")


def judged(event: Incident, pack: Agreement, *notices: Notice) -> Assessment:
    (one,) = assess(event, (), pack, notices)
    return one


def exception(event: Incident, pack: Agreement, *notices: Notice) -> Factor:
    factor = judged(event, pack, *notices).factors[4]
    assert factor.name == "exception"
    return factor


def test_a_notice_covers_an_explosion_in_its_hours_and_place() -> None:
    factor = exception(incident(), agreement(), notice())
    assert factor.probability == pytest.approx(0.0, abs=1e-6)
    assert factor.ground == (
        "record 123 notifies an exception that covers it with probability 1.00; for people to weigh"
    )


@pytest.mark.parametrize("other", [
    notice(circle=FAR), notice(interval=Interval(START + 2 * HOUR, START + 3 * HOUR)),
    notice(interval=Interval(START - 9 * HOUR, START - HOUR)), notice(kinds=(Kind.MINE_BLAST,)),
    notice(clause="weapons"), notice(version="v2"), notice(exception="parade"), notice(zone="nowhere"),
])  # fmt: skip
def test_a_notice_of_something_else_changes_nothing(other: Notice) -> None:
    assert judged(incident(), agreement(), other) == judged(incident(), agreement())
    assert "no notice recorded" in exception(incident(), agreement(), other).ground


def test_without_a_notice_the_exception_is_named_as_before() -> None:
    factor = exception(incident(), agreement())
    assert (factor.probability, factor.ground) == (
        1.0, "no notice recorded that would cover it; for people to weigh: Announced demining",
    )  # fmt: skip


def test_a_clause_without_exceptions_knows_no_notice() -> None:
    (clause,) = agreement().versions[0].clauses
    bare = clause.model_copy(update={"exceptions": ()})
    version = agreement().versions[0].model_copy(update={"clauses": (bare,)})
    pack = dataclasses.replace(agreement(), versions=(version,))
    assert exception(incident(), pack, notice()) == Factor("exception", 1.0, "the clause has no exception")


def test_only_the_hours_that_a_notice_holds_are_covered() -> None:
    half = notice(interval=Interval(START + HOUR / 2, START + 5 * HOUR))
    assert exception(incident(), agreement(), half).probability == pytest.approx(0.5)


def test_hours_before_the_clause_was_in_force_need_no_notice() -> None:
    later = agreement(valid=Validity(since=START + HOUR / 2))
    half = notice(interval=Interval(START + HOUR / 2, START + 5 * HOUR))
    one = judged(incident(), later, half)
    assert (one.factors[3].probability, one.factors[4].probability) == (0.5, 0.0)


def test_a_moment_is_covered_or_not() -> None:
    moment = incident(when=Interval(START, START))
    assert exception(moment, agreement(), notice()).probability == 0.0
    assert exception(moment, agreement(), notice(interval=Interval(START - HOUR, START))).probability == 1.0


def test_only_the_kinds_of_the_notice_are_covered() -> None:
    mixed = incident((Kind.EXPLOSION_UNDETERMINED, 0.5), (Kind.MINE_BLAST, 0.3), (Kind.ARTILLERY, 0.2))
    assert exception(mixed, agreement(), notice()).probability == pytest.approx(0.2)
    mines = notice(kinds=(Kind.MINE_BLAST,))
    assert exception(mixed, agreement(), mines).probability == pytest.approx(0.7)


def test_a_kind_that_the_clause_does_not_forbid_needs_no_notice() -> None:
    beside = incident((Kind.EXPLOSION_UNDETERMINED, 0.6), (Kind.LULL, 0.4))
    one = judged(beside, agreement(), notice())
    assert (one.factors[1].probability, one.factors[4].probability) == (0.6, 0.0)


def test_a_wider_word_is_not_covered_by_a_narrower_notice() -> None:
    assert exception(incident((Kind.ATTACK_UNSPECIFIED, 1.0)), agreement(), notice()).probability == 1.0


def test_an_exception_that_lists_no_kinds_covers_all_of_the_clause() -> None:
    any_kind = ClauseException(id="demining", text="Anything announced")
    assert exception(incident((Kind.ARTILLERY, 1.0)), agreement(any_kind), notice()).probability == 0.0


def test_a_notice_never_covers_kinds_beyond_its_exception() -> None:
    bold = notice(kinds=(Kind.ATTACK_UNSPECIFIED,))
    assert exception(incident((Kind.ARTILLERY, 1.0)), agreement(), bold).probability == 1.0


def test_half_an_ellipse_in_the_notified_zone_is_half_covered() -> None:
    pack = agreement(zones=(zone("ford", 37.5, 39.0),))
    factor = exception(incident(), pack, notice(zone="ford", circle=None))
    assert factor.probability == pytest.approx(0.5, abs=1e-3)
    assert "probability 0.50" in factor.ground


def test_a_zone_and_a_circle_must_both_hold_it() -> None:
    pack = agreement(zones=(zone("ford", 37.5, 39.0),))
    assert exception(incident(), pack, notice(zone="ford")).probability == pytest.approx(0.5, abs=1e-3)
    assert exception(incident(), pack, notice(zone="ford", circle=FAR)).probability == 1.0


def test_an_exception_holds_in_its_own_zone_alone() -> None:
    narrow = DEMINING.model_copy(update={"zone": "ford"})
    anywhere = notice(circle=None)
    here, there = zone("ford", 37.0, 38.0), zone("ford", 40.0, 41.0)
    assert exception(incident(), agreement(narrow, zones=(here,)), anywhere).probability == 0.0
    assert exception(incident(), agreement(narrow, zones=(there,)), anywhere).probability == 1.0


def test_a_zone_that_was_not_in_force_covers_nothing() -> None:
    old = zone("ford", 37.0, 38.0, Interval(ALWAYS.since, START - HOUR))
    pack = agreement(zones=(old,))
    assert exception(incident(), pack, notice(zone="ford", circle=None)).probability == 1.0


def test_the_clauses_own_zone_is_weighed_once() -> None:
    pack = agreement(DEMINING.model_copy(update={"zone": "area"}), zones=(zone("area", 37.5, 39.0),),
                     zone="area")  # fmt: skip
    one = judged(incident(), pack, notice(zone="area"))
    assert one.factors[2].probability == pytest.approx(0.5, abs=1e-3)
    assert one.factors[4].probability == pytest.approx(0.0, abs=1e-6)


def test_the_notice_that_covers_best_counts_and_they_do_not_add_up() -> None:
    first = notice(interval=Interval(START, START + HOUR / 2), leaf_index=7)
    second = notice(interval=Interval(START + HOUR / 4, START + HOUR), leaf_index=8)
    for order in itertools.permutations((first, second)):
        factor = exception(incident(), agreement(), *order)
        assert factor.probability == pytest.approx(0.25)
        assert factor.ground.startswith("record 8 ")


def test_of_two_alike_the_earlier_record_is_named_whatever_their_order() -> None:
    for order in itertools.permutations((notice(leaf_index=7), notice(leaf_index=8))):
        assert exception(incident(), agreement(), *order).ground.startswith("record 7 ")


def test_an_incident_that_is_covered_stays_with_every_factor() -> None:
    covered, plain = judged(incident(), agreement(), notice()), judged(incident(), agreement())
    assert covered.factors[:4] == plain.factors[:4]
    assert covered.status is plain.status
    assert (covered.probability, plain.probability) == (0.0, 0.9)


def test_the_ground_tells_neither_party_nor_time_nor_place() -> None:
    zones = (zone("ford", 37.0, 38.0),)
    said = {
        exception(incident(), agreement(zones=zones), notice(party=party, zone=place, interval=hours)).ground
        for party in ("A", "B")
        for place in (None, "ford")
        for hours in (Interval(START, START + HOUR), Interval(START - 9 * HOUR, START + 9 * HOUR))
    }
    assert len(said) == 1


def test_next_to_nothing_is_not_said_to_be_nothing() -> None:
    sliver = notice(interval=Interval(START, START + timedelta(seconds=4)))
    assert "probability under 0.01" in exception(incident(), agreement(), sliver).ground


hours = st.floats(-3, 3).map(lambda number: START + timedelta(seconds=round(3600 * number)))
kinds = st.lists(st.sampled_from(list(Kind)), max_size=3).map(tuple)
notices = st.builds(
    lambda ends, kinds, zone, circle, leaf: notice(
        interval=Interval(min(ends), max(ends)), kinds=kinds, zone=zone, circle=circle, leaf_index=leaf
    ),
    st.tuples(hours, hours), kinds, st.sampled_from([None, "ford", "nowhere"]),
    st.none() | st.builds(Circle, st.floats(47.9, 48.1), st.floats(37.4, 37.6), st.floats(10, 20_000)),
    st.integers(0, 9),
)  # fmt: skip


@given(st.lists(notices, max_size=5), st.floats(1, 20_000), st.tuples(hours, hours))
def test_notices_only_ever_lessen_and_the_factors_still_multiply(
    given_notices: list[Notice], sigma_m: float, ends: tuple[datetime, datetime]
) -> None:
    pack = agreement(zones=(zone("ford", 37.5, 39.0),))
    event = incident((Kind.MINE_BLAST, 0.7), (Kind.MORTAR, 0.3), when=Interval(min(ends), max(ends)),
                     sigma_m=sigma_m)  # fmt: skip
    plain, one = judged(event, pack), judged(event, pack, *given_notices)
    assert 0.0 <= one.factors[4].probability <= 1.0
    assert one.factors[:4] == plain.factors[:4]
    assert one.probability == pytest.approx(math.prod(each.probability for each in one.factors), abs=1e-6)
    assert judged(event, pack, *reversed(given_notices)).probability == one.probability
    assert one.factors[4].probability >= 0.3 - 1e-6
