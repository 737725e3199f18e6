# SPDX-License-Identifier: Apache-2.0
"""How much of a line was watched: the denominator beside every figure.

Silence is not compliance (design rule 4): where nobody watched, nothing is known.
The line is sampled every kilometre and the hours every ten minutes; a sample counts
as watched if it lies within reach of a watch whose state is ``ok`` at that instant.
Sampling keeps the share within one percent of the exact figure on a line of 100 km
or more.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray
from shapely import get_coordinates, segmentize
from shapely.affinity import scale

from truceline.agreement.model import Zone
from truceline.agreement.zones import line_length_m
from truceline.assessment.model import Coverage, Gap
from truceline.geodesy import metres_per_degree
from truceline.interval import Interval
from truceline.observation.model import Watch
from truceline.vocabulary import WatchState

STEP_M = 1_000.0
"""Distance between two samples of the line, metres."""

STEPS_PER_HOUR = 6
"""Instants looked at in an hour."""


def coverage(line: Zone | None, watches: Sequence[Watch], interval: Interval) -> Coverage:
    """Return how much of ``line`` was watched in ``interval``.

    Args:
        line: The line in force; None: the agreement has none.
        watches: Every watch that may touch the interval, in any order.
        interval: The hours asked about; it must have an end.
    """
    touching = [watch for watch in watches if watch.when.overlaps(interval)]
    working = [watch for watch in touching if watch.state is WatchState.OK]
    lost = [watch for watch in touching if watch.state is not WatchState.OK]
    gaps = sorted(
        (Gap(watch.when, watch.place_name, watch.state.value, _note(watch)) for watch in lost),
        key=lambda gap: (gap.when.start, gap.when.last, gap.place_name, gap.state, gap.note),
    )
    points = np.empty((0, 2)) if line is None else _samples(line)
    hours = max(1, round(interval.duration / timedelta(hours=1)))
    by_hour = np.zeros(hours)
    if len(points):
        seen = np.zeros((hours * STEPS_PER_HOUR, len(points)), dtype=bool)
        for watch in working:
            _mark(seen, watch, points, interval)
        by_hour = seen.mean(axis=1).reshape(hours, STEPS_PER_HOUR).mean(axis=1)
    known = bool(len(points)) and bool(touching)
    return Coverage(
        interval=interval,
        line_km=round(0.0 if line is None else line_length_m(line) / 1000.0, 1),
        share=round(float(by_hour.mean()), 4) if known else None,
        watches=len(working),
        unplaced=sum(watch.place is None for watch in working),
        gaps=tuple(gaps),
        by_hour=tuple(round(float(share), 4) for share in by_hour),
    )


def _note(watch: Watch) -> str:
    return dict(watch.details).get("note", "")


def _samples(line: Zone) -> NDArray[np.float64]:
    """Return points (latitude, longitude) along the line, about ``STEP_M`` apart."""
    longitude, latitude = line.geometry.centroid.x, line.geometry.centroid.y
    east, north = metres_per_degree(latitude)
    plane = scale(line.geometry, east, north, origin=(longitude, latitude))
    dense = get_coordinates(segmentize(plane, STEP_M))
    return np.column_stack(
        [(dense[:, 1] - latitude) / north + latitude, (dense[:, 0] - longitude) / east + longitude]
    )


def _mark(seen: NDArray[np.bool_], watch: Watch, points: NDArray[np.float64], interval: Interval) -> None:
    """Mark the samples within reach of ``watch`` while it lasted."""
    if watch.place is None:
        return
    east, north = metres_per_degree(watch.place.latitude)
    away = np.hypot(
        (points[:, 0] - watch.place.latitude) * north, (points[:, 1] - watch.place.longitude) * east
    )
    step = timedelta(hours=1) / STEPS_PER_HOUR
    # A sample stands for the ten minutes around it, so that short watches are not lost on average.
    first = (watch.when.start - interval.start) / step - 0.5
    last = (watch.when.last - interval.start) / step - 0.5
    instants = np.arange(len(seen))
    seen[np.ix_((instants >= first) & (instants < last), away <= watch.range_m)] = True
