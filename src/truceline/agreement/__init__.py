# SPDX-License-Identifier: Apache-2.0
"""The agreement: a pack of files, its zones and distances, its places.

The invariants:

1. A pack loads whole or not at all, and every fault of it is told at once.
2. An agreement can be loaded again from the bytes it was loaded from.
3. Everything that changes carries its validity; an old incident meets the line, the
   clause and the role of its own time.
4. A fact keeps every claim, and has at most one resolution, with its ground.
5. Probabilities over zones are exact to rounding and use no randomness.
"""

from truceline.agreement.gazetteer import ATTRIBUTION, Gazetteer, Town
from truceline.agreement.loader import PACK_FILES, load_files, load_pack
from truceline.agreement.model import (
    Actor,
    Agreement,
    Claim,
    Clause,
    ClauseException,
    Commission,
    Comparison,
    DistanceRule,
    Fact,
    Guarantee,
    Party,
    Places,
    Region,
    ReleaseRule,
    Remedy,
    Reporting,
    Resolution,
    Role,
    Seat,
    Source,
    SourceFamily,
    Validity,
    Version,
    Zone,
)
from truceline.agreement.zones import (
    LineDistance,
    distance_from_line_m,
    line_length_m,
    probability_inside,
    probability_within,
)

__all__ = [
    "ATTRIBUTION",
    "PACK_FILES",
    "Actor",
    "Agreement",
    "Claim",
    "Clause",
    "ClauseException",
    "Commission",
    "Comparison",
    "DistanceRule",
    "Fact",
    "Gazetteer",
    "Guarantee",
    "LineDistance",
    "Party",
    "Places",
    "Region",
    "ReleaseRule",
    "Remedy",
    "Reporting",
    "Resolution",
    "Role",
    "Seat",
    "Source",
    "SourceFamily",
    "Town",
    "Validity",
    "Version",
    "Zone",
    "distance_from_line_m",
    "line_length_m",
    "load_files",
    "load_pack",
    "probability_inside",
    "probability_within",
]
