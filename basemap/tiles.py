# SPDX-License-Identifier: Apache-2.0
"""Cuts the base map into vector tiles: Web Mercator, 0 to 7; a browser enlarges the last.

Coordinates in here are parts of the world: x from the west, y from the north, 0 to 1.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import mapbox_vector_tile
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

DEEPEST: Final = 7
"""At 4,096 steps a tile, 76 m at the equator: finer than any source."""

EXTENT: Final = 4096
BUFFER: Final = 64 / EXTENT
"""Drawn beyond a tile's edge, so that no edge shows."""

Shapes = NDArray[np.object_]
Values = str | int | bool


@dataclass(frozen=True, slots=True)
class Layer:
    """Shapes with what is known of each.

    Attributes:
        name: In the tile.
        shapes: Parts of the world.
        known: Properties, one for each shape.
        first: The zoom from which each is there.
    """

    name: str
    shapes: Shapes
    known: tuple[dict[str, Values], ...]
    first: NDArray[np.int8]


def to_world(degrees: Shapes) -> Shapes:
    """Return shapes in parts of the world."""
    moved: Shapes = shapely.transform(degrees, _mercator)
    return moved


def _mercator(points: NDArray[np.float64]) -> NDArray[np.float64]:
    latitude = np.radians(np.clip(points[:, 1], -85.0511, 85.0511))
    north = np.arctanh(np.sin(latitude)) / np.pi
    return np.column_stack(((points[:, 0] + 180) / 360, (1 - north) / 2))


def cut(layers: list[Layer]) -> Iterator[tuple[int, int, int, bytes]]:
    """Yield every tile that holds anything: zoom, x, y and its bytes, gzipped."""
    held = [(layer, np.arange(len(layer.shapes)), layer.shapes) for layer in layers]
    yield from _below(held, 0, 0, 0)


def _below(
    held: list[tuple[Layer, NDArray[np.int64], Shapes]], zoom: int, x: int, y: int
) -> Iterator[tuple[int, int, int, bytes]]:
    side = 0.5**zoom
    west, north = x * side, y * side
    edge = BUFFER * side
    frame = shapely.box(west - edge, north - edge, west + side + edge, north + side + edge)
    shapely.prepare(frame)
    inside: list[tuple[Layer, NDArray[np.int64], Shapes]] = []
    for layer, rows, shapes in held:
        touching = np.flatnonzero(shapely.intersects(frame, shapes))
        clipped = shapely.intersection(shapes[touching], frame)
        kept = ~shapely.is_empty(clipped)
        if kept.any():
            inside.append((layer, rows[touching][kept], clipped[kept]))
    if not inside:
        return
    yield zoom, x, y, _encoded(inside, zoom, x, y)
    if zoom < DEEPEST:
        for down in (0, 1):
            for right in (0, 1):
                yield from _below(inside, zoom + 1, 2 * x + right, 2 * y + down)


def _encoded(inside: list[tuple[Layer, NDArray[np.int64], Shapes]], zoom: int, x: int, y: int) -> bytes:
    side = 0.5**zoom
    found = []
    for layer, rows, shapes in inside:
        there = layer.first[rows] <= zoom
        # Half a pixel of a 512 pixel tile is not seen.
        simple = shapely.simplify(shapes[there], 0.5 * side / 512)
        placed = shapely.transform(simple, lambda points: (points / side - (x, y)) * EXTENT)
        features = [
            {"geometry": whole, "properties": layer.known[row]}
            for row, shape in zip(rows[there], placed, strict=True)
            if (whole := _drawable(shape)) is not None
        ]
        if features:
            found.append({"name": layer.name, "features": features})
    encoded: bytes = mapbox_vector_tile.encode(
        found,
        default_options={
            "extents": EXTENT,
            "y_coord_down": True,
            "on_invalid_geometry": mapbox_vector_tile.encoder.on_invalid_geometry_make_valid,
        },
    )
    return gzip.compress(encoded, mtime=0)


def _drawable(shape: BaseGeometry) -> BaseGeometry | None:
    """Return what of a shape is still seen; None: nothing."""
    if shape.is_empty or (shape.geom_type.endswith("Polygon") and shape.area < 8):
        return None
    if shape.geom_type == "GeometryCollection":
        parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
        return shapely.MultiPolygon(parts) if parts else None
    return shape
