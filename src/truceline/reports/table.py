# SPDX-License-Identifier: Apache-2.0
"""The report for spreadsheets, as CSV (RFC 4180): one row an incident.

A text that a spreadsheet would take for a formula gets a leading apostrophe (OWASP,
"CSV Injection"); characters that reorder or hide text are replaced, as on the page.
"""

from __future__ import annotations

import csv
import io

from truceline.interval import iso
from truceline.reports import words
from truceline.reports.model import DailyReport
from truceline.reports.period import reporting_zone

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def guarded(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula and that hides nothing."""
    shown = words.plain(text)
    return f"'{shown}" if shown.startswith(FORMULA_STARTS) else shown


LEAST_SHARE = 0.05
"""Kinds less likely than this are left to the JSON."""

COLUMNS = (
    "incident_id", "status", "not_assessed_because", "from_utc", "to_utc", "from_local", "to_local",
    "wholly_in_period",
    "latitude", "longitude", "sigma_major_m", "sigma_minor_m", "azimuth_deg", "place", "region",
    "kinds", "count_min", "count_max", "reports", "independent_sources", "original_statements",
    "families", "probability_real", "clauses", "exercise", "tree_size", "root",
)  # fmt: skip


def report_csv(report: DailyReport) -> str:
    """Return one row an incident, in the order of the page's table."""
    zone = reporting_zone(report.agreement.reporting)
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    made = report.derivation
    tail = ["EXERCISE" if made.exercise else "no", str(made.tree_size), guarded(made.root)]
    for entry in report.entries:
        incident, place = entry.incident, entry.incident.place
        start, end = incident.when.start, incident.when.last
        writer.writerow(
            [
                guarded(incident.incident_id),
                words.status(entry.status),
                entry.ground,
                iso(start),
                iso(end),
                start.astimezone(zone).isoformat(timespec="auto"),
                end.astimezone(zone).isoformat(timespec="auto"),
                "yes" if entry.wholly else "no",
                round(place.latitude, 5),
                round(place.longitude, 5),
                round(place.sigma_major_m, 1),
                round(place.sigma_minor_m, 1),
                round(place.azimuth_deg, 1),
                guarded(entry.place),
                guarded(entry.region),
                "; ".join(f"{kind} {share:.2f}" for kind, share in incident.kinds if share >= LEAST_SHARE),
                incident.count_min,
                incident.count_max,
                incident.reports,
                incident.independent_sources,
                entry.statements,
                guarded("; ".join(entry.families)),
                round(incident.probability_real, 4),
                guarded(
                    "; ".join(f"{a.version_id}/{a.clause_id} {a.probability:.4f}" for a in entry.assessments)
                ),
                *tail,
            ]
        )
    return out.getvalue()
