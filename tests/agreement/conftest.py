# SPDX-License-Identifier: Apache-2.0
"""A small sound pack that tests break in one place at a time."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

AGREEMENT = """
id: small
title: {en: A small truce}
summary: Two sides, one clause.
in_force:
  - {from: "2025-04-19T18:00:00+03:00", until: "2025-04-21T00:00:00+03:00"}
parties:
  - {id: A, name: {en: Party A}, hue: "#6A5A8C"}
  - {id: B, name: {en: Party B}, hue: "#7C6034"}
actors:
  - id: M
    name: {en: Monitors}
    roles:
      - {role: monitor, valid: {from: "2025-04-19T18:00:00+03:00"}}
versions:
  - id: v1
    title: The text
    source: Annex
    authoritative_language: en
    clauses:
      - id: fire
        title: No fire
        text: No fire.
        source: Article 1
        binds: [A, B]
        kinds: [attack_unspecified]
        zone: area
        valid: {from: "2025-04-19T18:00:00+03:00"}
      - id: weapons
        title: Weapons away
        text: Weapons away from the line.
        source: Article 2
        binds: [A, B]
        kinds: [weapon_presence]
        weapon_classes: [mlrs]
        distance: {line: line, minimum_km: {mlrs: 35}}
        valid: {from: "2025-04-19T18:00:00+03:00"}
facts:
  - id: day
    question: Which day?
    claims:
      - {id: one, by: A, says: The first., source: paper}
      - {id: two, by: B, says: The second., source: paper}
    resolution: {claim: one, ground: The paper is dated.}
commission: {name: Joint commission}
remedies:
  - {id: ask, title: Ask, owner: M, deadline_hours: 24}
guarantees:
  - {id: help, guarantors: [M], text: Help., source: Article 3, legal_status: signed, clocks_hours: [24, 72]}
release_rules:
  - {audience: public, tiers: [public], delay_hours: 24, cell_km: 5}
reporting: {timezone: Europe/Kyiv, cut_off: 19:30}
"""

SOURCES = """
families:
  - {id: monitors, name: Monitors, independence_group: mission, source_kind: patrol}
sources:
  - {id: Patrol 1, family: monitors, range_m: 5000}
"""

PLACES = """
countries: [UA]
bounds: [22, 44, 41, 53]
"""


def feature(zone_id: str, role: str, geometry: Mapping[str, object], **more: object) -> dict[str, object]:
    properties = {
        "id": zone_id,
        "name": zone_id,
        "role": role,
        "sigma_m": 1000,
        "from": "2025-04-19T18:00:00+03:00",
        "source": "drawn for a test",
    }
    return {"type": "Feature", "properties": properties | more, "geometry": geometry}


AREA = {"type": "Polygon", "coordinates": [[[36, 47], [38, 47], [38, 49], [36, 49], [36, 47]]]}
LINE = {"type": "LineString", "coordinates": [[37, 47], [37, 49]]}


def collection(*features: dict[str, object]) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


@pytest.fixture
def small() -> dict[str, bytes]:
    return {
        "agreement.yaml": AGREEMENT.encode(),
        "zones.geojson": collection(feature("area", "area", AREA), feature("line", "line", LINE)),
        "sources.yaml": SOURCES.encode(),
        "places.yaml": PLACES.encode(),
    }
