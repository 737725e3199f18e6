# SPDX-License-Identifier: Apache-2.0
"""Strict readers of the small pieces that every format here is made of."""

from __future__ import annotations

import base64
import re

from .errors import VerificationError

MALFORMED = "This was not written by a working log, or it was altered. Ask for it again, and keep this copy."

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")


def read_base64(text: str, where: str, length: int | None = None) -> bytes:
    """Return the bytes of standard base64 (RFC 4648 section 4) with exact padding.

    Args:
        text: The base64 text.
        where: Its place, for the error.
        length: How many bytes it must hold; None: any number.

    Raises:
        VerificationError: Not base64, not its only spelling, or of another length.
    """
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except ValueError:
        raise VerificationError("This is not base64.", where=where, meaning=MALFORMED) from None
    # Spare bits and padding could hide a change, so only the one exact spelling passes.
    if base64.b64encode(data).decode() != text or (length is not None and len(data) != length):
        raise VerificationError(
            f"This is not the exact base64 of {'some' if length is None else length} bytes.",
            where=where,
            meaning=MALFORMED,
        )
    return data


def read_decimal(text: str, where: str) -> int:
    """Return a whole number from 0 up, in ASCII digits without leading zeroes.

    Raises:
        VerificationError: Anything else.
    """
    if _DECIMAL.fullmatch(text) is None:
        raise VerificationError("This is not a plain whole number.", where=where, meaning=MALFORMED)
    return int(text)
