# SPDX-License-Identifier: Apache-2.0
"""Takes records that were signed at their source into the log, each once, with a proof.

Every submission gets one answer:

- *admitted*: it is in the log, or *known*: it was already;
- *fork*, *conflict* or *kept*: its author's signature is real, but it cannot stand
  beside what is recorded; it is kept whole in a record of ours, for a person;
- *refused*: it is no submission, or by nobody that the mission knows; nothing is kept.

Invariants: what is admitted is the very leaf that its author signed; whatever was signed
under a key that the mission enrolled is in the log in one way or the other; taking the
same file again adds nothing.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from truceline.errors import Fault, RejectedInput
from truceline.evidence import JSON, NOTHING, Record, canonical, fields_payload, parse_leaf, prove
from truceline.evidence.submission import read_submission, submission_from_bytes
from truceline.interval import iso
from truceline.mission.devices.enrolment import (
    AuthorEvent,
    State,
    Step,
    author_events,
    holding_of,
    public_part,
    standing_of,
)
from truceline.mission.devices.receipts import FORK, REFUSAL, KeptRecord, Outcome, Receipt
from truceline.mission.devices.signing_device import statement_items
from truceline.mission.fold import digest_of, fields_of, statement_row
from truceline.mission.ingest import tier_of
from truceline.mission.ledger import Draft, Ledger, Writer
from truceline.mission.mission import Mission, require_read_models
from truceline.observation.codec import STATEMENT_KINDS, StatementKind, from_row, id_of
from truceline.observation.model import Statement
from truceline.storage import Transaction
from truceline.vocabulary import Tier

NAMED = 20
"""Ids named in a reason at most."""

BATCH_BYTES = 64 * 1024 * 1024
"""Files read before they are committed together."""


class _NotAdmittedError(Exception):
    """Why a submission does not become a record; never leaves this module.

    Attributes:
        outcome: What becomes of it.
        reason: Why, in words.
        beside: For a fork, the other leaf.
        conflicts: Its rows whose id is recorded with other content.
    """

    def __init__(
        self, outcome: Outcome, reason: str, *, beside: bytes | None = None, conflicts: Sequence[bytes] = ()
    ) -> None:
        super().__init__(reason)
        self.outcome, self.reason, self.beside, self.conflicts = outcome, reason, beside, conflicts


def submit(mission: Mission, data: bytes, name: str) -> Receipt:
    """Take one submission into the log, or say why not; see ``submit_all``."""
    return submit_all(mission, [(name, data)])[0]


def submit_all(mission: Mission, submissions: Sequence[tuple[str, bytes]]) -> list[Receipt]:
    """Take submissions into the log in one commit, each on its own merits; answer them in order.

    Args:
        mission: Where to.
        submissions: For each the file's name, for reasons, and its bytes.

    Raises:
        StorageFailure: The mission cannot be written to; nothing was kept.
    """
    if not submissions:
        return []
    require_read_models(mission)
    with mission.ledger.writing() as writer:
        desk = _Desk(
            mission,
            writer,
            author_events(writer.transaction, mission.ledger, public_only=True),
            list(kept_records(writer.transaction, mission.ledger)),
        )
        receipts = [desk.answer(name, data) for name, data in submissions]
    # The log is committed and published now: only what it proves is acknowledged.
    log = mission.folder / "log"
    return [
        one if one.leaf_index is None else replace(one, proof=prove(log, one.leaf_index)) for one in receipts
    ]


def submit_files(mission: Mission, paths: Sequence[Path]) -> Iterator[Receipt]:
    """Take the submissions in files, some at a time and in order; what cannot be read is refused."""
    waiting: list[tuple[str, bytes]] = []
    for path in paths:
        try:
            waiting.append((str(path), read_submission(path)))
        except RejectedInput as error:
            yield from submit_all(mission, waiting)
            waiting = []
            yield Receipt(str(path), Outcome.REFUSED, str(error))
        if sum(len(data) for _, data in waiting) >= BATCH_BYTES:
            yield from submit_all(mission, waiting)
            waiting = []
    yield from submit_all(mission, waiting)


def kept_records(transaction: Transaction, ledger: Ledger) -> Iterator[KeptRecord]:
    """Yield every submission that was kept beside the records, in the order of the log."""
    for row in transaction.records_of([FORK, REFUSAL]):
        fields = fields_of(ledger.open_payload(public_part(row)))
        if "leaf" not in fields:
            continue  # taken back from the published log without its content: there is nothing to compare
        leaf = base64.b64decode(str(fields["leaf"]))
        read = parse_leaf(leaf, f"record {row.leaf_index}")
        yield KeptRecord(row.leaf_index, row.kind, read.author, read.author_seq, leaf)


@dataclass(slots=True)
class _Desk:
    """Where submissions are answered inside one change."""

    mission: Mission
    writer: Writer
    events: Sequence[AuthorEvent]
    kept: list[KeptRecord]

    def answer(self, name: str, data: bytes) -> Receipt:
        """Admit one submission, keep it, or refuse it."""
        try:
            record = submission_from_bytes(data, name)
        except RejectedInput as error:
            return Receipt(name, Outcome.REFUSED, str(error))
        leaf, transaction = record.leaf, self.writer.transaction
        known = transaction.record(leaf.record_id)
        if known is not None and known.leaf == record.leaf_bytes:
            return Receipt(name, Outcome.KNOWN, "", leaf.author, leaf.author_seq, None, known.leaf_index)
        try:
            statements = self.admissible(record)
        except _NotAdmittedError as why:
            index = None if why.outcome is Outcome.REFUSED else self.keep(record, data, why)
            return Receipt(name, why.outcome, why.reason, leaf.author, leaf.author_seq, None, index)
        missing, at = _missing(transaction, record, self.kept), self.writer.next_index
        index = self.writer.admit(record, [statement_row(*each, at) for each in statements])
        return Receipt(name, Outcome.ADMITTED, "", leaf.author, leaf.author_seq, missing, index)

    def admissible(self, record: Record) -> list[tuple[StatementKind, Statement, bytes]]:
        """Return the statements of a record that may be admitted.

        Raises:
            _NotAdmittedError: It may not.
        """
        transaction, leaf = self.writer.transaction, record.leaf
        # 1. Its author is known here: what strangers sign is not ours to keep.
        if holding_of(leaf.author, self.events) is None:
            raise _NotAdmittedError(
                Outcome.REFUSED, f"{leaf.author} is not enrolled in this mission; enrol it and submit again"
            )
        # 2. Its number was not used for anything else, admitted or kept.
        beside = transaction.record_by(leaf.author, leaf.author_seq)
        others = [] if beside is None else [beside.leaf]
        others += [
            one.leaf for one in self.kept if (one.author, one.author_seq) == (leaf.author, leaf.author_seq)
        ]
        other = next((one for one in others if one != record.leaf_bytes), None)
        if other is not None:
            raise _NotAdmittedError(
                Outcome.FORK,
                f"the author used its number {leaf.author_seq} for two records: "
                "the device was copied or put back, or others have its key",
                beside=other,
            )
        if transaction.record(leaf.record_id) is not None:
            raise _NotAdmittedError(Outcome.KEPT, f"another record has the id {leaf.record_id}")
        # 3. It does not claim to have seen more of the log than there is (evidence format, "Not before").
        if leaf.seen_size > self.writer.next_index:
            raise _NotAdmittedError(
                Outcome.KEPT,
                f"its device had seen {leaf.seen_size} entries of this log, which has "
                f"{self.writer.next_index}: the log was cut back, or the device was shown another one",
            )
        # 4. Its author may sign.
        _require_standing(record, self.events, self.mission.ledger.clock.now())
        # 5. It states something that a source may state, and nobody has stated under the same ids.
        try:
            statements = list(_statements(self.mission, record))
        except RejectedInput as error:
            raise _NotAdmittedError(Outcome.KEPT, _short(error)) from error
        _require_fresh(transaction, statements)
        return statements

    def keep(self, record: Record, data: bytes, why: _NotAdmittedError) -> int:
        """Keep a submission whole beside the log's own records; return where it is kept."""
        before = next((one for one in self.kept if one.leaf == record.leaf_bytes), None)
        if before is not None:
            return before.leaf_index
        leaf = record.leaf
        public: dict[str, JSON] = {
            "author": leaf.author,
            "author_seq": leaf.author_seq,
            "leaf": _base64(record.leaf_bytes),
            "outcome": why.outcome.value,
        }
        if why.beside is not None:
            public["beside"] = _base64(why.beside)
        # The reason may name statements, and the submission holds them.
        private: dict[str, JSON] = {"reason": why.reason, "submission": _base64(data)}
        payload = fields_payload({Tier.PUBLIC: public, Tier.COMMISSION: private})
        kind = FORK if why.outcome is Outcome.FORK else REFUSAL
        index = self.writer.append(Draft(kind, payload))
        self.kept.append(KeptRecord(index, kind, leaf.author, leaf.author_seq, record.leaf_bytes))
        if why.conflicts:
            self.writer.append(Draft("conflicts", {Tier.COMMISSION: list(why.conflicts)}))
        return index


