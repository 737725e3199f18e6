# SPDX-License-Identifier: Apache-2.0
"""Sign-off: a person who holds the office that the pack names says that a finding makes a commitment due.

Invariants: nothing opens an obligation but a sign-off; it rests on a finding of breach
that stands and is called what the trigger names, and on open gates; a guarantor has one
open obligation at most for a commitment and a finding; where the clocks start is stated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from truceline.agreement import Agreement, Guarantee, Rule
from truceline.agreement.terms import Id, Moment, Words
from truceline.ceasefire.standing import Standing
from truceline.commission.composition import SPEAKERS, Composition
from truceline.commission.finding import Finding
from truceline.guarantees.gates import Gates, ShutGate, shut_gates
from truceline.guarantees.obligations import LONGEST_HOURS, Closing, Ending, Obligation, clocks_from
from truceline.interval import iso
from truceline.procedure import Entry, Step, forbidden, require, require_capacity, require_own_side


@dataclass(frozen=True, slots=True)
class SignOff(Step):
    """Sign off that a finding makes a commitment due.

    Attributes:
        commitment: The guarantee's id in the pack.
        finding_id: The finding, e.g. ``finding-1``.
        office: The office that signs off.
        ground: Why.
        zero: From when the clocks run; None: from where the pack says, unless that is the
            first breach, which the sign-off states.
        ground_of_zero: Why from then; a stated first breach needs it.
    """

    kind: ClassVar[str] = "guarantee"
    name: ClassVar[str] = "sign-off"
    commitment: Id
    finding_id: Id
    office: Id
    ground: Words
    zero: Moment | None = field(default=None, kw_only=True)
    ground_of_zero: str = field(default="", kw_only=True)


@dataclass(frozen=True, slots=True)
class WithdrawSignOff(Step):
    """Withdraw a sign-off that was a mistake; what it opened ends, and stays in the record.

    Attributes:
        commitment: The guarantee's id in the pack.
        finding_id: The finding that was signed off on.
        office: The office that signed off.
        ground: What the mistake was.
    """

    kind: ClassVar[str] = "guarantee"
    name: ClassVar[str] = "withdraw-sign-off"
    commitment: Id
    finding_id: Id
    office: Id
    ground: Words


STEPS: tuple[type[Step], ...] = (SignOff, WithdrawSignOff)

Obligations = Mapping[str, Obligation]
"""Every obligation that was ever opened, by id, in order."""


def sign_off(
    obligations: Obligations,
    entry: Entry,
    step: SignOff,
    agreement: Agreement,
    composition: Composition,
    findings: Mapping[str, Finding],
    standing: Standing,
    gates: Gates,
) -> Obligations:
    """Return the obligations after a sign-off.

    One opens for each guarantor for whom the office signs off and whose gates are open.
    The office may sign off again for the others, once theirs are.

    Raises:
        RuleViolation: The sign-off is forbidden.
    """
    guarantee = _commitment(step, agreement)
    if guarantee.trigger is None:
        raise forbidden(
            agreement, Rule.TRIGGER, f"The commitment {guarantee.id} has no trigger to sign off on."
        )
    require(
        all(hours <= LONGEST_HOURS for hours in guarantee.clocks_hours),
        agreement,
        Rule.SIGN_OFF,
        f"A clock of {guarantee.id} is longer than {LONGEST_HOURS:,} h; the pack has to be put right first.",
    )
    _require_office(entry, step, guarantee, agreement, composition)
    finding = _triggering(step, guarantee, agreement, findings)
    due = due_from(obligations, step, guarantee, agreement)
    require(
        bool(due),
        agreement,
        Rule.SIGN_OFF,
        f"The office {step.office} has signed off on {step.finding_id} already, or nothing is left to open.",
    )
    zero = _zero(entry, step, guarantee, finding, agreement)
    return _opened(
        obligations, entry, step, guarantee, zero, _ready(due, entry, guarantee, agreement, standing, gates)
    )


def withdraw(
    obligations: Obligations,
    entry: Entry,
    step: WithdrawSignOff,
    agreement: Agreement,
    composition: Composition,
) -> Obligations:
    """Return the obligations after a sign-off was withdrawn: what it opened and is open still ends.

    Raises:
        RuleViolation: The withdrawal is forbidden.
    """
    _require_office(entry, step, _commitment(step, agreement), agreement, composition)
    opened = [
        one
        for one in obligations.values()
        if one.open
        and (one.commitment, one.finding_id, one.office) == (step.commitment, step.finding_id, step.office)
    ]
    require(
        bool(opened),
        agreement,
        Rule.SIGN_OFF,
        f"The office {step.office} has no sign-off on {step.finding_id} of which anything is open.",
    )
    closing = Closing(Ending.SIGN_OFF_WITHDRAWN, entry.at, entry.leaf_index)
    return {**obligations, **{one.obligation_id: one.ended(closing) for one in opened}}


def represented(guarantee: Guarantee, agreement: Agreement, side: str) -> tuple[str, ...]:
    """Return the guarantors of a commitment that a side is, or is of the same party as."""
    if side in guarantee.guarantors:
        return (side,)
    party = agreement.party_of(side)
    return tuple(
        dict.fromkeys(
            one for one in guarantee.guarantors if party is not None and agreement.party_of(one) == party
        )
    )


def signed_for(guarantee: Guarantee, agreement: Agreement, office: str) -> tuple[str, ...]:
    """Return the guarantors for whom an office signs off: its own, or all if its actor is none of them."""
    of = next((one.of for one in agreement.offices if one.id == office), "")
    return represented(guarantee, agreement, of) or tuple(dict.fromkeys(guarantee.guarantors))


def why_not_triggered(
    guarantee: Guarantee, *, breach: bool, stands: bool, characterisations: tuple[str, ...]
) -> str:
    """Return why a finding does not meet a commitment's trigger; empty: it does."""
    if guarantee.trigger is None:
        return "the commitment has no trigger"
    if not breach:
        return "no breach is found"
    if not stands:
        return "the finding does not stand: it is under appeal, or was set aside"
    if guarantee.trigger.finding not in characterisations:
        return f"the breach is not called {guarantee.trigger.finding}"
    return ""


