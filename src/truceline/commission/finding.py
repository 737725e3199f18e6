# SPDX-License-Identifier: Apache-2.0
"""Findings: what the commission decided of a clause, and by which standard of proof.

"No breach" and "not attributable" are findings like any other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from truceline.agreement.terms import Id


class Outcome(StrEnum):
    """What is found of a clause."""

    BREACH = "breach"
    NO_BREACH = "no_breach"


class Attribution(StrEnum):
    """To whom a breach is attributed: a party, or nobody."""

    TO_PARTY = "to_party"
    NOT_ATTRIBUTABLE = "not_attributable"
    NONE = "none"


class FindingStanding(StrEnum):
    """How a finding stands."""

    ADOPTED = "adopted"
    UNDER_APPEAL = "under_appeal"
    UPHELD = "upheld"
    SET_ASIDE = "set_aside"


@dataclass(frozen=True, slots=True)
class Ruling:
    """What is found of one clause.

    Attributes:
        version: The version's id in the pack.
        clause: The clause's id.
        outcome: Breach, or no breach.
        attribution: Whether a breach is attributed; ``none`` where there is no breach.
        party: To which party; empty unless it is attributed.
        standard: The standard of proof, by the pack's id; for no breach, that which was not reached.
    """

    version: Id
    clause: Id
    outcome: Outcome
    attribution: Attribution
    party: str
    standard: Id


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding that was adopted.

    Attributes:
        finding_id: Its number in this mission, e.g. ``finding-1``.
        case_id: The case that it closes or answers.
        leaf_index: Where its adoption is recorded.
        adopted_at: When.
        rulings: What is found, clause by clause.
        characterisations: What the breach is called beyond its clause, by the pack's ids.
        standing: Whether it holds.
    """

    finding_id: str
    case_id: str
    leaf_index: int
    adopted_at: datetime
    rulings: tuple[Ruling, ...]
    characterisations: tuple[str, ...] = ()
    standing: FindingStanding = FindingStanding.ADOPTED

    @property
    def stands(self) -> bool:
        """Whether it is neither under appeal nor set aside."""
        return self.standing in {FindingStanding.ADOPTED, FindingStanding.UPHELD}

    @property
    def breach(self) -> bool:
        """Whether it finds a breach of any clause."""
        return any(ruling.outcome is Outcome.BREACH for ruling in self.rulings)
