# SPDX-License-Identifier: Apache-2.0
"""How the agreement stands: determined by those who may, claimed by anybody."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.procedure.made import DUTY, HEAD, LIAISON_A, START, Course, valley

from truceline.ceasefire.standing import (
    FOLLOWS,
    ClaimState,
    DetermineState,
    State,
    contested,
    has_entered_into_force,
    history,
    in_force,
    state_at,
)
from truceline.errors import RuleViolation
from truceline.procedure import Capacity, Who

UNDECIDED = replace(valley(), in_force=())


def determined(course: Course, state: State, at: datetime | None = None) -> None:
    course.take(HEAD, DetermineState(state, at or course.now, "A protocol."))


def test_the_pack_rules_until_something_is_determined() -> None:
    course = Course()
    assert state_at(course.state.standing, course.agreement, START) is State.IN_FORCE
    assert state_at(course.state.standing, course.agreement, datetime(2029, 1, 1, tzinfo=UTC)) is State.SIGNED
    determined(course, State.SUSPENDED)
    assert state_at(course.state.standing, course.agreement, course.now) is State.SUSPENDED
    assert in_force(course.state.standing, course.agreement, START - timedelta(days=1))
    assert [one.state for one in history(course.state.standing, course.agreement)] == [
        State.IN_FORCE,
        State.SUSPENDED,
    ]


def test_what_has_ended_once_was_in_force() -> None:
    course = Course()
    determined(course, State.ENDED)
    assert has_entered_into_force(course.state.standing, course.agreement, course.now)
    assert not in_force(course.state.standing, course.agreement, course.now)


def test_an_entry_into_force_may_be_determined_ahead_and_nothing_else() -> None:
    course = Course(UNDECIDED)
    ahead = course.now + timedelta(days=2)
    determined(course, State.IN_FORCE, ahead)
    assert not in_force(course.state.standing, course.agreement, course.now)
    assert in_force(course.state.standing, course.agreement, ahead)
    with pytest.raises(RuleViolation, match="ahead of its time"):
        determined(course, State.ENDED, ahead + timedelta(days=1))


@pytest.mark.parametrize("who", [DUTY, LIAISON_A, Who("somebody", Capacity.MONITOR)])
def test_only_those_whom_the_pack_names_determine(who: Who) -> None:
    with pytest.raises(RuleViolation) as refusal:
        Course().take(who, DetermineState(State.ENDED, START, "Because."))
    assert refusal.value.rule == "capacity"


def test_claims_are_kept_and_those_that_differ_are_contested() -> None:
    course = Course()
    day = timedelta(days=1)
    for name, state, at in (
        ("one", State.SIGNED, START - day),
        ("two", State.SIGNED, START),
        ("three", State.ENDED, START + day),
    ):
        course.take(LIAISON_A, ClaimState(name, state, at, "A paper", "Its issue"))
    assert [one.claim_id for one in contested(course.state.standing)] == ["one", "two"]
    assert state_at(course.state.standing, course.agreement, START) is State.IN_FORCE


def test_a_claim_has_an_id_of_its_own_and_a_determination_names_claims_that_there_are() -> None:
    course = Course()
    claim = ClaimState("one", State.SIGNED, START, "A paper", "Its issue")
    course.take(DUTY, claim)
    with pytest.raises(RuleViolation, match="There is a claim"):
        course.take(DUTY, claim)
    with pytest.raises(RuleViolation, match="No claim is recorded"):
        course.take(HEAD, DetermineState(State.ENDED, START, "Because.", ("two",)))


@given(st.lists(st.tuples(st.sampled_from(list(State)), st.integers(0, 100)), max_size=12))
def test_no_sequence_leads_to_a_state_that_may_not_follow(steps: list[tuple[State, int]]) -> None:
    course, rules = Course(UNDECIDED), set()
    for state, hours in steps:
        course.wait(hours=hours)
        try:
            determined(course, state)
        except RuleViolation as refusal:
            rules.add(refusal.rule)
    assert rules <= {"state"}
    reached = [one.state for one in course.state.standing.determinations]
    moments = [one.at for one in course.state.standing.determinations]
    assert moments == sorted(set(moments))
    before = State.SIGNED
    for number, state in enumerate(reached):
        assert state in FOLLOWS[before] or (number == 0 and state is before)
        before = state
