# SPDX-License-Identifier: Apache-2.0
"""The hours that monitors' words for times of day stand for, local time.

The SMM's reports say "in the evening and night" where they give no clock.  The hours
below are assumptions, drawn wide: they hold every clock time that the reports of 2016
and 2017 give beside the same word, except one night that began at 17:00, and neighbours
overlap rather than leave a gap.  A night belongs to the date on which it begins.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

from truceline.intake.moments import at
from truceline.interval import Interval


@dataclass(frozen=True, slots=True)
class Hours:
    """From a time of the first date to a time of the last, or of the day after the first.

    Attributes:
        start: Local time on the first date.
        end: Local time on the last date; ``24:00`` is written as the next midnight.
        into_next_day: Whether it always ends on the day after the first date, where
            only one date is given.
    """

    start: time
    end: time
    into_next_day: bool = False


PERIODS: dict[str, Hours] = {
    "early_morning": Hours(time(4), time(8)),
    "morning": Hours(time(6), time(12)),
    "afternoon": Hours(time(12), time(18)),
    "day": Hours(time(7), time(19)),
    "evening": Hours(time(17), time(0), into_next_day=True),
    "late_evening": Hours(time(20), time(0), into_next_day=True),
    "night": Hours(time(19), time(8), into_next_day=True),
    "evening_and_night": Hours(time(17), time(8), into_next_day=True),
    "night_and_day": Hours(time(19), time(19), into_next_day=True),
    "reporting_period": Hours(time(19, 30), time(19, 30), into_next_day=True),
    "not_stated": Hours(time(0), time(0), into_next_day=True),
}
"""Each word's hours.  The reporting period runs from 19:30 to 19:30 (SMM daily reports)."""


def hours_of(period: str, first: date, last: date, zone: ZoneInfo) -> Interval:
    """Return the hours that a word stands for between two dates.

    Args:
        period: A key of ``PERIODS``.
        first: The date on which it begins.
        last: The date on which it ends, as far as the source says; not before ``first``.
        zone: The source's zone.
    """
    hours = PERIODS[period]
    ends_on = last
    if hours.into_next_day:
        # Up to midnight means the end of the last date, or of the only one.
        ends_on = last + timedelta(days=1) if hours.end == time(0) else max(last, first + timedelta(days=1))
    return Interval(at(first, hours.start, zone), at(ends_on, hours.end, zone))
