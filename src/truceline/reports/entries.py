# SPDX-License-Identifier: Apache-2.0
"""The incidents of the period as the report lists them, and the record they are counted in."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from truceline.agreement.model import Agreement
from truceline.assessment.model import Assessment
from truceline.errors import Fault, RejectedInput
from truceline.fusion.model import Incident
from truceline.interval import Interval
from truceline.observation.model import Observation
from truceline.reports import words
from truceline.reports.model import IncidentEntry, PlaceNames, ReportInputs, Tally
from truceline.reports.tallies import Mask, Timeline
from truceline.vocabulary import Kind, Status, falls_under, lineage

FAULTS_SHOWN = 20

NO_CLAUSE_THEN = "no clause was in force at its hours"
NO_CLAUSE_OF_KIND = "no clause in force at its hours speaks of its kind"
NO_ASSESSMENT = "no assessment of it is on record"


class Places:
    """The gazetteer, asked once for each centre."""

    def __init__(self, gazetteer: PlaceNames) -> None:
        self._gazetteer = gazetteer
        self._regions: dict[tuple[float, float], str] = {}

    def region(self, incident: Incident) -> str:
        """Return the region that an incident's centre lies in; empty: none."""
        centre = incident.place.centre
        if centre not in self._regions:
            region = self._gazetteer.region_of(*centre)
            self._regions[centre] = "" if region is None else words.named(region.name)
        return self._regions[centre]

    def words(self, incident: Incident) -> str:
        """Say where an incident lies."""
        return words.place(incident.place, self._gazetteer.nearest(*incident.place.centre))


class Record:
    """The incidents of both periods in a fixed order, with what counting them needs."""

    def __init__(self, inputs: ReportInputs, period: Interval, previous: Interval) -> None:
        self.period, self.previous = period, previous
        given = sorted(inputs.incidents, key=lambda one: one.incident_id)
        times = Timeline(given)
        near = times.overlapping(period) | times.overlapping(previous)
        self.incidents = [given[row] for row in np.flatnonzero(near)]
        self.observations = {one.observation_id: one for one in inputs.observations}
        _check_members(self.incidents, self.observations)
        self.timeline = Timeline(self.incidents)
        self.statements = [
            frozenset(statement_of(self.observations[member]) for member in incident.members)
            for incident in self.incidents
        ]
        self.kinds = [likeliest(incident) for incident in self.incidents]

    def mask(self, values: Sequence[bool]) -> Mask:
        """Return one truth value an incident as an array."""
        return np.array(values, dtype=np.bool_)

    def count(self, kind: Kind, hours: Interval) -> tuple[Tally, int]:
        """Count incidents of ``kind`` in ``hours`` and the statements that they rest on."""
        wanted = {one for one in Kind if falls_under(one, kind)}
        chosen = self.mask([one in wanted for one in self.kinds])
        tally = self.timeline.tally(hours, chosen)
        rows = np.flatnonzero(chosen & self.timeline.overlapping(hours))
        return tally, len(frozenset[str]().union(*(self.statements[row] for row in rows)))


def likeliest(incident: Incident) -> Kind:
    """Return the likeliest kind; between equals, the first in alphabetical order."""
    most = max(share for _, share in incident.kinds)
    return min(kind for kind, share in incident.kinds if share == most)


def statement_of(observation: Observation) -> str:
    """Return the original statement that an observation goes back to: relays share it."""
    return observation.origin_id or observation.observation_id


def _check_members(incidents: Sequence[Incident], observations: dict[str, Observation]) -> None:
    faults = [
        Fault(incident.incident_id, "members", "this observation was not handed in", member)
        for incident in incidents
        for member in incident.members
        if member not in observations
    ]
    if faults:
        raise RejectedInput(
            f"A daily report needs every member of its incidents; {len(faults)} are missing."
            " Hand in all observations of the period.",
            faults[:FAULTS_SHOWN],
        )


def incident_entries(inputs: ReportInputs, record: Record, places: Places) -> tuple[IncidentEntry, ...]:
    """Return the incidents that overlap the period, the likeliest breach first."""
    period = record.period
    agreement = inputs.agreement
    clause_order = {
        (version.id, clause.id): place
        for place, (version, clause) in enumerate(
            (version, clause) for version in agreement.versions for clause in version.clauses
        )
    }
    family_order = {family.id: place for place, family in enumerate(agreement.families)}
    family_names = {family.id: family.name for family in agreement.families}
    assessed: dict[str, list[Assessment]] = {}
    for assessment in inputs.assessments:
        assessed.setdefault(assessment.incident_id, []).append(assessment)
    entries = []
    for row in np.flatnonzero(record.timeline.overlapping(period)):
        incident = record.incidents[row]
        observations = sorted(
            (record.observations[member] for member in incident.members),
            key=lambda one: (one.when.start, one.when.last, one.observation_id),
        )
        families = sorted(
            {one.family for one in observations},
            key=lambda one: (family_order.get(one, len(family_order)), one),
        )
        assessments = sorted(
            assessed.get(incident.incident_id, ()),
            key=lambda one: (
                clause_order.get((one.version_id, one.clause_id), len(clause_order)),
                one.version_id,
                one.clause_id,
            ),
        )
        entries.append(
            IncidentEntry(
                incident=incident,
                kind=record.kinds[row],
                wholly=incident.when.start >= period.start and incident.when.last <= period.last,
                place=places.words(incident),
                region=places.region(incident),
                families=tuple(family_names.get(one, one) for one in families),
                status=_status(assessments),
                ground="" if assessments else _ground(agreement, incident),
                assessments=tuple(assessments),
                statements=len(record.statements[row]),
                observations=tuple(observations),
            )
        )
    entries.sort(key=lambda one: (-one.probability, -one.incident.probability_real, one.incident.incident_id))
    return tuple(entries)


def _ground(agreement: Agreement, incident: Incident) -> str:
    """Say why an incident has no assessment."""
    clauses = agreement.clauses_on(incident.when)
    if not clauses:
        return NO_CLAUSE_THEN
    spoken = {forbidden for _, clause in clauses for forbidden in clause.kinds}
    if any(spoken & {*lineage(kind)} for kind, _ in incident.kinds):
        return NO_ASSESSMENT
    return NO_CLAUSE_OF_KIND


def _status(assessments: Sequence[Assessment]) -> Status | None:
    held: set[Status | None] = {assessment.status for assessment in assessments}
    return next((status for status in words.STATUS_WORDS if status in held), None)
