# SPDX-License-Identifier: Apache-2.0
"""How the agreement stands: proposed, signed, in force, suspended, ended; and who claims what of it.

Claims are kept side by side and decide nothing.  A determination, by those whom the pack
names, rules from its own moment on; before the first, the pack's intervals in force do.
A ceasefire may be determined to enter into force at a moment that lies ahead, and nothing
else may.
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
from truceline.procedure import Capacity, Entry, Step, require, require_capacity, within
from truceline.vocabulary import Tier


class State(StrEnum):
    """How an agreement stands."""

    PROPOSED = "proposed"
    SIGNED = "signed"
    IN_FORCE = "in_force"
    SUSPENDED = "suspended"
    ENDED = "ended"


FOLLOWS: Mapping[State, frozenset[State]] = {
    State.PROPOSED: frozenset({State.SIGNED, State.ENDED}),
    State.SIGNED: frozenset({State.IN_FORCE, State.ENDED}),
    State.IN_FORCE: frozenset({State.SUSPENDED, State.ENDED}),
    State.SUSPENDED: frozenset({State.IN_FORCE, State.ENDED}),
    State.ENDED: frozenset(),
}
"""Which state may follow which."""

CLAIMING = frozenset(Capacity) - {Capacity.PUBLIC, Capacity.ADMINISTRATOR, Capacity.AUDITOR}
"""Those who may record what somebody claims."""


@dataclass(frozen=True, slots=True)
class ClaimState(Step):
    """Record that somebody says how the agreement stands.

    Attributes:
        claim_id: The claim's own id.
        state: What it is said to be.
        at: Since when, as they say.
        by: Who says so.
        source: Where they say it.
        note: What else is to be known about it.
    """

    kind: ClassVar[str] = "standing"
    name: ClassVar[str] = "claim-state"
    claim_id: Id
    state: State
    at: Moment
    by: Words
    source: Words
    note: str = field(default="", metadata=within(Tier.PARTIES), kw_only=True)


@dataclass(frozen=True, slots=True)
class DetermineState(Step):
    """Determine how the agreement stands; what others claim stays beside it.

    Attributes:
        state: What it is.
        at: Since when; for an entry into force, perhaps from when.
        ground: On what ground.
        claims: The claims that it goes by.
    """

    kind: ClassVar[str] = "standing"
    name: ClassVar[str] = "determine-state"
    state: State
    at: Moment
    ground: Words
    claims: tuple[Id, ...] = ()


@dataclass(frozen=True, slots=True)
class AmendAgreement(Step):
    """Put an amended agreement in force; its text stands in the record after this one.

    Attributes:
        pack_sha256: The digest of the pack as amended.
        ground: By what it was amended.
        summary: What was changed.
    """

    kind: ClassVar[str] = "standing"
    name: ClassVar[str] = "amend-agreement"
    pack_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    ground: Words
    summary: Words


STEPS: tuple[type[Step], ...] = (ClaimState, DetermineState, AmendAgreement)


@dataclass(frozen=True, slots=True)
class StateClaim:
    """A claim about the agreement's state: who makes it and why stands in its entry."""

    claim_id: str
    state: State
    at: datetime
    leaf_index: int


