# SPDX-License-Identifier: Apache-2.0
"""Deciding: proposals, votes, results, findings and dissent.

Invariants: a finding is adopted by the pack's quorum and majority and in no other way;
it rules on every clause of its case; it is attributed only to a party that was told and
that the clause binds; a declared result is the one that the ballots give.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from truceline.agreement import Agreement, Rule, Term
from truceline.commission.bench import Docket, Sitting, require_chair_or_secretary, require_sits
from truceline.commission.case import WINDOW, Case, Cast, Order, Proposal, Result
from truceline.commission.composition import Composition, seats_of
from truceline.commission.finding import (
    Attribution,
    Finding,
    FindingStanding,
    Outcome,
    Ruling,
)
from truceline.commission.steps import (
    Ballot,
    ClauseRef,
    DeclareResult,
    Disposal,
    Dissent,
    Propose,
    ProposeOnAppeal,
    RemedyOrder,
    Tally,
    Vote,
)
from truceline.procedure import Clock, forbidden, lapsed, require


def propose(case: Case, at: Sitting, step: Propose) -> Case:
    """Return the case with a finding proposed."""
    _require_may_propose(case, at, step.proposal_id)
    _require(at, Rule.PROPOSAL, bool(case.notices), "Give the party notice first: nobody was told.")
    _require(
        at,
        Rule.PROPOSAL,
        not case.unanswered,
        f"Still open: {', '.join(case.unanswered)}. Wait for the answer, or record the silence.",
    )
    _require(
        at,
        Rule.ONCE,
        not case.decided,
        f"{case.case_id} has its finding; it is changed on appeal, or in a new case.",
    )
    _require_rulings(case, at, step.rulings)
    _require_characterisations(at, step)
    for number, order in enumerate(step.orders, start=len(case.orders) + 1):
        _require_order(at, order, number)
    proposal = Proposal(
        step.proposal_id,
        at.entry.leaf_index,
        step.rulings,
        step.characterisations,
        step.orders,
        "",
        None,
        step.reasons,
    )
    return _opened(case, at, proposal)


def propose_on_appeal(case: Case, at: Sitting, step: ProposeOnAppeal) -> Case:
    """Return the case with a decision on an appeal proposed."""
    _require_may_propose(case, at, step.proposal_id)
    _require(
        at,
        Rule.APPEAL,
        any(one.finding_id == step.finding_id for one in case.open_appeals),
        f"No appeal against {step.finding_id} is pending in {case.case_id}.",
    )
    proposal = Proposal(
        step.proposal_id, at.entry.leaf_index, (), (), (), step.finding_id, step.disposal, step.reasons
    )
    return _opened(case, at, proposal)


def vote(case: Case, at: Sitting, step: Vote) -> Case:
    """Return the case with one more ballot."""
    proposal = _open_proposal(case, at, step.proposal_id)
    person, seat = at.entry.who.person, require_sits(at)
    why_not = barred(case, proposal, person, at.agreement, at.composition, at)
    if why_not is not None:
        raise forbidden(at.agreement, *why_not)
    _require(
        at,
        Rule.VOTE,
        all(cast.person != person for cast in proposal.ballots),
        "You have voted on this proposal.",
    )
    # A seat that changes hands during a vote does not vote again.
    _require(
        at,
        Rule.VOTE,
        sum(cast.seat == seat.id for cast in proposal.ballots) < seat.count,
        f"Every place of the seat {seat.id} has voted on this proposal.",
    )
    return case.with_proposal(
        replace(proposal, ballots=(*proposal.ballots, Cast(person, seat.id, step.ballot)))
    )


def declare(state: Docket, case: Case, at: Sitting, step: DeclareResult) -> Docket:
    """Return the docket after a vote has come out."""
    require_chair_or_secretary(at)
    proposal = _open_proposal(case, at, step.proposal_id)
    waiting = entitled(case, proposal, at) - {cast.person for cast in proposal.ballots}
    _require(
        at,
        Rule.VOTE,
        not waiting or lapsed(case.clocks[_vote_clock(proposal)], at.agreement.calendar, at.now),
        f"{len(waiting)} members may still vote, and the time for it has not run out.",
    )
    expected = result_of(state, case, proposal, at)
    _require(
        at,
        Rule.MAJORITY if quorate(expected.tally, at.agreement) else Rule.QUORUM,
        step == expected,
        "This is not how the ballots came out, or not what was proposed: "
        f"{'adopted' if expected.adopted else 'not adopted'}, {words_of(expected.tally)}.",
    )
    result = Result(at.entry.leaf_index, at.now, step.adopted, step.tally)
    case = case.with_proposal(replace(proposal, result=result))
    case = case.with_clock(case.clocks[_vote_clock(proposal)].met(at.now))
    if not step.adopted:
        return state.with_case(case)
    if proposal.disposal is None:
        return _adopt(state, case, at, step)
    return _dispose(state, case, at, proposal)


def result_of(state: Docket, case: Case, proposal: Proposal, at: Sitting) -> DeclareResult:
    """Return the result that a proposal's ballots give, as it is to be declared."""
    count = {ballot: sum(cast.ballot is ballot for cast in proposal.ballots) for ballot in Ballot}
    able = entitled(case, proposal, at) | {cast.person for cast in proposal.ballots}
    tally = Tally(count[Ballot.FOR], count[Ballot.AGAINST], count[Ballot.ABSTAIN], len(able))
    adopted = quorate(tally, at.agreement) and carried(tally, at.agreement)
    if not adopted:
        return DeclareResult(case.case_id, proposal.proposal_id, False, tally)
    number = "" if proposal.appealed else f"finding-{len(state.findings) + 1}"
    return DeclareResult(
        case.case_id,
        proposal.proposal_id,
        True,
        tally,
        number,
        proposal.rulings,
        proposal.characterisations,
        proposal.orders,
        reasons=proposal.reasons,
    )


