# SPDX-License-Identifier: Apache-2.0
"""The map: what is uncertain is drawn as wide as it is uncertain.

Ellipses and the line's band are drawn at one sigma.  Above ``MANY`` incidents a map of
ellipses shows only ink, so counts by hexagon (H3) stand in their place, each with its
interval.  No unit symbol, no base map of borders, nothing fetched from anywhere.
Labels are placed twice, for wide and for narrow screens; the page's style shows one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import h3
from markupsafe import Markup
from shapely import unary_union
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from truceline.agreement.model import Zone
from truceline.geodesy import Ellipse
from truceline.observation.model import Watch
from truceline.reports import words
from truceline.reports.marks import slug
from truceline.reports.model import DailyReport, MapFrame, NamedPlace
from truceline.reports.projection import SHEET_WIDTH, Box, LabelRoom, Sheet
from truceline.vocabulary import Status

MANY = 400

FINEST = 9
"""The finest level of H3 that a map counts by: hexagons of some 200 m."""
HEXAGON_EDGE = 14.0
"""Least edge of a hexagon on the sheet, so that its number can be read."""

WIDE, NARROW = 13.0, 30.0
"""Height of letters on wide and narrow screens, sheet units."""


NAMES = {WIDE: 40, NARROW: 9}
"""Most towns to name, by height of letters."""


@dataclass(frozen=True, slots=True)
class DrawnMap:
    """The map and what its caption and legend must say.

    Attributes:
        svg: The drawing.
        hexagons: Whether incidents are shown as counts by hexagon.
    """

    svg: Markup
    hexagons: bool


@dataclass(frozen=True, slots=True)
class Plotted:
    """An incident as the map draws it.

    Attributes:
        incident_id: Which.
        place: Where, one sigma.
        status: How it stands; None: it was not assessed.
        probability_real: The fainter, the less.
        wholly: Whether it surely counts; else it may.
        said: The same in words, for whoever points at it.
        href: Where it leads; empty: nowhere.
    """

    incident_id: str
    place: Ellipse
    status: Status | None
    probability_real: float
    wholly: bool
    said: str
    href: str


def _escape(text: str) -> str:
    return str(Markup.escape(words.plain(text)))


def _disc(watch: Watch) -> BaseGeometry | None:
    if watch.place is None or watch.range_m <= 0:
        return None
    ring = Ellipse(watch.place.latitude, watch.place.longitude, watch.range_m, watch.range_m).outline()
    return Polygon([(longitude, latitude) for latitude, longitude in ring])


def _graticule(sheet: Sheet) -> str:
    meridians, parallels = sheet.graticule()
    west, south, _, _ = sheet.bounds
    lines, labels = [], []
    for longitude in meridians:
        x, _ = sheet.at(south, longitude)
        lines.append(f"M{x:.1f} 0V{sheet.height:g}")
        side = f"{abs(longitude):.10g}° {'E' if longitude >= 0 else 'W'}"
        if 90 < x < SHEET_WIDTH - 90:
            labels.append(f'<text x="{x + 3:.1f}" y="12">{side}</text>')
    for latitude in parallels:
        _, y = sheet.at(latitude, west)
        lines.append(f"M0 {y:.1f}H{SHEET_WIDTH:g}")
        side = f"{abs(latitude):.10g}° {'N' if latitude >= 0 else 'S'}"
        if 30 < y < sheet.height - 40:
            labels.append(f'<text x="4" y="{y - 3:.1f}">{side}</text>')
    return f'<path class="graticule" d="{"".join(lines)}"/><g class="degrees wide">{"".join(labels)}</g>'


def _zones(sheet: Sheet, zones: Sequence[Zone], watched: BaseGeometry | None) -> str:
    parts = []
    for zone in zones:
        path = sheet.outline(zone.geometry)
        if not path:
            continue
        title = f"<title>{_escape(zone_words(zone))}</title>"
        if zone.role != "line":
            name = "area" if zone.role == "area" else "zone"
            parts.append(f'<path class="{name}" d="{path}">{title}</path>')
            continue
        band = max(2 * zone.sigma_m / sheet.metres_per_unit, 4.0)
        blind = Polygon() if watched is None else _without(zone.geometry, watched)
        parts.append(f'<path class="band" stroke-width="{band:.1f}" d="{path}">{title}</path>')
        if hidden := sheet.outline(blind):
            parts.append(f'<path class="band-unwatched" stroke-width="{band:.1f}" d="{hidden}"/>')
        parts.append(f'<path class="line" d="{path}"/>')
    return "".join(parts)


def _without(line: BaseGeometry, watched: BaseGeometry) -> BaseGeometry:
    return line if watched.is_empty else line.difference(watched)


def zone_words(zone: Zone) -> str:
    """Return a zone's name, its validity and how far off its drawing may be."""
    until = "still valid" if zone.valid.end is None else f"until {words.day(zone.valid.end.date())}"
    return f"{zone.name} (from {words.day(zone.valid.start.date())}, {until}; ± {words.metres(zone.sigma_m)})"