@dataclass(frozen=True, slots=True)
class Determined:
    """A state that was determined, or that the pack gives; ``leaf_index`` None: by the pack."""

    state: State
    at: datetime
    leaf_index: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Every claim and every determination, in order; ``amendments`` are leaf indexes."""

    claims: Mapping[str, StateClaim] = field(default_factory=dict)
    determinations: tuple[Determined, ...] = ()
    amendments: tuple[int, ...] = ()


def take(state: Standing, entry: Entry, agreement: Agreement) -> Standing:
    """Return how the agreement stands after a step.

    Raises:
        RuleViolation: The step is forbidden.
    """
    match entry.step:
        case ClaimState():
            return _claim(state, entry, entry.step, agreement)
        case DetermineState():
            return _determine(state, entry, entry.step, agreement)
        case AmendAgreement():
            require_capacity(entry, agreement, *(Capacity(name) for name in agreement.state_by))
            return replace(state, amendments=(*state.amendments, entry.leaf_index))
        case other:
            raise TypeError(f"{other.name} is no step of the agreement's state")


def state_at(standing: Standing, agreement: Agreement, at: datetime) -> State:
    """Return how the agreement stands at a moment."""
    held = [one for one in standing.determinations if one.at <= at]
    return held[-1].state if held else _by_the_pack(agreement, at)


def in_force(standing: Standing, agreement: Agreement, at: datetime) -> bool:
    """Tell whether the agreement is in force at a moment."""
    return state_at(standing, agreement, at) is State.IN_FORCE


def has_entered_into_force(standing: Standing, agreement: Agreement, at: datetime) -> bool:
    """Tell whether the agreement is in force at a moment, or was before it."""
    return any(one.state is State.IN_FORCE for one in history(standing, agreement) if one.at <= at)


def history(standing: Standing, agreement: Agreement) -> tuple[Determined, ...]:
    """Return each change of state in order: the pack's before the first determination, then these."""
    first = standing.determinations[0].at if standing.determinations else None
    stated = []
    for interval in agreement.in_force:
        stated.append(Determined(State.IN_FORCE, interval.start))
        if interval.end is not None:
            stated.append(Determined(_by_the_pack(agreement, interval.end), interval.end))
    before = sorted((one for one in stated if first is None or one.at < first), key=lambda one: one.at)
    return (*before, *standing.determinations)


def contested(standing: Standing) -> tuple[StateClaim, ...]:
    """Return the claims that others contradict: one state since two moments, or two states since one."""
    claims = tuple(standing.claims.values())
    return tuple(
        one
        for one in claims
        if any(
            (other.state is one.state and other.at != one.at)
            or (other.at == one.at and other.state is not one.state)
            for other in claims
        )
    )


def _by_the_pack(agreement: Agreement, at: datetime) -> State:
    intervals = agreement.in_force
    if any(interval.holds(at) for interval in intervals):
        return State.IN_FORCE
    if intervals and all(interval.end is not None and interval.end <= at for interval in intervals):
        return State.ENDED
    if any(interval.end is not None and interval.end <= at for interval in intervals):
        return State.SUSPENDED  # between two intervals in force
    return State.SIGNED if any(version.signed_on for version in agreement.versions) else State.PROPOSED


def _claim(state: Standing, entry: Entry, step: ClaimState, agreement: Agreement) -> Standing:
    require_capacity(entry, agreement, *sorted(CLAIMING))
    require(step.claim_id not in state.claims, agreement, Rule.ONCE, f"There is a claim {step.claim_id}.")
    claim = StateClaim(step.claim_id, step.state, step.at, entry.leaf_index)
    return replace(state, claims={**state.claims, step.claim_id: claim})


def _determine(state: Standing, entry: Entry, step: DetermineState, agreement: Agreement) -> Standing:
    require_capacity(entry, agreement, *(Capacity(name) for name in agreement.state_by))
    unknown = [name for name in step.claims if name not in state.claims]
    require(not unknown, agreement, Rule.KNOWN_MATTER, f"No claim is recorded as {', '.join(unknown)}.")
    require(
        step.at <= entry.at or step.state is State.IN_FORCE,
        agreement,
        Rule.STATE,
        "Only an entry into force may be determined ahead of its time.",
    )
    last = state.determinations[-1].at if state.determinations else None
    require(
        last is None or step.at > last,
        agreement,
        Rule.STATE,
        "A determination holds from after the one before it; the past is not determined anew.",
    )
    before = state_at(state, agreement, step.at)
    # The first may confirm what the pack gives: from then on the record rules.
    confirms = not state.determinations and step.state is before
    require(
        confirms or step.state in FOLLOWS[before],
        agreement,
        Rule.STATE,
        f"The agreement is {_words(before)} at that time; it cannot become {_words(step.state)}.",
    )
    determined = Determined(step.state, step.at, entry.leaf_index)
    return replace(state, determinations=(*state.determinations, determined))


def _words(state: State) -> str:
    return state.value.replace("_", " ")
