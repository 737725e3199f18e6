# SPDX-License-Identifier: Apache-2.0
"""An agreement made up for tests of the mechanism, and people who act under it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from truceline.agreement import Agreement, load_pack
from truceline.mechanism import Mechanism, take
from truceline.procedure import Capacity, Entry, Step, Who

VALLEY = Path(__file__).parent / "valley"
START = datetime(2030, 1, 14, 9, 0, tzinfo=UTC)
"""A Monday."""

HEAD = Who("head", Capacity.HEAD_OF_MISSION)
DUTY = Who("duty", Capacity.DUTY_OFFICER)
SECRETARY = Who("secretary", Capacity.SECRETARY)
LIAISON_A = Who("liaison-a", Capacity.LIAISON, "A")
LIAISON_B = Who("liaison-b", Capacity.LIAISON, "B")
X = Who("envoy-x", Capacity.GUARANTOR, "X")
Y = Who("envoy-y", Capacity.GUARANTOR, "Y")
Z = Who("envoy-z", Capacity.GUARANTOR, "Z")


def member(person: str) -> Who:
    """Return a person as a member of the commission."""
    return Who(person, Capacity.MEMBER)


@cache
def valley() -> Agreement:
    """Return the agreement, loaded once."""
    return load_pack(VALLEY)


class Course:
    """A course of events: takes steps at moments that go on, and keeps the state."""

    def __init__(self, agreement: Agreement | None = None, start: datetime = START) -> None:
        """Begin at a moment, with nothing recorded.

        Args:
            agreement: The pack; None: that of the valley.
            start: When it begins.
        """
        self.agreement = agreement or valley()
        self.now = start
        self.state = Mechanism()
        self.leaf_index = 10

    def wait(self, **length: float) -> Course:
        """Let time go by: ``wait(hours=3)``."""
        self.now += timedelta(**length)
        return self

    def take(self, who: Who, step: Step, *, own_key: bool = False) -> Entry:
        """Take a step now; a refusal leaves the state as it was."""
        entry = Entry(self.leaf_index, self.now, who, step, own_key)
        self.state = take(self.state, entry, self.agreement)
        self.leaf_index += 1
        return entry
