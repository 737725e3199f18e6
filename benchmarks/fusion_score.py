# SPDX-License-Identifier: Apache-2.0
"""How well a grouping of reports agrees with the truth: B-cubed and pairwise F1.

B-cubed asks each report what share of its group is truly with it (precision) and what
share of its true incident is in its group (recall), and takes the mean over reports
(Bagga and Baldwin 1998).  Pairwise F1 asks the same of each pair, so that large groups
weigh more.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.int64]


def b_cubed_f1(truth: Labels, groups: Labels) -> float:
    """Return the harmonic mean of B-cubed precision and recall, 0 to 1."""
    together, in_truth, in_group = _sizes(truth, groups)
    share_of_group = float((together / in_group).mean())
    share_of_truth = float((together / in_truth).mean())
    return 2 * share_of_group * share_of_truth / (share_of_group + share_of_truth)


def pairwise_f1(truth: Labels, groups: Labels) -> float:
    """Return the F1 of pairs put together; 1 where neither side has a pair."""
    together, in_truth, in_group = _sizes(truth, groups)
    # Each pair is counted from both its ends, on both sides of the fraction.
    found, wanted, made = ((size - 1).sum() for size in (together, in_truth, in_group))
    return 2 * float(found) / float(wanted + made) if wanted + made else 1.0


def _sizes(truth: Labels, groups: Labels) -> tuple[Labels, Labels, Labels]:
    """Return for each report how many share both, its incident, and its group."""
    return (
        _counts(np.stack([truth, groups], axis=1)),
        _counts(truth[:, None]),
        _counts(groups[:, None]),
    )


def _counts(rows: Labels) -> Labels:
    """Return for each row how many rows are like it."""
    _, inverse, counts = np.unique(rows, axis=0, return_inverse=True, return_counts=True)
    return counts[inverse.ravel()].astype(np.int64)
