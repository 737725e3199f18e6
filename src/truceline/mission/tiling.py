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

from truceline.geodesy import metres_per_degree
from truceline.mission.roll import Filter, Selection

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
    if len(selection) <= FEW or tile.zoom >= EACH_FROM:
        x, y = selection.world
        reach = _reach(selection)
        near = (_off(x, tile.x, tile) <= reach) & (_off(y, tile.y, tile) <= reach)
        if len(selection) <= FEW or near.sum() <= MOST_EACH:
            return selection.among(near), _on(x[near], tile.x, tile) & _on(y[near], tile.y, tile)
    return None


def _reach(selection: Selection) -> NDArray[np.float64]:
    """Return how far each ellipse reaches, parts of the world."""
    _, metres = metres_per_degree(0.0)
    sigma_m = selection.roll.sigma_m[selection.rows]
    if selection.cell_m > 0:
        sigma_m = np.full(len(selection), selection.cell_m / 2)
    stretched = np.maximum(np.cos(np.radians(selection.latitude)), 0.05)
    reach: NDArray[np.float64] = sigma_m / (360 * metres * stretched)
    return reach


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
    size = wide / math.sqrt(3)
    x, y = selection.world
    # A hexagon that touches the tile may hold what lies two hexagons away from it.
    near = (_off(x, tile.x, tile) <= 2 * wide) & (_off(y, tile.y, tile) <= 2 * wide)
    alone = tile.zoom >= EACH_FROM
    if alone:
        near = _on(x, tile.x, tile) & _on(y, tile.y, tile)
    if not near.any():
        return
    column, row = _hexagon_of(x[near], y[near], size)
    sure = _surely(selection, asked)[near]
    # A tile has some two hundred hexagons at most, so counting them on a grid is a single pass.
    left, top = int(column.min()), int(row.min())
    across = int(column.max()) - left + 1
    slot = (row - top) * across + (column - left)
    all_most, all_least = np.bincount(slot), np.bincount(slot, weights=sure)
    held = np.flatnonzero(all_most)
    most, least = all_most[held], all_least[held]
    cells = np.column_stack((held % across + left, held // across + top))
    at_column, at_row = cells[:, 0].astype(np.float64), cells[:, 1].astype(np.float64)
    centre_x, centre_y = wide * (at_column + 0.5 * at_row), 1.5 * size * at_row
    own = alone | (_on(centre_x, tile.x, tile) & _on(centre_y, tile.y, tile))
    touches = (_off(centre_x, tile.x, tile) <= wide) & (_off(centre_y, tile.y, tile) <= wide)
    for at in np.flatnonzero(own | touches):
        middle = float(centre_x[at]), float(centre_y[at])
        yield Hexagon(*middle, _ring(*middle, size), int(most[at]), int(least[at]), bool(own[at]))


def _surely(selection: Selection, asked: Filter) -> NDArray[np.bool_]:
    """Tell which incidents surely began in the time asked for."""
    roll, rows = selection.roll, selection.rows
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
