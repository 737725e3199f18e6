# SPDX-License-Identifier: Apache-2.0
"""Incidents as vector tiles, for a map in the browser: the same selection as the list's.

A tile (Mapbox Vector Tile 2.1) has the layers ``incidents`` (a point each) and ``ellipses``
(one sigma), or ``counts`` (a point for each hexagon) and ``hexagons``.  Points are on one
tile each, areas on every tile that they reach into.  Over all tiles of a zoom, the points
of ``incidents`` and the numbers ``most`` of ``counts`` add up to the list's total.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Final

import mapbox_vector_tile
import numpy as np
import shapely
from fastapi import APIRouter, Depends, Path
from fastapi.responses import Response
from shapely.geometry import Point, Polygon
from shapely.geometry.base import BaseGeometry

from truceline.access import Permission, Visitor
from truceline.api.asked import AskedOfRoll
from truceline.api.doors import LookingDoor
from truceline.api.problems import PROBLEMS, Refused
from truceline.api.reading import Here, require_run
from truceline.geodesy import to_world
from truceline.mission import Mission
from truceline.mission.roll import Filter, Selection, ShownIncident, shown
from truceline.mission.tiling import DEEPEST, Hexagon, Tile, hexagons_on, incidents_on

router = APIRouter(prefix="/api/v1", tags=["read"], responses=PROBLEMS)

Looker = Annotated[Visitor, Depends(LookingDoor(Permission.READ))]
Index = Annotated[int, Path(ge=0, lt=2**DEEPEST)]

MEDIA_TYPE: Final = "application/vnd.mapbox-vector-tile"
EXTENT: Final = 4096
BUFFER: Final = 128
"""Areas are cut so far beyond the edge, that no cut is seen."""

Known = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Feature:
    """Something on a tile: its shape in parts of the world, and what is known of it."""

    shape: BaseGeometry
    known: Mapping[str, Known]


class VectorTile(Response):
    """An answer that is a tile."""

    media_type = MEDIA_TYPE


@router.get("/tiles/{zoom}/{x}/{y}", response_class=VectorTile)
def tile(
    room: Here,
    visitor: Looker,
    asked: Annotated[AskedOfRoll, Depends()],
    zoom: Annotated[int, Path(ge=0, le=DEEPEST)],
    x: Index,
    y: Index,
) -> VectorTile:
    """Return a map tile of incidents: each with its ellipse, or counts by hexagon where there are many."""
    wanted = Tile(zoom, x, y)
    if not wanted.exists():
        raise Refused(404, "There is no such tile.", f"At zoom {zoom} they are numbered from 0.")
    selection = require_run(room, visitor, asked)
    return VectorTile(drawn(room.mission, selection, asked.filter(), wanted))


def drawn(mission: Mission, selection: Selection, asked: Filter, on: Tile) -> bytes:
    """Return a selection as a tile."""
    found = incidents_on(selection, on)
    if found is None:
        layers = _counts(list(hexagons_on(selection, asked, on)))
    else:
        part, here = found
        layers = _each(list(shown(mission, part)), here.tolist())
    exercise: dict[str, Known] = {"exercise": True} if mission.settings.exercise else {}
    encoded = [
        {
            "name": name,
            "features": [
                {"geometry": placed, "properties": {**one.known, **exercise}}
                for one in features
                if not (placed := _placed(one.shape, on)).is_empty
            ],
        }
        for name, features in layers.items()
    ]
    content: bytes = mapbox_vector_tile.encode(
        [layer for layer in encoded if layer["features"]],
        default_options={"extents": EXTENT, "y_coord_down": True},
    )
    return content


def _placed(shape: BaseGeometry, on: Tile) -> BaseGeometry:
    """Return a shape in a tile's own units, an area cut not far beyond its edge."""
    moved = shapely.transform(shape, lambda points: (points / on.side - (on.x, on.y)) * EXTENT)
    if moved.geom_type == "Point":
        return moved
    return shapely.clip_by_rect(moved, -BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER)


def _counts(hexagons: list[Hexagon]) -> dict[str, list[Feature]]:
    return {
        "hexagons": [Feature(Polygon(one.ring), _how_many(one)) for one in hexagons],
        "counts": [Feature(Point(one.x, one.y), _how_many(one)) for one in hexagons if one.own],
    }


def _how_many(one: Hexagon) -> dict[str, Known]:
    return {"least": one.least, "most": one.most}


def _each(listed: list[ShownIncident], here: list[bool]) -> dict[str, list[Feature]]:
    known = [_known(one) for one in listed]
    return {
        "ellipses": [
            Feature(_outline(one), held) for one, held in sorted(zip(listed, known, strict=True), key=_widest)
        ],
        "incidents": list(_points(listed, known, here)),
    }


def _points(
    listed: list[ShownIncident], known: list[dict[str, Known]], here: list[bool]
) -> Iterator[Feature]:
    latitude = np.array([one.incident.place.latitude for one in listed])
    longitude = np.array([one.incident.place.longitude for one in listed])
    for x, y, held, own in zip(*to_world(latitude, longitude), known, here, strict=True):
        if own:
            yield Feature(Point(x, y), held)


def _widest(pair: tuple[ShownIncident, dict[str, Known]]) -> float:
    """The widest lie beneath, so that they hide nothing."""
    return -pair[0].incident.place.sigma_major_m


def _known(one: ShownIncident) -> dict[str, Known]:
    place = one.incident.place
    return {
        "id": one.incident.incident_id,
        "kind": one.kind.value,
        "status": "none" if one.status is None else one.status.value.replace("_", "-"),
        "probability_real": round(one.incident.probability_real, 4),
        "sigma_major_m": round(place.sigma_major_m, 1),
        "sigma_minor_m": round(place.sigma_minor_m, 1),
        "azimuth_deg": round(place.azimuth_deg, 1),
        "coarse": one.coarse,
    }


def _outline(one: ShownIncident) -> Polygon:
    ring = np.array(one.incident.place.outline(points=32))
    return Polygon(np.column_stack(to_world(ring[:, 0], ring[:, 1])))
