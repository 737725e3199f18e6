# SPDX-License-Identifier: Apache-2.0
"""Suspension as people call it, from the freeze to reading what is left.  EXERCISE."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.mission.made import MakeTable, entropy, row
from tests.procedure.made import VALLEY
from typer.testing import CliRunner

from truceline.cli.app import app
from truceline.errors import MechanismError, RejectedInput, RuleViolation
from truceline.evidence import SigningKey
from truceline.mission import init_mission
from truceline.mission.devices.enrolment import enrol

PROGRAM = Path(sys.executable).with_name("truceline")
HEAD = ("--person", "head")
DUTY = ("--person", "duty", "--capacity", "duty_officer")
GROUND = ("--ground", "EXERCISE: the office is about to be overrun")


def done(*arguments: object, said: str = "") -> str:
    """Call a verb that must succeed; return what it prints."""
    result = CliRunner().invoke(app, [str(one) for one in arguments], input=said)
    assert result.exit_code == 0, result.exception
    return result.stdout


def refused(*arguments: object, said: str = "") -> MechanismError:
    """Call a verb that must be refused; return why."""
    result = CliRunner().invoke(app, [str(one) for one in arguments], input=said)
    assert isinstance(result.exception, MechanismError)
    return result.exception


@pytest.fixture
def deputy(tmp_path: Path) -> Path:
    """Return the file of a second person's own key."""
    SigningKey.generate(entropy(501)).save(tmp_path / "deputy.pem")
    return tmp_path / "deputy.pem"


@pytest.fixture
def folder(tmp_path: Path, deputy: Path) -> Path:
    """Return a suspended mission of which two people are listed and a second key is enrolled."""
    mission = init_mission(VALLEY, tmp_path / "mission", exercise=True)
    enrol(mission, SigningKey.load(deputy).author, holder="deputy", role="deputy head")
    mission.close()
    done("suspension", "staff", mission.folder, "anna", "ben", *DUTY)
    done("suspension", "suspend", mission.folder, *HEAD, *GROUND, "--orders", "EXERCISE: convoy at six")
    return mission.folder


def test_a_frozen_mission_says_by_which_rule_it_refuses(folder: Path, make_table: MakeTable) -> None:
    called = subprocess.run(
        [PROGRAM, "ingest", folder, make_table([row(1)]), "--as", "table"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert called.returncode == 1
    assert "is suspended" in called.stderr
    assert "Traceback" not in called.stderr


def test_the_roll_shows_who_is_not_known(folder: Path) -> None:
    done("suspension", "account", folder, "safe", "ben", *DUTY)
    roll = json.loads(done("suspension", "roll", folder, *HEAD, "--json"))
    listed = [(one["person"], one["status"]) for one in roll["persons"]]
    assert listed == [("anna", "not known"), ("ben", "safe")]
    assert roll["counts"]["not known"] == 1
    assert "NOT KNOWN    anna" in done("suspension", "roll", folder, *HEAD)


def test_an_evacuation_can_be_read_afterwards(folder: Path, deputy: Path, tmp_path: Path) -> None:
    # 1. The hand-over.
    file = tmp_path / "hand-over.tar"
    told = ("--to", "EXERCISE Office", "--what", "One disk.")
    given = json.loads(done("suspension", "hand-over", folder, file, *HEAD, *told, "--json"))
    assert given["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    # 2. The keys.
    destroy = ("suspension", "destroy-keys", folder, *HEAD, *GROUND, "--second-key", deputy)
    assert "Backups" in done(*destroy, said="valley\n")
    assert list((folder / "keys").glob("*.pem")) == []
    # 3. What is left.
    standing = json.loads(done("suspension", "status", folder, "--json"))
    assert (standing["phase"], len(standing["hand_overs"])) == ("keys destroyed", 1)
    assert standing["destroyed"] == ["author", "log", "tier-commission", "tier-parties", "tier-sealed"]
    assert given["sha256"] in done("suspension", "status", folder)
    listed = json.loads(done("suspension", "entries", folder, "--json"))["entries"]
    assert [one["fields"]["step"] for one in listed] == ["suspend", "hand-over", "destroy-keys"]
    assert "anna" not in done("suspension", "entries", folder)
    assert "verified" in done("log", "verify", folder)
    assert json.loads(done("status", folder, "--json"))["tree_size"] == listed[-1]["leaf_index"] + 1
    assert "were destroyed on" in str(refused("suspension", "resume", folder, *HEAD, *GROUND))


def test_keys_are_destroyed_only_by_whoever_types_the_missions_id(folder: Path, deputy: Path) -> None:
    destroy = ("suspension", "destroy-keys", folder, *HEAD, *GROUND, "--second-key", deputy)
    for refusal in (refused(*destroy, said="another\n"), refused(*destroy, "--yes-destroy", "another")):
        assert isinstance(refusal, RejectedInput)
        assert "nothing was destroyed" in str(refusal)
    assert len(list((folder / "keys").glob("*.pem"))) == 5
    told = json.loads(done(*destroy, "--yes-destroy", "valley", "--json"))
    assert told["finished"] is told["published"] is True
    assert told["left"] == []


def test_a_suspended_mission_is_resumed_by_its_head_alone(folder: Path, make_table: MakeTable) -> None:
    refusal = refused("suspension", "resume", folder, *DUTY, *GROUND)
    assert isinstance(refusal, RuleViolation)
    assert refusal.rule == "capacity"
    done("suspension", "resume", folder, *HEAD, "--ground", "EXERCISE: it is over")
    assert "running" in done("suspension", "status", folder)
    assert "1 accepted" in done("ingest", folder, make_table([row(1)]), "--as", "table")


def test_a_time_without_a_zone_is_refused(folder: Path) -> None:
    refusal = refused("suspension", "account", folder, "safe", "ben", *DUTY, "--at", "2030-01-14 09:00")
    assert "zone" in str(refusal)


def test_an_empty_list_of_staff_is_told(tmp_path: Path) -> None:
    init_mission(VALLEY, tmp_path / "mission", exercise=True).close()
    assert "no staff is listed" in done("suspension", "roll", tmp_path / "mission", *HEAD)
