# SPDX-License-Identifier: Apache-2.0
"""The roll of incidents: what list, map and figures of the console are drawn from alike.

One filter, one selection: list and map never disagree, because neither asks for itself.

What a reader sees of an incident goes by the release rule of their audience: an incident
that rests on an observation of a tier that is not theirs, or of another organisation's
compartment, is not shown at all, one that is too recent not yet, and where the rule
coarsens places, the centre of a cell stands for the place, and observations are not shown.
"""

from truceline.mission.roll.columns import FINEST, KINDS, STATUSES, Roll, read_roll, with_reviews
from truceline.mission.roll.keeping import RollKept
from truceline.mission.roll.selecting import (
    Bounds,
    Filter,
    HexagonCounts,
    Selection,
    Sight,
    opens,
    per_period,
    rule_for,
    sees_everything,
    select,
    sight_of,
)
from truceline.mission.roll.showing import (
    IncidentInFull,
    ShownIncident,
    in_full,
    may_read,
    shown,
    shown_watches,
)

__all__ = [
    "FINEST",
    "KINDS",
    "STATUSES",
    "Bounds",
    "Filter",
    "HexagonCounts",
    "IncidentInFull",
    "Roll",
    "RollKept",
    "Selection",
    "ShownIncident",
    "Sight",
    "in_full",
    "may_read",
    "opens",
    "per_period",
    "read_roll",
    "rule_for",
    "sees_everything",
    "select",
    "shown",
    "shown_watches",
    "sight_of",
    "with_reviews",
]
