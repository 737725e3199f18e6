# SPDX-License-Identifier: Apache-2.0
"""Signed notes and checkpoints: what the log vouches for.

Formats: C2SP signed-note 1.0.0 (signature type 0x01, Ed25519) and tlog-checkpoint
1.0.0, without extension lines.  Signatures by keys that we do not know are left
alone, as signed-note asks: witnesses add theirs.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from .errors import VerificationError
from .text import MALFORMED, read_base64, read_decimal

ED25519 = b"\x01"
MAX_NOTE = 1 << 20
MAX_SIGNATURES = 64
NOT_VOUCHED = "The operator's key does not vouch for this state of the log. Do not rely on it."

_NAME = re.compile(r"[^\s+\x00-\x20\x7f\ud800-\udfff]{1,255}")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key by which a log, or a witness, is known.

    Attributes:
        name: The key's name; for a log, its origin.
        key_id: Four bytes that tell keys of one name apart.
        public: The raw Ed25519 public key, 32 bytes.
    """

    name: str
    key_id: bytes
    public: bytes


@dataclass(frozen=True, slots=True)
class SignedNote:
    """A text and the signature lines below it: (key name, key id, signature)."""

    text: str
    signatures: tuple[tuple[str, bytes, bytes], ...]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of a log: its name, how many entries, and the root over them."""

    origin: str
    size: int
    root: bytes


def key_id(name: str, public: bytes) -> bytes:
    """Return SHA-256(name || 0x0A || 0x01 || public key)[:4] (signed-note, "Ed25519 signatures")."""
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + public).digest()[:4]


def split_verifier_key(text: str, where: str) -> tuple[str, str, bytes]:
    """Read ``name+hexadecimal key id+base64(type || public key)`` of a 32-byte key, of whatever type.

    Raises:
        VerificationError: The text is not of this form.
    """
    parts = text.split("+", 2)
    if len(parts) != 3 or _NAME.fullmatch(parts[0]) is None:
        raise VerificationError("This is not a verifier key.", where=where, meaning=MALFORMED)
    return parts[0], parts[1], read_base64(parts[2], where, 33)


def parse_verifier_key(text: str, where: str = "verifier key") -> VerifierKey:
    """Read ``name+hexadecimal key id+base64(0x01 || public key)``.

    Raises:
        VerificationError: Malformed, of another algorithm, or the id does not fit the key.
    """
    name, identity, data = split_verifier_key(text, where)
    if data[:1] != ED25519 or identity != key_id(name, data[1:]).hex():
        raise VerificationError("The key's id does not fit the key.", where=where, meaning=MALFORMED)
    return VerifierKey(name, bytes.fromhex(identity), data[1:])


def parse_note(data: bytes, where: str) -> SignedNote:
    """Read a signed note strictly; verifies nothing yet.

    Raises:
        VerificationError: The bytes are not a signed note.
    """

    def fail(what: str) -> VerificationError:
        return VerificationError(what, where=where, meaning=MALFORMED)

    # 1. UTF-8 of a sane length without control characters.
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError:
        raise fail("The note is not UTF-8.") from None
    if len(data) > MAX_NOTE or _CONTROL.search(whole):
        raise fail("The note is too long, or has control characters.")
    # 2. The last empty line parts the text from the signatures.
    text, parted, tail = whole.rpartition("\n\n")
    if not parted or not text or not tail.endswith("\n"):
        raise fail("The note has no text, or no signatures.")
    # 3. Each signature line: em dash, name, base64(key id || signature).
    lines = tail.removesuffix("\n").split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise fail(f"The note has more than {MAX_SIGNATURES} signatures.")
    signatures = []
    for line in lines:
        parts = line.split(" ")
        if len(parts) != 3 or parts[0] != "\u2014" or _NAME.fullmatch(parts[1]) is None:
            raise fail("A signature line is malformed.")
        blob = read_base64(parts[2], where)
        if len(blob) < 5:
            raise fail("A signature is too short.")
        signatures.append((parts[1], blob[:4], blob[4:]))
    return SignedNote(text + "\n", tuple(signatures))


def verify_note(note: SignedNote, key: VerifierKey, where: str) -> None:
    """Check that ``key`` signed the note.

    Raises:
        VerificationError: It did not, or one of its signatures does not verify.
    """
    public = Ed25519PublicKey.from_public_bytes(key.public)
    ours = [
        signature
        for name, identity, signature in note.signatures
        if (name, identity) == (key.name, key.key_id)
    ]
    if not ours:
        raise VerificationError(f"There is no signature by {key.name}.", where=where, meaning=NOT_VOUCHED)
    for signature in ours:
        try:
            public.verify(signature, note.text.encode())
        except InvalidSignature:
            raise VerificationError(
                f"The signature by {key.name} does not verify.", where=where, meaning=NOT_VOUCHED
            ) from None


def parse_checkpoint(note: SignedNote, where: str) -> Checkpoint:
    """Read origin, size and root from a note's text; verifies no signature.

    Raises:
        VerificationError: The text is not exactly these three lines.
    """
    lines = note.text.removesuffix("\n").split("\n")
    if len(lines) != 3 or _NAME.fullmatch(lines[0]) is None:
        raise VerificationError(
            "A checkpoint must be three lines: origin, size, root.", where=where, meaning=MALFORMED
        )
    return Checkpoint(lines[0], read_decimal(lines[1], where), read_base64(lines[2], where, 32))


def verify_checkpoint(data: bytes, key: VerifierKey, where: str) -> Checkpoint:
    """Read a checkpoint and check that the log's own key signed it.

    Raises:
        VerificationError: Malformed, of another log, or not signed by ``key``.
    """
    note = parse_note(data, where)
    verify_note(note, key, where)
    checkpoint = parse_checkpoint(note, where)
    if checkpoint.origin != key.name:
        raise VerificationError(
            f"The checkpoint is of {checkpoint.origin}, the key of {key.name}.",
            where=where,
            meaning="This is another log than the one that the key belongs to.",
        )
    return checkpoint
