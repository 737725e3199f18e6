# SPDX-License-Identifier: Apache-2.0
"""How many incidents there are around a place and a time: the price of calling two reports one.

Two reports a kilometre and ten minutes apart are one event on a quiet line and two in a
bombardment.  The density is counted in boxes of several grains, coarse to fine; each
grain corrects the one above it as far as its own count carries:

    density = (count + weight) / (volume + weight / coarser density)

which is the mean of a gamma posterior whose prior is worth ``weight`` incidents.  A
report is judged at no grain finer than its own uncertainty.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from truceline.fusion.reports import LAT, LON, Reports
from truceline.fusion.settings import FusionSettings, Scale
from truceline.geodesy import metres_per_degree

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_NORTH_M = metres_per_degree(0.0)[1]
_DAY_S = 86_400.0
# A count is taken over the 27 cells around a point.
_CELLS = 27


def log_density(reports: Reports, weight: Floats, settings: FusionSettings) -> Floats:
    """Return the log density of incidents around each report, per square metre and second.

    Args:
        reports: Where and when, and how uncertain that is.
        weight: For how much of an incident each report stands; it does not count for itself.
        settings: Grains and weights.
    """
    sparsest = settings.sparsest_per_km2_day / (1e6 * _DAY_S)
    density = np.full(len(reports), sparsest)
    for level, scale in enumerate(settings.scales):
        count = np.maximum(_counts(reports, weight, scale) - weight, 0.0)
        volume = _CELLS * scale.metres**2 * scale.seconds
        finer = (count + settings.scale_weight) / (volume + settings.scale_weight / density)
        fits = (scale.metres >= reports.spread_m) & (scale.seconds >= reports.spread_s)
        density = np.where(fits | (level == 0), finer, density)
    logarithm: Floats = np.log(density)
    return logarithm


def _counts(reports: Reports, weight: Floats, scale: Scale) -> Floats:
    """Return the weight in the 27 cells of a grain around each report."""
    longitude = reports.summaries[:, LON]
    row = np.floor(reports.summaries[:, LAT] * _NORTH_M / scale.metres).astype(np.int64)
    tick = np.floor(reports.moments / scale.seconds).astype(np.int64)
    tick -= tick.min() if len(tick) else 0
    ticks, rows = int(tick.max(initial=0)) + 3, int(np.ceil(90 * _NORTH_M / scale.metres)) + 2

    def column(at_row: Integers) -> tuple[Integers, Integers]:
        """Return the column in a row of cells, and how many columns that row has."""
        shrink = np.cos(np.radians(np.clip((at_row + 0.5) * scale.metres / _NORTH_M, -89.0, 89.0)))
        around = np.maximum(np.floor(360 * _NORTH_M * shrink / scale.metres).astype(np.int64), 1)
        return np.floor((longitude + 180.0) / 360.0 * around).astype(np.int64) % around, around

    def key(at_row: Integers, at_column: Integers, at_tick: Integers) -> Integers:
        return ((at_row + rows) * 4_194_304 + at_column) * ticks + at_tick

    cells, inverse = np.unique(key(row, column(row)[0], tick + 1), return_inverse=True)
    held = np.bincount(inverse, weights=weight, minlength=len(cells))
    total = np.zeros(len(reports))
    for north in (-1, 0, 1):
        middle, around = column(row + north)
        for east in (-1, 0, 1):
            for later in (-1, 0, 1):
                wanted = key(row + north, (middle + east) % around, tick + 1 + later)
                found = np.minimum(np.searchsorted(cells, wanted), max(len(cells) - 1, 0))
                total += np.where(cells[found] == wanted, held[found], 0.0) if len(cells) else 0.0
    return total
