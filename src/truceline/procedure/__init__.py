# SPDX-License-Identifier: Apache-2.0
"""How anything proceeds: who acts, what a step states and to whom, by which rule, and when it is due.

The rooms below (``ceasefire``, ``commission``, ``parties``, ``guarantees``) each have steps, a
state, and one pure function ``take(state, entry, ...)`` that returns the next state or
refuses the step with the rule that forbids it.  The same function decides what is
recorded and replays what was: an auditor sees each illegal step that an operator recorded.
"""

from truceline.procedure.clocks import Clock, ClockState, due, lapsed, state_of
from truceline.procedure.entry import (
    Entry,
    Irregular,
    forbidden,
    require,
    require_capacity,
    require_own_side,
    speaks_for,
)
from truceline.procedure.sight import Reader, ShownEntry, shown
from truceline.procedure.step import Step, completed, decode, encode, filled, read_step, tiers_of, within
from truceline.procedure.who import Capacity, Who

__all__ = [
    "Capacity",
    "Clock",
    "ClockState",
    "Entry",
    "Irregular",
    "Reader",
    "ShownEntry",
    "Step",
    "Who",
    "completed",
    "decode",
    "due",
    "encode",
    "filled",
    "forbidden",
    "lapsed",
    "read_step",
    "require",
    "require_capacity",
    "require_own_side",
    "shown",
    "speaks_for",
    "state_of",
    "tiers_of",
    "within",
]
