# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import dataclasses
import math
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import LineString, box

from truceline.agreement import load_pack
from truceline.agreement.model import (
    Agreement,
    Clause,
    ClauseException,
    DistanceRule,
    SourceFamily,
    Validity,
    Version,
    Zone,
)
from truceline.assessment import assess, status_of
from truceline.fusion.model import Incident
from truceline.geodesy import Ellipse
from truceline.interval import Interval
from truceline.observation.model import Count, Observation
from truceline.vocabulary import CountQualifier, Kind, SourceKind, Status

BLANK = load_pack(Path(__file__).resolve().parents[2] / "packs" / "blank")
START = datetime(2025, 4, 20, 6, tzinfo=UTC)
ALWAYS = Validity(since=datetime(2025, 1, 1, tzinfo=UTC))


def observation(
    name: str, family: str, *, origin: str | None = None, weapon: str | None = None
) -> Observation:
    return Observation(
        name, family, SourceKind.NEWS, family, Interval(START), 60.0, Ellipse(48.0, 37.5, 500.0, 500.0), "X",
        Kind.ARTILLERY, Count(CountQualifier.UNCOUNTED), START + timedelta(hours=1), origin,
        details=() if weapon is None else (("weapon_class", weapon),),
    )  # fmt: skip


def incident(
    *, when: Interval | None = None, kind: Kind = Kind.ARTILLERY, sigma_m: float = 500.0
) -> Incident:
    return Incident(
        "inc-1", Ellipse(48.0, 37.5, sigma_m, sigma_m), when or Interval(START, START + timedelta(hours=1)),
        ((kind, 0.8), (Kind.LULL, 0.2)), None, None, 2, 2, 0.9, ("a", "b"),
    )  # fmt: skip


def clause(**changes: object) -> Clause:
    base = Clause(
        id="c1", title="No fire", text="No fire.", source="Article 1", binds=("A", "B"),
        kinds=(Kind.ATTACK_UNSPECIFIED,), valid=ALWAYS,
    )  # fmt: skip
    return base.model_copy(update=changes)


def zone(zone_id: str, west: float, east: float, *, since: datetime | None = None) -> Zone:
    valid = Interval(since or datetime(2025, 1, 1, tzinfo=UTC))
    return Zone(zone_id, zone_id, "zone", box(west, 47.0, east, 49.0), 1.0, valid, "drawn for a test")


def agreement(*clauses: Clause, zones: tuple[Zone, ...] = ()) -> Agreement:
    families = tuple(
        SourceFamily(id=name, name=name, independence_group=group, source_kind=SourceKind.NEWS)
        for name, group in (("press_a", "A"), ("officials_a", "A"), ("press_b", "B"), ("channel", "none"))
    )
    version = Version(
        id="v1", title="Text", source="Article", authoritative_language="en", valid=ALWAYS, clauses=clauses
    )
    return dataclasses.replace(BLANK, versions=(version,), families=families, zones=zones)


PAIR = (observation("a", "press_a"), observation("b", "press_b"))


def test_the_probability_is_the_product_of_its_factors() -> None:
    (one,) = assess(incident(), PAIR, agreement(clause()))
    assert [factor.name for factor in one.factors] == ["real", "kind", "place", "interval", "exception"]
    assert one.probability == pytest.approx(math.prod(factor.probability for factor in one.factors), abs=1e-6)
    assert one.probability == pytest.approx(0.9 * 0.8)


def test_a_clause_that_speaks_of_none_of_its_kinds_does_not_assess_it() -> None:
    assert assess(incident(), PAIR, agreement(clause(kinds=(Kind.MORTAR,)))) == ()
    assert assess(incident(kind=Kind.CASUALTY), PAIR, agreement(clause())) == ()


def test_the_place_is_judged_by_the_zone_then_in_force() -> None:
    old = dataclasses.replace(
        zone("area", 37.0, 38.0), valid=Interval(datetime(2025, 1, 1, tzinfo=UTC), START - timedelta(days=1))
    )
    new = zone("area", 40.0, 41.0, since=START - timedelta(days=1))
    (one,) = assess(incident(), PAIR, agreement(clause(zone="area"), zones=(old, new)))
    assert one.factors[2].probability == pytest.approx(0.0, abs=1e-6)


def test_half_an_ellipse_in_the_zone_is_a_half() -> None:
    (one,) = assess(incident(), PAIR, agreement(clause(zone="area"), zones=(zone("area", 37.5, 39.0),)))
    assert one.factors[2].probability == pytest.approx(0.5, abs=1e-3)


def test_only_the_hours_in_force_count() -> None:
    half = clause(valid=Validity(since=START + timedelta(minutes=30)))
    (one,) = assess(incident(), PAIR, agreement(half))
    assert one.factors[3].probability == pytest.approx(0.5)


