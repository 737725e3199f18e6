# SPDX-License-Identifier: Apache-2.0
"""Gates: conditions that must be met before anything is deployed or any obligation opens.

A recorded gate is opened and shut by a person: by who holds its office, or, where each
guarantor has a gate of its own, by that guarantor.  A gate that follows the ceasefire is
computed from how the ceasefire stands.

Invariants: nobody opens or shuts a gate that follows the ceasefire; a gate of which nothing
is recorded is shut, and so is one that the agreement does not name.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import takewhile
from typing import ClassVar

from truceline.agreement import Agreement, Rule
from truceline.agreement.mechanism import Gate
from truceline.agreement.terms import Id, Words
from truceline.ceasefire.standing import Standing, State, has_entered_into_force, history, in_force
from truceline.commission.composition import SPEAKERS, Composition
from truceline.procedure import (
    Capacity,
    Entry,
    Step,
    forbidden,
    require,
    require_capacity,
    require_own_side,
)


@dataclass(frozen=True, slots=True)
class OpenGate(Step):
    """Record that a gate's condition is met.

    Attributes:
        gate: The gate's id in the pack.
        ground: In what way it is met.
        source: What says so: a law, a note, a vote.
        actor: Whose gate, where each guarantor has its own; else empty.
    """

    kind: ClassVar[str] = "guarantee"
    name: ClassVar[str] = "open-gate"
    gate: Id
    ground: Words
    source: Words
    actor: str = field(default="", kw_only=True)


@dataclass(frozen=True, slots=True)
class ShutGateStep(Step):
    """Record that a gate's condition is met no more, or that it was asked for and refused.

    Attributes:
        gate: The gate's id in the pack.
        ground: Why it is not met.
        source: What says so.
        actor: Whose gate, where each guarantor has its own; else empty.
    """

    kind: ClassVar[str] = "guarantee"
    name: ClassVar[str] = "shut-gate"
    gate: Id
    ground: Words
    source: Words
    actor: str = field(default="", kw_only=True)


STEPS: tuple[type[Step], ...] = (OpenGate, ShutGateStep)


@dataclass(frozen=True, slots=True)
class Mark:
    """That a gate was opened, or shut.

    Attributes:
        opens: Whether it was opened.
        since: When.
        leaf_index: Where that is recorded, with its ground.
    """

    opens: bool
    since: datetime
    leaf_index: int


@dataclass(frozen=True, slots=True)
class Gates:
    """What was recorded of each gate, in order.

    Attributes:
        marks: By gate and actor; the actor is empty where the gate is nobody's own.
    """

    marks: Mapping[tuple[str, str], tuple[Mark, ...]] = field(default_factory=dict)

    def mark(self, gate: str, actor: str, at: datetime) -> Mark | None:
        """Return what holds of a gate at a moment; None: nothing was recorded by then."""
        return next((one for one in reversed(self.marks.get((gate, actor), ())) if one.since <= at), None)


@dataclass(frozen=True, slots=True)
class ShutGate:
    """A gate that is shut, and why.

    Attributes:
        gate: Its id.
        actor: Whose it is; empty: nobody's own.
        why: In words.
    """

    gate: str
    actor: str
    why: str


@dataclass(frozen=True, slots=True)
class GateState:
    """How a gate stands at a moment.

    Attributes:
        gate: Its id.
        actor: Whose it is; empty: nobody's own.
        opened: Whether it is open.
        why: In words.
        since: Since when; None: not known, or it was never otherwise.
        leaf_index: Where that is recorded; None: in the pack, or nothing is recorded.
    """

    gate: str
    actor: str
    opened: bool
    why: str
    since: datetime | None = None
    leaf_index: int | None = None


def take(state: Gates, entry: Entry, agreement: Agreement, composition: Composition) -> Gates:
    """Return the gates after a step.

    Args:
        state: Before it.
        entry: The step, and who took it when.
        agreement: The pack in force when it is taken.
        composition: Who holds which office.

    Raises:
        RuleViolation: The step is forbidden.
    """
    match entry.step:
        case OpenGate():
            return _mark(state, entry, entry.step, agreement, composition)
        case ShutGateStep():
            return _mark(state, entry, entry.step, agreement, composition)
        case other:
            raise TypeError(f"{other.name} is no step of the gates")


def shut_gates(
    gates: Gates,
    names: Iterable[str],
    agreement: Agreement,
    standing: Standing,
    at: datetime,
    actor: str,
) -> tuple[ShutGate, ...]:
    """Return which of some gates are shut for an actor at a moment, and why; nothing: all are open."""
    states = gate_states_for(gates, names, agreement, standing, at, actor)
    return tuple(ShutGate(one.gate, one.actor, one.why) for one in states if not one.opened)


def gate_states_for(
    gates: Gates,
    names: Iterable[str],
    agreement: Agreement,
    standing: Standing,
    at: datetime,
    actor: str,
) -> tuple[GateState, ...]:
    """Return how some gates stand for an actor at a moment, in the order of their names."""
    known = {gate.id: gate for gate in agreement.gates}
    return tuple(
        _state(gates, known[name], agreement, standing, at, actor)
        if name in known
        else GateState(name, "", opened=False, why="the agreement names no such gate")
        for name in names
    )


def gate_states(
    gates: Gates, agreement: Agreement, standing: Standing, at: datetime
) -> tuple[GateState, ...]:
    """Return how every gate of the agreement stands at a moment.

    A gate that is each guarantor's own appears once for each guarantor of a commitment
    that asks for it, and for everybody else of whom something is recorded.
    """
    return tuple(
        _state(gates, gate, agreement, standing, at, actor)
        for gate in agreement.gates
        for actor in _actors_of(gates, gate, agreement)
    )


def _actors_of(gates: Gates, gate: Gate, agreement: Agreement) -> tuple[str, ...]:
    if not gate.each:
        return ("",)
    asked = [
        guarantor for one in agreement.guarantees if gate.id in one.gates for guarantor in one.guarantors
    ]
    recorded = sorted(actor for name, actor in gates.marks if name == gate.id and actor)
    return tuple(dict.fromkeys([*asked, *recorded]))


def _state(
    gates: Gates, gate: Gate, agreement: Agreement, standing: Standing, at: datetime, actor: str
) -> GateState:
    if gate.test != "recorded":
        return _ceasefire_state(gate, agreement, standing, at)
    owner = actor if gate.each else ""
    if gate.each and not owner:
        return GateState(
            gate.id, "", opened=False, why="it is each guarantor's own, and no guarantor is named"
        )
    by = owner or f"the office {gate.office}"
    mark = gates.mark(gate.id, owner, at)
    if mark is None:
        return GateState(gate.id, owner, opened=False, why=f"nothing is recorded of it by {by}")
    why = f"opened by {by}" if mark.opens else f"shut by {by}"
    return GateState(gate.id, owner, mark.opens, why, mark.since, mark.leaf_index)


def _ceasefire_state(gate: Gate, agreement: Agreement, standing: Standing, at: datetime) -> GateState:
    changes = [one for one in history(standing, agreement) if one.at <= at]
    if gate.test == "entered_into_force":
        opened = has_entered_into_force(standing, agreement, at)
        why = f"the agreement has {'' if opened else 'never '}entered into force"
        since = next((one for one in changes if one.state is State.IN_FORCE), None)
    else:
        opened = in_force(standing, agreement, at)
        why = f"the agreement is {'' if opened else 'not '}in force"
        # Since the last change from the other answer: what only confirms it moves nothing.
        same = takewhile(lambda one: (one.state is State.IN_FORCE) is opened, reversed(changes))
        since = next(iter(deque(same, maxlen=1)), None)
    if since is None:
        return GateState(gate.id, "", opened, why)
    return GateState(gate.id, "", opened, why, since.at, since.leaf_index)


def _mark(
    state: Gates,
    entry: Entry,
    step: OpenGate | ShutGateStep,
    agreement: Agreement,
    composition: Composition,
) -> Gates:
    gate = next((one for one in agreement.gates if one.id == step.gate), None)
    if gate is None:
        raise forbidden(agreement, Rule.GATE, f"The agreement names no gate {step.gate}.")
    require(
        gate.test == "recorded",
        agreement,
        Rule.GATE,
        f"The gate {gate.id} follows the ceasefire; nobody opens or shuts it.",
    )
    if gate.each:
        _require_own_gate(entry, step, agreement)
    else:
        _require_office(entry, gate, step, agreement, composition)
    opens = isinstance(step, OpenGate)
    key = (gate.id, step.actor)
    before = state.marks.get(key, ())
    # A gate of which nothing is recorded may be recorded as shut: that it was refused is known then.
    require(
        not before or before[-1].opens is not opens,
        agreement,
        Rule.GATE,
        f"The gate {gate.id} is recorded as {'open' if opens else 'shut'} already.",
    )
    return Gates({**state.marks, key: (*before, Mark(opens, entry.at, entry.leaf_index))})


def _require_own_gate(entry: Entry, step: OpenGate | ShutGateStep, agreement: Agreement) -> None:
    require(
        bool(step.actor),
        agreement,
        Rule.GATE,
        f"Each guarantor has a gate {step.gate} of its own; say whose (actor).",
    )
    require(
        agreement.actor(step.actor) is not None,
        agreement,
        Rule.GATE,
        f"The agreement names no actor {step.actor}.",
    )
    require_capacity(entry, agreement, Capacity.GUARANTOR)
    require_own_side(entry, agreement, step.actor)


def _require_office(
    entry: Entry,
    gate: Gate,
    step: OpenGate | ShutGateStep,
    agreement: Agreement,
    composition: Composition,
) -> None:
    require(
        not step.actor,
        agreement,
        Rule.GATE,
        f"The gate {gate.id} is the office {gate.office}'s, and no actor's own; leave out the actor.",
    )
    office = next((one for one in agreement.offices if one.id == gate.office), None)
    if office is None:
        raise forbidden(agreement, Rule.GATE, f"The agreement names no office that opens the gate {gate.id}.")
    require_capacity(entry, agreement, *SPEAKERS)
    require_own_side(entry, agreement, office.of)
    require(
        composition.holds(entry.who.person, office.id, entry.at),
        agreement,
        Rule.GATE,
        f"Only who holds the office {office.id} opens or shuts the gate {gate.id}.",
    )
