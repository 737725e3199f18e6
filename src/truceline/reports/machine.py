# SPDX-License-Identifier: Apache-2.0
"""The report for machines, as JSON (RFC 8259).

Keys are sorted and numbers rounded to what they can bear, so that the same report is
the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from truceline.assessment.model import Coverage
from truceline.geodesy import Ellipse
from truceline.interval import Interval, iso
from truceline.observation.model import Observation, PartyClaim
from truceline.reports import words
from truceline.reports.claims import sum_words
from truceline.reports.model import DailyReport, GroupRow, IncidentEntry, Tally

Json = str | int | float | bool | None | Sequence["Json"] | Mapping[str, "Json"]


_ENCODER = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def dump(value: Json) -> str:
    """Return JSON with sorted keys, no blanks and no escapes that readers do not need."""
    return _ENCODER.encode(value)


def listing(values: Iterable[Json]) -> str:
    """Return a long JSON array, made one element at a time to spare memory."""
    return f"[{','.join(dump(value) for value in values)}]"


def whole(members: Mapping[str, str]) -> str:
    """Return a JSON object of members that are JSON already, keys sorted, as a file."""
    return "{" + ",".join(f"{dump(name)}:{members[name]}" for name in sorted(members)) + "}\n"


def interval(value: Interval) -> Json:
    """Return an interval for JSON; an open end is null."""
    return {"from": iso(value.start), "to": None if value.end is None else iso(value.end)}


def _tally(value: Tally) -> Json:
    return {"least": value.least, "most": value.most, "expected": round(value.expected, 3)}


def _ellipse(place: Ellipse) -> dict[str, Json]:
    return {
        "latitude": round(place.latitude, 5),
        "longitude": round(place.longitude, 5),
        "sigma_major_m": round(place.sigma_major_m, 1),
        "sigma_minor_m": round(place.sigma_minor_m, 1),
        "azimuth_deg": round(place.azimuth_deg, 1),
    }


def _incident(entry: IncidentEntry) -> dict[str, Json]:
    incident = entry.incident
    return {
        "incident_id": incident.incident_id,
        "from": iso(incident.when.start),
        "to": iso(incident.when.last),
        "wholly_in_period": entry.wholly,
        **_ellipse(incident.place),
        "place": entry.place,
        "region": entry.region,
        "kinds": dict(incident.kinds),
        "count_min": incident.count_min,
        "count_max": incident.count_max,
        "reports": incident.reports,
        "independent_sources": incident.independent_sources,
        "original_statements": entry.statements,
        "families": entry.families,
        "status": entry.status,
        "not_assessed_because": entry.ground or None,
        "probability_real": round(incident.probability_real, 4),
        "assessments": [
            {
                "version_id": one.version_id,
                "clause_id": one.clause_id,
                "probability": round(one.probability, 4),
                "status": one.status,
                "factors": [
                    {
                        "name": factor.name,
                        "probability": round(factor.probability, 4),
                        "ground": factor.ground,
                    }
                    for factor in one.factors
                ],
            }
            for one in entry.assessments
        ],
        "members": incident.members,
    }


def _observation(one: Observation) -> dict[str, Json]:
    return {
        "observation_id": one.observation_id,
        "source_id": one.source_id,
        "source_kind": one.source_kind,
        "family": one.family,
        "when": interval(one.when),
        "place_name": one.place_name,
        "kind": one.kind,
        "count": words.count(one.count),
        "received_at": iso(one.received_at),
        "origin_id": one.origin_id,
        "details": dict(one.details),
    }


def _claim(claim: PartyClaim) -> dict[str, Json]:
    return {
        "claim_id": claim.claim_id,
        "claimant": claim.claimant,
        "about": claim.about,
        "period": interval(claim.period),
        "published_on": iso(claim.published_on),
        "subject": claim.subject,
        "count": {
            "qualifier": claim.count.qualifier,
            "min": claim.count.minimum,
            "max": claim.count.maximum,
            "words": words.count(claim.count),
        },
        "sources": claim.sources,
        "note": claim.note,
    }


def _coverage(coverage: Coverage) -> Json:
    return {
        "interval": interval(coverage.interval),
        "line_km": round(coverage.line_km, 1),
        "share": None if coverage.share is None else round(coverage.share, 4),
        "watches": coverage.watches,
        "unplaced": coverage.unplaced,
        "by_hour": [round(share, 4) for share in coverage.by_hour],
        "gaps": [
            {"when": interval(gap.when), "place_name": gap.place_name, "state": gap.state, "note": gap.note}
            for gap in coverage.gaps
        ],
    }


def _groups(rows: Sequence[GroupRow]) -> Json:
    return [
        {
            "name": row.name,
            "now": _tally(row.now),
            "before": _tally(row.before),
            "alleged": row.alleged,
            "corroborated": row.corroborated,
        }
        for row in rows
    ]


def derivation(report: DailyReport) -> dict[str, Json]:
    """Return what the report was derived from."""
    made = report.derivation
    return {
        "mission_id": made.mission_id,
        "origin": made.origin,
        "tree_size": made.tree_size,
        "root": made.root,
        "engine": made.engine,
        "settings": dict(made.settings),
        "pack_id": made.pack_id,
        "exercise": made.exercise,
        "program_version": made.program_version,
    }


def report_json(report: DailyReport, detailed: int) -> str:
    """Return the whole report as JSON.

    Args:
        report: What to write.
        detailed: The observations of so many incidents are written in full; those of the
            others by their ids, under which the log holds them.
    """
    short: dict[str, Json] = {
        "report": "truceline-daily-report/1",
        "agreement": words.named(report.agreement.title),
        "date": report.report_date.isoformat(),
        "period": interval(report.period),
        "previous_period": interval(report.previous),
        "in_force": {
            "state": report.standing.state,
            "within": [interval(part) for part in report.standing.within],
            "day": report.standing.day,
        },
        "caveats": report.agreement.caveats,
        "clauses": [
            {"version_id": version.id, "clause_id": clause.id, "title": clause.title}
            for version, clause in report.clauses
        ],
        "incidents_in_period": _tally(report.tally),
        "attacks_in_period": _tally(report.attacks),
        "by_status": {words.status(status): held for status, held in report.by_status},
        "not_assessed": [
            {"because": row.ground, "incidents": row.number, "kinds": dict(row.kinds)}
            for row in report.unassessed
        ],
        "by_hour": [_tally(hour) for hour in report.by_hour],
        "by_kind": _groups(report.kinds),
        "by_region": _groups(report.regions),
        "placed_observations_in_no_incident": report.unfused,
        "observations_in_incidents_outside_period": report.elsewhere,
        "unplaced_because": dict(words.by_reason(report.unplaced_rows)),
        "claims": [
            {
                **_claim(entry.claim),
                "hours_beside_report": entry.hours,
                "subject_place": entry.place or None,
                "record_kind": entry.kind,
                "record_incidents": None if entry.kind is None else _tally(entry.record),
                "record_statements": entry.statements,
            }
            for entry in report.claims
        ],
        "comparisons": [
            {
                "id": one.comparison.id,
                "title": one.comparison.title,
                "comparable": one.comparison.comparable,
                "why": one.comparison.why,
                "counts": one.comparison.counts,
                "claims": [_claim(claim) for claim in one.claims],
                "sums": {check.total.claim_id: sum_words(check) for check in one.sums},
            }
            for one in report.comparisons
        ],
        "coverage": _coverage(report.coverage),
        "periods_incomparable_because": report.incomparable or None,
        "previous_coverage": _coverage(report.previous_coverage),
        "derivation": derivation(report),
    }
    shown = (one for entry in report.entries[:detailed] for one in entry.observations)
    return whole(
        {name: dump(value) for name, value in short.items()}
        | {
            "incidents": listing(_incident(entry) for entry in report.entries),
            "observations": listing(_observation(one) for one in shown),
            "unplaced_observations": listing(_observation(one) for one in report.unplaced),
        }
    )
