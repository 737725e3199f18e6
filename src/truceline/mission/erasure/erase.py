# SPDX-License-Identifier: Apache-2.0
"""Erasure: two people destroy what opens a part of a record; the log stays as it is.

Order: the ``erasure`` record, the striking out of the vault objects and of the wrapped
keys, and the new read-model rows commit together; then the objects are destroyed and
the database is written anew.  A crash leaves either nothing, or an erasure that the
next opening of the mission finishes.

Invariants: the keys of two people sign (``erased``); the leaf and its commitments stay, so
the log and all that was not erased still verify.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from truceline.errors import Fault, RejectedInput, RuleViolation
from truceline.evidence import NOTHING, Opening, SigningKey, fields_payload, withhold
from truceline.mission.erasure.erased import ERASURE, Erasure
from truceline.mission.fold import fold
from truceline.mission.freezing import require_not_held
from truceline.mission.ledger import Draft, Ledger, Writer
from truceline.mission.mission import Mission, require_read_models
from truceline.mission.reading import find_record
from truceline.mission.run import RunSummary, last_run, recompute
from truceline.observation.codec import STATEMENT_KINDS
from truceline.storage import RecordRow, Transaction, schema
from truceline.vocabulary import Tier

BATCHES = (*STATEMENT_KINDS, "conflicts")
ERASABLE = (*BATCHES, "import")
"""Kinds that hold testimony and whose folds do without it.  All others are what the mission stands on."""

FOLDED = (schema.statements, schema.conflicts, schema.imports)
"""The read models that hold what erasable records state."""


@dataclass(frozen=True, slots=True)
class ErasureSummary:
    """What was erased.

    Attributes:
        erasure: As recorded.
        erased_by: The leaf index of its record.
        finished: Whether all is destroyed; else the next opening of the mission goes on.
        last_run: The last run over what is left, if it had read what was erased.
    """

    erasure: Erasure
    erased_by: int
    finished: bool
    last_run: RunSummary | None


def erase(
    mission: Mission,
    name: str,
    *,
    authority: str,
    ground: str,
    second: SigningKey,
    tier: Tier | None = None,
    row: int | None = None,
    field: str | None = None,
    progress: Callable[[str], None] = lambda _step: None,
) -> ErasureSummary:
    """Destroy what opens a record, one of its tiers, one row of a batch, or one field.

    Args:
        mission: Whose record.
        name: The record's id, or its leaf index.
        authority: Who decided; it will be public.
        ground: Why; it will be public.
        second: The key of a second person; not the operator's.
        tier: Only this tier; None: every tier that is left.
        row: Only this row of a batch, from 0.
        field: Only this field of a single statement.
        progress: Told which step is under way.

    Raises:
        RejectedInput: There is nothing such to erase.
        RuleViolation: A signer is missing, or the record is not one to erase from.
        StorageFailure: The mission cannot be written to. If the message speaks of a
            recorded erasure, it is finished at the next opening.
    """
    require_read_models(mission)
    ledger = mission.ledger
    _require_two(ledger, second)
    _require_words(authority, ground)
    with ledger.writing() as writer:
        transaction = writer.transaction
        found = _record(transaction, name)
        require_not_held(mission, transaction, found)
        openings = ledger.openings(found)
        tiers, index = _part(found, openings, tier, row, field)
        erasure = Erasure(
            ledger.origin,
            found.record_id,
            found.leaf_index,
            tiers,
            index,
            authority,
            ground,
            ledger.author.author,
            second.author,
        )
        progress("recording the erasure")
        erased_by = writer.append(_draft(erasure, second))
        for one in tiers:
            _strike(writer, ledger, found, one, None if index is None else withhold(openings[one], [index]))
        last = _refold(mission, transaction, found, progress)
    progress("destroying what was erased")
    return ErasureSummary(erasure, erased_by, ledger.finish_erasures(), last)


def _require_two(ledger: Ledger, second: SigningKey) -> None:
    if second.author == ledger.author.author:
        raise RuleViolation(
            "An erasure needs two people with a key each; the second key given is the operator's own. "
            "Nothing was erased."
        )


def _require_words(authority: str, ground: str) -> None:
    faults = [
        Fault("erase", name, "must say something")
        for name, text in (("--authority", authority), ("--ground", ground))
        if not text.strip()
    ]
    if faults:
        raise RejectedInput("An erasure states who decided it and why. Nothing was erased.", faults)


def _record(transaction: Transaction, name: str) -> RecordRow:
    row = find_record(transaction, name)
    if row.kind not in ERASABLE:
        raise RuleViolation(
            f"{row.record_id} is of the kind {row.kind}, which the mission stands on; "
            f"erased are parts of {', '.join(ERASABLE)}. Nothing was erased."
        )
    return row


def _part(
    found: RecordRow,
    openings: Mapping[Tier, Opening],
    tier: Tier | None,
    row: int | None,
    field: str | None,
) -> tuple[tuple[Tier, ...], int | None]:
    """Return the tiers to erase from, and the item; None: the whole tiers.

    Raises:
        RejectedInput: There is nothing such in the record, or not any more.
    """

    def refuse(path: str, reason: str, value: str) -> RejectedInput:
        return RejectedInput(
            f"There is nothing such to erase from {found.record_id}. Nothing was changed.",
            [Fault("erase", path, reason, value)],
        )

    held = tuple(Tier(name) for name, _ in found.openings)
    if not held:
        raise refuse("RECORD", "is erased whole already", found.record_id)
    if tier is not None and tier not in held:
        raise refuse("--tier", "the record has no such tier, or not any more", tier)
    tiers = held if tier is None else (tier,)
    if row is None and field is None:
        return tiers, None
    if row is not None and field is not None:
        raise refuse("--row", "give a row or a field, not both", str(row))
    if (row is not None) != (found.kind in BATCHES):
        raise refuse(
            "--row" if field is None else "--field",
            f"a record of the kind {found.kind} has {'rows' if found.kind in BATCHES else 'fields'}",
            str(row if field is None else field),
        )
    shut = [one for one in tiers if one not in openings]
    if shut:
        raise refuse("--tier", "its key is not here; bring the key, or erase the whole tier", shut[0])
    wanted = row if field is None else _index_of(openings, field)
    count = len(next(iter(openings.values())).items)
    if wanted is None or not 0 <= wanted < count:
        reason = f"not there; there are {count}, counted from 0" if field is None else "not there"
        raise refuse("--row" if field is None else "--field", reason, str(row if field is None else field))
    left = tuple(one for one in tiers if openings[one].items[wanted] is not None)
    if not left:
        raise refuse("--row" if field is None else "--field", "is erased already", str(wanted))
    return left, wanted


def _index_of(openings: Mapping[Tier, Opening], field: str) -> int | None:
    """Return which item a field is (evidence format, "Single statement")."""
    for opening in openings.values():
        for index, item in enumerate(opening.items):
            if item not in (None, NOTHING) and json.loads(item or b"{}")["name"] == field:
                return index
    return None


def _draft(erasure: Erasure, second: SigningKey) -> Draft:
    signature = base64.b64encode(second.sign(erasure.signed_bytes())).decode()
    fields = {**erasure.fields(), "signature": signature}
    return Draft(ERASURE, fields_payload({Tier.PUBLIC: fields}), refs=(erasure.record_id,))


def _strike(writer: Writer, ledger: Ledger, found: RecordRow, tier: Tier, left: Opening | None) -> None:
    """Strike out what opened a tier; put what is left of it under a key of its own."""
    erasing = writer.transaction.erasing
    erasing.strike(found.leaf_index, tier.value)
    if left is not None:
        erasing.put(found.leaf_index, tier.value, *ledger.keep(found.record_id, tier, left))


def _refold(
    mission: Mission, transaction: Transaction, found: RecordRow, progress: Callable[[str], None]
) -> RunSummary | None:
    """Make the read models those of what is left, and the last run's results too."""
    transaction.erasing.unfold(FOLDED, found.leaf_index)
    left = transaction.record_at(found.leaf_index) or found
    transaction.apply(fold(left.kind, left.leaf_index, mission.ledger.open_payload(left)))
    last = last_run(transaction)
    if found.kind != "observations" or last is None or found.leaf_index >= last.tree_size:
        return None
    progress("computing the last run again without it")
    return recompute(mission, transaction)
