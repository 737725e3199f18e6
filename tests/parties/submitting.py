# SPDX-License-Identifier: Apache-2.0
"""EXERCISE: steps that the parties of the valley take, and refusals as tests look at them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.procedure.made import START, Course

from truceline.agreement import Circle, Rule
from truceline.commission.steps import ClauseRef
from truceline.errors import RuleViolation
from truceline.parties import Complain, ConsentSubject, GiveConsent, Notify, SelfReport
from truceline.procedure import Step, Who
from truceline.vocabulary import Kind

FIRE = ClauseRef("first", "fire")
TOMORROW = START + timedelta(days=1)

COMPLAINT = Complain(
    "c-1", "B", (FIRE,), START - timedelta(hours=2), "EXERCISE, at the mill", "EXERCISE: shots were fired",
    witnesses="EXERCISE: the miller",
)  # fmt: skip
REPORT = SelfReport("r-1", (FIRE,), START - timedelta(hours=3), "EXERCISE: a shot went off by mistake")
DEMINING = Notify(
    "n-1", "first", "fire", "demining", TOMORROW, TOMORROW + timedelta(hours=8), "EXERCISE: mines",
    (Kind.EXPLOSION_UNDETERMINED,), circle=Circle(48.5, 38.0, 5000.0),
)  # fmt: skip
CONSENT = GiveConsent(
    "k-1", ConsentSubject.FLIGHT, "EXERCISE: an unmanned aircraft over the ford", START, TOMORROW
)


def refused(course: Course, who: Who, step: Step) -> str:
    """Take a step that must be refused; return the rule that forbids it, and change nothing."""
    before = course.state
    with pytest.raises(RuleViolation) as caught:
        course.take(who, step)
    assert course.state is before
    return caught.value.rule


def words_of_refusal(course: Course, who: Who, step: Step) -> str:
    """Take a step that must be refused; return what is said about it."""
    with pytest.raises(RuleViolation) as caught:
        course.take(who, step)
    return caught.value.summary


def demining(**changes: object) -> Notify:
    """Return the notice of the exercise, changed."""
    return replace(DEMINING, **changes)  # type: ignore[arg-type]


__all__ = [
    "COMPLAINT", "CONSENT", "DEMINING", "FIRE", "REPORT", "TOMORROW", "Rule", "demining", "refused",
    "words_of_refusal",
]  # fmt: skip
