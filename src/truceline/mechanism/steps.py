# SPDX-License-Identifier: Apache-2.0
"""Every step that there is, by name, and every kind of record that holds steps."""

from __future__ import annotations

from collections.abc import Mapping

from truceline import parties, review
from truceline.ceasefire import arrangements, standing
from truceline.commission import composition
from truceline.commission import steps as docket
from truceline.guarantees import coalition, commitments, force, gates, support
from truceline.mechanism import suspension
from truceline.procedure import Step

STEPS: Mapping[str, type[Step]] = {
    step.name: step
    for room in (
        composition,
        review,
        docket,
        parties,
        standing,
        arrangements,
        gates,
        commitments,
        coalition,
        force,
        support,
        suspension,
    )
    for step in room.STEPS
}

KINDS: frozenset[str] = frozenset(step.kind for step in STEPS.values())
