# SPDX-License-Identifier: Apache-2.0
"""The one writer: records, tree, checkpoint and read models in one transaction.

Order of a change: vault objects on disk; then leaves, openings, read-model rows, the
tree's edge and the signed checkpoint in one commit; then the published log.  Only
what has committed is acknowledged.  A crash before the commit leaves nothing behind
but unused vault objects; a crash after it leaves a log that the next opening brings
up to date.

An erasure goes the other way: its record commits first and strikes the vault objects
out, and only then are they destroyed.  What a crash leaves over, the next opening of
the mission destroys.

A suspended mission takes few kinds of record, one without keys none (``evacuation.frozen``).
"""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from truceline.clock import Clock
from truceline.errors import RuleViolation, StorageFailure
from truceline.evidence import (
    Leaf,
    Opening,
    Payload,
    Record,
    SigningKey,
    TreeEdge,
    append,
    leaf_hash,
    make_record,
    parse_leaf,
    publish,
    published_size,
    root,
    sign_checkpoint,
)
from truceline.interval import iso
from truceline.mechanism.suspension import SUSPENSION, Phase
from truceline.mission.evacuation.frozen import phase_in, require_recordable
from truceline.mission.evacuation.retired import RetiredKey
from truceline.mission.fold import fold
from truceline.mission.sealing import TierKeys
from truceline.storage import Head, ReadRow, RecordRow, Store, Transaction, Vault
from truceline.vocabulary import Tier

HASH_BYTES = 32

RESTORED = "RESTORED"
"""A file of this name marks a mission that was restored and may not sign yet."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A statement about to become a record."""

    kind: str
    payload: Payload
    refs: tuple[str, ...] = ()
    schema: int = 1


@dataclass(frozen=True, slots=True)
class Ledger:
    """Where a mission's records are written and read."""

    folder: Path
    store: Store
    vault: Vault
    author: SigningKey
    log_key: SigningKey
    origin: str
    clock: Clock
    entropy: Callable[[int], bytes]
    tier_keys: TierKeys = field(default_factory=TierKeys)

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """Open the ledger for one change; commit and publish it when the block ends well.

        Raises:
            RuleViolation: The mission was restored and is not reconciled yet.
            StorageFailure: Somebody else is writing to this mission.
        """
        self.require_reconciled()
        with self._lock():
            with self.store.write() as transaction:
                writer = Writer(self, transaction)
                yield writer
                writer.close()
            self._publish()

    def require_reconciled(self) -> None:
        """Refuse to sign anything in a mission that was restored, until it is reconciled.

        Raises:
            RuleViolation: The mission was restored and is not reconciled yet.
        """
        if isinstance(self.author, RetiredKey):
            return  # nothing can be signed here, so nothing can fork
        if (self.folder / RESTORED).exists():
            raise RuleViolation(
                "This mission was restored from a backup. To sign from an old state would fork the log, "
                f"so first ask the witnesses: truceline reconcile {self.folder}"
            )

    @contextmanager
    def adopting(self) -> Iterator[Transaction]:
        """Take in leaves and a checkpoint that this log published before; nothing new is signed."""
        with self._lock():
            with self.store.write() as transaction:
                yield transaction
            self._publish()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Keep everybody from writing while the block lasts."""
        with self._lock():
            yield

    def publish(self) -> None:
        """Bring the published log up to what has been committed."""
        with self._lock():
            self._publish()

    def finish_erasures(self) -> bool:
        """Destroy what recorded erasures have struck out; does nothing when there is nothing.

        Returns:
            False: another program is at work here; the rest is done at the next opening.
        """
        with self.store.read() as transaction:
            if not transaction.erasing.struck():
                return True
        with self._lock_if_free() as ours:
            if not ours:
                return False
            with self.store.read() as transaction:
                struck = transaction.erasing.struck()
            for digest in struck:
                self.vault.destroy(digest)
            if not self.store.scrub():
                return False
            with self.store.write() as transaction:
                transaction.erasing.destroyed(struck)
        return True

    @contextmanager
    def _lock(self) -> Iterator[None]:
        with self._lock_if_free() as ours:
            if not ours:
                raise StorageFailure(
                    f"Another program is writing to the mission {self.folder.name}. "
                    "Wait until it has ended and try again; nothing was changed."
                )
            yield

    @contextmanager
    def _lock_if_free(self) -> Iterator[bool]:
        with (self.folder / ".writer").open("wb") as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                with self.store.hold() as ours:
                    yield ours

    def _publish(self) -> None:
        with self.store.read() as transaction:
            head = transaction.head()
            if head is not None:
                publish(
                    self.folder / "log",
                    head.checkpoint.encode(),
                    head.tree_size,
                    transaction.leaves,
                    verifier_key=self.log_key.verifier_key(self.origin),
                )

    def keep(self, record_id: str, tier: Tier, opening: Opening) -> tuple[str, bytes | None]:
        """Put what opens one tier into the vault, sealed if the tier has a key.

        Returns:
            The digest that it is found by, and the wrapped content key; None: it lies open.
        """
        content, wrapped = self.tier_keys.pack(record_id, tier, opening, self.entropy)
        return self.vault.put(content), wrapped

    def openings(self, row: RecordRow) -> dict[Tier, Opening]:
        """Return what opens each tier of a record, without those erased or not opened by a key here.

        Raises:
            StorageFailure: A vault object is missing, changed, or does not fit its key.
        """
        wrapped, found = dict(row.wrapped), {}
        for tier, digest in row.openings:
            content = self.vault.get(digest)
            opening = self.tier_keys.unpack(row.record_id, Tier(tier), content, wrapped.get(tier))
            if opening is not None:
                found[Tier(tier)] = opening
        return found

    def open_payload(self, row: RecordRow) -> dict[Tier, tuple[bytes | None, ...]]:
        """Return a record's items by tier; None: erased, or sealed for a key that is not here."""
        leaf, opened = parse_leaf(row.leaf, f"record {row.leaf_index}"), self.openings(row)
        return {
            tier: opened[tier].items if tier in opened else (None,) * leaf.items
            for tier in map(Tier, leaf.commitments)
        }


