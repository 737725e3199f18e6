# SPDX-License-Identifier: Apache-2.0
"""The console's drawings: maps of a selection, days with what was watched, why reports are linked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import h3
import numpy as np
from markupsafe import Markup

from truceline.agreement import Gazetteer
from truceline.fusion import Membership
from truceline.geodesy import Ellipse
from truceline.interval import Interval
from truceline.mission import Mission
from truceline.mission.roll import Bounds, Selection, shown
from truceline.observation import Watch
from truceline.reports import words
from truceline.reports.map_svg import MANY, Counted, DrawnMap, Plotted, draw, draw_counts
from truceline.reports.model import MapFrame, NamedPlace
from truceline.vocabulary import WatchState

TOWNS: Final = 150


@dataclass(frozen=True, slots=True)
class Day:
    """One bar: how many incidents surely began then, how many may have, and what was watched.

    ``watched`` None: nobody knows, for no watch was ever recorded.
    """

    period: Interval
    least: int
    most: int
    watched: float | None


def draw_selection(
    mission: Mission, selection: Selection, bounds: Bounds, at: datetime, watches: Sequence[Watch]
) -> DrawnMap:
    """Draw a selection within bounds, over the zones that hold at a moment.

    Where its rule coarsens places, watches are not released, and neither they nor gaps are drawn.

    Few incidents are drawn each as its ellipse, many as counts by hexagon: the same that the list has.
    """
    zones = [zone for zone in mission.agreement.zones if zone.valid.holds(at)] or list(
        mission.agreement.zones
    )
    towns = sorted(mission.gazetteer.towns_in(bounds, 0), key=lambda town: (-town.population, town.name))
    told = None if selection.cell_m > 0 else tuple(watches)
    frame = MapFrame(bounds, tuple(zones), told, tuple(towns[:TOWNS]))
    said = (
        f"Map of {words.some(len(selection), 'incident')} around latitude {{latitude:.1f}}, longitude "
        "{longitude:.1f}; the list says the same in words."
    )
    if len(selection) > MANY:
        return draw_counts(frame, lambda fineness: _counts(selection, fineness), said)
    return draw(frame, _each(mission, selection), said)


def _each(mission: Mission, selection: Selection) -> list[Plotted]:
    return [
        Plotted(
            one.incident.incident_id,
            one.incident.place,
            one.status,
            one.incident.probability_real,
            wholly=True,
            said=f"{words.status(one.status)}, {words.kind(one.kind)}, "
            f"{words.place(one.incident.place, nearest(mission.gazetteer, one.incident.place))}",
            href=f"/incidents/{one.incident.incident_id}",
        )
        for one in shown(mission, selection)
    ]


def _counts(selection: Selection, fineness: int) -> Counted:
    """Return how many incidents of a selection lie in each cell of H3."""
    cells, most = np.unique(selection.cells(fineness), return_counts=True)
    named = (h3.int_to_str(cell) for cell in cells.tolist())
    return {name: (count, count) for name, count in zip(named, most.tolist(), strict=True)}


def working(watched: Sequence[Watch]) -> list[Watch]:
    """Return the watches that worked."""
    return [one for one in watched if one.state is WatchState.OK]


def nearest(gazetteer: Gazetteer, place: Ellipse) -> NamedPlace:
    """Return the town nearest to a place."""
    return gazetteer.nearest(*place.centre)


def frame_of(mission: Mission, selection: Selection) -> Bounds:
    """Return the frame that holds a selection and the agreement's line, a little wider."""
    boxes = [zone.geometry.bounds for zone in mission.agreement.zones if zone.role == "line"]
    if len(selection):
        boxes.append(
            (
                float(selection.longitude.min()),
                float(selection.latitude.min()),
                float(selection.longitude.max()),
                float(selection.latitude.max()),
            )
        )
    if not boxes:
        return mission.agreement.places.bounds
    west, south = min(box[0] for box in boxes), min(box[1] for box in boxes)
    east, north = max(box[2] for box in boxes), max(box[3] for box in boxes)
    wide, high = max(0.08 * (east - west), 0.35), max(0.08 * (north - south), 0.25)
    return (
        max(west - wide, -180.0),
        max(south - high, -85.0),
        min(east + wide, 180.0),
        min(north + high, 85.0),
    )


