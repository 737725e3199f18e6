# SPDX-License-Identifier: Apache-2.0
"""Cosignatures: a witness's dated word that a log only ever grew.

Format: C2SP tlog-cosignature 1.0.1, Ed25519 (type 0x04).  A cosignature says: at this
time, the largest tree of this log that I have seen, and found to continue all that I
saw before, has this root.  So a record below it is no younger than that time.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from .errors import VerificationError
from .note import SignedNote, VerifierKey, split_verifier_key
from .text import MALFORMED

COSIGNATURE = b"\x04"
_SIGNATURE = 8 + 64
FORGED = (
    "Somebody put a cosignature here that the witness did not make over this state of the log. "
    "Do not count that witness, and ask it what it has seen."
)


def cosigner_id(name: str, public: bytes) -> bytes:
    """Return SHA-256(name || 0x0A || 0x04 || public key)[:4] (tlog-cosignature, "Format")."""
    return hashlib.sha256(name.encode() + b"\n" + COSIGNATURE + public).digest()[:4]


def parse_cosigner_key(text: str, where: str = "witness key") -> VerifierKey:
    """Read ``name+hexadecimal key id+base64(0x04 || public key)``.

    Raises:
        VerificationError: Malformed, of another algorithm, or the id does not fit the key.
    """
    name, identity, data = split_verifier_key(text, where)
    if data[:1] != COSIGNATURE or identity != cosigner_id(name, data[1:]).hex():
        raise VerificationError(
            "This is not an Ed25519 witness key (type 0x04), or its id does not fit it.",
            where=where,
            meaning=MALFORMED,
        )
    return VerifierKey(name, bytes.fromhex(identity), data[1:])


def cosigned_message(text: str, at_s: int) -> bytes:
    """Return what a witness signs: header, time, the note's text ("Ed25519 signed message")."""
    return f"cosignature/v1\ntime {at_s}\n{text}".encode()


def verify_cosignatures(
    note: SignedNote, key: VerifierKey, where: str, *, not_after: datetime | None = None
) -> datetime | None:
    """Check every cosignature by one witness on a checkpoint.

    Args:
        note: The checkpoint; that its log signed it is checked elsewhere.
        key: The witness's key.
        where: The checkpoint's place, for errors.
        not_after: Refuse cosignatures dated later; None: whatever their date.

    Returns:
        When the witness cosigned, the earliest if it did so more than once; None: it did not.

    Raises:
        VerificationError: A cosignature under this key's name and id does not verify.
    """
    # 1. The lines by this key: name and id must both match (signed-note, "Format").
    ours = [data for name, identity, data in note.signatures if (name, identity) == (key.name, key.key_id)]
    times = [_verify(data, note.text, key, where) for data in ours]
    # 4. Nobody can have cosigned in the future ("verifiers MAY reject").
    if not_after is not None and any(at > not_after for at in times):
        raise VerificationError(
            f"The cosignature by {key.name} is dated in the future.",
            where=where,
            meaning="That witness's clock, or yours, is wrong; its time says nothing.",
        )
    return min(times, default=None)


def _verify(data: bytes, text: str, key: VerifierKey, where: str) -> datetime:
    """Check one cosignature and return its time."""
    # 2. Eight bytes of time, 64 of signature, and a time that a calendar has.
    if len(data) != _SIGNATURE:
        raise VerificationError(
            f"The cosignature by {key.name} has the wrong length.", where=where, meaning=MALFORMED
        )
    at_s = int.from_bytes(data[:8], "big")
    try:
        at = datetime.fromtimestamp(at_s, UTC)
    except (ValueError, OverflowError, OSError):
        raise VerificationError(
            f"The cosignature by {key.name} has no possible time.", where=where, meaning=MALFORMED
        ) from None
    # 3. The signature over time and text.
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(data[8:], cosigned_message(text, at_s))
    except InvalidSignature:
        raise VerificationError(
            f"The cosignature by {key.name} does not verify.", where=where, meaning=FORGED
        ) from None
    return at
