# SPDX-License-Identifier: Apache-2.0
"""A mission under the agreement of the valley, in which time goes on and people act."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from tests.mission.made import MakeTable, entropy, row
from tests.procedure.made import DUTY, LIAISON_A, LIAISON_B, SECRETARY, START, VALLEY, X, Y

from truceline.clock import Clock
from truceline.commission.composition import AppointMember
from truceline.commission.steps import ClauseRef, GiveNotice, Refer, Respond
from truceline.evidence import SigningKey
from truceline.mission import Mission, ingest, init_mission, run
from truceline.mission.acting import act
from truceline.mission.devices.enrolment import enrol
from truceline.mission.freezing import freeze
from truceline.storage import schema

FIRE = ClauseRef("first", "fire")


@dataclass(slots=True)
class MovingClock:
    """A clock that a test moves on."""

    instant: datetime = START

    def now(self) -> datetime:
        """Return the present instant."""
        return self.instant

    def wait(self, **length: float) -> None:
        """Let time go by: ``wait(hours=3)``."""
        self.instant += timedelta(**length)


def valley_mission(folder: Path, clock: Clock, database_url: str | None = None) -> Mission:
    """Return a new mission under the agreement of the valley."""
    return init_mission(
        VALLEY, folder, clock=clock, entropy=entropy(4), exercise=True, database_url=database_url
    )


def take_in(mission: Mission, make_table: MakeTable, count: int = 3) -> list[str]:
    """Take in EXERCISE observations, run, and return the incidents' ids."""
    began = START - timedelta(days=1)
    moment = began.isoformat()
    rows = [
        row(number, event_from=moment, event_to=moment, latitude="48.5", longitude="37.9")
        for number in range(count)
    ]
    ingest(mission, make_table(rows), "table")
    run(mission)
    with mission.store.read() as transaction:
        return [json.loads(body)["incident_id"] for body in transaction.bodies(schema.incidents)]


def seat(mission: Mission) -> dict[str, SigningKey]:
    """Fill the seats and enrol each member's own key; return the keys by person."""
    keys = {}
    for number, (who, place, person) in enumerate(
        (
            (X, "chair", "chair"),
            (LIAISON_A, "seat-A", "of-a"),
            (LIAISON_B, "seat-B", "of-b"),
            (Y, "guarantors", "one"),
            (Y, "guarantors", "two"),
        )
    ):
        act(mission, who, AppointMember(place, START, member=person))
        keys[person] = SigningKey.generate(entropy(100 + number))
        enrol(mission, keys[person].author, holder=person, role="commission member")
    return keys


def refer_and_answer(mission: Mission, incidents: Sequence[str], confidential: str = "Source K.") -> None:
    """Refer incidents as case-1, tell A, and let A answer."""
    evidence = freeze(mission, incidents)
    statement = "Three teams heard fire."
    act(mission, DUTY, Refer("case-1", (FIRE,), tuple(incidents), evidence, statement=statement))
    act(mission, SECRETARY, GiveNotice("case-1", "A", allegation="Fire on the 13th."))
    act(mission, LIAISON_A, Respond("case-1", statement="Not us.", confidential=confidential))