def dissent(case: Case, at: Sitting, step: Dissent) -> Case:
    """Return the case after a dissent; the opinion stands in its entry."""
    person = at.entry.who.person
    _require(at, Rule.DISSENT, step.finding_id in case.findings, f"{case.case_id} has no {step.finding_id}.")
    proposal = adopting(case, step.finding_id)
    cast = next((one for one in proposal.ballots if one.person == person), None)
    _require(
        at,
        Rule.DISSENT,
        cast is not None and cast.ballot is not Ballot.FOR,
        "A dissent is for a member who voted on the finding, and not for it.",
    )
    clock = case.clocks[f"{WINDOW}dissent:{step.finding_id}"]
    _require(
        at,
        Rule.DISSENT,
        not clock.ended and not lapsed(clock, at.agreement.calendar, at.now),
        "The time for a dissent has run out.",
    )
    name = f"dissent:{step.finding_id}:{person}"
    _require(at, Rule.ONCE, name not in case.dissents, "You have dissented already.")
    return replace(case, dissents={**case.dissents, name: at.entry.leaf_index})


def adopting(case: Case, finding_id: str) -> Proposal:
    """Return the proposal by which a finding of the case was adopted."""
    number = case.findings.index(finding_id)
    adopted = [one for one in case.proposals.values() if one.result is not None and one.result.adopted]
    return [one for one in adopted if not one.appealed][number]


def barred(
    case: Case,
    proposal: Proposal,
    person: str,
    agreement: Agreement,
    composition: Composition,
    at: Sitting,
) -> tuple[Rule, str] | None:
    """Return the rule that keeps a person who sits from voting, and why; None: they may."""
    seat = at.seat(person)
    if seat is None or not seat.votes:
        return Rule.VOTE, f"The seat {'' if seat is None else seat.id} does not vote."
    if person in case.recused:
        return Rule.RECUSAL, "You have stepped aside from this case."
    party = agreement.party_of(composition.appointer(person, at.now, seats_of(agreement)) or "")
    if party is None:
        return None
    excluded = agreement.commission.excluded
    accused = {*case.notices, *(ruling.party for ruling in proposal.rulings if ruling.party)}
    if "own_conduct" in excluded and party in accused:
        return Rule.EXCLUSION, f"{party} appointed you, and the case is about its conduct."
    if "own_complaint" in excluded and party == case.complainant:
        return Rule.EXCLUSION, f"{party} appointed you, and referred the case."
    return None


def entitled(case: Case, proposal: Proposal, at: Sitting) -> set[str]:
    """Return the persons who sit now and may vote on a proposal."""
    persons = {one.person for one in at.composition.seated(at.now)}
    return {
        person
        for person in persons
        if barred(case, proposal, person, at.agreement, at.composition, at) is None
    }


