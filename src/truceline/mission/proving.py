# SPDX-License-Identifier: Apache-2.0
"""Checks a mission against its own log, and proves records from it."""

from __future__ import annotations

import base64
from pathlib import Path

from truceline.errors import RejectedInput
from truceline.evidence import TreeEdge, append, canonical, leaf_hash, prove, prove_item, root
from truceline.evidence.verify import LogReport, VerificationError, verify_log
from truceline.mission.erasure.erased import erased_parts
from truceline.mission.integrity import check_nothing_added, check_record, check_statements
from truceline.mission.mission import Mission
from truceline.mission.reading import find_record
from truceline.mission.run import check_results
from truceline.mission.settings import FILE_NAME
from truceline.storage import RecordRow
from truceline.vocabulary import Tier


def is_mission(folder: Path) -> bool:
    """Tell whether a folder is a mission rather than a published log."""
    return (folder / FILE_NAME).is_file()


def verify_mission(mission: Mission, verifier_key: str | None = None) -> LogReport:
    """Check the published log, the database against it, and the vault against the leaves.

    Args:
        mission: Whose log; it is published up to its latest commit first.
        verifier_key: A key had from elsewhere; None: the mission's own.

    Raises:
        VerificationError: The first thing that does not hold.
    """
    # 1. The published log is whole, under the key.
    mission.ledger.publish()
    own_key = mission.ledger.log_key.verifier_key(mission.settings.origin)
    report = verify_log(mission.folder / "log", verifier_key or own_key)
    with mission.store.read() as transaction:
        # 2. It is the tree that the database last committed to.
        head = transaction.head()
        if head is None or (head.tree_size, head.root) != (report.checkpoint.size, report.checkpoint.root):
            raise VerificationError(
                "The published log is not the tree that the database committed to.",
                where=str(mission.folder / "log"),
                meaning="One of the two was changed or restored without the other.",
            )
        edge = TreeEdge()
        erased, adopted = erased_parts(mission.ledger, transaction), transaction.erasing.adopted()
        for row in transaction.records():
            edge = append(edge, [leaf_hash(row.leaf)])
            # 3. Database and vault tell of each record what its leaf does, and reports are made from that.
            check_record(mission.ledger, row, erased, adopted)
            check_statements(mission.ledger, transaction, row)
        # 4. The database holds the very leaves that the log holds, and goes on from the right edge.
        if (edge.size, root(edge), b"".join(edge.hashes)) != (head.tree_size, head.root, head.edge):
            raise VerificationError(
                "The leaves or the edge in the database are not those of the tree that it committed to.",
                where=mission.store.place,
                meaning="A record was altered, dropped or added behind the log's back.",
            )
        # 5. Nothing is shown that nobody recorded, and the results are those that the last run recorded.
        check_nothing_added(transaction)
        check_results(mission, transaction)
    return report


def prove_record(mission: Mission, name: str) -> str:
    """Return a C2SP tlog-proof that a record is in the published log.

    Args:
        mission: Whose record.
        name: The record's id, or its leaf index.

    Raises:
        RejectedInput: There is no such record.
    """
    mission.ledger.publish()
    return prove(mission.folder / "log", _record(mission, name).leaf_index)


def disclose_item(mission: Mission, name: str, tier: Tier, index: int) -> bytes:
    """Return what opens one item of a record and nothing else: a field, or a row of a batch.

    Given with the record's proof, it shows a stranger that the item is what was
    recorded (``evidence.verify.open_item``, or the page in ``web/verify`` of the package).

    Args:
        mission: Whose record.
        name: The record's id, or its leaf index.
        tier: The tier that the item stands in.
        index: Which item, from 0.

    Returns:
        A JSON object of tier, index, salt and path (base64), and the item's text.

    Raises:
        RejectedInput: There is no such record, tier or item, or it cannot be opened here.
    """
    opening = mission.ledger.openings(_record(mission, name)).get(tier)
    if opening is None:
        raise RejectedInput(
            f"The {tier.value} tier of {name} cannot be opened here: the record has none, it was erased, "
            "or its key is not in keys/."
        )
    proof = prove_item(opening, index)
    return canonical(
        {
            "tier": tier.value,
            "index": index,
            "salt": base64.b64encode(proof.salt).decode(),
            "item": proof.item.decode(),
            "path": [base64.b64encode(one).decode() for one in proof.path],
        }
    )


def _record(mission: Mission, name: str) -> RecordRow:
    with mission.store.read() as transaction:
        return find_record(transaction, name)