def _require_standing(record: Record, events: Sequence[AuthorEvent], now: datetime) -> None:
    """Check that the author may sign; what ended its key holds even if our clock went back."""
    author = record.leaf.author
    ended = [one.at for one in events if one.step is not Step.ENROLMENT]
    standing = standing_of(author, max([now, *ended]), events)
    if standing.state is State.VALID:
        return
    if standing.state is State.NOT_ENROLLED:
        since = min(one.at for one in events if one.author == author)
        raise _NotAdmittedError(
            Outcome.REFUSED, f"its author is enrolled from {iso(since)} on; submit it then"
        )
    if standing.state is State.ROTATED:
        rotation = next(one for one in events if one.step is Step.ROTATION and one.author == author)
        if record.leaf.seen_size <= rotation.leaf_index:
            return  # signed by a device that had not heard of it; marked in doubt by ``doubt_of``
    raise _NotAdmittedError(Outcome.KEPT, f"its author's key is {standing}")


def _statements(mission: Mission, record: Record) -> Iterator[tuple[StatementKind, Statement, bytes]]:
    """Yield a record's statements: kind, statement and its one spelling.

    Raises:
        RejectedInput: Anything in it is not a statement, or is to be released more
            widely than the pack allows.
    """
    leaf = record.leaf
    kind = next((one for one in STATEMENT_KINDS if one == leaf.kind), None)
    if kind is None or leaf.schema != 1:
        raise RejectedInput(f"A device states {', '.join(STATEMENT_KINDS)} of version 1, not {leaf.kind}.")
    placed = [_only_tier(record, index) for index in range(leaf.items)]
    rows = [row for _, row in placed]
    spelled = statement_items(kind, rows)
    for number, ((tier, row), item) in enumerate(zip(placed, spelled, strict=True), start=1):
        where = f"{kind} row {number}"
        if row != item:
            raise RejectedInput(
                "A row is not in its one spelling.",
                [Fault(where, "row", "holds more or less than a statement")],
            )
        statement = from_row(kind, row, where)
        allowed = tier_of(statement, mission.agreement)
        if list(Tier).index(tier) < list(Tier).index(allowed):
            raise RejectedInput(
                "A row would be released more widely than the agreement allows.",
                [Fault(where, "tier", f"must be {allowed} or closer", tier)],
            )
        yield kind, statement, row


