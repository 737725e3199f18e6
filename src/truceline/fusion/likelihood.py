# SPDX-License-Identifier: Apache-2.0
"""How well two summaries fit one event, in closed form.

The evidence that two accounts are of one event is the integral of the product of their
likelihoods over the event's unknown place, time and kind.  With Gaussians, hard
intervals and a finite set of kinds it has a closed form, and its logarithm splits into
the three terms here.  Space is a density a square metre, time a density a second, type a
ratio; ``intensity`` supplies the density of incidents that makes them odds.

What cannot be has probability 0 and log odds minus infinity: callers let NumPy take the
logarithm of zero.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from truceline.fusion.reports import FIRST, LAST, LAT, LOG_MASS, LON, MEAN, PRECISION, VXX, VXY, VYY
from truceline.geodesy import metres_per_degree

Floats = NDArray[np.float64]

_LOG_2PI = float(np.log(2 * np.pi))


def offsets_m(
    latitude: float, longitude: float, latitudes: Floats, longitudes: Floats
) -> tuple[Floats, Floats]:
    """Return (x east, y north) in metres from one position to others, over the date line too."""
    east, north = metres_per_degree(latitude)
    around = (longitudes - longitude + 180.0) % 360.0 - 180.0
    return around * east, (latitudes - latitude) * north


def space_term(one: Floats, others: Floats) -> tuple[Floats, Floats]:
    """Return the log density of the distances, a square metre, and their squared sigmas."""
    x, y = offsets_m(float(one[LAT]), float(one[LON]), others[:, LAT], others[:, LON])
    xx, xy, yy = one[VXX] + others[:, VXX], one[VXY] + others[:, VXY], one[VYY] + others[:, VYY]
    determinant = xx * yy - xy * xy
    squared = (yy * x * x - 2 * xy * x * y + xx * y * y) / determinant
    return -0.5 * squared - 0.5 * np.log(determinant) - _LOG_2PI, squared


def log_mass(mean: Floats, precision: Floats, first: Floats, last: Floats) -> Floats:
    """Return the log of a Gaussian's mass in an interval; without a Gaussian, of its length.

    An empty interval has the log mass minus infinity.
    """
    root = np.sqrt(precision)
    # Without a Gaussian and an interval this is 0 times infinity; it is then not chosen.
    low, high = (first - mean) * root, (last - mean) * root
    # Mirrored into the lower tail, where differences keep their digits.
    flip = low > 0
    mass = ndtr(np.where(flip, -low, high)) - ndtr(np.where(flip, -high, low))
    width = np.maximum(last - first, 0.0)
    found: Floats = np.log(np.where(precision > 0, mass, width) * (width > 0))
    return found


def time_term(one: Floats, others: Floats) -> Floats:
    """Return the log density, a second, of one account's time given the other's."""
    w1, w2 = one[PRECISION], others[:, PRECISION]
    total = w1 + w2
    both = w1 * w2 > 0
    safe = np.where(total > 0, total, 1.0)
    shared = np.where(both, w1 * w2 / safe, 1.0)
    gap = one[MEAN] - others[:, MEAN]
    density: Floats = np.where(both, 0.5 * (np.log(shared) - _LOG_2PI - shared * gap * gap), 0.0)
    if one[LAST] == np.inf and bool((others[:, LAST] == np.inf).all()):
        return density  # no hard interval on either side
    mean = (w1 * one[MEAN] + w2 * others[:, MEAN]) / safe
    mass = log_mass(
        mean, total, np.maximum(one[FIRST], others[:, FIRST]), np.minimum(one[LAST], others[:, LAST])
    )
    found: Floats = density + mass - one[LOG_MASS] - others[:, LOG_MASS]
    return found


def type_term(one: Floats, others: Floats, prior: Floats) -> Floats:
    """Return the log ratio of the kinds fitting one event, to their being chance; may be -inf."""
    ratio: Floats = np.log(others @ (one / prior))
    return ratio
