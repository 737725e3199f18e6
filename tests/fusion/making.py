# SPDX-License-Identifier: Apache-2.0
"""Reports for tests: every test names only what matters to it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

from truceline.fusion import Fusion, Incident
from truceline.geodesy import Ellipse, from_plane
from truceline.interval import Interval
from truceline.observation.model import Count, Observation
from truceline.observation.table import ObservationTable
from truceline.vocabulary import CountQualifier, Kind, SourceKind

HOME = (48.0, 37.8)
NOON = datetime(2031, 5, 1, 12, tzinfo=UTC)
DAY = Interval(NOON.replace(hour=0), NOON.replace(hour=0) + timedelta(days=1))


def report(
    name: str,
    *,
    source: str | None = None,
    source_kind: SourceKind = SourceKind.PATROL,
    metres: tuple[float, float] = (0.0, 0.0),
    sigma_m: float = 300.0,
    minor_m: float | None = None,
    azimuth_deg: float = 0.0,
    after_s: float = 0.0,
    when: Interval | None = None,
    sigma_s: float = 30.0,
    kind: Kind = Kind.MORTAR,
    counted: tuple[int | None, int | None] = (None, None),
    origin: str | None = None,
    received_s: float = 3_600.0,
) -> Observation:
    """Return a report ``metres`` (east, north) from home and ``after_s`` seconds after noon."""
    moment = NOON + timedelta(seconds=after_s)
    return Observation(
        name,
        source or f"source of {name}",
        source_kind,
        source_kind.value,
        when or Interval(moment, moment),
        sigma_s,
        Ellipse(*from_plane(*metres, HOME), sigma_m, sigma_m if minor_m is None else minor_m, azimuth_deg),
        "",
        kind,
        Count(CountQualifier.UNCOUNTED if counted == (None, None) else CountQualifier.ABOUT, *counted),
        NOON + timedelta(seconds=received_s),
        origin,
    )


def table_of(*reports: Observation) -> ObservationTable:
    """Return the table of some reports."""
    return ObservationTable.from_observations(reports)


def rows_of(table: ObservationTable, rows: list[int]) -> ObservationTable:
    """Return some rows of a table, in the order given."""
    names = ObservationTable.__dataclass_fields__
    return ObservationTable(*(getattr(table, name)[np.array(rows, dtype=np.int64)] for name in names))


def groups(fusion: Fusion) -> set[frozenset[str]]:
    """Return who stands with whom."""
    return {frozenset(incident.members) for incident in fusion.incidents}


def only(fusion: Fusion) -> Incident:
    """Return the one incident that there must be."""
    (incident,) = fusion.incidents
    return incident
