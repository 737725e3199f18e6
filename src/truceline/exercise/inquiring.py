# SPDX-License-Identifier: Apache-2.0
"""What verifiers look into in an exercise: two verified, others not, unable to, or still open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from truceline.exercise.cast import VERIFIERS, Cue, Scene
from truceline.exercise.staging import MARK
from truceline.procedure import Step
from truceline.review import steps as review

OUTCOMES: Final[tuple[review.Outcome | None, ...]] = (
    "verified", "not_verified", "unable_to_verify", "verified", None, "verified", None, None,
)  # fmt: skip
"""What each inquiry comes to, in their order; None: it is still open in the end."""


def inquiries(parties: Sequence[str], begins: datetime, until: datetime) -> Iterator[Cue]:
    """Yield the inquiries, spread over the exercise, into acts of each party in turn."""
    for number, outcome in enumerate(OUTCOMES):
        at = begins + (until - begins) * (0.12 + 0.11 * number)
        yield from _inquiry(f"the inquiry {number + 1}", parties[number % len(parties)], outcome, at)


def _inquiry(matter: str, party: str, outcome: review.Outcome | None, at: datetime) -> Iterator[Cue]:
    first, second = VERIFIERS

    def opened(scene: Scene) -> Step | None:
        found = scene.matter(party, "")
        if found is None:
            return None
        scene.known[matter] = found.incident
        return review.OpenInquiry(found.incident, f"{MARK}. Several sources tell of it.")

    def tasked(scene: Scene) -> Step | None:
        where = _seen(scene, matter)
        due = scene.now + timedelta(days=1)
        task = f"{MARK}. Look for craters and fragments; talk to those who live there."
        return where and review.TaskPatrol(where[0], task, due, seen=where[1])

    def asked(scene: Scene) -> Step | None:
        where = _seen(scene, matter)
        due = scene.now + timedelta(days=2)
        question = f"{MARK}. Which of your units was there at that hour?"
        return where and review.AskForEvidence(where[0], party, question, due, seen=where[1])

    def told(scene: Scene) -> Step | None:
        where = _seen(scene, matter)
        if where is None:
            return None
        requests = scene.state.review.inquiries[where[0]].requests
        request = next(iter(requests), None)
        result = f"{MARK}. The patrol went and looked."
        return None if request is None else review.ReportBack(where[0], request, result, seen=where[1])

    def proposed(scene: Scene) -> Step | None:
        where = _seen(scene, matter)
        standards = scene.agreement.commission.standards
        standard = standards[0].id if standards else None
        if where is None or outcome is None:
            return None
        reason = f"{MARK}. What the patrol found, beside the reports."
        return review.ProposeStatus(where[0], outcome, reason, standard, seen=where[1])

    def confirmed(scene: Scene) -> Step | None:
        where = _seen(scene, matter)
        reason = f"{MARK}. I looked at the reports and at what the patrol found."
        return where and review.ConfirmStatus(where[0], reason, seen=where[1])

    yield Cue(at, matter, first, opened)
    yield Cue(at + timedelta(hours=1), matter, first, tasked)
    yield Cue(at + timedelta(hours=2), matter, first, asked)
    if outcome is not None:
        yield Cue(at + timedelta(hours=20), matter, first, told)
        yield Cue(at + timedelta(hours=22), matter, first, proposed)
        yield Cue(at + timedelta(hours=23), matter, second, confirmed)


def _seen(scene: Scene, matter: str) -> tuple[str, int] | None:
    """Return the incident of an inquiry, and the latest step on it; None: it was not opened."""
    incident = scene.known.get(matter)
    inquiry = scene.state.review.inquiries.get(incident or "")
    return None if incident is None or inquiry is None else (incident, inquiry.last)
