# SPDX-License-Identifier: Apache-2.0
"""Signing in with an organisation's account: OpenID Connect, authorization code with PKCE.

Invariants: nobody has an account because an organisation knows them.  Its account is bound
through an invitation, by whoever follows that invitation and signs in there; it then opens
that account alone.  State, nonce and verifier are new each time, count once, and belong to
one browser.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode, urlsplit

from truceline.access import exchange, secrets
from truceline.access.desk import Desk
from truceline.access.identity import Identity, require_identity
from truceline.access.model import Binding
from truceline.access.pending import Pending, Purpose
from truceline.access.providers import Provider
from truceline.errors import RuleViolation
from truceline.storage import accounts as tables

_NOT_BOUND = (
    "No account here is bound to yours at that organisation. Nothing was changed. "
    "Ask an administrator for an invitation, and choose your organisation there."
)


@dataclass(frozen=True, slots=True)
class Errand:
    """What one question to an organisation is checked against when its answer comes.

    Attributes:
        provider: Who was asked.
        nonce: What its word must carry.
        verifier: By which the code is redeemed.
        invitation: The digest of the invitation through which to bind; empty: to sign in.
    """

    provider: str
    nonce: str
    verifier: str
    invitation: str


@dataclass(frozen=True, slots=True)
class Returned:
    """What a browser brings back from an organisation.

    Attributes:
        state: Which question it answers.
        code: For the provider's word; empty: the provider refused.
        issuer: Who says that they answer (RFC 9207); empty: nobody says.
    """

    state: str
    code: str
    issuer: str = ""


@dataclass(frozen=True, slots=True)
class Organisations:
    """The organisations whose people may sign in with their own accounts.

    Attributes:
        desk: The desk of the mission.
        providers: Who answers for them.
        address: The service's public address, without a path.
    """

    desk: Desk
    providers: tuple[Provider, ...]
    address: str

    def provider(self, name: str) -> Provider | None:
        """Return one by its id, or None."""
        return next((one for one in self.providers if one.id == name), None)

    def back(self, provider: Provider) -> str:
        """Return where a provider sends browsers back to: each to a place of its own."""
        return f"{self.address}/sign-in/with/{provider.id}/answer"

    def begin(self, provider: Provider, browser: str, invitation: str = "") -> str:
        """Return the address at which the provider asks somebody who they are.

        Args:
            provider: Whose people they are.
            browser: The digest of a secret that this browser alone has.
            invitation: The digest of the invitation through which to bind; empty: to sign in.

        Raises:
            ProviderFailure: The provider does not answer as it should.
        """
        metadata, entropy = exchange.discover(provider), self.desk.mission.ledger.entropy
        nonce, verifier = secrets.make_token(entropy), secrets.make_token(entropy)
        held = f"{provider.id}\n{nonce}\n{verifier}\n{invitation}"
        digest = hashlib.sha256(verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": provider.client_id,
            "redirect_uri": self.back(provider),
            "scope": "openid",
            "state": Pending(self.desk).begin(Purpose.ASK_ORGANISATION, browser, held),
            "nonce": nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        joined = "&" if urlsplit(metadata.authorization_endpoint).query else "?"
        return f"{metadata.authorization_endpoint}{joined}{urlencode(asked)}"

    def finish(self, provider: Provider, browser: str, returned: Returned) -> str:
        """Return the secret of a new session of whoever the provider speaks of.

        Raises:
            RuleViolation: It is no answer to a question of this browser, does not hold, or opens
                nothing here.
            ProviderFailure: The provider does not answer as it should.
        """
        errand = Errand(
            *Pending(self.desk).take(Purpose.ASK_ORGANISATION, browser, returned.state).split("\n")
        )
        if errand.provider != provider.id:
            raise RuleViolation("Another organisation was asked. Start again.")
        if not returned.code:
            raise RuleViolation(f"{provider.label} did not confirm who you are. Nothing was changed.")
        metadata = exchange.discover(provider)
        said = metadata.authorization_response_iss_parameter_supported or returned.issuer
        if said and returned.issuer != provider.issuer:
            raise RuleViolation("Another provider answered than was asked. Start again.")
        token = exchange.redeem(provider, metadata, returned.code, errand.verifier, self.back(provider))
        keys, now = exchange.keys_of(provider, metadata), self.desk.mission.ledger.clock.now()
        identity = require_identity(token, keys, provider, errand.nonce, now)
        return self._bind(identity, errand.invitation) if errand.invitation else self._sign_in(identity)

    def bindings(self, person: str) -> Sequence[Binding]:
        """Return what somebody bound."""
        with self.desk.store.read() as transaction:
            rows = transaction.all(tables.bindings, person=person)
        return [
            Binding(str(row["issuer"]), str(row["subject"]), datetime.fromtimestamp(int(row["made_at"]), UTC))
            for row in rows
        ]

    def _sign_in(self, identity: Identity) -> str:
        with self.desk.store.write() as transaction:
            row = transaction.find(tables.bindings, issuer=identity.issuer, subject=identity.subject)
            held = None if row is None else transaction.find(tables.accounts, person=row["person"])
            if held is None or held["closed"]:
                raise RuleViolation(_NOT_BOUND)
            return self.desk.open_session(transaction, str(held["person"]))

    def _bind(self, identity: Identity, invitation: str) -> str:
        welcome = self.desk.welcome_of(invitation)
        if welcome is None:
            raise RuleViolation(
                "The invitation was used, or has run out. Ask an administrator for a new one."
            )
        person = welcome.account.person
        with self.desk.store.write() as transaction:
            if transaction.find(tables.bindings, issuer=identity.issuer, subject=identity.subject):
                raise RuleViolation(
                    "Your account at that organisation is bound to another account here. Nothing was changed."
                )
            self.desk.use_up(transaction, invitation)
            transaction.add(
                tables.bindings,
                {
                    "issuer": identity.issuer,
                    "subject": identity.subject,
                    "person": person,
                    "made_at": self.desk.seconds(),
                },
            )
            return self.desk.open_session(transaction, person)
