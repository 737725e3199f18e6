# SPDX-License-Identifier: Apache-2.0
"""What missions in tests are made of."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from truceline.clock import FixedClock

ROOT = Path(__file__).resolve().parents[2]
PACKS = ROOT / "packs"
EASTER = ROOT / "examples" / "easter-truce-2025"
CLOCK = FixedClock(datetime(2025, 5, 1, 12, tzinfo=UTC))
START = datetime(2025, 4, 20, 6, tzinfo=UTC)

COLUMNS = (
    "observation_id", "source_id", "source_kind", "event_from", "event_to", "time_sigma_s", "latitude",
    "longitude", "sigma_major_m", "sigma_minor_m", "azimuth_deg", "kind", "count_min", "count_max",
    "received_at", "origin_id",
)  # fmt: skip

Row = dict[str, str]
MakeTable = Callable[[Sequence[Row]], Path]


def entropy(seed: int) -> Callable[[int], bytes]:
    """Return bytes that are the same at every run: for tests alone."""
    draw = random.Random(seed)
    return draw.randbytes


def row(number: int, **changes: str) -> Row:
    """Return one row of the observation table."""
    began = START + timedelta(minutes=7 * number)
    values = {
        "observation_id": f"obs-{number:05d}",
        "source_id": f"team-{number % 3}",
        "source_kind": "patrol",
        "event_from": began.isoformat(),
        "event_to": began.isoformat(),
        "time_sigma_s": "60",
        "latitude": f"{48.0 + 0.01 * (number % 40)}",
        "longitude": f"{37.0 + 0.02 * (number % 30)}",
        "sigma_major_m": "400",
        "sigma_minor_m": "200",
        "azimuth_deg": "30",
        "kind": "artillery",
        "count_min": "3",
        "count_max": "5",
        "received_at": (began + timedelta(hours=1)).isoformat(),
        "origin_id": "",
    }
    return {**values, **changes}
