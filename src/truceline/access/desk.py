# SPDX-License-Identifier: Apache-2.0
"""The desk where people are let in: accounts, invitations, sessions, tokens.

Invariants: there is no default password; an invitation opens once; whoever was granted or
refused a role is in the log, as an ``access`` record in the commission's tier, before it
has effect; a closed account has no session and no token left.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from truceline.access import secrets
from truceline.access.model import Account, Session, Token, Visitor, Welcome
from truceline.access.roles import OF_A_PARTY, OF_AN_ACTOR, Permission, Role, may
from truceline.errors import Fault, RejectedInput, RuleViolation
from truceline.evidence import fields_payload
from truceline.mission import Mission
from truceline.mission.ledger import Draft
from truceline.storage import accounts as tables
from truceline.storage.accounts import AccountStore, AccountTransaction, Row
from truceline.vocabulary import Tier

INVITED_FOR: Final = timedelta(days=3)
SESSION_FOR: Final = timedelta(hours=12)
TOKEN_FOR: Final = timedelta(days=90)
PERSON: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,62}")
LONGEST_NAME: Final = 120
ONE_LOOK_S: Final = 60
"""How long a look at a map lasts before it is noted again."""

_WRONG: Final = "The name, the password or the code is not right. Nothing was changed; try again."


@dataclass(frozen=True, slots=True)
class Desk:
    """The desk of one mission."""

    mission: Mission
    store: AccountStore
    _looked: dict[str, int] = field(default_factory=dict)

    # Who is here.

    def accounts(self) -> Sequence[Account]:
        """Return every account, by person."""
        with self.store.read() as transaction:
            return [_account(transaction, row) for row in transaction.all(tables.accounts)]

    def account(self, person: str) -> Account | None:
        """Return one account, or None."""
        with self.store.read() as transaction:
            row = transaction.find(tables.accounts, person=person)
            return None if row is None else _account(transaction, row)

    # Letting in.

    def first_invitation(self) -> str | None:
        """Return a one-time secret for a first administrator; None: an administrator has entered."""
        admins = [one for one in self.accounts() if one.role is Role.ADMINISTRATOR and not one.closed]
        if any(one.entered for one in admins):
            return None
        if not admins:
            self._grant("administrator", Role.ADMINISTRATOR, "", by="first start")
            with self.store.write() as transaction:
                self._add(transaction, "administrator", "Administrator", Role.ADMINISTRATOR, "")
        return self._invite(admins[0].person if admins else "administrator")

    def invite(self, by: Visitor, person: str, name: str, role: Role, of: str) -> str:
        """Make an account, record the grant, and return the secret of its invitation.

        Raises:
            RejectedInput: Something is missing or malformed, or the person is known already.
            RuleViolation: The mission records nothing now.
        """
        self._require_fits(person, name, role, of)
        with self.store.read() as transaction:
            if transaction.find(tables.accounts, person=person) is not None:
                raise _refused(
                    "person", "is known already; choose another, or renew their invitation", person
                )
        self._grant(person, role, of, by=by.who.person)
        with self.store.write() as transaction:
            self._add(transaction, person, name, role, of)
        return self._invite(person)

    def renew(self, person: str) -> str:
        """Return the secret of a new invitation: every old way in, session and token counts no more."""
        if self.account(person) is None:
            raise _refused("person", "is not known here", person)
        with self.store.write() as transaction:
            _shut(transaction, person)
            transaction.change(tables.accounts, {"password": "", "totp": "", "closed": 0}, person=person)
        return self._invite(person)

    def close(self, by: Visitor, person: str) -> None:
        """Close an account and record it: its sessions and tokens end at once.

        Raises:
            RuleViolation: It is their own: somebody else closes it.
        """
        account = self.account(person)
        if account is None:
            raise _refused("person", "is not known here", person)
        if by.account is not None and by.account.person == person:
            raise RuleViolation("Nobody closes their own account; another administrator does.")
        with self.store.write() as transaction:
            _shut(transaction, person)
            transaction.change(tables.accounts, {"closed": 1, "password": "", "totp": ""}, person=person)
        self._record(person, account.role, account.of, action="closed", by=by.who.person)

    def welcome(self, invitation: str) -> Welcome | None:
        """Return what an invitation shows; None: it was used, has run out, or never was."""
        return self.welcome_of(secrets.digest(invitation))

    def welcome_of(self, digest: str) -> Welcome | None:
        """Return what the invitation of this digest shows; None: as for ``welcome``."""
        with self.store.read() as transaction:
            row = transaction.find(tables.invitations, digest=digest)
            held = None if row is None else transaction.find(tables.accounts, person=row["person"])
            if row is None or held is None or int(row["until"]) <= self.seconds():
                return None
            account, secret = _account(transaction, held), str(row["totp"])
        address = secrets.totp_address(secret, account.person, self.mission.settings.mission_id)
        return Welcome(account, secret, address)

    def accept(self, invitation: str, password: str, code: str) -> str:
        """Set a password and a second factor, use the invitation up, and return a session's secret.

        Raises:
            RejectedInput: The password is too short, the code is wrong, or the invitation is not good.
        """
        welcome = self.welcome(invitation)
        if welcome is None:
            raise _refused("invitation", "is used, has run out, or never was; ask for a new one", None)
        if not secrets.LEAST_LETTERS <= len(password) <= secrets.MOST_LETTERS:
            raise _refused("password", f"needs {secrets.LEAST_LETTERS} letters or more", None)
        step = secrets.totp_step(welcome.totp_secret, code, self.mission.ledger.clock.now(), 0)
        if step is None:
            raise _refused("code", "is not what the authenticator shows now; check the clock of both", None)
        person = welcome.account.person
        hashed = secrets.hash_password(password)
        with self.store.write() as transaction:
            self.use_up(transaction, secrets.digest(invitation))
            transaction.change(
                tables.accounts,
                {"password": hashed, "totp": welcome.totp_secret, "totp_step": step},
                person=person,
            )
            return self.open_session(transaction, person)

    # Signing in and out.

    def sign_in(self, person: str, password: str, code: str) -> str:
        """Return the secret of a new session.

        Raises:
            RuleViolation: Name, password or code is wrong: which, is not said.
        """
        with self.store.read() as transaction:
            row = transaction.find(tables.accounts, person=person)
        fits = secrets.password_fits("" if row is None else str(row["password"]), password)
        if row is None or not fits or row["closed"]:
            raise RuleViolation(_WRONG)
        with self.store.write() as transaction:
            row = transaction.find(tables.accounts, person=person)
            secret, last = ("", 0) if row is None else (str(row["totp"]), int(row["totp_step"]))
            step = secrets.totp_step(secret, code, self.mission.ledger.clock.now(), last) if secret else None
            if step is None:
                raise RuleViolation(_WRONG)
            transaction.change(tables.accounts, {"totp_step": step}, person=person)
            return self.open_session(transaction, person)

    def visitor_of_session(self, secret: str) -> Visitor | None:
        """Return who holds a session; None: nobody does, or no longer."""
        name = secrets.digest(secret)
        with self.store.read() as transaction:
            session = transaction.find(tables.sessions, digest=name)
            if session is None or int(session["until"]) <= self.seconds():
                return None
            row = transaction.find(tables.accounts, person=session["person"])
            if row is None or row["closed"]:
                return None
            return Visitor(_account(transaction, row), csrf=str(session["csrf"]), session=name)

    def sessions(self, person: str) -> Sequence[Session]:
        """Return somebody's open sessions."""
        with self.store.read() as transaction:
            rows = transaction.all(tables.sessions, person=person)
        return [
            Session(str(row["digest"]), _moment(row["made_at"]), _moment(row["until"]))
            for row in rows
            if int(row["until"]) > self.seconds()
        ]

    def end_session(self, person: str, digest: str) -> None:
        """End one of somebody's sessions."""
        with self.store.write() as transaction:
            transaction.remove(tables.sessions, person=person, digest=digest)

    # Tokens.

    def make_token(self, by: Visitor, label: str, scopes: Iterable[Permission]) -> str:
        """Return the secret of a new token; it is shown this once.

        Raises:
            RejectedInput: It has no label, no scope, or a scope beyond its owner's role.
        """
        chosen = frozenset(scopes)
        beyond = sorted(scope for scope in chosen if not may(by.role, scope))
        if by.account is None or not label.strip() or len(label) > LONGEST_NAME:
            raise _refused("label", "say in a few words what the token is for", None)
        if not chosen or beyond:
            raise _refused("scopes", "choose one or more of your own", ", ".join(beyond) or None)
        secret, now = f"tl_{secrets.make_token(self.mission.ledger.entropy)}", self.seconds()
        with self.store.write() as transaction:
            transaction.remove_lapsed(tables.tokens, now)
            transaction.add(
                tables.tokens,
                {
                    "digest": secrets.digest(secret),
                    "label": label.strip(),
                    "person": by.account.person,
                    "scopes": ",".join(sorted(chosen)),
                    "made_at": now,
                    "until": now + int(TOKEN_FOR.total_seconds()),
                },
            )
        return secret

    def tokens(self, person: str) -> Sequence[Token]:
        """Return somebody's tokens, without their secrets."""
        with self.store.read() as transaction:
            return [_token(row) for row in transaction.all(tables.tokens, person=person)]

    def end_token(self, person: str, digest: str) -> None:
        """End one of somebody's tokens."""
        with self.store.write() as transaction:
            transaction.remove(tables.tokens, person=person, digest=digest)

    def visitor_of_token(self, secret: str) -> Visitor | None:
        """Return who holds a token; None: nobody does, or no longer."""
        with self.store.read() as transaction:
            row = transaction.find(tables.tokens, digest=secrets.digest(secret))
            if row is None or int(row["until"]) <= self.seconds():
                return None
            held = transaction.find(tables.accounts, person=row["person"])
            if held is None or held["closed"]:
                return None
            return Visitor(_account(transaction, held), scopes=_token(row).scopes)

    # For other ways in: each inside the transaction that its caller opened.

    def use_up(self, transaction: AccountTransaction, digest: str) -> None:
        """Use an invitation up.

        Raises:
            RejectedInput: It was used meanwhile.
        """
        if not transaction.remove(tables.invitations, digest=digest):
            raise _refused("invitation", "was used meanwhile; ask for a new one", None)

    def open_session(self, transaction: AccountTransaction, person: str) -> str:
        """Open a session of somebody who has shown who they are; return its secret."""
        entropy, now = self.mission.ledger.entropy, self.seconds()
        secret = secrets.make_token(entropy)
        transaction.remove_lapsed(tables.sessions, now)
        transaction.add(
            tables.sessions,
            {
                "digest": secrets.digest(secret),
                "person": person,
                "csrf": secrets.make_token(entropy),
                "made_at": now,
                "until": now + int(SESSION_FOR.total_seconds()),
            },
        )
        return secret

    def seconds(self) -> int:
        """Return the present, in whole seconds since 1970 UTC."""
        return int(self.mission.ledger.clock.now().timestamp())

    # Within.

    def _require_fits(self, person: str, name: str, role: Role, of: str) -> None:
        faults = []
        if PERSON.fullmatch(person) is None:
            faults.append(Fault("account", "person", "lower-case letters, digits, dots and hyphens", person))
        if not name.strip() or len(name) > LONGEST_NAME:
            faults.append(Fault("account", "name", "say what they are called", name[:LONGEST_NAME]))
        if role is Role.PUBLIC:
            faults.append(Fault("account", "role", "the public needs no account", role.value))
        known: Sequence[str] = [actor.id for actor in self.mission.agreement.actors]
        if role in OF_A_PARTY:
            known = self.mission.agreement.party_ids()
        needed = role in OF_A_PARTY | OF_AN_ACTOR
        if of not in known and (of or needed):
            reason = f"name one of {', '.join(known)}" if known else "the agreement names no actor"
            faults.append(Fault("account", "of", reason, of))
        if faults:
            raise RejectedInput("The account cannot be made as entered.", faults)

    def _add(self, transaction: AccountTransaction, person: str, name: str, role: Role, of: str) -> None:
        transaction.add(
            tables.accounts,
            {
                "person": person,
                "name": name.strip(),
                "role": role.value,
                "body": of,
                "password": "",
                "totp": "",
                "totp_step": 0,
                "closed": 0,
                "made_at": self.seconds(),
            },
        )

    def _invite(self, person: str) -> str:
        entropy = self.mission.ledger.entropy
        secret, now = secrets.make_token(entropy), self.seconds()
        with self.store.write() as transaction:
            transaction.remove(tables.invitations, person=person)
            transaction.remove_lapsed(tables.invitations, now)
            transaction.add(
                tables.invitations,
                {
                    "digest": secrets.digest(secret),
                    "person": person,
                    "totp": secrets.make_totp_secret(entropy),
                    "until": now + int(INVITED_FOR.total_seconds()),
                },
            )
        return secret

    def _grant(self, person: str, role: Role, of: str, *, by: str) -> None:
        self._record(person, role, of, action="granted", by=by)

    def _record(self, person: str, role: Role, of: str, *, action: str, by: str) -> None:
        stated = {"action": action, "person": person, "role": role.value, "of": of, "by": by}
        with self.mission.ledger.writing() as writer:
            writer.append(Draft("access", fields_payload({Tier.COMMISSION: dict(stated)})))


def _shut(transaction: AccountTransaction, person: str) -> None:
    for table in (
        tables.sessions, tables.tokens, tables.invitations, tables.passkeys, tables.bindings,
    ):  # fmt: skip
        transaction.remove(table, person=person)


def _refused(path: str, reason: str, value: str | None) -> RejectedInput:
    return RejectedInput("This cannot be done as entered.", [Fault("account", path, reason, value)])


def _moment(seconds: str | int) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)


def _account(transaction: AccountTransaction, row: Row) -> Account:
    entered = bool(row["password"]) or any(
        transaction.find(table, person=row["person"]) for table in (tables.passkeys, tables.bindings)
    )
    return Account(
        str(row["person"]),
        str(row["name"]),
        Role(str(row["role"])),
        str(row["body"]),
        entered,
        bool(row["closed"]),
        _moment(row["made_at"]),
    )


def _token(row: Row) -> Token:
    return Token(
        str(row["digest"]),
        str(row["label"]),
        frozenset(Permission(one) for one in str(row["scopes"]).split(",")),
        _moment(row["made_at"]),
        _moment(row["until"]),
    )
