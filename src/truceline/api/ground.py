# SPDX-License-Identifier: Apache-2.0
"""What a map draws beneath incidents: zones, the line, what was watched, its gaps; and the days."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Final

import numpy as np
import shapely
from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from truceline.access import Permission, Visitor
from truceline.agreement import Agreement
from truceline.agreement.model import Zone
from truceline.api.asked import AskedOfRoll
from truceline.api.documents import answer
from truceline.api.doors import Door, LookingDoor
from truceline.api.problems import PROBLEMS
from truceline.api.reading import Here, require_run
from truceline.assessment import coverage
from truceline.evidence import JSON
from truceline.geodesy import Ellipse, metres_per_degree
from truceline.interval import Interval
from truceline.mission import Mission
from truceline.mission.days import CountedDay, hours_of, per_day
from truceline.mission.reporting import line_at
from truceline.mission.roll import shown_watches
from truceline.observation import Watch
from truceline.procedure import Who
from truceline.reports.map_svg import zone_words
from truceline.vocabulary import WatchState


class GeoJSON(JSONResponse):
    """A document of RFC 7946."""

    media_type = "application/geo+json"


router = APIRouter(prefix="/api/v1", tags=["read"], responses=PROBLEMS)

Reader = Annotated[Visitor, Depends(Door(Permission.READ))]
Looker = Annotated[Visitor, Depends(LookingDoor(Permission.READ))]
Asked = Annotated[AskedOfRoll, Depends()]

WATCHED_DAYS: Final = 62
"""So many days at most are told with what was watched."""

FINENESS: Final = 6
"""Decimals of a degree: a tenth of a metre."""


@router.get("/ground", response_class=GeoJSON)
def ground(room: Here, visitor: Looker, asked: Asked) -> GeoJSON:
    """Return zones and coverage for the hours of a selection, as GeoJSON.

    ``layer`` of a feature is ``zone``, ``area``, ``site``, ``line``, ``band`` (the line as wide as its
    drawing is uncertain, one sigma to each side), ``watched``, or ``gap`` and ``gap-band``: a stretch of
    the line that nobody watched.  ``coverage`` tells whether watch is released to who asks; where it
    is not, neither ``watched`` nor ``gap`` is there, and nothing follows from that.
    """
    selection, mission = require_run(room, visitor, asked), room.mission
    hours = hours_of(asked.filter(), selection)
    at = room.now if hours is None else hours.last - timedelta(seconds=1)
    released = selection.rule.cell_km == 0 and hours is not None
    watches = shown_watches(mission, visitor.who, hours, room.now) if hours is not None else []
    watched = _watched(watches)
    return GeoJSON(
        {
            "type": "FeatureCollection",
            "exercise": mission.settings.exercise,
            "coverage": "released" if released else "not released to you",
            "features": list(_features(zones_at(mission.agreement, at), watched if released else None)),
        },
    )


def zones_at(agreement: Agreement, at: datetime) -> list[Zone]:
    """Return the zones that hold at a moment; where none does, all, for each says when it held."""
    return [zone for zone in agreement.zones if zone.valid.holds(at)] or list(agreement.zones)


def _watched(watches: Sequence[Watch]) -> BaseGeometry:
    """Return the ground that was watched by watches that worked."""
    discs = [
        _disc(one.place, one.range_m)
        for one in watches
        if one.state is WatchState.OK and one.place is not None and one.range_m > 0
    ]
    return shapely.union_all(discs) if discs else Polygon()


def _disc(place: Ellipse, range_m: float) -> Polygon:
    ring = Ellipse(place.latitude, place.longitude, range_m, range_m).outline()
    return Polygon([(longitude, latitude) for latitude, longitude in ring])


def _features(zones: Sequence[Zone], watched: BaseGeometry | None) -> Iterator[JSON]:
    if watched is not None and not watched.is_empty:
        yield _feature(watched, layer="watched")
    for zone in zones:
        yield _feature(
            zone.geometry, layer=zone.role, name=zone.name, said=zone_words(zone), sigma_m=zone.sigma_m
        )
        if zone.role != "line":
            continue
        yield _feature(band_of(zone.geometry, zone.sigma_m), layer="band", name=zone.name)
        gap = zone.geometry.difference(watched) if watched is not None else Polygon()
        if not gap.is_empty:
            yield _feature(gap, layer="gap", name=zone.name)
            yield _feature(band_of(gap, zone.sigma_m), layer="gap-band", name=zone.name)


def band_of(line: BaseGeometry, sigma_m: float) -> BaseGeometry:
    """Return the ground within a distance of a line, on the plane that touches the Earth at its middle."""
    middle = line.centroid
    east_m, north_m = metres_per_degree(middle.y)
    scale = np.array([east_m, north_m])
    plane = shapely.transform(line, lambda points: points * scale)
    return shapely.transform(plane.buffer(max(sigma_m, 1.0)), lambda points: points / scale)


def _feature(shape: BaseGeometry, **known: JSON) -> JSON:
    drawn = shapely.set_precision(shape, 10**-FINENESS)
    geometry: JSON = dict(shapely.geometry.mapping(drawn if not drawn.is_empty else shape))
    return {"type": "Feature", "geometry": geometry, "properties": known}


@router.get("/days", response_class=JSONResponse)
def days(room: Here, visitor: Reader, asked: Asked) -> JSONResponse:
    """Return how many incidents of a selection began on each day of UTC: surely, and at most.

    ``watched`` is the share of the line's hours that were watched; null: not known, or the day is not one
    of the last ``WATCHED_DAYS``.  ``coverage`` tells whether watch is released to who asks.
    """
    selection, mission = require_run(room, visitor, asked), room.mission
    counted = per_day(selection)
    released = selection.rule.cell_km == 0
    shares = _shares(room.mission, visitor.who, counted[-WATCHED_DAYS:], room.now) if released else {}
    return answer(
        mission.settings.exercise,
        coverage="released" if released else "not released to you",
        days=[
            {"day": one.day, "least": one.least, "most": one.most, "watched": shares.get(one.day)}
            for one in counted
        ],
    )


def _shares(
    mission: Mission, who: Who, counted: Sequence[CountedDay], now: datetime
) -> dict[date, float | None]:
    if not counted:
        return {}
    begins = [datetime.combine(one.day, time(), UTC) for one in counted]
    whole = Interval(begins[0], begins[-1] + timedelta(days=1))
    watches = shown_watches(mission, who, whole, now)
    found: dict[date, float | None] = {}
    for begin in begins:
        period = Interval(begin, begin + timedelta(days=1))
        found[begin.date()] = coverage(line_at(mission, period), watches, period).share
    return found
