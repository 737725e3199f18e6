# SPDX-License-Identifier: Apache-2.0
"""The commission: who sits in it, the cases before it, and what it finds.

Invariants: evidence is frozen before anything is decided; a party is told, and heard or
recorded as silent, before a finding against it; a finding is adopted by quorum and
majority of members whom nothing bars; no clock is lost.
"""

from truceline.commission.bench import Docket
from truceline.commission.case import Case, Phase
from truceline.commission.composition import Composition
from truceline.commission.finding import Attribution, Finding, FindingStanding, Outcome, Ruling

__all__ = [
    "Attribution",
    "Case",
    "Composition",
    "Docket",
    "Finding",
    "FindingStanding",
    "Outcome",
    "Phase",
    "Ruling",
]
