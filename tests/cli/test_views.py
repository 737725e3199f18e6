# SPDX-License-Identifier: Apache-2.0
"""Verbs that show how the mechanism stands."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from tests.mission.erasing import PROGRAM
from tests.mission.procedural import MovingClock, seat, valley_mission

ASKING = ("--person", "somebody", "--capacity", "public")
VERBS = (
    ("case", "show", *ASKING),
    ("party", "show", *ASKING),
    ("state", "show"),
    ("guarantee", "show"),
    ("guarantee", "outlook"),
    ("coalition", "show"),
    ("force", "show", *ASKING),
    ("support", "show"),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = valley_mission(tmp_path_factory.mktemp("shown") / "valley", MovingClock())
    seat(made)
    made.close()
    return made.folder


def told(folder: Path, verb: tuple[str, ...], *more: str) -> subprocess.CompletedProcess[str]:
    group, name, *rest = verb
    return subprocess.run(
        [PROGRAM, group, name, str(folder), *rest, *more], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("verb", VERBS)
def test_every_view_marks_an_exercise_in_text_and_in_json(folder: Path, verb: tuple[str, ...]) -> None:
    text, document = told(folder, verb), told(folder, verb, "--json")
    assert (text.returncode, document.returncode) == (0, 0), text.stderr
    assert text.stdout.startswith("EXERCISE")
    assert json.loads(document.stdout)["exercise"] is True


def test_a_moment_without_a_zone_is_refused(folder: Path) -> None:
    asked = told(folder, ("coalition", "show"), "--at", "2030-02-01T00:00:00")
    assert asked.returncode == 1
    assert "zone" in asked.stderr


def test_figures_are_as_of_the_moment_that_is_asked(folder: Path) -> None:
    early = json.loads(told(folder, ("coalition", "show"), "--at", "2029-01-01T00:00:00Z", "--json").stdout)
    late = json.loads(told(folder, ("coalition", "show"), "--at", "2030-02-01T00:00:00Z", "--json").stdout)
    assert early["holdings"] == []
    assert {"X", "Y"} <= {one["actor"] for one in late["holdings"]}
