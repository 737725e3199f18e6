# SPDX-License-Identifier: Apache-2.0
"""Making cosignatures: what a witness's key is for, and nothing else.

Format: C2SP tlog-cosignature 1.0.1, Ed25519.  The signed message does not name the
witness, so one key serves one witness alone.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from datetime import datetime

from truceline.evidence.signing import SigningKey
from truceline.evidence.verify.cosignature import COSIGNATURE, cosigned_message, cosigner_id
from truceline.evidence.verify.note import SignedNote, VerifierKey


def cosigner_key(name: str, key: SigningKey) -> str:
    """Return the witness's verifier key to hand out (signed-note "Verifier keys", type 0x04)."""
    encoded = base64.b64encode(COSIGNATURE + key.public).decode()
    return f"{name}+{cosigner_id(name, key.public).hex()}+{encoded}"


def cosign(text: str, name: str, key: SigningKey, at: datetime) -> bytes:
    """Return the signature line by which a witness vouches for a checkpoint's text.

    Args:
        text: The note's text with its last newline.
        name: The witness's name.
        key: Its key.
        at: The time of cosigning, from 1970 on; fractions of a second are dropped.
    """
    at_s = int(at.timestamp())
    signature = at_s.to_bytes(8, "big") + key.sign(cosigned_message(text, at_s))
    return signature_line(name, cosigner_id(name, key.public), signature)


def signature_line(name: str, identity: bytes, signature: bytes) -> bytes:
    """Return one line of a signed note: em dash, name, base64(key id || signature)."""
    return f"\u2014 {name} {base64.b64encode(identity + signature).decode()}\n".encode()


def cosignature_lines(note: SignedNote, keys: Iterable[VerifierKey]) -> bytes:
    """Return a note's signature lines by these keys, in the order of the keys, none twice."""
    lines = [
        signature_line(name, identity, signature)
        for key in keys
        for name, identity, signature in note.signatures
        if (name, identity) == (key.name, key.key_id)
    ]
    return b"".join(dict.fromkeys(lines))
