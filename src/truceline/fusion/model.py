# SPDX-License-Identifier: Apache-2.0
"""Incidents and memberships: what fusion makes of observations.

An incident is the fused account of one real-world event.  Nothing here is a
judgement: no probability makes a violation (design, "What it never does").
"""

from __future__ import annotations

from dataclasses import dataclass, field

from truceline.geodesy import Ellipse
from truceline.interval import Interval
from truceline.vocabulary import Kind


@dataclass(frozen=True, slots=True)
class Membership:
    """How strongly one observation belongs to its incident, and to the runner-up.

    The five terms are natural-log odds and add up to the log odds of the best
    incident against a new one: ``space + time + type + intensity + prior``.
    """

    observation_id: str
    incident_id: str
    probability: float
    runner_up_id: str | None
    runner_up_probability: float
    space: float
    time: float
    type: float
    intensity: float
    prior: float


@dataclass(frozen=True, slots=True)
class Incident:
    """The fused account of one event.

    Attributes:
        incident_id: ``inc-`` and a digest of the earliest member: stable while
            later reports arrive.
        place: Centre and 1-sigma ellipse.
        when: The interval in which it began, one sigma beyond the fused ends.
        kinds: Probability of each kind, widest words included, descending, sums to 1.
        count_min: Least number stated by any member; None: nobody counted.
        count_max: Greatest number stated; None: no upper end, or nobody counted.
        reports: How many observations are members.
        independent_sources: Distinct origins among them (relays count once), or distinct
            sources where these are fewer.
        probability_real: That at least one member reports a real event.
        members: Observation ids, sorted.
    """

    incident_id: str
    place: Ellipse
    when: Interval
    kinds: tuple[tuple[Kind, float], ...]
    count_min: int | None
    count_max: int | None
    reports: int
    independent_sources: int
    probability_real: float
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rulings:
    """What people ruled on reports, by observation id; it goes before anything that the engine computes.

    Attributes:
        together: Pairs that tell of one event (must-link).
        apart: Pairs that tell of different events (cannot-link).
        without: Reports that were superseded, and count no more.
    """

    together: tuple[tuple[str, str], ...] = ()
    apart: tuple[tuple[str, str], ...] = ()
    without: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        """Tell whether anything was ruled."""
        return bool(self.together or self.apart or self.without)


@dataclass(frozen=True, slots=True)
class Fusion:
    """Everything that one run of an engine gives, sorted by id."""

    incidents: tuple[Incident, ...]
    memberships: tuple[Membership, ...]
    engine: str
    settings: tuple[tuple[str, float], ...] = field(default=())
