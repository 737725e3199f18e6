# SPDX-License-Identifier: Apache-2.0
"""Whether what an organisation says of somebody holds (OpenID Connect Core 1.0, section 3.1.3.7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from truceline.access.providers import Provider
from truceline.errors import RuleViolation

ALGORITHMS: Final = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "Ed25519",
    "EdDSA",
)
"""Signatures alone: with a shared secret, or none, whoever reads a token could have made it."""

SKEW_S: Final = 120
"""By which two clocks may differ."""

FRESH_S: Final = 600
"""How long ago a token may have been made; it is asked for and answered at once."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody as an organisation knows them.

    Attributes:
        issuer: The organisation's provider.
        subject: Who they are there; never given to another.
    """

    issuer: str
    subject: str


class _Claims(BaseModel):
    model_config = ConfigDict(strict=True)

    iss: str
    sub: Annotated[str, Field(min_length=1, max_length=255)]
    aud: str | list[str]
    exp: int | float
    iat: int | float
    nonce: str
    azp: str | None = None


def require_identity(token: str, keys: KeySet, provider: Provider, nonce: str, now: datetime) -> Identity:
    """Return who an ID token speaks of.

    Args:
        token: As the provider gave it.
        keys: The provider's, as it publishes them.
        provider: Who was asked.
        nonce: What was sent with the question, once.
        now: The present.

    Raises:
        RuleViolation: Somebody else signed it, or it is not for us, not for now, not for this question.
    """
    try:
        signed = jws.deserialize_compact(token, keys, algorithms=list(ALGORITHMS))
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise _refused("its signature is not its provider's") from error
    try:
        claims = _Claims.model_validate_json(signed.payload or b"")
    except ValidationError as error:
        raise _refused("it does not say all that it must") from error
    present = now.timestamp()
    audience = [claims.aud] if isinstance(claims.aud, str) else claims.aud
    if claims.iss != provider.issuer:
        raise _refused("another provider made it")
    if audience != [provider.client_id] or claims.azp not in {None, provider.client_id}:
        raise _refused("it is for another service")
    if claims.nonce != nonce:
        raise _refused("it answers another question")
    if claims.exp + SKEW_S <= present:
        raise _refused("it has run out; check the clocks of both")
    if not present - FRESH_S <= claims.iat <= present + SKEW_S:
        raise _refused("it was not made just now; check the clocks of both")
    return Identity(claims.iss, claims.sub)


def _refused(reason: str) -> RuleViolation:
    return RuleViolation(f"The organisation's answer does not hold: {reason}. Nothing was changed.")
