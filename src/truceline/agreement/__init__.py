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
from truceline.agreement.mechanism import (
    Calendar,
    Characterisation,
    Commission,
    Force,
    Gate,
    Guarantee,
    Office,
    Procedure,
    Remedy,
    Seat,
    Standard,
    Term,
    Trigger,
)
from truceline.agreement.model import (
    Actor,
    Agreement,
    Claim,
    Clause,
    ClauseException,
    Comparison,
    DistanceRule,
    Fact,
    Party,
    Places,
    Region,
    ReleaseRule,
    Reporting,
    Resolution,
    Role,
    Source,
    SourceFamily,
    Validity,
    Version,
    Zone,
)
from truceline.agreement.notice import Circle, Notice, zone_of_circle
from truceline.agreement.rulebook import DEFAULT_TEXTS, Rule
from truceline.agreement.zones import (
    LineDistance,
    distance_from_line_m,
    line_length_m,
    probability_inside,
    probability_within,
)

__all__ = [
    "ATTRIBUTION",
    "DEFAULT_TEXTS",
    "PACK_FILES",
    "Actor",
    "Agreement",
    "Calendar",
    "Characterisation",
    "Circle",
    "Claim",
    "Clause",
    "ClauseException",
    "Commission",
    "Comparison",
    "DistanceRule",
    "Fact",
    "Force",
    "Gate",
    "Gazetteer",
    "Guarantee",
    "LineDistance",
    "Notice",
    "Office",
    "Party",
    "Places",
    "Procedure",
    "Region",
    "ReleaseRule",
    "Remedy",
    "Reporting",
    "Resolution",
    "Role",
    "Rule",
    "Seat",
    "Source",
    "SourceFamily",
    "Standard",
    "Term",
    "Town",
    "Trigger",
    "Validity",
    "Version",
    "Zone",
    "distance_from_line_m",
    "line_length_m",
    "load_files",
    "load_pack",
    "probability_inside",
    "probability_within",
    "zone_of_circle",
]
