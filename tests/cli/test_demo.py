# SPDX-License-Identifier: Apache-2.0
"""The demonstration says what the open record supports and what it cannot."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(sys.executable).with_name("truceline")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("demo") / "demo"
    done = subprocess.run(
        [str(PROGRAM), "demo", str(folder), "--no-serve"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return folder, done.stdout


def page(folder: Path, day: int) -> str:
    html = (folder / "reports" / f"daily-2025-04-{day}.html").read_text(encoding="utf-8")
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_there_is_a_report_for_every_day(demo: tuple[Path, str]) -> None:
    names = {path.name for path in (demo[0] / "reports").iterdir()}
    assert names == {
        f"daily-2025-04-{day}.{suffix}"
        for day in (18, 19, 20, 21)
        for suffix in ("html", "json", "geojson", "csv")
    }


def test_the_summary_is_short_and_names_its_paths(demo: tuple[Path, str]) -> None:
    folder, said = demo
    assert len(said.splitlines()) <= 16
    assert str(folder / "reports" / "daily-2025-04-20.html") in said
    assert "Log verified" in said


def test_both_totals_stand_side_by_side_and_are_not_averaged(demo: tuple[Path, str]) -> None:
    folder, said = demo
    text = page(folder, 20)
    for figure in ("2,935", "4,900", "5,000"):
        assert figure in said
        assert figure in text
    for mean in ("3,917", "3,918", "7,835"):
        assert mean not in said
        assert mean not in text
    assert "96 + 1,882 + 957 = 2,935" in text


def test_nothing_is_verified_and_nothing_attributed(demo: tuple[Path, str]) -> None:
    folder, said = demo
    assert "0 verified" in said
    for day in (18, 19, 20, 21):
        text = page(folder, day)
        assert "No incident is verified" in text
        assert "None is attributed" in text


def test_what_was_not_watched_is_said_for_every_day(demo: tuple[Path, str]) -> None:
    for day in (18, 19, 20, 21):
        assert "Silence is not compliance" in page(demo[0], day)


def test_before_during_and_after_the_truce_are_told_apart(demo: tuple[Path, str]) -> None:
    folder, _ = demo
    assert "before the truce" in page(folder, 18)
    assert "In force for a part of the period" in page(folder, 19)
    assert "In force for the whole period" in page(folder, 20)
    assert "after the truce" in page(folder, 21)


def test_the_demonstration_does_not_touch_a_folder_of_somebody_elses(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("keep")
    done = subprocess.run(
        [str(PROGRAM), "demo", str(tmp_path / "mine")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert (tmp_path / "mine" / "letter.txt").read_text() == "keep"
