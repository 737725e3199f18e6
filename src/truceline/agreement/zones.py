# SPDX-License-Identifier: Apache-2.0
"""How probable it is that an uncertain place lies in a zone, or near a line.

A place is a Gaussian; a zone is drawn so coarsely that it may lie ``sigma_m`` off,
as a whole and in any direction.  Only their difference counts, so the two
covariances add and the zone is then taken as exact.

The Gaussian over a polygon needs no numerical integration: scaled to the standard
normal, each edge seen from the centre cuts a triangle whose mass is

    angle / 2 pi - (T(d, tan b) - T(d, tan a))

with d the distance of the edge's line, a and b the angles of its ends from the
perpendicular, and T Owen's function (D. B. Owen, "Tables for computing bivariate
normal probabilities", Ann. Math. Stat. 27, 1956).  Signed and summed round the
rings this is exact to rounding, with no randomness.

All distances are on the plane that touches the Earth at the place
(``truceline.geodesy``): edges stay straight between longitude and latitude.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.special import owens_t
from shapely.geometry.base import BaseGeometry
from shapely.geometry.polygon import orient

from truceline.agreement.model import Zone
from truceline.geodesy import Ellipse, distance_m, metres_per_degree

FAR_SIGMAS = 8.5
"""Beyond this many standard deviations less than 1e-16 of a Gaussian is left."""

FLOOR_M = 1.0
"""No place is known better than this; it keeps the scaling defined, metres."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LineDistance:
    """How far a place is from a line: metres, with the standard deviation."""

    metres: float
    sigma_m: float


def probability_inside(place: Ellipse, zone: Zone) -> float:
    """Return the probability that a place lies inside a zone, 0 to 1.

    A line or a point has no inside: 0.
    """
    return _mass(place, zone.sigma_m, zone.geometry)


def probability_within(place: Ellipse, line: Zone, metres: float) -> float:
    """Return the probability that a place is at most ``metres`` from a line, 0 to 1.

    For an area, inside counts as distance 0.
    """
    at = place.centre
    reach = metres + (FAR_SIGMAS + 0.5) * _widest(place, line.sigma_m)
    plane = _on_plane(line.geometry, at)
    # Only what is in reach matters; the ends made by the cut lie beyond it.
    near = shapely.clip_by_rect(plane, -reach, -reach, reach, reach)
    if near.is_empty:
        return 0.0
    band = shapely.buffer(near, max(metres, 0.0), quad_segs=16)
    return _mass_on_plane(place, line.sigma_m, band)


def distance_from_line_m(place: Ellipse, line: Zone) -> LineDistance:
    """Return the distance of a place's centre from a line, with its standard deviation.

    The deviation is that of the place and the line together, across the line at its
    nearest point.
    """
    plane = _on_plane(line.geometry, place.centre)
    origin = shapely.Point(0.0, 0.0)
    nearest = shapely.shortest_line(origin, plane).coords[1]
    metres = math.hypot(*nearest)
    var_xx, var_xy, var_yy = place.covariance()
    if metres > FLOOR_M:
        across = (nearest[0] / metres, nearest[1] / metres)
    else:
        # On the line itself no direction leads to it: the wider axis is the safe one.
        azimuth = math.radians(place.azimuth_deg)
        across = (math.sin(azimuth), math.cos(azimuth))
    variance = across[0] ** 2 * var_xx + 2 * across[0] * across[1] * var_xy + across[1] ** 2 * var_yy
    return LineDistance(metres, math.sqrt(variance + line.sigma_m**2))


def line_length_m(zone: Zone) -> float:
    """Return a line's length along great circles, metres; 0 for what is not a line."""
    if zone.geometry.geom_type not in ("LineString", "MultiLineString"):
        return 0.0
    return sum(
        distance_m((south, west), (north, east))
        for path in shapely.get_parts(zone.geometry)
        for (west, south), (east, north) in zip(path.coords, path.coords[1:], strict=False)
    )


def _widest(place: Ellipse, sigma_m: float) -> float:
    return math.hypot(place.sigma_major_m, sigma_m, FLOOR_M)


