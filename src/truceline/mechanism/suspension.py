# SPDX-License-Identifier: Apache-2.0
"""Suspension: a mission is frozen, its staff accounted for, its record handed over, its keys destroyed.

A mission is running, suspended, or without keys.  While it is suspended no step of any
other room is taken.  Without keys nothing is ever recorded again.

Invariants:

- whoever is not accounted for is not known; nobody is safe by silence, nor by what was
  known before the suspension;
- a list of staff is never shortened while a suspension lasts;
- keys are destroyed by two people: the head of mission and another, whose own key signs.

Grounds, and to whom the record was handed over, are public: they must be readable when
nothing else is.  The roll and the orders are the commission's.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar, Final

from cryptography.exceptions import InvalidSignature
from pydantic import Field

from truceline.agreement import Agreement, Rule
from truceline.agreement.terms import Id, Moment, Words
from truceline.errors import RejectedInput
from truceline.evidence import JSON, VerificationError, canonical
from truceline.evidence.verify.leaf import author_public
from truceline.procedure import (
    Capacity,
    Entry,
    Step,
    forbidden,
    read_step,
    require,
    require_capacity,
    tiers_of,
    within,
)
from truceline.vocabulary import Tier

SUSPENSION: Final = "suspension"
AUTHOR_KEY: Final = "author"
LOG_KEY: Final = "log"
PREFIX: Final = b"truceline/key-destruction/v1\n"
"""What the second person signs begins with this, so that the signature serves for nothing else."""

Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
AuthorId = Annotated[str, Field(pattern=r"^ed25519:[A-Za-z0-9+/]{43}=$")]
PublicHalf = Annotated[str, Field(pattern=r"^(ed25519|x25519):[A-Za-z0-9+/]{43}=$")]
Signature = Annotated[str, Field(pattern=r"^[A-Za-z0-9+/]{86}==$")]
Count = Annotated[int, Field(ge=0, le=2**53)]


class StaffStatus(StrEnum):
    """What is known of somebody.  Not to be accounted for at all is none of these."""

    SAFE = "safe"
    RELOCATING = "relocating"
    NOT_REACHED = "not_reached"
    MISSING = "missing"
    INJURED = "injured"
    DETAINED = "detained"
    DECEASED = "deceased"


@dataclass(frozen=True, slots=True)
class KeyHalf:
    """A key, by its file's name without ``.pem``, and its public half."""

    name: Id
    public: PublicHalf


@dataclass(frozen=True, slots=True)
class Suspend(Step):
    """Suspend the mission.

    Attributes:
        ground: Why.
        orders: What everybody is to do.
    """

    kind: ClassVar[str] = SUSPENSION
    name: ClassVar[str] = "suspend"
    ground: Words
    orders: Words = field(metadata=within(Tier.COMMISSION), kw_only=True)


@dataclass(frozen=True, slots=True)
class ExpectStaff(Step):
    """Say who belongs to the mission's staff.

    It takes the place of the list before; while the mission is suspended, it adds to it.

    Attributes:
        persons: Each person's own id in this mission.
    """

    kind: ClassVar[str] = SUSPENSION
    name: ClassVar[str] = "expect-staff"
    tier: ClassVar[Tier] = Tier.COMMISSION
    persons: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class AccountFor(Step):
    """Say what is known of somebody.

    Attributes:
        of: The person's own id in this mission; they need not be on the list.
        status: What is known.
        at: As of when.
        note: What else is known, and from whom.
    """

    kind: ClassVar[str] = SUSPENSION
    name: ClassVar[str] = "account-for"
    tier: ClassVar[Tier] = Tier.COMMISSION
    of: Words
    status: StaffStatus
    at: Moment
    note: str = ""


