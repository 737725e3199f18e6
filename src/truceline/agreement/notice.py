# SPDX-License-Identifier: Apache-2.0
"""Notices: an act that a clause excepts, as a party notified it, with its time and place.

A notice is stated in confidence.  Whoever shows what follows from one must not give away
whose it is, nor when or where it holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated

from pydantic import Field
from shapely.geometry import Polygon

from truceline.agreement.model import Zone
from truceline.agreement.terms import Latitude, Longitude
from truceline.geodesy import Ellipse
from truceline.interval import EARLIEST, Interval
from truceline.vocabulary import Kind

LARGEST_RADIUS_M = 100_000.0
"""Of a circle: below it a plane is exact enough (``truceline.geodesy``); what is larger is a zone."""

_POINTS = 180
"""Corners of a circle as drawn: its area is right to 0.02 %."""

Radius = Annotated[float, Field(gt=0, le=LARGEST_RADIUS_M)]


@dataclass(frozen=True, slots=True)
class Circle:
    """All that lies within ``radius_m`` metres of a centre, WGS 84."""

    latitude: Latitude
    longitude: Longitude
    radius_m: Radius


@dataclass(frozen=True, slots=True)
class Notice:
    """An exception that a party notified.

    Where both a zone and a circle are named, it holds in what they share; where neither
    is, wherever the exception does.

    Attributes:
        party: Who notified it.
        version: The version's id in the pack.
        clause: The clause's id.
        exception: The id of that clause's exception.
        interval: When it holds, as cut by a withdrawal.
        kinds: Of what kinds the notified acts are; empty: all that the exception names.
        zone: The id of a zone of the pack, or None.
        circle: A circle, or None.
        leaf_index: Where it is recorded.
    """

    party: str
    version: str
    clause: str
    exception: str
    interval: Interval
    kinds: tuple[Kind, ...]
    zone: str | None
    circle: Circle | None
    leaf_index: int


@lru_cache(maxsize=512)
def zone_of_circle(circle: Circle) -> Zone:
    """Return a circle as a zone, exact and always in force."""
    drawn = Ellipse(circle.latitude, circle.longitude, circle.radius_m, circle.radius_m)
    ring = [(longitude, latitude) for latitude, longitude in drawn.outline(points=_POINTS)]
    return Zone("", "a circle", "zone", Polygon(ring), 0.0, Interval(EARLIEST), "as notified")
