# SPDX-License-Identifier: Apache-2.0
"""From coordinates, levels and names of places to ellipses, without guessing.

A settlement's centre gets the settlement's uncertainty, an oblast or a front sector
its own, large one.  What cannot be put on a map has no ellipse: it is kept, with the
reason among its details (``unplaced``), and never fused.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from truceline.geodesy import Ellipse
from truceline.intake.fields import Fields
from truceline.intake.model import IntakeContext

LARGEST_SIGMA_M = 2_000_000.0
"""A wider ellipse says nothing about where."""

NOT_GUESSED = "FLAG no_coordinates"
"""In a row's note: whoever transcribed it looked the place up and did not find it."""

_SUFFIXES = (" raion", " rayon", " district", " front sector", " sector")


class Level(StrEnum):
    """How much ground a place's name covers."""

    SETTLEMENT = "settlement"
    RAION = "raion"
    OBLAST = "oblast"
    FRONT_SECTOR = "front_sector"
    COUNTRY = "country"


LEVELS = {level.value: level for level in Level}


@dataclass(frozen=True, slots=True)
class Placed:
    """Where something was, or why that is not known, as details to keep."""

    place: Ellipse | None
    details: tuple[tuple[str, str], ...]


def unplaced(why: str) -> Placed:
    """Return no place, with the reason."""
    return Placed(None, (("unplaced", why),))


def position(fields: Fields, context: IntakeContext, north: str, east: str) -> tuple[float, float] | None:
    """Return (latitude, longitude) from two columns; None: neither is given.

    A pair that lies outside the agreement's bounds while its swap lies inside was
    written the wrong way round, and is refused: turning it would be a guess.
    """
    if not fields.given(north) and not fields.given(east):
        return None
    before = len(fields.faults)
    latitude = fields.number(north, -180.0, 180.0, "degrees")
    longitude = fields.number(east, -180.0, 180.0, "degrees")
    if len(fields.faults) > before:
        return 0.0, 0.0
    if latitude == 0.0 and longitude == 0.0:
        fields.fault(north, f"and {east} are both 0, which stands for no position; leave both empty")
    else:
        west, south, most_east, most_north = context.agreement.places.bounds
        if not (south <= latitude <= most_north and west <= longitude <= most_east):
            if south <= longitude <= most_north and west <= latitude <= most_east:
                fields.fault(
                    north, f"and {east} are swapped; write latitude and longitude in their own columns"
                )
            elif abs(latitude) > 90.0:
                fields.fault(north, "must be between -90 and 90 degrees")
    return latitude, longitude


def located(
    fields: Fields,
    context: IntakeContext,
    level: Level,
    name: str,
    given: tuple[float, float] | None,
    *,
    stated_m: float | None,
) -> Placed:
    """Return the ellipse of a place that a source names.

    Args:
        fields: The row, for its note.
        context: The agreement's levels and its gazetteer.
        level: How much ground the name covers.
        name: The place in the source's words.
        given: Its coordinates, where the row has them.
        stated_m: Its uncertainty, where the row has it; else the level's, metres.
    """
    sigma_m = stated_m or context.agreement.places.level_sigma_m.get(level)
    if level is Level.COUNTRY:
        return unplaced("names a country or a whole front only")
    if given is None and level is Level.OBLAST:
        return in_region(context, name, stated_m)
    if sigma_m is None:
        return unplaced(f"the agreement states no uncertainty for level {level}")
    if given is not None:
        return Placed(Ellipse(*given, sigma_m, sigma_m), ())
    if NOT_GUESSED in fields.given("note"):
        return unplaced("no coordinates given; the source's transcriber did not find the place")
    return named(context, name, sigma_m)


def named(context: IntakeContext, name: str, sigma_m: float) -> Placed:
    """Return the one town of a name, as wide as ``sigma_m``; of several, none.

    A raion or a front sector stands around the town that it is named after.
    """
    stem = name
    for suffix in _SUFFIXES:
        stem = stem.removesuffix(suffix)
    towns = context.gazetteer.find(stem)
    if len(towns) == 1:
        town = towns[0]
        basis = f"gazetteer: the only {stem} known ({town.geonameid})"
        return Placed(Ellipse(town.latitude, town.longitude, sigma_m, sigma_m), (("place_basis", basis),))
    if not towns:
        return unplaced("no coordinates given; the gazetteer does not have the name")
    return unplaced(f"no coordinates given; the gazetteer has {len(towns)} places of that name")


def in_region(context: IntakeContext, name: str, stated_sigma_m: float | None = None) -> Placed:
    """Return a first-order region, by its name, as wide as the agreement says."""
    region = context.gazetteer.region(name)
    if region is None:
        return unplaced("the agreement lists no region of that name")
    sigma_m = stated_sigma_m or region.sigma_m
    basis = f"centre of the region {region.id}"
    return Placed(Ellipse(region.latitude, region.longitude, sigma_m, sigma_m), (("place_basis", basis),))
