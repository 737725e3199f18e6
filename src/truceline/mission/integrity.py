# SPDX-License-Identifier: Apache-2.0
"""Checks the database against what was signed: records against leaves, read models against both.

The published log shows nothing of the database.  Whoever can write to the database
could relabel a record, empty a tier, or edit what a report is made from; these checks
are what notices.
"""

from __future__ import annotations

import hashlib

from truceline.evidence import Leaf, tier_root
from truceline.evidence.verify import VerificationError, parse_leaf
from truceline.mechanism import KINDS
from truceline.mission.erasure.erased import Erased, verify_openings
from truceline.mission.fold import fold, merge_tiers
from truceline.mission.ledger import Ledger
from truceline.observation.codec import STATEMENT_KINDS
from truceline.storage import RecordRow, Transaction, schema

_HELD = (
    (schema.statements, STATEMENT_KINDS),
    (schema.conflicts, ("conflicts",)),
    (schema.acts, KINDS),
    (schema.runs, ("run",)),
    (schema.imports, ("import",)),
    (schema.erasures, ("erasure",)),
)
"""The read models whose rows each belong to a record, and the kinds of record."""

EDITED = "Reports would show something else than what was recorded. Find out who; then: truceline rebuild"


def check_record(ledger: Ledger, row: RecordRow, erased: Erased, adopted: frozenset[int]) -> Leaf:
    """Check one record of the database, with what the vault holds of it, against its leaf.

    Args:
        ledger: Whose vault and tier keys are used; what has no key here stays shut.
        row: The record as the database describes it.
        erased: What recorded erasures account for.
        adopted: Records whose content was lost before a restore.

    Raises:
        VerificationError: The database or the vault tells another story than the leaf.
    """
    where = f"record {row.leaf_index} ({row.record_id})"
    # 1. The database describes the record as its leaf does.
    leaf = parse_leaf(row.leaf, where)
    described = (row.record_id, row.kind, row.author, row.author_seq)
    if described != (leaf.record_id, leaf.kind, leaf.author, leaf.author_seq):
        raise VerificationError(
            "The database describes this record otherwise than its signed leaf does.",
            where=where,
            meaning="It was relabelled behind the log's back.",
        )
    if not {tier for tier, _ in row.openings} <= set(leaf.commitments):
        raise VerificationError(
            "The database names a tier that the leaf does not commit to.",
            where=where,
            meaning="Content was added behind the log's back.",
        )
    # 2. What is missing was erased by two, or lost before a restore.
    openings = ledger.openings(row)
    if row.leaf_index not in adopted:
        verify_openings(row, leaf, openings, erased)
    # 3. What is there opens the leaf's commitments.
    for tier, opening in openings.items():
        if tier_root(opening) != leaf.commitments[tier.value]:
            raise VerificationError(
                f"The {tier.value} tier in the vault is not what was recorded.",
                where=where,
                meaning="The content was altered after it was logged.",
            )
    return leaf


def check_statements(ledger: Ledger, transaction: Transaction, row: RecordRow) -> None:
    """Check that the statements shown for a record are the ones that it holds.

    Raises:
        VerificationError: A statement was edited, added or dropped in the read model.
    """
    if row.kind in KINDS:
        _check_act(ledger, transaction, row)
    if row.kind == "run":
        _check_run(ledger, transaction, row)
    if row.kind not in STATEMENT_KINDS:
        return
    if len(ledger.openings(row)) < len(row.openings):
        return  # a tier's key is not here: ``sealing.not_here`` says so, and there is nothing to compare with
    payload = ledger.open_payload(row)
    length = max((len(items) for items in payload.values()), default=0)
    recorded = {merge_tiers(payload, index) for index in range(length)}
    shown = set(transaction.bodies(schema.statements, ids=("leaf_index", [row.leaf_index])))
    # What is shut or erased cannot be compared; what is shown must be recorded all the same.
    shut = any(item is None for items in payload.values() for item in items)
    if not shown <= recorded or (not shut and len(shown) != length):
        raise VerificationError(
            "The read model of statements does not show what the record holds.",
            where=f"record {row.leaf_index} ({row.record_id})",
            meaning=EDITED,
        )


def _check_act(ledger: Ledger, transaction: Transaction, row: RecordRow) -> None:
    """Check that the step shown for a record is the one that it states, as far as it can be opened.

    Raises:
        VerificationError: The step was edited or dropped in the read model.
    """
    stated = fold(row.kind, row.leaf_index, ledger.open_payload(row))
    shown = list(transaction.bodies(schema.acts, ids=("leaf_index", [row.leaf_index])))
    if len(ledger.openings(row)) < len(row.openings) and shown:
        return  # as for statements: there is nothing to compare with
    if shown != [one.values["body"] for one in stated]:
        raise VerificationError(
            "The read model of procedure does not show what the record states.",
            where=f"record {row.leaf_index} ({row.record_id})",
            meaning=EDITED,
        )


def _check_run(ledger: Ledger, transaction: Transaction, row: RecordRow) -> None:
    """Check that what is shown of a run is what it recorded: results are judged by that.

    Raises:
        VerificationError: It was edited or dropped in the read model.
    """
    stated = [one.values["body"] for one in fold(row.kind, row.leaf_index, ledger.open_payload(row))]
    shown = list(transaction.bodies(schema.runs, ids=("leaf_index", [row.leaf_index])))
    if stated and shown != stated:
        raise VerificationError(
            "The read model of runs does not show what the record states.",
            where=f"record {row.leaf_index} ({row.record_id})",
            meaning=EDITED,
        )


def check_nothing_added(transaction: Transaction) -> None:
    """Check that every row that is shown belongs to a record of its kind.

    Raises:
        VerificationError: One belongs to none: nobody recorded it.
    """
    for table, kinds in _HELD:
        strays = transaction.strays(table, kinds)
        if strays:
            raise VerificationError(
                f"The read model of {table.name} shows what nobody recorded.",
                where=f"record {strays[0]}",
                meaning=EDITED,
            )


def shown_results(transaction: Transaction) -> str:
    """Return the digest of the results that the read models show, as a run records it."""
    digest = hashlib.sha256()
    for table in schema.DERIVED:
        for body in transaction.bodies(table):
            digest.update(len(body).to_bytes(8, "big") + body)
    return digest.hexdigest()
