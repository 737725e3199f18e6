# SPDX-License-Identifier: Apache-2.0
"""Takes a file of reports into the record, whole or not at all.

Every row is accepted, known already, refused with its faults, or kept as a conflict
(an id that is recorded with different content: both versions are kept for a person).
One file is one transaction; a second run of the same file adds nothing.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from truceline.agreement import Agreement
from truceline.agreement.model import SourceFamily
from truceline.errors import Fault, RejectedInput
from truceline.evidence import JSON, NOTHING, canonical, fields_payload
from truceline.intake import IntakeContext, Refusal, read
from truceline.mission.fold import digest_of, statement_row
from truceline.mission.ledger import Draft, Writer
from truceline.mission.mission import Mission, require_read_models
from truceline.observation.codec import StatementKind, id_of, kind_of, to_row
from truceline.observation.model import Observation, PartyClaim, Statement, Watch
from truceline.storage import Transaction
from truceline.vocabulary import Tier

BATCH_ROWS = 10_000
"""Rows in one record at most (design, "Records")."""

KEPT_REFUSALS = 10_000
"""Refusals written out in the import record; further ones are only counted there."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """An id that is recorded already with different content."""

    kind: StatementKind
    statement_id: str
    row: bytes


@dataclass(frozen=True, slots=True)
class ImportSummary:
    """What became of a file's rows.

    ``accepted + known + len(refusals) + len(conflicts)`` is ``rows``.
    """

    file: str
    sha256: str
    format: str
    rows: int
    accepted: int
    known: int
    refusals: tuple[Refusal, ...]
    conflicts: tuple[Conflict, ...]
    dry_run: bool
    recorded: bool

    @property
    def clean(self) -> bool:
        """Whether every row was taken, now or before."""
        return not self.refusals and not self.conflicts


@dataclass(slots=True)
class _Sorting:
    """The rows of one file as they are told apart."""

    transaction: Transaction
    agreement: Agreement
    writer: Writer | None
    accepted: int = 0
    known: int = 0
    new_conflicts: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    seen: dict[StatementKind, dict[str, bytes]] = field(default_factory=dict)
    waiting: dict[StatementKind, list[Statement]] = field(default_factory=dict)

    def take(self, item: Statement | Refusal) -> None:
        """Take one row; append a batch whenever one is full."""
        if isinstance(item, Refusal):
            self.refusals.append(item)
            return
        batch = self.waiting.setdefault(kind_of(item), [])
        batch.append(item)
        if len(batch) == BATCH_ROWS:
            self._flush(kind_of(item))

    def finish(self) -> None:
        """Append what is left, and the conflicts."""
        for kind in sorted(self.waiting):
            self._flush(kind)
        fresh = [
            conflict
            for conflict in self.conflicts
            if not self.transaction.conflict_known(
                conflict.kind, conflict.statement_id, digest_of(conflict.row)
            )
        ]
        self.new_conflicts = len(fresh)
        for start in range(0, len(fresh), BATCH_ROWS):
            rows = [
                b'{"kind":%s,"row":%s,"statement_id":%s}'
                % (canonical(conflict.kind), conflict.row, canonical(conflict.statement_id))
                for conflict in fresh[start : start + BATCH_ROWS]
            ]
            if self.writer is not None:
                self.writer.append(Draft("conflicts", {Tier.COMMISSION: rows}))

    def _flush(self, kind: StatementKind) -> None:
        batch = self.waiting.pop(kind, [])
        recorded = self.transaction.statement_digests(kind, [id_of(statement) for statement in batch])
        seen = self.seen.setdefault(kind, {})
        fresh: list[tuple[Statement, bytes]] = []
        for statement in batch:
            row, statement_id = canonical(to_row(statement)), id_of(statement)
            digest = digest_of(row)
            before = seen.get(statement_id) or recorded.get(statement_id)
            if before is None:
                seen[statement_id] = digest
                fresh.append((statement, row))
            elif before == digest:
                self.known += 1
            else:
                self.conflicts.append(Conflict(kind, statement_id, row))
        self.accepted += len(fresh)
        if self.writer is None or not fresh:
            return
        payload: dict[Tier, list[bytes]] = {}
        for index, (statement, row) in enumerate(fresh):
            tier = tier_of(statement, self.agreement)
            payload.setdefault(tier, [NOTHING] * len(fresh))[index] = row
        index = self.writer.next_index
        rows = [statement_row(kind, statement, row, index) for statement, row in fresh]
        self.writer.append(Draft(kind, payload), rows)


def tier_of(statement: Statement, agreement: Agreement) -> Tier:
    """Return the tier that the statement's content is released in.

    The pack's source family says it; what comes from an unknown family stays with
    the commission until somebody decides otherwise.
    """
    if isinstance(statement, PartyClaim):
        return Tier.PUBLIC
    family = family_of(statement, agreement)
    return Tier.COMMISSION if family is None else family.tier


def compartment_of(statement: Observation | Watch, agreement: Agreement) -> str:
    """Return the actor in whose compartment a statement lies; empty: in none."""
    family = family_of(statement, agreement)
    return "" if family is None else family.compartment


def family_of(statement: Observation | Watch, agreement: Agreement) -> SourceFamily | None:
    """Return the pack's family of whoever observed or watched; None: it knows none."""
    if isinstance(statement, Observation):
        return agreement.family(statement.family)
    source = next((one for one in agreement.sources if one.id == statement.source_id), None)
    return agreement.family(statement.source_id if source is None else source.family)


