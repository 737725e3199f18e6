# SPDX-License-Identifier: Apache-2.0
"""Where an exercise takes place: points drawn along the lines and in the zones of a pack.

Positions are (latitude, longitude) in WGS 84 degrees, offsets are metres.  Every draw comes
from a generator that is given, so the same seed gives the same points.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
from shapely import Point

from truceline.agreement import Agreement
from truceline.agreement.model import Clause, Version, Zone
from truceline.geodesy import from_plane

Position = tuple[float, float]
"""Latitude and longitude, degrees."""

HOT_SPOTS: Final = 6
"""Places around which much of what happens does."""

SPREAD_M: Final = 3_000.0
"""One sigma of what happens around a hot spot or across the line, metres."""

_TRIES: Final = 400
"""Draws in which a point in an area is found, or its middle is taken."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What of an agreement an exercise is drawn on.

    Attributes:
        clauses: Each clause in force in the exercise's days, with its version.
        line: The line in force; None: the agreement has none.
        zones: Every zone in force, by id.
        bounds: The map's frame: west, south, east, north, degrees.
        hot: The hot spots.
    """

    clauses: tuple[tuple[Version, Clause], ...]
    line: Zone | None
    zones: tuple[Zone, ...]
    bounds: tuple[float, float, float, float]
    hot: tuple[Position, ...]

    def zone(self, zone_id: str) -> Zone | None:
        """Return a zone by its id, or None."""
        return next((zone for zone in self.zones if zone.zone_id == zone_id), None)


def ground_of(agreement: Agreement, at: datetime, rng: np.random.Generator) -> Ground:
    """Return the ground of an agreement as it is in force at a moment."""
    zones = tuple(zone for zone in agreement.zones if zone.valid.holds(at))
    clauses = tuple(
        (version, clause)
        for version in agreement.versions
        for clause in version.clauses
        if clause.valid.interval.holds(at) and clause.binds
    )
    line = next((zone for zone in zones if zone.role == "line"), None)
    bare = Ground(clauses, line, zones, agreement.places.bounds, ())
    return Ground(
        clauses, line, zones, agreement.places.bounds, tuple(_spread(bare, rng, HOT_SPOTS))
    )  # fmt: skip


def _spread(ground: Ground, rng: np.random.Generator, count: int) -> Iterator[Position]:
    """Yield points that lie apart: along the line where there is one, else about the frame's middle."""
    for number in range(count):
        if ground.line is not None:
            share = (number + rng.uniform(0.2, 0.8)) / count
            yield on_line(ground.line, share)
        else:
            yield in_zone(_widest(ground), rng) if ground.zones else in_frame(ground.bounds, rng)


def _widest(ground: Ground) -> Zone:
    return max(ground.zones, key=lambda zone: (zone.geometry.area, zone.zone_id))


def on_line(line: Zone, share: float) -> Position:
    """Return the point of a line at a share of its length, 0 to 1."""
    point = line.geometry.interpolate(share, normalized=True)
    return point.y, point.x


def in_frame(bounds: tuple[float, float, float, float], rng: np.random.Generator) -> Position:
    """Return a point in the inner half of a frame."""
    west, south, east, north = bounds
    return (
        south + (north - south) * rng.uniform(0.25, 0.75),
        west + (east - west) * rng.uniform(0.25, 0.75),
    )


def in_zone(zone: Zone, rng: np.random.Generator) -> Position:
    """Return a point in an area."""
    west, south, east, north = zone.geometry.bounds
    for _ in range(_TRIES):
        point = Point(rng.uniform(west, east), rng.uniform(south, north))
        if zone.geometry.contains(point):
            return point.y, point.x
    inside = zone.geometry.representative_point()
    return inside.y, inside.x


def around(centre: Position, sigma_m: float, rng: np.random.Generator) -> Position:
    """Return a point about another, one sigma in each direction, metres."""
    return from_plane(rng.normal(0.0, sigma_m), rng.normal(0.0, sigma_m), centre)


def at_distance(centre: Position, metres: float, rng: np.random.Generator) -> Position:
    """Return a point at a distance from another, in any direction."""
    angle = rng.uniform(0.0, 2 * np.pi)
    return from_plane(metres * np.sin(angle), metres * np.cos(angle), centre)


def place_for(clause: Clause, ground: Ground, rng: np.random.Generator) -> Position:
    """Return where something happens that a clause speaks of: in its zone, or near its line.

    Three in four events happen about a hot spot, as they do; a clause that keeps weapons
    away from a line has them on both sides of its distance.
    """
    if clause.distance is not None and (line := ground.zone(clause.distance.line)) is not None:
        farthest_m = 1_000.0 * max(clause.distance.minimum_km.values())
        return at_distance(on_line(line, rng.uniform()), farthest_m * rng.uniform(0.1, 1.3), rng)
    zone = None if clause.zone is None else ground.zone(clause.zone)
    for _ in range(_TRIES):
        if rng.uniform() < 0.75 or ground.line is None:
            found = around(ground.hot[int(rng.integers(len(ground.hot)))], SPREAD_M, rng)
        else:
            found = around(on_line(ground.line, rng.uniform()), SPREAD_M, rng)
        if zone is None or zone.geometry.contains(Point(found[1], found[0])):
            return found
    return found if zone is None else in_zone(zone, rng)
