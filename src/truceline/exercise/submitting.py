# SPDX-License-Identifier: Apache-2.0
"""What parties submit in an exercise, what they notify, and the arrangements that they make."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from truceline.agreement import Agreement, Gazetteer
from truceline.agreement.notice import Circle
from truceline.ceasefire.arrangements import (
    AgreeArrangement,
    ClaimOutcome,
    DeclineArrangement,
    Outcome,
    ProposeArrangement,
)
from truceline.ceasefire.arrangements import Sort as ArrangementSort
from truceline.commission.steps import ClauseRef
from truceline.exercise.cast import ANALYST, DUTY, SECRETARY, Cue, cue, liaison, others
from truceline.exercise.staging import MARK
from truceline.exercise.truth import TrueEvent
from truceline.parties import (
    Acknowledge,
    Complain,
    GiveConsent,
    Notify,
    SelfReport,
    WithdrawConsent,
    WithdrawNotice,
)
from truceline.parties.steps import ConsentSubject
from truceline.procedure import Step

NOTICE_RADIUS_M: Final = 4_000.0
"""How far around a notified act its notice reaches, metres."""


def notices(events: Sequence[TrueEvent], begins: datetime) -> Iterator[Cue]:
    """Yield a notice for every excepted act, half a day before it; and one that is withdrawn."""
    excepted = [one for one in events if one.exception]
    for number, event in enumerate(excepted):
        at, name = event.at - timedelta(hours=14), f"EXERCISE-notice-{number + 1}"
        if at <= begins:
            continue
        notice = Notify(
            name, event.version, event.clause, event.exception, event.at - timedelta(hours=2),
            event.at + timedelta(hours=3), f"{MARK}. An act that the agreement excepts.",
            circle=Circle(round(event.position[0], 3), round(event.position[1], 3), NOTICE_RADIUS_M),
        )  # fmt: skip
        matter, who = f"the notice {name}", liaison(event.by)
        yield cue(at, matter, who, notice)
        yield cue(at + timedelta(hours=1), matter, SECRETARY, Acknowledge(name, event.by))
        if number == len(excepted) - 1:
            dropped = f"{name}-dropped"
            again = Notify(
                dropped, event.version, event.clause, event.exception, event.at + timedelta(hours=20),
                event.at + timedelta(hours=24), f"{MARK}. Not to be held after all.",
            )  # fmt: skip
            yield cue(at + timedelta(hours=2), f"the notice {dropped}", who, again)
            ground = f"{MARK}. Weather."
            step = WithdrawNotice(dropped, ground)
            yield cue(at + timedelta(hours=6), f"the notice {dropped}", who, step)


def submissions(
    agreement: Agreement, events: Sequence[TrueEvent], gazetteer: Gazetteer, begins: datetime, until: datetime
) -> Iterator[Cue]:
    """Yield complaints of the other side's acts, reports of own ones, consents, and receipts."""
    parties = agreement.party_ids()
    for party in parties:
        for other in others(parties, party)[:1]:
            acts = [one for one in events if one.by == other and not one.exception][::9]
            for number, event in enumerate(acts[:4]):
                yield from _complaint(party, event, number, gazetteer)
        own = [one for one in events if one.by == party and not one.exception][4::25]
        for number, event in enumerate(own[:2]):
            name = f"EXERCISE-report-{party}-{number + 1}"
            told = SelfReport(
                name, (ClauseRef(event.version, event.clause),), event.at,
                f"{MARK}. A crew acted against its orders.", measures=f"{MARK}. It was relieved.",
            )  # fmt: skip
            yield cue(event.at + timedelta(hours=20), f"the report {name}", liaison(party), told)
        yield from _consents(party, begins, until)


def _complaint(party: str, event: TrueEvent, number: int, gazetteer: Gazetteer) -> Iterator[Cue]:
    name = f"EXERCISE-complaint-{party}-{number + 1}"
    made = Complain(
        name, event.by, (ClauseRef(event.version, event.clause),), event.at,
        gazetteer.nearest(*event.position).name, f"{MARK}. An act of the other side.",
        witnesses=f"{MARK}. A person made up for training.",
    )  # fmt: skip
    at, matter = event.at + timedelta(hours=9), f"the complaint {name}"
    yield cue(at, matter, liaison(party), made)
    yield cue(at + timedelta(hours=3), matter, SECRETARY, Acknowledge(name, party, f"{MARK}. Received."))


def _consents(party: str, begins: datetime, until: datetime) -> Iterator[Cue]:
    span, who = until - begins, liaison(party)
    for number, (subject, share) in enumerate(
        ((ConsentSubject.SENSOR, 0.05), (ConsentSubject.FLIGHT, 0.2), (ConsentSubject.INSPECTION, 0.5))
    ):
        name, at = f"EXERCISE-consent-{party}-{number + 1}", begins + span * share
        given = GiveConsent(
            name, subject, f"{MARK}. A {subject.value} of the mission's.", at,
            conditions=f"{MARK}. By day.",
        )  # fmt: skip
        yield cue(at, f"the consent {name}", who, given)
        if subject is ConsentSubject.FLIGHT:
            ground = f"{MARK}. Until further notice."
            yield cue(at + span * 0.5, f"the consent {name}", who, WithdrawConsent(name, ground))


def arrangements(
    agreement: Agreement, gazetteer: Gazetteer, places: Sequence[tuple[float, float]], at: datetime
) -> Iterator[Cue]:
    """Yield a repair window that both sides agree to and whose outcome is contested, and one declined."""
    sides = agreement.party_ids()[:2]
    if len(sides) < 2 or len(places) < 2:
        return
    source = f"{MARK}. Minutes made up for training."
    for number, place in enumerate(places[:2]):
        name, when = f"EXERCISE-repair-{number + 1}", at + timedelta(days=number)
        since = when + timedelta(hours=20)
        town = gazetteer.nearest(*place).name
        proposed = ProposeArrangement(
            name, ArrangementSort.REPAIR_WINDOW, f"{MARK} - the mission", sides, since,
            since + timedelta(hours=8), f"{MARK} - {town}", f"{MARK}. No fire during repairs.", source,
        )  # fmt: skip
        matter = f"the arrangement {name}"
        yield cue(when, matter, DUTY, proposed)
        yield cue(when + timedelta(hours=2), matter, liaison(sides[0]), AgreeArrangement(name, sides[0]))
        answer: Step = DeclineArrangement(name, sides[1]) if number else AgreeArrangement(name, sides[1])
        yield cue(when + timedelta(hours=4), matter, liaison(sides[1]), answer)
        if not number:
            for side, outcome in zip(sides, (Outcome.HELD, Outcome.BROKEN), strict=True):
                claim = ClaimOutcome(name, f"{name}-{side}", f"{MARK} - {side}", outcome, source)
                yield cue(since + timedelta(hours=10), matter, ANALYST, claim)
