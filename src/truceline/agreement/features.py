# SPDX-License-Identifier: Apache-2.0
"""``zones.geojson`` as a pack states it, and the zones made of it.

Follows RFC 7946 for the geometries that a zone can have: longitude before
latitude, WGS 84, closed rings.  Everything that shapely would stumble over is
checked before a shape is built.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from shapely.geometry import box, shape
from shapely.geometry.base import BaseGeometry
from shapely.validation import explain_validity

from truceline.agreement.model import Places, Validity, Zone
from truceline.agreement.stated import Stated
from truceline.agreement.terms import Id, Latitude, Longitude, Metres, Words

Position = tuple[Longitude, Latitude]


def _closed(ring: tuple[Position, ...]) -> tuple[Position, ...]:
    if ring[0] != ring[-1]:
        raise ValueError("the ring is not closed; repeat its first position as its last (RFC 7946 3.1.6)")
    return ring


Path = Annotated[tuple[Position, ...], Field(min_length=2)]
Ring = Annotated[tuple[Position, ...], Field(min_length=4), AfterValidator(_closed)]
Rings = Annotated[tuple[Ring, ...], Field(min_length=1)]


class PointShape(Stated):
    """One position."""

    type: Literal["Point"]
    coordinates: Position


class LineShape(Stated):
    """One path."""

    type: Literal["LineString"]
    coordinates: Path


class LinesShape(Stated):
    """Several paths."""

    type: Literal["MultiLineString"]
    coordinates: Annotated[tuple[Path, ...], Field(min_length=1)]


class PolygonShape(Stated):
    """One area: an outer ring, then its holes."""

    type: Literal["Polygon"]
    coordinates: Rings


class PolygonsShape(Stated):
    """Several areas."""

    type: Literal["MultiPolygon"]
    coordinates: Annotated[tuple[Rings, ...], Field(min_length=1)]


Shape = Annotated[
    PointShape | LineShape | LinesShape | PolygonShape | PolygonsShape, Field(discriminator="type")
]

_FITS = {
    "line": ("LineString", "MultiLineString"),
    "area": ("Polygon", "MultiPolygon"),
    "zone": ("Polygon", "MultiPolygon"),
    "site": ("Point", "Polygon", "MultiPolygon"),
}


class Properties(Validity):
    """What a zone says of itself: ``from`` and ``until`` are its validity."""

    id: Id
    name: Words
    role: Literal["line", "area", "zone", "site"]
    sigma_m: Metres
    source: Words
    through: tuple[str, ...] = ()


class Feature(BaseModel):
    """One zone; members that GeoJSON allows beside these are passed over."""

    model_config = ConfigDict(frozen=True)

    type: Literal["Feature"]
    properties: Properties
    geometry: Shape


class FeatureCollection(BaseModel):
    """The file; members such as a comment are passed over, features are read one by one."""

    model_config = ConfigDict(frozen=True)

    type: Literal["FeatureCollection"]
    features: tuple[object, ...]


def zone_of(feature: Feature) -> Zone:
    """Return the zone that a feature states."""
    stated = feature.properties
    return Zone(
        zone_id=stated.id,
        name=stated.name,
        role=stated.role,
        geometry=_built(feature),
        sigma_m=stated.sigma_m,
        valid=stated.interval,
        source=stated.source,
        through=stated.through,
    )


def faults_of(feature: Feature, places: Places | None) -> list[tuple[str, str]]:
    """Return (path below the feature, reason) of what is wrong with its geometry.

    Args:
        feature: One feature, its positions already known to be WGS 84.
        places: The pack's places, for the map's frame; None: not readable.
    """
    stated, geometry = feature.properties, _built(feature)
    faults = []
    if feature.geometry.type not in _FITS[stated.role]:
        fits = " or ".join(_FITS[stated.role])
        faults.append(("geometry.type", f"a {stated.role} must be a {fits}"))
    if not geometry.is_valid:
        faults.append(("geometry", f"not a valid shape: {explain_validity(geometry)}"))
    elif places is not None and not geometry.intersects(box(*places.bounds)):
        # The usual cause: RFC 7946 puts longitude first, people put latitude first.
        faults.append(("geometry", "lies outside the map's bounds; are latitude and longitude swapped?"))
    if stated.role == "line" and isinstance(feature.geometry, LineShape) and stated.through:
        named, drawn = len(stated.through), len(feature.geometry.coordinates)
        if named != drawn:
            faults.append(("properties.through", f"names {named} places for {drawn} vertices of the line"))
    return faults


def _built(feature: Feature) -> BaseGeometry:
    return shape({"type": feature.geometry.type, "coordinates": feature.geometry.coordinates})
