# SPDX-License-Identifier: Apache-2.0
"""Missions made up for training, always marked EXERCISE, through the same services as any other.

Invariants: everything follows from the pack, the days, the seed and the moment at which it
ends; nothing here enters a mission that is not an exercise; what really happened is kept
beside the mission and never in it.
"""

from truceline.exercise.making import Asked, Made, make_exercise

__all__ = ["Asked", "Made", "make_exercise"]