def quorate(tally: Tally, agreement: Agreement) -> bool:
    """Tell whether enough members cast a ballot; without a quorum in the pack, every voting seat must."""
    seats = sum(seat.count for seat in agreement.commission.seats if seat.votes)
    cast = tally.votes_for + tally.votes_against + tally.abstained
    return cast >= (agreement.commission.quorum or seats)


def carried(tally: Tally, agreement: Agreement) -> bool:
    """Tell whether the ballots reach the majority that the pack names."""
    decided = tally.votes_for + tally.votes_against
    seats = sum(seat.count for seat in agreement.commission.seats if seat.votes)
    match agreement.commission.majority:
        case None:
            return False
        case "simple":
            return tally.votes_for > tally.votes_against
        case "absolute":
            return 2 * tally.votes_for > seats
        case "two_thirds":
            return decided > 0 and 3 * tally.votes_for >= 2 * decided
        case "three_quarters":
            return decided > 0 and 4 * tally.votes_for >= 3 * decided
        case "consensus":
            return tally.votes_for > 0 and tally.votes_against == 0


def words_of(tally: Tally) -> str:
    """Say a tally in words."""
    return (
        f"{tally.votes_for} for, {tally.votes_against} against, {tally.abstained} abstained, "
        f"of {tally.entitled} who could vote"
    )


def _require(at: Sitting, rule: Rule, holds: bool, reason: str) -> None:
    require(holds, at.agreement, rule, reason)


def _require_may_propose(case: Case, at: Sitting, proposal_id: str) -> None:
    require_sits(at)
    commission = at.agreement.commission
    _require(
        at,
        Rule.MAJORITY,
        commission.majority is not None,
        f"The agreement names no majority for {commission.name}, so nothing can be decided by it.",
    )
    _require(
        at,
        Rule.RECUSAL,
        at.entry.who.person not in case.recused,
        "You have stepped aside from this case.",
    )
    _require(
        at, Rule.PROPOSAL, case.open_proposal is None, f"A vote is open in {case.case_id}; let it come out."
    )
    number = f"proposal-{len(case.proposals) + 1}"
    _require(at, Rule.ONCE, proposal_id == number, f"The next proposal is {number}, not {proposal_id}.")


def _require_rulings(case: Case, at: Sitting, rulings: tuple[Ruling, ...]) -> None:
    ruled = [ClauseRef(ruling.version, ruling.clause) for ruling in rulings]
    _require(
        at,
        Rule.PROPOSAL,
        len(set(ruled)) == len(ruled) and set(ruled) == set(case.clauses),
        "A finding rules once on every clause of its case, and on no other.",
    )
    for ruling in rulings:
        _require_standard(at, ruling)
        _require_attribution(case, at, ruling)


def _require_standard(at: Sitting, ruling: Ruling) -> None:
    commission = at.agreement.commission
    order = [standard.id for standard in commission.standards]
    _require(
        at,
        Rule.STANDARD_OF_PROOF,
        ruling.standard in order,
        f"The agreement names no standard of proof {ruling.standard}; it names {', '.join(order) or 'none'}.",
    )
    least = commission.standard_for.get(ruling.clause)
    weaker = (
        least is not None
        and ruling.outcome is Outcome.BREACH
        and order.index(ruling.standard) < order.index(least)
    )
    _require(
        at,
        Rule.STANDARD_OF_PROOF,
        not weaker,
        f"A breach of {ruling.clause} is found by {least} or a stronger standard, not by {ruling.standard}.",
    )


def _require_attribution(case: Case, at: Sitting, ruling: Ruling) -> None:
    if ruling.attribution is not Attribution.TO_PARTY:
        fits = (ruling.attribution is Attribution.NONE) is (ruling.outcome is Outcome.NO_BREACH)
        _require(
            at,
            Rule.ATTRIBUTION,
            fits and not ruling.party,
            "A breach is attributed to a party or found not attributable; without a breach nothing is.",
        )
        return
    clause = at.agreement.clause(ruling.version, ruling.clause)
    bound = () if clause is None else clause.binds
    _require(
        at,
        Rule.ATTRIBUTION,
        ruling.outcome is Outcome.BREACH and ruling.party in bound,
        f"{ruling.clause} does not bind {ruling.party or 'nobody'}, or no breach of it is found.",
    )
    _require(
        at,
        Rule.NOTICE,
        ruling.party in case.notices,
        f"{ruling.party} was not told of this case; nothing is attributed to a party unheard.",
    )


