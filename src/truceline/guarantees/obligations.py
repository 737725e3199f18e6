# SPDX-License-Identifier: Apache-2.0
"""Obligations: what a sign-off opened for one guarantor, and what people did about it.

The program executes nothing and recommends nothing.  It records, in the broad words of
the declaration itself, what a guarantor says that it did, and shows it beside the clocks.
There is no field here for a target, a unit or a place.

Invariants: steps are recorded while an obligation is open, by its own guarantor; each
clock is answered once; lateness is shown and never refused; an obligation whose finding
falls away is not removed: people decide what follows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar, Final

from pydantic import Field

from truceline.agreement import Agreement, Rule, Term
from truceline.agreement.terms import Id, Moment, Words
from truceline.commission.finding import Finding, FindingStanding
from truceline.procedure import (
    Capacity,
    Clock,
    Entry,
    Step,
    forbidden,
    require,
    require_capacity,
    require_own_side,
    within,
)
from truceline.vocabulary import Tier

LONGEST_HOURS: Final = 87_600
"""Hours of the longest clock: ten years, as for every term of a pack."""


class Sort(StrEnum):
    """What a response was, in the broad words of the declaration."""

    CONSULTATION = "consultation"
    DIPLOMATIC = "diplomatic"
    SANCTIONS = "sanctions"
    INTELLIGENCE_AND_LOGISTICAL_SUPPORT = "intelligence_and_logistical_support"
    MILITARY_CAPABILITIES = "military_capabilities"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class RecordConsultation(Step):
    """Record that a guarantor consulted others on an obligation.

    Attributes:
        obligation: Its id, e.g. ``obligation-1``.
        with_whom: Whom it consulted.
        held_at: When.
        note: What came of it; empty: nothing is said.
    """

    kind: ClassVar[str] = "guarantee"
    name: ClassVar[str] = "record-consultation"
    tier: ClassVar[Tier] = Tier.PARTIES
    obligation: Id
    with_whom: Words
    held_at: Moment
    note: str = field(default="", metadata=within(Tier.COMMISSION), kw_only=True)


@dataclass(frozen=True, slots=True)
class RecordResponse(Step):
    """Record what a guarantor did, after it did it.

    Attributes:
        obligation: Its id, e.g. ``obligation-1``.
        sort: What sort of response it was.
        at: When it was made.
        clock_hours: Which clock it answers, by its hours; None: none.
        note: What was done; empty: nothing is said.
    """

    kind: ClassVar[str] = "guarantee"
    name: ClassVar[str] = "record-response"
    obligation: Id
    sort: Sort
    at: Moment
    clock_hours: Annotated[int, Field(ge=1, le=LONGEST_HOURS)] | None = None
    note: str = field(default="", metadata=within(Tier.COMMISSION), kw_only=True)


@dataclass(frozen=True, slots=True)
class CloseObligation(Step):
    """Close an obligation; clocks that nobody answered stop.

    Attributes:
        obligation: Its id, e.g. ``obligation-1``.
        ground: Why: it is fulfilled, its finding was set aside, it was opened by mistake.
    """

    kind: ClassVar[str] = "guarantee"
    name: ClassVar[str] = "close-obligation"
    obligation: Id
    ground: Words


STEPS: tuple[type[Step], ...] = (RecordConsultation, RecordResponse, CloseObligation)


@dataclass(frozen=True, slots=True)
class Response:
    """That a response was recorded.

    Attributes:
        leaf_index: Where, with what was done.
        at: When it was made.
        clock_hours: Which clock it answers; None: none.
    """

    leaf_index: int
    at: datetime
    clock_hours: int | None


class Ending(StrEnum):
    """How an obligation came to be no longer open."""

    CLOSED = "closed"
    SIGN_OFF_WITHDRAWN = "sign_off_withdrawn"


@dataclass(frozen=True, slots=True)
class Closing:
    """That an obligation is no longer open.

    Attributes:
        how: Closed by its guarantor, or by the office that withdrew its sign-off.
        at: When.
        leaf_index: Where that is recorded, with its ground.
    """

    how: Ending
    at: datetime
    leaf_index: int


@dataclass(frozen=True, slots=True)
class Obligation:
    """What one guarantor owes under one commitment, since an office signed off on a finding.

    Attributes:
        obligation_id: Its running number, e.g. ``obligation-1``.
        commitment: The commitment's id in the pack.
        guarantor: Whom it binds.
        finding_id: The finding that it rests on.
        office: The office that signed off.
        zero: From when its clocks run.
        opened_at: When it was signed off.
        leaf_index: Where that is recorded.
        clocks: One for each of the commitment's terms.
        responses: What was recorded of responses, in order.
        closing: How it ended; None: it is open.
    """

    obligation_id: str
    commitment: str
    guarantor: str
    finding_id: str
    office: str
    zero: datetime
    opened_at: datetime
    leaf_index: int
    clocks: tuple[Clock, ...]
    responses: tuple[Response, ...] = ()
    closing: Closing | None = None

    @property
    def open(self) -> bool:
        """Whether it is open."""
        return self.closing is None

    def ended(self, closing: Closing) -> Obligation:
        """Return the obligation, no longer open; what nobody answered stops."""
        clocks = tuple(clock if clock.ended else clock.stopped(closing.at) for clock in self.clocks)
        return replace(self, clocks=clocks, closing=closing)


class Ground(StrEnum):
    """What has become of the finding that an obligation rests on."""

    STANDS = "stands"
    UNDER_APPEAL = "under_appeal"
    SET_ASIDE = "set_aside"
    NOT_KNOWN = "not_known"


def ground_of(obligation: Obligation, findings: Mapping[str, Finding]) -> Ground:
    """Return what has become of an obligation's finding.

    Where it stands no more the obligation stays, with its clocks: whether to close it is
    for people to decide.
    """
    finding = findings.get(obligation.finding_id)
    if finding is None:
        return Ground.NOT_KNOWN
    match finding.standing:
        case FindingStanding.ADOPTED | FindingStanding.UPHELD:
            return Ground.STANDS
        case FindingStanding.UNDER_APPEAL:
            return Ground.UNDER_APPEAL
        case FindingStanding.SET_ASIDE:
            return Ground.SET_ASIDE


def without_ground(
    obligations: Iterable[Obligation], findings: Mapping[str, Finding]
) -> tuple[Obligation, ...]:
    """Return the open obligations whose finding does not stand now: people have to look at them."""
    return tuple(one for one in obligations if one.open and ground_of(one, findings) is not Ground.STANDS)


def entries_about(entries: Iterable[Entry], obligation: Obligation) -> tuple[Entry, ...]:
    """Return the entries that opened an obligation and that were recorded against it, in order.

    What a reader may see of them is decided entry by entry (``procedure.sight``).
    """
    leaves = {obligation.leaf_index} | ({obligation.closing.leaf_index} if obligation.closing else set())
    return tuple(
        entry
        for entry in entries
        if entry.leaf_index in leaves
        or (
            isinstance(entry.step, RecordConsultation | RecordResponse)
            and entry.step.obligation == obligation.obligation_id
        )
    )


def clocks_from(zero: datetime, hours: Iterable[int], owner: str) -> tuple[Clock, ...]:
    """Return one clock for each number of hours; each at most ``LONGEST_HOURS``."""
    return tuple(Clock(f"{one}h", owner, zero, Term(hours=one)) for one in dict.fromkeys(hours))


def take(obligation: Obligation | None, entry: Entry, agreement: Agreement) -> Obligation:
    """Return an obligation after a step against it.

    Args:
        obligation: The one that the step names; None: there is no such obligation.
        entry: The step, and who took it when.
        agreement: The pack in force when it is taken.

    Raises:
        RuleViolation: The step is forbidden.
    """
    if obligation is None:
        raise forbidden(agreement, Rule.KNOWN_MATTER, "No such obligation is recorded; look up its number.")
    require_capacity(entry, agreement, Capacity.GUARANTOR)
    require_own_side(entry, agreement, obligation.guarantor)
    require(
        obligation.open,
        agreement,
        Rule.OBLIGATION,
        f"{obligation.obligation_id} is closed; it takes no more.",
    )
    match entry.step:
        case RecordConsultation(held_at=moment):
            _require_past(moment, entry, agreement)
            return obligation
        case RecordResponse():
            return _respond(obligation, entry, entry.step, agreement)
        case CloseObligation():
            return obligation.ended(Closing(Ending.CLOSED, entry.at, entry.leaf_index))
        case other:
            raise TypeError(f"{other.name} is no step against an obligation")


def _require_past(moment: datetime, entry: Entry, agreement: Agreement) -> None:
    require(
        moment <= entry.at,
        agreement,
        Rule.OBLIGATION,
        "What has not happened yet is not recorded; record it once it is done.",
    )


def _respond(obligation: Obligation, entry: Entry, step: RecordResponse, agreement: Agreement) -> Obligation:
    _require_past(step.at, entry, agreement)
    responses = (*obligation.responses, Response(entry.leaf_index, step.at, step.clock_hours))
    if step.clock_hours is None:
        return replace(obligation, responses=responses)
    place = next((at for at, one in enumerate(obligation.clocks) if one.term.hours == step.clock_hours), None)
    if place is None:
        raise forbidden(
            agreement,
            Rule.OBLIGATION,
            f"{obligation.obligation_id} has no clock of {step.clock_hours} h; "
            "leave the clock out, or name one that runs.",
        )
    clock = obligation.clocks[place]
    require(
        not clock.ended,
        agreement,
        Rule.OBLIGATION,
        f"The clock of {step.clock_hours} h of {obligation.obligation_id} is answered already.",
    )
    require(
        step.at >= clock.zero,
        agreement,
        Rule.OBLIGATION,
        "What was done before a clock ran does not answer it; record it without naming a clock.",
    )
    clocks = (*obligation.clocks[:place], clock.met(step.at), *obligation.clocks[place + 1 :])
    return replace(obligation, clocks=clocks, responses=responses)
