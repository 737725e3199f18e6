# SPDX-License-Identifier: Apache-2.0
"""What a run heeds of procedure: the parties' notices, and what people reviewed, below its tree size.

A run and its audit use the same functions on the same records, so an auditor who sees
them all comes to the same.  They are replayed without the other rooms' steps: what a
commission recorded, or who of the staff is accounted for, must not be needed to check a
run.  Nothing that was recorded by ``acting.act`` is judged otherwise so.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from truceline.agreement import Agreement, Notice
from truceline.errors import RejectedInput
from truceline.evidence import parse_leaf
from truceline.fusion import Rulings
from truceline.mechanism import STEPS, replay
from truceline.mission.mission import Mission
from truceline.mission.replaying import agreements
from truceline.parties import SUBMISSION, notices
from truceline.procedure import Entry, decode
from truceline.review import REVIEW, Review, replay_reviews, rulings_of
from truceline.storage import Transaction

HEEDED = (SUBMISSION, REVIEW)
"""The kinds of records of procedure that a run reads."""


@dataclass(frozen=True, slots=True)
class Heeded:
    """The notices and the review below a tree size, and the records there that cannot be read here."""

    notices: tuple[Notice, ...]
    review: Review
    unread: tuple[int, ...] = ()

    @property
    def rulings(self) -> Rulings:
        """What fusion must heed."""
        return rulings_of(self.review)


def notices_of(submissions: Iterable[Entry], agreement_at: Callable[[int], Agreement]) -> tuple[Notice, ...]:
    """Return the notices that submissions lead to; what the rules forbid has no effect.

    Args:
        submissions: In the order of the log, and no other steps.
        agreement_at: Returns the pack that a leaf index falls under.
    """
    return notices(replay(submissions, agreement_at).submissions)


def heeded_below(mission: Mission, transaction: Transaction, tree_size: int) -> Heeded:
    """Return what a run at a tree size takes into account.

    Content that was lost before a restore counts for nothing: it is nowhere any more.
    """
    rows = [row for row in transaction.records_of(HEEDED) if row.leaf_index < tree_size]
    if not rows:
        return Heeded((), Review())
    bodies = {index: body for index, _, body in transaction.acts() if index < tree_size}
    adopted, operator = transaction.erasing.adopted(), mission.ledger.author.author
    entries: dict[str, list[Entry]] = {kind: [] for kind in HEEDED}
    unread = []
    for row in rows:
        where = f"record {row.leaf_index}"
        leaf = parse_leaf(row.leaf, where)
        try:
            step, who = decode(STEPS, json.loads(bodies[row.leaf_index]), where)
        except (KeyError, ValueError, OverflowError, RejectedInput):
            # Sealed for a key that is not here, a step of another version of this program, or none.
            unread += [] if row.leaf_index in adopted else [row.leaf_index]
            continue
        entries[step.kind].append(Entry(row.leaf_index, leaf.made_at, who, step, leaf.author != operator))
    agreement_at = agreements(mission, transaction)
    return Heeded(
        notices_of(entries[SUBMISSION], agreement_at),
        replay_reviews(entries[REVIEW], agreement_at),
        tuple(unread),
    )