def _require_characterisations(at: Sitting, step: Propose) -> None:
    known = {one.id for one in at.agreement.commission.characterisations}
    _require(
        at,
        Rule.KNOWN_MATTER,
        set(step.characterisations) <= known,
        f"The agreement knows these characterisations: {', '.join(sorted(known)) or 'none'}.",
    )
    breach = any(ruling.outcome is Outcome.BREACH for ruling in step.rulings)
    _require(
        at,
        Rule.PROPOSAL,
        breach or not (step.characterisations or step.orders),
        "Without a breach there is nothing to characterise and nothing to remedy.",
    )


def _require_order(at: Sitting, order: RemedyOrder, number: int) -> None:
    _require(
        at,
        Rule.REMEDY,
        any(one.id == order.remedy for one in at.agreement.remedies),
        f"The agreement's catalogue has no remedy {order.remedy}.",
    )
    agreement = at.agreement
    _require(
        at,
        Rule.REMEDY,
        order.owner in agreement.party_ids() or agreement.actor(order.owner) is not None,
        f"{order.owner} is neither a party nor an actor of the agreement, so nobody would carry it out.",
    )
    _require(at, Rule.ONCE, order.order_id == f"order-{number}", f"The order's number is order-{number}.")


def _opened(case: Case, at: Sitting, proposal: Proposal) -> Case:
    term = at.agreement.commission.procedure.vote
    clock = Clock(_vote_clock(proposal), "the commission", at.now, term)
    return case.with_proposal(proposal).with_clock(clock)


def _vote_clock(proposal: Proposal) -> str:
    return f"vote:{proposal.proposal_id}"


def _open_proposal(case: Case, at: Sitting, proposal_id: str) -> Proposal:
    proposal = case.open_proposal
    if proposal is None or proposal.proposal_id != proposal_id:
        raise forbidden(at.agreement, Rule.VOTE, f"No vote on {proposal_id} is open in {case.case_id}.")
    return proposal


def _adopt(state: Docket, case: Case, at: Sitting, step: DeclareResult) -> Docket:
    finding = Finding(
        step.finding_id,
        case.case_id,
        at.entry.leaf_index,
        at.now,
        step.rulings,
        step.characterisations,
    )
    case = replace(case, findings=(*case.findings, finding.finding_id))
    for clock in (*_windows(finding, at), *_deadlines(step.orders, at)):
        case = case.with_clock(clock)
    for order in step.orders:
        case = case.with_order(Order(order, finding.finding_id))
    return state.with_case(case).with_finding(finding)


def _windows(finding: Finding, at: Sitting) -> Iterator[Clock]:
    procedure = at.agreement.commission.procedure
    yield Clock(f"{WINDOW}dissent:{finding.finding_id}", "members", at.now, procedure.dissent)
    if procedure.appeal is not None:
        yield Clock(
            f"{WINDOW}appeal:{finding.finding_id}", "the parties to the case", at.now, procedure.appeal
        )


def _deadlines(orders: tuple[RemedyOrder, ...], at: Sitting) -> Iterator[Clock]:
    catalogue = {remedy.id: remedy.deadline_hours for remedy in at.agreement.remedies}
    for order in orders:
        hours = catalogue[order.remedy]
        term = order.term or (Term(hours=hours) if hours else None)
        if term is not None:
            yield Clock(f"remedy:{order.order_id}", order.owner, at.now, term)


def _dispose(state: Docket, case: Case, at: Sitting, proposal: Proposal) -> Docket:
    finding = state.findings[proposal.appealed]
    upheld = proposal.disposal is Disposal.UPHOLD
    standing = FindingStanding.UPHELD if upheld else FindingStanding.SET_ASIDE
    case = replace(
        case,
        appeals=tuple(
            replace(one, decided_at=at.now)
            if one.finding_id == finding.finding_id and one.decided_at is None
            else one
            for one in case.appeals
        ),
    )
    if not upheld:
        case = replace(case, set_aside=(*case.set_aside, finding.finding_id))
    for order in case.orders.values():
        clock = case.clocks.get(order.clock_id)
        if order.finding_id != finding.finding_id or clock is None or clock.ended:
            continue
        case = case.with_clock(clock.resume(at.now) if upheld else clock.stopped(at.now))
    return state.with_case(case).with_finding(replace(finding, standing=standing))
