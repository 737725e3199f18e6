# SPDX-License-Identifier: Apache-2.0
"""From where an observer stood, which way and how far, to where the event was.

"Heard 5 explosions 3-5 km NW" names no event position.  The event lies somewhere in
a sector of a ring around the observer; this module gives the mean and covariance of
a point drawn evenly from that sector, plus the uncertainty of the observer's own
position.  What was given stays in the ``Sighting``; the ellipse is derived.

Assumptions, each of them stated in the documentation of intake:

* a compass point stands for the 22.5 degrees around it;
* several bearings are as many sectors, each as probable as the next; gaps between
  them are not filled;
* no bearing means all round;
* no distance means ``ASSUMED_DISTANCE_M`` of the means of observation;
* a distance given as one number is that number within ``SINGLE_DISTANCE_SHARE``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from truceline.geodesy import Ellipse, bearing_deg, from_plane
from truceline.observation.model import Sighting

ASSUMED_DISTANCE_M: dict[str, tuple[float, float]] = {
    "heard": (1_000.0, 12_000.0),
    "seen": (1_000.0, 10_000.0),
    "camera": (2_000.0, 10_000.0),
    "crater analysis": (0.0, 200.0),
}
"""Nearest and farthest metres where a source gives no distance, by means.

From the distances that the OSCE SMM did state in 2016 and 2017 (``examples/minsk``): of
110 heard, 95 in 100 begin at 1 km or more and as many end within 12 km; all 36 recorded
by cameras lie between 2 and 10 km.  What was only seen is taken as reaching as far.
"""

SINGLE_DISTANCE_SHARE = 0.15
"""How far a distance given as a single number may be off, as a share of it."""

HALF_POINT_RAD = math.radians(11.25)
"""Half the width of one of 16 compass points, radians."""


def place_of(sighting: Sighting, assumed_m: tuple[float, float] = ASSUMED_DISTANCE_M["heard"]) -> Ellipse:
    """Return where the event was, as a Gaussian with the sector's first two moments.

    Args:
        sighting: Position, bearings and distances as given.
        assumed_m: Nearest and farthest metres to assume where none are given.

    Raises:
        RejectedInput: A bearing is not one of the 16 compass points.
    """
    near, far = _range_m(sighting, assumed_m)
    first, second = _radial_moments(near, far)
    east, north, east_east, east_north, north_north = _direction_moments(sighting.bearings)
    x, y = first * east, first * north
    own_xx, own_xy, own_yy = sighting.position.covariance()
    latitude, longitude = from_plane(x, y, sighting.position.centre)
    return Ellipse.from_covariance(
        latitude,
        (longitude + 180.0) % 360.0 - 180.0,
        own_xx + second * east_east - x * x,
        own_xy + second * east_north - x * y,
        own_yy + second * north_north - y * y,
    )


def _range_m(sighting: Sighting, assumed_m: tuple[float, float]) -> tuple[float, float]:
    """Return the nearest and farthest distance to reckon with, metres."""
    near, far = sighting.distance_min_m, sighting.distance_max_m
    if near is None and far is None:
        return assumed_m
    if near is None:
        # "Up to 500 m" is nearer than anything assumed: then it may be right here.
        near = assumed_m[0] if far is not None and assumed_m[0] < far else 0.0
    if far is None:
        far = max(assumed_m[1], near)
    if near == far:
        return near * (1.0 - SINGLE_DISTANCE_SHARE), far * (1.0 + SINGLE_DISTANCE_SHARE)
    return near, far


def _radial_moments(near: float, far: float) -> tuple[float, float]:
    """Return the mean distance and mean squared distance of a ring, evenly by area."""
    if far <= 0.0:
        return 0.0, 0.0
    # Written without the difference of cubes, which loses its digits for thin rings.
    mean = 2.0 / 3.0 * (near * near + near * far + far * far) / (near + far)
    return mean, (near * near + far * far) / 2.0


def _direction_moments(bearings: Sequence[str]) -> tuple[float, float, float, float, float]:
    """Return the means of e, n, ee, en and nn for the unit vector to the event.

    The mean of ``cos`` over a sector is the cosine of its middle, shrunk by
    ``sin(h) / h`` for a half-width ``h``; of products of two, the same at twice
    the angle.
    """
    points = sorted({bearing_deg(bearing) for bearing in bearings})
    if not points:
        return 0.0, 0.0, 0.5, 0.0, 0.5
    once = math.sin(HALF_POINT_RAD) / HALF_POINT_RAD / len(points)
    twice = math.sin(2 * HALF_POINT_RAD) / (2 * HALF_POINT_RAD) / len(points)
    angles = [math.radians(point) for point in points]
    east = once * math.fsum(math.sin(angle) for angle in angles)
    north = once * math.fsum(math.cos(angle) for angle in angles)
    even = twice * math.fsum(math.cos(2 * angle) for angle in angles)
    odd = twice * math.fsum(math.sin(2 * angle) for angle in angles)
    return east, north, (1.0 - even) / 2.0, odd / 2.0, (1.0 + even) / 2.0
