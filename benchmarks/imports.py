# SPDX-License-Identifier: Apache-2.0
"""How fast an observation table of 500,000 rows goes into the record.

The floor beside it is what any program must do: read the same CSV with the standard
library and insert it into SQLite, with no check, no commitment and no log.
All rows are synthetic: EXERCISE.
"""

from __future__ import annotations

import csv
import random
import sqlite3
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.measure import truceline
from pyarrow import csv as arrow_csv
from pyarrow import parquet

PACK = Path(__file__).resolve().parents[1] / "packs" / "blank"
COLUMNS = (
    "observation_id", "source_id", "source_kind", "event_from", "event_to", "time_sigma_s", "latitude",
    "longitude", "sigma_major_m", "sigma_minor_m", "azimuth_deg", "kind", "count_min", "count_max",
    "received_at", "origin_id",
)  # fmt: skip


def write_table(path: Path, rows: int) -> None:
    """Write a synthetic observation table as CSV."""
    draw = random.Random(1)  # noqa: S311 - a benchmark's data, not a secret
    start = datetime(2026, 3, 1, tzinfo=UTC)
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        for number in range(rows):
            began = start + timedelta(seconds=draw.randrange(60 * 86_400))
            writer.writerow(
                (
                    f"EXERCISE-{number:07d}",
                    f"patrol-{number % 60:03d}",
                    draw.choice(("patrol", "camera", "acoustic")),
                    began.isoformat(),
                    (began + timedelta(seconds=draw.randrange(600))).isoformat(),
                    120.0,
                    round(draw.uniform(46.5, 51.0), 5),
                    round(draw.uniform(32.0, 39.0), 5),
                    round(draw.uniform(200, 3000), 1),
                    round(draw.uniform(100, 200), 1),
                    round(draw.uniform(0, 179), 1),
                    draw.choice(("artillery", "mortar", "small_arms", "explosion_undetermined")),
                    3,
                    5,
                    (began + timedelta(hours=2)).isoformat(),
                    "",
                )
            )


def plain_insert(path: Path, database: Path) -> float:
    """Return the seconds that a bare CSV-to-SQLite insert of the file takes."""
    started = time.perf_counter()
    with path.open(newline="", encoding="utf-8") as stream, sqlite3.connect(database) as connection:
        connection.execute(f"CREATE TABLE t ({', '.join(COLUMNS)})")
        reader = csv.reader(stream)
        next(reader)
        connection.executemany(f"INSERT INTO t VALUES ({','.join('?' * len(COLUMNS))})", reader)  # noqa: S608
    connection.close()
    return time.perf_counter() - started


def main() -> None:
    """Print the import's rate, memory and ratio to the floor."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 500_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        as_csv, as_parquet = folder / "table.csv", folder / "table.parquet"
        write_table(as_csv, rows)
        parquet.write_table(arrow_csv.read_csv(as_csv), as_parquet)
        floor = plain_insert(as_csv, folder / "floor.db")
        print(f"import of {rows:,} rows (EXERCISE); bare CSV-to-SQLite insert: {floor:.1f} s")
        for path in (as_csv, as_parquet):
            mission = folder / f"mission-{path.suffix[1:]}"
            truceline("init", str(PACK), str(mission))
            done = truceline("ingest", str(mission), str(path), "--as", "table")
            again = truceline("ingest", str(mission), str(path), "--as", "table")
            print(
                f"  {path.suffix[1:]:8} {done.seconds:6.1f} s  {rows / done.seconds:9,.0f} rows/s  "
                f"peak {done.peak_mb:6,.0f} MB  {done.seconds / floor:5.1f} x floor; "
                f"second time {again.seconds:.1f} s"
            )


if __name__ == "__main__":
    main()
