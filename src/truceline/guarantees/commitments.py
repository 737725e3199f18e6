# SPDX-License-Identifier: Apache-2.0
"""Commitments: what guarantors promised, how binding it is, and what was opened under it.

A commitment is one of the pack's guarantees.  Its legal status goes forward, by each
guarantor's own statement; what a pack states is where every guarantor begins.

Invariants: no step on a commitment has an effect but those that its guarantors, and the
offices that sign off on it, take themselves; nothing recorded is removed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from truceline.agreement import Agreement, Guarantee, Rule
from truceline.agreement.terms import Id, Moment, Words
from truceline.ceasefire.standing import Standing
from truceline.commission.composition import Composition
from truceline.commission.finding import Finding
from truceline.guarantees import obligations, sign_off
from truceline.guarantees.gates import Gates
from truceline.guarantees.obligations import CloseObligation, Obligation, RecordConsultation, RecordResponse
from truceline.guarantees.sign_off import SignOff, WithdrawSignOff, represented
from truceline.procedure import Capacity, Entry, Step, forbidden, require, require_capacity


class LegalStatus(StrEnum):
    """How binding a commitment is for a guarantor, from the weaker to the stronger."""

    DECLARED = "declared"
    SIGNED = "signed"
    RATIFIED = "ratified"
    IN_FORCE = "in_force"


_WEAKER_FIRST = tuple(LegalStatus)


@dataclass(frozen=True, slots=True)
class StateLegalStatus(Step):
    """State how binding a commitment has become for the guarantor that states it.

    Attributes:
        commitment: The guarantee's id in the pack.
        status: What it is now.
        since: Since when.
        source: What says so: a treaty series, a law, a gazette.
    """

    kind: ClassVar[str] = "guarantee"
    name: ClassVar[str] = "state-legal-status"
    commitment: Id
    status: LegalStatus
    since: Moment
    source: Words


STEPS: tuple[type[Step], ...] = (StateLegalStatus, *sign_off.STEPS, *obligations.STEPS)


@dataclass(frozen=True, slots=True)
class StatedStatus:
    """What is stated of a commitment's legal status for a guarantor.

    Attributes:
        status: What it is.
        since: Since when; None: the pack states it, without a date.
        leaf_index: Where it is recorded, with its source; None: in the pack.
    """

    status: LegalStatus
    since: datetime | None = None
    leaf_index: int | None = None


@dataclass(frozen=True, slots=True)
class Commitments:
    """Everything that was recorded of commitments.

    Attributes:
        statuses: What was stated of legal status, in order, by commitment and guarantor.
        obligations: Every obligation that was ever opened, by id, in order.
    """

    statuses: Mapping[tuple[str, str], tuple[StatedStatus, ...]] = field(default_factory=dict)
    obligations: Mapping[str, Obligation] = field(default_factory=dict)

    def status(self, guarantee: Guarantee, guarantor: str) -> StatedStatus:
        """Return a commitment's legal status for a guarantor: the last stated, or the pack's."""
        stated = self.statuses.get((guarantee.id, guarantor), ())
        return stated[-1] if stated else StatedStatus(LegalStatus(guarantee.legal_status))


def take(
    state: Commitments,
    entry: Entry,
    agreement: Agreement,
    composition: Composition,
    findings: Mapping[str, Finding],
    standing: Standing,
    gates: Gates,
) -> Commitments:
    """Return the commitments after a step.

    Args:
        state: Before it.
        entry: The step, and who took it when.
        agreement: The pack in force when it is taken.
        composition: Who holds which office.
        findings: Every finding that was adopted, by id.
        standing: How the ceasefire stands.
        gates: What was recorded of the gates.

    Raises:
        RuleViolation: The step is forbidden.
    """
    match entry.step:
        case StateLegalStatus():
            return _state_status(state, entry, entry.step, agreement)
        case SignOff():
            opened = sign_off.sign_off(
                state.obligations, entry, entry.step, agreement, composition, findings, standing, gates
            )
            return replace(state, obligations=opened)
        case WithdrawSignOff():
            ended = sign_off.withdraw(state.obligations, entry, entry.step, agreement, composition)
            return replace(state, obligations=ended)
        case RecordConsultation() | RecordResponse() | CloseObligation():
            named = entry.step.obligation
            after = obligations.take(state.obligations.get(named), entry, agreement)
            return replace(state, obligations={**state.obligations, named: after})
        case other:
            raise TypeError(f"{other.name} is no step of the commitments")


def _state_status(
    state: Commitments, entry: Entry, step: StateLegalStatus, agreement: Agreement
) -> Commitments:
    guarantee = next((one for one in agreement.guarantees if one.id == step.commitment), None)
    if guarantee is None:
        raise forbidden(agreement, Rule.KNOWN_MATTER, f"The agreement has no commitment {step.commitment}.")
    require_capacity(entry, agreement, Capacity.GUARANTOR)
    side = entry.who.on_behalf_of
    guarantors = represented(guarantee, agreement, side)
    require(
        bool(guarantors),
        agreement,
        Rule.ON_BEHALF,
        f"{side or 'The mission'} is no guarantor of {guarantee.id}.",
    )
    require(
        step.since <= entry.at,
        agreement,
        Rule.LEGAL_STATUS,
        "A legal status is stated once it holds, not before.",
    )
    stated = dict(state.statuses)
    for guarantor in guarantors:
        now = state.status(guarantee, guarantor).status
        require(
            _WEAKER_FIRST.index(step.status) > _WEAKER_FIRST.index(now),
            agreement,
            Rule.LEGAL_STATUS,
            f"{guarantee.id} is {now.value.replace('_', ' ')} for {guarantor}; its status only goes forward.",
        )
        key = (guarantee.id, guarantor)
        stated[key] = (*stated.get(key, ()), StatedStatus(step.status, step.since, entry.leaf_index))
    return replace(state, statuses=stated)
