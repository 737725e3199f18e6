# SPDX-License-Identifier: Apache-2.0
"""Takes a tracker's file of support into the ledger, whole or not at all.

Invariants: one file is one transaction; the same file again adds nothing; a later
edition of it adds what is new, and what it states otherwise is reversed by a
counter-posting and booked anew, so that nothing counts twice; what a person reversed is
not booked again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from truceline.errors import Fault, RejectedInput
from truceline.evidence import SigningKey
from truceline.guarantees.ledger import Movement, Support
from truceline.guarantees.support import MOST_MOVEMENTS, BookMovements, SourceDonor
from truceline.guarantees.tracker import Tracked, donor_ids, read_tracker
from truceline.intake.model import Limits
from truceline.intake.rows import csv_rows
from truceline.mission.acting import append_act
from truceline.mission.mission import Mission, require_read_models
from truceline.mission.replaying import mechanism_in
from truceline.procedure import Who


@dataclass(frozen=True, slots=True)
class SupportImport:
    """What became of a file's rows.

    ``booked + known + set_aside`` is ``rows``, unless the file was booked before.

    Attributes:
        file: Its name.
        sha256: Of its bytes.
        rows: How many it has, each a movement.
        draw_downs: How many of them draw down what was pledged before.
        booked: How many were booked now.
        known: How many stand in the ledger as they are.
        restated: How many of those booked take the place of what an earlier edition stated.
        set_aside: How many a person has reversed; they stay so.
        leaf_indexes: The records that were made.
        booked_before: Whether this very file was booked before.
    """

    file: str
    sha256: str
    rows: int
    draw_downs: int
    booked: int
    known: int
    restated: int
    set_aside: int
    leaf_indexes: tuple[int, ...]
    booked_before: bool

    def __str__(self) -> str:
        """Say it in a sentence."""
        if self.booked_before:
            return f"{self.file} was booked before; nothing was added."
        return (
            f"{self.file}: {self.rows:,} rows, {self.booked:,} booked, {self.known:,} known, "
            f"{self.restated:,} restated, {self.set_aside:,} set aside; {self.draw_downs:,} draw-downs."
        )


@dataclass(slots=True)
class _Sorting:
    """The movements of a file as they are told apart."""

    fresh: list[Movement] = field(default_factory=list)
    restated: dict[str, str] = field(default_factory=dict)
    """The id of a fresh movement to that of the earlier one whose place it takes."""
    known: int = 0
    set_aside: int = 0

    def take(self, movement: Movement, ledger: Support) -> None:
        """Take one movement: new, known, restated or set aside."""
        last = _last_edition(movement.movement_id, ledger)
        if last is None:
            self.fresh.append(movement)
            return
        posting = ledger.standing(last)
        if posting is None:
            self.set_aside += 1
        elif posting.states(movement):
            self.known += 1
        else:
            fresh = replace(movement, movement_id=_next_edition(movement.movement_id, ledger))
            self.restated[fresh.movement_id] = last
            self.fresh.append(fresh)


def import_support(
    mission: Mission,
    who: Who,
    path: Path,
    *,
    source: str,
    donors: Mapping[str, str] | None = None,
    key: SigningKey | None = None,
    progress: Callable[[int], None] = lambda _rows: None,
) -> SupportImport:
    """Book a tracker's file (CSV, or CSV compressed with gzip); see ``guarantees.tracker``.

    Args:
        mission: Where to.
        who: Who books it: the mission's duty officer, secretary or analyst.
        path: The file.
        source: What the file is, whose, and of when.
        donors: The file's codes to the agreement's ids, where its actors' names do not tell.
        key: The person's own key; None: the operator signs for them.
        progress: Called now and then with the number of rows read so far.

    Raises:
        RejectedInput: Something in the file cannot be used: every fault; nothing was booked.
        RuleViolation: The step is forbidden; nothing was booked.
        StorageFailure: The mission cannot be read or written to; nothing was booked.
    """
    require_read_models(mission)
    sha256 = _digest_of(path)
    sheet = csv_rows(path, Limits())
    tracked = read_tracker(
        path.name, sheet.columns, sheet.rows, donor_ids(mission.agreement, donors or {}), progress
    )
    with mission.ledger.writing() as writer:
        state = mechanism_in(mission, writer.transaction)
        sorting, before = _Sorting(), sha256 in state.support.files
        if not before:
            for movement in tracked.movements:
                sorting.take(movement, state.support)
        leaf_indexes = []
        for step in _steps(sorting, tracked.donors, source, sha256):
            entry, state = append_act(mission, writer, state, who, step, key=key)
            leaf_indexes.append(entry.leaf_index)
    return _summary(path.name, sha256, tracked, sorting, tuple(leaf_indexes), booked_before=before)


def _summary(
    file: str,
    sha256: str,
    tracked: Tracked,
    sorting: _Sorting,
    leaf_indexes: tuple[int, ...],
    *,
    booked_before: bool,
) -> SupportImport:
    return SupportImport(
        file,
        sha256,
        len(tracked.movements),
        sum(movement.draws_down for movement in tracked.movements),
        len(sorting.fresh),
        sorting.known,
        len(sorting.restated),
        sorting.set_aside,
        leaf_indexes,
        booked_before,
    )


def _steps(
    sorting: _Sorting, donors: Sequence[SourceDonor], source: str, sha256: str
) -> Iterator[BookMovements]:
    """Yield the steps that book a file, part by part."""
    parts = -(-len(sorting.fresh) // MOST_MOVEMENTS)
    for part in range(parts):
        movements = tuple(sorting.fresh[part * MOST_MOVEMENTS : (part + 1) * MOST_MOVEMENTS])
        restates = tuple(
            sorting.restated[one.movement_id] for one in movements if one.movement_id in sorting.restated
        )
        yield BookMovements(source, sha256, movements, restates, tuple(donors), part + 1, parts)


def _editions(movement_id: str) -> Iterator[str]:
    """Yield the ids that a row's movements have, edition by edition of its file."""
    yield movement_id
    edition = 2
    while True:
        yield f"{movement_id}.{edition}"
        edition += 1


def _last_edition(movement_id: str, ledger: Support) -> str | None:
    last = None
    for edition in _editions(movement_id):
        if edition not in ledger.movements:
            break
        last = edition
    return last


def _next_edition(movement_id: str, ledger: Support) -> str:
    return next(edition for edition in _editions(movement_id) if edition not in ledger.movements)


def _digest_of(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise RejectedInput(
            f"{path} cannot be read: {error.strerror}. Nothing was booked.",
            [Fault(str(path), "file", str(error.strerror))],
        ) from error
