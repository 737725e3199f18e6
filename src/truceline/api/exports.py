# SPDX-License-Identifier: Apache-2.0
"""Exports of incidents: what a list or map shows, streamed, a few hundred in memory at a time.

In CSV, text that a spreadsheet would take for a formula begins with an apostrophe (OWASP,
"CSV injection").
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, fields
from typing import Final

from truceline.api.documents import IncidentDocument, incident_document
from truceline.api.room import EXPORTED_AT_ONCE
from truceline.mission import Mission
from truceline.mission.roll import Selection, ShownIncident, shown

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def harmless(value: object) -> object:
    """Return a cell that no spreadsheet executes; numbers stay numbers."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _all(mission: Mission, selection: Selection) -> Iterator[ShownIncident]:
    after = ""
    while len(page := selection.page(after, EXPORTED_AT_ONCE)):
        yield from shown(mission, page)
        after = page.last_id


def as_csv(mission: Mission, selection: Selection) -> Iterator[str]:
    """Yield a selection as CSV (RFC 4180), a line at a time; its columns are those of the JSON."""
    names = [field.name for field in fields(IncidentDocument)]
    yield _line(["exercise", *names])
    exercise = mission.settings.exercise
    for one in _all(mission, selection):
        held = asdict(incident_document(one))
        yield _line(["EXERCISE" if exercise else "", *(harmless(held[name]) for name in names)])


def _line(cells: Iterable[object]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()


def as_geojson(mission: Mission, selection: Selection) -> Iterator[str]:
    """Yield a selection as GeoJSON (RFC 7946), a feature at a time."""
    yield json.dumps({"type": "FeatureCollection", "exercise": mission.settings.exercise})[:-1]
    yield ', "features": ['
    for number, one in enumerate(_all(mission, selection)):
        held = asdict(incident_document(one))
        point = [held.pop("longitude"), held.pop("latitude")]
        feature = {
            "type": "Feature",
            "id": one.incident.incident_id,
            "geometry": {"type": "Point", "coordinates": point},
            "properties": held,
        }
        yield ("," if number else "") + "\n" + json.dumps(feature, ensure_ascii=False)
    yield "\n]}\n"
