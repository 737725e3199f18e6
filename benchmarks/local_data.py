# SPDX-License-Identifier: Apache-2.0
"""Takes real data that may not ship through the same intake, where it is at hand.

``TRUCELINE_DATA`` names a folder with ``truces-2025`` and ``july-2023`` in it.  Where
it is absent this says so and does nothing.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from benchmarks.measure import truceline

PACK = Path(__file__).resolve().parents[1] / "packs" / "easter-truce-2025"
SETS = (
    ("truces-2025", (("viina_reports.csv.gz", "viina"),)),
    (
        "july-2023",
        (
            ("viina_reports.csv.gz", "viina"),
            ("firms_viirs_snpp.csv.gz", "firms"),
            ("alerts_official.csv.gz", "air-alerts"),
            ("alerts_volunteer.csv.gz", "air-alerts"),
        ),
    ),
)


def main() -> None:
    """Ingest and run each set that is there."""
    named = os.environ.get("TRUCELINE_DATA")
    for name, files in SETS:
        folder = None if named is None else Path(named) / name
        if folder is None or not folder.is_dir():
            print(f"{name}: absent; set TRUCELINE_DATA to the folder that holds it.")
            continue
        with tempfile.TemporaryDirectory() as place:
            mission = Path(place) / "mission"
            truceline("init", str(PACK), str(mission), "--id", name)
            for file, format_name in files:
                # Rows may be refused here, each with its reason: that is not a failure of the intake.
                done = truceline(
                    "ingest", str(mission), str(folder / file), "--as", format_name, accept=(0, 1)
                )
                print(f"{name}: {done.output.splitlines()[0]} ({done.seconds:.1f} s)")
            ran = truceline("run", str(mission))
            print(f"{name}: {ran.output.splitlines()[0]} ({ran.seconds:.1f} s)")


if __name__ == "__main__":
    main()
