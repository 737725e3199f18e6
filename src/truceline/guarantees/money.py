# SPDX-License-Identifier: Apache-2.0
"""Money and the periods it moves in: whole minor units, exact, and never beyond 2**53.

Invariants: no amount is ever a fraction or a floating-point number; what cannot be
kept to the minor unit is refused, not rounded.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Annotated, Final

from pydantic import AfterValidator, Field

MOST: Final = 2**53 - 1
"""The largest whole number that every reader of JSON keeps exactly (RFC 8785, 3.2.2.3)."""

Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
"""A currency's code by ISO 4217."""

Minor = Annotated[int, Field(strict=True, ge=-MOST, le=MOST)]
"""An amount in minor units; negative: it takes away."""

_NO_DIGITS: Final = frozenset(
    {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV"}
    | {"XAF", "XOF", "XPF"}
)
_THREE_DIGITS: Final = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})
"""Currencies whose minor unit is not a hundredth (ISO 4217, table A.1)."""

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,2})?", re.ASCII)
_LONGEST_NUMBER: Final = 60
_PERIOD = re.compile(r"(19|20|21)\d\d-\d\d(-\d\d)?", re.ASCII)


@lru_cache(maxsize=4096)
def bounds_of(period: str) -> tuple[date, date]:
    """Return the first and the last day of a month (``2030-01``) or a day (``2030-01-14``).

    Raises:
        ValueError: It is neither.
    """
    if not _PERIOD.fullmatch(period):
        raise ValueError("a period is a month or a day from 1900 to 2199, such as 2030-01 or 2030-01-14")
    year, month, *day = (int(part) for part in period.split("-"))
    if not 1 <= month <= 12 or (day and not 1 <= day[0] <= monthrange(year, month)[1]):
        raise ValueError(f"the calendar has no {period}")
    if day:
        return (date(year, month, day[0]),) * 2
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])


def _is_period(period: str) -> str:
    bounds_of(period)
    return period


Period = Annotated[str, AfterValidator(_is_period)]
"""A month or a day."""


def day_of(at: date) -> date:
    """Return a date, or the UTC day of a moment."""
    return at.astimezone(UTC).date() if isinstance(at, datetime) else at


def written(amount: int, currency: str) -> str:
    """Return an amount as people write it: ``EUR 1,234.56``."""
    digits = 0 if currency in _NO_DIGITS else 3 if currency in _THREE_DIGITS else 2
    whole, part = divmod(abs(amount), 10**digits)
    fraction = f".{part:0{digits}d}" if digits else ""
    return f"{currency} {'-' if amount < 0 else ''}{whole:,}{fraction}"


def exact(text: str, shift: int) -> int:
    """Return a decimal number times ``10**shift`` as a whole number, with nothing rounded.

    Args:
        text: A number with digits and a point, such as ``0.125007`` or ``1e-06``.
        shift: Powers of ten between its unit and the minor unit.

    Raises:
        ValueError: It is no such number, finer than the minor unit, or beyond 2**53.
    """
    if not text:
        raise ValueError("is empty; write 0 where nothing moved")
    if len(text) > _LONGEST_NUMBER:
        raise ValueError(f"has more than {_LONGEST_NUMBER} characters; correct it")
    if not _NUMBER.fullmatch(text):
        raise ValueError(_why_no_number(text))
    sign, digits, exponent = Decimal(text).as_tuple()
    number, power = int("".join(map(str, digits))), int(exponent) + shift
    up: int = 10 ** max(power, 0)
    down: int = 10 ** max(-power, 0)
    value, left = divmod(number * up, down)
    if left:
        raise ValueError("is finer than the currency's minor unit; nothing is rounded here")
    if value > MOST:
        raise ValueError("is more than can be kept exactly; check its unit")
    return -value if sign else value


def _why_no_number(text: str) -> str:
    try:
        value = Decimal(text.replace(",", "."))
    except InvalidOperation:
        return "is not a number"
    if not value.is_finite():
        return "is not a finite number; give the amount or leave the row out"
    return "is not written plainly; use digits and a point, such as 0.125007"
