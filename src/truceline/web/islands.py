# SPDX-License-Identifier: Apache-2.0
"""What pages tell their islands: addresses, a frame and words, as JSON in an attribute.

An island enhances what a page already shows; it is told nothing that the page does not say.
"""

from __future__ import annotations

import json
from typing import Final

from truceline.mission.roll import STATUSES, Bounds
from truceline.reports import words
from truceline.reports.marks import slug
from truceline.vocabulary import Kind
from truceline.web.assets import BASE_MAP, Assets
from truceline.web.languages import Language

TILES: Final = "/api/v1/tiles/{z}/{x}/{y}"
_MAP_WORDS: Final = {
    "map": "Map of incidents",
    "open": "Open",
    "more": "More in the list:",
    "of": "of",
    "in": "Move in",
    "out": "Move out",
    "coarse": "somewhere in its cell",
}
_DAY_WORDS: Final = {"from": "From day", "to": "To day", "days": "days", "of": "of"}


def tell_map(assets: Assets, frame: Bounds, tongue: Language) -> str:
    """Return what the map's island is told."""
    return json.dumps(
        {
            "tiles": TILES,
            "ground": "/api/v1/ground",
            "incidents": "/api/v1/incidents",
            "base": assets.address(BASE_MAP) if assets.has(BASE_MAP) else None,
            "frame": frame,
            "statuses": {slug(status): tongue(words.status(status)) for status in STATUSES},
            "kinds": {kind.value: words.kind(kind) for kind in Kind},
            "words": {name: tongue(text) for name, text in _MAP_WORDS.items()},
        }
    )


def tell_timeline(tongue: Language) -> str:
    """Return what the timeline's island is told."""
    return json.dumps(
        {"days": "/api/v1/days", "words": {name: tongue(text) for name, text in _DAY_WORDS.items()}}
    )
