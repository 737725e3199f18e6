# SPDX-License-Identifier: Apache-2.0
"""The audit trail of procedure: every recorded step, as far as it is a reader's to see.

Steps that the rules forbade are listed among the others, marked with the rule: they are in
the record and have no effect.  Why the rule forbade one may tell of fields in a closer
tier, so it is said only to whoever sees the whole step.
"""

from __future__ import annotations

from dataclasses import dataclass

from truceline.errors import Fault, RejectedInput
from truceline.mechanism import KINDS, reader_of
from truceline.mission.mission import Mission, require_read_models
from truceline.mission.replaying import as_committed
from truceline.procedure import Entry, Irregular, ShownEntry, Who, shown


@dataclass(frozen=True, slots=True)
class ShownAct:
    """What one reader sees of a recorded step.

    Attributes:
        kind: The kind of record.
        entry: Its fields as this reader sees them, and the tiers withheld.
        rule: The rule of procedure that forbade it; empty: it took effect.
        reason: Why the rule forbade it; empty: it did not, or not every field is this reader's to see.
    """

    kind: str
    entry: ShownEntry
    rule: str = ""
    reason: str = ""


def entries_for(mission: Mission, who: Who, kind: str | None = None) -> tuple[ShownAct, ...]:
    """Return every recorded step as somebody sees it now, in the order of the log.

    Args:
        mission: Whose record.
        who: Who reads.
        kind: Only steps of this kind of record; None: all.

    Raises:
        RejectedInput: No step is of that kind.
        StorageFailure: A step cannot be read, for want of a tier's key or for damage.
    """
    if kind is not None and kind not in KINDS:
        raise RejectedInput(
            "No step is of such a kind; truceline steps lists them.",
            [Fault("procedure", "kind", f"not one of {', '.join(sorted(KINDS))}", kind)],
        )
    require_read_models(mission)
    with mission.store.read() as transaction:
        state = as_committed(mission, transaction)
    reader = reader_of(who, state, mission.agreement, mission.ledger.clock.now())
    irregular = {one.entry.leaf_index: one for one in state.irregular}
    recorded = [*state.entries, *(one.entry for one in state.irregular)]
    return tuple(
        _act(entry, seen, irregular.get(entry.leaf_index))
        for entry in sorted(recorded, key=lambda entry: entry.leaf_index)
        if kind in (None, entry.step.kind) and (seen := shown(entry, reader)) is not None
    )


def _act(entry: Entry, seen: ShownEntry, irregular: Irregular | None) -> ShownAct:
    if irregular is None:
        return ShownAct(entry.step.kind, seen)
    return ShownAct(entry.step.kind, seen, irregular.rule, "" if seen.withheld else irregular.reason)
