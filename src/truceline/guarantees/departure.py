# SPDX-License-Identifier: Apache-2.0
"""What falls away if an actor leaves: a dry run that changes nothing and recommends nothing.

It lists what is public.  Whether an actor leaves, and what follows for whom, is for people
to decide.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from truceline.agreement import Agreement
from truceline.agreement.mechanism import Gate
from truceline.guarantees.coalition import Coalition, Holding, members
from truceline.guarantees.commitments import Commitments
from truceline.guarantees.contingents import Contingent, ContingentStatus
from truceline.guarantees.force import Force, contingents_at, hubs_at
from truceline.guarantees.gates import Gates
from truceline.guarantees.hubs import Hub, HubStatus


@dataclass(frozen=True, slots=True)
class CommitmentAtStake:
    """A commitment of which the actor is a guarantor.

    Attributes:
        commitment: The guarantee's id in the pack.
        only_guarantor: Whether nobody else is a guarantor of it.
        obligations: The actor's obligations under it that are open at that moment.
    """

    commitment: str
    only_guarantor: bool
    obligations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GateAtStake:
    """A gate that the actor alone opens and shuts.

    Attributes:
        gate: Its id.
        office: The actor's office that opens it; empty: it is the actor's own, beside others' own.
        opened: Whether it is recorded as open; None: nothing is recorded of it.
    """

    gate: str
    office: str
    opened: bool | None


@dataclass(frozen=True, slots=True)
class ContingentAtStake:
    """A contingent of the actor that is not withdrawn.

    Attributes:
        contingent: As far as it had come by that moment.
        only_in_domain: Whether nobody else has a contingent in its domain that is not withdrawn.
    """

    contingent: Contingent
    only_in_domain: bool


@dataclass(frozen=True, slots=True)
class HubAtStake:
    """A hub that the actor builds and that is not closed.

    Attributes:
        hub: As far as it had come by that moment.
        only_builder: Whether nobody else builds it.
    """

    hub: Hub
    only_builder: bool


@dataclass(frozen=True, slots=True)
class FallsAway:
    """What falls away if an actor leaves at a moment.

    Attributes:
        actor: Who.
        at: When.
        roles: The roles that it has then.
        commitments: Those of which it is a guarantor.
        seats: The ids of the commission's seats to which it appoints.
        offices: The ids of the offices that are its own.
        gates: Those that it alone opens and shuts.
        contingents: Its contingents.
        hubs: Its hubs.
        to_be_allocated: What it has pledged and not allocated, by currency, in minor units.
    """

    actor: str
    at: datetime
    roles: tuple[Holding, ...]
    commitments: tuple[CommitmentAtStake, ...]
    seats: tuple[str, ...]
    offices: tuple[str, ...]
    gates: tuple[GateAtStake, ...]
    contingents: tuple[ContingentAtStake, ...]
    hubs: tuple[HubAtStake, ...]
    to_be_allocated: Mapping[str, int]


def falls_away(
    actor: str,
    at: datetime,
    agreement: Agreement,
    coalition: Coalition,
    *,
    commitments: Commitments,
    gates: Gates,
    force: Force,
    to_be_allocated: Mapping[str, int],
) -> FallsAway:
    """Return what falls away if an actor leaves at a moment.

    Args:
        actor: Who.
        at: When; what was recorded later does not count.
        agreement: The pack.
        coalition: The roles, as recorded.
        commitments: The obligations, as recorded.
        gates: As recorded.
        force: Contingents and hubs, as recorded.
        to_be_allocated: What the actor has pledged and not allocated then, by currency, in minor units.
    """
    contingents = tuple(_contingents(actor, force, at))
    hubs = tuple(
        HubAtStake(hub, only_builder=hub.builders == (actor,))
        for hub in hubs_at(force, at)
        if actor in hub.builders and hub.status is not HubStatus.CLOSED
    )
    return FallsAway(
        actor,
        at,
        tuple(one for one in members(coalition, agreement, at) if one.actor == actor),
        tuple(_commitments(actor, agreement, commitments, at)),
        tuple(seat.id for seat in agreement.commission.seats if _is_own(seat.appointed_by, actor, agreement)),
        _offices(actor, agreement),
        tuple(_gates(actor, agreement, gates, at, in_force=bool(contingents or hubs))),
        contingents,
        hubs,
        {currency: amount for currency, amount in sorted(to_be_allocated.items()) if amount},
    )


def _commitments(
    actor: str, agreement: Agreement, commitments: Commitments, at: datetime
) -> Iterator[CommitmentAtStake]:
    for guarantee in agreement.guarantees:
        if actor not in guarantee.guarantors:
            continue
        open_then = tuple(
            one.obligation_id
            for one in commitments.obligations.values()
            if (one.commitment, one.guarantor) == (guarantee.id, actor)
            and one.opened_at <= at
            and (one.closing is None or at < one.closing.at)
        )
        yield CommitmentAtStake(guarantee.id, set(guarantee.guarantors) == {actor}, open_then)


def _contingents(actor: str, force: Force, at: datetime) -> Iterator[ContingentAtStake]:
    there = [
        one for one in contingents_at(force, at) if one.status is not ContingentStatus.WITHDRAWN
    ]  # fmt: skip
    for one in there:
        if one.contributor == actor:
            others = any(each.domain is one.domain and each.contributor != actor for each in there)
            yield ContingentAtStake(one, only_in_domain=not others)


def _gates(
    actor: str, agreement: Agreement, gates: Gates, at: datetime, *, in_force: bool
) -> Iterator[GateAtStake]:
    offices = _offices(actor, agreement)
    for gate in agreement.gates:
        if gate.office is not None and gate.office in offices:
            mark = gates.mark(gate.id, "", at)
            yield GateAtStake(gate.id, gate.office, None if mark is None else mark.opens)
        elif gate.each:
            mark = gates.mark(gate.id, actor, at)
            if mark is not None or _asked_of(actor, gate, agreement, in_force=in_force):
                yield GateAtStake(gate.id, "", None if mark is None else mark.opens)


def _asked_of(actor: str, gate: Gate, agreement: Agreement, *, in_force: bool) -> bool:
    """Tell whether a commitment of the actor, or its part in the force, waits for its own gate."""
    by_force = in_force and agreement.force is not None and gate.id in agreement.force.gates
    return by_force or any(
        gate.id in one.gates and actor in one.guarantors for one in agreement.guarantees
    )  # fmt: skip


def _offices(actor: str, agreement: Agreement) -> tuple[str, ...]:
    return tuple(office.id for office in agreement.offices if _is_own(office.of, actor, agreement))


def _is_own(side: str, actor: str, agreement: Agreement) -> bool:
    """Tell whether a side is the actor itself, or a party for which the agreement names no other actor."""
    if side == actor:
        return True
    return [one.id for one in agreement.actors if one.party == side] == [actor]
