# SPDX-License-Identifier: Apache-2.0
"""Sealing: what opens a tier is encrypted, and its key is wrapped for the tier's audience.

Invariants:

- each tier of each record has a content key of its own, used once: AES-256-GCM (NIST SP
  800-38D) over the packed opening, bound to the record's id and the tier;
- the content key is wrapped by HPKE (RFC 9180): DHKEM(X25519, HKDF-SHA256), HKDF-SHA256,
  AES-256-GCM, base mode, single shot; whoever holds the tier's private key can unwrap it
  with any implementation of that standard;
- to lose or destroy the content key is to lose the tier of that record, and no other.

AES-GCM does not commit to its key: two keys could be made to open one object to two
texts.  The leaf's commitments settle which text was recorded (``opening.tier_root``).
The stored form is the vault's own business, as that of openings is.
"""

from __future__ import annotations

import base64
import hmac
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from truceline.errors import StorageFailure
from truceline.evidence.keyfile import load_key, save_key
from truceline.evidence.signing import Entropy

CONTENT_KEY = 32
NONCE = 12
PUBLIC = 32
ALGORITHM = "x25519:"
"""What a tier key's public text begins with."""

_MAGIC = b"truceline/sealed/v1\n"
_FILE_MAGIC = b"truceline/sealed-file/v1\n"
_KEM_SUITE = b"KEM\x00\x20"
"""DHKEM(X25519, HKDF-SHA256): RFC 9180 section 7.1."""
_SUITE = b"HPKE\x00\x20\x00\x01\x00\x02"
"""With HKDF-SHA256 and AES-256-GCM: RFC 9180 sections 7.2 and 7.3."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """One tier of one record, sealed: what the vault keeps, and the wrapped content key."""

    content: bytes
    wrapped: bytes


class TierKey:
    """The X25519 private key of one tier's audience; it never prints itself."""

    def __init__(self, private: X25519PrivateKey) -> None:
        """Wrap a private key."""
        self._private = private
        self.public = private.public_key().public_bytes_raw()

    def __repr__(self) -> str:
        """Show the public side only."""
        return f"TierKey({public_text(self.public)})"

    @classmethod
    def generate(cls, entropy: Entropy) -> TierKey:
        """Make a key from 32 bytes of entropy."""
        return cls(X25519PrivateKey.from_private_bytes(entropy(32)))

    @classmethod
    def load(cls, path: Path) -> TierKey:
        """Read a key file.

        Raises:
            StorageFailure: Unreadable, not an X25519 key, or open to other users.
        """
        private = load_key(path)
        if not isinstance(private, X25519PrivateKey):
            raise StorageFailure(f"The key in {path} is not an X25519 key.")
        return cls(private)

    def save(self, path: Path) -> None:
        """Write the key as PEM (PKCS 8) to a new file that its owner alone can read.

        Raises:
            StorageFailure: The file is there already, or cannot be written.
        """
        save_key(self._private, path)

    def unwrap(self, wrapped: bytes, record_id: str, tier: str) -> bytes:
        """Return the content key that was wrapped for this key (RFC 9180 section 6.1, OpenBase).

        Raises:
            StorageFailure: It was wrapped for another key, record or tier, or is damaged.
        """
        sent, sealed = wrapped[:PUBLIC], wrapped[PUBLIC:]
        try:
            shared = self._private.exchange(X25519PublicKey.from_public_bytes(sent))
            key, nonce = _schedule(shared, sent, self.public, _bound(record_id, tier))
            return AESGCM(key).decrypt(nonce, sealed, b"")
        except (InvalidTag, ValueError):
            raise _unopened(record_id, tier) from None


def public_text(public: bytes) -> str:
    """Return a public key as a tier-keys record states it: ``x25519:`` and its base64."""
    return ALGORITHM + base64.b64encode(public).decode()


def public_from_text(text: str) -> bytes:
    """Return the public key that a tier-keys record states.

    Raises:
        StorageFailure: It is not ``x25519:`` and the base64 of 32 bytes.
    """
    try:
        public = base64.b64decode(text.removeprefix(ALGORITHM), validate=True)
    except ValueError:
        public = b""
    if not text.startswith(ALGORITHM) or len(public) != PUBLIC:
        raise StorageFailure(f"{text!r} is not a tier's public key; check the log: truceline log verify")
    return public


def seal(packed: bytes, record_id: str, tier: str, public: bytes, entropy: Entropy) -> Sealed:
    """Encrypt a packed opening under a fresh key, and wrap that key for the tier's audience.

    Args:
        packed: What ``opening_to_bytes`` gives.
        record_id: The record that it opens; bound, so that an object cannot pass for another's.
        tier: The tier that it opens; bound too.
        public: The audience's X25519 public key.
        entropy: For the content key, the nonce and the ephemeral key.
    """
    content_key, nonce = entropy(CONTENT_KEY), entropy(NONCE)
    content = AESGCM(content_key).encrypt(nonce, packed, _bound(record_id, tier))
    return Sealed(_MAGIC + nonce + content, _wrap(content_key, record_id, tier, public, entropy))


