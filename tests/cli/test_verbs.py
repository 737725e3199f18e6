# SPDX-License-Identifier: Apache-2.0
"""The verbs as people call them: exit codes, JSON, and what is said when something is wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.mission.made import EASTER, PACKS, MakeTable, row

PROGRAM = Path(sys.executable).with_name("truceline")


def call(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(PROGRAM), *(str(one) for one in arguments)], capture_output=True, text=True, check=False
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "mission"
    assert call("init", PACKS / "easter-truce-2025", place).returncode == 0
    return place


def test_a_day_from_pack_to_report(folder: Path, tmp_path: Path) -> None:
    taken = call("ingest", folder, EASTER / "reports.csv", "--as", "reports", "--json")
    assert taken.returncode == 0
    assert json.loads(taken.stdout)["imports"][0]["accepted"] == 463
    done = call("run", folder, "--json")
    assert json.loads(done.stdout)["recorded"] is True
    written = call("report", folder, "--date", "2025-04-20", "--out", tmp_path / "out", "--json")
    assert [Path(name).is_file() for name in json.loads(written.stdout)["files"]] == [True] * 4
    standing = json.loads(call("status", folder, "--json").stdout)
    assert standing["behind"] == 0
    checked = json.loads(call("log", "verify", folder, "--json").stdout)
    assert checked["size"] == standing["tree_size"]
    assert (
        json.loads(call("rebuild", folder, "--json").stdout)["results_sha256"]
        == json.loads(done.stdout)["results_sha256"]
    )


def test_a_refused_row_is_named_and_fails_the_call(folder: Path, make_table: MakeTable) -> None:
    done = call("ingest", folder, make_table([row(1), row(2, longitude="181")]), "--as", "table")
    assert done.returncode == 1
    assert "row 3" in done.stdout
    assert "longitude" in done.stdout
    assert "1 accepted" in done.stdout


def test_a_dry_run_says_that_nothing_was_recorded(folder: Path, make_table: MakeTable) -> None:
    done = call("ingest", folder, make_table([row(1)]), "--as", "table", "--dry-run")
    assert done.returncode == 0
    assert "nothing was recorded" in done.stdout
    assert json.loads(call("status", folder, "--json").stdout)["statements"] == {}


def test_a_tampered_log_fails_and_says_what_it_means(folder: Path) -> None:
    entries = next((folder / "log" / "tile" / "entries").rglob("*.p/*"))
    content = bytearray(entries.read_bytes())
    content[40] ^= 1
    entries.write_bytes(bytes(content))
    done = call("log", "verify", folder / "log")
    assert done.returncode == 1
    assert "entry 0" in done.stderr
    assert "Traceback" not in done.stderr


def test_another_key_than_the_logs_own_is_refused(folder: Path, tmp_path: Path) -> None:
    call("init", PACKS / "blank", tmp_path / "other")
    other = (tmp_path / "other" / "log" / "verifier-key.txt").read_text().strip()
    done = call("log", "verify", folder / "log", "--key", other)
    assert done.returncode == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("status", "nowhere"), "truceline init PACK DIR"),
        (("init", "nowhere", "there"), "nowhere"),
        (("pack", "check", "nowhere"), "nowhere"),
        (("fuse", "nowhere.parquet", "--out", "there"), "nowhere.parquet"),
        (("log", "verify", "nowhere"), "nowhere"),
        (("serve", "nowhere"), "truceline init PACK DIR"),
        (("exercise", "nowhere", "there"), "nowhere"),
    ],
)
def test_a_wrong_call_is_answered_and_not_with_a_traceback(
    arguments: tuple[str, ...], says: str, tmp_path: Path
) -> None:
    done = subprocess.run(
        [str(PROGRAM), *arguments], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.returncode == 1
    assert says in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("day", ["20.04.2025", "04/20/2025", "yesterday", "2025-02-30"])
def test_a_date_that_is_none_is_refused(folder: Path, day: str, tmp_path: Path) -> None:
    done = call("report", folder, "--date", day, "--out", tmp_path)
    assert done.returncode == 1
    assert "2025-04-20" in done.stderr


@pytest.mark.parametrize("pack", sorted(path.name for path in PACKS.iterdir()))
def test_every_shipped_pack_is_sound(pack: str) -> None:
    done = call("pack", "check", PACKS / pack)
    assert done.returncode == 0, done.stderr
    assert "is sound" in done.stdout


def test_a_table_is_fused_without_a_mission(make_table: MakeTable, tmp_path: Path) -> None:
    done = call(
        "fuse", make_table([row(number) for number in range(30)]), "--out", tmp_path / "out", "--json"
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["observations"] == 30
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "memberships.parquet",
        "incidents.parquet",
    }
