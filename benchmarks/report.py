# SPDX-License-Identifier: Apache-2.0
"""How long the daily report of a day with 20,000 incidents takes, as a whole process.

All rows are synthetic: EXERCISE.  Beside it, the report of the Easter truce's
busiest day, as a ratio.
"""

from __future__ import annotations

import csv
import random
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.imports import COLUMNS
from benchmarks.measure import truceline

ROOT = Path(__file__).resolve().parents[1]
DAY = datetime(2026, 3, 10, tzinfo=UTC)


def write_day(path: Path, incidents: int) -> None:
    """Write one day of well-separated incidents, up to three reports each."""
    draw = random.Random(2)  # noqa: S311 - a benchmark's data, not a secret
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        for number in range(incidents):
            began = DAY + timedelta(seconds=draw.randrange(86_000))
            latitude, longitude = draw.uniform(46.5, 51.0), draw.uniform(32.0, 39.0)
            for report in range(draw.choice((1, 1, 1, 2, 3))):
                writer.writerow(
                    (
                        f"EXERCISE-{number:06d}-{report}",
                        f"camera-{draw.randrange(60):03d}",
                        "camera",
                        began.isoformat(),
                        began.isoformat(),
                        10.0,
                        round(latitude + draw.gauss(0, 0.001), 6),
                        round(longitude + draw.gauss(0, 0.001), 6),
                        120.0,
                        120.0,
                        0.0,
                        draw.choice(("artillery", "mortar", "small_arms")),
                        1,
                        4,
                        (began + timedelta(minutes=report + 1)).isoformat(),
                        "",
                    )
                )


def main() -> None:
    """Print the seconds of a run and of a report, and the incidents that they had."""
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_day(folder / "day.csv", wanted)
        mission = folder / "mission"
        truceline("init", str(ROOT / "packs" / "blank"), str(mission), "--exercise")
        truceline("ingest", str(mission), str(folder / "day.csv"), "--as", "table")
        ran = truceline("run", str(mission))
        big = truceline("report", str(mission), "--date", "2026-03-10", "--out", str(folder / "out"))
        truceline("demo", str(folder / "demo"), "--no-serve")
        small = truceline(
            "report", str(folder / "demo" / "mission"), "--date", "2025-04-20", "--out", str(folder / "out")
        )
        print(ran.output.splitlines()[0])
        print(
            f"report of that day (EXERCISE): {big.seconds:.1f} s, peak {big.peak_mb:,.0f} MB; "
            f"{big.seconds / small.seconds:.1f} x the Easter truce's report ({small.seconds:.1f} s); "
            f"run: {ran.seconds:.1f} s"
        )


if __name__ == "__main__":
    main()
