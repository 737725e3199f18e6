# SPDX-License-Identifier: Apache-2.0
"""Secrets of people: made, digested and checked, never kept where they need not be read.

Passwords are hashed with argon2id (RFC 9106, the library's defaults).  The second factor
is TOTP (RFC 6238): six digits, 30 seconds, one step of drift, and no code counts twice.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Final

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LEAST_LETTERS: Final = 12
"""Of a password (NIST SP 800-63B asks for eight at least, and for length over symbols)."""

MOST_LETTERS: Final = 256
STEP_S: Final = 30
DRIFT: Final = 1

_hasher = PasswordHasher()

_NOBODYS: Final = _hasher.hash("the password of nobody")
"""Checked where there is no account, so that both answers take the same time."""


def make_token(entropy: Callable[[int], bytes]) -> str:
    """Return a new secret of 32 bytes, fit for a link or a header."""
    return base64.urlsafe_b64encode(entropy(32)).rstrip(b"=").decode()


def digest(token: str) -> str:
    """Return what is stored of a secret that has 256 bits of its own."""
    return hashlib.sha256(token.encode()).hexdigest()


def hash_password(password: str) -> str:
    """Return what is stored of a password."""
    return _hasher.hash(password)


def password_fits(stored: str, password: str) -> bool:
    """Tell whether a password is the one that was stored; empty: nobody's is."""
    try:
        return _hasher.verify(stored or _NOBODYS, password) and bool(stored)
    except (VerificationError, InvalidHashError):
        return False


def make_totp_secret(entropy: Callable[[int], bytes]) -> str:
    """Return a new secret for an authenticator: 160 bits in base 32."""
    return base64.b32encode(entropy(20)).decode()


def totp_address(secret: str, person: str, mission: str) -> str:
    """Return the address that an authenticator reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=person, issuer_name=f"Truceline {mission}")


def totp_step(secret: str, code: str, now: datetime, last: int) -> int | None:
    """Return the time step that a code is for; None: it is wrong, too old, or was used before.

    Args:
        secret: In base 32.
        code: As typed.
        now: The present.
        last: The step of the last code that counted.
    """
    typed = "".join(code.split())
    present = int(now.timestamp()) // STEP_S
    for step in range(present - DRIFT, present + DRIFT + 1):
        made = pyotp.TOTP(secret).at(step * STEP_S)
        if step > last and pyotp.utils.strings_equal(made, typed):
            return step
    return None
