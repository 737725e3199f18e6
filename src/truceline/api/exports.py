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
from dataclasses import fields
from operator import attrgetter
from typing import Final

from truceline.api.documents import IncidentDocument, incident_document
from truceline.mission import Mission
from truceline.mission.roll import Selection, shown

AT_ONCE: Final = 500
"""Incidents read at a time while an export streams: memory stays bounded."""

NAMES: Final = tuple(field.name for field in fields(IncidentDocument))

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_cells: Final = attrgetter(*NAMES)


def harmless(value: object) -> object:
    """Return a cell that no spreadsheet executes; numbers stay numbers."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _all(mission: Mission, selection: Selection) -> Iterator[list[IncidentDocument]]:
    for start in range(0, len(selection), AT_ONCE):
        part = selection.part(start, start + AT_ONCE)
        yield [incident_document(one) for one in shown(mission, part)]


def as_csv(mission: Mission, selection: Selection) -> Iterator[str]:
    """Yield a selection as CSV (RFC 4180), some hundred lines at a time; columns as in the JSON."""
    yield _lines([["exercise", *NAMES]])
    exercise = "EXERCISE" if mission.settings.exercise else ""
    for documents in _all(mission, selection):
        yield _lines([exercise, *(harmless(cell) for cell in _cells(one))] for one in documents)


def _lines(rows: Iterable[Iterable[object]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()


def as_geojson(mission: Mission, selection: Selection) -> Iterator[str]:
    """Yield a selection as GeoJSON (RFC 7946), some hundred features at a time."""
    yield json.dumps({"type": "FeatureCollection", "exercise": mission.settings.exercise})[:-1]
    yield ', "features": ['
    before = "\n"
    for documents in _all(mission, selection):
        yield before + ",\n".join(json.dumps(_feature(one), ensure_ascii=False) for one in documents)
        before = ",\n"
    yield "\n]}\n"


def _feature(one: IncidentDocument) -> dict[str, object]:
    held = dict(zip(NAMES, _cells(one), strict=True))
    point = [held.pop("longitude"), held.pop("latitude")]
    return {
        "type": "Feature",
        "id": one.incident_id,
        "geometry": {"type": "Point", "coordinates": point},
        "properties": held,
    }
