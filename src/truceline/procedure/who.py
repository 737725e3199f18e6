# SPDX-License-Identifier: Apache-2.0
"""Who acts or reads, and in what capacity: every service call takes one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Capacity(StrEnum):
    """In what capacity somebody acts or reads."""

    HEAD_OF_MISSION = "head_of_mission"
    DUTY_OFFICER = "duty_officer"
    MONITOR = "monitor"
    ANALYST = "analyst"
    VERIFIER = "verifier"
    SECRETARY = "secretary"
    MEMBER = "commission_member"
    LIAISON = "party_liaison"
    GUARANTOR = "guarantor"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class Who:
    """A person in a capacity.

    Attributes:
        person: The person's own id in this mission; never published.
        capacity: As what.
        on_behalf_of: The party, state or organisation; empty: the mission itself.
        organisation: Whose they are; it opens what that organisation's own sources report, and gives no
            right to speak for it.  Never recorded with a step.
    """

    person: str
    capacity: Capacity
    on_behalf_of: str = ""
    organisation: str = ""

    def __str__(self) -> str:
        """Say it in words, without the person."""
        of = f" of {self.on_behalf_of}" if self.on_behalf_of else ""
        return f"{self.capacity.value.replace('_', ' ')}{of}"
