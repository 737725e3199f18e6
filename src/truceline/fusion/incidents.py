# SPDX-License-Identifier: Apache-2.0
"""The incidents while the engine works: their members, summaries, origins and sources.

An incident's summary is a function of its set of members alone: reports of one origin
count once, and no order of joining and leaving leaves a trace.
"""

from __future__ import annotations

from bisect import insort
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from truceline.fusion.index import Index
from truceline.fusion.likelihood import log_mass, offsets_m
from truceline.fusion.reports import (
    COLUMNS,
    FIRST,
    LAST,
    LAT,
    LOG_MASS,
    LON,
    MEAN,
    PRECISION,
    VXX,
    VXY,
    VYY,
    Reports,
)
from truceline.geodesy import from_plane

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def carriers(reports: Reports, members: Sequence[int]) -> Integers:
    """Return the first member of each origin, ascending: relays carry nothing new."""
    rows = np.array(members, dtype=np.int64)
    if not reports.relayed[rows].any():
        return rows
    _, first = np.unique(reports.origins[rows], return_index=True)
    return rows[np.sort(first)]


def summarise(reports: Reports, members: Sequence[int], prior: Floats) -> tuple[Floats, Floats]:
    """Return the summary and the kinds of the incident with these members.

    The product of Gaussians is a Gaussian, the product of intervals is what they share:
    with reports' information added up, the result is what one perfect observer of all of
    them would state.

    Args:
        reports: All reports.
        members: Which of them, ascending, at least one.
        prior: Probability of each kind before any word.
    """
    rows = carriers(reports, members)
    if len(rows) == 1:
        return reports.summaries[rows[0]], reports.kinds[rows[0]]
    held = reports.summaries[rows]
    anchor = (float(held[0, LAT]), float(held[0, LON]))
    x, y = offsets_m(*anchor, held[:, LAT], held[:, LON])
    j = reports.information[rows]
    xx, xy, yy = j.sum(axis=0).tolist()
    east, north = float(j[:, 0] @ x + j[:, 1] @ y), float(j[:, 1] @ x + j[:, 2] @ y)
    determinant = xx * yy - xy * xy
    made = np.empty(COLUMNS)
    latitude, longitude = from_plane(
        (yy * east - xy * north) / determinant, (xx * north - xy * east) / determinant, anchor
    )
    made[LAT], made[LON] = latitude, (longitude + 180.0) % 360.0 - 180.0
    made[VXX], made[VXY], made[VYY] = yy / determinant, -xy / determinant, xx / determinant
    precision, mean = held[:, PRECISION], held[:, MEAN]
    total = float(precision.sum())
    # Relative to the greatest, so that seconds since 1970 lose no digits.
    made[MEAN] = mean.max() + float(precision @ (mean - mean.max())) / total if total else 0.0
    made[PRECISION] = total
    made[FIRST], made[LAST] = held[:, FIRST].max(), held[:, LAST].min()
    one = made[None, :]
    mass = float(log_mass(one[:, MEAN], one[:, PRECISION], one[:, FIRST], one[:, LAST])[0])
    # Members whose times cannot all be true: plus infinity makes every fit impossible.
    made[LOG_MASS] = mass if mass > -np.inf else np.inf
    belief = reports.log_kinds[reports.words[rows]].sum(axis=0) - (len(rows) - 1) * np.log(prior)
    kinds = np.exp(belief - belief.max())
    return made, kinds / kinds.sum()


class Incidents:
    """Incidents under way, each in a numbered slot that is never used again."""

    def __init__(self, reports: Reports, prior: Floats, gate_sigmas: float) -> None:
        """Start without incidents.

        Args:
            reports: In insertion order.
            prior: Probability of each kind before any word.
            gate_sigmas: How far the reach of an incident goes.
        """
        self._reports = reports
        self._prior = prior
        # Sweeps may open slots beyond one a report; the arrays then grow.
        self.summaries = np.empty((max(len(reports), 1), COLUMNS))
        self.kinds = np.empty((max(len(reports), 1), len(prior)))
        self.members: list[list[int]] = []
        self._of_origin: defaultdict[int, dict[int, list[int]]] = defaultdict(dict)
        self._of_source: defaultdict[int, Counter[int]] = defaultdict(Counter)
        self.slot_of = np.full(len(reports), -1, dtype=np.int64)
        self._index = Index(gate_sigmas)

    def found(self, report: int) -> None:
        """Open a new incident with one report."""
        slot = len(self.members)
        if slot == len(self.summaries):
            self.summaries = np.concatenate([self.summaries, np.empty_like(self.summaries)])
            self.kinds = np.concatenate([self.kinds, np.empty_like(self.kinds)])
        self.members.append([])
        self.join(slot, report)

    def join(self, slot: int, report: int) -> None:
        """Add a report to an incident."""
        self.slot_of[report] = slot
        insort(self.members[slot], report)
        insort(self._of_origin[int(self._reports.origins[report])].setdefault(slot, []), report)
        self._of_source[int(self._reports.sources[report])][slot] += 1
        self._refresh(slot)

    def leave(self, report: int) -> None:
        """Take a report out of its incident; an incident without members is gone."""
        slot = int(self.slot_of[report])
        self.slot_of[report] = -1
        self.members[slot].remove(report)
        self._of_origin[int(self._reports.origins[report])][slot].remove(report)
        self._of_source[int(self._reports.sources[report])][slot] -= 1
        self._refresh(slot)

    def relay(self, report: int, slot: int) -> int | None:
        """Return the earliest other report of a report's origin in an incident; None: there is none."""
        told = self._of_origin[int(self._reports.origins[report])].get(slot, [])
        return next((member for member in told if member != report), None)

    def told(self, report: int) -> Counter[int]:
        """Return how often the report's source has told of each incident, by slot."""
        return self._of_source[int(self._reports.sources[report])]

    def without(self, report: int) -> tuple[Floats, Floats]:
        """Return what a report's incident would be without it; it has other members."""
        rest = [member for member in self.members[self.slot_of[report]] if member != report]
        return summarise(self._reports, rest, self._prior)

    def near(self, summary: Floats) -> Integers:
        """Return the slots of incidents whose reach may meet that of a summary, ascending."""
        return self._index.near(summary)

    def _refresh(self, slot: int) -> None:
        if self.members[slot]:
            made = summarise(self._reports, self.members[slot], self._prior)
            self.summaries[slot], self.kinds[slot] = made
            self._index.put(slot, self.summaries[slot])
        else:
            self._index.drop(slot)