def _ellipses(sheet: Sheet, plotted: Sequence[Plotted]) -> str:
    areas, marks, stacked = [], [], Counter[tuple[float, float]]()
    # The widest and least certain first, so that they lie beneath.
    for one in sorted(plotted, key=lambda one: (-one.place.sigma_major_m, one.incident_id)):
        name = slug(one.status)
        across = one.place.sigma_major_m / sheet.metres_per_unit
        ink = one.probability_real * min(1.0, 40.0 / max(across, 1.0))
        path = sheet.path(one.place.outline(points=24), closed=True)
        areas.append(
            f'<path class="s-{name}" fill-opacity="{0.02 + 0.13 * ink:.2f}"'
            f' stroke-opacity="{0.12 + 0.45 * ink:.2f}" d="{path}"/>'
        )
        x, y = sheet.at(*one.place.centre)
        stacked[round(x), round(y)] += 1
        shape = (
            f'<g transform="translate({x:.1f} {y:.1f})" class="s-{name}"'
            f' opacity="{0.35 + 0.65 * one.probability_real:.2f}">'
            f'<title>{_escape(one.said)}</title><use href="#m-{name}"/></g>'
        )
        marks.append(f'<a href="{_escape(one.href)}">{shape}</a>' if one.href else shape)
    # One mark hides another at the same place, so their number stands beside them.
    numbers = "".join(
        f'<text x="{x - 7}" y="{y - 5}">{held}</text>' for (x, y), held in stacked.items() if held > 1
    )
    return (
        f'<g class="ellipses">{"".join(areas)}</g><g class="marks">{"".join(marks)}</g>'
        f'<g class="stacked wide">{numbers}</g>'
    )


Counted = Mapping[str, tuple[int, int]]
"""How many incidents surely lie, and how many may lie, in each cell of H3."""


def _fineness(sheet: Sheet) -> int:
    """Return the level of H3 whose hexagons can be read on a sheet."""
    edge = HEXAGON_EDGE * sheet.metres_per_unit
    return next(
        (level for level in range(FINEST, 0, -1) if h3.average_hexagon_edge_length(level, unit="m") >= edge),
        0,
    )


def _counted(fineness: int, plotted: Sequence[Plotted]) -> Counted:
    counted: dict[str, tuple[int, int]] = {}
    for one in plotted:
        cell = h3.latlng_to_cell(*one.place.centre, fineness)
        least, most = counted.get(cell, (0, 0))
        counted[cell] = (least + one.wholly, most + 1)
    return counted


