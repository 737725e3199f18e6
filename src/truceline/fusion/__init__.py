# SPDX-License-Identifier: Apache-2.0
"""Fusion: from observations to incidents, each with how sure that is.

What holds for every result:

- Every observation of the table is a member of exactly one incident.
- The order of the rows changes nothing, ids included.
- Reports of one origin in one incident count once: for the place, the time, the kind,
  ``independent_sources`` and ``probability_real``.
- A report that does not fit better than by even odds stays an incident of its own, with
  the runner-up beside it: doubt is shown, not settled.
- Accounts are kept, not averaged: numbers stated stay an interval, and a lull, an alert
  or a casualty is never merged into an attack.
- Nothing here says who did it, or that anything was breached.
"""

from truceline.fusion.engine import ENGINE, ENGINE_WITH_RULINGS, NO_RULINGS, fuse
from truceline.fusion.model import Fusion, Incident, Membership, Rulings
from truceline.fusion.output import incidents_to_arrow, memberships_to_arrow, write_fusion
from truceline.fusion.settings import DEFAULT, FusionSettings, Scale

__all__ = [
    "DEFAULT",
    "ENGINE",
    "ENGINE_WITH_RULINGS",
    "NO_RULINGS",
    "Fusion",
    "FusionSettings",
    "Incident",
    "Membership",
    "Rulings",
    "Scale",
    "fuse",
    "incidents_to_arrow",
    "memberships_to_arrow",
    "write_fusion",
]
