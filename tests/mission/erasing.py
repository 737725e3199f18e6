# SPDX-License-Identifier: Apache-2.0
"""What tests of sealing and erasure share."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.backends import Backend
from tests.mission.made import CLOCK, entropy

from truceline.evidence import SigningKey, opening_from_bytes
from truceline.mission import (
    Mission,
    open_mission,
)
from truceline.mission.erasure.erase import ErasureSummary, erase
from truceline.storage import RecordRow
from truceline.vocabulary import Tier

SECOND = SigningKey.generate(entropy(77))
SECRET, SECRET_ID = "patrol-ivanenko", "obs-of-ivanenko"
VICTIM = 5
ROWS = 12
PROGRAM = Path(sys.executable).with_name("truceline")


def reopened(mission: Mission) -> Mission:
    mission.close()
    return open_mission(mission.folder, clock=CLOCK, entropy=entropy(9))


def latest(mission: Mission, kind: str) -> RecordRow:
    with mission.store.read() as transaction:
        found = transaction.latest(kind)
    assert found is not None
    return found


def destroy(
    mission: Mission,
    kind: str = "observations",
    *,
    tier: Tier | None = None,
    item: int | None = None,
    field: str | None = None,
) -> ErasureSummary:
    return erase(
        mission,
        latest(mission, kind).record_id,
        authority="Data protection officer of the mechanism",
        ground="Request of the person concerned",
        second=SECOND,
        tier=tier,
        row=item,
        field=field,
    )


def traces(backend: Backend, mission: Mission, *texts: bytes) -> list[str]:
    """Return where any of the texts can still be read: every file, and all that a key here opens."""
    found = []
    for path in backend.files(mission):
        content = path.read_bytes()
        if content.startswith(b"truceline/opening/"):
            content += b"".join(item or b"" for item in opening_from_bytes(content).items)
        found += [path.name for text in texts if text in content]
    with mission.store.read() as transaction:
        for record in transaction.records():
            for items in mission.ledger.open_payload(record).values():
                found += [record.record_id for item in items for text in texts if text in (item or b"")]
    return found


class PowerCutError(BaseException):
    """The machine stops here."""


def cut(*_arguments: object, **_options: object) -> None:
    raise PowerCutError