def _hexagons(sheet: Sheet, counted: Counted) -> tuple[str, list[Box]]:
    """Return counts by hexagon, and where their numbers stand, to be kept clear of names."""
    top = max((most for _, most in counted.values()), default=1)
    cells, labels, taken = [], [], list[Box]()
    for cell, (least, most) in sorted(counted.items()):
        path = sheet.path(h3.cell_to_boundary(cell), closed=True)
        shade = 0.12 + 0.55 * (most / top) ** 0.5
        figure = words.span(least, most)
        cells.append(f'<path fill-opacity="{shade:.2f}" d="{path}"><title>{figure} incidents</title></path>')
        x, y = sheet.at(*h3.cell_to_latlng(cell))
        labels.append(f'<text x="{x:.1f}" y="{y + 3:.1f}">{figure}</text>')
        taken.append((x - 3.2 * len(figure), y - 6, x + 3.2 * len(figure), y + 5))
    return f'<g class="hexagons">{"".join(cells)}</g><g class="counts wide">{"".join(labels)}</g>', taken


def _town_labels(
    sheet: Sheet,
    towns: Sequence[NamedPlace],
    zones: Sequence[Zone],
    size: float,
    taken: Sequence[Box],
) -> tuple[str, str]:
    """Return the towns' dots, which lie beneath the incidents, and the names, which lie above."""
    room = LabelRoom(SHEET_WIDTH, sheet.height)
    dots: list[str] = []
    parts: list[str] = []
    room.taken += [
        (0.0, sheet.height - 3.6 * size, 260.0, sheet.height),
        (0.0, 0.0, SHEET_WIDTH, 16.0),
        *taken,
    ]
    for zone in zones:
        if zone.geometry.is_empty or zone.role == "area":
            continue
        anchor = zone.geometry.representative_point() if zone.role != "line" else _middle(zone.geometry)
        x, y = sheet.at(anchor.y, anchor.x)
        away = _around(10.0, size)
        if found := room.place(zone.name, x, y, size, away):
            parts.append(_text(zone.name, found, "zone-name"))
    for town in towns:
        if len(dots) >= NAMES[size]:
            break
        x, y = sheet.at(town.latitude, town.longitude)
        away = _around(7.0 if size == WIDE else 14.0, size)
        if found := room.place(town.name, x, y, size, away):
            radius = (1.6, 2.4, 3.2, 4.2)[sum(town.population >= step for step in (20_000, 100_000, 500_000))]
            dots.append(f'<circle class="town" cx="{x:.1f}" cy="{y:.1f}" r="{radius * size / WIDE:.1f}"/>')
            parts.append(_text(town.name, found, "town-name"))
    return "".join(dots), "".join(parts)


def _around(near: float, size: float) -> list[tuple[float, float, str]]:
    """Return where to try a label around a point, the best places first."""
    beside = [
        (dx, size * (0.35 + step), anchor)
        for step in (0.0, -0.6, 0.6, -1.2, 1.2, -1.7, 1.7)
        for dx, anchor in ((near, "start"), (-near, "end"))
    ]
    return [*beside[:2], (0.0, -near, "middle"), (0.0, near + size * 0.8, "middle"), *beside[2:]]


def _middle(geometry: BaseGeometry) -> BaseGeometry:
    """Return the point halfway along a line; of several pieces, along the longest."""
    pieces = list(getattr(geometry, "geoms", [geometry]))
    longest: BaseGeometry = max(pieces, key=lambda piece: piece.length)
    return longest.interpolate(0.5, normalized=True)


def _text(text: str, found: tuple[float, float, str], name: str) -> str:
    x, y, anchor = found
    return f'<text class="{name}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{_escape(text)}</text>'


def _scale(sheet: Sheet) -> str:
    km = sheet.scale_km()
    long = km * 1000 / sheet.metres_per_unit
    y = sheet.height - 14
    text = f"{km:g} km"
    return (
        f'<g class="scale"><path d="M14 {y - 5:.1f}v5h{long:.1f}v-5"/>'
        f'<text class="wide" x="{long + 22:.1f}" y="{y + 2:.1f}" font-size="{WIDE:g}">{text}</text>'
        f'<text class="narrow" x="{long + 22:.1f}" y="{y + 6:.1f}" font-size="{NARROW:g}">{text}</text></g>'
    )


