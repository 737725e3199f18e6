# SPDX-License-Identifier: Apache-2.0
"""A mission with very many incidents, for measuring the service: EXERCISE, and never run by the engine.

Fusing 1.5 million incidents takes hours; the service reads what a run left, so its rows are
written as a run would leave them.  The log holds the record of such a run.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from truceline.agreement import load_pack
from truceline.evidence import canonical, fields_payload
from truceline.fusion import DEFAULT, ENGINE, Incident
from truceline.geodesy import Ellipse
from truceline.interval import Interval
from truceline.mission import Mission, init_mission
from truceline.mission.derive import INCIDENTS
from truceline.mission.ledger import Draft
from truceline.mission.run import RunSummary, _fields
from truceline.storage import ReadRow, schema
from truceline.vocabulary import Kind, Tier

PACK = Path(__file__).resolve().parents[1] / "packs" / "easter-truce-2025"
BEGAN = datetime(2026, 1, 10, tzinfo=UTC)
DAYS = 300
KINDS = (Kind.ARTILLERY, Kind.MORTAR, Kind.UAV_STRIKE, Kind.SMALL_ARMS, Kind.EXPLOSION_UNDETERMINED)
BATCH = 20_000


def make_crowded(folder: Path, wanted: int, progress: Callable[[int], None] = lambda _done: None) -> Mission:
    """Make a mission with so many incidents along its line.

    Args:
        folder: Where.
        wanted: How many incidents.
        progress: Told how many are there.
    """
    mission = init_mission(PACK, folder, mission_id="exercise-crowded", exercise=True)
    line = [
        point
        for zone in load_pack(PACK).zones
        if zone.role == "line"
        for part in getattr(zone.geometry, "geoms", [zone.geometry])
        for point in part.coords
    ]
    with mission.ledger.writing() as writer:
        rows = []
        for number, incident in enumerate(_incidents(line, wanted), start=1):
            span = {"from_s": incident.when.start.timestamp(), "to_s": incident.when.last.timestamp()}
            body = canonical(INCIDENTS.dump_python(incident, mode="json"))
            rows.append(
                ReadRow(schema.incidents, {"incident_id": incident.incident_id, **span, "body": body})
            )
            if len(rows) == BATCH or number == wanted:
                writer.transaction.apply(rows)
                rows = []
                progress(number)
        head = writer.transaction.head()
        if head is None:
            raise RuntimeError("a new mission has a head")
        summary = RunSummary(
            head.tree_size, head.root, wanted, 0, wanted, 0, ENGINE, DEFAULT.as_numbers(), "0" * 64,
            recorded=True,
        )  # fmt: skip
        writer.append(Draft("run", fields_payload({Tier.PUBLIC: _fields(summary)})))
    return mission


def _incidents(line: list[tuple[float, float]], wanted: int) -> Iterator[Incident]:
    draw = random.Random(5)  # noqa: S311 - a benchmark's data, not a secret
    for number in range(wanted):
        longitude, latitude = draw.choice(line)[:2]
        start = BEGAN + timedelta(seconds=draw.randrange(DAYS * 86_400))
        kind = draw.choice(KINDS)
        yield Incident(
            f"inc-{number:016x}",
            Ellipse(
                round(latitude + draw.gauss(0, 0.2), 6),
                round(longitude + draw.gauss(0, 0.3), 6),
                300.0,
                150.0,
            ),
            Interval(start, start + timedelta(minutes=4)),
            ((kind, 0.9), (Kind.ATTACK_UNSPECIFIED, 0.1)),
            1,
            5,
            1,
            1,
            0.95,
            (f"EXERCISE-{number:07d}",),
        )
