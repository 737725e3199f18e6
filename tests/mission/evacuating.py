# SPDX-License-Identifier: Apache-2.0
"""EXERCISE: a mission with something to lose, and people who evacuate it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cryptography.hazmat.primitives.serialization import load_pem_private_key
from tests.mission.made import MakeTable, entropy, row
from tests.mission.procedural import FIRE, MovingClock, take_in, valley_mission
from tests.procedure.made import DUTY, HEAD, LIAISON_A, START

from truceline.evidence import SigningKey, opening_from_bytes
from truceline.mission import Mission, ingest, open_mission, run
from truceline.mission.acting import act
from truceline.mission.devices.enrolment import enrol
from truceline.mission.evacuation.accounting import expect_staff
from truceline.mission.evacuation.destroying import Destroyed, destroy_keys
from truceline.mission.evacuation.suspending import suspend
from truceline.parties import Complain

DEPUTY = SigningKey.generate(entropy(501))
"""The second person's own key."""
OWN = SigningKey.generate(entropy(502))
"""The head of mission's own key."""
DEVICE = 7

GROUND = "EXERCISE: the office is about to be overrun"
CANARIES = (b"canary-source", b"canary-orders", b"canary-complaint", b"canary-anna", b"canary-place")
"""What must be read by nobody after the keys were destroyed."""


@dataclass(slots=True)
class Office:
    """A mission in its folder, with the clock that it goes by."""

    mission: Mission
    clock: MovingClock

    @property
    def folder(self) -> Path:
        """Where it lies."""
        return self.mission.folder

    def reopened(self) -> Mission:
        """Close the mission and open it again."""
        self.mission.close()
        self.mission = open_mission(self.folder, clock=self.clock, entropy=entropy(9))
        return self.mission


def office(folder: Path, make_table: MakeTable, claims: Path, database_url: str | None = None) -> Office:
    """Return a mission that has taken in what is sealed and what is public, run once."""
    clock = MovingClock()
    mission = valley_mission(folder, clock, database_url)
    began = (START - timedelta(days=1)).isoformat()
    secret = row(90, event_from=began, event_to=began, source_id="canary-source", latitude="48.5")
    ingest(mission, make_table([secret]), "table")
    ingest(mission, claims, "party-claims")
    take_in(mission, make_table, 2)
    complaint = Complain(
        "c-1", "B", (FIRE,), START - timedelta(hours=2), "canary-place", "canary-complaint: EXERCISE"
    )
    act(mission, LIAISON_A, complaint)
    run(mission)
    for key, holder in ((DEPUTY, "deputy"), (OWN, HEAD.person)):
        enrol(mission, key.author, holder=holder, role="head office")
    expect_staff(mission, DUTY, ["canary-anna", "ben", "carla"])
    return Office(mission, clock)


def write_claims(path: Path) -> Path:
    """Write one public claim of a party's.  EXERCISE."""
    day = (START - timedelta(days=1)).date().isoformat()
    path.write_text(
        "claim_id,claimant,about,period_from_utc,period_to_utc,published_on,what,count_qualifier,count,source_url\n"
        f"public-claim-1,A,B,{day}T00:00:00Z,{day}T06:00:00Z,{day},shelling,exact,3,https://a.example/1\n",
        encoding="utf-8",
    )
    return path


def freeze(office: Office) -> None:
    """Suspend the mission."""
    suspend(office.mission, HEAD, ground=GROUND, orders="canary-orders: EXERCISE, convoy at six")


def destroy(office: Office) -> Destroyed:
    """Destroy the keys of a suspended mission."""
    return destroy_keys(office.mission, HEAD, DEPUTY, ground=GROUND)


def secrets_of(office: Office) -> tuple[bytes, ...]:
    """Return each private key of the mission as raw bytes and as the text of its file."""
    found: list[bytes] = []
    for path in sorted((office.folder / "keys").glob("*.pem")):
        pem = path.read_bytes()
        private = load_pem_private_key(pem, password=None)
        found += [private.private_bytes_raw(), pem.splitlines()[1]]  # type: ignore[union-attr]
    return tuple(found)


def holding(paths: Iterable[Path], *texts: bytes) -> list[str]:
    """Return the files in which any of the texts stands, packed or plain."""
    return sorted({path.name for path, content in _contents(paths) for text in texts if text in content})


def _contents(paths: Iterable[Path]) -> Iterator[tuple[Path, bytes]]:
    for path in paths:
        content = path.read_bytes()
        yield path, content
        if content.startswith(b"truceline/opening/"):
            yield path, b"".join(item or b"" for item in opening_from_bytes(content).items)
