# SPDX-License-Identifier: Apache-2.0
"""What observations under an agreement amount to: incidents, memberships, assessments.

A pure function, so that anybody who holds the same observations, notices and pack
gets the same results and the same digest, with or without a mission.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from pydantic import TypeAdapter

from truceline.agreement import Agreement, Notice
from truceline.assessment import Assessment, assess
from truceline.evidence import canonical
from truceline.fusion import (
    DEFAULT,
    NO_RULINGS,
    Fusion,
    FusionSettings,
    Incident,
    Membership,
    Rulings,
    fuse,
)
from truceline.observation import Observation
from truceline.observation.table import ObservationTable
from truceline.vocabulary import Kind

INCIDENTS = TypeAdapter(Incident)
MEMBERSHIPS = TypeAdapter(Membership)
ASSESSMENTS = TypeAdapter(Assessment)

Derived = Incident | Membership | Assessment


@dataclass(frozen=True, slots=True)
class Results:
    """What a run derives, and from how many observations.

    ``unfused`` of the ``observations`` can be no account of an event at a place.
    """

    fusion: Fusion
    assessments: tuple[Assessment, ...]
    observations: int
    unfused: int

    def encoded(self) -> Iterator[tuple[Derived, bytes]]:
        """Yield each result with its canonical JSON, in a fixed order."""
        for incident in self.fusion.incidents:
            yield incident, canonical(INCIDENTS.dump_python(incident, mode="json"))
        for link in self.fusion.memberships:
            yield link, canonical(MEMBERSHIPS.dump_python(link, mode="json"))
        for one in self.assessments:
            yield one, canonical(ASSESSMENTS.dump_python(one, mode="json"))

    def digest(self) -> str:
        """Return the SHA-256 over every result, each behind its length in 8 bytes."""
        digest = hashlib.sha256()
        for _, body in self.encoded():
            digest.update(len(body).to_bytes(8, "big") + body)
        return digest.hexdigest()


def can_be_fused(observation: Observation) -> bool:
    """Tell whether an observation can be an account of an event at a place.

    A lull is a statement that nothing happened, and what names no place on a map
    could join anything: both are kept and shown, and never fused.
    """
    return observation.place is not None and observation.kind is not Kind.LULL


def derive(
    observations: Iterable[Observation],
    agreement: Agreement,
    *,
    settings: FusionSettings = DEFAULT,
    notices: Sequence[Notice] = (),
    rulings: Rulings = NO_RULINGS,
    progress: Callable[[str], None] = lambda _step: None,
) -> Results:
    """Fuse observations into incidents and assess each against the clauses.

    Args:
        observations: In any order; the result does not depend on it.
        agreement: The pack with every version and zone.
        settings: What the engine assumes.
        notices: The exceptions that parties notified, in any order.
        rulings: What people ruled on observations; those superseded are counted, and not fused.
        progress: Told which step is under way.
    """
    kept = {one.observation_id: one for one in observations}
    fusible = {name: one for name, one in kept.items() if can_be_fused(one) and name not in rulings.without}
    progress(f"fusing {len(fusible):,} observations")
    fusion = fuse(ObservationTable.from_observations(fusible.values()), settings, rulings)
    progress(f"assessing {len(fusion.incidents):,} incidents")
    assessments = (
        assessment
        for incident in fusion.incidents
        for assessment in assess(
            incident, [fusible[member] for member in incident.members], agreement, notices
        )
    )
    in_order = sorted(assessments, key=lambda one: (one.incident_id, one.version_id, one.clause_id))
    return Results(fusion, tuple(in_order), len(kept), len(kept) - len(fusible))
