# SPDX-License-Identifier: Apache-2.0
"""A case as one reader may see it.

The state of a case says when a vote is open and who was barred from it; that is the
commission's.  Whoever does not read the commission's tier is shown a case that is being
deliberated, until its result is declared.  Persons are never shown here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from truceline.agreement import Calendar, Term
from truceline.commission.bench import Docket
from truceline.commission.case import AppealMade, Case, Order, Phase
from truceline.commission.finding import Finding
from truceline.commission.steps import ClauseRef, Evidence, Tally
from truceline.procedure import Clock, ClockState, Entry, Reader, ShownEntry, due, shown, state_of
from truceline.vocabulary import Tier


@dataclass(frozen=True, slots=True)
class ShownClock:
    """A clock as people read it: what is due, by whom, from which zero, and how it stands.

    ``due`` None: it is paused.
    """

    clock_id: str
    owner: str
    zero: datetime
    term: Term
    due: datetime | None
    state: ClockState


@dataclass(frozen=True, slots=True)
class Answer:
    """What a party was told and how it answered; None: not recorded.

    Silence is what it is called, and never assent.
    """

    party: str
    notice: int
    response: int | None
    silence: int | None


@dataclass(frozen=True, slots=True)
class Vote:
    """A vote as the commission reads it; ``adopted`` None: it is open."""

    proposal_id: str
    leaf_index: int
    appealed: str
    ballots: int
    adopted: bool | None
    tally: Tally | None


@dataclass(frozen=True, slots=True)
class ShownCase:
    """A case as one reader may see it; what was said stands in ``entries``."""

    case_id: str
    phase: Phase
    opened_at: datetime
    closed_at: datetime | None
    referred_by: str
    complainant: str
    clauses: tuple[ClauseRef, ...]
    incidents: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    answers: tuple[Answer, ...]
    hearings: tuple[int, ...]
    clocks: tuple[ShownClock, ...]
    votes: tuple[Vote, ...]
    findings: tuple[Finding, ...]
    dissents: int
    orders: tuple[Order, ...]
    appeals: tuple[AppealMade, ...]
    entries: tuple[ShownEntry, ...]


def shown_case(
    case: Case,
    docket: Docket,
    entries: Iterable[Entry],
    reader: Reader,
    calendar: Calendar,
    now: datetime,
) -> ShownCase:
    """Return a case as a reader may see it.

    Args:
        case: The case.
        docket: With the findings.
        entries: Every step of procedure, in the order of the log.
        reader: Who reads.
        calendar: The pack's.
        now: As of when the clocks are shown.
    """
    deliberates = reader.sees(Tier.COMMISSION, "")
    phase = case.phase
    if phase is Phase.VOTING and not deliberates:
        phase = Phase.UNDER_APPEAL if case.open_appeals else Phase.DELIBERATING
    return ShownCase(
        case.case_id,
        phase,
        case.opened_at,
        case.closed_at,
        case.referred_by,
        case.complainant,
        case.clauses,
        case.incidents,
        case.evidence,
        tuple(_answers(case)),
        case.hearings,
        tuple(
            clock_shown(clock, calendar, now)
            for clock in case.clocks.values()
            if deliberates or not clock.clock_id.startswith("vote:")
        ),
        tuple(_votes(case)) if deliberates else (),
        tuple(docket.findings[name] for name in case.findings),
        len(case.dissents),
        tuple(case.orders.values()),
        case.appeals,
        tuple(_entries(case, entries, reader)),
    )


def clock_shown(clock: Clock, calendar: Calendar, now: datetime) -> ShownClock:
    """Return a clock as people read it."""
    return ShownClock(
        clock.clock_id,
        clock.owner,
        clock.zero,
        clock.term,
        due(clock, calendar),
        state_of(clock, calendar, now),
    )


def _answers(case: Case) -> Iterator[Answer]:
    for party, notice in case.notices.items():
        silence = case.silences.get(f"response:{party}")
        yield Answer(party, notice, case.responses.get(party), silence)


def _votes(case: Case) -> Iterator[Vote]:
    for one in case.proposals.values():
        result = one.result
        yield Vote(
            one.proposal_id,
            one.leaf_index,
            one.appealed,
            len(one.ballots),
            None if result is None else result.adopted,
            None if result is None else result.tally,
        )


def _entries(case: Case, entries: Iterable[Entry], reader: Reader) -> Iterator[ShownEntry]:
    for entry in entries:
        if entry.step.kind != "docket" or getattr(entry.step, "case_id", None) != case.case_id:
            continue
        seen = shown(entry, reader)
        if seen is not None:
            yield seen
