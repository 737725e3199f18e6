# SPDX-License-Identifier: Apache-2.0
"""What is asked of an organisation's provider, over HTTP: where it answers, its keys, its word.

Nothing is kept between two sign-ins, so that a provider may change its keys at any time.
Nothing of a provider's answer is shown or noted but that it was not as it should be.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Final
from urllib.parse import quote_plus

import httpx2
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import AfterValidator, BaseModel, ValidationError

from truceline.access.providers import Provider, is_safe
from truceline.errors import MechanismError, RuleViolation

PATIENCE_S: Final = 10.0
MOST_BYTES: Final = 1 << 20


class ProviderFailure(MechanismError):  # noqa: N818 - the field's word
    """A provider that cannot be reached, or does not answer as one does."""


def _safe(address: str) -> str:
    if not is_safe(address):
        raise ValueError("an https address needed")
    return address


Safe = Annotated[str, AfterValidator(_safe)]


class Metadata(BaseModel):
    """What a provider says of itself (OpenID Connect Discovery 1.0)."""

    issuer: str
    authorization_endpoint: Safe
    token_endpoint: Safe
    jwks_uri: Safe
    token_endpoint_auth_methods_supported: list[str] = ["client_secret_basic"]
    authorization_response_iss_parameter_supported: bool = False


class _Tokens(BaseModel):
    id_token: str


def discover(provider: Provider) -> Metadata:
    """Return what a provider says of itself.

    Raises:
        ProviderFailure: It does not answer, or says that it is another.
    """
    address = f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration"
    try:
        found = Metadata.model_validate_json(_ask(provider, "GET", address).content)
    except ValidationError as error:
        raise _failure(provider) from error
    if found.issuer != provider.issuer:
        raise _failure(provider)
    return found


def keys_of(provider: Provider, metadata: Metadata) -> KeySet:
    """Return the keys that a provider publishes.

    Raises:
        ProviderFailure: It publishes none.
    """
    try:
        return KeySet.import_key_set(json.loads(_ask(provider, "GET", metadata.jwks_uri).content))
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise _failure(provider) from error


def redeem(provider: Provider, metadata: Metadata, code: str, verifier: str, back: str) -> str:
    """Return the ID token for a code.

    Args:
        provider: Whose code.
        metadata: What it says of itself.
        code: As it came with the browser.
        verifier: That of the challenge which was sent with the question (PKCE, RFC 7636).
        back: Where the browser was sent back to.

    Raises:
        RuleViolation: The provider does not know the code, or no more.
        ProviderFailure: It does not answer as it should.
    """
    asked = {
        "grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier,
    }  # fmt: skip
    basic = None
    if "client_secret_basic" in metadata.token_endpoint_auth_methods_supported:
        # Each encoded as in a form, before they are joined (RFC 6749, section 2.3.1).
        basic = httpx2.BasicAuth(quote_plus(provider.client_id), quote_plus(provider.secret))
    else:
        asked |= {"client_id": provider.client_id, "client_secret": provider.secret}
    answer = _ask(provider, "POST", metadata.token_endpoint, asked, basic)
    if answer.refused:
        raise RuleViolation("The organisation knows this sign-in no more. Start again.")
    try:
        return _Tokens.model_validate_json(answer.content).id_token
    except ValidationError as error:
        raise _failure(provider) from error


@dataclass(frozen=True, slots=True)
class _Answer:
    content: bytes = field(repr=False)
    refused: bool


def _ask(
    provider: Provider,
    method: str,
    address: str,
    asked: Mapping[str, str] | None = None,
    basic: httpx2.BasicAuth | None = None,
) -> _Answer:
    held = b""
    try:
        # No redirect is followed: what is asked goes to the address that was checked.
        with (
            httpx2.Client(timeout=PATIENCE_S, headers={"Accept": "application/json"}) as client,
            client.stream(method, address, data=asked, auth=basic) as answer,
        ):
            for part in answer.iter_bytes():
                held += part
                if len(held) > MOST_BYTES:
                    raise _failure(provider)
            status = answer.status_code
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise _failure(provider) from error
    if status == 200:
        return _Answer(held, refused=False)
    if status == 400 and asked is not None:
        return _Answer(held, refused=True)
    raise _failure(provider)


def _failure(provider: Provider) -> ProviderFailure:
    return ProviderFailure(
        f"{provider.label} cannot be reached now, or does not answer as it should. "
        "Sign in another way, or try again in a while."
    )
