# SPDX-License-Identifier: Apache-2.0
"""What may still be recorded while a mission is suspended, and when its keys are gone.

A suspended mission records its own steps of suspension, and that a restored copy signs
again.  It also takes what was signed at its source under a key that was enrolled before:
evidence must not be lost because nobody may work on it.  Nothing else is recorded, and
after the destruction of the keys nothing at all.

Invariant: whether a mission is suspended is known from its recorded steps alone.
"""

from __future__ import annotations

import json
from typing import Final

from truceline.agreement import Rule
from truceline.errors import RuleViolation
from truceline.evidence import Leaf
from truceline.mechanism.suspension import SUSPENSION, Phase, phase_of
from truceline.mission.evacuation.retired import cited
from truceline.observation.codec import STATEMENT_KINDS
from truceline.storage import Transaction, schema

WHILE_SUSPENDED: Final = frozenset({SUSPENSION, "restore", "fork", "refusal", "conflicts"})
"""Kinds that are recorded all the same: the last three keep submissions that cannot stand as records."""


def phase_in(transaction: Transaction) -> Phase:
    """Return how a mission stands, from the recorded steps of suspension."""
    return phase_of(json.loads(body) for body in transaction.bodies(schema.acts, kind=SUSPENSION))


def require_recordable(phase: Phase, leaf: Leaf, operator: str) -> None:
    """Refuse a record that the mission may not take as it stands.

    Args:
        phase: How it stands.
        leaf: The record's leaf.
        operator: The operator's author id.

    Raises:
        RuleViolation: It is suspended, or its keys were destroyed.
    """
    if phase is Phase.RUNNING:
        return
    at_source = leaf.kind in STATEMENT_KINDS and leaf.author != operator
    if phase is Phase.SUSPENDED and (at_source or leaf.kind in WHILE_SUSPENDED):
        return
    if phase is Phase.SUSPENDED:
        reason = (
            f"The mission is suspended, so no record of the kind {leaf.kind} is made. Nothing was changed. "
            "How it stands: truceline suspension status MISSION."
        )
    else:
        reason = "The mission's keys were destroyed: it can be read, and nothing more can be recorded."
    raise RuleViolation(reason, rule=Rule.SUSPENSION.value, citation=cited(Rule.SUSPENSION))
