# SPDX-License-Identifier: Apache-2.0
"""Suspending a mission and going on with it, and how it stands: the last needs no key.

Invariant: how a mission stands is told from what its steps state in public, so it reads
the same before and after its keys are destroyed.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from truceline.evidence import SigningKey, parse_leaf
from truceline.mechanism import KINDS
from truceline.mechanism.suspension import (
    SUSPENSION,
    HandOver,
    Phase,
    Resume,
    Suspend,
    destruction_in,
    phase_of,
)
from truceline.mission.acting import act
from truceline.mission.fold import fields_of
from truceline.mission.mission import Mission
from truceline.procedure import Entry, ShownEntry, Who
from truceline.procedure.step import FILLER
from truceline.storage import Transaction
from truceline.vocabulary import Tier


@dataclass(frozen=True, slots=True)
class RecordedHandOver:
    """A hand-over as everybody may know it.

    Attributes:
        leaf_index: Where it is recorded.
        at: When.
        to: To whom.
        tree_size: How many records the file holds.
        root: The log's root over them.
        sha256: Of the file.
        with_keys: Whether the file holds the private keys too.
    """

    leaf_index: int
    at: datetime
    to: str
    tree_size: int
    root: str
    sha256: str
    with_keys: bool


@dataclass(frozen=True, slots=True)
class MissionStanding:
    """How a mission stands.

    Attributes:
        phase: Running, suspended, or without keys.
        suspended_at: When it was suspended last; None: never.
        ground: Why.
        hand_overs: Every one that was recorded, in order.
        destroyed_at: When its keys were destroyed; None: they were not.
        destroyed: The names of the keys that were destroyed.
    """

    phase: Phase
    suspended_at: datetime | None = None
    ground: str = ""
    hand_overs: tuple[RecordedHandOver, ...] = ()
    destroyed_at: datetime | None = None
    destroyed: tuple[str, ...] = ()


def suspend(mission: Mission, who: Who, *, ground: str, orders: str, key: SigningKey | None = None) -> Entry:
    """Suspend a mission: from now on it records its suspension, and what was signed at its source.

    Args:
        mission: Which.
        who: The head of mission.
        ground: Why; it is public.
        orders: What everybody is to do; for the commission.
        key: The person's own key; None: the operator signs for them.

    Raises:
        RejectedInput: Something is left unsaid.
        RuleViolation: It is suspended already, or the step is somebody else's.
        StorageFailure: The mission cannot be read or written to.
    """
    return act(mission, who, Suspend(ground, orders=orders), key=key)


def resume(mission: Mission, who: Who, *, ground: str, key: SigningKey | None = None) -> Entry:
    """Go on with a mission that was suspended.

    Args:
        mission: Which.
        who: The head of mission.
        ground: Why; it is public.
        key: The person's own key; None: the operator signs for them.

    Raises:
        RejectedInput: The ground is left unsaid.
        RuleViolation: It is not suspended, or its keys were destroyed.
        StorageFailure: The mission cannot be read or written to.
    """
    return act(mission, who, Resume(ground), key=key)


def standing(mission: Mission) -> MissionStanding:
    """Tell how a mission stands, from what its steps of suspension state in public.

    Raises:
        StorageFailure: What they state cannot be read.
    """
    entries = public_entries(mission, {SUSPENSION})
    found = MissionStanding(phase_of(one.fields for one in entries))
    for one in entries:
        stated = one.fields
        match stated["step"]:
            case Suspend.name:
                found = replace(found, suspended_at=one.at, ground=str(stated.get("ground", "")))
            case HandOver.name:
                found = replace(found, hand_overs=(*found.hand_overs, _hand_over(one)))
            case _ if found.phase is Phase.KEYS_DESTROYED and (step := destruction_in(stated)) is not None:
                names = tuple(key.name for key in step.keys)
                found = replace(found, destroyed_at=one.at, destroyed=names)
    return found


def public_entries(mission: Mission, kinds: Collection[str] = KINDS) -> tuple[ShownEntry, ...]:
    """Return what every recorded step states in public, in the order of the log; this needs no key.

    Whether the rules allowed a step cannot be told from this alone.

    Args:
        mission: Whose record.
        kinds: Only steps of these kinds of record.

    Raises:
        StorageFailure: What a step states in public cannot be read.
    """
    with mission.store.read() as transaction:
        return tuple(_public(mission, transaction, kinds))


def _public(mission: Mission, transaction: Transaction, kinds: Collection[str]) -> list[ShownEntry]:
    found = []
    for row in transaction.records_of(sorted(kinds)):
        public = tuple(one for one in row.openings if one[0] == Tier.PUBLIC.value)
        if not public:
            continue  # not even the sort of step is public
        leaf = parse_leaf(row.leaf, f"record {row.leaf_index}")
        fields = fields_of(mission.ledger.open_payload(replace(row, openings=public)))
        if "step" not in fields:
            continue
        told = {name: value for name, value in fields.items() if not name.startswith(FILLER)}
        withheld = tuple(tier for tier in Tier if tier is not Tier.PUBLIC and tier.value in leaf.commitments)
        own_key = leaf.author != mission.ledger.author.author
        found.append(ShownEntry(row.leaf_index, leaf.made_at, told, withheld, own_key))
    return found


def _hand_over(entry: ShownEntry) -> RecordedHandOver:
    stated = entry.fields
    return RecordedHandOver(
        entry.leaf_index,
        entry.at,
        str(stated.get("to", "")),
        int(str(stated.get("tree_size", 0))),
        str(stated.get("root", "")),
        str(stated.get("sha256", "")),
        stated.get("with_keys") is True,
    )
