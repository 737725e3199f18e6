# SPDX-License-Identifier: Apache-2.0
"""The ceasefire itself: how the agreement stands, and the arrangements under it.

Invariants: what people claim is kept beside what was determined, and neither overwrites
the other; an arrangement holds once every side of it has agreed; silence is never "held".
"""

from truceline.ceasefire.arrangements import Arrangement, Arrangements
from truceline.ceasefire.standing import Standing, State, has_entered_into_force, in_force, state_at

__all__ = [
    "Arrangement",
    "Arrangements",
    "Standing",
    "State",
    "has_entered_into_force",
    "in_force",
    "state_at",
]
