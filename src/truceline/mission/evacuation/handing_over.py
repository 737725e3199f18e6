# SPDX-License-Identifier: Apache-2.0
"""Handing a suspended mission over: a backup, and a record that says which file it is.

Invariants: the record comes after the backup, so the backup holds everything up to it and
not the record itself; a file that could not be recorded does not stay.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from truceline.errors import Fault, RejectedInput, StorageFailure
from truceline.evidence import SigningKey
from truceline.mechanism.suspension import HandOver
from truceline.mission.acting import act, would_take
from truceline.mission.mission import Mission
from truceline.mission.recovery.backup import back_up
from truceline.procedure import Who


@dataclass(frozen=True, slots=True)
class HandedOverFile:
    """What was handed over.

    Attributes:
        path: The backup file.
        to: To whom.
        tree_size: How many records it holds.
        root: The log's root over them.
        sha256: Of the file.
        with_keys: Whether it holds the private keys too.
        leaf_index: Where the hand-over is recorded.
    """

    path: Path
    to: str
    tree_size: int
    root: str
    sha256: str
    with_keys: bool
    leaf_index: int


def hand_over(
    mission: Mission,
    who: Who,
    to: str,
    out: Path,
    *,
    what: str,
    with_keys: bool = False,
    key: SigningKey | None = None,
) -> HandedOverFile:
    """Write a backup and record to whom it is handed over, with its digest.

    Args:
        mission: Which; it must be suspended.
        who: The head of mission.
        to: To whom: an office; it is public.
        out: The new file, outside of the mission's folder.
        what: What is handed over and how; for the commission.
        with_keys: The private keys too: who holds the file can then read everything and sign.
        key: The person's own key; None: the operator signs for them.

    Raises:
        RejectedInput: Something is left unsaid, or the file is there already or in the wrong place.
        RuleViolation: The mission is not suspended, or the step is somebody else's.
        StorageFailure: The mission or the file cannot be read or written to.
    """
    if out.resolve().is_relative_to(mission.folder.resolve()):
        raise RejectedInput(
            "A hand-over leaves the mission's folder: whatever happens to that must not happen to it.",
            [Fault("hand-over", "--out", "lies inside the mission's folder", str(out))],
        )
    # A backup takes long; whether it may be handed over is known before.
    size, root = _latest(mission)
    would_take(mission, who, HandOver(to, size, root, "0" * 64, with_keys, what=what), key=key)
    done = back_up(mission, out, with_keys=with_keys)
    try:
        root, sha256 = _root_at(mission, done.tree_size), _digest(out)
        step = HandOver(to, done.tree_size, root, sha256, with_keys, what=what)
        entry = act(mission, who, step, key=key)
    except BaseException:
        out.unlink(missing_ok=True)
        raise
    return HandedOverFile(out, to, done.tree_size, root, sha256, with_keys, entry.leaf_index)


def _latest(mission: Mission) -> tuple[int, str]:
    with mission.store.read() as transaction:
        head = transaction.head()
    return (0, "0" * 64) if head is None else (head.tree_size, head.root.hex())


def _root_at(mission: Mission, tree_size: int) -> str:
    with mission.store.read() as transaction:
        head = transaction.head_at(tree_size)
    if head is None:
        raise StorageFailure("The database has no head of the backup's size: restore it from a backup.")
    return head.root.hex()


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise StorageFailure(f"The backup {path} cannot be read again: {error.strerror}.") from error
