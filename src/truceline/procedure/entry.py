# SPDX-License-Identifier: Apache-2.0
"""An entry: a step as recorded, with who took it, when, and under whose signature."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from truceline.agreement import Agreement, Rule
from truceline.errors import RuleViolation
from truceline.procedure.step import Step
from truceline.procedure.who import Capacity, Who


@dataclass(frozen=True, slots=True)
class Entry:
    """One step in the record.

    Attributes:
        leaf_index: Where it stands in the log.
        at: When it was made, as its leaf says; aware UTC.
        who: Who took it.
        step: What was done.
        own_key: Whether it is signed by the person's own key; else the operator signed for them.
    """

    leaf_index: int
    at: datetime
    who: Who
    step: Step
    own_key: bool = False


@dataclass(frozen=True, slots=True)
class Irregular:
    """A recorded step that the rules forbid: it has no effect, and says why."""

    entry: Entry
    rule: str
    reason: str


def forbidden(agreement: Agreement, rule: Rule, reason: str) -> RuleViolation:
    """Return the refusal of a step, with the rule that forbids it and where that rule stands."""
    return RuleViolation(reason, rule=rule.value, citation=agreement.citation(rule))


def require(holds: bool, agreement: Agreement, rule: Rule, reason: str) -> None:
    """Refuse a step unless something holds.

    Raises:
        RuleViolation: It does not.
    """
    if not holds:
        raise forbidden(agreement, rule, reason)


def require_capacity(entry: Entry, agreement: Agreement, *allowed: Capacity) -> None:
    """Refuse a step to anybody but those whose task it is.

    Raises:
        RuleViolation: It is somebody else's task.
    """
    names = ", ".join(one.value.replace("_", " ") for one in allowed)
    require(
        entry.who.capacity in allowed,
        agreement,
        Rule.CAPACITY,
        f"A {entry.who.capacity.value.replace('_', ' ')} cannot {entry.step.name}; this is for: {names}.",
    )


def require_own_side(entry: Entry, agreement: Agreement, side: str) -> None:
    """Refuse a step for a party or actor by anybody who does not act on its behalf.

    Raises:
        RuleViolation: They act for somebody else.
    """
    require(
        speaks_for(entry.who, agreement, side),
        agreement,
        Rule.ON_BEHALF,
        f"{entry.who} cannot {entry.step.name} for {side}.",
    )


def speaks_for(who: Who, agreement: Agreement, side: str) -> bool:
    """Tell whether somebody acts on behalf of a party or actor: by its id, or as of the same party."""
    if not side or who.on_behalf_of == side:
        return bool(side)
    party = agreement.party_of(side)
    return party is not None and party == agreement.party_of(who.on_behalf_of)
