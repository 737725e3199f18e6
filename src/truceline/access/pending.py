# SPDX-License-Identifier: Apache-2.0
"""What was begun and waits for its answer: challenges of passkeys, errands to an organisation.

Invariants: each is answered once, whatever the answer was; within ten minutes; for the
purpose for which it was begun; and by the session, invitation or browser that began it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from truceline.access import secrets
from truceline.access.desk import Desk
from truceline.errors import RuleViolation
from truceline.storage import accounts as tables

WAITS_FOR: Final = timedelta(minutes=10)


class Purpose(StrEnum):
    """What a thing was begun for."""

    ADD_PASSKEY = "add a passkey to an account"
    ENTER_BY_PASSKEY = "set up a passkey from an invitation"
    SIGN_IN_BY_PASSKEY = "sign in with a passkey"
    ASK_ORGANISATION = "ask an organisation who somebody is"


@dataclass(frozen=True, slots=True)
class Pending:
    """What waits at one desk."""

    desk: Desk

    def begin(self, purpose: Purpose, bound: str, held: str = "") -> str:
        """Begin something, and return its secret: 32 bytes in base64url.

        Args:
            purpose: What for.
            bound: The digest of the session, invitation or browser that may answer.
            held: What its answer is checked against.
        """
        secret, now = secrets.make_token(self.desk.mission.ledger.entropy), self.desk.seconds()
        with self.desk.store.write() as transaction:
            transaction.remove_lapsed(tables.pending, now)
            transaction.add(
                tables.pending,
                {
                    "digest": secrets.digest(secret),
                    "purpose": purpose.value,
                    "bound": bound,
                    "held": held,
                    "until": now + int(WAITS_FOR.total_seconds()),
                },
            )
        return secret

    def take(self, purpose: Purpose, bound: str, secret: str) -> str:
        """Return what was held for an answer, which can then be given no more.

        Raises:
            RuleViolation: Nothing waits for this answer: too late, answered before, for something
                else, or begun elsewhere.
        """
        # A transaction of its own: what is refused afterwards has been answered all the same.
        with self.desk.store.write() as transaction:
            row = transaction.find(tables.pending, digest=secrets.digest(secret))
            transaction.remove(tables.pending, digest=secrets.digest(secret))
        if (
            row is None
            or (row["purpose"], row["bound"]) != (purpose.value, bound)
            or int(row["until"]) <= self.desk.seconds()
        ):
            raise RuleViolation(
                "This took too long, was answered before, or was begun elsewhere. Start again."
            )
        return str(row["held"])
