# SPDX-License-Identifier: Apache-2.0
"""How often a door may be knocked at, so that nobody guesses passwords or drowns the others."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from truceline.access import Permission, Visitor
from truceline.api.problems import Refused

PER_MINUTE: Final[Mapping[Permission, int]] = MappingProxyType(
    {
        Permission.ENTER: 30,
        Permission.EXPORT: 30,
        Permission.TAKE_STEPS: 120,
        Permission.TAKE_IN: 30,
        Permission.RUN: 10,
        Permission.MANAGE_PEOPLE: 60,
        Permission.KEEP_ACCOUNT: 60,
    }
)
"""By visitor, or by address where nobody is signed in; what is only read is not counted."""

SIGN_INS_PER_NAME: Final = 6
"""A minute, for one name, from wherever they come."""


class Limits:
    """The counts of one service; they are forgotten when it ends."""

    def __init__(self, per_minute: Mapping[Permission, int] = PER_MINUTE) -> None:
        """Begin to count."""
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._items: dict[Permission, RateLimitItem] = {
            permission: RateLimitItemPerMinute(most) for permission, most in per_minute.items()
        }
        self._name = RateLimitItemPerMinute(SIGN_INS_PER_NAME)

    def require(self, permission: Permission, visitor: Visitor, client: str) -> None:
        """Count one knock at a door.

        Raises:
            Refused: There were too many in the last minute.
        """
        item = self._items.get(permission)
        who = client if visitor.account is None else visitor.account.person
        if item is not None and not self._limiter.hit(item, permission.value, who):
            raise _too_often()

    def require_sign_in(self, person: str) -> None:
        """Count one attempt to sign in under a name.

        Raises:
            Refused: There were too many in the last minute.
        """
        if not self._limiter.hit(self._name, "sign-in", person):
            raise _too_often()


def _too_often() -> Refused:
    return Refused(429, "That was too often.", "Wait a minute, and try again. Nothing was changed.")
