# SPDX-License-Identifier: Apache-2.0
"""Who may sign: enrolment, rotation, revocation and compromise of keys, as records.

Invariants:

- an author is a key; who holds it is told by records, and what they add up to at a
  moment is a pure function of them;
- a key that was revoked or rotated away never comes back;
- nothing of an author is ever removed: a record that cannot be shown to be older than
  the compromise of its key is marked in doubt, and stays;
- a record's times are bounds, not its author's word: it is younger than the checkpoint
  that its author had seen, and older than the moment at which it was logged or, where
  somebody outside cosigned or time-stamped the log, than that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum

from truceline.errors import Fault, RejectedInput, RuleViolation, StorageFailure
from truceline.evidence import JSON, VerificationError, fields_payload
from truceline.evidence.verify.leaf import author_public
from truceline.interval import as_utc, iso
from truceline.mission.fold import fields_of
from truceline.mission.ledger import Draft, Ledger, Writer
from truceline.mission.mission import Mission
from truceline.storage import RecordRow, Transaction
from truceline.vocabulary import Tier

OPERATOR = "operator"


class Step(StrEnum):
    """The kinds of record that say who may sign."""

    ENROLMENT = "enrolment"
    ROTATION = "rotation"
    REVOCATION = "revocation"
    COMPROMISE = "compromise"


class State(StrEnum):
    """How an author stands at a moment."""

    NOT_ENROLLED = "not enrolled"
    VALID = "valid"
    ROTATED = "rotated"
    COMPROMISED = "compromised"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class AuthorEvent:
    """One record that says who may sign.

    Attributes:
        step: What happened.
        author: The key that it happened to.
        at: From which moment on it holds; for a compromise, since when.
        leaf_index: Where it is recorded.
        holder: Who holds the key, in words; empty: not said, or not open to us.
        role: As what, e.g. ``monitor``; empty: not said.
        ground: Why, in words; empty: not said.
        successor: For a rotation, the new key; else empty.
    """

    step: Step
    author: str
    at: datetime
    leaf_index: int
    holder: str = ""
    role: str = ""
    ground: str = ""
    successor: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """How an author stands at a moment, and since when; None: it was never otherwise."""

    state: State
    since: datetime | None = None
    ground: str = ""
    successor: str = ""

    def __str__(self) -> str:
        """Say it in a line."""
        since = "" if self.since is None else f" since {iso(self.since)}"
        return f"{self.state}{since}" + (f" ({self.ground})" if self.ground else "")


@dataclass(frozen=True, slots=True)
class Bounds:
    """Between which moments a record was made.

    Attributes:
        not_before: When the checkpoint that its author had seen was made, by the
            operator's word; None: the author had seen none.
        not_after: When it was certainly there.
        vouched: Whether somebody outside vouches for ``not_after``; else it is the
            operator's word.
    """

    not_before: datetime | None
    not_after: datetime
    vouched: bool = False


@dataclass(frozen=True, slots=True)
class Holding:
    """Who holds a key, and as what."""

    holder: str
    role: str


def standing_of(author: str, moment: datetime, events: Sequence[AuthorEvent]) -> Standing:
    """Return how an author stands at a moment.

    The gravest holds: revoked, then compromised, then rotated, then valid.

    Args:
        author: The author's id.
        moment: When; aware.
        events: What is recorded, of any authors, in the order of the log.
    """
    held = [one for one in events if one.at <= moment]
    own = {step: [one for one in held if one.author == author and one.step is step] for step in Step}
    for step, state in (
        (Step.REVOCATION, State.REVOKED),
        (Step.COMPROMISE, State.COMPROMISED),
        (Step.ROTATION, State.ROTATED),
    ):
        if own[step]:
            first = min(own[step], key=lambda one: one.at)
            return Standing(state, first.at, first.ground, first.successor)
    began = [*own[Step.ENROLMENT], *(one for one in held if one.successor == author)]
    if not began:
        return Standing(State.NOT_ENROLLED)
    return Standing(State.VALID, min(one.at for one in began))


def holding_of(author: str, events: Sequence[AuthorEvent]) -> Holding | None:
    """Return who holds a key; None: it was never enrolled, nor made another's successor."""
    for event in events:
        if event.step is Step.ENROLMENT and event.author == author:
            return Holding(event.holder, event.role)
    # A key follows at most one other, and was unknown before, so this comes to an end.
    before = next((one.author for one in events if one.successor == author), None)
    return None if before is None else holding_of(before, events)


