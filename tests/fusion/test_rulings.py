# SPDX-License-Identifier: Apache-2.0
"""What people ruled on reports goes before anything that the engine computes."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fusion.making import NOON, report, table_of
from tests.fusion.test_engine import reports

from truceline.fusion import DEFAULT, ENGINE, ENGINE_WITH_RULINGS, Rulings, fuse
from truceline.interval import Interval
from truceline.observation.model import Observation


def home_of(name: str, *given_reports: Observation, rulings: Rulings = Rulings()) -> tuple[str, ...]:  # noqa: B008 - frozen
    made = fuse(table_of(*given_reports), DEFAULT, rulings)
    return next(one.members for one in made.incidents if name in one.members)


def test_reports_that_must_be_one_event_are_one_however_far_apart() -> None:
    near, far = report("near"), report("far", metres=(40_000.0, 0.0), after_s=7_200.0)
    assert home_of("near", near, far) == ("near",)
    assert home_of("near", near, far, rulings=Rulings(together=(("far", "near"),))) == ("far", "near")


def test_reports_that_cannot_be_one_event_are_two_however_close() -> None:
    one, two = report("one"), report("two", source="other")
    assert home_of("one", one, two) == ("one", "two")
    assert home_of("one", one, two, rulings=Rulings(apart=(("one", "two"),))) == ("one",)


def test_what_one_must_be_apart_from_its_companions_must_too() -> None:
    three = [report(name, source=name) for name in ("a", "b", "c")]
    ruled = Rulings(together=(("a", "b"),), apart=(("b", "c"),))
    assert home_of("c", *three, rulings=ruled) == ("c",)
    assert home_of("a", *three, rulings=ruled) == ("a", "b")


def test_a_ruled_report_belongs_for_certain_and_names_no_runner_up() -> None:
    pair = [
        report("one"),
        report("two", metres=(30_000.0, 0.0)),
        report("three", source="third", metres=(15_000.0, 0.0)),
    ]
    made = fuse(table_of(*pair), DEFAULT, Rulings(together=(("one", "two"),)))
    by_id = {link.observation_id: link for link in made.memberships}
    assert (by_id["two"].probability, by_id["two"].runner_up_id) == (1.0, None)


def test_times_that_exclude_each_other_are_spanned_and_not_refused() -> None:
    early = report("early", when=Interval(NOON, NOON + timedelta(hours=1)))
    late = report("late", when=Interval(NOON + timedelta(hours=5), NOON + timedelta(hours=6)))
    made = fuse(table_of(early, late), DEFAULT, Rulings(together=(("early", "late"),)))
    (one,) = made.incidents
    assert one.when.start < NOON + timedelta(hours=2)
    assert one.when.last > NOON + timedelta(hours=4)


def test_the_engine_says_whether_anything_was_ruled() -> None:
    table = table_of(report("one"), report("two"))
    assert fuse(table).engine == ENGINE
    assert fuse(table, DEFAULT, Rulings(without=frozenset({"gone"}))).engine == ENGINE_WITH_RULINGS


@settings(max_examples=60, deadline=None)
@given(reports(), st.data())
def test_every_ruling_holds_and_every_report_is_somewhere(
    given_reports: list[Observation], data: st.DataObject
) -> None:
    names = [one.observation_id for one in given_reports]
    pairs = st.tuples(st.sampled_from(names), st.sampled_from(names)).filter(lambda pair: pair[0] != pair[1])
    several = st.lists(pairs, max_size=3) if len(names) > 1 else st.just([])
    together = data.draw(several)
    group = {name: {name} for name in names}
    for one, other in together:
        joined = group[one] | group[other]
        for name in joined:
            group[name] = joined
    # Contradictions never reach the engine: the rules of review refuse them.
    apart = [pair for pair in data.draw(several) if pair[1] not in group[pair[0]]]
    made = fuse(table_of(*given_reports), DEFAULT, Rulings(tuple(together), tuple(apart)))
    home = {name: one.incident_id for one in made.incidents for name in one.members}
    assert sorted(home) == sorted(names)
    assert all(home[one] == home[other] for one, other in together)
    assert all(home[one] != home[other] for one, other in apart)
    assert {link.observation_id: link.incident_id for link in made.memberships} == home


@settings(max_examples=30, deadline=None)
@given(reports(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing_under_rulings(
    given_reports: list[Observation], chance: object
) -> None:
    names = [one.observation_id for one in given_reports]
    ruled = Rulings(together=((names[0], names[-1]),)) if len(names) > 1 else Rulings()
    shuffled = list(given_reports)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # a random.Random
    assert fuse(table_of(*shuffled), DEFAULT, ruled) == fuse(table_of(*given_reports), DEFAULT, ruled)
