# SPDX-License-Identifier: Apache-2.0
"""The course of an exercise: every cue, in the order of time, and what has no part in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from truceline.agreement import Agreement, Gazetteer
from truceline.exercise import guaranteeing, inquiring, submitting
from truceline.exercise.cases import appointments, decides
from truceline.exercise.cast import Cue
from truceline.exercise.ground import Ground
from truceline.exercise.plans import PLANS, cases
from truceline.exercise.truth import TrueEvent


@dataclass(frozen=True, slots=True)
class Course:
    """What people do in an exercise.

    Attributes:
        cues: In the order of time.
        stages: By a case, in words: the stage that it is to be brought to.
        left_out: What has no part in this exercise, and why.
    """

    cues: Sequence[Cue]
    stages: Mapping[str, str]
    left_out: Sequence[str]


def course_of(
    agreement: Agreement,
    ground: Ground,
    events: Sequence[TrueEvent],
    gazetteer: Gazetteer,
    begins: datetime,
    until: datetime,
    rng: np.random.Generator,
) -> Course:
    """Return the course between two moments.

    Args:
        agreement: The agreement, as staged.
        ground: Where arrangements are made.
        events: What really happens.
        gazetteer: Names places.
        begins: The exercise's first moment.
        until: Its last.
        rng: What every draw comes from.
    """
    span = until - begins
    early = begins + timedelta(hours=4)
    cues = [
        *guaranteeing.standing(agreement, begins),
        *appointments(agreement, early),
        *guaranteeing.offices(agreement, early),
        *guaranteeing.gates(agreement, begins + span * 0.05),
        *guaranteeing.force(agreement, begins, span, rng),
        *guaranteeing.joining(agreement, begins + span * 0.5),
        *guaranteeing.support(agreement, begins, span, rng),
        *submitting.notices(events, begins),
        *submitting.submissions(agreement, events, gazetteer, begins, until),
        *submitting.arrangements(agreement, gazetteer, ground.hot, begins + span * 0.3),
        *inquiring.inquiries(agreement.party_ids(), begins, until),
    ]
    stages: dict[str, str] = {}
    for plan, played in cases(agreement, begins, until):
        cues += played
        matter = played[0].matter
        stages[matter] = plan.stage
        if plan.staged and agreement.guarantees:
            decided = until - timedelta(days=plan.age_days) + timedelta(hours=12.5)
            cues += guaranteeing.owed(agreement, matter, decided)
    within = [one for one in cues if begins <= one.at < until]
    ordered = sorted(within, key=lambda one: one.at)  # stable: of one moment, in the order above
    return Course(ordered, stages, tuple(_left_out(agreement, ground, begins, until, set(stages.values()))))


def _left_out(
    agreement: Agreement, ground: Ground, begins: datetime, until: datetime, played: set[str]
) -> Iterator[str]:
    cannot = decides(agreement)
    if cannot:
        yield f"decisions of the commission: {cannot}"
    short = [
        plan.stage for plan in PLANS if plan.stage not in played and not (plan.decides and cannot)
    ]  # fmt: skip
    if short:
        yield f"cases that need more days: {'; '.join(short)}"
    if not agreement.guarantees:
        yield "gates, sign-offs, obligations and support: the agreement has no guarantees"
    if agreement.force is None:
        yield "contingents and hubs: the agreement sets up no force"
    if guaranteeing.newcomer(agreement, begins + (until - begins) * 0.5) is None:
        yield "a member that joins: the agreement names nobody without a role, or has no guarantees"
    if not any(exception.needs_notice for _, clause in ground.clauses for exception in clause.exceptions):
        yield "notified acts: no clause has an exception that needs notice"
    if ground.line is None:
        yield "coverage of a line: the agreement draws none"