def bounds_of(
    leaf_index: int,
    seen_size: int,
    logged_at: Sequence[datetime],
    attested: Mapping[int, datetime] | None = None,
) -> Bounds:
    """Return between which moments a record was made.

    Args:
        leaf_index: Where it stands in the log.
        seen_size: The size of the latest checkpoint that its author had seen.
        logged_at: When each record was logged, by leaf index, up to its own at least.
        attested: When somebody outside vouched for the log at a size; None: nobody did.
    """
    not_before = logged_at[seen_size - 1] if seen_size > 0 else None
    covering = [moment for size, moment in (attested or {}).items() if size > leaf_index]
    return Bounds(not_before, min(covering, default=logged_at[leaf_index]), bool(covering))


def doubt_of(author: str, leaf_index: int, bounds: Bounds, events: Sequence[AuthorEvent]) -> str | None:
    """Return why a record is in doubt, or None.

    It is if it may be younger than the compromise of its key, or was logged after the
    key was rotated away or revoked.  That order is the log's, not the clock's.
    """
    for event in events:
        if event.author != author:
            continue
        if event.step is Step.COMPROMISE and bounds.not_after >= event.at:
            return (
                f"its key is compromised since {iso(event.at)}, and nothing shows that it is older: "
                f"it was there by {iso(bounds.not_after)}"
            )
        if event.step in {Step.ROTATION, Step.REVOCATION} and event.leaf_index < leaf_index:
            return f"it was logged after its key's {event.step.value}, which is record {event.leaf_index}"
    return None


def author_events(
    transaction: Transaction, ledger: Ledger, *, public_only: bool = False
) -> list[AuthorEvent]:
    """Return every record that says who may sign, in the order of the log.

    Args:
        transaction: What to read in.
        ledger: What opens the records.
        public_only: Leave holder, role and ground aside: standing does not hang on
            them, and a thousand devices are read in a third of the time.

    Raises:
        StorageFailure: A record does not say whose key it is about.
    """
    rows = transaction.records_of([step.value for step in Step])
    return [_event(public_part(row) if public_only else row, ledger) for row in rows]


def public_part(row: RecordRow) -> RecordRow:
    """Return the record as if it had its public tier alone, so that no other is read."""
    return replace(row, openings=tuple(each for each in row.openings if each[0] == Tier.PUBLIC))


def _event(row: RecordRow, ledger: Ledger) -> AuthorEvent:
    fields = {name: str(value) for name, value in fields_of(ledger.open_payload(row)).items()}
    if "author" not in fields:
        raise StorageFailure(
            f"Record {row.leaf_index} does not say whose key it is about: its public tier is gone. "
            "Restore it from a backup; without it nobody can tell who may sign."
        )
    return AuthorEvent(
        step=Step(row.kind),
        author=fields["author"],
        # The operator's own enrolment, which begins the log, holds from when it was logged.
        at=datetime.fromisoformat(fields.get("at", row.logged_at)).astimezone(UTC),
        leaf_index=row.leaf_index,
        holder=fields.get("holder", ""),
        role=fields.get("role", OPERATOR if fields.get("holder") == OPERATOR else ""),
        ground=fields.get("ground", ""),
        successor=fields.get("successor", ""),
    )


def enrol(mission: Mission, author: str, *, holder: str, role: str, since: datetime | None = None) -> int:
    """Record who holds a key; return the record's leaf index.

    Args:
        mission: Where to.
        author: The key, as its device shows it.
        holder: The person or team, in words; for the commission alone.
        role: As what.
        since: From when on it may sign; None: from now on.

    Raises:
        RejectedInput: The author is no key, or the holder or role is empty.
        RuleViolation: The key is known already.
    """
    return _Change(mission, Step.ENROLMENT, author).record(
        _Terms(since, private={"holder": holder, "role": role}), unknown=author
    )


