# SPDX-License-Identifier: Apache-2.0
"""The main job on real input: the Easter truce of 2025, from facts reported in public.

The summary is computed from the mission's records; no figure in it is written down
here.
"""

from __future__ import annotations

import shutil
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
from truceline.reports import DailyReport, headline, write_daily_report

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
        f"{done.observations:,} observations ({done.unplaced:,} name no place on a map and are never fused), "
        f"{done.incidents:,} incidents."
    )
    reports = _write_reports(mission, folder / "reports")
    for daily in reports:
        say(headline(daily))
    for line in _cannot_say(reports):
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


def _cannot_say(reports: list[DailyReport]) -> list[str]:
    """Say what the open record supports and what it does not."""
    raise RejectedInput(f"not joined yet to {len(reports)} reports")