@dataclass(frozen=True, slots=True)
class HandOver(Step):
    """Hand the record over, as a backup.

    Attributes:
        to: To whom: an office, for it stays public.
        tree_size: How many records the backup holds.
        root: The log's root over them.
        sha256: Of the backup file.
        with_keys: Whether the file holds the private keys too.
        what: What was handed over, and how.
    """

    kind: ClassVar[str] = SUSPENSION
    name: ClassVar[str] = "hand-over"
    to: Words
    tree_size: Count
    root: Hash
    sha256: Hash
    with_keys: bool
    what: Words = field(metadata=within(Tier.COMMISSION), kw_only=True)


@dataclass(frozen=True, slots=True)
class DestroyKeys(Step):
    """Destroy the mission's private keys, for good.

    Attributes:
        ground: Why.
        origin: The log's name.
        suspended_by: Where the suspension under which it happens is recorded.
        keys: The keys that are destroyed.
        second: The author id of the second person's own key.
        signature: By that key, over ``signed_bytes``; base64.
        second_person: The second person's own id in this mission.
    """

    kind: ClassVar[str] = SUSPENSION
    name: ClassVar[str] = "destroy-keys"
    ground: Words
    origin: Words
    suspended_by: Count
    keys: tuple[KeyHalf, ...]
    second: AuthorId
    signature: Signature
    second_person: Words = field(metadata=within(Tier.COMMISSION), kw_only=True)

    def half(self, name: str) -> str | None:
        """Return the public half of a key, or None."""
        return next((one.public for one in self.keys if one.name == name), None)

    def signed_bytes(self) -> bytes:
        """Return what the second person signs: all that is public of it."""
        stated: dict[str, JSON] = {
            "ground": self.ground,
            "origin": self.origin,
            "suspended_by": self.suspended_by,
            "keys": [{"name": one.name, "public": one.public} for one in self.keys],
            "second": self.second,
        }
        return PREFIX + canonical(stated)


@dataclass(frozen=True, slots=True)
class Resume(Step):
    """Go on with the mission.

    Attributes:
        ground: Why.
    """

    kind: ClassVar[str] = SUSPENSION
    name: ClassVar[str] = "resume"
    ground: Words


STEPS: tuple[type[Step], ...] = (Suspend, ExpectStaff, AccountFor, HandOver, DestroyKeys, Resume)


class Phase(StrEnum):
    """How the mission stands."""

    RUNNING = "running"
    SUSPENDED = "suspended"
    KEYS_DESTROYED = "keys destroyed"


_AFTER: Final[Mapping[tuple[Phase, str], Phase]] = {
    (Phase.RUNNING, Suspend.name): Phase.SUSPENDED,
    (Phase.SUSPENDED, Resume.name): Phase.RUNNING,
    (Phase.SUSPENDED, DestroyKeys.name): Phase.KEYS_DESTROYED,
}
"""The steps that change how the mission stands; all of them are the head of mission's."""