def _only_tier(record: Record, index: int) -> tuple[Tier, bytes]:
    """Return the one tier in which a row has its fields, and the row."""
    held = [
        (tier, item)
        for tier, opening in record.openings.items()
        if (item := opening.items[index]) is not None and item != NOTHING
    ]
    if len(held) != 1:
        raise RejectedInput(
            "Each row has its fields in exactly one tier.",
            [Fault(f"row {index + 1}", "tiers", "must be one", ", ".join(tier for tier, _ in held))],
        )
    return held[0]


def _require_fresh(
    transaction: Transaction, statements: Sequence[tuple[StatementKind, Statement, bytes]]
) -> None:
    """Check that no statement's id is recorded; with other content it is a conflict (mission.ingest)."""
    kind = statements[0][0]
    recorded = transaction.statement_digests(kind, [id_of(one) for _, one, _ in statements])
    clashes = [(id_of(one), row) for _, one, row in statements if id_of(one) in recorded]
    if not clashes:
        return
    names = ", ".join(name for name, _ in clashes[:NAMED])
    more = f" and {len(clashes) - NAMED:,} more" if len(clashes) > NAMED else ""
    others = [(name, row) for name, row in clashes if recorded[name] != digest_of(row)]
    if not others:
        raise _NotAdmittedError(Outcome.KEPT, f"its statements are recorded already: {names}{more}")
    raise _NotAdmittedError(
        Outcome.CONFLICT,
        f"{len(others):,} of its statements are recorded with other content; recorded already: {names}{more}",
        conflicts=[
            b'{"kind":%s,"row":%s,"statement_id":%s}' % (canonical(kind), row, canonical(name))
            for name, row in others
            if not transaction.conflict_known(kind, name, digest_of(row))
        ],
    )


def _missing(transaction: Transaction, record: Record, kept: Sequence[KeptRecord]) -> tuple[int, int] | None:
    """Return the numbers that the log lacks just before this one."""
    leaf = record.leaf
    last = max(
        transaction.last_author_seq(leaf.author),
        *(one.author_seq for one in kept if one.author == leaf.author),
        0,
    )
    return (last + 1, leaf.author_seq - 1) if leaf.author_seq > last + 1 else None


def _short(error: RejectedInput) -> str:
    """Return a refusal with its first faults alone: a file of 10,000 rows may have as many."""
    faults = [str(fault) for fault in error.faults[:NAMED]]
    more = [f"and {len(error.faults) - NAMED:,} more"] if len(error.faults) > NAMED else []
    return "; ".join([error.summary, *faults, *more])


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