def unseal(content: bytes, content_key: bytes, record_id: str, tier: str) -> bytes:
    """Return the packed opening that a sealed object holds.

    Raises:
        StorageFailure: Another key, record or tier, or the object is damaged.
    """
    body = len(_MAGIC) + NONCE
    if not content.startswith(_MAGIC) or len(content) < body:
        raise _unopened(record_id, tier)
    try:
        return AESGCM(content_key).decrypt(
            content[len(_MAGIC) : body], content[body:], _bound(record_id, tier)
        )
    except (InvalidTag, ValueError):
        raise _unopened(record_id, tier) from None


def seal_file(content: bytes, sha256: str, entropy: Entropy) -> tuple[bytes, bytes]:
    """Encrypt a file of evidence under a fresh key; return what the vault keeps, and the key.

    The key stands in the record that names the file, and is sealed with it: to erase that record's tier is
    to lose the file.

    Args:
        content: The file.
        sha256: Its digest, in hexadecimal; bound, so that an object cannot pass for another's.
        entropy: For the key and the nonce.
    """
    file_key, nonce = entropy(CONTENT_KEY), entropy(NONCE)
    return _FILE_MAGIC + nonce + AESGCM(file_key).encrypt(nonce, content, sha256.encode()), file_key


def unseal_file(kept: bytes, file_key: bytes, sha256: str) -> bytes:
    """Return the file that a vault object holds.

    Raises:
        StorageFailure: Another key or file, or the object is damaged.
    """
    body = len(_FILE_MAGIC) + NONCE
    try:
        if not kept.startswith(_FILE_MAGIC):
            raise ValueError("another sort of object")  # noqa: TRY301 - one way out for every fault
        return AESGCM(file_key).decrypt(kept[len(_FILE_MAGIC) : body], kept[body:], sha256.encode())
    except (InvalidTag, ValueError):
        raise StorageFailure(
            f"The file of evidence {sha256} cannot be opened: its object in the vault is damaged. "
            "Restore it from a backup; the record says what it must hash to."
        ) from None


def _wrap(content_key: bytes, record_id: str, tier: str, public: bytes, entropy: Entropy) -> bytes:
    """Return ``enc || ct`` of RFC 9180 section 6.1, SealBase.

    Written out rather than called, because libraries draw the ephemeral key themselves
    and here entropy is handed in; a test opens it with the library's HPKE.
    """
    ephemeral = X25519PrivateKey.from_private_bytes(entropy(32))
    sent = ephemeral.public_key().public_bytes_raw()
    try:
        shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(public))
    except ValueError:  # a point of low order: the result would be known to everybody
        raise StorageFailure(
            f"The public key of the tier {tier} is unsafe; nothing was sealed for it."
        ) from None
    key, nonce = _schedule(shared, sent, public, _bound(record_id, tier))
    return sent + AESGCM(key).encrypt(nonce, content_key, b"")


def _schedule(shared: bytes, sent: bytes, public: bytes, info: bytes) -> tuple[bytes, bytes]:
    """Return key and nonce (RFC 9180 sections 4.1, ExtractAndExpand, and 5.1, KeySchedule)."""
    # 1. The shared secret, bound to both public keys.
    extracted = _extract(_KEM_SUITE, b"", b"eae_prk", shared)
    secret = _expand(_KEM_SUITE, extracted, b"shared_secret", sent + public, 32)
    # 2. The context: base mode (0), no pre-shared key, and what the wrapping is bound to.
    context = b"\x00" + _extract(_SUITE, b"", b"psk_id_hash", b"") + _extract(_SUITE, b"", b"info_hash", info)
    # 3. Key and nonce.
    secret = _extract(_SUITE, secret, b"secret", b"")
    return _expand(_SUITE, secret, b"key", context, 32), _expand(
        _SUITE, secret, b"base_nonce", context, NONCE
    )


def _extract(suite: bytes, salt: bytes, label: bytes, material: bytes) -> bytes:
    """LabeledExtract of RFC 9180 section 4; HKDF-Extract is one HMAC (RFC 5869 section 2.2)."""
    return hmac.digest(salt, b"HPKE-v1" + suite + label + material, "sha256")


def _expand(suite: bytes, secret: bytes, label: bytes, info: bytes, length: int) -> bytes:
    """LabeledExpand of RFC 9180 section 4; up to 32 bytes are one block (RFC 5869 section 2.3)."""
    labelled = length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info
    return hmac.digest(secret, labelled + b"\x01", "sha256")[:length]


def _bound(record_id: str, tier: str) -> bytes:
    """Return what object and wrapped key are bound to."""
    return _MAGIC + f"{record_id}\n{tier}".encode()


def _unopened(record_id: str, tier: str) -> StorageFailure:
    return StorageFailure(
        f"The {tier} tier of {record_id} does not open: the key is another, or what is stored was changed. "
        "Bring the tier's own key, or restore the mission from a backup."
    )
