# SPDX-License-Identifier: Apache-2.0
"""People as the service knows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from truceline.access.roles import OF_A_PARTY, OF_AN_ACTOR, Permission, Role, may
from truceline.procedure import Who


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may enter.

    Attributes:
        person: Their id in this mission, as steps record it; never published.
        name: What they are called on pages.
        role: What they are.
        of: The party, state or organisation that they are of; empty: the mission's own.
        entered: Whether they have set a password or a passkey, or bound an organisation's account.
        closed: Whether the account is closed.
        made_at: When it was made.
    """

    person: str
    name: str
    role: Role
    of: str
    entered: bool
    closed: bool
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who makes a request, and by what right.

    Attributes:
        account: None: somebody who is not signed in.
        scopes: The doors that a token opens; None: every door of the role.
        csrf: What a form of theirs must carry; empty: they came with a token, or not signed in.
        session: The digest of their session; empty: none.
    """

    account: Account | None = None
    scopes: frozenset[Permission] | None = None
    csrf: str = ""
    session: str = ""

    @property
    def role(self) -> Role:
        """What they are here."""
        return Role.PUBLIC if self.account is None else self.account.role

    @property
    def who(self) -> Who:
        """The same person as procedure knows them."""
        if self.account is None:
            return Who("public", Role.PUBLIC.capacity)
        role, of = self.account.role, self.account.of
        speaks_for = of if role in OF_A_PARTY | OF_AN_ACTOR else ""
        return Who(self.account.person, role.capacity, speaks_for, of)

    def may(self, permission: Permission) -> bool:
        """Tell whether they pass a door."""
        if self.scopes is not None and permission not in self.scopes:
            return False
        return may(self.role, permission)


@dataclass(frozen=True, slots=True)
class Token:
    """A key for programs: it opens no more doors than its scopes and its owner's role."""

    digest: str
    label: str
    scopes: frozenset[Permission]
    made_at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody's being signed in, somewhere."""

    digest: str
    made_at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Passkey:
    """A key on somebody's device that signs them in (WebAuthn).

    Attributes:
        credential: Its id, in base64url.
        label: What its owner calls it.
        made_at: When it was added.
    """

    credential: str
    label: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Binding:
    """An organisation's account with which somebody signs in (OpenID Connect).

    Attributes:
        issuer: The organisation's provider.
        subject: Who they are there; a provider never gives it to another.
        made_at: When it was bound.
    """

    issuer: str
    subject: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Visit:
    """Something that somebody looked at, took out or did through the service."""

    number: int
    at: datetime
    person: str
    role: str
    permission: str
    path: str


@dataclass(frozen=True, slots=True)
class Welcome:
    """What somebody sees who opens an invitation: whose it is, and the secret for their authenticator."""

    account: Account
    totp_secret: str
    totp_address: str
