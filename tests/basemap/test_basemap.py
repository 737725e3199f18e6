# SPDX-License-Identifier: Apache-2.0
"""The base map: land where there is land, borders once, contested ones dashed, and tiles that can be read."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from basemap.contested import is_contested
from basemap.pack import rounded
from basemap.tiles import Layer, cut, to_world
from basemap.topology import Topology
from pmtiles.reader import MmapSource, Reader
from shapely.geometry import LineString, Point, box, shape
from tests.mission.made import ROOT

BUILT = ROOT / "src" / "truceline" / "web" / "built" / "base.pmtiles"
SQUARES = {
    "transform": {"scale": [1, 1], "translate": [0, 0]},
    # Two squares that share the arc 1; the third arc crosses 180 degrees.
    "arcs": [
        [[10, 10], [-10, 0], [0, -10], [10, 0]],
        [[10, 0], [0, 10]],
        [[10, 0], [10, 0], [0, 10], [-10, 0]],
        [[170, 50], [20, 0], [0, 5], [-20, 0], [0, -5]],
    ],
    "objects": {
        "countries": {
            "geometries": [
                {"type": "Polygon", "arcs": [[0, 1]], "properties": {"name": "A"}},
                {"type": "Polygon", "arcs": [[2, -2]], "properties": {"name": "B"}},
            ]
        },
        "far": {"geometries": [{"type": "MultiPolygon", "arcs": [[[3]]], "properties": {"name": "C"}}]},
    },
}


@pytest.fixture
def topology(tmp_path: Path) -> Topology:
    path = tmp_path / "made.json"
    path.write_text(json.dumps(SQUARES), encoding="utf-8")
    return Topology(path)


def test_areas_and_the_border_between_them_are_read(topology: Topology) -> None:
    one, other = topology.polygons("countries")
    assert one.equals(box(0, 0, 10, 10))
    assert other.equals(box(10, 0, 20, 10))
    (border,) = topology.borders("countries")
    assert border.sides == {"A", "B"}
    assert border.line.equals(LineString([(10, 0), (10, 10)]))


def test_an_area_across_the_edge_of_the_map_is_on_both_sides(topology: Topology) -> None:
    found = topology.polygons("far")
    assert sorted(one.bounds for one in found) == [(-180, 50, -170, 55), (170, 50, 180, 55)]


@pytest.mark.parametrize(
    ("sides", "held", "dashed"),
    [
        ({"Russia", "Ukraine"}, (33.6, 45.7, 35.0, 46.2), True),
        ({"Russia", "Ukraine"}, (38.2, 47.1, 40.2, 50.0), False),
        ({"Kosovo", "Serbia"}, (20.3, 42.2, 21.8, 43.3), True),
        ({"Poland", "Ukraine"}, (22.5, 49.0, 24.1, 51.5), False),
    ],
)
def test_what_is_contested_is_dashed_and_nothing_else(
    sides: set[str], held: tuple[float, float, float, float], dashed: bool
) -> None:
    assert is_contested(frozenset(sides), held) is dashed


def test_rounding_keeps_the_ends_and_stays_near() -> None:
    steps = LineString([(0, 0), (1, 0), (1, 1), (2, 1), (2, 2)])
    smooth = rounded(steps)
    assert smooth.coords[0] == (0, 0)
    assert smooth.coords[-1] == (2, 2)
    assert len(smooth.coords) > len(steps.coords)
    assert shapely.hausdorff_distance(smooth, steps) < 0.4


def test_a_tile_holds_what_lies_on_it_from_its_zoom_on() -> None:
    shapes = to_world(np.array([Point(30, 50), Point(-60, -20)], dtype=object))
    towns = Layer("towns", shapes, ({"name": "East"}, {"name": "West"}), np.array([0, 2], dtype=np.int8))
    found = {(zoom, x, y): content for zoom, x, y, content in cut([towns]) if zoom <= 2}
    names = {
        at: {one["properties"]["name"] for one in _read(content).get("towns", {}).get("features", [])}
        for at, content in found.items()
    }
    assert names[0, 0, 0] == {"East"}
    assert names[1, 1, 0] == {"East"}
    assert names[1, 0, 1] == set()
    assert names[2, 1, 2] == {"West"}
    assert (2, 0, 0) not in names


def _read(content: bytes) -> dict[str, dict[str, list[dict[str, dict[str, object]]]]]:
    held: dict[str, dict[str, list[dict[str, dict[str, object]]]]] = mapbox_vector_tile.decode(
        gzip.decompress(content), default_options={"y_coord_down": True}
    )
    return held


@pytest.mark.parametrize(
    ("longitude", "latitude", "is_land"),
    [
        (37.6, 55.7, True),  # Moscow
        (30.5, 50.4, True),  # Kyiv
        (34.1, 45.3, True),  # Crimea
        (50.0, 42.0, False),  # Caspian Sea
        (-30.0, 40.0, False),  # Atlantic
        (178.0, 67.0, True),  # Chukotka, on either side of 180 degrees
        (-178.0, 67.0, True),
        (0.0, 66.0, False),
        (0.0, -80.0, True),  # Antarctica
        (35.5, 33.9, True),  # Beirut
    ],
)
def test_the_built_map_has_land_where_there_is_land(longitude: float, latitude: float, is_land: bool) -> None:
    assert BUILT.is_file(), "build the base map first: make console"
    (place,) = to_world(np.array([Point(longitude, latitude)], dtype=object))
    zoom = 5
    x, y = int(place.x * 2**zoom), int(place.y * 2**zoom)
    with BUILT.open("rb") as file:
        tile = Reader(MmapSource(file)).get(zoom, x, y)
    layers = _read(tile) if tile else {}
    at = Point((place.x * 2**zoom - x) * 4096, (place.y * 2**zoom - y) * 4096)
    land = [shape(one["geometry"]) for one in layers.get("land", {}).get("features", [])]
    assert any(one.contains(at) for one in land) is is_land


def test_the_built_map_has_every_layer() -> None:
    with BUILT.open("rb") as file:
        reader = Reader(MmapSource(file))
        assert reader.metadata()["attribution"] == "Natural Earth · GeoNames, CC BY 4.0"
        layers = _read(reader.get(7, 75, 43))  # the lower Dnipro and the neck of Crimea are near
        around = _read(reader.get(5, 18, 11))
    assert {"land", "rivers", "towns"} <= set(layers)
    assert {one["properties"]["contested"] for one in around["borders"]["features"]} == {True, False}
