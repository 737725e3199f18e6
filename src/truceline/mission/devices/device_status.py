# SPDX-License-Identifier: Apache-2.0
"""Tells of each author who holds its key, what it signed, what is missing, and what is in doubt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from truceline.evidence import parse_leaf
from truceline.evidence.verify import AuthorAccount
from truceline.evidence.verify.authors import Numbering
from truceline.mission.devices.enrolment import (
    AuthorEvent,
    Bounds,
    Holding,
    Standing,
    author_events,
    bounds_of,
    doubt_of,
    holding_of,
    standing_of,
)
from truceline.mission.devices.receipts import FORK, KeptRecord
from truceline.mission.devices.submitting import kept_records
from truceline.mission.mission import Mission


@dataclass(frozen=True, slots=True)
class AuthorStatus:
    """What the mission holds of one author.

    Attributes:
        author: The author's id.
        holding: Who holds the key, and as what; None: it is not enrolled.
        standing: How the key stands now.
        records: How many of its records are in the log.
        numbers: Its numbering; a number that was refused and kept is not missing.
        kept: Numbers of submissions that were kept and not admitted.
        forks: Numbers that were used for two records.
        first: Between which moments its first record was made; None: it has none.
        last: The same of its last record.
        doubts: Its records in doubt: id, and why.
    """

    author: str
    holding: Holding | None
    standing: Standing
    records: int
    numbers: AuthorAccount
    kept: tuple[int, ...]
    forks: tuple[int, ...]
    first: Bounds | None
    last: Bounds | None
    doubts: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class _Tally:
    """One author's records as they are counted, in the order of the log."""

    numbering: Numbering
    records: int = 0
    kept: list[int] = field(default_factory=list)
    forks: list[int] = field(default_factory=list)
    first: Bounds | None = None
    last: Bounds | None = None
    doubts: list[tuple[str, str]] = field(default_factory=list)


def device_status(mission: Mission, attested: Mapping[int, datetime] | None = None) -> list[AuthorStatus]:
    """Return how each author stands, in the order in which they first appear in the log.

    Args:
        mission: Whose authors.
        attested: When somebody outside vouched for the log, by tree size; None: nobody did.
    """
    tallies: dict[str, _Tally] = {}

    def tally(author: str) -> _Tally:
        return tallies.setdefault(author, _Tally(Numbering(author)))

    with mission.store.read() as transaction:
        events = author_events(transaction, mission.ledger)
        kept = {one.leaf_index: one for one in kept_records(transaction, mission.ledger)}
        logged_at: list[datetime] = []
        for row in transaction.records():
            logged_at.append(datetime.fromisoformat(row.logged_at).astimezone(UTC))
            leaf = parse_leaf(row.leaf, f"record {row.leaf_index}")
            bounds = bounds_of(row.leaf_index, leaf.seen_size, logged_at, attested)
            own = tally(row.author)
            own.records += 1
            own.first, own.last = own.first or bounds, bounds
            if leaf.author_seq in own.kept:  # kept at first, admitted when what stood against it was gone
                own.kept.remove(leaf.author_seq)
            else:
                own.numbering.add(leaf.author_seq)
            doubt = doubt_of(row.author, row.leaf_index, bounds, events)
            if doubt is not None:
                own.doubts.append((row.record_id, doubt))
            if row.leaf_index in kept:
                _count_kept(tally(kept[row.leaf_index].author), kept[row.leaf_index])
    for event in events:
        tally(event.successor or event.author)
    now = mission.ledger.clock.now()
    return [_status(author, one, events, now) for author, one in tallies.items()]


def _count_kept(own: _Tally, kept: KeptRecord) -> None:
    if kept.kind == FORK:
        own.forks.append(kept.author_seq)
        return
    own.kept.append(kept.author_seq)
    own.numbering.add(kept.author_seq)


def _status(author: str, tally: _Tally, events: list[AuthorEvent], now: datetime) -> AuthorStatus:
    return AuthorStatus(
        author,
        holding_of(author, events),
        standing_of(author, now, events),
        tally.records,
        tally.numbering.account(),
        tuple(tally.kept),
        tuple(tally.forks),
        tally.first,
        tally.last,
        tuple(tally.doubts),
    )
