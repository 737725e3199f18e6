# SPDX-License-Identifier: Apache-2.0
"""A selection by map tile: each incident where there are few, counts by hexagon where there are many.

Tiles are those of the web (Web Mercator; x from the west, y from the north).  Every incident
belongs to exactly one hexagon and every hexagon to exactly one tile, that of its centre, so
that counts over all tiles of a zoom add up to the length of the selection: map and list
cannot disagree.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from truceline.mission.roll import Filter, HexagonCounts, Selection

DEEPEST: Final = 18

FEW: Final = 400
"""So many incidents in all are shown each, however far out; a map of more shows only ink."""

EACH_FROM: Final = 9
"""From this zoom on, incidents are shown each, where a tile has not more than ``MOST_EACH``."""

MOST_EACH: Final = 1_000

ACROSS: Final = 10
"""Hexagons across a tile: about 50 pixels each, room for a number."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One tile of the web's."""

    zoom: int
    x: int
    y: int

    @property
    def side(self) -> float:
        """Its side as a part of the world."""
        return 0.5**self.zoom

    def exists(self) -> bool:
        """Tell whether there is such a tile."""
        return 0 <= self.zoom <= DEEPEST and 0 <= min(self.x, self.y) <= max(self.x, self.y) < 2**self.zoom


@dataclass(frozen=True, slots=True)
class Hexagon:
    """How many incidents are in a hexagon.

    Attributes:
        x: Its centre, parts of the world.
        y: The same, from the north.
        ring: Its corners.
        most: How many may have begun in the time asked for.
        least: How many surely did.
        own: Whether it belongs to this tile, and not to a neighbour into which it reaches.
    """

    x: float
    y: float
    ring: tuple[tuple[float, float], ...]
    most: int
    least: int
    own: bool


def latitude_of(y: float) -> float:
    """Return the latitude of a part of the world, degrees."""
    return math.degrees(math.asin(math.tanh((1 - 2 * y) * math.pi)))


def incidents_on(selection: Selection, tile: Tile) -> tuple[Selection, NDArray[np.bool_]] | None:
    """Return the incidents whose ellipses touch a tile, and which of them lie on it.

    None: there are too many to show each, and ``hexagons_on`` counts them.
    """
    if len(selection) > FEW and tile.zoom < EACH_FROM:
        return None
    if not len(selection):
        return selection, np.zeros(0, dtype=np.bool_)
    found = _between(selection, tile, float(selection.reach.max()))
    x, y, reach = selection.world[0][found], selection.world[1][found], selection.reach[found]
    near = (_off(x, tile.x, tile) <= reach) & (_off(y, tile.y, tile) <= reach)
    if len(selection) > FEW and near.sum() > MOST_EACH:
        return None
    return selection.among(found[near]), _on(x[near], tile.x, tile) & _on(y[near], tile.y, tile)


def _between(selection: Selection, tile: Tile, beyond: float) -> NDArray[np.int64]:
    """Return the places in the list of those that lie between a tile's meridians, or not far beyond."""
    order, x = selection.from_west
    west, east = tile.x * tile.side - beyond, (tile.x + 1) * tile.side + beyond
    return np.sort(order[np.searchsorted(x, west, "left") : np.searchsorted(x, east, "right")])


def _off(at: NDArray[np.float64], index: int, tile: Tile) -> NDArray[np.float64]:
    """Return how far places lie from a tile along one axis, parts of the world."""
    start = index * tile.side
    return np.maximum(np.maximum(start - at, at - start - tile.side), 0)


def _on(at: NDArray[np.float64], index: int, tile: Tile) -> NDArray[np.bool_]:
    """Tell which places lie on a tile along one axis; the last tile holds the edge of the world."""
    found: NDArray[np.bool_] = _tile_of(at, tile) == index
    return found


def _tile_of(at: NDArray[np.float64], tile: Tile) -> NDArray[np.int64]:
    return np.clip(np.floor(at / tile.side), 0, 2**tile.zoom - 1).astype(np.int64)


