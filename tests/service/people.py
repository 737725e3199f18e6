# SPDX-License-Identifier: Apache-2.0
"""People who enter the service in tests."""

from __future__ import annotations

from dataclasses import dataclass

import pyotp
from tests.mission.procedural import MovingClock

from truceline.access import Account, Desk, Permission, Role, Visitor

PASSWORD = "a long enough password"  # noqa: S105 - of nobody real
ADMINISTRATOR = Visitor(Account("administrator", "Administrator", Role.ADMINISTRATOR, "", True, False, None))  # type: ignore[arg-type]
OF = {Role.LIAISON: "A", Role.GUARANTOR: "X"}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account: their password and the secret of their authenticator."""

    person: str
    totp: str
    session: str


def code(secret: str, clock: MovingClock) -> str:
    """Return what an authenticator shows now."""
    return pyotp.TOTP(secret).at(int(clock.now().timestamp()))


def enter(desk: Desk, clock: MovingClock, person: str, role: Role, of: str = "") -> Person:
    """Invite somebody and let them accept."""
    invitation = desk.invite(ADMINISTRATOR, person, person.title(), role, of)
    return accepted(desk, clock, invitation)


def accepted(desk: Desk, clock: MovingClock, invitation: str) -> Person:
    """Accept an invitation."""
    welcome = desk.welcome(invitation)
    assert welcome is not None
    session = desk.accept(invitation, PASSWORD, code(welcome.totp_secret, clock))
    return Person(welcome.account.person, welcome.totp_secret, session)


def token_of(desk: Desk, person: Person) -> str:
    """Return a token of somebody's that opens every door of theirs."""
    visitor = desk.visitor_of_session(person.session)
    assert visitor is not None
    return desk.make_token(visitor, "test", [one for one in Permission if visitor.may(one)])
