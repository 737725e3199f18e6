# SPDX-License-Identifier: Apache-2.0
"""A device that holds one passkey, made in software, that can also misbehave."""

from __future__ import annotations

import hashlib
import json
import struct
from dataclasses import dataclass, field
from typing import Final

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

PRESENT: Final = 0x01
VERIFIED: Final = 0x04
ATTESTED: Final = 0x40


@dataclass(slots=True)
class Device:
    """One passkey, on a device that knows its user.

    Attributes:
        origin: The page that asks, as its browser says.
        flags: What the device claims of its user.
        counter: How often it has signed.
        step: How much the counter grows.
    """

    origin: str
    flags: int = PRESENT | VERIFIED
    counter: int = 0
    step: int = 1
    credential: bytes = b"EXERCISE-credential-0001"
    handle: str = ""
    cross_origin: bool = False
    _key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def make(self, asked: str) -> str:
        """Answer to what ``navigator.credentials.create`` was asked."""
        options = json.loads(asked)
        self.handle = options["user"]["id"]
        numbers = self._key.public_key().public_numbers()
        key = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}
        name = bytes(16) + struct.pack(">H", len(self.credential)) + self.credential
        said = self._said(options["rp"]["id"], ATTESTED) + name + cbor2.dumps(key)
        attested = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": said})
        client = self._client("webauthn.create", options["challenge"])
        return self._answer({"clientDataJSON": client, "attestationObject": attested})

    def sign(self, asked: str) -> str:
        """Answer to what ``navigator.credentials.get`` was asked."""
        options = json.loads(asked)
        self.counter += self.step
        said, client = self._said(options["rpId"]), self._client("webauthn.get", options["challenge"])
        signature = self._key.sign(said + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer(
            {
                "clientDataJSON": client,
                "authenticatorData": said,
                "signature": signature,
                "userHandle": base64url_to_bytes(self.handle),
            }
        )

    def _said(self, place: str, more: int = 0) -> bytes:
        return hashlib.sha256(place.encode()).digest() + struct.pack(">BI", self.flags | more, self.counter)

    def _client(self, kind: str, challenge: str) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": self.cross_origin}
        return json.dumps(said).encode()

    def _answer(self, response: dict[str, bytes]) -> str:
        name = bytes_to_base64url(self.credential)
        read = {key: bytes_to_base64url(value) for key, value in response.items()}
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": read})
