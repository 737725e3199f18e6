# SPDX-License-Identifier: Apache-2.0
"""What parties claim of whole days in an exercise: of the other side much, of their own little.

The claims contradict each other, as they do; none of them is the truth.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from truceline.exercise.truth import TrueEvent
from truceline.vocabulary import is_attack


@dataclass(frozen=True, slots=True)
class DayClaim:
    """One row of parties' claims, before it is written.

    Attributes:
        claim_id: Its id; it begins with EXERCISE.
        claimant: The party that says it.
        about: The party of which it says it.
        begins: The first moment of the day that it is about.
        ends: Its last.
        count: How many acts of fire it says there were.
        qualifier: How exact that is said to be.
    """

    claim_id: str
    claimant: str
    about: str
    begins: datetime
    ends: datetime
    count: int
    qualifier: str


def claims_of(
    events: Sequence[TrueEvent], parties: Sequence[str], begins: datetime, days: int, rng: np.random.Generator
) -> tuple[DayClaim, ...]:
    """Return what each party claims of each day: of every other party, and on most days of itself."""
    return tuple(_claims(events, parties, begins, days, rng))


def _claims(
    events: Sequence[TrueEvent], parties: Sequence[str], begins: datetime, days: int, rng: np.random.Generator
) -> Iterator[DayClaim]:
    for day in range(days):
        first, last = begins + timedelta(days=day), begins + timedelta(days=day + 1)
        fire = [one for one in events if first <= one.at < last and is_attack(one.kind)]
        for claimant in parties:
            for about in parties:
                real = sum(one.count for one in fire if one.by == about)
                own = claimant == about
                if own and rng.uniform() < 0.3:
                    continue
                said = 0 if own else round(real * rng.uniform(1.2, 2.5) + rng.integers(0, 4))
                qualifier = "exact" if own else ("about", "at_least", "more_than")[int(rng.integers(3))]
                name = f"EXERCISE-claim-{day + 1:03d}-{claimant}-{about}"
                yield DayClaim(name, claimant, about, first, last, int(said), qualifier)
