# SPDX-License-Identifier: Apache-2.0
"""Where to look for the incidents that a report may belong to.

Cells are a quarter of a degree wide and six hours long.  An incident stands in every
cell that its reach touches; one whose place is vague stands in the time cells alone, and
one whose time is vague too stands everywhere.  What is looked up is never narrower than
the gate: the index may offer too much, never too little.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from truceline.fusion.reports import FIRST, LAST, LAT, LON, MEAN, PRECISION, VXX, VYY
from truceline.geodesy import metres_per_degree

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Cell = tuple[int, int, int]

_CELL_DEG = 0.25
_CELL_S = 6 * 3_600.0
_AROUND = round(360 / _CELL_DEG)
_VAGUE_PLACE = (-1, -1)
# Beyond these numbers of cells a reach counts as vague.
_MOST_PLACES = 36
_MOST_TIMES = 60
_NONE: frozenset[int] = frozenset()


class Index:
    """Slots by the cells that they reach."""

    def __init__(self, gate_sigmas: float) -> None:
        """Start empty.

        Args:
            gate_sigmas: How many standard deviations the reach of a summary goes.
        """
        self._gate = gate_sigmas
        self._slots: dict[Cell, set[int]] = {}
        self._all: set[int] = set()
        self._vague_times: set[int] = set()
        self._by_time: dict[int, set[int]] = {}
        self._cells_of: dict[int, tuple[Cell, ...]] = {}

    def put(self, slot: int, summary: Floats) -> None:
        """Note where an incident is, in place of where it was."""
        places, times = self._places(summary), self._times(summary)
        cells = tuple((x, y, t) for x, y in places or [_VAGUE_PLACE] for t in times or ())
        if self._cells_of.get(slot) == cells and times is not None:
            return
        self.drop(slot)
        self._cells_of[slot] = cells
        self._all.add(slot)
        if times is None:
            self._vague_times.add(slot)
        for cell in cells:
            self._slots.setdefault(cell, set()).add(slot)
            self._by_time.setdefault(cell[2], set()).add(slot)

    def drop(self, slot: int) -> None:
        """Forget an incident."""
        for cell in self._cells_of.pop(slot, ()):
            self._slots[cell].discard(slot)
            self._by_time[cell[2]].discard(slot)
        self._all.discard(slot)
        self._vague_times.discard(slot)

    def near(self, summary: Floats) -> Integers:
        """Return the slots whose reach may meet that of a summary, ascending."""
        places, times = self._places(summary), self._times(summary)
        if times is None:
            return _ascending(self._all)
        if places is None:
            met = [self._by_time.get(t, _NONE) for t in times]
        else:
            met = [self._slots.get((x, y, t), _NONE) for x, y in [*places, _VAGUE_PLACE] for t in times]
        return _ascending(self._vague_times.union(*met))

    def _times(self, summary: Floats) -> range | None:
        """Return the time cells in reach; None: too many to list."""
        first, last = float(summary[FIRST]), float(summary[LAST])
        if summary[PRECISION] > 0:
            spread = self._gate / math.sqrt(summary[PRECISION])
            first, last = max(first, summary[MEAN] - spread), min(last, summary[MEAN] + spread)
            last = max(first, last)
        start, end = math.floor(first / _CELL_S), math.floor(last / _CELL_S)
        return range(start, end + 1) if end - start < _MOST_TIMES else None

    def _places(self, summary: Floats) -> list[tuple[int, int]] | None:
        """Return the cells of the map in reach; None: too many to list."""
        latitude, longitude = float(summary[LAT]), float(summary[LON])
        east, north = metres_per_degree(latitude)
        dy = self._gate * math.sqrt(summary[VYY]) / north
        dx = self._gate * math.sqrt(summary[VXX]) / max(east, 1.0)
        if (2 * dx / _CELL_DEG + 1) * (2 * dy / _CELL_DEG + 1) > _MOST_PLACES:
            return None
        return [(x % _AROUND, y) for x in _span(longitude, dx) for y in _span(latitude, dy)]


def _span(centre: float, reach: float) -> range:
    """Return the rows or columns of cells within ``reach`` of ``centre``, both in degrees."""
    return range(math.floor((centre - reach) / _CELL_DEG), math.floor((centre + reach) / _CELL_DEG) + 1)


def _ascending(slots: set[int]) -> Integers:
    return np.sort(np.fromiter(slots, np.int64, len(slots)))
