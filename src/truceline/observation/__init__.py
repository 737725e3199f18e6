# SPDX-License-Identifier: Apache-2.0
"""Observations, parties' claims and watches: what sources say, as they say it.

What holds:

1. What was given stays beside what was derived: a sighting keeps position, bearing and
   distance, and its ellipse is worked out from them the same way everywhere.
2. A count keeps its qualifier and is never coerced into a plain number.
3. A claim about a period is never part of an incident or of its count.
4. A watch that was lost says why; silence is not a watch.

The observation table stands in ``observation.table``, the rows of records in
``observation.codec``: only those who need PyArrow or the record import them.
"""

from truceline.observation.model import (
    Count,
    Observation,
    PartyClaim,
    Sighting,
    Statement,
    Watch,
)
from truceline.observation.sighting import ASSUMED_DISTANCE_M, place_of

__all__ = [
    "ASSUMED_DISTANCE_M",
    "Count",
    "Observation",
    "PartyClaim",
    "Sighting",
    "Statement",
    "Watch",
    "place_of",
]
