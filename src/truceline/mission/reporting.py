# SPDX-License-Identifier: Apache-2.0
"""Gathers what a daily report shows and writes it.

The report is a pure function of the records below the last run's tree size, and goes by
the agreement that was in force there: the same records give byte-identical files,
whenever and wherever it is written.
"""

from __future__ import annotations

import base64
from datetime import date
from pathlib import Path

from truceline import __version__
from truceline.agreement.model import Zone
from truceline.assessment import Assessment, coverage
from truceline.errors import RuleViolation
from truceline.fusion import Incident
from truceline.interval import Interval
from truceline.mission.derive import ASSESSMENTS, INCIDENTS
from truceline.mission.heeded import heeded_below
from truceline.mission.mission import Mission, require_read_models
from truceline.mission.reading import Span, claims, observations, span_of, watches
from truceline.mission.replaying import mission_under
from truceline.mission.reviewing import reviewed, statuses
from truceline.mission.run import RunSummary, check_results, last_run
from truceline.observation.model import Observation
from truceline.reports import (
    DailyReport,
    Derivation,
    ReportInputs,
    daily_report,
    report_period,
    write_daily_report,
)
from truceline.storage import Transaction, schema


def make_daily_report(mission: Mission, day: date) -> DailyReport:
    """Return the daily report for ``day``, from the last run.

    Raises:
        RuleViolation: Nothing was ever run, so there is nothing to report on.
        VerificationError: The results shown are not those that the run recorded.
    """
    require_read_models(mission)
    with mission.store.read() as transaction:
        last = last_run(transaction)
        if last is None:
            raise RuleViolation(
                "There is no run to report on yet. First: truceline run " + str(mission.folder)
            )
        check_results(mission, transaction)
        mission = mission_under(mission, transaction, last.tree_size)
        period, previous = (report_period(mission.agreement.reporting, one) for one in _with_day_before(day))
        both = Interval(previous.start, period.last)
        span = span_of(both)
        incidents = [
            INCIDENTS.validate_json(body) for body in transaction.bodies(schema.incidents, overlapping=span)
        ]
        ids = [incident.incident_id for incident in incidents]
        review = heeded_below(mission, transaction, last.tree_size).review
        assessments = reviewed(_assessments(transaction, ids), statuses(transaction, review))
        reported = _observations(transaction, incidents, span, last.tree_size)
        stated = list(claims(transaction, touching=span, below=last.tree_size))
        watched = list(watches(transaction, touching=span, below=last.tree_size))
        fused = transaction.keys(
            schema.memberships, "observation_id", [one.observation_id for one in reported]
        )
    return daily_report(
        ReportInputs(
            agreement=mission.agreement,
            gazetteer=mission.gazetteer,
            report_date=day,
            incidents=incidents,
            assessments=assessments,
            observations=reported,
            claims=stated,
            coverage=coverage(line_at(mission, period), watched, period),
            previous_coverage=coverage(line_at(mission, previous), watched, previous),
            derivation=_derivation(mission, last),
            watches=watched,
            members_elsewhere=fused,
        )
    )


def write_report(mission: Mission, day: date, folder: Path) -> tuple[Path, ...]:
    """Write the daily report for ``day`` into ``folder`` and return the files."""
    return write_daily_report(make_daily_report(mission, day), folder)


def _with_day_before(day: date) -> tuple[date, date]:
    return day, date.fromordinal(day.toordinal() - 1)


def line_at(mission: Mission, period: Interval) -> Zone | None:
    """Return the line in force when the period begins, or at any time within it."""
    lines = [zone for zone in mission.agreement.zones if zone.role == "line"]
    at_start = [zone for zone in lines if zone.valid.holds(period.start)]
    within = [zone for zone in lines if zone.valid.overlaps(period)]
    return next(iter([*at_start, *within]), None)


def _derivation(mission: Mission, last: RunSummary) -> Derivation:
    return Derivation(
        mission_id=mission.settings.mission_id,
        origin=mission.settings.origin,
        tree_size=last.tree_size,
        root=base64.b64encode(last.root).decode(),
        engine=last.engine,
        settings=last.settings,
        pack_id=mission.agreement.agreement_id,
        exercise=mission.settings.exercise,
        program_version=__version__,
    )


def _assessments(transaction: Transaction, incident_ids: list[str]) -> list[Assessment]:
    bodies = transaction.bodies(schema.assessments, ids=("incident_id", incident_ids))
    return [ASSESSMENTS.validate_json(body) for body in bodies]


def _observations(
    transaction: Transaction, incidents: list[Incident], span: Span, below: int
) -> list[Observation]:
    """Return the incidents' members, and what else was stated about the span."""
    found = {one.observation_id: one for one in observations(transaction, touching=span, below=below)}
    missing = {member for incident in incidents for member in incident.members} - found.keys()
    found |= {one.observation_id: one for one in observations(transaction, ids=sorted(missing))}
    return [found[one] for one in sorted(found)]
