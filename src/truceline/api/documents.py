# SPDX-License-Identifier: Apache-2.0
"""What routes answer, as JSON: the services' own dataclasses, field by field."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Final

from fastapi.responses import JSONResponse
from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass

from truceline.access import Visitor
from truceline.evidence import JSON
from truceline.interval import iso
from truceline.mission.roll import ShownIncident

_ANYTHING: Final[TypeAdapter[object]] = TypeAdapter(object)


def document_of(value: object) -> JSON:
    """Return a dataclass, or a sequence of them, as JSON has it."""
    held: JSON = json.loads(_ANYTHING.dump_json(value, fallback=str))
    return held


def answer(exercise: bool, status: int = 200, /, **parts: object) -> JSONResponse:
    """Return a document of named parts, which says first whether the mission is an exercise."""
    named = {name: document_of(one) for name, one in parts.items()}
    return JSONResponse({"exercise": exercise, **named}, status)


@dataclass(frozen=True, slots=True)
class IncidentDocument:
    """An incident as one reader may see it; metres, degrees (WGS 84), probabilities 0 to 1."""

    incident_id: str
    kind: str
    status: str | None
    begun_from: str
    begun_until: str | None
    latitude: float
    longitude: float
    sigma_major_m: float
    sigma_minor_m: float
    azimuth_deg: float
    place_is_coarse: bool
    count_min: int | None
    count_max: int | None
    reports: int
    independent_sources: int
    probability_real: float
    probability_of_breach: float | None


@dataclass(frozen=True, slots=True)
class IncidentList:
    """A page of incidents; ``after`` asks for the next one, null: this is the last."""

    exercise: bool
    audience: str
    total: int
    incidents: list[IncidentDocument]
    after: str | None


@dataclass(frozen=True, slots=True)
class Me:
    """Who asks, as the service knows them."""

    role: str
    of: str
    person: str | None
    permissions: list[str]


def incident_document(one: ShownIncident) -> IncidentDocument:
    """Return an incident as JSON has it."""
    incident = one.incident
    return IncidentDocument(
        incident.incident_id,
        one.kind.value,
        None if one.status is None else one.status.value,
        iso(incident.when.start),
        _end(incident.when.end),
        incident.place.latitude,
        incident.place.longitude,
        incident.place.sigma_major_m,
        incident.place.sigma_minor_m,
        incident.place.azimuth_deg,
        one.coarse,
        incident.count_min,
        incident.count_max,
        incident.reports,
        incident.independent_sources,
        incident.probability_real,
        one.breach,
    )


def _end(moment: datetime | None) -> str | None:
    return None if moment is None else iso(moment)


def me_document(visitor: Visitor, permissions: list[str]) -> Me:
    """Return who asks as JSON has it."""
    account = visitor.account
    person = None if account is None else account.person
    return Me(visitor.role.value, "" if account is None else account.of, person, permissions)
