# SPDX-License-Identifier: Apache-2.0
"""Incidents as one reader may see them, with what they rest on."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from truceline.assessment import Assessment
from truceline.errors import Fault, RejectedInput
from truceline.fusion import Incident, Membership
from truceline.geodesy import Ellipse
from truceline.interval import Interval
from truceline.mission.derive import ASSESSMENTS, INCIDENTS, MEMBERSHIPS
from truceline.mission.ingest import compartment_of, tier_of
from truceline.mission.mission import Mission
from truceline.mission.reading import observations, span_of, watches
from truceline.mission.reviewing import reviewed
from truceline.mission.roll.columns import BY_PEOPLE, KINDS, STATUSES
from truceline.mission.roll.selecting import Selection, opens, rule_for
from truceline.observation import Observation, Watch
from truceline.procedure import Who
from truceline.storage import Transaction, schema
from truceline.vocabulary import Kind, Status


@dataclass(frozen=True, slots=True)
class ShownIncident:
    """An incident as one reader may see it.

    ``coarse``: its place is the centre of a cell, and as wide as the cell, and its members are left
    out.  ``breach`` is the greatest probability of a breach of any clause, by whomever; None: it was
    held against none.
    """

    incident: Incident
    kind: Kind
    status: Status | None
    coarse: bool
    breach: float | None


@dataclass(frozen=True, slots=True)
class IncidentInFull:
    """An incident with what it rests on; without observations where places are coarse."""

    shown: ShownIncident
    observations: tuple[Observation, ...]
    memberships: tuple[Membership, ...]
    assessments: tuple[Assessment, ...]


def shown(mission: Mission, selection: Selection) -> tuple[ShownIncident, ...]:
    """Return the incidents of a selection, in its order."""
    names = [selection.roll.ids[row] for row in selection.rows]
    with mission.store.read() as transaction:
        found = {one.incident_id: one for one in _incidents(transaction, names)}
    return tuple(_shown(selection, at, found[name]) for at, name in enumerate(names) if name in found)


def _incidents(transaction: Transaction, names: Sequence[str]) -> Iterator[Incident]:
    for body in transaction.bodies(schema.incidents, ids=("incident_id", names)):
        yield INCIDENTS.validate_json(body)


def _shown(selection: Selection, at: int, incident: Incident) -> ShownIncident:
    roll, row, coarse = selection.roll, selection.rows[at], selection.cell_m > 0
    if coarse:
        half = selection.cell_m / 2
        place = Ellipse(float(selection.latitude[at]), float(selection.longitude[at]), half, half)
        incident = replace(incident, place=place, members=())
    breach = float(roll.breach[row])
    return ShownIncident(
        incident,
        KINDS[roll.kind[row]],
        STATUSES[roll.status[row]],
        coarse,
        None if math.isnan(breach) else breach,
    )


def in_full(mission: Mission, everything: Selection, incident_id: str) -> IncidentInFull:
    """Return one incident with all that it rests on, as far as somebody may see it.

    Args:
        mission: The mission.
        everything: All that they may see.
        incident_id: Which incident.

    Raises:
        RejectedInput: There is none of that id that they may see.
    """
    at = everything.place_of(incident_id)
    if at is None:
        raise RejectedInput(
            "There is no such incident, or it is not released to you.",
            [Fault("incident", "incident_id", "not found", incident_id)],
        )
    with mission.store.read() as transaction:
        (incident,) = _incidents(transaction, [incident_id])
        seen = _shown(everything, at, incident)
        given = {} if seen.status is None else {incident_id: seen.status}
        held = reviewed(
            [
                ASSESSMENTS.validate_json(body)
                for body in transaction.bodies(schema.assessments, ids=("incident_id", [incident_id]))
            ],
            given if seen.status in BY_PEOPLE else {},
        )
        if seen.coarse:
            # The grounds of factors speak of places: they are left out with them.
            bare = [replace(one, factors=()) for one in held]
            return IncidentInFull(seen, (), (), tuple(bare))
        members = list(observations(transaction, ids=incident.members))
        links = [
            MEMBERSHIPS.validate_json(body)
            for body in transaction.bodies(schema.memberships, ids=("incident_id", [incident_id]))
        ]
    open_to = {
        one.observation_id for one in members if tier_of(one, mission.agreement) in everything.rule.tiers
    }
    return IncidentInFull(
        seen,
        tuple(one for one in members if one.observation_id in open_to),
        tuple(link for link in links if link.observation_id in open_to),
        tuple(held),
    )


def may_read(mission: Mission, who: Who, observation_id: str) -> bool:
    """Tell whether there is such an observation, and somebody may see it."""
    rule = rule_for(mission.agreement, who)
    with mission.store.read() as transaction:
        found = list(observations(transaction, ids=[observation_id]))
    return rule.cell_km <= 0 and any(
        tier_of(one, mission.agreement) in rule.tiers and opens(who, compartment_of(one, mission.agreement))
        for one in found
    )


def shown_watches(mission: Mission, who: Who, hours: Interval, now: datetime) -> list[Watch]:
    """Return the watches of some hours, as far as somebody may see them; where places are coarse, none."""
    rule = rule_for(mission.agreement, who)
    if rule.cell_km > 0:
        return []
    released = now - timedelta(hours=rule.delay_hours)
    with mission.store.read() as transaction:
        return [
            one
            for one in watches(transaction, touching=span_of(hours))
            if tier_of(one, mission.agreement) in rule.tiers
            and one.when.start <= released
            and opens(who, compartment_of(one, mission.agreement))
        ]