def hexagons_on(selection: Selection, asked: Filter, tile: Tile) -> Iterator[Hexagon]:
    """Yield the hexagons that touch a tile, with the counts of a selection.

    From ``EACH_FROM`` on, a tile beside this one may show each of its incidents, so a hexagon counts
    what lies on this tile and no more.
    """
    wide = tile.side / ACROSS
    alone = tile.zoom >= EACH_FROM
    if alone:
        found = _between(selection, tile, 0.0)
        x, y = selection.world[0][found], selection.world[1][found]
        counted = _counted(selection, asked, found[_on(x, tile.x, tile) & _on(y, tile.y, tile)], wide)
    else:
        if tile.zoom not in selection.counted_by:
            selection.counted_by[tile.zoom] = _counted(selection, asked, slice(None), wide)
        counted = selection.counted_by[tile.zoom]
    size = wide / math.sqrt(3)
    column, row = counted.column.astype(np.float64), counted.row.astype(np.float64)
    centre_x, centre_y = wide * (column + 0.5 * row), 1.5 * size * row
    own = alone | (_on(centre_x, tile.x, tile) & _on(centre_y, tile.y, tile))
    touches = (_off(centre_x, tile.x, tile) <= wide) & (_off(centre_y, tile.y, tile) <= wide)
    for at in np.flatnonzero(own | touches):
        middle = float(centre_x[at]), float(centre_y[at])
        ring = _ring(*middle, size)
        yield Hexagon(*middle, ring, int(counted.most[at]), int(counted.least[at]), bool(own[at]))


def _counted(
    selection: Selection, asked: Filter, at: NDArray[np.int64] | slice, wide: float
) -> HexagonCounts:
    """Count some of a selection by hexagons of a width, parts of the world."""
    x, y = selection.world[0][at], selection.world[1][at]
    if not len(x):
        nothing = np.zeros(0, dtype=np.int64)
        return HexagonCounts(nothing, nothing, nothing, nothing)
    column, row = _hexagon_of(x, y, wide / math.sqrt(3))
    # The grid between the outermost has some million hexagons at most, so counting on it is a single pass.
    left, top = int(column.min()), int(row.min())
    across = int(column.max()) - left + 1
    slot = (row - top) * across + (column - left)
    most = np.bincount(slot)
    least = np.bincount(slot, weights=_surely(selection, asked, at)).astype(np.int64)
    held = np.flatnonzero(most)
    return HexagonCounts(held % across + left, held // across + top, most[held], least[held])


def _surely(selection: Selection, asked: Filter, at: NDArray[np.int64] | slice) -> NDArray[np.bool_]:
    """Tell which incidents surely began in the time asked for."""
    roll, rows = selection.roll, selection.rows[at]
    sure = np.ones(len(rows), dtype=np.bool_)
    if asked.since is not None:
        sure &= roll.from_s[rows] >= asked.since.timestamp()
    if asked.until is not None:
        sure &= roll.to_s[rows] <= asked.until.timestamp()
    return sure


def _hexagon_of(
    x: NDArray[np.float64], y: NDArray[np.float64], size: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the axial column and row of the hexagon nearest to each place, points upwards.

    Cube rounding: each of three coordinates is rounded, and the worst follows from the others.
    """
    q, r = (math.sqrt(3) / 3 * x - y / 3) / size, (2 / 3 * y) / size
    s = -q - r
    near_q, near_r, near_s = np.round(q), np.round(r), np.round(s)
    off_q, off_r, off_s = abs(near_q - q), abs(near_r - r), abs(near_s - s)
    worst_q = (off_q > off_r) & (off_q > off_s)
    worst_r = ~worst_q & (off_r > off_s)
    column = np.where(worst_q, -near_r - near_s, near_q)
    row = np.where(worst_r, -near_q - near_s, near_r)
    return column.astype(np.int64), row.astype(np.int64)


def _ring(x: float, y: float, size: float) -> tuple[tuple[float, float], ...]:
    corners = [math.radians(60 * corner + 30) for corner in range(6)]
    ring = [(x + size * math.cos(angle), y + size * math.sin(angle)) for angle in corners]
    return (*ring, ring[0])
