# SPDX-License-Identifier: Apache-2.0
"""How long a party needs to check a log and recompute the findings of 100,000 observations.

    python -m benchmarks.audit [ROWS]

Beside it, what the operator's own run took, as a ratio.  All rows are synthetic: EXERCISE.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from benchmarks.imports import write_table
from benchmarks.measure import truceline

PACK = Path(__file__).resolve().parents[1] / "packs" / "paris-2026"


def main() -> None:
    """Print the seconds and memory of run, disclosure and audit."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        mission, disclosure = folder / "mission", folder / "commission.disclosure"
        write_table(folder / "table.csv", rows)
        truceline("init", str(PACK), str(mission), "--exercise")
        truceline("ingest", str(mission), str(folder / "table.csv"), "--as", "table")
        ran = truceline("run", str(mission))
        truceline("disclose", str(mission), "--audience", "commission", "--out", str(disclosure))
        audited = truceline("audit", str(mission / "log"), str(disclosure))
        print(ran.output.splitlines()[0])
        print(
            f"audit of {rows:,} observations (EXERCISE): {audited.seconds:.1f} s, "
            f"peak {audited.peak_mb:,.0f} MB; {audited.seconds / ran.seconds:.2f} x the run "
            f"({ran.seconds:.1f} s)"
        )
        print("  " + audited.output.strip().splitlines()[-1])


if __name__ == "__main__":
    main()
