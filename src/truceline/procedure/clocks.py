# SPDX-License-Identifier: Apache-2.0
"""Clocks: what is due, by whom, from which zero, in the pack's calendar.

A term in hours runs on every day.  A term of n working days ends with the end, local
time, of the n-th working day after the day of the zero.  While a clock is paused,
hours do not run, and a day that the pause touches does not count.

Invariants: a clock is a value, and when it is due a pure function of it; a pause never
moves a deadline forward, and a deadline that has passed is moved by nothing but an
extension.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from truceline.agreement import Calendar, Term
from truceline.interval import LATEST, Interval

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class ClockState(StrEnum):
    """How a clock stands."""

    RUNNING = "running"
    PAUSED = "paused"
    LAPSED = "lapsed"
    MET = "met"
    MET_LATE = "met late"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Clock:
    """Something that is due.

    Attributes:
        clock_id: Unique within its matter, e.g. ``response:RU``.
        owner: Whom it binds.
        zero: From when it runs.
        term: How long; extensions come on top.
        pauses: When it did not run; the last may be open.
        extensions: What was added by decision, in order.
        met_at: When what was due was done; None: not yet.
        stopped_at: When it ceased to matter, without being met; None: it has not.
    """

    clock_id: str
    owner: str
    zero: datetime
    term: Term
    pauses: tuple[Interval, ...] = ()
    extensions: tuple[Term, ...] = ()
    met_at: datetime | None = None
    stopped_at: datetime | None = None

    @property
    def paused(self) -> bool:
        """Whether it is paused now."""
        return bool(self.pauses) and self.pauses[-1].end is None

    @property
    def ended(self) -> bool:
        """Whether it was met or stopped: nothing is due any more."""
        return self.met_at is not None or self.stopped_at is not None

    def met(self, at: datetime) -> Clock:
        """Return the clock after what was due was done."""
        return replace(self._resumed(at), met_at=at)

    def stopped(self, at: datetime) -> Clock:
        """Return the clock after it ceased to matter."""
        return replace(self._resumed(at), stopped_at=at)

    def pause(self, at: datetime) -> Clock:
        """Return the clock, paused; it must be running."""
        return replace(self, pauses=(*self.pauses, Interval(at)))

    def resume(self, at: datetime) -> Clock:
        """Return the clock, running again; it must be paused."""
        return self._resumed(at)

    def extend(self, term: Term) -> Clock:
        """Return the clock with more time."""
        return replace(self, extensions=(*self.extensions, term))

    def _resumed(self, at: datetime) -> Clock:
        if not self.paused:
            return self
        return replace(self, pauses=(*self.pauses[:-1], Interval(self.pauses[-1].start, at)))


def due(clock: Clock, calendar: Calendar) -> datetime | None:
    """Return when a clock is due, or None while it is paused before that."""
    moment: datetime | None = clock.zero
    for term in (clock.term, *clock.extensions):
        if moment is None:
            return None
        moment = _after(moment, term, clock.pauses, calendar)
    return moment


def state_of(clock: Clock, calendar: Calendar, now: datetime) -> ClockState:
    """Return how a clock stands at ``now``."""
    if clock.stopped_at is not None:
        return ClockState.STOPPED
    at = due(clock, calendar)
    if clock.met_at is not None:
        return ClockState.MET if at is None or clock.met_at <= at else ClockState.MET_LATE
    if at is None:
        return ClockState.PAUSED
    return ClockState.LAPSED if now > at else ClockState.RUNNING


def lapsed(clock: Clock, calendar: Calendar, now: datetime) -> bool:
    """Tell whether a clock is past its deadline with nothing done."""
    return state_of(clock, calendar, now) is ClockState.LAPSED


def _after(start: datetime, term: Term, pauses: tuple[Interval, ...], calendar: Calendar) -> datetime | None:
    if term.hours is not None:
        return _after_hours(start, timedelta(hours=term.hours), pauses)
    return _after_days(start, term.working_days or 0, pauses, calendar)


def _after_hours(start: datetime, length: timedelta, pauses: tuple[Interval, ...]) -> datetime | None:
    end = start + length
    for pause in pauses:
        if pause.start >= end or pause.last <= start:
            continue
        if pause.end is None:
            return None
        end += pause.end - max(pause.start, start)
    return end


def _after_days(
    start: datetime, days: int, pauses: tuple[Interval, ...], calendar: Calendar
) -> datetime | None:
    zone = ZoneInfo(calendar.timezone)
    # An end of day is the first instant of the next: the day that it ended is over.
    day = (start.astimezone(zone) - timedelta(microseconds=1)).date()
    left = days
    while True:
        day += timedelta(days=1)
        begins = datetime(day.year, day.month, day.day, tzinfo=zone)
        after = day + timedelta(days=1)
        ends = datetime(after.year, after.month, after.day, tzinfo=zone)
        if begins >= LATEST:
            return LATEST
        touching = [pause for pause in pauses if pause.start < ends and pause.last > max(begins, start)]
        if any(pause.end is None for pause in touching):
            return None
        if touching or _WEEKDAYS[day.weekday()] not in calendar.working_days or day in calendar.holidays:
            continue
        left -= 1
        if left == 0:
            return ends.astimezone(start.tzinfo)
