# SPDX-License-Identifier: Apache-2.0
"""Canonical JSON (RFC 8785): one value, one spelling, so that it can be hashed and signed.

The standard library writes the same bytes as RFC 8785 for ASCII keys, whole numbers
within 2**53 and fractions that ECMAScript and Python spell alike, and is some ten
times faster than the ``rfc8785`` library.  Everything else goes to that library.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from truceline.errors import Fault, RejectedInput

JSON: TypeAlias = "bool | int | float | str | Sequence[JSON] | Mapping[str, JSON] | None"
"""A JSON value.  Sequences are lists or tuples; numbers are finite, integers within 2**53."""

_EXACT = 2**53 - 1
_SPELLED_ALIKE = frozenset({str, bool, type(None)})
"""Types whose values need no settling; asked by type, for this is the busiest code of an import."""

_ENCODER = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False, check_circular=False
)


class _SpelledOtherwiseError(Exception):
    """A value that the standard library may spell otherwise than RFC 8785."""


def canonical(value: JSON) -> bytes:
    """Return the canonical JSON of a value, UTF-8.

    Raises:
        RejectedInput: Not JSON: NaN or infinite, an integer beyond 2**53, a lone
            surrogate, a key that is no text, another type, or nested without end.
    """
    try:
        try:
            return _ENCODER.encode(_settled(value)).encode()
        except _SpelledOtherwiseError:
            return _by_library(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise RejectedInput(
            "This value has no canonical JSON; use finite numbers, whole text and nothing else.",
            [Fault("value", "json", str(error) or type(error).__name__)],
        ) from None


def _by_library(value: JSON) -> bytes:
    """Return the canonical JSON by the ``rfc8785`` library."""
    # Imported here, because the verifier's parent package must load without the library.
    import rfc8785

    return rfc8785.dumps(_tree(value))


def _settled(value: JSON) -> JSON:
    """Return the value such that the standard library spells it as RFC 8785 does."""
    kind = type(value)
    if kind in _SPELLED_ALIKE:
        return value
    if isinstance(value, (int, float)):
        return _settled_number(value)
    if isinstance(value, Mapping):
        # Joining refuses keys that are no text, which the encoder would turn into text.
        if not "".join(value).isascii():
            raise _SpelledOtherwiseError
        return {key: item if type(item) in _SPELLED_ALIKE else _settled(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [item if type(item) in _SPELLED_ALIKE else _settled(item) for item in value]
    if isinstance(value, str):
        return value
    raise TypeError(f"{type(value).__name__} is not JSON")


def _settled_number(value: float) -> float:
    """Return the number such that the standard library spells it as RFC 8785 does."""
    if -_EXACT <= value <= _EXACT and (isinstance(value, int) or value.is_integer()):
        return int(value)
    # From 1e-4 up to 1e16 both spell a fraction without an exponent.
    if isinstance(value, float) and 1e-4 <= abs(value) < 1e16 and not value.is_integer():
        return float(value)
    raise _SpelledOtherwiseError


def _tree(value: JSON) -> JSON:
    """Return the value made of plain dicts and lists, which is what the library takes."""
    if isinstance(value, Mapping):
        return {key: _tree(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_tree(item) for item in value]
    return value
