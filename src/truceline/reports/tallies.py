# SPDX-License-Identifier: Apache-2.0
"""Counting incidents whose time is uncertain: always an interval, never a choice.

Counts over many stretches of time are needed (the period, its hours, each claim's
hours), so the incidents' times are held as arrays of whole microseconds; sums of
shares are exact (``math.fsum``), so that the order of the incidents cannot matter.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from truceline.fusion.model import Incident
from truceline.interval import Interval
from truceline.reports.model import Tally

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

Mask = NDArray[np.bool_]
"""One truth value an incident."""


def _microseconds(moment: datetime) -> int:
    return (moment - EPOCH) // MICROSECOND


class Timeline:
    """The times of a fixed row of incidents.

    Overlap means what ``Interval.overlaps`` means: half-open, an instant is in or out.
    """

    def __init__(self, incidents: Sequence[Incident]) -> None:
        """Keep the incidents' starts and ends, in the order given."""
        self._starts = np.array([_microseconds(one.when.start) for one in incidents], dtype=np.int64)
        self._ends = np.array([_microseconds(one.when.last) for one in incidents], dtype=np.int64)

    def overlapping(self, stretch: Interval) -> Mask:
        """Tell of each incident whether its interval shares an instant with ``stretch``."""
        start, end = _microseconds(stretch.start), _microseconds(stretch.last)
        common: Mask = np.maximum(self._starts, start) < np.minimum(self._ends, end)
        instants = (self._starts == self._ends) & (start <= self._starts) & (self._starts < end)
        if start == end:
            instants |= (self._starts <= start) & ((start < self._ends) | (start == self._starts))
        either: Mask = common | instants
        return either

    def tally(self, stretch: Interval, among: Mask | None = None) -> Tally:
        """Count the incidents in ``stretch``, all of them or those in ``among``."""
        chosen = self.overlapping(stretch)
        if among is not None:
            chosen &= among
        start, end = _microseconds(stretch.start), _microseconds(stretch.last)
        starts, ends = self._starts[chosen], self._ends[chosen]
        wholly = (starts >= start) & (ends <= end)
        length = ends - starts
        common = np.minimum(ends, end) - np.maximum(starts, start)
        shares = np.where(length == 0, 1.0, common / np.maximum(length, 1))
        return Tally(int(wholly.sum()), int(chosen.sum()), math.fsum(shares.tolist()))


def hours_of(period: Interval) -> tuple[Interval, ...]:
    """Cut a period into successive hours; the last may be shorter."""
    hours, start, hour = [], period.start, timedelta(hours=1)
    while start < period.last:
        hours.append(Interval(start, min(start + hour, period.last)))
        start += hour
    return tuple(hours)
