# SPDX-License-Identifier: Apache-2.0
"""A case before the commission, as it stands after the steps recorded in it.

It holds ids, moments, numbers and leaf indexes; what was said stands in the entries.
The names of persons (``recused``, ``Cast.person``, the keys of ``dissents``) are needed to
decide and are never shown: who may see them is the entries' matter.

Invariants: a clock that began is running, paused, met, stopped or lapsed, never gone; a
person and a place in the commission each vote once on a proposal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from truceline.commission.finding import Ruling
from truceline.commission.steps import (
    Ballot,
    ClauseRef,
    ComplianceResult,
    Disposal,
    Evidence,
    RemedyOrder,
    Tally,
)
from truceline.procedure import Clock

WINDOW = "window:"
"""A clock whose id begins so gives a right that ends with it: nothing is owed, nothing lapses."""


class Phase(StrEnum):
    """How far a case has come."""

    REFERRED = "referred"
    ANSWERING = "answering"
    DELIBERATING = "deliberating"
    VOTING = "voting"
    DECIDED = "decided"
    UNDER_APPEAL = "under_appeal"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Cast:
    """One ballot: by whom, from which seat, and how."""

    person: str
    seat: str
    ballot: Ballot


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposal and the ballots on it.

    Attributes:
        proposal_id: Its number in the case.
        leaf_index: Where it is recorded; its reasons stand there.
        rulings: What is found; empty for one on appeal.
        characterisations: By the pack's ids.
        orders: The remedies.
        appealed: The finding under appeal; empty: a finding of the case.
        disposal: What becomes of the finding under appeal.
        reasons: As proposed; for the commission until it is adopted.
        ballots: In order.
        result: How it came out; None: the vote is open.
    """

    proposal_id: str
    leaf_index: int
    rulings: tuple[Ruling, ...]
    characterisations: tuple[str, ...]
    orders: tuple[RemedyOrder, ...]
    appealed: str
    disposal: Disposal | None
    reasons: str
    ballots: tuple[Cast, ...] = ()
    result: Result | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """How a vote came out, and where that is recorded."""

    leaf_index: int
    at: datetime
    adopted: bool
    tally: Tally


@dataclass(frozen=True, slots=True)
class Order:
    """A remedy that was ordered, and what became of it.

    Attributes:
        order: As the commission ordered it.
        finding_id: With which finding.
        reports: Where its owner's reports are recorded.
        checks: What each check came to, and where it is recorded; the last counts.
    """

    order: RemedyOrder
    finding_id: str
    reports: tuple[int, ...] = ()
    checks: tuple[tuple[int, ComplianceResult], ...] = ()

    @property
    def clock_id(self) -> str:
        """The clock of its deadline, where it has one."""
        return f"remedy:{self.order.order_id}"

    @property
    def result(self) -> ComplianceResult | None:
        """What the last check came to; None: it was not checked."""
        return self.checks[-1][1] if self.checks else None


@dataclass(frozen=True, slots=True)
class AppealMade:
    """An appeal: against which finding, by which party, where it is recorded; when it was decided."""

    finding_id: str
    party: str
    leaf_index: int
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """See the module.

    Attributes:
        case_id: Its number in this mission.
        opened_at: When it was referred.
        leaf_index: Where its referral is recorded.
        referred_by: Who referred it, as capacity and side; ``complainant`` is the party, if one did.
        complainant: The party that referred it; empty: no party did.
        clauses: Which clauses are said to be breached.
        incidents: Which incidents are concerned.
        evidence: Everything that is evidence, frozen.
        notices: By party: where its notice is recorded.
        responses: By party: where its response is recorded.
        rebuttals: By clock: where the rebuttal is recorded.
        silences: By clock: where it is recorded that nobody answered.
        hearings: Where hearings are recorded.
        recused: The persons who stepped aside.
        clocks: Every clock that ever began, by id.
        proposals: By number.
        findings: The numbers of the findings adopted in it.
        set_aside: Those of them that were set aside on appeal.
        orders: The remedies, by id.
        dissents: By finding and person: where the opinion is recorded.
        appeals: In order.
        closed_at: When it was closed; None: it is open.
    """

    case_id: str
    opened_at: datetime
    leaf_index: int
    referred_by: str
    complainant: str
    clauses: tuple[ClauseRef, ...]
    incidents: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    notices: Mapping[str, int] = field(default_factory=dict)
    responses: Mapping[str, int] = field(default_factory=dict)
    rebuttals: Mapping[str, int] = field(default_factory=dict)
    silences: Mapping[str, int] = field(default_factory=dict)
    hearings: tuple[int, ...] = ()
    recused: tuple[str, ...] = ()
    clocks: Mapping[str, Clock] = field(default_factory=dict)
    proposals: Mapping[str, Proposal] = field(default_factory=dict)
    findings: tuple[str, ...] = ()
    set_aside: tuple[str, ...] = ()
    orders: Mapping[str, Order] = field(default_factory=dict)
    dissents: Mapping[str, int] = field(default_factory=dict)
    appeals: tuple[AppealMade, ...] = ()
    closed_at: datetime | None = None

    @property
    def participants(self) -> tuple[str, ...]:
        """The parties to the case: those who were told, and the one that referred it."""
        told = tuple(self.notices)
        return told if self.complainant in ("", *told) else (self.complainant, *told)

    @property
    def open_proposal(self) -> Proposal | None:
        """The proposal on which a vote is open, or None."""
        return next((one for one in self.proposals.values() if one.result is None), None)

    @property
    def open_appeals(self) -> tuple[AppealMade, ...]:
        """The appeals that are not decided."""
        return tuple(one for one in self.appeals if one.decided_at is None)

    @property
    def decided(self) -> bool:
        """Whether it has a finding that was not set aside."""
        return set(self.findings) > set(self.set_aside)

    @property
    def phase(self) -> Phase:
        """How far it has come."""
        if self.closed_at is not None:
            return Phase.CLOSED
        if self.open_proposal is not None:
            return Phase.VOTING
        if self.open_appeals:
            return Phase.UNDER_APPEAL
        if self.decided:
            return Phase.DECIDED
        if not self.notices:
            return Phase.REFERRED
        return Phase.ANSWERING if self.unanswered else Phase.DELIBERATING

    @property
    def unanswered(self) -> tuple[str, ...]:
        """The clocks of responses and rebuttals that are neither answered nor recorded as silence."""
        return tuple(
            name
            for name, clock in self.clocks.items()
            if name.startswith(("response:", "rebuttal:")) and not clock.ended
        )

    def with_clock(self, clock: Clock) -> Case:
        """Return the case with a clock added or replaced."""
        return replace(self, clocks={**self.clocks, clock.clock_id: clock})

    def with_proposal(self, proposal: Proposal) -> Case:
        """Return the case with a proposal added or replaced."""
        return replace(self, proposals={**self.proposals, proposal.proposal_id: proposal})

    def with_order(self, order: Order) -> Case:
        """Return the case with a remedy added or replaced."""
        return replace(self, orders={**self.orders, order.order.order_id: order})
