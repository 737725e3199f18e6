# SPDX-License-Identifier: Apache-2.0
"""The sheet that the map is drawn on: projection, graticule, scale and room for labels.

Plate carrée with the true scale at the map's middle latitude: shapes are right there
and differ little over the few degrees that a ceasefire line spans.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from shapely.geometry.base import BaseGeometry, BaseMultipartGeometry

from truceline.geodesy import metres_per_degree
from truceline.reports.model import Bounds

SHEET_WIDTH = 1000.0
FLATTEST, TALLEST = 0.42, 0.78
GRATICULE_STEPS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)

Box = tuple[float, float, float, float]
"""Left, top, right, bottom on the sheet."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A rectangle of the earth on a rectangle of paper.

    Attributes:
        bounds: West, south, east, north, degrees.
        height: Of the sheet; its width is ``SHEET_WIDTH``.
        metres_per_unit: At the middle latitude.
    """

    bounds: Bounds
    height: float
    metres_per_unit: float

    @classmethod
    def over(cls, bounds: Bounds) -> Sheet:
        """Return the sheet that holds ``bounds``, widened where it would be too flat or tall."""
        west, south, east, north = bounds
        per_east, per_north = metres_per_degree((south + north) / 2)
        wide, high = max((east - west) * per_east, 1.0), max((north - south) * per_north, 1.0)
        if high > TALLEST * wide:
            more = (high / TALLEST - wide) / per_east / 2
            west, east, wide = west - more, east + more, high / TALLEST
        elif high < FLATTEST * wide:
            more = (FLATTEST * wide - high) / per_north / 2
            south, north, high = south - more, north + more, FLATTEST * wide
        return cls((west, south, east, north), round(SHEET_WIDTH * high / wide, 1), wide / SHEET_WIDTH)

    def at(self, latitude: float, longitude: float) -> tuple[float, float]:
        """Return where a point lies on the sheet, x to the right and y down."""
        west, south, east, north = self.bounds
        return (
            (longitude - west) / (east - west) * SHEET_WIDTH,
            (north - latitude) / (north - south) * self.height,
        )

    def path(self, ring: Iterable[tuple[float, float]], *, closed: bool) -> str:
        """Return the path through (latitude, longitude) points."""
        text = "L".join("{:.1f} {:.1f}".format(*self.at(*point)) for point in ring)
        return f"M{text}{'Z' if closed else ''}"

    def outline(self, geometry: BaseGeometry) -> str:
        """Return the path of a geometry, drawn no finer than half a unit; empty: nothing to draw."""
        west, _, east, _ = self.bounds
        drawn = geometry.simplify((east - west) / SHEET_WIDTH / 2)
        return "".join(self._pieces(drawn))

    def _pieces(self, geometry: BaseGeometry) -> Iterable[str]:
        if geometry.is_empty:
            return
        if isinstance(geometry, BaseMultipartGeometry):
            for part in geometry.geoms:
                yield from self._pieces(part)
        elif geometry.geom_type == "Polygon":
            for ring in (geometry.exterior, *geometry.interiors):
                yield self.path(((y, x) for x, y, *_ in ring.coords), closed=True)
        elif geometry.geom_type == "Point":
            # A line of no length: its round ends make the point.
            yield "M{:.1f} {:.1f}h.01".format(*self.at(geometry.y, geometry.x))
        else:
            yield self.path(((y, x) for x, y, *_ in geometry.coords), closed=False)

    def graticule(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Return the meridians and the parallels to draw, degrees."""
        west, south, east, north = self.bounds
        step = next((one for one in GRATICULE_STEPS if (east - west) / one <= 7), GRATICULE_STEPS[-1])
        meridians = range(math.ceil(west / step), math.floor(east / step) + 1)
        parallels = range(math.ceil(south / step), math.floor(north / step) + 1)
        return tuple(n * step for n in meridians), tuple(n * step for n in parallels)

    def scale_km(self, longest: float = 180.0) -> float:
        """Return the roundest number of kilometres whose bar is at most ``longest`` units."""
        room = longest * self.metres_per_unit / 1000
        power = 10.0 ** math.floor(math.log10(room))
        return next(power * step for step in (5, 2, 1) if power * step <= room)


@dataclass(slots=True)
class LabelRoom:
    """Places labels greedily where no earlier label stands."""

    width: float
    height: float
    taken: list[Box] = field(default_factory=list)

    def free(self, box: Box) -> bool:
        """Tell whether ``box`` lies on the sheet and touches nothing placed before."""
        left, top, right, bottom = box
        if left < 2 or top < 2 or right > self.width - 2 or bottom > self.height - 2:
            return False
        return all(
            right < other[0] or left > other[2] or bottom < other[1] or top > other[3] for other in self.taken
        )

    def place(
        self, text: str, x: float, y: float, size: float, away: Sequence[tuple[float, float, str]]
    ) -> tuple[float, float, str] | None:
        """Find room for a label near a point.

        Args:
            text: What it says.
            x: Of the point.
            y: Of the point.
            size: Height of the letters.
            away: Offsets to try in turn, each with its text anchor.

        Returns:
            The label's x, y and anchor, or None where there is no room.
        """
        long = len(text) * size * 0.56
        for dx, dy, anchor in away:
            left = x + dx - {"start": 0.0, "middle": long / 2, "end": long}[anchor]
            box = (left - 2, y + dy - size * 0.85, left + long + 2, y + dy + size * 0.3)
            if self.free(box):
                self.taken.append(box)
                return x + dx, y + dy, anchor
        return None
