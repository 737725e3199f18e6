# SPDX-License-Identifier: Apache-2.0
"""Passkeys of people: set up from an invitation, added, removed, and signed in with.

Invariants: a challenge is answered once, by whom it was put to; a passkey whose counter
went back is refused; nobody removes their last way in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from truceline.access import ceremony, secrets
from truceline.access.ceremony import Place
from truceline.access.desk import LONGEST_NAME, Desk
from truceline.access.model import Account, Passkey, Visitor, Welcome
from truceline.access.pending import Pending, Purpose
from truceline.access.roles import Permission
from truceline.access.visits import Visits
from truceline.errors import Fault, RejectedInput, RuleViolation
from truceline.storage import accounts as tables
from truceline.storage.accounts import AccountTransaction

MOST: Final = 20
"""Passkeys of one account."""

_WRONG: Final = "This passkey opens nothing here. Nothing was changed; sign in another way."
_WENT_BACK: Final = (
    "This passkey's counter went back: somebody may have copied it. It was not accepted. "
    "Sign in another way, and tell an administrator."
)


@dataclass(frozen=True, slots=True)
class Keyring:
    """The passkeys of one service.

    Attributes:
        desk: The desk of its mission.
        place: Where they hold; None: the service's address has none.
        issuers: The organisations whose accounts are a way in.
    """

    desk: Desk
    place: Place | None
    issuers: frozenset[str] = frozenset()

    # From an invitation.

    def begin_entry(self, invitation: str) -> str:
        """Return what to ask a device for a passkey of whoever was invited, as JSON."""
        welcome = self._welcome(invitation)
        bound = secrets.digest(invitation)
        return self._ask(Purpose.ENTER_BY_PASSKEY, bound, welcome.account, [], self._new_handle())

    def enter(self, invitation: str, text: str, label: str) -> str:
        """Keep the passkey, use the invitation up, and return a session's secret.

        Raises:
            RejectedInput: The invitation is not good.
            RuleViolation: The answer does not hold.
        """
        place, answer = self._place(), ceremony.read_new(text)
        person, digest = self._welcome(invitation).account.person, secrets.digest(invitation)
        handle = self._pending.take(Purpose.ENTER_BY_PASSKEY, digest, answer.challenge)
        made = ceremony.require_new(place, answer.challenge, answer)
        with self.desk.store.write() as transaction:
            self.desk.use_up(transaction, digest)
            self._keep(transaction, person, handle, made, label)
            return self.desk.open_session(transaction, person)

    # On one's own account.

    def begin_adding(self, visitor: Visitor) -> str:
        """Return what to ask a device for another passkey, as JSON.

        Raises:
            RuleViolation: They came with a token, or have too many.
        """
        account = _in_person(visitor)
        with self.desk.store.read() as transaction:
            rows = transaction.all(tables.passkeys, person=account.person)
        if len(rows) >= MOST:
            raise RuleViolation(f"An account has {MOST} passkeys at most. Remove one first.")
        handle = str(rows[0]["handle"]) if rows else self._new_handle()
        known = [str(row["credential"]) for row in rows]
        return self._ask(Purpose.ADD_PASSKEY, visitor.session, account, known, handle)

    def add(self, visitor: Visitor, text: str, label: str) -> None:
        """Keep another passkey.

        Raises:
            RuleViolation: The answer does not hold, or they came with a token.
        """
        account, place, answer = _in_person(visitor), self._place(), ceremony.read_new(text)
        handle = self._pending.take(Purpose.ADD_PASSKEY, visitor.session, answer.challenge)
        made = ceremony.require_new(place, answer.challenge, answer)
        with self.desk.store.write() as transaction:
            self._keep(transaction, account.person, handle, made, label)

    def passkeys(self, person: str) -> Sequence[Passkey]:
        """Return somebody's passkeys, oldest first."""
        with self.desk.store.read() as transaction:
            rows = transaction.all(tables.passkeys, person=person)
        found = [
            Passkey(
                str(row["credential"]), str(row["label"]), datetime.fromtimestamp(int(row["made_at"]), UTC)
            )
            for row in rows
        ]
        return sorted(found, key=lambda one: (one.made_at, one.credential))

    def end(self, visitor: Visitor, credential: str) -> None:
        """Remove one of one's own passkeys.

        Raises:
            RuleViolation: It is the last way in, or they came with a token.
        """
        person = _in_person(visitor).person
        with self.desk.store.write() as transaction:
            removed = transaction.remove(tables.passkeys, person=person, credential=credential)
            if removed and not self._ways_in(transaction, person):
                raise RuleViolation("This passkey is your only way in. Add another first.")

    # Signing in.

    def begin_sign_in(self, browser: str) -> str:
        """Return what to ask of whatever passkey somebody has, as JSON.

        Args:
            browser: The digest of a secret that this browser alone has.
        """
        place = self._place()
        return ceremony.ask_to_sign(place, self._pending.begin(Purpose.SIGN_IN_BY_PASSKEY, browser))

    def sign_in(self, browser: str, text: str) -> str:
        """Return the secret of a new session.

        Raises:
            RuleViolation: The answer does not hold, is of no passkey of ours, or its counter went back.
        """
        place, answer = self._place(), ceremony.read_signed(text)
        self._pending.take(Purpose.SIGN_IN_BY_PASSKEY, browser, answer.challenge)
        with self.desk.store.write() as transaction:
            row = transaction.find(tables.passkeys, credential=answer.credential)
            held = None if row is None else transaction.find(tables.accounts, person=row["person"])
            if row is None or held is None or held["closed"] or answer.handle != row["handle"]:
                raise RuleViolation(_WRONG)
            counter = ceremony.require_signed(place, answer.challenge, answer, str(row["public_key"]))
            person, last = str(row["person"]), int(row["counter"])
            if counter > last or counter == last == 0:
                transaction.change(tables.passkeys, {"counter": counter}, credential=answer.credential)
                return self.desk.open_session(transaction, person)
        book = Visits(self.desk.store, self.desk.mission.ledger.clock)
        visitor = Visitor(self.desk.account(person))
        book.note(visitor, Permission.ENTER, "a passkey whose counter went back")
        raise RuleViolation(_WENT_BACK)

    # Within.

    @property
    def _pending(self) -> Pending:
        return Pending(self.desk)

    def _place(self) -> Place:
        if self.place is None:
            raise RuleViolation("Browsers know no passkeys at this service's address.")
        return self.place

    def _new_handle(self) -> str:
        return secrets.make_token(self.desk.mission.ledger.entropy)

    def _welcome(self, invitation: str) -> Welcome:
        found = self.desk.welcome(invitation)
        if found is None:
            raise _refused("invitation", "is used, has run out, or never was; ask for a new one")
        return found

    def _ask(self, purpose: Purpose, bound: str, account: Account, known: Sequence[str], handle: str) -> str:
        place, mission = self._place(), self.desk.mission.settings.mission_id
        challenge = self._pending.begin(purpose, bound, handle)
        return ceremony.ask_to_make(place, mission, account.person, account.name, handle, challenge, known)

    def _keep(
        self, transaction: AccountTransaction, person: str, handle: str, made: ceremony.NewKey, label: str
    ) -> None:
        if len(label) > LONGEST_NAME:
            raise _refused("label", "say in a few words which device it is on")
        if transaction.find(tables.passkeys, credential=made.credential) is not None:
            raise RuleViolation("This passkey is known here already. Nothing was changed.")
        transaction.add(
            tables.passkeys,
            {
                "credential": made.credential,
                "person": person,
                "handle": handle,
                "public_key": made.public_key,
                "counter": made.counter,
                "label": label.strip() or "passkey",
                "made_at": self.desk.seconds(),
            },
        )

    def _ways_in(self, transaction: AccountTransaction, person: str) -> bool:
        row = transaction.find(tables.accounts, person=person)
        bound = transaction.all(tables.bindings, person=person)
        return bool(
            (row is not None and row["password"])
            or transaction.find(tables.passkeys, person=person)
            or [one for one in bound if one["issuer"] in self.issuers]
        )


def _in_person(visitor: Visitor) -> Account:
    if visitor.account is None or not visitor.session:
        raise RuleViolation("Passkeys are kept by people who are signed in, not by tokens.")
    return visitor.account


def _refused(path: str, reason: str) -> RejectedInput:
    return RejectedInput("This cannot be done as entered.", [Fault("account", path, reason)])