def rotate(mission: Mission, old: str, new: str) -> int:
    """Record that a holder goes over to a new key; return the record's leaf index.

    Raises:
        RejectedInput: The new author is no key.
        RuleViolation: The old key is not valid, or the new one is known already.
    """
    return _Change(mission, Step.ROTATION, old).record(
        _Terms(None, public={"successor": new}), unknown=new, states=(State.VALID,)
    )


def revoke(mission: Mission, author: str, *, ground: str) -> int:
    """Record that a key may sign no more, from now on; return the record's leaf index.

    Raises:
        RejectedInput: The ground is empty.
        RuleViolation: The key is not enrolled, or is revoked already.
    """
    return _Change(mission, Step.REVOCATION, author).record(_Terms(None, private={"ground": ground}))


def compromise(mission: Mission, author: str, *, since: datetime, ground: str) -> int:
    """Record since when others may have used a key; return the record's leaf index.

    It may be recorded again with an earlier moment; the earliest counts.

    Raises:
        RejectedInput: The ground is empty, or the moment lies ahead.
        RuleViolation: The key is not enrolled.
    """
    return _Change(mission, Step.COMPROMISE, author).record(
        _Terms(since, private={"ground": ground}), states=tuple(State)
    )


@dataclass(frozen=True, slots=True)
class _Terms:
    """What a step states beside the key: from when, and fields for all and for the commission."""

    at: datetime | None
    public: Mapping[str, str] = field(default_factory=dict)
    private: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Change:
    """One step about one key, about to be recorded."""

    mission: Mission
    step: Step
    author: str

    def record(
        self,
        terms: _Terms,
        *,
        unknown: str | None = None,
        states: tuple[State, ...] = (State.NOT_ENROLLED, State.VALID, State.ROTATED, State.COMPROMISED),
    ) -> int:
        """Check the step against what is recorded, and append it."""
        _require_key(self.author if unknown is None else unknown)
        _require_words(terms.private)
        with self.mission.ledger.writing() as writer:
            now = self.mission.ledger.clock.now()
            at = now if terms.at is None else as_utc(terms.at)
            self._require_order(writer, at, now, unknown, states)
            public: dict[str, JSON] = {"author": self.author, "at": iso(at), **terms.public}
            fields: dict[Tier, Mapping[str, JSON]] = {Tier.PUBLIC: public}
            if terms.private:
                fields[Tier.COMMISSION] = dict(terms.private)
            return writer.append(Draft(self.step.value, fields_payload(fields)))

    def _require_order(
        self, writer: Writer, at: datetime, now: datetime, unknown: str | None, states: tuple[State, ...]
    ) -> None:
        events = author_events(writer.transaction, self.mission.ledger, public_only=True)
        known = {one.author for one in events} | {one.successor for one in events}
        if unknown is not None and unknown in known:
            raise RuleViolation(f"{unknown} is known to this mission already; a key is enrolled once.")
        if self.step is Step.ENROLMENT:
            return
        if self.author not in known:
            raise RuleViolation(f"{self.author} is not enrolled; truceline device status lists who is.")
        if self.author == self.mission.ledger.author.author and self.step is not Step.COMPROMISE:
            raise RuleViolation(
                "This is the operator's own key, which signs this very record: it cannot be replaced here."
            )
        if at > now:
            raise RejectedInput(
                "A compromise is recorded once it has happened.",
                [Fault("device", "since", "lies ahead", iso(at))],
            )
        standing = standing_of(self.author, now, events)
        if standing.state not in states:
            raise RuleViolation(f"{self.author} is {standing}; this step is not open to it.")


def _require_key(author: str) -> None:
    try:
        author_public(author, "author")
    except VerificationError as error:
        raise RejectedInput(
            "An author is a key as its device shows it: ed25519: and its base64.",
            [Fault("device", "AUTHOR", error.what, author)],
        ) from error


def _require_words(fields: Mapping[str, str]) -> None:
    faults = [Fault("device", name, "say it in words") for name, text in fields.items() if not text.strip()]
    if faults:
        raise RejectedInput("Something is left unsaid.", faults)