def moved(bounds: Bounds, across: float, up: float, scale: float) -> str:
    """Return bounds moved by parts of their size and scaled about their middle, as text."""
    west, south, east, north = bounds
    wide, high = east - west, north - south
    middle_x, middle_y = (west + east) / 2 + across * wide, (south + north) / 2 + up * high
    half_x, half_y = min(wide * scale / 2, 179.0), min(high * scale / 2, 84.0)
    west, east = max(middle_x - half_x, -180.0), min(middle_x + half_x, 180.0)
    south, north = max(middle_y - half_y, -85.0), min(middle_y + half_y, 85.0)
    return f"{west:.4f},{south:.4f},{east:.4f},{north:.4f}"


def draw_days(days: Sequence[Day]) -> Markup:
    """Draw a bar for each day, and beneath it what was watched; a day without watch is hatched."""
    top = max((day.most for day in days), default=0) or 1
    step = 1000 / max(len(days), 1)
    parts = []
    for number, day in enumerate(days):
        x = number * step
        said = (
            f"{words.day(day.period.start.date())}: {words.span(day.least, day.most)} incidents, "
            f"{words.percent(day.watched)} of the line watched"
        )
        low, high = 120 * day.least / top, 120 * day.most / top
        parts.append(
            f'<g><title>{said}</title><rect x="{x + 1:.1f}" y="0" width="{step - 2:.1f}" height="146" '
            'fill="none" pointer-events="all"/>'
            f'<rect class="bar-rest" x="{x + 1:.1f}" y="{124 - high:.1f}" width="{step - 2:.1f}" '
            f'height="{high:.1f}"/><rect class="bar" x="{x + 1:.1f}" y="{124 - low:.1f}" '
            f'width="{step - 2:.1f}" height="{low:.1f}"/>'
            f'<rect class="unwatched" x="{x + 1:.1f}" y="130" width="{step - 2:.1f}" height="16"/>'
        )
        if day.watched:
            parts.append(
                f'<rect class="watched-bar" x="{x + 1:.1f}" y="130" '
                f'width="{(step - 2) * day.watched:.1f}" height="16"/>'
            )
        parts.append("</g>")
    first, last = days[0].period.start.date(), days[-1].period.start.date()
    label = (
        f"Incidents a day from {words.day(first)} to {words.day(last)}, at most {top}; the list has them all."
    )
    return Markup(  # noqa: S704 - made of numbers and our own words
        f'<svg class="chart days" viewBox="0 0 1000 150" preserveAspectRatio="none" role="img" '
        f'aria-label="{label}"><path class="grid" d="M0 124H1000"/>{"".join(parts)}</svg>'
    )


TERMS: Final = ("space", "time", "type", "intensity", "prior")


def draw_link(link: Membership) -> Markup:
    """Draw the five terms of a link as bars to the right (for it) or to the left (against it)."""
    values = [getattr(link, name) for name in TERMS]
    most = max(1.0, *(abs(value) for value in values))
    bars = []
    for number, (name, value) in enumerate(zip(TERMS, values, strict=True)):
        long = 60 * abs(value) / most
        x = 60 if value >= 0 else 60 - long
        bars.append(
            f'<g><title>{name}: {value:+.1f}</title><rect class="bar" x="{x:.1f}" y="{number * 8}" '
            f'width="{max(long, 0.5):.1f}" height="6"/></g>'
        )
    said = ", ".join(f"{name} {value:+.1f}" for name, value in zip(TERMS, values, strict=True))
    return Markup(  # noqa: S704 - made of numbers and our own words
        f'<svg width="120" height="40" viewBox="0 0 120 40" role="img" aria-label="Log odds: {said}">'
        f'<path class="grid" d="M60 0V40"/>{"".join(bars)}</svg>'
    )
