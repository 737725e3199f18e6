# SPDX-License-Identifier: Apache-2.0
"""Accounting for staff: who belongs to the mission, and what is known of each while it is suspended.

Invariant: whoever was not accounted for is not known, and is shown first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from truceline.agreement import Rule
from truceline.evidence import SigningKey
from truceline.mechanism import reader_of
from truceline.mechanism.suspension import AccountFor, ExpectStaff, Phase, RollLine, StaffStatus
from truceline.mission.acting import act, act_all
from truceline.mission.mission import Mission
from truceline.mission.replaying import mechanism
from truceline.procedure import Entry, Who, forbidden
from truceline.vocabulary import Tier

_GRAVEST_FIRST = (
    StaffStatus.NOT_REACHED,
    StaffStatus.MISSING,
    StaffStatus.DETAINED,
    StaffStatus.INJURED,
    StaffStatus.DECEASED,
    StaffStatus.RELOCATING,
    StaffStatus.SAFE,
)


@dataclass(frozen=True, slots=True)
class Roll:
    """The roll as it stands.

    Attributes:
        phase: How the mission stands.
        since: When it was suspended last; None: never.
        lines: Everybody: those of whom nothing is known first, those who are safe last.
    """

    phase: Phase
    since: datetime | None
    lines: tuple[RollLine, ...]

    @property
    def not_known(self) -> tuple[str, ...]:
        """Who is on the list of staff and was not accounted for."""
        return tuple(line.person for line in self.lines if line.latest is None)

    def counts(self) -> dict[str, int]:
        """Return how many there are of each status, ``not known`` first; none is left out."""
        known = [line.latest.status for line in self.lines if line.latest is not None]
        return {"not known": len(self.not_known)} | {
            one.value.replace("_", " "): known.count(one) for one in _GRAVEST_FIRST
        }


def expect_staff(
    mission: Mission, who: Who, persons: Sequence[str], *, key: SigningKey | None = None
) -> Entry:
    """Say who belongs to the staff; while the mission is suspended, this adds to the list.

    Args:
        mission: Whose staff.
        who: The head of mission, or a duty officer.
        persons: Each person's own id in this mission.
        key: The person's own key; None: the operator signs for them.

    Raises:
        RejectedInput: A name is empty.
        RuleViolation: The step is somebody else's, or the mission's keys were destroyed.
        StorageFailure: The mission cannot be read or written to.
    """
    return act(mission, who, ExpectStaff(tuple(persons)), key=key)


def account_for(
    mission: Mission,
    who: Who,
    persons: Sequence[str],
    status: StaffStatus,
    *,
    at: datetime | None = None,
    note: str = "",
    key: SigningKey | None = None,
) -> list[Entry]:
    """Say what is known of one or several people, of all or of none.

    Args:
        mission: Whose staff.
        who: The head of mission, or a duty officer.
        persons: Each person's own id in this mission.
        status: What is known of every one of them.
        at: As of when; None: now.
        note: What else is known, and from whom; for the commission.
        key: The own key of whoever says it; None: the operator signs for them.

    Raises:
        RejectedInput: A name is empty.
        RuleViolation: The mission is not suspended, or the step is somebody else's.
        StorageFailure: The mission cannot be read or written to.
    """
    moment = mission.ledger.clock.now() if at is None else at
    return act_all(mission, who, [AccountFor(one, status, moment, note) for one in persons], key=key)


def roll(mission: Mission, who: Who) -> Roll:
    """Return the roll, for somebody who may read what is the commission's.

    Raises:
        RuleViolation: It is not theirs to read, or the mission's keys were destroyed.
        StorageFailure: A step cannot be read.
    """
    state = mechanism(mission)
    reader = reader_of(who, state, mission.agreement, mission.ledger.clock.now())
    if not reader.sees(Tier.COMMISSION, ""):
        raise forbidden(mission.agreement, Rule.CAPACITY, f"The roll is not for a {reader.who} to read.")
    order = {status: at for at, status in enumerate(_GRAVEST_FIRST)}

    def gravity(line: RollLine) -> tuple[int, str]:
        return (-1 if line.latest is None else order[line.latest.status], line.person)

    suspension = state.suspension
    return Roll(suspension.phase, suspension.since, tuple(sorted(suspension.roll(), key=gravity)))