def test_a_clause_that_was_not_yet_in_force_is_not_assessed() -> None:
    later = clause(valid=Validity(since=START + timedelta(days=1)))
    assert assess(incident(), PAIR, agreement(later)) == ()


def test_an_exception_is_left_to_people_and_named() -> None:
    excepted = clause(exceptions=(ClauseException(id="x", text="announced demining"),))
    (one,) = assess(incident(), PAIR, agreement(excepted))
    assert one.factors[4].probability == 1.0
    assert "announced demining" in one.factors[4].ground


def test_a_weapon_is_judged_by_the_distance_of_its_own_class() -> None:
    line = Zone(
        "line", "Line", "line", LineString([(37.5, 47.0), (37.5, 49.0)]), 1.0, Interval(ALWAYS.since), "test"
    )
    rule = clause(
        kinds=(Kind.WEAPON_PRESENCE,),
        distance=DistanceRule(line="line", minimum_km={"mortar": 15.0, "mlrs": 70.0}),
    )
    seen = dataclasses.replace(incident(kind=Kind.WEAPON_PRESENCE), place=Ellipse(48.0, 37.9, 500.0, 500.0))
    found = {
        weapon: assess(seen, [observation("a", "press_a", weapon=weapon)], agreement(rule, zones=(line,)))[0]
        for weapon in ("mortar", "mlrs", None)
    }
    assert found["mlrs"].factors[2].probability == pytest.approx(1.0, abs=1e-3)
    assert found["mortar"].factors[2].probability == pytest.approx(0.0, abs=1e-3)
    assert "class not stated" in found[None].factors[2].ground


def test_two_groups_corroborate_and_one_does_not() -> None:
    pack = agreement(clause())
    assert status_of(PAIR, pack) is Status.CORROBORATED
    own = (observation("a", "press_a"), observation("b", "officials_a"))
    assert status_of(own, pack) is Status.ALLEGED


def test_a_relay_of_the_other_side_does_not_corroborate() -> None:
    relay = (observation("a", "press_a", origin="o1"), observation("b", "press_b", origin="o1"))
    assert status_of(relay, agreement(clause())) is Status.ALLEGED


def naming(name: str, family: str, side: str, **changes: str) -> Observation:
    details = tuple(sorted({"attributed_by_source_to": side, **changes}.items()))
    return dataclasses.replace(observation(name, family), details=details)


def test_accounts_that_accuse_each_other_do_not_corroborate() -> None:
    pack = agreement(clause())
    assert status_of((naming("a", "press_a", "B"), naming("b", "press_b", "A")), pack) is Status.ALLEGED
    assert status_of((naming("a", "press_a", "B"), naming("b", "press_b", "B")), pack) is Status.CORROBORATED
    assert status_of((naming("a", "press_a", "B"), observation("b", "press_b")), pack) is Status.CORROBORATED


def test_a_denial_does_not_corroborate() -> None:
    denial = naming("b", "press_b", "", contradicts="yes")
    assert status_of((naming("a", "press_a", "B"), denial), agreement(clause())) is Status.ALLEGED


def test_families_that_the_pack_does_not_know_corroborate_nobody() -> None:
    unknown = (observation("a", "blog-a"), observation("b", "blog-b"), observation("c", "press_a"))
    assert status_of(unknown, agreement(clause())) is Status.ALLEGED


def test_a_family_in_no_group_corroborates_nobody() -> None:
    pair = (observation("a", "press_a"), observation("b", "channel"))
    assert status_of(pair, agreement(clause())) is Status.ALLEGED


def test_one_source_under_two_families_does_not_corroborate_itself() -> None:
    own = tuple(
        dataclasses.replace(observation(name, family), source_id="ministry")
        for name, family in (("a", "press_a"), ("b", "press_b"))
    )
    assert status_of(own, agreement(clause())) is Status.ALLEGED


def test_an_origin_carried_early_by_another_group_corroborates_nothing() -> None:
    """Somebody repeats a real statement under another family, with an earlier time."""
    real = observation("b", "press_b", origin="o1")
    hijack = dataclasses.replace(
        observation("a", "press_a", origin="o1"), received_at=real.received_at - timedelta(days=1)
    )
    second = observation("c", "press_b", origin="o2")
    assert status_of((real, hijack, second), agreement(clause())) is Status.ALLEGED


def test_no_assessment_ever_says_verified() -> None:
    many = [observation(f"o{number}", family) for number in range(50) for family in ("press_a", "press_b")]
    (one,) = assess(incident(), many, agreement(clause()))
    assert one.status in {Status.ALLEGED, Status.CORROBORATED}


@given(
    st.permutations(
        [*PAIR, observation("c", "officials_a", origin="o"), observation("d", "press_b", origin="o")]
    )
)
def test_an_assessment_does_not_depend_on_the_order_of_members(members: list[Observation]) -> None:
    pack = agreement(clause())
    assert assess(incident(), members, pack) == assess(
        incident(), sorted(members, key=lambda one: one.observation_id), pack
    )
