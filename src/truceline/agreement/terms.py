# SPDX-License-Identifier: Apache-2.0
"""The small types that a pack's models are made of, each strict about what it takes."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from truceline.interval import as_utc

_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)")


def _with_zone(value: object) -> object:
    """Refuse numbers, bare dates and times without a zone before they are guessed at."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value
    if isinstance(value, str) and _RFC_3339.fullmatch(value):
        return value
    raise ValueError("a time needs date, clock and zone (RFC 3339), such as 2025-04-19T18:00:00+03:00")


def _in_english(names: dict[str, str]) -> dict[str, str]:
    if not names.get("en", "").strip():
        raise ValueError("needs at least a name in English, under the key en")
    return names


def _in_utc(moment: datetime) -> datetime:
    """Return a moment in UTC; at the ends of the calendar there may be none."""
    try:
        return as_utc(moment)
    except OverflowError:
        raise ValueError("lies beyond the calendar when it is written in UTC") from None


Moment = Annotated[datetime, BeforeValidator(_with_zone), AfterValidator(_in_utc)]
"""An instant that a pack states with its own zone; kept in UTC."""

Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
"""A short name by which other parts of the pack refer to this one."""

Names = Annotated[dict[str, str], AfterValidator(_in_english)]
"""Language code to name; ``en`` is always there."""

Words = Annotated[str, Field(min_length=1)]
"""Text that may not be left out."""

Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]
Metres = Annotated[float, Field(ge=0, le=2e7)]
