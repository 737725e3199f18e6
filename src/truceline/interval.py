# SPDX-License-Identifier: Apache-2.0
"""Intervals of time: aware UTC, half-open, possibly without an end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from truceline.errors import Fault, RejectedInput

EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)


def as_utc(moment: datetime) -> datetime:
    """Return ``moment`` in UTC.

    Raises:
        RejectedInput: The datetime has no time zone.
    """
    if moment.tzinfo is None:
        raise RejectedInput(
            "A time without a zone cannot be used; write it in UTC, e.g. 2025-04-19T15:00:00Z.",
            [Fault("time", "tzinfo", "no time zone", moment.isoformat())],
        )
    return moment.astimezone(UTC)


def iso(moment: datetime) -> str:
    """Return ``moment`` as RFC 3339 in UTC with a ``Z``, without needless fractions."""
    text = moment.astimezone(UTC).isoformat(timespec="auto")
    return text.replace("+00:00", "Z")


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """The instants from ``start`` up to, not including, ``end``.

    An interval whose start equals its end is the single instant.  ``end`` None
    means open: still valid.
    """

    start: datetime
    end: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse naive times and an end before the start."""
        as_utc(self.start)
        if self.end is not None and as_utc(self.end) < self.start:
            raise RejectedInput(
                "An interval ends before it starts; swap or correct its ends.",
                [Fault("interval", "end", f"before {iso(self.start)}", iso(self.end))],
            )

    @property
    def last(self) -> datetime:
        """The end, or the far future where there is none."""
        return self.end if self.end is not None else LATEST

    @property
    def duration(self) -> timedelta:
        """How long it lasts (an open interval: until ``LATEST``)."""
        return self.last - self.start

    def holds(self, moment: datetime) -> bool:
        """Tell whether ``moment`` lies in the interval."""
        return self.start <= moment < self.last or moment == self.start

    def overlaps(self, other: Interval) -> bool:
        """Tell whether the two share an instant."""
        return self.intersection(other) is not None

    def intersection(self, other: Interval) -> Interval | None:
        """Return what the two share, or None."""
        start, end = max(self.start, other.start), min(self.last, other.last)
        if start > end:
            return None
        if start == end and not (self.holds(start) and other.holds(start)):
            return None
        return Interval(start, end)

    def share_within(self, other: Interval) -> float:
        """Return the share of this interval that lies in ``other``, 0 to 1.

        An instant counts wholly in or out.
        """
        common = self.intersection(other)
        if common is None:
            return 0.0
        if self.duration == timedelta(0):
            return 1.0
        return common.duration / self.duration
