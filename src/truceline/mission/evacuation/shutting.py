# SPDX-License-Identifier: Apache-2.0
"""What follows a recorded destruction of keys: the key files go, and what was not public with them.

Invariants: each step can be taken again, so that a crash between any two of them is made
good by the next opening; a key that cannot be destroyed holds nothing else up, and is told;
once all is done, no file is touched again, for a tier's key may be brought back to read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from truceline.errors import StorageFailure
from truceline.evidence import canonical
from truceline.evidence.keyfile import destroy_key
from truceline.mechanism import STEPS
from truceline.mechanism.suspension import SUSPENSION
from truceline.mission.evacuation.retired import Destruction
from truceline.mission.ledger import Ledger
from truceline.procedure import tiers_of
from truceline.procedure.step import RESERVED
from truceline.storage import ReadRow, Transaction, schema, write_durably
from truceline.storage.accounts import account_files
from truceline.vocabulary import Tier

EMPTIED: Final = 0
"""The version of read models that hold nothing but the public part of the steps of suspension."""


def is_pending(ledger: Ledger) -> bool:
    """Tell whether a recorded destruction of keys is still to be carried out."""
    with ledger.store.read() as transaction:
        return transaction.fold_version() is None


def is_emptied(ledger: Ledger) -> bool:
    """Tell whether the read models were emptied and are still to be made again from what is public."""
    with ledger.store.read() as transaction:
        return transaction.fold_version() == EMPTIED


def mark_pending(transaction: Transaction) -> None:
    """Note, in the commit of its record, that a destruction of keys is to be carried out."""
    transaction.clear([schema.fold])


def complete(ledger: Ledger, destruction: Destruction) -> None:
    """Destroy the key files and empty the read models, if that is still to be done.

    Args:
        ledger: The mission's; none of its keys is used.
        destruction: As recorded.

    Raises:
        StorageFailure: A key file could not be destroyed, or the database not written.
    """
    if not is_pending(ledger):
        return
    # 1. The keys, each whatever becomes of the others.
    left: list[str] = []
    for key in destruction.keys:
        try:
            destroy_key(key_path(ledger.folder, key.name))
        except StorageFailure as error:
            left.append(str(error))
    # Who worked here, and what they looked at, endangers them as much as any key.
    for path in account_files(ledger.folder):
        try:
            destroy_key(path)
        except StorageFailure as error:
            left.append(str(error))
    # 2. What was not public; deleted rows leave traces, so the files are to be written anew.
    with ledger.frozen(), ledger.store.write() as transaction:
        kept = list(_public_acts(transaction))
        transaction.recreate_read_models(EMPTIED)
        transaction.apply(kept)
        transaction.erasing.mark_traces()
        if left:
            mark_pending(transaction)
    if left:
        ledger.finish_erasures()
        raise StorageFailure(
            "The destruction of the keys is recorded, and not all of them are destroyed. "
            f"{' '.join(left)} Destroy them by hand, then open the mission again."
        )
    # 3. The public halves, for people; the record has them too.
    for key in destruction.keys:
        path = key_path(ledger.folder, key.name).with_suffix(".pub")
        write_durably(path, f"{key.public}\n".encode())


def key_path(folder: Path, name: str) -> Path:
    """Return where a mission's private key lies."""
    return folder / "keys" / f"{name}.pem"


def _public_acts(transaction: Transaction) -> Iterator[ReadRow]:
    """Yield the steps of suspension with what is public of them, as a rebuild without keys folds them."""
    for index, _, body in transaction.acts():
        stated = json.loads(body)
        step = STEPS.get(str(stated.get("step")))
        if step is None or step.kind != SUSPENSION or step.tier is not Tier.PUBLIC:
            continue
        public = {name for name, tier in tiers_of(step).items() if tier is Tier.PUBLIC} | RESERVED - {
            "person"
        }
        fields = {name: value for name, value in stated.items() if name in public}
        yield ReadRow(schema.acts, {"leaf_index": index, "kind": SUSPENSION, "body": canonical(fields)})
