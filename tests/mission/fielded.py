# SPDX-License-Identifier: Apache-2.0
"""Devices and submissions for tests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.mission.made import CLOCK, entropy

from truceline.evidence import Record, SigningKey, canonical, make_record
from truceline.evidence.submission import submission_to_bytes
from truceline.interval import Interval
from truceline.mission import Mission, mission_status
from truceline.observation.codec import to_row
from truceline.observation.model import Count, Observation
from truceline.vocabulary import CountQualifier, Kind, SourceKind, Tier

START = datetime(2025, 4, 20, 6, tzinfo=UTC)


def key(seed: int) -> SigningKey:
    return SigningKey.generate(lambda length: seed.to_bytes(2, "big") * (length // 2))


def observation(number: int, *, count: int = 3, family: str = "monitors") -> bytes:
    began = START + timedelta(minutes=number)
    return canonical(
        to_row(
            Observation(
                observation_id=f"mon-{number}",
                source_id="team-3",
                source_kind=SourceKind.PATROL,
                family=family,
                when=Interval(began),
                time_sigma_s=60.0,
                place=None,
                place_name="Shyrokyne",
                kind=Kind.MORTAR,
                count=Count(CountQualifier.EXACT, count, count),
                received_at=began,
            )
        )
    )


def signed(
    rows: Sequence[bytes],
    number: int,
    *,
    device: int = 1,
    kind: str = "observations",
    tier: Tier = Tier.COMMISSION,
    seen_size: int = 0,
    draw: int = 0,
) -> Record:
    return make_record(
        kind,
        1,
        {tier: rows},
        key=key(device),
        author_seq=number,
        made_at=CLOCK.now(),
        seen_size=seen_size,
        entropy=entropy(1_000_000 * device + 1_000 * number + draw),
    )


def sent(*numbers: int, as_number: int = 1, device: int = 1, count: int = 3, draw: int = 0) -> bytes:
    """Return a submission of the observations with these numbers."""
    rows = [observation(one, count=count) for one in numbers]
    return submission_to_bytes(signed(rows, as_number, device=device, draw=draw))


def size(mission: Mission) -> int:
    return mission_status(mission).tree_size


def verifier_key(mission: Mission) -> str:
    return mission.ledger.log_key.verifier_key(mission.settings.origin)


def checkpoint(mission: Mission, path: Path) -> Path:
    mission.ledger.publish()
    path.write_bytes((mission.folder / "log" / "checkpoint").read_bytes())
    return path
