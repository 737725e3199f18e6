# SPDX-License-Identifier: Apache-2.0
"""Rebuilding read models from the records, and telling how a mission stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from truceline.mission.erasure.erased import erased_parts
from truceline.mission.fold import FOLD_VERSION, FOLDED_KINDS, fold
from truceline.mission.integrity import check_record
from truceline.mission.mission import Mission
from truceline.mission.run import RunSummary, last_run, recompute
from truceline.mission.witnesses.witnessing import POLICY_FILE, witness_standing
from truceline.storage import Transaction, schema


@dataclass(frozen=True, slots=True)
class MissionStatus:
    """How a mission stands.

    ``behind`` is the number of records made since the last run read the log.
    ``attested_size`` is how much of the log its policy's witnesses have seen; None: no
    state of it, or the mission names no witnesses (``witnessed``).
    """

    mission_id: str
    pack_id: str
    origin: str
    exercise: bool
    tree_size: int
    root: bytes
    records: tuple[tuple[str, int], ...]
    statements: tuple[tuple[str, int], ...]
    conflicts: int
    incidents: int
    last_run: RunSummary | None
    behind: int
    witnessed: bool
    attested_size: int | None


def mission_status(mission: Mission) -> MissionStatus:
    """Tell what is recorded, what was derived from it, and what waits for a person."""
    witnessed = (mission.folder / POLICY_FILE).is_file()
    attested_size = witness_standing(mission).attested_size if witnessed else None
    with mission.store.read() as transaction:
        head = transaction.head()
        last = last_run(transaction)
        size = 0 if head is None else head.tree_size
        # The run's own record is not something that the run has yet to read.
        read_up_to = 0 if last is None else last.tree_size + 1
        return MissionStatus(
            mission.settings.mission_id,
            mission.agreement.agreement_id,
            mission.settings.origin,
            mission.settings.exercise,
            size,
            b"" if head is None else head.root,
            transaction.counts(schema.records, "kind"),
            transaction.counts(schema.statements, "kind"),
            transaction.count(schema.conflicts),
            transaction.count(schema.incidents),
            last,
            max(0, size - read_up_to),
            witnessed,
            attested_size,
        )


@dataclass(frozen=True, slots=True)
class RebuildSummary:
    """What was recreated; ``changed`` names the read models that had shown something else."""

    records: int
    statements: tuple[tuple[str, int], ...]
    run: RunSummary | None
    changed: tuple[str, ...] = ()


def rebuild(mission: Mission, *, progress: Callable[[int], None] = lambda _done: None) -> RebuildSummary:
    """Recreate every read model from records and vault, whole or not at all.

    Raises:
        StorageFailure: A vault object is missing or changed, or the last run's results
            do not come out as recorded; the read models stay as they were.
        VerificationError: Database or vault tell of a record otherwise than its leaf.
    """
    mission.ledger.finish_erasures()
    with mission.ledger.writing() as writer:
        transaction = writer.transaction
        before = _digests(transaction)
        transaction.recreate_read_models(FOLD_VERSION)
        erased, adopted = erased_parts(mission.ledger, transaction), transaction.erasing.adopted()
        done = 0
        for done, row in enumerate(list(transaction.records()), start=1):
            check_record(mission.ledger, row, erased, adopted)
            if row.kind in FOLDED_KINDS:
                transaction.apply(fold(row.kind, row.leaf_index, mission.ledger.open_payload(row)))
            progress(done)
        last = recompute(mission, transaction)
        after = _digests(transaction)
        changed = tuple(name for name in sorted(after) if before.get(name, after[name]) != after[name])
        return RebuildSummary(done, transaction.counts(schema.statements, "kind"), last, changed)


def _digests(transaction: Transaction) -> dict[str, str]:
    """Return a digest of each read model's rows, of those that are there."""
    return {
        table.name: digest
        for table in schema.read_models.sorted_tables
        if "body" in table.c and (digest := transaction.digest(table)) is not None
    }
