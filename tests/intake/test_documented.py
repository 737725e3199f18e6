# SPDX-License-Identifier: Apache-2.0
"""What intake assumes is what its document says."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest

from truceline.intake import FORMATS, Limits
from truceline.intake.hours import PERIODS
from truceline.intake.viina import ATTACKS, OTHERS
from truceline.observation.sighting import ASSUMED_DISTANCE_M

DOCUMENT = (Path(__file__).parents[2] / "docs" / "intake.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_every_format_and_its_columns_are_documented(name: str) -> None:
    assert f"### `{name}`" in DOCUMENT
    section = DOCUMENT.split(f"### `{name}`")[1].split("\n### ")[0]
    for form in FORMATS[name]:
        assert {column for column in form.needs if column not in section} == set()


@pytest.mark.parametrize("word", sorted(set(PERIODS) - {"not_stated"}))
def test_hours_are_documented(word: str) -> None:
    hours = PERIODS[word]
    end = "24:00" if hours.end == time(0) else f"{hours.end:%H:%M}"
    assert f"| {word} | {hours.start:%H:%M}–{end} |" in DOCUMENT  # noqa: RUF001 - a dash between hours


@pytest.mark.parametrize("means", ["heard", "seen", "camera"])
def test_assumed_distances_are_documented(means: str) -> None:
    near, far = ASSUMED_DISTANCE_M[means]
    assert f"| no distance, {means} | {near / 1000:g}–{far / 1000:g} km |" in DOCUMENT  # noqa: RUF001 - a dash


def test_labels_of_news_are_documented() -> None:
    section = DOCUMENT.split("### `viina`")[1].split("\n### ")[0]
    assert {label for label in (*ATTACKS, *OTHERS) if label not in section} == set()


def test_limits_are_documented() -> None:
    limits = Limits()
    assert f"{limits.line_bytes:,} bytes" in DOCUMENT
    assert f"{limits.rows:,}" in DOCUMENT
    assert f"{limits.expanded_bytes >> 30} GiB, and {limits.ratio} times" in DOCUMENT