def due_from(
    obligations: Obligations, step: SignOff, guarantee: Guarantee, agreement: Agreement
) -> tuple[str, ...]:
    """Return the guarantors for whom a sign-off can open something: not done, and not open already."""
    same = [
        one
        for one in obligations.values()
        if (one.commitment, one.finding_id) == (step.commitment, step.finding_id)
    ]
    taken = {
        one.guarantor
        for one in same
        if one.closing is None or (one.office == step.office and one.closing.how is Ending.CLOSED)
    }
    return tuple(one for one in signed_for(guarantee, agreement, step.office) if one not in taken)


def _commitment(step: SignOff | WithdrawSignOff, agreement: Agreement) -> Guarantee:
    found = next((one for one in agreement.guarantees if one.id == step.commitment), None)
    if found is None:
        raise forbidden(agreement, Rule.KNOWN_MATTER, f"The agreement has no commitment {step.commitment}.")
    return found


def _require_office(
    entry: Entry,
    step: SignOff | WithdrawSignOff,
    guarantee: Guarantee,
    agreement: Agreement,
    composition: Composition,
) -> None:
    office = next((one for one in agreement.offices if one.id == step.office), None)
    if office is None or office.id not in guarantee.sign_off:
        raise forbidden(
            agreement, Rule.SIGN_OFF, f"The office {step.office} does not sign off on {guarantee.id}."
        )
    require_capacity(entry, agreement, *SPEAKERS)
    require_own_side(entry, agreement, office.of)
    require(
        composition.holds(entry.who.person, office.id, entry.at),
        agreement,
        Rule.SIGN_OFF,
        f"Only who holds the office {office.id} signs off for it.",
    )


def _triggering(
    step: SignOff, guarantee: Guarantee, agreement: Agreement, findings: Mapping[str, Finding]
) -> Finding:
    finding = findings.get(step.finding_id)
    if finding is None:
        raise forbidden(agreement, Rule.TRIGGER, f"No finding {step.finding_id} was adopted.")
    why_not = why_not_triggered(
        guarantee,
        breach=finding.breach,
        stands=finding.stands,
        characterisations=finding.characterisations,
    )
    require(
        not why_not,
        agreement,
        Rule.TRIGGER,
        f"{step.finding_id} does not trigger {guarantee.id}: {why_not}.",
    )
    return finding


def _zero(
    entry: Entry, step: SignOff, guarantee: Guarantee, finding: Finding, agreement: Agreement
) -> datetime:
    match guarantee.zero:
        case "finding":
            return _as_stated(step, finding.adopted_at, "the finding's adoption", agreement)
        case "sign_off":
            return _as_stated(step, entry.at, "the sign-off", agreement)
        case "first_breach":
            if step.zero is None or not step.ground_of_zero.strip():
                raise forbidden(
                    agreement,
                    Rule.SIGN_OFF,
                    "The clocks run from the first breach; state when that was (zero), and on what ground.",
                )
            require(
                step.zero <= finding.adopted_at,
                agreement,
                Rule.SIGN_OFF,
                f"The first breach cannot come after the finding of {iso(finding.adopted_at)}.",
            )
            return step.zero


def _as_stated(step: SignOff, moment: datetime, what: str, agreement: Agreement) -> datetime:
    require(
        step.zero is None or step.zero == moment,
        agreement,
        Rule.SIGN_OFF,
        f"The clocks run from {what}, {iso(moment)}; leave the zero out, or give that.",
    )
    return moment


def _ready(
    due: tuple[str, ...],
    entry: Entry,
    guarantee: Guarantee,
    agreement: Agreement,
    standing: Standing,
    gates: Gates,
) -> tuple[str, ...]:
    """Return the guarantors whose gates are open; there must be one."""
    shut = {one: shut_gates(gates, guarantee.gates, agreement, standing, entry.at, one) for one in due}
    ready = tuple(one for one in due if not shut[one])
    reasons = "; ".join(f"for {one}: {_said(gates_of)}" for one, gates_of in shut.items())
    require(bool(ready), agreement, Rule.GATE, f"Gates of {guarantee.id} are shut: {reasons}.")
    return ready


def _said(gates: tuple[ShutGate, ...]) -> str:
    return ", ".join(f"{one.gate} ({one.why})" for one in gates)


def _opened(
    obligations: Obligations,
    entry: Entry,
    step: SignOff,
    guarantee: Guarantee,
    zero: datetime,
    guarantors: tuple[str, ...],
) -> Obligations:
    opened = [
        Obligation(
            f"obligation-{number}",
            guarantee.id,
            guarantor,
            step.finding_id,
            step.office,
            zero,
            entry.at,
            entry.leaf_index,
            clocks_from(zero, guarantee.clocks_hours, guarantor),
        )
        for number, guarantor in enumerate(guarantors, start=len(obligations) + 1)
    ]
    return {**obligations, **{one.obligation_id: one for one in opened}}
