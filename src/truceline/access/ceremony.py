# SPDX-License-Identifier: Apache-2.0
"""What is asked of a passkey, and whether its answer holds (W3C Web Authentication, level 2).

A passkey is asked to be discoverable, so that nobody types a name, and to verify its user
by a finger, a face or a PIN: it stands for both factors.  Attestation is not asked for:
which make of device somebody has is no business of the mission's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

import webauthn
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from truceline.errors import RuleViolation

PATIENCE_MS = 300_000
"""How long a browser waits for somebody to find their device."""

_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class Place:
    """Where passkeys hold: they answer to no other name.

    Attributes:
        name: The host's name, to which they are bound (the relying party's id).
        origin: The only origin whose pages may ask them, as browsers write it.
    """

    name: str
    origin: str


@dataclass(frozen=True, slots=True)
class NewKey:
    """What a passkey said of itself when it was made."""

    credential: str
    public_key: str
    counter: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What an answer of a passkey says it is, before anything of it is checked.

    Attributes:
        challenge: Which challenge it answers, in base64url.
        credential: Which passkey it is from.
        handle: Whose it is, as stored on the device; empty: it does not say.
        text: The whole, as the browser sent it.
    """

    challenge: str
    credential: str
    handle: str
    text: str


def place_of(address: str) -> Place | None:
    """Return where passkeys of a service hold.

    Args:
        address: The service's public address.

    Returns:
        None: browsers know no passkeys there: it is a number, or is reached without TLS from elsewhere.
    """
    parts = urlsplit(address)
    name, port = parts.hostname or "", parts.port
    try:
        ip_address(name)
    except ValueError:
        pass
    else:
        return None
    if not name or (parts.scheme != "https" and name != "localhost"):
        return None
    shown = "" if port in {None, _PORTS.get(parts.scheme)} else f":{port}"
    return Place(name, f"{parts.scheme}://{name}{shown}")


def ask_to_make(
    place: Place, mission: str, person: str, name: str, handle: str, challenge: str, known: Iterable[str]
) -> str:
    """Return what a browser asks a device for a new passkey, as JSON.

    Args:
        place: Where it is to hold.
        mission: The mission's id, as shown by the device.
        person: Whose it is to be.
        name: What they are called.
        handle: Their handle, in base64url: random, it says nothing of them.
        challenge: In base64url.
        known: Their passkeys so far: no device takes a second.
    """
    return webauthn.options_to_json(
        webauthn.generate_registration_options(
            rp_id=place.name,
            rp_name=f"Truceline {mission}",
            user_name=person,
            user_display_name=name,
            user_id=base64url_to_bytes(handle),
            challenge=base64url_to_bytes(challenge),
            timeout=PATIENCE_MS,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(one)) for one in known],
        )
    )


def ask_to_sign(place: Place, challenge: str) -> str:
    """Return what a browser asks of any passkey of this place, as JSON."""
    return webauthn.options_to_json(
        webauthn.generate_authentication_options(
            rp_id=place.name,
            challenge=base64url_to_bytes(challenge),
            timeout=PATIENCE_MS,
            user_verification=UserVerificationRequirement.REQUIRED,
        )
    )


def read_new(text: str) -> Answer:
    """Read the answer of a passkey that was made.

    Raises:
        RuleViolation: It is none.
    """
    with _refusing():
        read = parse_registration_credential_json(text)
        return Answer(_challenge(read.response.client_data_json), read.id, "", text)


def read_signed(text: str) -> Answer:
    """Read the answer of a passkey that signed.

    Raises:
        RuleViolation: It is none.
    """
    with _refusing():
        read = parse_authentication_credential_json(text)
        handle = bytes_to_base64url(read.response.user_handle or b"")
        return Answer(_challenge(read.response.client_data_json), read.id, handle, text)


def require_new(place: Place, challenge: str, answer: Answer) -> NewKey:
    """Return the new passkey.

    Raises:
        RuleViolation: It was made for another challenge or place, or without verifying its user.
    """
    with _refusing():
        made = webauthn.verify_registration_response(
            credential=answer.text,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=place.name,
            expected_origin=place.origin,
            require_user_verification=True,
        )
        key = bytes_to_base64url(made.credential_public_key)
        return NewKey(bytes_to_base64url(made.credential_id), key, made.sign_count)


def require_signed(place: Place, challenge: str, answer: Answer, public_key: str) -> int:
    """Return how often the passkey says that it has signed; 0: it does not count.

    Raises:
        RuleViolation: Another key signed, another challenge, for another place, or without
            verifying its user.
    """
    with _refusing():
        # The counter is judged by the caller, who knows by then that the key itself is right.
        signed = webauthn.verify_authentication_response(
            credential=answer.text,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=place.name,
            expected_origin=place.origin,
            credential_public_key=base64url_to_bytes(public_key),
            credential_current_sign_count=0,
            require_user_verification=True,
        )
        return signed.new_sign_count


def _challenge(client_data: bytes) -> str:
    read = parse_client_data_json(client_data)
    if read.cross_origin:
        raise ValueError("asked from within a page of somebody else's")
    return bytes_to_base64url(read.challenge)


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except Exception as error:  # hostile bytes raise whatever the parsers beneath raise
        raise RuleViolation("The passkey's answer does not hold. Nothing was changed; try again.") from error
