# SPDX-License-Identifier: Apache-2.0
"""Killing ``ingest`` at any moment loses nothing acknowledged and leaves a mission that opens."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest
from tests.backends import Backend
from tests.mission.made import PACKS, MakeTable, row

from truceline.mission import ingest, init_mission, mission_status, open_mission, verify_mission

pytestmark = pytest.mark.over_both

ROWS = 12_000
PROGRAM = Path(sys.executable).with_name("truceline")


def test_a_killed_ingest_is_whole_or_absent(tmp_path: Path, make_table: MakeTable, backend: Backend) -> None:
    folder = tmp_path / "mission"
    init_mission(PACKS / "blank", folder, database_url=backend.url()).close()
    first, second = make_table([row(0)]), make_table([row(number) for number in range(1, ROWS)])
    mission = open_mission(folder)
    ingest(mission, first, "table")
    mission.close()

    command = [str(PROGRAM), "ingest", str(folder), str(second), "--as", "table"]
    draw = random.Random(7)
    acknowledged = False
    longest = 4.0
    for _attempt in range(12):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            said, _ = process.communicate(timeout=draw.uniform(0.0, longest))
            acknowledged = acknowledged or "accepted" in said
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
        mission = open_mission(folder)
        recorded = dict(mission_status(mission).statements)["observations"]
        verify_mission(mission)
        mission.close()
        assert recorded in ((ROWS,) if acknowledged else (1, ROWS))

    mission = open_mission(folder)
    final = ingest(mission, second, "table")
    assert final.accepted + final.known == ROWS - 1
    verify_mission(mission)
    mission.close()


@pytest.mark.parametrize("step", ["vault", "commit", "publish"])
def test_a_crash_between_any_two_steps_leaves_a_mission_that_verifies(
    step: str, tmp_path: Path, make_table: MakeTable, backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    class PowerCutError(BaseException):
        pass

    def cut(*_arguments: object, **_options: object) -> None:
        raise PowerCutError

    mission = init_mission(PACKS / "blank", tmp_path / "mission", database_url=backend.url())
    path = make_table([row(number) for number in range(20)])
    target = {
        "vault": "truceline.storage.store.Transaction.add_record",
        "commit": "truceline.storage.store.Transaction.add_head",
        "publish": "truceline.mission.ledger.publish",
    }[step]
    with monkeypatch.context() as patch:
        patch.setattr(target, cut)
        with pytest.raises(PowerCutError):
            ingest(mission, path, "table")
    mission.close()
    again = open_mission(tmp_path / "mission")
    expected = 20 if step == "publish" else 0
    assert dict(mission_status(again).statements).get("observations", 0) == expected
    verify_mission(again)
    assert ingest(again, path, "table").known == expected
    again.close()
