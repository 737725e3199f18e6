# SPDX-License-Identifier: Apache-2.0
"""Destroying a mission's private keys: two people end it, so that nobody signs or reads in its name.

Order: (1) the record, signed by two, commits and is published; (2) the private key files
are overwritten and removed; (3) the read models are emptied, and the database is written
anew; (4) the read models are made again from what is public.  A crash before the commit
leaves everything as it was; after it, the next opening of the mission goes on.

Invariants: the keys go before everything else, for they are quickly gone, and without them
nothing sealed can be opened; what was public stays, and verifies.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from truceline.agreement import Agreement, Rule
from truceline.errors import MechanismError, StorageFailure
from truceline.evidence import SigningKey, VerificationError
from truceline.evidence.sealing import public_text
from truceline.mechanism import Mechanism
from truceline.mechanism.suspension import AUTHOR_KEY, LOG_KEY, DestroyKeys, KeyHalf
from truceline.mission.acting import append_act
from truceline.mission.devices.enrolment import State, author_events, holding_of, standing_of
from truceline.mission.evacuation.retired import Destruction
from truceline.mission.evacuation.shutting import complete, is_pending, mark_pending
from truceline.mission.ledger import Ledger, Writer
from truceline.mission.mission import Mission, require_read_models
from truceline.mission.replaying import agreements, mechanism_in
from truceline.mission.sealing import SEALED_TIERS, key_file
from truceline.mission.upkeep import rebuild
from truceline.procedure import Who, forbidden
from truceline.storage import schema


@dataclass(frozen=True, slots=True)
class Destroyed:
    """What was destroyed, and what is left.

    Attributes:
        leaf_index: Where it is recorded.
        at: When.
        keys: The names of the keys.
        published: Whether the published log shows it already; else the next verb publishes it.
        finished: Whether the database is rid of what was deleted; else the next opening goes on.
        unsealed: How many openings of tiers that are not public lie open in the vault, because
            the mission was made before there was sealing.
        left: Other files in ``keys/``, which were not touched.
    """

    leaf_index: int
    at: datetime
    keys: tuple[str, ...]
    published: bool
    finished: bool
    unsealed: int
    left: tuple[str, ...]


def destroy_keys(
    mission: Mission,
    who: Who,
    second: SigningKey,
    *,
    ground: str,
    key: SigningKey | None = None,
    progress: Callable[[str], None] = lambda _step: None,
) -> Destroyed:
    """Destroy every private key of a mission that is here, for good.

    Close the mission afterwards, and open it again to read it.

    Args:
        mission: Which; it must be suspended.
        who: The head of mission.
        second: Another person's own key, enrolled for them.
        ground: Why; it will be public.
        key: The head of mission's own key; None: the operator's key signs for them.
        progress: Told which step is under way.

    Raises:
        RejectedInput: The ground is missing; nothing was changed.
        RuleViolation: It takes two people, or the mission is not suspended; nothing was changed.
        StorageFailure: The mission cannot be read or written to.  The message says whether
            the keys are destroyed.
    """
    require_read_models(mission)
    published = True
    progress("recording the destruction of the keys")
    try:
        with mission.ledger.writing() as writer:
            state = mechanism_in(mission, writer.transaction)
            step = _signed(mission, writer, state, second, ground)
            entry, _ = append_act(mission, writer, state, who, step, key=key)
            mark_pending(writer.transaction)
    except StorageFailure:
        if not is_pending(mission.ledger):
            raise
        published = False  # it is committed: a log that is behind must not save the keys
    destruction = Destruction(entry.leaf_index, entry.at, step.keys)
    progress("destroying the keys")
    complete(mission.ledger, destruction)
    mission.replayed.held = None
    progress("removing what was not public")
    finished = mission.ledger.finish_erasures()
    progress("making again what is public")
    closed = _without_keys(mission, destruction)
    try:
        rebuild(closed)
    except (MechanismError, VerificationError) as error:
        raise StorageFailure(
            "The keys are destroyed, and what was not public is gone from the database. What is public "
            f"could not be read from the records again: {error} Then: truceline rebuild {mission.folder}"
        ) from error
    return Destroyed(
        entry.leaf_index,
        entry.at,
        tuple(one.name for one in step.keys),
        published,
        finished,
        _unsealed(closed.ledger),
        tuple(sorted(path.name for path in (mission.folder / "keys").iterdir() if path.suffix != ".pub")),
    )


def _signed(
    mission: Mission, writer: Writer, state: Mechanism, second: SigningKey, ground: str
) -> DestroyKeys:
    """Return the step, signed by the second person."""
    agreement = agreements(mission, writer.transaction)(writer.next_index)
    step = DestroyKeys(
        ground,
        mission.ledger.origin,
        state.suspension.suspended_by or 0,
        _halves(mission.ledger),
        second.author,
        "",
        second_person=_holder(mission, writer, second, agreement),
    )
    return replace(step, signature=base64.b64encode(second.sign(step.signed_bytes())).decode())


def _holder(mission: Mission, writer: Writer, second: SigningKey, agreement: Agreement) -> str:
    """Return who holds the second key.

    Raises:
        RuleViolation: It is the operator's own, or not valid here for anybody.
    """
    if second.author == mission.ledger.author.author:
        raise forbidden(agreement, Rule.TWO_PEOPLE, "The second key given is the operator's own.")
    events = author_events(writer.transaction, mission.ledger)
    standing = standing_of(second.author, mission.ledger.clock.now(), events)
    holding = holding_of(second.author, events)
    if standing.state is not State.VALID or holding is None or not holding.holder.strip():
        raise forbidden(
            agreement,
            Rule.TWO_PEOPLE,
            f"The second key, {second.author}, is not valid here for anybody ({standing}). "
            "A suspended mission enrols nobody: resume it, enrol the second key, and suspend it again.",
        )
    return holding.holder


def _halves(ledger: Ledger) -> tuple[KeyHalf, ...]:
    """Return the mission's keys whose private halves are here, with their public halves."""
    own = (KeyHalf(AUTHOR_KEY, ledger.author.author), KeyHalf(LOG_KEY, ledger.log_key.author))
    keys = ledger.folder / "keys"
    holders = sorted(ledger.tier_keys.holders.items())
    return (*own, *(KeyHalf(key_file(keys, tier).stem, public_text(key.public)) for tier, key in holders))


def _without_keys(mission: Mission, destruction: Destruction) -> Mission:
    """Return the mission as it will be opened from now on."""
    shut = replace(mission.ledger.tier_keys, holders={})
    ledger = replace(mission.ledger, author=destruction.author, log_key=destruction.log_key, tier_keys=shut)
    return replace(mission, ledger=ledger)


def _unsealed(ledger: Ledger) -> int:
    """Return how many openings of tiers that are not public lie open in the vault."""
    with ledger.store.read() as transaction:
        held = dict(transaction.counts(schema.openings, "tier"))
        sealed = dict(transaction.counts(schema.sealed_keys, "tier"))
    return sum(held.get(tier.value, 0) - sealed.get(tier.value, 0) for tier in SEALED_TIERS)
