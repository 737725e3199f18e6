# SPDX-License-Identifier: Apache-2.0
"""Which cases an exercise has, and how far each of them comes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from truceline.agreement import Agreement
from truceline.commission.steps import ComplianceResult, Disposal
from truceline.exercise.cases import BREACH, NO_BREACH, NOT_ATTRIBUTABLE, Docketed, Plan, decides
from truceline.exercise.cast import Cue, members_of

RENEWED: Final = "renewed attack"
"""What the event is staged as that the urgent case is about."""


def cases(agreement: Agreement, begins: datetime, until: datetime) -> Iterator[tuple[Plan, list[Cue]]]:
    """Yield each plan that can be played, with its cues, the oldest case first.

    Left out are plans whose case would begin before the exercise does, and where the
    commission cannot decide, those in which it does.  The accused alternate between the parties.
    """
    parties, cannot = agreement.party_ids(), decides(agreement)
    playable = [
        plan
        for plan in sorted(PLANS, key=lambda one: -one.age_days)
        if until - timedelta(days=plan.age_days) > begins + timedelta(days=1)
        and not (plan.decides and cannot)
    ]
    for number, plan in enumerate(playable):
        if parties:
            case = Docketed(
                agreement, f"the case to be left: {plan.stage}", until - timedelta(days=plan.age_days),
                parties[number % len(parties)], plan.staged, members_of(agreement), parties,
            )  # fmt: skip
            yield plan, [one for one in plan.play(case) if one.at < until]


def _to_hearing(case: Docketed) -> Iterator[Cue]:
    yield from case.referred()
    yield from case.noticed(2)
    yield from case.answered(34)
    yield from case.rebutted(58)
    yield from case.heard(78)


def _to_finding(
    case: Docketed, outcome: str, remedy: int | None = None, *, against: int = 0
) -> Iterator[Cue]:
    yield from _to_hearing(case)
    yield from case.proposed(98, outcome, remedy)
    yield from case.voted(102, against=against)
    yield from case.declared(120)


def _closed(case: Docketed) -> Iterator[Cue]:
    yield from _to_finding(case, BREACH, 0)
    yield from case.reported(150)
    yield from case.checked(170, ComplianceResult.COMPLIED)
    yield from case.closed(24 * 23.5)


def _set_aside(case: Docketed) -> Iterator[Cue]:
    yield from _to_finding(case, BREACH)
    yield from case.appealed(170)
    yield from case.disposed(260, Disposal.SET_ASIDE)


def _not_complied(case: Docketed) -> Iterator[Cue]:
    yield from _to_finding(case, BREACH, 1, against=1)
    yield from case.dissented(130)
    yield from case.checked(24 * 9, ComplianceResult.NOT_COMPLIED)


def _unattributed(case: Docketed) -> Iterator[Cue]:
    yield from _to_finding(case, NOT_ATTRIBUTABLE)


def _appealed(case: Docketed) -> Iterator[Cue]:
    yield from _to_finding(case, BREACH, 2)
    yield from case.appealed(170)


def _no_breach(case: Docketed) -> Iterator[Cue]:
    yield from _to_finding(case, NO_BREACH)


def _silent(case: Docketed) -> Iterator[Cue]:
    yield from case.referred()
    yield from case.noticed(2)
    yield from case.silent(24 * 8.3)
    yield from case.heard(24 * 8.6)
    yield from case.proposed(24 * 8.8, BREACH, 1)
    yield from case.voted(24 * 8.9)
    yield from case.declared(24 * 9.6)


def _urgent(case: Docketed) -> Iterator[Cue]:
    trigger = next((one.trigger.finding for one in case.agreement.guarantees if one.trigger), "")
    yield from case.referred()
    yield from case.noticed(0.5)
    yield from case.answered(3)
    yield from case.rebutted(4)
    yield from case.heard(6)
    yield from case.proposed(7, BREACH, 1, trigger)
    yield from case.voted(7.5)
    yield from case.declared(12)


def _voted(case: Docketed) -> Iterator[Cue]:
    yield from _to_hearing(case)
    yield from case.proposed(98, BREACH, 0)
    yield from case.voted(110)


def _proposed(case: Docketed) -> Iterator[Cue]:
    yield from _to_hearing(case)
    yield from case.proposed(98, BREACH, 0)
    yield from case.voted(104, cast=2)


def _rebutting(case: Docketed) -> Iterator[Cue]:
    yield from case.referred()
    yield from case.noticed(2)
    yield from case.answered(50)


def _awaiting(case: Docketed) -> Iterator[Cue]:
    yield from case.referred()
    yield from case.noticed(2)


PLANS: Final = (
    Plan("closed", 25.6, True, _closed),
    Plan("set aside on appeal", 24.3, True, _set_aside),
    Plan("remedy not complied with, with a dissent", 21.2, True, _not_complied),
    Plan("not attributable", 18.7, True, _unattributed),
    Plan("appealed", 14.4, True, _appealed),
    Plan("no breach", 12.2, True, _no_breach),
    Plan("silence recorded, remedy running", 10.6, True, _silent),
    Plan("voted, result to be declared", 5.7, True, _voted),
    Plan("proposed, vote open", 4.9, True, _proposed),
    Plan("heard", 3.8, False, _to_hearing),
    Plan("in rebuttal", 2.9, False, _rebutting),
    Plan("awaiting response", 1.8, False, _awaiting),
    Plan("urgent: a renewed attack", 0.95, True, _urgent, RENEWED),
    Plan("referred", 0.5, False, Docketed.referred),
)
"""Every plan; the first begin first.  Ages are in days before the end."""
