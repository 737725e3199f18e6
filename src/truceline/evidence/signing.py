# SPDX-License-Identifier: Apache-2.0
"""Signing keys: Ed25519, one file each, for one purpose each.

Invariants: a key file is readable by its owner alone, or it is not used; a key is
made from entropy that is handed in; what a key signs begins with words that say what
for (a record's prefix, a checkpoint's origin), so that no signature serves twice.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from truceline.errors import StorageFailure
from truceline.evidence.keyfile import load_key, save_key
from truceline.evidence.verify.leaf import AUTHOR
from truceline.evidence.verify.note import ED25519, key_id

Entropy = Callable[[int], bytes]
"""Gives so many random bytes, such as ``secrets.token_bytes``."""


class SigningKey:
    """An Ed25519 private key; it shows its public side and signs, and never prints itself."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        """Wrap a private key."""
        self._private = private
        self._public = private.public_key().public_bytes_raw()

    def __repr__(self) -> str:
        """Show the public side only."""
        return f"SigningKey({self.author})"

    @classmethod
    def generate(cls, entropy: Entropy) -> SigningKey:
        """Make a key from 32 bytes of entropy."""
        return cls(Ed25519PrivateKey.from_private_bytes(entropy(32)))

    @classmethod
    def load(cls, path: Path) -> SigningKey:
        """Read a key file.

        Raises:
            StorageFailure: Unreadable, not an Ed25519 key, or open to other users.
        """
        private = load_key(path)
        if not isinstance(private, Ed25519PrivateKey):
            raise StorageFailure(f"The key in {path} is not an Ed25519 key.")
        return cls(private)

    def save(self, path: Path) -> None:
        """Write the key as PEM (PKCS 8) to a new file that its owner alone can read.

        Raises:
            StorageFailure: The file is there already, or cannot be written.
        """
        save_key(self._private, path)

    @property
    def public(self) -> bytes:
        """The raw public key, 32 bytes."""
        return self._public

    @property
    def author(self) -> str:
        """The id under which this key writes records: ``ed25519:`` and the public key's base64."""
        return AUTHOR + base64.b64encode(self._public).decode()

    def verifier_key(self, name: str) -> str:
        """Return the verifier key to hand out for notes signed as ``name`` (C2SP signed-note)."""
        encoded = base64.b64encode(ED25519 + self._public).decode()
        return f"{name}+{key_id(name, self._public).hex()}+{encoded}"

    def sign(self, message: bytes) -> bytes:
        """Return the Ed25519 signature over ``message``, 64 bytes."""
        return self._private.sign(message)

    def sign_note(self, text: str, name: str) -> bytes:
        """Return the note: ``text``, which ends in a newline, and a signature line by ``name``."""
        signature = base64.b64encode(key_id(name, self._public) + self.sign(text.encode())).decode()
        return f"{text}\n\u2014 {name} {signature}\n".encode()
