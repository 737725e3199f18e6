# SPDX-License-Identifier: Apache-2.0
"""Reports made ready for comparison: each one the summary of an incident with one member.

A place is a two-dimensional Gaussian.  A time is either a Gaussian (an instant with its
sigma) or a hard interval within which every instant is as probable ("on that day"; a
satellite's delay).  Which one, follows from the report: an interval shorter than four of
its sigmas is a Gaussian with the variance of both; a longer one reaches one sigma beyond
each end.

What a source declares is taken no finer than its kind can know (``believable``): a row
that claims a millimetre must not take over an incident's place.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from truceline.fusion.kinds import confusion, prior
from truceline.fusion.settings import FusionSettings
from truceline.observation.table import SOURCE_KINDS, ObservationTable
from truceline.vocabulary import SourceKind

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# Columns of a summary: mean position (degrees), covariance (square metres, x east and
# y north), time Gaussian (mean in seconds, precision per square second; 0: none), hard
# interval (seconds; infinite: none), and the log of the Gaussian's mass inside it.
LAT, LON, VXX, VXY, VYY, MEAN, PRECISION, FIRST, LAST, LOG_MASS = range(10)
COLUMNS = 10

WORDS = frozenset({SourceKind.PARTY, SourceKind.NEWS, SourceKind.PUBLIC})
"""Sources that state; all others watch or measure."""

_STATES = np.array([kind in WORDS for kind in SOURCE_KINDS])


@dataclass(frozen=True, slots=True, eq=False)
class Reports:
    """Reports in the order in which they are inserted.

    Attributes:
        summaries: One row a report, columns as above.
        information: Inverse covariances as (xx, xy, yy), per square metre.
        kinds: Probability of each kind given the report's word, rows sum to 1.
        log_kinds: Their logarithms by word, words down.
        words: Index of the report's word in ``KINDS``.
        origins: Codes of the origins; a report that repeats nothing has its own.
        relayed: Whether another report of the table has the same origin.
        sources: Codes of the sources.
        voices: Codes of the origins where one is named, else of the sources.
        moments: The instant that stands for the report in density counts, seconds.
        spread_m: Major standard deviation, metres.
        spread_s: How uncertain the time is, seconds.
    """

    summaries: Floats
    information: Floats
    kinds: Floats
    log_kinds: Floats
    words: Integers
    origins: Integers
    relayed: NDArray[np.bool_]
    sources: Integers
    voices: Integers
    moments: Floats
    spread_m: Floats
    spread_s: Floats

    def __len__(self) -> int:
        return len(self.summaries)


def insertion_order(table: ObservationTable) -> Integers:
    """Return row numbers by (received_at, observation_id): the order that rows cannot change."""
    received, ids = table.received_at_s.tolist(), table.observation_id.tolist()
    return np.array(sorted(range(len(table)), key=lambda row: (received[row], ids[row])), dtype=np.int64)


def believable(table: ObservationTable, settings: FusionSettings) -> ObservationTable:
    """Return the table with no sigma finer than its kind of source can know.

    A time that is an interval too long for a moment keeps its ends as they are: within it,
    every instant is as probable, and no precision is claimed.
    """
    states = _STATES[table.source_kind]
    metres = np.where(states, settings.words_least_sigma_m, settings.instruments_least_sigma_m)
    seconds = np.where(states, settings.words_least_sigma_s, settings.instruments_least_sigma_s)
    length = table.event_to_s - table.event_from_s
    moment = length <= 4 * np.maximum(seconds * settings.sigma_inflation, settings.time_floor_s)
    return replace(
        table,
        sigma_major_m=np.maximum(table.sigma_major_m, metres),
        sigma_minor_m=np.maximum(table.sigma_minor_m, metres),
        time_sigma_s=np.where(moment, np.maximum(table.time_sigma_s, seconds), table.time_sigma_s),
    )


def prepare(table: ObservationTable, order: Integers, settings: FusionSettings) -> Reports:
    """Return the rows of ``table`` in ``order``, ready for comparison."""
    inflate = settings.sigma_inflation
    major = np.maximum(table.sigma_major_m[order] * inflate, settings.sigma_floor_m)
    minor = np.maximum(table.sigma_minor_m[order] * inflate, settings.sigma_floor_m)
    azimuth = np.radians(table.azimuth_deg[order])
    sin, cos = np.sin(azimuth), np.cos(azimuth)
    a, b = major**2, minor**2
    xx, xy, yy = a * sin**2 + b * cos**2, (a - b) * sin * cos, a * cos**2 + b * sin**2
    determinant = a * b

    start, end = table.event_from_s[order], table.event_to_s[order]
    margin = table.time_sigma_s[order]
    sigma = margin * inflate
    length = end - start
    sharp = length <= 4 * np.maximum(sigma, settings.time_floor_s)
    variance = np.maximum(sigma, settings.time_floor_s) ** 2 + length**2 / 12
    middle = (start + end) / 2

    made = np.empty((len(order), COLUMNS))
    made[:, LAT], made[:, LON] = table.latitude[order], table.longitude[order]
    made[:, VXX], made[:, VXY], made[:, VYY] = xx, xy, yy
    made[:, MEAN] = np.where(sharp, middle, 0.0)
    made[:, PRECISION] = np.where(sharp, 1 / variance, 0.0)
    made[:, FIRST] = np.where(sharp, -np.inf, start - margin)
    made[:, LAST] = np.where(sharp, np.inf, end + margin)
    made[:, LOG_MASS] = np.where(sharp, 0.0, np.log(np.where(sharp, 1.0, length + 2 * margin)))

    words = table.kind[order]
    origins, sources = _origins(table, order), _codes(table.source_id[order].tolist())
    belief = confusion(settings) * prior()
    belief /= belief.sum(axis=1, keepdims=True)
    return Reports(
        made,
        np.column_stack([yy, -xy, xx]) / determinant[:, None],
        belief[words],
        np.log(belief),
        words,
        origins,
        np.bincount(origins, minlength=len(origins))[origins] > 1,
        sources,
        np.where(table.origin_id[order] == "", -1 - sources, origins),
        middle,
        major,
        np.where(sharp, np.sqrt(variance), length),
    )


def _origins(table: ObservationTable, order: Integers) -> Integers:
    """Return a code for each report's origin.

    Where no origin is named, a report is its own, and so is whatever the same source says
    again in the same words: the same place, time, kind and number.
    """
    said = (
        table.source_id,
        table.event_from_s,
        table.event_to_s,
        table.latitude,
        table.longitude,
        table.kind,
        table.count_min,
        table.count_max,
    )
    rows = zip(*(column[order].tolist() for column in said), strict=True)
    return _codes([name or row for name, row in zip(table.origin_id[order].tolist(), rows, strict=True)])


def _codes(things: Sequence[Hashable]) -> Integers:
    """Return a number for each thing: the place of the first one equal to it."""
    seen: dict[Hashable, int] = {}
    return np.array([seen.setdefault(thing, place) for place, thing in enumerate(things)], dtype=np.int64)
