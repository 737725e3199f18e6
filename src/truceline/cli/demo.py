# SPDX-License-Identifier: Apache-2.0
"""The main job on real input: the Easter truce of 2025, from facts reported in public.

The summary is computed from the mission's records; no figure in it is written down
here.
"""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import date
from pathlib import Path

from truceline.cli.places import example, pack
from truceline.cli.show import row_progress, say, step_progress
from truceline.cli.summaries import import_lines
from truceline.errors import RejectedInput
from truceline.mission import (
    Mission,
    ingest,
    init_mission,
    make_daily_report,
    run,
    verify_mission,
)
from truceline.observation import PartyClaim
from truceline.reports import DailyReport, in_force, words, write_daily_report
from truceline.vocabulary import Status

DAYS = (date(2025, 4, 18), date(2025, 4, 19), date(2025, 4, 20), date(2025, 4, 21))
INPUTS = (("reports.csv", "reports"), ("party_claims.csv", "party-claims"))
MARK = ".truceline-demo"
"""Marks a folder as the demonstration's own: only such a folder is made anew."""


def run_demo(folder: Path) -> None:
    """Make the demonstration mission and its reports in ``folder``.

    Raises:
        RejectedInput: The folder holds something that is not an earlier demonstration.
    """
    source = example("easter-truce-2025")
    _clear(folder)
    say("The Easter truce of April 2025, from facts that were reported in public.")
    mission = init_mission(pack("easter-truce-2025"), folder / "mission")
    for name, format_name in INPUTS:
        with row_progress(f"reading {name}") as progress:
            summary = ingest(mission, source / name, format_name, progress=progress)
        for line in import_lines(summary):
            say(line)
    with step_progress() as progress:
        done = run(mission, progress=progress)
    say(
        f"{done.observations:,} observations, {done.incidents:,} incidents; {done.unfused:,} observations "
        "are kept but never fused: lulls, totals, and what names no place on a map."
    )
    reports = _write_reports(mission, folder / "reports")
    for daily in reports:
        said = words.tally(daily.tally)
        say(f"{words.day(daily.report_date)}: {said} incidents reported. {in_force(daily)}")
    for line in _what_it_supports(reports):
        say(line)
    checked = verify_mission(mission)
    say(f"Log verified: {checked.checkpoint.size} records, root {checked.checkpoint.root.hex()[:16]}...")
    say(f"Read first: {folder / 'reports' / 'daily-2025-04-20.html'}")
    say(f"Check it:   truceline log verify {folder / 'mission' / 'log'}")
    mission.close()


def _clear(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARK).is_file():
            raise RejectedInput(
                f"{folder} holds other files; the demonstration needs a folder of its own. "
                "Name another: truceline demo DIR"
            )
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).write_text("Made by truceline demo; made anew each time.\n", encoding="utf-8")


def _write_reports(mission: Mission, folder: Path) -> list[DailyReport]:
    reports = []
    for day in DAYS:
        daily = make_daily_report(mission, day)
        write_daily_report(daily, folder)
        reports.append(daily)
    return reports


def _what_it_supports(reports: list[DailyReport]) -> list[str]:
    """Say what the open record supports and what it cannot."""
    entries = {entry.incident.incident_id: entry for report in reports for entry in report.entries}
    assessed = [entry for entry in entries.values() if entry.status is not None]
    found = Counter(entry.status for entry in assessed)
    supported = (
        f"Of {len(assessed)} incidents that may lie in the truce's hours, {found[Status.CORROBORATED]} are "
        f"corroborated by two independent groups of sources, {found[Status.ALLEGED]} alleged, "
        f"{found[Status.VERIFIED]} verified; none is attributed. Both are for people to do."
    )
    lines = [supported]
    if all(report.coverage.share is None for report in reports):
        lines.append("No watch was recorded on any of these days: silence here is not compliance.")
    return lines + [
        f"Not comparable, so never averaged: {' and '.join(figures)}."
        for figures in _incomparable(reports)
        if len(figures) > 1
    ]


def _incomparable(reports: list[DailyReport]) -> list[list[str]]:
    """Return, for each comparison that does not hold, who states which figure for which hours."""
    stated: dict[str, dict[str, str]] = {}
    for report in reports:
        names = {party.id: party.name["en"] for party in report.agreement.parties}
        for entry in report.comparisons:
            if not entry.comparison.comparable:
                stated.setdefault(entry.comparison.id, {}).update(
                    (claim.claim_id, _figure(claim, names.get(claim.claimant, claim.claimant)))
                    for claim in entry.claims
                )
    return [[figures[claim] for claim in sorted(figures)] for figures in stated.values()]


def _figure(claim: PartyClaim, who: str) -> str:
    return f"{who}: {words.count(claim.count)} ({words.hours(claim.period)} UTC)"