@dataclass(frozen=True, slots=True)
class Account:
    """What was said of somebody: what, as of when, and where it is recorded."""

    status: StaffStatus
    at: datetime
    leaf_index: int


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A hand-over that was recorded: where, and which state of the log it holds."""

    leaf_index: int
    tree_size: int
    with_keys: bool


@dataclass(frozen=True, slots=True)
class RollLine:
    """One person on the roll.

    Attributes:
        person: Their own id in this mission.
        expected: Whether they are on the list of staff.
        latest: What is known of them as of the latest moment; None: nothing is known.
        accounts: How often something was said of them.
    """

    person: str
    expected: bool
    latest: Account | None
    accounts: int


@dataclass(frozen=True, slots=True)
class Suspension:
    """How the mission stands, and its roll.

    Attributes:
        phase: Running, suspended, or without keys.
        since: When it was suspended last; None: never.
        suspended_by: Where that is recorded; None: never.
        staff: Who belongs to it, in the order in which they were listed.
        accounts: All that was said of anybody since it was suspended last, by person.
        hand_overs: Each that was recorded since then.
        destroyed_at: When the keys were destroyed; None: they were not.
    """

    phase: Phase = Phase.RUNNING
    since: datetime | None = None
    suspended_by: int | None = None
    staff: tuple[str, ...] = ()
    accounts: Mapping[str, tuple[Account, ...]] = field(default_factory=dict)
    hand_overs: tuple[HandedOver, ...] = ()
    destroyed_at: datetime | None = None

    def roll(self) -> tuple[RollLine, ...]:
        """Return everybody on the list, and after them whoever else was accounted for."""
        others = tuple(person for person in self.accounts if person not in set(self.staff))
        return tuple(
            RollLine(
                person,
                at < len(self.staff),
                max(self.accounts.get(person, ()), key=lambda one: (one.at, one.leaf_index), default=None),
                len(self.accounts.get(person, ())),
            )
            for at, person in enumerate((*self.staff, *others))
        )


def require_running(state: Suspension, entry: Entry, agreement: Agreement) -> None:
    """Refuse a step of any other room while the mission does not run.

    Raises:
        RuleViolation: It is suspended, or has no keys any more.
    """
    require(
        state.phase is Phase.RUNNING or entry.step.kind == SUSPENSION,
        agreement,
        Rule.SUSPENSION,
        f"The mission is not running ({state.phase.value}), so nobody can {entry.step.name}.",
    )


def take(state: Suspension, entry: Entry, agreement: Agreement) -> Suspension:
    """Return how the mission stands after a step.

    Raises:
        RuleViolation: The step is forbidden.
    """
    step = entry.step
    rolls = isinstance(step, ExpectStaff | AccountFor)
    allowed = (Capacity.HEAD_OF_MISSION, Capacity.DUTY_OFFICER) if rolls else (Capacity.HEAD_OF_MISSION,)
    require_capacity(entry, agreement, *allowed)
    require(
        not entry.who.on_behalf_of,
        agreement,
        Rule.ON_BEHALF,
        f"A mission can {step.name} in its own name alone.",
    )
    require(
        state.phase is not Phase.KEYS_DESTROYED,
        agreement,
        Rule.SUSPENSION,
        "The mission's keys were destroyed; nothing follows that.",
    )
    match step:
        case Suspend():
            phase = _phase_after(state, entry, agreement, "The mission is suspended already.")
            return Suspension(phase, entry.at, entry.leaf_index, state.staff)
        case Resume():
            phase = _phase_after(state, entry, agreement, "The mission is not suspended.")
            return replace(state, phase=phase)
        case ExpectStaff():
            return _expect(state, step)
        case AccountFor():
            return _account(state, entry, step, agreement)
        case HandOver():
            return _hand_over(state, entry, step, agreement)
        case DestroyKeys():
            return _destroy(state, entry, step, agreement)
        case other:
            raise TypeError(f"{other.name} is no step of a suspension")


def phase_of(recorded: Iterable[Mapping[str, JSON]]) -> Phase:
    """Return how a mission stands from the public parts of its steps alone.

    It is what ``take`` comes to for every step that was recorded by this program, and needs
    neither the other rooms nor a key.

    Args:
        recorded: The public fields of each step of this kind, in the order of the log.
    """
    phase = Phase.RUNNING
    for stated in recorded:
        after = _AFTER.get((phase, str(stated.get("step"))))
        by_head = stated.get("capacity") == Capacity.HEAD_OF_MISSION.value
        sound = stated.get("step") != DestroyKeys.name or destruction_in(stated) is not None
        if after is not None and by_head and sound:
            phase = after
    return phase


def destruction_in(stated: Mapping[str, JSON]) -> DestroyKeys | None:
    """Return the destruction of keys that a step's public part states; None: none, or not by two people."""
    if stated.get("step") != DestroyKeys.name or stated.get("capacity") != Capacity.HEAD_OF_MISSION.value:
        return None
    public = {name for name, tier in tiers_of(DestroyKeys).items() if tier is Tier.PUBLIC}
    closer = {each.name: "not told to the public" for each in fields(DestroyKeys) if each.name not in public}
    values: dict[str, JSON] = {name: value for name, value in stated.items() if name in public}
    try:
        step = read_step(DestroyKeys, {**values, **closer}, DestroyKeys.name)
    except RejectedInput:
        return None
    return step if isinstance(step, DestroyKeys) and not _not_by_two(step) else None


