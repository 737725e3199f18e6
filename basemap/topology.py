# SPDX-License-Identifier: Apache-2.0
"""Reads TopoJSON as far as Natural Earth's packages use it: quantised arcs, lines and areas.

The borders come out as lines between two countries, each once; the coast, as the edge of
the land.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

import numpy as np
import shapely
import shapely.affinity
from numpy.typing import NDArray
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

Arcs = list["int | Arcs"]
Points = NDArray[np.float64]


class _Geometry(TypedDict, total=False):
    type: str
    arcs: Arcs
    properties: dict[str, str]


class _Object(TypedDict):
    geometries: list[_Geometry]


class _Transform(TypedDict):
    scale: tuple[float, float]
    translate: tuple[float, float]


class _Document(TypedDict):
    arcs: list[list[tuple[int, int]]]
    transform: _Transform
    objects: dict[str, _Object]


@dataclass(frozen=True, slots=True)
class Border:
    """A line between two countries, by their names."""

    sides: frozenset[str]
    line: LineString


class Topology:
    """One TopoJSON file; coordinates are degrees, longitude first."""

    def __init__(self, path: Path) -> None:
        """Read a file."""
        self._held: _Document = json.loads(path.read_text(encoding="utf-8"))
        scale = np.array(self._held["transform"]["scale"])
        translate = np.array(self._held["transform"]["translate"])
        self._arcs = [np.cumsum(np.array(arc), axis=0) * scale + translate for arc in self._held["arcs"]]

    def polygons(self, name: str) -> list[Polygon]:
        """Return the areas of an object, each by itself."""
        found: list[Polygon] = []
        for geometry in self._held["objects"][name]["geometries"]:
            arcs = geometry.get("arcs", [])
            for rings in [arcs] if geometry["type"] == "Polygon" else arcs:
                found += self._polygon(rings)
        return found

    def _polygon(self, rings: int | Arcs) -> Iterator[Polygon]:
        if isinstance(rings, int):
            return
        shell, *holes = [_on_the_map(self._joined(ring)) for ring in rings]
        whole = shapely.difference(shell, shapely.union_all(holes)) if holes else shell
        yield from (part for part in shapely.get_parts(whole) if part.geom_type == "Polygon")

    def lines(self, name: str) -> list[LineString]:
        """Return the lines of an object, each by itself."""
        found: list[LineString] = []
        for geometry in self._held["objects"][name]["geometries"]:
            arcs = geometry.get("arcs", [])
            for part in [arcs] if geometry["type"] == "LineString" else arcs:
                points = self._joined(part)
                if len(points) >= 2:
                    found.append(LineString(points))
        return found

    def borders(self, name: str) -> list[Border]:
        """Return every arc that two countries share."""
        sides: dict[int, set[str]] = {}
        for geometry in self._held["objects"][name]["geometries"]:
            for arc in _flat(geometry.get("arcs", [])):
                sides.setdefault(arc if arc >= 0 else ~arc, set()).add(geometry["properties"]["name"])
        return [
            Border(frozenset(between), LineString(self._arcs[arc]))
            for arc, between in sorted(sides.items())
            if len(between) > 1 and len(self._arcs[arc]) > 1
        ]

    def _joined(self, arcs: int | Arcs) -> Points:
        """Return arcs end to end; ``~n`` is arc n backwards."""
        numbers = list(_flat(arcs))
        parts = [self._arcs[one] if one >= 0 else self._arcs[~one][::-1] for one in numbers]
        return np.concatenate([part if not at else part[1:] for at, part in enumerate(parts)])


def _on_the_map(ring: Points) -> BaseGeometry:
    """Return the area within a ring, cut where the map ends; rings go on across 180° and round the pole."""
    if len(ring) < 4:
        return Polygon()
    unwound = np.column_stack((np.unwrap(ring[:, 0], period=360), ring[:, 1]))
    if abs(unwound[-1, 0] - unwound[0, 0]) > 180:
        unwound = np.vstack((unwound, [[unwound[-1, 0], -90], [unwound[0, 0], -90]]))
    area = shapely.make_valid(Polygon(unwound))
    turns = [shapely.affinity.translate(area, turn) for turn in (-360, 0, 360)]
    cut: BaseGeometry = shapely.union_all(shapely.intersection(turns, shapely.box(-180, -90, 180, 90)))
    return cut


def _flat(arcs: int | Arcs) -> Iterator[int]:
    if isinstance(arcs, int):
        yield arcs
        return
    for one in arcs:
        yield from _flat(one)