def draw_map(report: DailyReport, listed: int) -> DrawnMap:
    """Draw the report's map.

    Args:
        report: What to draw.
        listed: How many of its incidents have a row in the page to link to.
    """
    said = (
        f"Map of {words.tally(report.tally)} incidents"
        " around latitude {latitude:.1f}, longitude {longitude:.1f}; the tables below say the same in words."
    )
    plotted = [
        Plotted(
            entry.incident.incident_id,
            entry.incident.place,
            entry.status,
            entry.incident.probability_real,
            entry.wholly,
            f"{entry.incident.incident_id}: {words.status_and_ground(entry.status, entry.ground)}, "
            f"{words.kind(entry.kind)}, {entry.place}",
            f"#i{row + 1}" if row < listed else "",
        )
        for row, entry in enumerate(report.entries)
    ]
    return draw(report.frame, plotted, said)


def draw(frame: MapFrame, plotted: Sequence[Plotted], said: str) -> DrawnMap:
    """Draw incidents over a frame.

    Args:
        frame: What the map covers.
        plotted: What to draw.
        said: The map in words; ``{latitude}`` and ``{longitude}`` in it become those of its middle.
    """
    sheet = Sheet.over(frame.bounds)
    if len(plotted) > MANY:
        return draw_counts(frame, lambda fineness: _counted(fineness, plotted), said)
    # A picture is one thing to a screen reader; a group lets it reach what leads somewhere.
    role = "group" if any(one.href for one in plotted) else "img"
    return DrawnMap(_drawn(frame, sheet, said, _ellipses(sheet, plotted), [], role), hexagons=False)


def draw_counts(frame: MapFrame, count: Callable[[int], Counted], said: str) -> DrawnMap:
    """Draw counts by hexagon.

    Args:
        frame: What the map covers.
        count: Returns the counts at a level of H3, at most ``FINEST``.
        said: As for ``draw``.
    """
    sheet = Sheet.over(frame.bounds)
    incidents, taken = _hexagons(sheet, count(_fineness(sheet)))
    return DrawnMap(_drawn(frame, sheet, said, incidents, taken, "img"), hexagons=True)


def _drawn(
    frame: MapFrame, sheet: Sheet, said: str, incidents: str, taken: Sequence[Box], role: str
) -> Markup:
    """Return the sheet: ground, zones and names, with the incidents between them."""
    discs = [disc for watch in frame.watched or () if (disc := _disc(watch)) is not None]
    watched = None if frame.watched is None else unary_union(discs)
    wide_dots, wide = _town_labels(sheet, frame.towns, frame.zones, WIDE, taken)
    narrow_dots, narrow = _town_labels(sheet, frame.towns, frame.zones, NARROW, [])
    tint = "" if not discs else f'<path class="watched" d="{sheet.outline(watched)}"/>'
    west, south, east, north = sheet.bounds
    title = said.format(latitude=(south + north) / 2, longitude=(west + east) / 2)
    body = (
        f"<title>{_escape(title)}</title>"
        f'<rect class="land" width="{SHEET_WIDTH:g}" height="{sheet.height:g}"/>'
        f"{_graticule(sheet)}{tint}{_zones(sheet, frame.zones, watched)}"
        f'<g class="wide">{wide_dots}</g><g class="narrow">{narrow_dots}</g>{incidents}'
        f'<g class="wide" font-size="{WIDE:g}">{wide}</g>'
        f'<g class="narrow" font-size="{NARROW:g}">{narrow}</g>{_scale(sheet)}'
    )
    return Markup(  # noqa: S704 - every text in it went through _escape
        f'<svg class="map" viewBox="0 0 {SHEET_WIDTH:g} {sheet.height:g}" role="{role}">{body}</svg>'
    )
