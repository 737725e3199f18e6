# SPDX-License-Identifier: Apache-2.0
"""Who may do what in the service: one table, and everything that is not in it is denied.

A permission opens a door of the service.  What lies behind it is decided again, by the
rules of procedure for steps (``procedure``) and by the tiers for what is read
(``procedure.sight``): the table can only narrow them.  ``docs/access.md`` shows the same
table; a test compares.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from truceline.procedure import Capacity


class Role(StrEnum):
    """What somebody is in this mission; each is a capacity of procedure."""

    HEAD_OF_MISSION = "head of mission"
    DUTY_OFFICER = "duty officer"
    MONITOR = "monitor"
    ANALYST = "analyst"
    VERIFIER = "verifier"
    SECRETARY = "secretary"
    MEMBER = "commission member"
    LIAISON = "party liaison"
    GUARANTOR = "guarantor"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    PUBLIC = "public"

    @property
    def capacity(self) -> Capacity:
        """The capacity of procedure in which somebody of this role acts and reads."""
        return Capacity[self.name]


OF_A_PARTY: Final = frozenset({Role.LIAISON})
"""Roles that are for one party of the agreement."""

OF_AN_ACTOR: Final = frozenset({Role.GUARANTOR})
"""Roles that are for one state or organisation of the agreement."""


class Permission(StrEnum):
    """A door of the service."""

    ENTER = "enter"
    READ = "read"
    FOLLOW = "follow"
    EXPORT = "export"
    KEEP_ACCOUNT = "keep account"
    TAKE_STEPS = "take steps"
    TAKE_IN = "take in reports"
    RUN = "run the engine"
    SEE_PORTAL = "see a party's portal"
    SEE_VISITS = "see visits"
    MANAGE_PEOPLE = "manage people"


_EVERYBODY = frozenset(Role)
_KNOWN = _EVERYBODY - {Role.PUBLIC}
_ACTING = _KNOWN - {Role.AUDITOR, Role.ADMINISTRATOR}

MAY: Final[dict[Permission, frozenset[Role]]] = {
    Permission.ENTER: _EVERYBODY,
    Permission.READ: _EVERYBODY,
    Permission.FOLLOW: _EVERYBODY,
    Permission.EXPORT: _EVERYBODY,
    Permission.KEEP_ACCOUNT: _KNOWN,
    Permission.TAKE_STEPS: _ACTING,
    Permission.TAKE_IN: frozenset({Role.MONITOR, Role.DUTY_OFFICER, Role.ANALYST, Role.HEAD_OF_MISSION}),
    Permission.RUN: frozenset({Role.DUTY_OFFICER, Role.ANALYST, Role.HEAD_OF_MISSION}),
    Permission.SEE_PORTAL: frozenset({Role.LIAISON, Role.SECRETARY, Role.HEAD_OF_MISSION}),
    Permission.SEE_VISITS: frozenset({Role.AUDITOR, Role.ADMINISTRATOR, Role.HEAD_OF_MISSION}),
    Permission.MANAGE_PEOPLE: frozenset({Role.ADMINISTRATOR}),
}
"""Who may pass each door.  What every role may read is still decided tier by tier."""


def may(role: Role, permission: Permission) -> bool:
    """Tell whether a role passes a door; what the table does not say is denied."""
    return role in MAY.get(permission, frozenset())
