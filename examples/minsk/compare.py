# SPDX-License-Identifier: Apache-2.0
"""The OSCE SMM's observations, taken in and put beside the totals that it published.

    python examples/minsk/compare.py DIR

makes a mission in DIR/mission, writes two daily reports, and prints the explosions
that the record holds of each of the SMM's reports beside the SMM's own figure for the
Donetsk region.  The transcription holds only what was at hand of each report, so the
record holds less, and some of it lies in the Luhansk region; more than the published
figure would need explaining.
"""

from __future__ import annotations

import csv
import shutil
import sys
from datetime import date
from pathlib import Path

from truceline.mission import (
    Mission,
    ingest,
    init_mission,
    recorded_observations,
    run,
    verify_mission,
    write_report,
)
from truceline.observation import Observation

HERE = Path(__file__).resolve().parent
PACK = HERE.parents[1] / "packs" / "minsk"
FILES = ("observations.jsonl", "watches.csv", "restrictions.csv")
MARK = ".truceline-minsk"
REPORTS = (date(2016, 4, 4), date(2017, 1, 31))


def published() -> dict[date, int]:
    """Return the SMM's own explosion figures for the Donetsk region by as-of date."""
    with (HERE / "daily_counts_2016_2017.csv").open(newline="", encoding="utf-8") as stream:
        return {
            date.fromisoformat(row["as_of_date"]): int(row["donetsk_explosions"])
            for row in csv.DictReader(stream)
            if row["as_of_date"] and row["donetsk_explosions"]
        }


def explosions(observations: list[Observation]) -> tuple[int, int]:
    """Return how many explosions were counted, and how many statements gave no number."""
    counted = [one for one in observations if one.detail("event") == "explosion"]
    numbers = [one.count.minimum for one in counted if one.count.minimum is not None]
    return sum(numbers), len(counted) - len(numbers)


def prepare(folder: Path) -> Mission:
    """Make the mission anew in ``folder`` and take in the SMM's files."""
    if folder.exists():
        if not (folder / MARK).is_file():
            sys.exit(f"{folder} holds other files; name a folder of its own.")
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    (folder / MARK).write_text("Made by examples/minsk/compare.py; made anew each time.\n", encoding="utf-8")
    mission = init_mission(PACK, folder / "mission")
    for name in FILES:
        summary = ingest(mission, HERE / name, "smm")
        print(f"{name}: {summary.rows} rows, {summary.accepted} accepted, {len(summary.refusals)} refused")
        for refusal in summary.refusals:
            print(*(f"  row {refusal.row_number}: {fault}" for fault in refusal.faults), sep="\n")
    return mission


def main() -> None:
    """Make the mission, write the reports, print the comparison."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("demo-minsk")
    mission = prepare(folder)
    done = run(mission)
    print(f"{done.observations} observations, {done.incidents} incidents")
    print("\nExplosions, Donetsk region   SMM published   in the record   statements without a number")
    by_report: dict[str, list[Observation]] = {}
    for one in recorded_observations(mission):
        by_report.setdefault(one.detail("report_no") or "", []).append(one)
    for day, figure in sorted(published().items()):
        reported = by_report.get(f"as of {day}", [])
        counted, uncounted = explosions(reported)
        shown = f"{counted:,}" if reported else "not transcribed"
        print(f"{day:%d %B %Y}".ljust(29) + f"{figure:>13,}{shown:>16}{uncounted:>30}")
    for day in REPORTS:
        print(*write_report(mission, day, folder / "reports"), sep="\n")
    checked = verify_mission(mission)
    print(f"Log verified: {checked.checkpoint.size} records")
    mission.close()


if __name__ == "__main__":
    main()
