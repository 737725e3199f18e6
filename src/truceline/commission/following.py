# SPDX-License-Identifier: Apache-2.0
"""What follows a finding: remedies and whether they were carried out, appeals, closing."""

from __future__ import annotations

from dataclasses import replace

from truceline.agreement import Rule
from truceline.commission.bench import Docket, Sitting, require_chair_or_secretary, require_party
from truceline.commission.case import WINDOW, AppealMade, Case, Order
from truceline.commission.finding import FindingStanding
from truceline.commission.steps import (
    Appeal,
    CheckCompliance,
    CloseCase,
    ComplianceResult,
    ReportCompliance,
)
from truceline.procedure import (
    Capacity,
    Clock,
    forbidden,
    lapsed,
    require,
    require_capacity,
    speaks_for,
)

SETTLED = frozenset({ComplianceResult.COMPLIED, ComplianceResult.NOT_COMPLIED})
"""Results that end a remedy's clock: the question when it is due is answered."""


def report(case: Case, at: Sitting, step: ReportCompliance) -> Case:
    """Return the case with a report by the owner of a remedy."""
    order = _order(case, at, step.order_id)
    require(
        speaks_for(at.entry.who, at.agreement, order.order.owner),
        at.agreement,
        Rule.COMPLIANCE,
        f"{order.order.owner} reports on {step.order_id}, and nobody else.",
    )
    return case.with_order(replace(order, reports=(*order.reports, at.entry.leaf_index)))


def check(case: Case, at: Sitting, step: CheckCompliance) -> Case:
    """Return the case with a check of a remedy."""
    order = _order(case, at, step.order_id)
    require_capacity(
        at.entry, at.agreement, Capacity.DUTY_OFFICER, Capacity.VERIFIER, Capacity.MONITOR, Capacity.SECRETARY
    )
    require(
        not speaks_for(at.entry.who, at.agreement, order.order.owner),
        at.agreement,
        Rule.COMPLIANCE,
        f"{order.order.owner} does not check its own compliance.",
    )
    clock = case.clocks.get(order.clock_id)
    early = (
        step.result is ComplianceResult.NOT_COMPLIED
        and clock is not None
        and not clock.ended
        and not lapsed(clock, at.agreement.calendar, at.now)
    )
    require(
        not early,
        at.agreement,
        Rule.COMPLIANCE,
        f"{step.order_id} is not due yet, so nobody has failed to carry it out.",
    )
    checked = case.with_order(replace(order, checks=(*order.checks, (at.entry.leaf_index, step.result))))
    if clock is None or clock.ended or step.result not in SETTLED:
        return checked
    complied = step.result is ComplianceResult.COMPLIED
    return checked.with_clock(clock.met(at.now) if complied else clock.stopped(at.now))


def appeal(state: Docket, case: Case, at: Sitting, step: Appeal) -> Docket:
    """Return the docket with an appeal pending."""
    party = require_party(at)
    finding = state.findings.get(step.finding_id)
    if finding is None or step.finding_id not in case.findings:
        raise forbidden(at.agreement, Rule.APPEAL, f"{case.case_id} has no {step.finding_id}.")
    clock = case.clocks.get(f"{WINDOW}appeal:{step.finding_id}")
    if clock is None:
        raise forbidden(at.agreement, Rule.APPEAL, "The agreement knows no appeal.")
    require(
        party in case.participants,
        at.agreement,
        Rule.APPEAL,
        f"{party} is not a party to {case.case_id}.",
    )
    require(
        all((one.finding_id, one.party) != (step.finding_id, party) for one in case.appeals),
        at.agreement,
        Rule.APPEAL,
        f"{party} has appealed against {step.finding_id} already.",
    )
    require(
        finding.standing in {FindingStanding.ADOPTED, FindingStanding.UNDER_APPEAL},
        at.agreement,
        Rule.APPEAL,
        f"{step.finding_id} was decided on appeal already.",
    )
    require(
        not clock.ended and not lapsed(clock, at.agreement.calendar, at.now),
        at.agreement,
        Rule.APPEAL,
        "The time for an appeal has run out.",
    )
    made = AppealMade(step.finding_id, party, at.entry.leaf_index)
    case = replace(case, appeals=(*case.appeals, made))
    if at.agreement.commission.procedure.appeal_stays_remedies:
        for order in case.orders.values():
            clock = case.clocks.get(order.clock_id)
            if clock is not None and not clock.ended and not clock.paused and not _late(clock, at):
                case = case.with_clock(clock.pause(at.now))
    return state.with_case(case).with_finding(replace(finding, standing=FindingStanding.UNDER_APPEAL))


def close(case: Case, at: Sitting, _step: CloseCase) -> Case:
    """Return the case, closed."""
    require_chair_or_secretary(at)
    pending = [] if case.open_proposal is None else [f"the vote on {case.open_proposal.proposal_id}"]
    pending += [f"the appeal of {one.party}" for one in case.open_appeals]
    if case.findings:
        # What is owed must be settled; a right that could still be used must have run out.
        pending += [
            name
            for name, clock in case.clocks.items()
            if not clock.ended and not (name.startswith(WINDOW) and _late(clock, at))
        ]
        pending += [
            f"the check of {name}"
            for name, order in case.orders.items()
            if order.result not in SETTLED
            and order.clock_id not in pending
            and order.finding_id not in case.set_aside
        ]
    require(not pending, at.agreement, Rule.CLOSING, f"Still open in {case.case_id}: {', '.join(pending)}.")
    closed = replace(case, closed_at=at.now)
    for clock in case.clocks.values():
        if not clock.ended:
            closed = closed.with_clock(clock.stopped(at.now))
    return closed


def _order(case: Case, at: Sitting, order_id: str) -> Order:
    order = case.orders.get(order_id)
    if order is None:
        raise forbidden(at.agreement, Rule.REMEDY, f"{case.case_id} has no {order_id}.")
    return order


def _late(clock: Clock, at: Sitting) -> bool:
    return lapsed(clock, at.agreement.calendar, at.now)
