# SPDX-License-Identifier: Apache-2.0
"""Any pack by configuration alone; the same seed the same records; folders that are not ours."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.exercise.made import exercise
from tests.mission.made import PACKS

from truceline.errors import RejectedInput
from truceline.exercise import Asked, Made, make_exercise
from truceline.mission import open_mission, run, verify_mission
from truceline.mission.acting import act
from truceline.mission.replaying import mechanism
from truceline.parties import Complain
from truceline.procedure import Capacity, Who

PROGRAM = Path(sys.executable).with_name("truceline")


def checkpoint(made: Made) -> str:
    return (made.mission / "log" / "checkpoint").read_text(encoding="utf-8")


@pytest.mark.parametrize(("pack", "lacks"), [("minsk", "standard of proof"), ("lebanon-2024", "a majority")])
def test_a_pack_without_a_part_is_played_without_it_and_says_so(
    pack: str, lacks: str, tmp_path: Path
) -> None:
    made = exercise(pack, tmp_path / "exercise", 7)
    said = "\n".join(made.left_out)
    for words in (lacks, "no guarantees", "no force"):
        assert words in said
    assert set(made.cases.values()) == {"heard", "in rebuttal", "awaiting response", "referred"}
    mission = open_mission(made.mission)
    state = mechanism(mission)
    assert state.irregular == ()
    assert state.docket.findings == {}
    assert state.submissions.complaints
    assert verify_mission(mission).checkpoint.size == made.records
    mission.close()


def test_the_same_seed_gives_the_same_records_and_another_seed_others(tmp_path: Path) -> None:
    first, again, other = (
        exercise("lebanon-2024", tmp_path / name, 2, seed) for name, seed in (("a", 7), ("b", 7), ("c", 8))
    )
    assert checkpoint(first) == checkpoint(again)
    assert first.truth.read_bytes() == again.truth.read_bytes()
    assert [path.read_bytes() for path in sorted((first.folder / "reports").iterdir())] == [
        path.read_bytes() for path in sorted((again.folder / "reports").iterdir())
    ]
    assert checkpoint(first) != checkpoint(other)
    assert first.truth.read_bytes() != other.truth.read_bytes()


def test_a_folder_with_other_files_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(RejectedInput, match="holds other files"):
        exercise("blank", tmp_path, 1)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_an_exercise_is_made_anew_until_people_have_worked_in_it(tmp_path: Path) -> None:
    first = exercise("blank", tmp_path / "exercise", 1)
    second = exercise("blank", tmp_path / "exercise", 1)
    assert checkpoint(first) == checkpoint(second)
    mission = open_mission(second.mission)
    state = mechanism(mission)
    complaint = next(one.step for one in state.entries if isinstance(one.step, Complain))
    trainee = Who("trainee", Capacity.LIAISON, "B" if complaint.against == "A" else "A")
    ours = Complain(
        "trainees-own", complaint.against, complaint.clauses, complaint.since, "EXERCISE", "EXERCISE"
    )
    act(mission, trainee, ours)
    mission.close()
    with pytest.raises(RejectedInput, match="People have worked"):
        exercise("blank", tmp_path / "exercise", 1)


@pytest.mark.parametrize("days", [0, 367, -1])
def test_an_exercise_of_no_days_or_too_many_is_refused(tmp_path: Path, days: int) -> None:
    with pytest.raises(RejectedInput, match="lasts from 1"):
        exercise("blank", tmp_path / "exercise", days)
    assert not (tmp_path / "exercise").exists()


def test_days_before_the_agreement_are_refused(tmp_path: Path) -> None:
    asked = Asked(5, 1, datetime(2014, 6, 1, tzinfo=UTC))
    with pytest.raises(RejectedInput, match="not in force"):
        make_exercise(PACKS / "minsk", tmp_path / "exercise", asked, lambda _words: None)


def test_nothing_is_left_to_run_when_it_is_made(tmp_path: Path) -> None:
    made = exercise("blank", tmp_path / "exercise", 1)
    mission = open_mission(made.mission)
    assert run(mission).recorded is False, "everything was run already"
    mission.close()


def test_the_command_says_what_it_made_and_how_to_serve_it(tmp_path: Path) -> None:
    asked = ["--days", "1", "--until", "2025-05-19T12:00:00Z"]
    done = subprocess.run(
        [str(PROGRAM), "exercise", str(PACKS / "blank"), str(tmp_path / "x"), *asked],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("EXERCISE.")
    for words in ("Left out: ", "EXERCISE truth", f"truceline serve {tmp_path / 'x' / 'mission'}"):
        assert words in done.stdout
    assert json.loads((tmp_path / "x" / "truth.json").read_text(encoding="utf-8"))["made_from"]["days"] == 1


@pytest.mark.parametrize("until", ["yesterday", "2026-05-20T12:00:00", "2199-01-01T00:00:00Z"])
def test_the_command_refuses_an_end_that_is_none_or_lies_ahead(tmp_path: Path, until: str) -> None:
    done = subprocess.run(
        [str(PROGRAM), "exercise", str(PACKS / "blank"), str(tmp_path / "x"), "--until", until],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "--until" in done.stderr
    assert not (tmp_path / "x").exists()
