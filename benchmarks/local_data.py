# SPDX-License-Identifier: Apache-2.0
"""Takes real data that may not ship through the same intake, where it is at hand.

``TRUCELINE_DATA`` names a folder with ``truces-2025``, ``july-2023``, ``support-tracker`` and
``corridors-2022`` in it.  What is absent is said to be so, and nothing is done with it.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

from benchmarks.measure import truceline

from truceline.guarantees.balances import draw_downs, negative_movements, overdrawn, totals, trial_balance
from truceline.guarantees.money import written
from truceline.mission import init_mission
from truceline.mission.corridors import import_corridors
from truceline.mission.replaying import mechanism
from truceline.mission.support import import_support
from truceline.procedure import Capacity, Who

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
    support(None if named is None else Path(named) / "support-tracker" / "data_explorer.csv")
    corridors(None if named is None else Path(named) / "corridors-2022" / "corridors.csv")


def support(path: Path | None) -> None:
    """Book the tracker of support, and say whether it balances and what draws down."""
    if path is None or not path.is_file():
        print("support-tracker: absent; set TRUCELINE_DATA to the folder that holds it.")
        return
    who = Who("benchmark", Capacity.ANALYST)
    with tempfile.TemporaryDirectory() as place:
        mission = init_mission(PACK, Path(place) / "mission")
        for _ in range(2):
            began = time.perf_counter()
            done = import_support(mission, who, path, source="Kiel Ukraine Support Tracker, release 29")
            print(f"support-tracker: {done} ({time.perf_counter() - began:.1f} s)")
        ledger = mechanism(mission).support
        mission.close()
    for currency, amounts in totals(ledger).items():
        trial = trial_balance(ledger)[currency]
        print(
            f"support-tracker: {written(amounts.pledged, currency)} pledged = "
            f"{written(amounts.allocated, currency)} allocated + "
            f"{written(amounts.to_be_allocated, currency)} to be allocated; debits "
            f"{written(trial.debits, currency)}, credits {written(trial.credits, currency)}"
        )
    below = overdrawn(ledger)
    print(
        f"support-tracker: {len(negative_movements(ledger))} negative movements, {len(draw_downs(ledger))} "
        f"of them draw-downs; {len(below)} donors below zero at some month's end, "
        f"{sum(one.balance < 0 for one in below)} at the last"
    )


def corridors(path: Path | None) -> None:
    """Record the corridors of 2022 as arrangements, and again: nothing is recorded twice."""
    if path is None or not path.is_file():
        print("corridors-2022: absent; set TRUCELINE_DATA to the folder that holds it.")
        return
    with tempfile.TemporaryDirectory() as place:
        mission = init_mission(PACK, Path(place) / "mission")
        for _ in range(2):
            began = time.perf_counter()
            done = import_corridors(
                mission, Who("benchmark", Capacity.DUTY_OFFICER), path, source="PeaceRep, 2022"
            )
            print(f"corridors-2022: {done} ({time.perf_counter() - began:.1f} s)")
        mission.close()


if __name__ == "__main__":
    main()
