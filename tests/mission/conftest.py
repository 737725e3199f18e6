# SPDX-License-Identifier: Apache-2.0
"""Missions with something to erase."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.mission.erasing import (
    ROWS,
    SECRET,
    SECRET_ID,
    VICTIM,
    reopened,
)
from tests.mission.made import EASTER, MakeTable, row

from truceline.mission import (
    Mission,
    ingest,
    run,
)
from truceline.mission.sealing import key_file
from truceline.vocabulary import Tier


@pytest.fixture
def taken(mission: Mission, make_table: MakeTable) -> Mission:
    """Return a mission with twelve observations for the commission and 52 public claims, run once."""
    rows = [row(number) for number in range(ROWS)]
    rows[VICTIM] |= {"source_id": SECRET, "observation_id": SECRET_ID}
    ingest(mission, make_table(rows), "table")
    ingest(mission, EASTER / "party_claims.csv", "party-claims")
    run(mission)
    return mission


@pytest.fixture
def keyless(taken: Mission) -> Iterator[Mission]:
    """Return the mission after the commission's private key was lost."""
    key_file(taken.folder / "keys", Tier.COMMISSION).unlink()
    again = reopened(taken)
    yield again
    again.close()
