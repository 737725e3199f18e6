# SPDX-License-Identifier: Apache-2.0
"""The exercise that `make exercise` makes, once for all tests; they only read it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.exercise.made import exercise

from truceline.exercise import Made
from truceline.mission import Mission, open_mission


@pytest.fixture(scope="session")
def paris(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return exercise("paris-2026", tmp_path_factory.mktemp("paris") / "exercise", 30)


@pytest.fixture(scope="session")
def mission(paris: Made) -> Iterator[Mission]:
    opened = open_mission(paris.mission)
    yield opened
    opened.close()