def _on_plane(geometry: BaseGeometry, at: tuple[float, float]) -> BaseGeometry:
    east, north = metres_per_degree(at[0])
    return shapely.transform(geometry, lambda points: (points - (at[1], at[0])) * (east, north))


def _mass(place: Ellipse, sigma_m: float, geometry: BaseGeometry) -> float:
    edges, (west, south, east, north) = _edges(geometry)
    per_east, per_north = metres_per_degree(place.latitude)
    reach = FAR_SIGMAS * _widest(place, sigma_m)
    outside = max(
        (west - place.longitude) * per_east,
        (place.longitude - east) * per_east,
        (south - place.latitude) * per_north,
        (place.latitude - north) * per_north,
    )
    if len(edges) == 0 or outside > reach:
        return 0.0
    scale = np.array([per_east, per_north, per_east, per_north])
    centre = np.array([place.longitude, place.latitude, place.longitude, place.latitude])
    return _integral((edges - centre) * scale, place, sigma_m)


def _mass_on_plane(place: Ellipse, sigma_m: float, geometry: BaseGeometry) -> float:
    return _integral(_ring_edges(geometry), place, sigma_m)


@lru_cache(maxsize=512)
def _edges(geometry: BaseGeometry) -> tuple[Floats, tuple[float, float, float, float]]:
    """Return a geometry's edges and bounds, kept because zones are asked about often."""
    return _ring_edges(geometry), geometry.bounds


def _ring_edges(geometry: BaseGeometry) -> Floats:
    """Return every ring's edges as rows (x1, y1, x2, y2), outer rings anticlockwise."""
    rings = []
    for part in shapely.get_parts(geometry):
        if part.geom_type != "Polygon":
            continue
        oriented = orient(part)
        for ring in (oriented.exterior, *oriented.interiors):
            points = shapely.get_coordinates(ring)
            rings.append(np.hstack([points[:-1], points[1:]]))
    return np.vstack(rings) if rings else np.empty((0, 4))


def _integral(edges: Floats, place: Ellipse, sigma_m: float) -> float:
    """Return the Gaussian's mass inside rings given as edges in metres from its centre."""
    # 1. The axes of the ellipse, each widened by the zone's own uncertainty.
    azimuth = math.radians(place.azimuth_deg)
    sin, cos = math.sin(azimuth), math.cos(azimuth)
    major = math.hypot(place.sigma_major_m, sigma_m, FLOOR_M)
    minor = math.hypot(place.sigma_minor_m, sigma_m, FLOOR_M)
    # 2. Turn and scale to the standard normal; turning keeps anticlockwise so.
    x1, y1, x2, y2 = edges.T
    ax, ay = (x1 * cos - y1 * sin) / minor, (x1 * sin + y1 * cos) / major
    bx, by = (x2 * cos - y2 * sin) / minor, (x2 * sin + y2 * cos) / major
    dx, dy = bx - ax, by - ay
    length = np.hypot(dx, dy)
    # 3. Each edge: signed distance of its line, and its ends measured along it.
    keep = length > 0.0
    ax, ay, bx, by, dx, dy = (value[keep] for value in (ax, ay, bx, by, dx, dy))
    dx, dy = dx / length[keep], dy / length[keep]
    height = ax * dy - ay * dx
    # A line through the centre cuts no triangle: its angle is 0 or it is walked both ways.
    seen = np.abs(height) > 1e-12
    height, start, end = height[seen], (ax * dx + ay * dy)[seen], (bx * dx + by * dy)[seen]
    distance = np.abs(height)
    # 4. The mass of each triangle, then their signed sum.
    tan_a, tan_b = start / distance, end / distance
    angle = (np.arctan(tan_b) - np.arctan(tan_a)) / (2 * math.pi)
    tails = owens_t(distance, tan_b) - owens_t(distance, tan_a)
    mass = float(np.sum(np.sign(height) * (angle - tails)))
    return min(1.0, max(0.0, mass))