def _phase_after(state: Suspension, entry: Entry, agreement: Agreement, reason: str) -> Phase:
    after = _AFTER.get((state.phase, entry.step.name))
    if after is None:
        raise forbidden(agreement, Rule.SUSPENSION, reason)
    return after


def _require_suspended(state: Suspension, entry: Entry, agreement: Agreement) -> None:
    require(
        state.phase is Phase.SUSPENDED,
        agreement,
        Rule.SUSPENSION,
        f"The mission is not suspended, and {entry.step.name} is for that alone; suspend it first.",
    )


def _expect(state: Suspension, step: ExpectStaff) -> Suspension:
    before = state.staff if state.phase is Phase.SUSPENDED else ()
    return replace(state, staff=tuple(dict.fromkeys((*before, *step.persons))))


def _account(state: Suspension, entry: Entry, step: AccountFor, agreement: Agreement) -> Suspension:
    _require_suspended(state, entry, agreement)
    require(step.at <= entry.at, agreement, Rule.ORDER_IN_TIME, "What is said of somebody lies ahead.")
    require(
        step.status is not StaffStatus.SAFE or state.since is None or step.at >= state.since,
        agreement,
        Rule.SUSPENSION,
        "Who was safe before the suspension may not be so now; reach them again.",
    )
    said = (*state.accounts.get(step.of, ()), Account(step.status, step.at, entry.leaf_index))
    return replace(state, accounts={**state.accounts, step.of: said})


def _hand_over(state: Suspension, entry: Entry, step: HandOver, agreement: Agreement) -> Suspension:
    _require_suspended(state, entry, agreement)
    require(
        (state.suspended_by or 0) < step.tree_size <= entry.leaf_index,
        agreement,
        Rule.SUSPENSION,
        "A hand-over holds the log up to the suspension at least, and no more of it than there is.",
    )
    made = HandedOver(entry.leaf_index, step.tree_size, step.with_keys)
    return replace(state, hand_overs=(*state.hand_overs, made))


def _destroy(state: Suspension, entry: Entry, step: DestroyKeys, agreement: Agreement) -> Suspension:
    _require_suspended(state, entry, agreement)
    require(
        step.suspended_by == state.suspended_by,
        agreement,
        Rule.SUSPENSION,
        "It was signed for another suspension than this one.",
    )
    require(
        step.second_person != entry.who.person,
        agreement,
        Rule.TWO_PEOPLE,
        "The second person is the head of mission again.",
    )
    reason = _not_by_two(step)
    require(not reason, agreement, Rule.TWO_PEOPLE, reason)
    return replace(state, phase=Phase.KEYS_DESTROYED, destroyed_at=entry.at)


def _not_by_two(step: DestroyKeys) -> str:
    """Say why a destruction of keys is not signed by two; empty: it is."""
    # 1. It names the mission's own two keys, and each key once.
    names = [one.name for one in step.keys]
    first = step.half(AUTHOR_KEY)
    if len(set(names)) != len(names) or first is None or step.half(LOG_KEY) is None:
        return "It does not name the operator's key and the log's, each key once."
    # 2. The second key is another than the operator's.
    if step.second in {one.public for one in step.keys}:
        return "The second person's key is one of the mission's own."
    # 3. The second person signed these very words.
    try:
        signature = base64.b64decode(step.signature, validate=True)
        author_public(step.second, step.name).verify(signature, step.signed_bytes())
    except (InvalidSignature, VerificationError, ValueError):
        return "The second person's signature does not verify."
    return ""
