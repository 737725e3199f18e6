# SPDX-License-Identifier: Apache-2.0
"""Times as text to instants: strict, with a reason and a remedy for what is refused.

A time is ISO 8601 as RFC 3339 profiles it (``2025-04-19T15:00:00Z``, seconds may be
left out).  Month-first and day-first dates are refused: 04/05/2025 is two different
days to two readers.  Years outside 1900 to 2199 are typing errors or placeholders.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from truceline.interval import EARLIEST, LATEST

_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(?P<zone>Z|[+-]\d\d:?\d\d)?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_CLOCK = re.compile(r"\d\d:\d\d", re.ASCII)
_SLASHED = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?!\d).*", re.ASCII)

NO_ZONE = "has no time zone; write it in UTC, such as 2025-04-19T15:00:00Z"
YEARS = "lies outside the years 1900 to 2199; correct the year"


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why a text is not a time."""

    reason: str


@lru_cache(maxsize=65_536)
def instant(text: str, zone: ZoneInfo | None = None) -> datetime | Wrong:
    """Return the instant that ``text`` names, in UTC.

    Args:
        text: Date and time.
        zone: The zone of times that state none; None: they are refused.
    """
    match = _TIME.fullmatch(text)
    if match is None:
        return Wrong(_why_not(text, "a date and time", "2025-04-19T15:00:00Z"))
    if not "1900" <= text[:4] < "2200":
        return Wrong(YEARS)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return Wrong("is not a date and time that exists; correct it")
    if match["zone"] is None:
        if zone is None:
            return Wrong(NO_ZONE)
        moment = moment.replace(tzinfo=zone)
    moment = moment.astimezone(UTC)
    return moment if EARLIEST <= moment < LATEST else Wrong(YEARS)


@lru_cache(maxsize=65_536)
def day(text: str) -> date | Wrong:
    """Return the date that ``text`` names."""
    if _DATE.fullmatch(text) is None:
        return Wrong(_why_not(text, "a date", "2025-04-19"))
    # The last and first days are left out, so that a day in any zone stays in bounds.
    if not "1900" <= text[:4] < "2200" or text in ("1900-01-01", "2199-12-31"):
        return Wrong(YEARS)
    try:
        return date.fromisoformat(text)
    except ValueError:
        return Wrong("is not a date that exists; correct it")


def clock(text: str) -> time | Wrong:
    """Return the time of day that ``text`` names, such as ``09:30``."""
    if _CLOCK.fullmatch(text) is None:
        return Wrong("is not a time of day; write it as 09:30")
    try:
        return time.fromisoformat(text)
    except ValueError:
        return Wrong("is not a time of day that exists; correct it")


def at(local: date, of_day: time, zone: ZoneInfo) -> datetime:
    """Return the instant of a local date and time of day, in UTC.

    A time that the clocks pass twice is the first of the two (PEP 495, ``fold=0``).
    """
    return datetime.combine(local, of_day, tzinfo=zone).astimezone(UTC)


def start_of_day(local: date, zone: ZoneInfo) -> datetime:
    """Return the instant at which a date begins in ``zone``, in UTC."""
    return at(local, time(), zone)


def end_of_day(local: date, zone: ZoneInfo) -> datetime:
    """Return the instant at which a date ends in ``zone``, in UTC."""
    return at(local + timedelta(days=1), time(), zone)


def last_second(local: date, zone: ZoneInfo) -> datetime:
    """Return the last second of a date in ``zone``: the latest it can be, and still that day."""
    return end_of_day(local, zone) - timedelta(seconds=1)


def _why_not(text: str, what: str, example: str) -> str:
    """Say what is wrong with a text that is not laid out as a time."""
    slashed = _SLASHED.fullmatch(text)
    if slashed is None:
        return f"is not {what}; write it as {example}"
    first, second, year = int(slashed[1]), int(slashed[2]), slashed[3]
    readings = [
        f"{year}-{month:02}-{of_month:02}"
        for month, of_month in dict.fromkeys([(first, second), (second, first)])
        if 1 <= month <= 12 and 1 <= of_month <= 31
    ]
    return f"may be month-first or day-first; write {' or '.join(readings) or example}, year first"
