# SPDX-License-Identifier: Apache-2.0
"""Exercises in tests: all end at one fixed moment."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from tests.mission.made import PACKS

from truceline.exercise import Asked, Made, make_exercise

UNTIL = datetime(2026, 5, 20, 12, tzinfo=UTC)


def exercise(pack: str, folder: Path, days: int, seed: int = 1) -> Made:
    """Make an exercise of one of the shipped packs."""
    return make_exercise(PACKS / pack, folder, Asked(days, seed, UNTIL), lambda _words: None)
