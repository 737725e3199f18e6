# SPDX-License-Identifier: Apache-2.0
"""Signing keys: Ed25519, one file each, for one purpose each.

Invariants: a key file is readable by its owner alone, or it is not used; a key is
made from entropy that is handed in; what a key signs begins with words that say what
for (a record's prefix, a checkpoint's origin), so that no signature serves twice.
"""

from __future__ import annotations

import base64
import os
import stat
from collections.abc import Callable
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from truceline.errors import StorageFailure
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
        try:
            with path.open("rb") as file:
                mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
                pem = file.read(65_536)
        except OSError as error:
            raise StorageFailure(f"The key file {path} cannot be read: {error.strerror}.") from None
        if mode & 0o077:
            raise StorageFailure(
                f"The key file {path} is open to other users (mode {mode:04o}). "
                f"Ask who could have read it; then close it with: chmod 600 {path}"
            )
        try:
            private = load_pem_private_key(pem, password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise StorageFailure(f"The key file {path} is not a private key in PEM.") from None
        if not isinstance(private, Ed25519PrivateKey):
            raise StorageFailure(f"The key in {path} is not an Ed25519 key.")
        return cls(private)

    def save(self, path: Path) -> None:
        """Write the key as PEM (PKCS 8) to a new file that its owner alone can read.

        Raises:
            StorageFailure: The file is there already, or cannot be written.
        """
        pem = self._private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(pem)
                file.flush()
                os.fsync(file.fileno())
        except FileExistsError:
            raise StorageFailure(f"The key file {path} exists; a key is never overwritten.") from None
        except OSError as error:
            raise StorageFailure(f"The key file {path} cannot be written: {error.strerror}.") from None

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
