# SPDX-License-Identifier: Apache-2.0
"""Arrangements: agreed by every side, and what is said to have become of them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.procedure.made import DUTY, LIAISON_A, LIAISON_B, START, Course, X

from truceline.ceasefire.arrangements import (
    AgreeArrangement,
    Arrangement,
    ClaimOutcome,
    Consent,
    DeclineArrangement,
    EndArrangement,
    Outcome,
    ProposeArrangement,
    Sort,
    holds,
    outcome_of,
)
from truceline.errors import RuleViolation

DAY = timedelta(days=1)
CORRIDOR = ProposeArrangement(
    "corridor-1", Sort.CORRIDOR, "The mission", ("A", "B"), START, START + DAY, "One town",
    "People may leave.", "EXERCISE", to_place="Another town",
)  # fmt: skip


def proposed() -> Course:
    course = Course()
    course.take(DUTY, CORRIDOR)
    return course


def it(course: Course) -> Arrangement:
    return course.state.arrangements.by_id["corridor-1"]


def test_it_holds_once_every_side_has_agreed_and_in_its_window_alone() -> None:
    course = proposed()
    course.take(LIAISON_A, AgreeArrangement("corridor-1", "A"))
    assert not holds(it(course), START)
    course.take(LIAISON_B, AgreeArrangement("corridor-1", "B"))
    assert holds(it(course), START)
    assert not holds(it(course), START + DAY)
    assert not holds(it(course), START - DAY)


def test_a_report_of_consent_is_told_from_consent_and_needs_its_source() -> None:
    course = proposed()
    with pytest.raises(RuleViolation, match="only with its source"):
        course.take(DUTY, AgreeArrangement("corridor-1", "A"))
    course.take(DUTY, AgreeArrangement("corridor-1", "A", source="A newspaper"))
    assert it(course).consents["A"][0] is Consent.REPORTED
    course.take(LIAISON_A, DeclineArrangement("corridor-1", "A"))
    assert not it(course).agreed
    with pytest.raises(RuleViolation, match="spoken for itself"):
        course.take(DUTY, AgreeArrangement("corridor-1", "A", source="A newspaper"))


def test_no_side_speaks_for_the_other() -> None:
    with pytest.raises(RuleViolation) as refusal:
        proposed().take(LIAISON_B, AgreeArrangement("corridor-1", "A"))
    assert refusal.value.rule == "on_behalf"


def test_every_account_of_its_outcome_stays_and_silence_is_not_known() -> None:
    course = proposed()
    assert outcome_of(it(course)) == (Outcome.NOT_KNOWN,)
    course.take(LIAISON_A, ClaimOutcome("corridor-1", "one", "A", Outcome.HELD, "Its statement"))
    course.take(LIAISON_B, ClaimOutcome("corridor-1", "two", "B", Outcome.BROKEN, "Its statement"))
    assert outcome_of(it(course)) == (Outcome.HELD, Outcome.BROKEN)
    with pytest.raises(RuleViolation, match="There is a claim"):
        course.take(LIAISON_B, ClaimOutcome("corridor-1", "two", "B", Outcome.HELD, "Another"))


def test_it_ends_before_its_time_by_a_side_or_the_mission_and_once() -> None:
    course = proposed()
    with pytest.raises(RuleViolation):
        course.take(X, EndArrangement("corridor-1", "Because."))
    course.take(LIAISON_B, EndArrangement("corridor-1", "Fire on the road."))
    assert not holds(it(course), course.now + timedelta(hours=1))
    with pytest.raises(RuleViolation, match="has ended"):
        course.take(DUTY, EndArrangement("corridor-1", "Again."))


def test_its_window_and_its_sides_must_make_sense() -> None:
    course = Course()
    turned = ProposeArrangement("c", Sort.CORRIDOR, "M", ("A",), START + DAY, START, "T", "X", "S")
    with pytest.raises(RuleViolation, match="before it begins"):
        course.take(DUTY, turned)
    strangers = ProposeArrangement("c", Sort.CORRIDOR, "M", ("A", "X"), START, START + DAY, "T", "X", "S")
    with pytest.raises(RuleViolation, match="parties of the agreement"):
        course.take(DUTY, strangers)
