# SPDX-License-Identifier: Apache-2.0
"""What the verbs say about imports, runs, missions and logs."""

from __future__ import annotations

import base64
from pathlib import Path

from truceline.cli.show import SHOWN_REFUSALS
from truceline.evidence.verify import LogReport, verify_log
from truceline.mission import (
    ImportSummary,
    MissionStatus,
    RunSummary,
    is_mission,
    open_mission,
    verify_mission,
)
from truceline.mission.sealing import not_here
from truceline.observation.codec import JSONValue


def import_document(summary: ImportSummary) -> dict[str, JSONValue]:
    """Return an import as a JSON object, with every refusal."""
    return {
        "file": summary.file,
        "sha256": summary.sha256,
        "format": summary.format,
        "rows": summary.rows,
        "accepted": summary.accepted,
        "known": summary.known,
        "dry_run": summary.dry_run,
        "recorded": summary.recorded,
        "refusals": [
            {
                "row": refusal.row_number,
                "faults": [
                    {"field": fault.path, "reason": fault.reason, "value": fault.value}
                    for fault in refusal.faults
                ],
            }
            for refusal in summary.refusals
        ],
        "conflicts": [{"kind": conflict.kind, "id": conflict.statement_id} for conflict in summary.conflicts],
    }


def import_lines(summary: ImportSummary) -> list[str]:
    """Return an import as lines for people."""
    counted = (
        f"{summary.file}: {summary.rows:,} rows: {summary.accepted:,} accepted, "
        f"{summary.known:,} known already, {len(summary.refusals):,} refused, "
        f"{len(summary.conflicts):,} in conflict."
    )
    lines = [counted]
    for refusal in summary.refusals[:SHOWN_REFUSALS]:
        lines += [f"  refused: row {refusal.row_number}: {fault}" for fault in refusal.faults]
    if len(summary.refusals) > SHOWN_REFUSALS:
        lines.append(f"  and {len(summary.refusals) - SHOWN_REFUSALS:,} more; --json lists them all.")
    lines += [
        f"  conflict: {conflict.statement_id} is recorded with other content; both are kept for a person."
        for conflict in summary.conflicts[:SHOWN_REFUSALS]
    ]
    if len(summary.conflicts) > SHOWN_REFUSALS:
        lines.append(f"  and {len(summary.conflicts) - SHOWN_REFUSALS:,} more; --json lists them all.")
    if summary.dry_run:
        lines.append("  This was a dry run; nothing was recorded.")
    elif not summary.rows:
        lines.append("  The file has no rows.")
    elif not summary.recorded:
        lines.append("  Nothing new: everything in it was dealt with before.")
    return lines


def run_document(summary: RunSummary) -> dict[str, JSONValue]:
    """Return a run as a JSON object."""
    return {
        "tree_size": summary.tree_size,
        "root": base64.b64encode(summary.root).decode(),
        "observations": summary.observations,
        "unfused": summary.unfused,
        "incidents": summary.incidents,
        "assessments": summary.assessments,
        "engine": summary.engine,
        "settings": dict(summary.settings),
        "results_sha256": summary.results_sha256,
        "recorded": summary.recorded,
    }


def run_lines(summary: RunSummary) -> list[str]:
    """Return a run as lines for people."""
    counted = (
        f"{summary.observations:,} observations ({summary.unfused:,} kept but not fused), "
        f"{summary.incidents:,} incidents, {summary.assessments:,} assessments ({summary.engine})."
    )
    lines = [
        counted,
        f"Read up to tree size {summary.tree_size}; results {summary.results_sha256[:16]}.",
    ]
    if not summary.recorded:
        lines.append("Nothing new since the last run, so nothing was computed or recorded.")
    return lines


def status_document(standing: MissionStatus) -> dict[str, JSONValue]:
    """Return a mission's standing as a JSON object."""
    return {
        "mission": standing.mission_id,
        "pack": standing.pack_id,
        "origin": standing.origin,
        "exercise": standing.exercise,
        "tree_size": standing.tree_size,
        "root": base64.b64encode(standing.root).decode(),
        "records": dict(standing.records),
        "statements": dict(standing.statements),
        "conflicts": standing.conflicts,
        "incidents": standing.incidents,
        "last_run": None if standing.last_run is None else run_document(standing.last_run),
        "behind": standing.behind,
        "witnessed": standing.witnessed,
        "attested_size": standing.attested_size,
    }


def status_lines(standing: MissionStatus) -> list[str]:
    """Return a mission's standing as lines for people."""
    statements = ", ".join(f"{count:,} {kind}" for kind, count in standing.statements) or "none yet"
    run = "never"
    if standing.last_run is not None:
        run = f"at tree size {standing.last_run.tree_size}, {standing.incidents:,} incidents"
        if standing.behind:
            run += f"; {standing.behind} records have come since"
    return [
        *(["EXERCISE: this mission is for training."] if standing.exercise else []),
        f"Mission {standing.mission_id} under the pack {standing.pack_id}.",
        f"Log: {standing.tree_size} records, root {base64.b64encode(standing.root).decode()}.",
        _attested(standing),
        f"Statements: {statements}.",
        f"Conflicts waiting for a person: {standing.conflicts}.",
        f"Last run: {run}.",
    ]


def _attested(standing: MissionStatus) -> str:
    """Say how much of the log its witnesses have seen."""
    if not standing.witnessed:
        return "Attested: by nobody; the mission names no witnesses (docs/witnesses.md)."
    if standing.attested_size is None:
        return "Attested: no state of the log yet."
    return f"Attested: up to {standing.attested_size} of {standing.tree_size} records."


def verify_place(place: Path, key: str | None) -> tuple[LogReport, str]:
    """Verify a published log, or the log of a mission.

    A mission's own key is trusted for its own log; a log that comes alone brings its
    key with it, which proves nothing about whose it is.
    """
    if is_mission(place):
        mission = open_mission(place)
        try:
            report = verify_mission(mission, key)
            with mission.store.read() as transaction:
                absent = not_here(mission.ledger.tier_keys, transaction)
            return report, f"Database, vault and published log agree. {absent}".strip()
        finally:
            mission.close()
    report = verify_log(place, key)
    if report.key_given:
        return report, "The checkpoint is signed by the key that you gave."
    return report, (
        "The key was taken from the log itself. Compare it with one that you have from elsewhere, "
        "or give that one with --key."
    )


def log_document(report: LogReport) -> dict[str, JSONValue]:
    """Return what was checked as a JSON object."""
    return {
        "origin": report.checkpoint.origin,
        "size": report.checkpoint.size,
        "root": base64.b64encode(report.checkpoint.root).decode(),
        "key": report.key,
        "key_given": report.key_given,
        "tiles": report.tiles,
        "authors": [str(account) for account in report.authors],
        "unsettled": [str(account) for account in report.unsettled],
    }


def log_lines(report: LogReport, note: str) -> list[str]:
    """Return what was checked as lines for people."""
    return [
        f"{report.checkpoint.origin}: {report.checkpoint.size} records and their signatures verified.",
        f"Root {base64.b64encode(report.checkpoint.root).decode()}, key {report.key}.",
        *(f"To be explained by its author: {account}" for account in report.unsettled),
        note,
    ]
