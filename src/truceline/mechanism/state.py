# SPDX-License-Identifier: Apache-2.0
"""The state of the mechanism, and how one recorded step leads to the next."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from truceline.agreement import Agreement, Rule
from truceline.commission import Docket, composition, docket
from truceline.commission.composition import Composition, seats_of
from truceline.errors import RuleViolation
from truceline.procedure import Capacity, Entry, Irregular, Reader, Who, require


@dataclass(frozen=True, slots=True)
class Mechanism:
    """Everything that follows from the steps recorded so far.

    Attributes:
        composition: Who sits in the commission, and who holds which office.
        docket: The cases before the commission, and its findings.
        entries: Every step that took effect, in the order of the log.
        irregular: Every recorded step that the rules forbid; none of them took effect.
    """

    composition: Composition = field(default_factory=Composition)
    docket: Docket = field(default_factory=Docket)
    entries: tuple[Entry, ...] = ()
    irregular: tuple[Irregular, ...] = ()


def take(state: Mechanism, entry: Entry, agreement: Agreement) -> Mechanism:
    """Return the mechanism's state after a step.

    Args:
        state: Before it.
        entry: The step, and who took it when.
        agreement: The pack in force when it is taken.

    Raises:
        RuleViolation: The step is forbidden.
    """
    if state.entries:
        require(
            entry.at >= state.entries[-1].at,
            agreement,
            Rule.ORDER_IN_TIME,
            "The clock is behind the step that was recorded last; set it right.",
        )
    require(
        entry.own_key or entry.step.name not in agreement.commission.procedure.own_signature,
        agreement,
        Rule.OWN_SIGNATURE,
        f"{entry.step.name} counts only under the person's own key; sign it with that.",
    )
    after = _ROOMS[entry.step.kind](state, entry, agreement)
    return replace(after, entries=(*state.entries, entry))


def replay(
    entries: Iterable[Entry], agreement_at: Callable[[int], Agreement], state: Mechanism | None = None
) -> Mechanism:
    """Return the state that recorded entries lead to; what the rules forbid is named, and has no effect.

    Args:
        entries: In the order of the log.
        agreement_at: Returns the pack that a leaf index falls under.
        state: Where to begin; None: with nothing.
    """
    state = state or Mechanism()
    for entry in entries:
        try:
            state = take(state, entry, agreement_at(entry.leaf_index))
        except RuleViolation as error:
            state = replace(state, irregular=(*state.irregular, Irregular(entry, error.rule, error.summary)))
    return state


def reader_of(who: Who, state: Mechanism, agreement: Agreement, now: datetime) -> Reader:
    """Return somebody as a reader: with the party that they are of, or that appointed them.

    A member who does not sit now reads as the public does.
    """
    if who.capacity is Capacity.MEMBER:
        appointer = state.composition.appointer(who.person, now, seats_of(agreement))
        if appointer is None:
            return Reader(replace(who, capacity=Capacity.PUBLIC))
        return Reader(who, agreement.party_of(appointer) or "")
    return Reader(who, agreement.party_of(who.on_behalf_of) or "")


def _composition(state: Mechanism, entry: Entry, agreement: Agreement) -> Mechanism:
    return replace(state, composition=composition.take(state.composition, entry, agreement))


def _docket(state: Mechanism, entry: Entry, agreement: Agreement) -> Mechanism:
    return replace(state, docket=docket.take(state.docket, entry, agreement, state.composition))


_ROOMS: Mapping[str, Callable[[Mechanism, Entry, Agreement], Mechanism]] = {
    "composition": _composition,
    "docket": _docket,
}
"""Which room takes the steps of each kind of record."""
