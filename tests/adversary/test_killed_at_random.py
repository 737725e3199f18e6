# SPDX-License-Identifier: Apache-2.0
"""Appending is killed at 1,000 random points: nothing acknowledged is lost, every log verifies.

A child process appends and says through a pipe what was acknowledged; its parent
kills it with SIGKILL.  The child is a fork, so that it is killed while it appends and
not while Python starts.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from pathlib import Path

import pytest
from tests.mission.made import PACKS

from truceline.evidence import fields_payload
from truceline.evidence.verify import verify_log
from truceline.mission import init_mission, mission_status, open_mission, verify_mission
from truceline.mission.ledger import Draft
from truceline.vocabulary import Tier

KILLS = 1_000
SHARES = 10
FRESH_AFTER = 25
"""Kills that one mission goes through before a fresh one takes its place."""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template") / "mission"
    init_mission(PACKS / "blank", folder).close()
    return folder


def append_until_killed(folder: Path, pipe: int) -> None:
    """Append records one by one, and say each one's tree size when it is acknowledged."""
    mission = open_mission(folder)
    number = 0
    while True:
        number += 1
        payload = fields_payload({Tier.PUBLIC: {"number": number}, Tier.COMMISSION: {"text": "x" * number}})
        with mission.ledger.writing() as writer:
            size = writer.append(Draft("note", payload)) + 1
        os.write(pipe, size.to_bytes(8, "big"))


def killed(folder: Path, after_s: float) -> int:
    """Append in a child, kill it, and return the last acknowledged tree size; 0: none was."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            append_until_killed(folder, writing)
        finally:
            os._exit(1)  # never back into the test runner
    os.close(writing)
    time.sleep(after_s)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    acknowledged = b""
    while chunk := os.read(reading, 65_536):
        acknowledged += chunk
    os.close(reading)
    return int.from_bytes(acknowledged[-8:], "big")


@pytest.mark.parametrize("share", range(SHARES))
@pytest.mark.filterwarnings("ignore:This process.*fork:DeprecationWarning")
def test_nothing_acknowledged_is_lost_wherever_appending_is_killed(
    share: int, template: Path, tmp_path: Path
) -> None:
    draw = random.Random(share)
    folder = tmp_path / "mission"
    reached, amid, longest_s = 0, 0, 0.06
    for kill in range(KILLS // SHARES):
        if kill % FRESH_AFTER == 0:
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(template, folder)
            reached = 0
        acknowledged = killed(folder, draw.uniform(0.0, longest_s))
        amid += acknowledged > 0
        if not acknowledged:
            longest_s *= 1.2  # a slow machine needs longer to get amid its appending
        elif longest_s > 0.06:
            longest_s /= 1.1
        reached = max(reached, acknowledged)
        # What a stranger sees at this very moment is whole, though it may be behind.
        published = verify_log(folder / "log").checkpoint.size
        mission = open_mission(folder)
        kept = mission_status(mission).tree_size
        assert published <= kept
        assert kept >= reached
        assert verify_mission(mission).checkpoint.size == kept
        mission.close()
        reached = kept
    # Most kills must have come amid appending, or this shows nothing.
    assert amid > KILLS // SHARES // 2
