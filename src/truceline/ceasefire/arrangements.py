# SPDX-License-Identifier: Apache-2.0
"""Arrangements under an agreement: local and temporary ceasefires, corridors, repair windows.

An arrangement is proposed, agreed or declined by each of its sides, and has a window.
What became of it is claimed by several, and every claim stays: nothing is resolved by
counting, and an arrangement of which nobody says anything is *not known*, never *held*.
Places are towns and names, never positions of forces.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from truceline.agreement import Agreement, Rule
from truceline.agreement.terms import Id, Moment, Words
from truceline.interval import Interval
from truceline.procedure import Capacity, Entry, Step, forbidden, require, require_capacity, speaks_for

MISSION = (Capacity.HEAD_OF_MISSION, Capacity.DUTY_OFFICER, Capacity.SECRETARY, Capacity.ANALYST)
"""Those of the mission who record what is reported of an arrangement."""


class Sort(StrEnum):
    """What sort of arrangement it is."""

    LOCAL_CEASEFIRE = "local_ceasefire"
    TEMPORARY_CEASEFIRE = "temporary_ceasefire"
    CORRIDOR = "corridor"
    REPAIR_WINDOW = "repair_window"
    EXCHANGE = "exchange"


class Outcome(StrEnum):
    """What somebody says became of an arrangement."""

    HELD = "held"
    PARTLY = "partly"
    BROKEN = "broken"
    NOT_HELD = "not_held"
    DISPUTED = "disputed"
    NOT_KNOWN = "not_known"


class Consent(StrEnum):
    """Whether a side has agreed, and who says so."""

    AGREED = "agreed"
    REPORTED = "reported"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class ProposeArrangement(Step):
    """Record that an arrangement is proposed.

    Attributes:
        arrangement_id: Its own id.
        sort: What sort it is.
        proposed_by: Who proposes it, in words.
        sides: The parties whose agreement it needs.
        since: From when it is to hold.
        until: Until when.
        from_place: Where it begins: a town; for an area, the area.
        to_place: Where it leads; empty for an area.
        text: What is to hold.
        source: Where it is stated.
    """

    kind: ClassVar[str] = "arrangement"
    name: ClassVar[str] = "propose-arrangement"
    arrangement_id: Id
    sort: Sort
    proposed_by: Words
    sides: Annotated[tuple[Id, ...], Field(min_length=1)]
    since: Moment
    until: Moment
    from_place: Words
    text: Words
    source: Words
    to_place: str = field(default="", kw_only=True)


@dataclass(frozen=True, slots=True)
class AgreeArrangement(Step):
    """Agree to an arrangement as one of its sides, or record that a side is reported to have agreed.

    Attributes:
        arrangement_id: The arrangement.
        side: The party that agrees.
        source: Where it is reported; empty: the side itself says so here.
    """

    kind: ClassVar[str] = "arrangement"
    name: ClassVar[str] = "agree-arrangement"
    arrangement_id: Id
    side: Id
    source: str = field(default="", kw_only=True)


@dataclass(frozen=True, slots=True)
class DeclineArrangement(Step):
    """Decline an arrangement as one of its sides, or record that a side is reported to have declined.

    Attributes:
        arrangement_id: The arrangement.
        side: The party that declines.
        source: Where it is reported; empty: the side itself says so here.
    """

    kind: ClassVar[str] = "arrangement"
    name: ClassVar[str] = "decline-arrangement"
    arrangement_id: Id
    side: Id
    source: str = field(default="", kw_only=True)


@dataclass(frozen=True, slots=True)
class ClaimOutcome(Step):
    """Record what somebody says became of an arrangement.

    Attributes:
        arrangement_id: The arrangement.
        claim_id: The claim's own id.
        by: Who says so.
        outcome: What became of it, as they say.
        source: Where they say it.
        note: Their own word for it, where ours is not the same.
    """

    kind: ClassVar[str] = "arrangement"
    name: ClassVar[str] = "claim-outcome"
    arrangement_id: Id
    claim_id: Id
    by: Words
    outcome: Outcome
    source: Words
    note: str = field(default="", kw_only=True)


@dataclass(frozen=True, slots=True)
class EndArrangement(Step):
    """Record that an arrangement ends before its time.

    Attributes:
        arrangement_id: The arrangement.
        ground: Why.
    """

    kind: ClassVar[str] = "arrangement"
    name: ClassVar[str] = "end-arrangement"
    arrangement_id: Id
    ground: Words


STEPS: tuple[type[Step], ...] = (
    ProposeArrangement, AgreeArrangement, DeclineArrangement, ClaimOutcome, EndArrangement,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class OutcomeClaim:
    """What one source says became of an arrangement; who it is stands in the entry."""

    claim_id: str
    outcome: Outcome
    leaf_index: int


@dataclass(frozen=True, slots=True)
class Arrangement:
    """An arrangement, as recorded.

    Attributes:
        arrangement_id: Its own id.
        sort: What sort it is.
        sides: The parties whose agreement it needs.
        window: When it is to hold.
        leaf_index: Where its proposal is recorded.
        consents: By side: whether it has agreed, and since when that is recorded.
        outcomes: What is said to have become of it, in order.
        ended_at: When it ended before its time; None: it has not.
    """

    arrangement_id: str
    sort: Sort
    sides: tuple[str, ...]
    window: Interval
    leaf_index: int
    consents: Mapping[str, tuple[Consent, datetime]] = field(default_factory=dict)
    outcomes: tuple[OutcomeClaim, ...] = ()
    ended_at: datetime | None = None

    @property
    def agreed(self) -> bool:
        """Whether every side has agreed, or is reported to have."""
        given = [self.consents.get(side, (Consent.DECLINED, None))[0] for side in self.sides]
        return all(one is not Consent.DECLINED for one in given)


@dataclass(frozen=True, slots=True)
class Arrangements:
    """Every arrangement, by id, in order."""

    by_id: Mapping[str, Arrangement] = field(default_factory=dict)


def holds(one: Arrangement, at: datetime) -> bool:
    """Tell whether an arrangement is in force at a moment: agreed by all, in its window, not ended."""
    return one.agreed and one.window.holds(at) and (one.ended_at is None or at < one.ended_at)


def outcome_of(one: Arrangement) -> tuple[Outcome, ...]:
    """Return every outcome that is claimed, each once; more than one: contested; none: not known."""
    said = tuple(dict.fromkeys(claim.outcome for claim in one.outcomes))
    return said or (Outcome.NOT_KNOWN,)


def take(state: Arrangements, entry: Entry, agreement: Agreement) -> Arrangements:
    """Return the arrangements after a step.

    Raises:
        RuleViolation: The step is forbidden.
    """
    match entry.step:
        case ProposeArrangement():
            after = _propose(state, entry, entry.step, agreement)
        case AgreeArrangement():
            after = _consent(state, entry, entry.step, agreement, Consent.AGREED)
        case DeclineArrangement():
            after = _consent(state, entry, entry.step, agreement, Consent.DECLINED)
        case ClaimOutcome():
            after = _claim(state, entry, entry.step, agreement)
        case EndArrangement():
            after = _end(state, entry, entry.step, agreement)
        case other:
            raise TypeError(f"{other.name} is no step of an arrangement")
    return replace(state, by_id={**state.by_id, after.arrangement_id: after})


def _propose(
    state: Arrangements, entry: Entry, step: ProposeArrangement, agreement: Agreement
) -> Arrangement:
    require_capacity(entry, agreement, *MISSION, Capacity.LIAISON, Capacity.GUARANTOR)
    require(
        step.arrangement_id not in state.by_id,
        agreement,
        Rule.ONCE,
        f"There is an arrangement {step.arrangement_id}; propose a change under an id of its own.",
    )
    unknown = [side for side in step.sides if side not in agreement.party_ids()]
    require(
        not unknown and len(set(step.sides)) == len(step.sides),
        agreement,
        Rule.ARRANGEMENT,
        "The sides of an arrangement are parties of the agreement, each named once.",
    )
    require(step.since < step.until, agreement, Rule.ARRANGEMENT, "The window ends before it begins.")
    return Arrangement(
        step.arrangement_id, step.sort, step.sides, Interval(step.since, step.until), entry.leaf_index
    )


def _consent(
    state: Arrangements,
    entry: Entry,
    step: AgreeArrangement | DeclineArrangement,
    agreement: Agreement,
    consent: Consent,
) -> Arrangement:
    one = _known(state, step.arrangement_id, agreement)
    require(
        step.side in one.sides,
        agreement,
        Rule.ARRANGEMENT,
        f"{step.side} is no side of {step.arrangement_id}.",
    )
    itself = entry.who.capacity is Capacity.LIAISON
    if itself:
        require(
            speaks_for(entry.who, agreement, step.side),
            agreement,
            Rule.ON_BEHALF,
            f"{entry.who} cannot speak for {step.side}.",
        )
    else:
        require_capacity(entry, agreement, *MISSION, Capacity.LIAISON)
        require(
            bool(step.source.strip()),
            agreement,
            Rule.ARRANGEMENT,
            "The mission records what a side is reported to have said only with its source.",
        )
        given = one.consents.get(step.side)
        require(
            given is None or given[0] is Consent.REPORTED,
            agreement,
            Rule.ARRANGEMENT,
            f"{step.side} has spoken for itself; a report does not change that.",
        )
        consent = Consent.REPORTED if consent is Consent.AGREED else consent
    _require_open(one, step.arrangement_id, agreement)
    return replace(one, consents={**one.consents, step.side: (consent, entry.at)})


def _claim(state: Arrangements, entry: Entry, step: ClaimOutcome, agreement: Agreement) -> Arrangement:
    one = _known(state, step.arrangement_id, agreement)
    require_capacity(
        entry, agreement, *MISSION, Capacity.LIAISON, Capacity.GUARANTOR, Capacity.MONITOR, Capacity.VERIFIER
    )
    taken = {claim.claim_id for each in state.by_id.values() for claim in each.outcomes}
    require(step.claim_id not in taken, agreement, Rule.ONCE, f"There is a claim {step.claim_id}.")
    claim = OutcomeClaim(step.claim_id, step.outcome, entry.leaf_index)
    return replace(one, outcomes=(*one.outcomes, claim))


def _end(state: Arrangements, entry: Entry, step: EndArrangement, agreement: Agreement) -> Arrangement:
    one = _known(state, step.arrangement_id, agreement)
    side = entry.who.capacity is Capacity.LIAISON and any(
        speaks_for(entry.who, agreement, each) for each in one.sides
    )
    if not side:
        require_capacity(entry, agreement, *MISSION)
    _require_open(one, step.arrangement_id, agreement)
    return replace(one, ended_at=entry.at)


def _known(state: Arrangements, name: str, agreement: Agreement) -> Arrangement:
    one = state.by_id.get(name)
    if one is None:
        raise forbidden(agreement, Rule.KNOWN_MATTER, f"There is no arrangement {name}.")
    return one


def _require_open(one: Arrangement, name: str, agreement: Agreement) -> None:
    require(one.ended_at is None, agreement, Rule.ARRANGEMENT, f"{name} has ended.")
