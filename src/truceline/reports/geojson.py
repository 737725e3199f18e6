# SPDX-License-Identifier: Apache-2.0
"""The report for maps, as GeoJSON (RFC 7946): ellipses at one sigma, never bare points.

Angles go through ``math`` and arrays only multiply and add, so that the same report is
the same bytes on every machine.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from shapely.geometry import mapping

from truceline.agreement.model import Zone
from truceline.geodesy import metres_per_degree
from truceline.interval import iso
from truceline.reports.machine import Json, derivation, dump, interval, whole
from truceline.reports.model import DailyReport, IncidentEntry

RING_POINTS = 24
_CIRCLE = [2 * math.pi * step / RING_POINTS for step in range(RING_POINTS)]
_COS = np.array([math.cos(angle) for angle in _CIRCLE])
_SIN = np.array([math.sin(angle) for angle in _CIRCLE])


def _rings(entries: Sequence[IncidentEntry]) -> list[str]:
    """Return each incident's ellipse at one sigma as the JSON of a closed ring, counter-clockwise."""
    places = [entry.incident.place for entry in entries]
    sin = np.array([math.sin(math.radians(place.azimuth_deg)) for place in places])[:, None]
    cos = np.array([math.cos(math.radians(place.azimuth_deg)) for place in places])[:, None]
    along = np.array([place.sigma_major_m for place in places])[:, None] * _COS
    across = np.array([place.sigma_minor_m for place in places])[:, None] * _SIN
    per_degree = np.array([metres_per_degree(place.latitude) for place in places]).reshape(-1, 2)
    # Across is to the left of along, so that the ring runs counter-clockwise (RFC 7946 3.1.6).
    x = (along * sin - across * cos) / per_degree[:, :1]
    y = (along * cos + across * sin) / per_degree[:, 1:]
    longitude = np.array([place.longitude for place in places])[:, None] + x
    latitude = np.array([place.latitude for place in places])[:, None] + y
    rings = np.stack([longitude, latitude], axis=-1)
    closed = np.concatenate([rings, rings[:, :1]], axis=1).reshape(len(places), 2 * (RING_POINTS + 1))
    written = "[" + ",".join(["[%.5f,%.5f]"] * (RING_POINTS + 1)) + "]"
    return [written % tuple(ring.tolist()) for ring in closed]


def _feature(geometry: str, properties: Json) -> str:
    return f'{{"geometry":{geometry},"properties":{dump(properties)},"type":"Feature"}}'


def _zone(zone: Zone) -> str:
    return _feature(
        dump(mapping(zone.geometry)),
        {
            "layer": zone.role,
            "zone_id": zone.zone_id,
            "name": zone.name,
            "sigma_m": zone.sigma_m,
            "valid": interval(zone.valid),
            "source": zone.source,
        },
    )


def _incident(entry: IncidentEntry, ring: str) -> str:
    """Return two features: the ellipse, and its centre."""
    incident, place = entry.incident, entry.incident.place
    shared: dict[str, Json] = {
        "incident_id": incident.incident_id,
        "status": entry.status,
        "not_assessed_because": entry.ground or None,
    }
    ellipse = _feature(
        f'{{"coordinates":[{ring}],"type":"Polygon"}}',
        {
            **shared,
            "layer": "incident",
            "from": iso(incident.when.start),
            "to": iso(incident.when.last),
            "kind": entry.kind,
            "place": entry.place,
            "region": entry.region,
            "sigma_major_m": round(place.sigma_major_m, 1),
            "probability_real": round(incident.probability_real, 4),
            "probability": round(entry.probability, 4),
        },
    )
    centre = _feature(
        f'{{"coordinates":[{place.longitude:.5f},{place.latitude:.5f}],"type":"Point"}}',
        {**shared, "layer": "centre"},
    )
    return f"{ellipse},{centre}"


def report_geojson(report: DailyReport) -> str:
    """Return zones, and each incident as its ellipse at one sigma and its centre.

    What it was derived from stands in the collection (RFC 7946 section 6.1).
    """
    features = [_zone(zone) for zone in report.frame.zones]
    features += map(_incident, report.entries, _rings(report.entries))
    return whole(
        {
            "type": dump("FeatureCollection"),
            "features": f"[{','.join(features)}]",
            "derivation": dump(derivation(report)),
        }
    )
