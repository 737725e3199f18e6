# SPDX-License-Identifier: Apache-2.0
"""Where an exercise's draws come from: numbers and bytes that follow from its seed and nothing else.

The bytes make the keys and salts of the mission.  Whoever knows the seed knows them, so they
protect nothing; they make two exercises of one seed the same, record by record.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import numpy as np


def numbers(seed: int, what: str) -> np.random.Generator:
    """Return a generator of its own for one part of an exercise, so that no part shifts another's draws."""
    digest = hashlib.sha256(f"{seed}\x1f{what}".encode()).digest()
    return np.random.default_rng(int.from_bytes(digest, "big"))


def bytes_from(seed: int, what: str) -> Callable[[int], bytes]:
    """Return a source of bytes: SHAKE-256 of the seed and a counter."""
    drawn = 0

    def draw(size: int) -> bytes:
        nonlocal drawn
        drawn += 1
        return hashlib.shake_256(f"EXERCISE\x1f{seed}\x1f{what}\x1f{drawn}".encode()).digest(size)

    return draw
