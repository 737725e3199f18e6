# SPDX-License-Identifier: Apache-2.0
"""The mechanism as a whole: its state is a fold over every step of procedure that was recorded.

Invariants: the same entries give the same state; a step that the rules forbid changes
nothing and is named; steps are dated in the order in which they stand in the log.
"""

from truceline.mechanism.state import Mechanism, reader_of, replay, take
from truceline.mechanism.steps import KINDS, STEPS

__all__ = ["KINDS", "STEPS", "Mechanism", "reader_of", "replay", "take"]
