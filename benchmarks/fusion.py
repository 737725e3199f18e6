# SPDX-License-Identifier: Apache-2.0
"""How well and how fast fusion is, beside its peers, in one run.

    python -m benchmarks.fusion [REPORTS ...]

The peers are DBSCAN (scikit-learn) over scaled space and time, its reach chosen on another
seed, and every report left alone.  Machines differ: compare the ratios of one run.  The data is the
EXERCISE of ``benchmarks.generate``.  Where the environment variable
``TRUCELINE_SHARED_BENCH`` names a folder with ``make_reports.py``, that data is measured too.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.parquet
from benchmarks.fusion_score import Labels, b_cubed_f1, pairwise_f1
from benchmarks.generate import generate
from sklearn.cluster import DBSCAN

from truceline.fusion import fuse
from truceline.geodesy import metres_per_degree
from truceline.observation.table import ObservationTable, read_table

SEED, TUNING_SEED = 1, 77
_REACHES_KM = (0.5, 1.0, 1.5, 2.0, 3.0)
_KM_AN_HOUR = (1.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Reach:
    """How far DBSCAN reaches: kilometres, and how many kilometres an hour is worth."""

    km: float
    km_an_hour: float


def engine(table: ObservationTable) -> Labels:
    """Return the group of each row by our engine."""
    incident_of = {one.observation_id: one.incident_id for one in fuse(table).memberships}
    names = [incident_of[name] for name in table.observation_id.tolist()]
    return np.unique(names, return_inverse=True)[1].astype(np.int64)


def dbscan(table: ObservationTable, reach: Reach) -> Labels:
    """Return the group of each row by DBSCAN over kilometres and scaled hours."""
    east, north = metres_per_degree(float(table.latitude.mean()))
    hours = (table.event_from_s + table.event_to_s) / 7_200
    points = np.column_stack(
        [table.longitude * east / 1e3, table.latitude * north / 1e3, hours * reach.km_an_hour]
    )
    return np.asarray(DBSCAN(eps=reach.km, min_samples=1).fit_predict(points), dtype=np.int64)


def best_reach(table: ObservationTable, truth: Labels) -> Reach:
    """Return the reach with which DBSCAN scores best."""
    reaches = [Reach(km, rate) for km in _REACHES_KM for rate in _KM_AN_HOUR]
    return max(reaches, key=lambda reach: b_cubed_f1(truth, dbscan(table, reach)))


def compare(name: str, table: ObservationTable, truth: Labels, reach: Reach) -> None:
    """Print one line a method: scores, seconds, and the ratio to DBSCAN."""
    methods: list[tuple[str, Callable[[ObservationTable], Labels]]] = [
        ("dbscan", lambda rows: dbscan(rows, reach)),
        ("truceline", engine),
        ("every report alone", lambda rows: np.arange(len(rows))),
    ]
    print(f"\n{name}: {len(table):,} reports of {len(np.unique(truth)):,} incidents")
    print(f"{'':20}{'bf1':>8}{'f1':>8}{'seconds':>10}{'bf1 / dbscan':>14}")
    peer = None
    for method, run in methods:
        start = time.perf_counter()
        groups = run(table)
        seconds = time.perf_counter() - start
        score = b_cubed_f1(truth, groups)
        peer = score if peer is None else peer
        print(f"{method:20}{score:8.3f}{pairwise_f1(truth, groups):8.3f}{seconds:10.2f}{score / peer:14.2f}")


def shared(bench: Path, reports: int, seed: int) -> tuple[ObservationTable, Labels]:
    """Return a set of the shared bench and its truth, row by row."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [sys.executable, bench / "make_reports.py", str(reports), folder, "--seed", str(seed)],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        table = read_table(Path(folder) / "reports.parquet")
        answers = pyarrow.parquet.read_table(Path(folder) / "truth.parquet")
    truth = dict(zip(answers["observation_id"].to_pylist(), answers["incident_id"].to_pylist(), strict=True))
    return table, np.array([truth[name] for name in table.observation_id.tolist()], dtype=np.int64)


def main() -> None:
    """Measure every method on every set."""
    sizes = [int(size) for size in sys.argv[1:]] or [1_000, 10_000]
    reach = best_reach(*generate(2_000, TUNING_SEED))
    for size in sizes:
        compare(f"EXERCISE seed {SEED}", *generate(size, SEED), reach)
    named = os.environ.get("TRUCELINE_SHARED_BENCH")
    if not named or not (Path(named) / "make_reports.py").is_file():
        print("\nThe shared bench is absent (TRUCELINE_SHARED_BENCH names no such folder): not measured.")
        return
    reach = best_reach(*shared(Path(named), 2_000, TUNING_SEED))
    for size in sizes:
        compare(f"shared bench seed {SEED}", *shared(Path(named), size, SEED), reach)


if __name__ == "__main__":
    main()
