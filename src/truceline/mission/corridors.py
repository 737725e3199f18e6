# SPDX-License-Identifier: Apache-2.0
"""Takes a table of corridors into the record, whole or not at all; see ``ceasefire.corridors``.

A second import of the same rows adds nothing; a route that is recorded with other content
is told as a conflict, and what is recorded stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from truceline.ceasefire.arrangements import STEPS
from truceline.ceasefire.corridors import COLUMNS, Route, read_corridors
from truceline.errors import Fault, RejectedInput
from truceline.intake.model import Limits
from truceline.intake.rows import csv_rows
from truceline.mission.acting import append_act
from truceline.mission.mission import Mission, require_read_models
from truceline.mission.replaying import mechanism_in
from truceline.procedure import Entry, Step, Who


@dataclass(frozen=True, slots=True)
class CorridorImport:
    """What became of a table's routes: ``recorded + known + len(conflicts)`` is ``rows``."""

    rows: int
    recorded: int
    known: int
    conflicts: tuple[str, ...]

    def __str__(self) -> str:
        """Say it in a sentence."""
        said = f"{self.rows:,} routes: {self.recorded:,} recorded, {self.known:,} known"
        if not self.conflicts:
            return f"{said}."
        return f"{said}; recorded with other content, and left as they are: {', '.join(self.conflicts)}."


def import_corridors(mission: Mission, who: Who, path: Path, *, source: str) -> CorridorImport:
    """Record a table's routes as arrangements, with who agreed and what became of them.

    Args:
        mission: Where to.
        who: Who records it, of the mission.
        path: The table, CSV.
        source: What it is, whose, and of when.

    Raises:
        RejectedInput: Something in it cannot be used: every fault; nothing was recorded.
        RuleViolation: The steps are forbidden; nothing was recorded.
    """
    require_read_models(mission)
    sheet = csv_rows(path, Limits())
    missing = [name for name in COLUMNS if name not in sheet.columns]
    if missing:
        raise RejectedInput(
            f"{path.name} is no table of corridors. Nothing was recorded.",
            [Fault(path.name, name, "column is missing") for name in missing],
        )
    agreement = mission.agreement
    rows = ((row.number, row.values) for row in sheet.rows)
    zone = ZoneInfo(agreement.reporting.timezone)
    routes = read_corridors(path.name, rows, agreement.party_ids(), source, zone)
    recorded, known, conflicts = 0, 0, []
    with mission.ledger.writing() as writer:
        state = mechanism_in(mission, writer.transaction)
        before = {route.arrangement_id: tuple(_steps_of(route, state.entries)) for route in routes}
        for route in routes:
            if not before[route.arrangement_id]:
                recorded += 1
                for step in route.steps:
                    _, state = append_act(mission, writer, state, who, step)
            elif set(route.steps) <= set(before[route.arrangement_id]):
                known += 1
            else:
                conflicts.append(route.arrangement_id)
    return CorridorImport(len(routes), recorded, known, tuple(conflicts))


def _steps_of(route: Route, entries: tuple[Entry, ...]) -> Iterator[Step]:
    """Yield the steps that are recorded of a route."""
    for entry in entries:
        if (
            isinstance(entry.step, STEPS)
            and getattr(entry.step, "arrangement_id", "") == route.arrangement_id
        ):
            yield entry.step
