# SPDX-License-Identifier: Apache-2.0
"""Positions with uncertainty, and the little geodesy that everything shares.

Latitudes and longitudes are WGS 84 degrees; distances are metres; azimuths are
degrees clockwise from north.  Below about 100 km a local tangent plane (x east,
y north) is exact enough: its error at 50 km is under 0.1 %.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import h3
import numpy as np
from numpy.typing import NDArray

from truceline.errors import Fault, RejectedInput

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius of the Earth (IUGG), metres."""

_EDGE_LATITUDE = 85.0511
"""Where Web Mercator's square ends, degrees."""

COMPASS = (
    "N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE",
    "S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW",
)  # fmt: skip
"""The 16 points of the compass, each 22.5 degrees from the last."""


def bearing_deg(point: str) -> float:
    """Return the azimuth of one of the 16 compass points.

    Raises:
        RejectedInput: Not one of the 16 points.
    """
    try:
        return COMPASS.index(point.strip().upper()) * 22.5
    except ValueError:
        raise RejectedInput(
            "A bearing must be one of the 16 compass points, such as N, NNE or ESE.",
            [Fault("bearing", "point", "not a compass point", point)],
        ) from None


def metres_per_degree(latitude: float) -> tuple[float, float]:
    """Return the metres in a degree of longitude and of latitude at ``latitude``."""
    north = math.radians(1.0) * EARTH_RADIUS_M
    return north * math.cos(math.radians(latitude)), north


def to_plane(latitude: float, longitude: float, at: tuple[float, float]) -> tuple[float, float]:
    """Return (x east, y north) in metres from ``at`` (latitude, longitude)."""
    east, north = metres_per_degree(at[0])
    return (longitude - at[1]) * east, (latitude - at[0]) * north


def from_plane(x: float, y: float, at: tuple[float, float]) -> tuple[float, float]:
    """Return (latitude, longitude) of the point ``x`` east and ``y`` north of ``at``."""
    east, north = metres_per_degree(at[0])
    return at[0] + y / north, at[1] + x / east


def distance_m(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Return the great-circle distance between two (latitude, longitude), metres."""
    lat_a, lat_b = math.radians(a[0]), math.radians(b[0])
    half = (
        math.sin((lat_b - lat_a) / 2) ** 2
        + math.cos(lat_a) * math.cos(lat_b) * math.sin(math.radians(b[1] - a[1]) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(half)))


def hexagon_over(latitude: float, longitude: float, across_m: float) -> str | None:
    """Return the finest H3 cell over a point in which a circle ``across_m`` metres wide fits.

    Cells of one resolution differ in size, so the cell itself is measured.  None: not
    even the coarsest is so wide.
    """
    for resolution in range(15, -1, -1):
        cell: str = h3.latlng_to_cell(latitude, longitude, resolution)
        if 2 * _inner_radius_m(cell) >= across_m:
            return cell
    return None


def _inner_radius_m(cell: str) -> float:
    """Return how far the centre of an H3 cell is from the nearest of its sides."""
    centre = _on_sphere(h3.cell_to_latlng(cell))
    corners = [_on_sphere(corner) for corner in h3.cell_to_boundary(cell)]
    nearest = math.inf
    for start, end in zip(corners, (*corners[1:], corners[0]), strict=True):
        # The sine of the distance from a great circle is the part along its normal.
        normal = _cross(start, end)
        along = sum(a * b for a, b in zip(centre, normal, strict=True)) / math.hypot(*normal)
        nearest = min(nearest, math.asin(min(1.0, abs(along))))
    return nearest * EARTH_RADIUS_M


Vector = tuple[float, float, float]


def _on_sphere(point: tuple[float, float]) -> Vector:
    """Return a (latitude, longitude) on the unit sphere."""
    north, east = math.radians(point[0]), math.radians(point[1])
    return math.cos(north) * math.cos(east), math.cos(north) * math.sin(east), math.sin(north)


def _cross(a: Vector, b: Vector) -> Vector:
    return a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]


def to_world(
    latitude: NDArray[np.float64], longitude: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return places in Web Mercator, x and y as parts of the world; what lies beyond its edge lies on it."""
    radians = np.radians(np.clip(latitude, -_EDGE_LATITUDE, _EDGE_LATITUDE))
    x, y = (longitude + 180) / 360, (1 - np.arctanh(np.sin(radians)) / np.pi) / 2
    return np.clip(x, 0, 1), np.clip(y, 0, 1)


@dataclass(frozen=True, slots=True)
class Ellipse:
    """A place as a two-dimensional Gaussian, drawn at one sigma.

    Attributes:
        latitude: Of the centre, degrees.
        longitude: Of the centre, degrees.
        sigma_major_m: Standard deviation along the major axis, metres.
        sigma_minor_m: Standard deviation across it, metres.
        azimuth_deg: Of the major axis, degrees clockwise from north, 0 to 180.
    """

    latitude: float
    longitude: float
    sigma_major_m: float
    sigma_minor_m: float
    azimuth_deg: float = 0.0

    @property
    def centre(self) -> tuple[float, float]:
        """The centre as (latitude, longitude)."""
        return self.latitude, self.longitude

    def covariance(self) -> tuple[float, float, float]:
        """Return (var_xx, var_xy, var_yy) in square metres, x east and y north."""
        a, b = self.sigma_major_m**2, self.sigma_minor_m**2
        sin, cos = math.sin(math.radians(self.azimuth_deg)), math.cos(math.radians(self.azimuth_deg))
        return a * sin * sin + b * cos * cos, (a - b) * sin * cos, a * cos * cos + b * sin * sin

    @classmethod
    def from_covariance(
        cls, latitude: float, longitude: float, var_xx: float, var_xy: float, var_yy: float
    ) -> Ellipse:
        """Return the ellipse of a covariance in square metres, x east and y north."""
        mean, half = (var_xx + var_yy) / 2, (var_yy - var_xx) / 2
        root = math.hypot(half, var_xy)
        azimuth = math.degrees(0.5 * math.atan2(var_xy, half)) % 180.0
        return cls(
            latitude,
            longitude,
            math.sqrt(max(mean + root, 0.0)),
            math.sqrt(max(mean - root, 0.0)),
            azimuth if root > 1e-9 * max(mean, 1.0) else 0.0,
        )

    def outline(self, sigmas: float = 1.0, points: int = 36) -> list[tuple[float, float]]:
        """Return a closed ring of (latitude, longitude) at ``sigmas`` from the centre."""
        sin, cos = math.sin(math.radians(self.azimuth_deg)), math.cos(math.radians(self.azimuth_deg))
        ring = []
        for step in range(points + 1):
            angle = 2 * math.pi * (step % points) / points
            along = sigmas * self.sigma_major_m * math.cos(angle)
            across = sigmas * self.sigma_minor_m * math.sin(angle)
            ring.append(from_plane(along * sin + across * cos, along * cos - across * sin, self.centre))
        return ring
