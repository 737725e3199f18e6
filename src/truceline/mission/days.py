# SPDX-License-Identifier: Apache-2.0
"""The time that a selection is of, and its incidents by day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

import numpy as np

from truceline.interval import Interval
from truceline.mission.roll import Filter, Selection

MOST_DAYS: Final = 4_000
"""Of so many days, the latest are counted: eleven years."""

_DAY_S: Final = 86_400


@dataclass(frozen=True, slots=True)
class CountedDay:
    """How many incidents surely began on a day of UTC, and how many may have."""

    day: date
    least: int
    most: int


def hours_of(chosen: Filter, selection: Selection) -> Interval | None:
    """Return the hours that a map is of: those asked for, or those of what it shows; None: of nothing."""
    if not len(selection):
        return None
    began = selection.roll.from_s[selection.rows]
    since = chosen.since or datetime.fromtimestamp(float(began.min()), UTC)
    until = chosen.until or datetime.fromtimestamp(float(began.max()) + 1, UTC)
    return Interval(since, max(since, until))


def per_day(selection: Selection) -> list[CountedDay]:
    """Return every day of UTC from the first to the last on which an incident of a selection may have begun.

    What has no end to when it began counts on the days up to the last beginning of any.
    """
    if not len(selection):
        return []
    began, ended = selection.roll.from_s[selection.rows], selection.roll.to_s[selection.rows]
    known = np.isfinite(ended)
    latest = max(float(began.max()), float(ended[known].max()) if known.any() else 0.0)
    last = int(latest // _DAY_S)
    first = max(int(began.min() // _DAY_S), last - MOST_DAYS + 1)
    from_day = np.maximum((began // _DAY_S).astype(np.int64), first) - first
    to_day = (np.minimum(ended, latest) // _DAY_S).astype(np.int64) - first
    counted = to_day >= 0
    from_day, to_day = from_day[counted], to_day[counted]
    days = last - first + 1
    change = np.bincount(from_day, minlength=days + 1) - np.bincount(to_day + 1, minlength=days + 1)
    most = np.cumsum(change)
    sure = (from_day == to_day) & known[counted]
    least = np.bincount(from_day[sure], minlength=days)
    start = date(1970, 1, 1) + timedelta(days=first)
    return [CountedDay(start + timedelta(days=day), int(least[day]), int(most[day])) for day in range(days)]