def ingest(
    mission: Mission,
    path: Path,
    format_name: str,
    *,
    dry_run: bool = False,
    progress: Callable[[int], None] = lambda _rows: None,
) -> ImportSummary:
    """Take a file into the mission's record.

    Args:
        mission: Where to.
        path: The file.
        format_name: One of ``truceline.intake.FORMATS``.
        dry_run: Only say what would become of each row.
        progress: Called now and then with the number of rows read so far.

    Raises:
        RejectedInput: The file as a whole cannot be read; nothing was kept.
        StorageFailure: The mission cannot be written to; nothing was kept.
    """
    require_read_models(mission)
    sha256 = _digest_of_file(path)
    items = read(path, format_name, IntakeContext(mission.agreement, mission.gazetteer))
    if dry_run:
        with mission.store.read() as transaction:
            sorting = _Sorting(transaction, mission.agreement, None)
            rows = _sort(sorting, items, progress)
        return _summary(path, sha256, format_name, rows, sorting, dry_run=True, recorded=False)
    with mission.ledger.writing() as writer:
        sorting = _Sorting(writer.transaction, mission.agreement, writer)
        rows = _sort(sorting, items, progress)
        recorded = bool(sorting.accepted or sorting.new_conflicts)
        if recorded or (sorting.refusals and not writer.transaction.import_known(sha256)):
            writer.append(_import_record(path, sha256, format_name, rows, sorting))
            recorded = True
    return _summary(path, sha256, format_name, rows, sorting, dry_run=False, recorded=recorded)


def _digest_of_file(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise RejectedInput(
            f"{path} cannot be read: {error.strerror}. Nothing was recorded.",
            [Fault(str(path), "file", str(error.strerror))],
        ) from error


def _sort(sorting: _Sorting, items: Iterator[Statement | Refusal], progress: Callable[[int], None]) -> int:
    rows = 0
    for rows, item in enumerate(items, start=1):
        sorting.take(item)
        if rows % 1_000 == 0:
            progress(rows)
    sorting.finish()
    progress(rows)
    return rows


def _import_record(path: Path, sha256: str, format_name: str, rows: int, sorting: _Sorting) -> Draft:
    """State what was taken from which file, and every refusal with its reason."""
    counts: dict[str, JSON] = {
        "sha256": sha256,
        "format": format_name,
        "rows": rows,
        "accepted": sorting.accepted,
        "known": sorting.known,
        "refused": len(sorting.refusals),
        "conflicts": len(sorting.conflicts),
    }
    refusals: list[JSON] = [
        {"row": refusal.row_number, "faults": [_fault(fault) for fault in refusal.faults]}
        for refusal in sorting.refusals[:KEPT_REFUSALS]
    ]
    private: dict[str, JSON] = {
        "file": os.fsencode(path.name).decode("utf-8", "replace"),
        "refusals": refusals,
    }
    return Draft("import", fields_payload({Tier.PUBLIC: counts, Tier.COMMISSION: private}))


def _fault(fault: Fault) -> JSON:
    return {"field": fault.path, "reason": fault.reason, "value": fault.value}


def _summary(
    path: Path,
    sha256: str,
    format_name: str,
    rows: int,
    sorting: _Sorting,
    *,
    dry_run: bool,
    recorded: bool,
) -> ImportSummary:
    return ImportSummary(
        path.name,
        sha256,
        format_name,
        rows,
        sorting.accepted,
        sorting.known,
        tuple(sorting.refusals),
        tuple(sorting.conflicts),
        dry_run,
        recorded,
    )