class Writer:
    """One change in the making."""

    def __init__(self, ledger: Ledger, transaction: Transaction) -> None:
        """Start from the tree as it stands.

        Args:
            ledger: Whose keys, clock and vault are used.
            transaction: The open write transaction.
        """
        self.transaction = transaction
        self._ledger = ledger
        head = transaction.head()
        self._edge = TreeEdge() if head is None else _unpack(head)
        if head is not None and root(self._edge) != head.root:
            raise StorageFailure(
                "The database's tree edge does not give the root that was signed: it was damaged or "
                "altered. Nothing was changed. See what differs with truceline log verify; restore a backup."
            )
        self._seen_size = self._edge.size
        self._published_size = published_size(ledger.folder / "log")
        self._phase: Phase | None = None

    @property
    def next_index(self) -> int:
        """The leaf index that the next record will have: the tree's size so far."""
        return self._edge.size

    def append(
        self,
        draft: Draft,
        rows: Sequence[ReadRow] | None = None,
        *,
        key: SigningKey | None = None,
        made_at: datetime | None = None,
    ) -> int:
        """Make ``draft`` a record and return its leaf index.

        Args:
            draft: What is stated.
            rows: The read-model rows that the fold gives for it, when the caller
                has them at hand already; None: they are folded here.
            key: Whose statement it is; None: the operator's.
            made_at: When it was made, by our clock; None: now.
        """
        ledger = self._ledger
        author = ledger.author if key is None else key
        record = make_record(
            draft.kind,
            draft.schema,
            draft.payload,
            key=author,
            author_seq=self.transaction.last_author_seq(author.author) + 1,
            made_at=made_at or ledger.clock.now(),
            seen_size=self._seen_size,
            refs=draft.refs,
            entropy=ledger.entropy,
        )
        return self.admit(record, fold(draft.kind, self.next_index, draft.payload) if rows is None else rows)

    def admit(self, record: Record, rows: Sequence[ReadRow]) -> int:
        """Take a signed record, whoever made it, into the tree and return its leaf index.

        Args:
            record: Made by ``make_record`` here or on a device; already checked.
            rows: The read-model rows that the fold gives for it.

        Raises:
            RuleViolation: The mission is suspended, or its keys were destroyed.
            StorageFailure: The database is older than the published log.
        """
        index, leaf = self.next_index, record.leaf
        phase = self._phase or phase_in(self.transaction)
        require_recordable(phase, leaf, self._ledger.author.author)
        self._require_not_behind(leaf)
        self._phase = None if leaf.kind == SUSPENSION else phase
        kept = [
            (tier.value, *self._ledger.keep(leaf.record_id, tier, opening))
            for tier, opening in sorted(record.openings.items())
        ]
        self.transaction.add_record(
            RecordRow(
                index,
                leaf.record_id,
                leaf.kind,
                leaf.author,
                leaf.author_seq,
                iso(self._ledger.clock.now()),
                record.leaf_bytes,
                tuple((tier, digest) for tier, digest, _ in kept),
                tuple((tier, wrapped) for tier, _, wrapped in kept if wrapped is not None),
            )
        )
        self.transaction.apply(rows)
        self._edge = append(self._edge, [leaf_hash(record.leaf_bytes)])
        return index

    def _require_not_behind(self, leaf: Leaf) -> None:
        """Refuse to fork the log from a database that was set back, as a server's can be without us.

        Steps of suspension are let through: nothing may hold up the destruction of keys.

        Raises:
            StorageFailure: More was published than the database holds.
        """
        if self._published_size <= self._seen_size or leaf.kind == SUSPENSION:
            return
        folder = self._ledger.folder
        raise StorageFailure(
            f"The published log shows {self._published_size} records and the database holds "
            f"{self._seen_size}: an older state of it was brought back. To sign from it would fork the log; "
            "nothing was recorded. Take the missing ones back from the log: truceline backup "
            f"{folder} FILE --with-keys; truceline restore FILE NEW; truceline reconcile NEW --log "
            f"{folder}/log"
        )

    def close(self) -> None:
        """Sign the tree as it now is, if anything was added."""
        if self._edge.size == self._seen_size:
            return
        top = root(self._edge)
        checkpoint = sign_checkpoint(self._ledger.origin, self._edge.size, top, self._ledger.log_key)
        self.transaction.add_head(
            Head(self._edge.size, b"".join(self._edge.hashes), top, checkpoint.decode())
        )


def _unpack(head: Head) -> TreeEdge:
    hashes = tuple(head.edge[at : at + HASH_BYTES] for at in range(0, len(head.edge), HASH_BYTES))
    return TreeEdge(head.tree_size, hashes)
