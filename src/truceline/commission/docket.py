# SPDX-License-Identifier: Apache-2.0
"""The docket: every case before the commission, and which step may follow which.

``take`` is the procedure.  Referral, notice, answers, hearing, clocks and closing stand
here; proposals, votes and findings in ``deciding``; remedies and appeals in ``following``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from truceline.agreement import Agreement, Rule
from truceline.commission import deciding, following
from truceline.commission.bench import (
    Docket,
    Sitting,
    require_chair_or_secretary,
    require_party,
    require_plain_voice,
    require_sits,
)
from truceline.commission.case import WINDOW, Case
from truceline.commission.composition import Composition
from truceline.commission.steps import (
    AddEvidence,
    Appeal,
    CheckCompliance,
    CloseCase,
    DeclareResult,
    Dissent,
    Evidence,
    ExtendClock,
    GiveNotice,
    NoteHearing,
    PauseClock,
    Propose,
    ProposeOnAppeal,
    Rebut,
    RecordSilence,
    Recuse,
    Refer,
    ReportCompliance,
    Respond,
    ResumeClock,
    Vote,
)
from truceline.procedure import Capacity, Clock, Entry, Step, due, forbidden, lapsed, require

OneStep = TypeVar("OneStep", bound=Step)


def take(state: Docket, entry: Entry, agreement: Agreement, composition: Composition) -> Docket:
    """Return the docket after a step.

    Raises:
        RuleViolation: The step is forbidden.
    """
    at = Sitting(entry, agreement, composition)
    require_plain_voice(at)
    match entry.step:
        case Refer():
            after = _refer(state, at, entry.step)
        case Propose():
            after = _in_case(state, at, entry.step, deciding.propose)
        case ProposeOnAppeal():
            after = _in_case(state, at, entry.step, deciding.propose_on_appeal)
        case Vote():
            after = _in_case(state, at, entry.step, deciding.vote)
        case DeclareResult():
            after = deciding.declare(state, _case(state, at, entry.step.case_id), at, entry.step)
        case Dissent():
            after = _in_case(state, at, entry.step, deciding.dissent)
        case ReportCompliance():
            after = _in_case(state, at, entry.step, following.report)
        case CheckCompliance():
            after = _in_case(state, at, entry.step, following.check)
        case Appeal():
            after = following.appeal(state, _case(state, at, entry.step.case_id), at, entry.step)
        case CloseCase():
            after = _in_case(state, at, entry.step, following.close)
        case _:
            after = _conduct(state, at)
    return after


def _conduct(state: Docket, at: Sitting) -> Docket:
    """Take a step that leads from the referral to the deliberation, or that moves a clock."""
    step = at.entry.step
    match step:
        case AddEvidence():
            after = _in_case(state, at, step, _add_evidence)
        case GiveNotice():
            after = _in_case(state, at, step, _give_notice)
        case Respond():
            after = _in_case(state, at, step, _respond)
        case Rebut():
            after = _in_case(state, at, step, _rebut)
        case RecordSilence():
            after = _in_case(state, at, step, _record_silence)
        case NoteHearing():
            after = _in_case(state, at, step, _note_hearing)
        case Recuse():
            after = _in_case(state, at, step, _recuse)
        case PauseClock():
            after = _in_case(state, at, step, _pause)
        case ResumeClock():
            after = _in_case(state, at, step, _resume)
        case ExtendClock():
            after = _in_case(state, at, step, _extend)
        case other:
            raise TypeError(f"{other.name} is no step of a case")
    return after


CaseStep = (
    AddEvidence
    | GiveNotice
    | Respond
    | Rebut
    | RecordSilence
    | NoteHearing
    | Recuse
    | PauseClock
    | ResumeClock
    | ExtendClock
    | Propose
    | ProposeOnAppeal
    | Vote
    | Dissent
    | ReportCompliance
    | CheckCompliance
    | CloseCase
)
OneCaseStep = TypeVar("OneCaseStep", bound=CaseStep)


def _in_case(
    state: Docket, at: Sitting, step: OneCaseStep, taking: Callable[[Case, Sitting, OneCaseStep], Case]
) -> Docket:
    return state.with_case(taking(_case(state, at, step.case_id), at, step))


def _case(state: Docket, at: Sitting, case_id: str) -> Case:
    """Return an open case.

    Raises:
        RuleViolation: There is none such, or it is closed.
    """
    case = state.cases.get(case_id)
    if case is None:
        raise forbidden(at.agreement, Rule.KNOWN_MATTER, f"There is no case {case_id}.")
    if case.closed_at is not None:
        raise forbidden(at.agreement, Rule.CLOSING, f"{case_id} is closed; refer the matter anew.")
    return case


def next_case_id(state: Docket) -> str:
    """Return the number that the next case has."""
    return f"case-{len(state.cases) + 1}"


def _refer(state: Docket, at: Sitting, step: Refer) -> Docket:
    entry, agreement = at.entry, at.agreement
    allowed = tuple(Capacity(name) for name in agreement.commission.procedure.referral_by)
    require(
        entry.who.capacity in allowed,
        agreement,
        Rule.REFERRAL,
        f"A {entry.who.capacity.value.replace('_', ' ')} cannot refer a matter to this commission.",
    )
    complainant = ""
    if entry.who.capacity is Capacity.LIAISON:
        complainant = require_party(at)
    if entry.who.capacity is Capacity.MEMBER:
        require_sits(at)
    require(
        step.case_id == next_case_id(state),
        agreement,
        Rule.ONCE,
        f"The next case is {next_case_id(state)}, not {step.case_id}.",
    )
    for ref in step.clauses:
        require(
            agreement.clause(ref.version, ref.clause) is not None,
            agreement,
            Rule.KNOWN_MATTER,
            f"The agreement has no clause {ref.clause} in its version {ref.version}.",
        )
    require(len(set(step.clauses)) == len(step.clauses), agreement, Rule.ONCE, "A clause is named twice.")
    require(
        bool(step.incidents or step.evidence.records),
        agreement,
        Rule.REFERRAL,
        "A referral names at least one incident, or a record as evidence.",
    )
    _require_frozen(at, step.evidence)
    case = Case(
        step.case_id,
        entry.at,
        entry.leaf_index,
        str(entry.who),
        complainant,
        step.clauses,
        step.incidents,
        (step.evidence,),
    )
    return state.with_case(case)


def _require_frozen(at: Sitting, evidence: Evidence) -> None:
    require(
        evidence.tree_size <= at.entry.leaf_index
        and all(index < evidence.tree_size for index in evidence.records),
        at.agreement,
        Rule.EVIDENCE,
        "Evidence is a record that stands in the log already, below the size at which it is frozen.",
    )
    require(
        len(set(evidence.records)) == len(evidence.records),
        at.agreement,
        Rule.EVIDENCE,
        "A record is named twice as evidence.",
    )


def _add_evidence(case: Case, at: Sitting, step: AddEvidence) -> Case:
    capacity = at.entry.who.capacity
    if capacity is Capacity.LIAISON:
        require(
            require_party(at) in case.participants,
            at.agreement,
            Rule.EVIDENCE,
            "Only parties to the case, and the mission, add evidence to it.",
        )
    elif capacity is Capacity.MEMBER:
        require_sits(at)
    else:
        require(
            capacity in {Capacity.SECRETARY, Capacity.DUTY_OFFICER, Capacity.VERIFIER, Capacity.ANALYST},
            at.agreement,
            Rule.EVIDENCE,
            "Only parties to the case, and the mission, add evidence to it.",
        )
    require(
        case.open_proposal is None and (not case.decided or bool(case.open_appeals)),
        at.agreement,
        Rule.EVIDENCE,
        "Evidence is added before a proposal is made, or while an appeal is pending.",
    )
    require(bool(step.evidence.records), at.agreement, Rule.EVIDENCE, "Name at least one record.")
    _require_frozen(at, step.evidence)
    return replace(case, evidence=(*case.evidence, step.evidence))


def _before_proposal(case: Case, at: Sitting, rule: Rule) -> None:
    require(
        case.open_proposal is None and not case.decided,
        at.agreement,
        rule,
        f"{case.case_id} is past that: a vote is open, or it is decided.",
    )


def _give_notice(case: Case, at: Sitting, step: GiveNotice) -> Case:
    require_chair_or_secretary(at)
    _before_proposal(case, at, Rule.NOTICE)
    bound = {
        party
        for ref in case.clauses
        if (clause := at.agreement.clause(ref.version, ref.clause)) is not None
        for party in clause.binds
    }
    require(
        step.party in bound,
        at.agreement,
        Rule.NOTICE,
        f"No clause of {case.case_id} binds {step.party}; it binds {', '.join(sorted(bound)) or 'nobody'}.",
    )
    require(
        step.party not in case.notices, at.agreement, Rule.ONCE, f"{step.party} was given notice already."
    )
    clock = Clock(
        f"response:{step.party}", step.party, at.entry.at, at.agreement.commission.procedure.response
    )
    told = replace(case, notices={**case.notices, step.party: at.entry.leaf_index})
    return told.with_clock(clock)


def _respond(case: Case, at: Sitting, _step: Respond) -> Case:
    party = require_party(at)
    _before_proposal(case, at, Rule.RESPONSE)
    require(
        party in case.notices,
        at.agreement,
        Rule.RESPONSE,
        f"{party} was not given notice in {case.case_id}; only who was told responds.",
    )
    require(party not in case.responses, at.agreement, Rule.RESPONSE, f"{party} has responded already.")
    name = f"response:{party}"
    answered = replace(case, responses={**case.responses, party: at.entry.leaf_index})
    clock = case.clocks[name]
    # A late answer is an answer: it stands beside the silence that was recorded.
    answered = answered.with_clock(clock if clock.ended else clock.met(at.entry.at))
    for other in answered.participants:
        if other != party:
            answered = answered.with_clock(
                Clock(
                    f"rebuttal:{other}:{party}",
                    other,
                    at.entry.at,
                    at.agreement.commission.procedure.rebuttal,
                )
            )
    return answered


def _rebut(case: Case, at: Sitting, step: Rebut) -> Case:
    party = require_party(at)
    _before_proposal(case, at, Rule.REBUTTAL)
    name = f"rebuttal:{party}:{step.response_of}"
    require(
        name in case.clocks,
        at.agreement,
        Rule.REBUTTAL,
        f"{party} has no response of {step.response_of} to answer in {case.case_id}.",
    )
    require(name not in case.rebuttals, at.agreement, Rule.REBUTTAL, f"{party} has answered it already.")
    answered = replace(case, rebuttals={**case.rebuttals, name: at.entry.leaf_index})
    clock = case.clocks[name]
    return answered.with_clock(clock if clock.ended else clock.met(at.entry.at))


def _record_silence(case: Case, at: Sitting, step: RecordSilence) -> Case:
    require_chair_or_secretary(at)
    require(
        step.clock in case.unanswered,
        at.agreement,
        Rule.SILENCE,
        f"{case.case_id} waits for no answer under {step.clock}.",
    )
    clock = case.clocks[step.clock]
    until = due(clock, at.agreement.calendar)
    require(
        lapsed(clock, at.agreement.calendar, at.entry.at),
        at.agreement,
        Rule.SILENCE,
        f"{step.clock} is paused." if until is None else f"{step.clock} runs until {until.isoformat()}.",
    )
    silent = replace(case, silences={**case.silences, step.clock: at.entry.leaf_index})
    return silent.with_clock(clock.stopped(at.entry.at))


def _note_hearing(case: Case, at: Sitting, step: NoteHearing) -> Case:
    require_chair_or_secretary(at)
    require(
        case.open_proposal is None and (not case.decided or bool(case.open_appeals)),
        at.agreement,
        Rule.HEARING,
        "A hearing is held before a proposal is made, or on appeal.",
    )
    require(
        case.opened_at <= step.held_at <= at.entry.at,
        at.agreement,
        Rule.HEARING,
        "A hearing is noted after it was held, and held after the referral.",
    )
    return replace(case, hearings=(*case.hearings, at.entry.leaf_index))


def _recuse(case: Case, at: Sitting, _step: Recuse) -> Case:
    require_sits(at)
    person = at.entry.who.person
    require(person not in case.recused, at.agreement, Rule.RECUSAL, "You have stepped aside already.")
    proposal = case.open_proposal
    require(
        proposal is None or all(cast.person != person for cast in proposal.ballots),
        at.agreement,
        Rule.RECUSAL,
        "You have voted on the open proposal; step aside after it.",
    )
    return replace(case, recused=(*case.recused, person))


def _running(case: Case, at: Sitting, name: str) -> Clock:
    require_chair_or_secretary(at)
    clock = case.clocks.get(name)
    if clock is None:
        raise forbidden(at.agreement, Rule.CLOCKS, f"{case.case_id} has no clock {name}.")
    require(not clock.ended, at.agreement, Rule.CLOCKS, f"{name} has ended.")
    return clock


def _pause(case: Case, at: Sitting, step: PauseClock) -> Case:
    clock = _running(case, at, step.clock)
    require(not clock.paused, at.agreement, Rule.CLOCKS, f"{step.clock} is paused already.")
    require(
        not lapsed(clock, at.agreement.calendar, at.entry.at),
        at.agreement,
        Rule.CLOCKS,
        f"{step.clock} has lapsed; it can be extended, not paused.",
    )
    return case.with_clock(clock.pause(at.entry.at))


def _resume(case: Case, at: Sitting, step: ResumeClock) -> Case:
    clock = _running(case, at, step.clock)
    require(clock.paused, at.agreement, Rule.CLOCKS, f"{step.clock} is not paused.")
    return case.with_clock(clock.resume(at.entry.at))


def _extend(case: Case, at: Sitting, step: ExtendClock) -> Case:
    clock = _running(case, at, step.clock)
    require(
        not step.clock.startswith(WINDOW) or not lapsed(clock, at.agreement.calendar, at.entry.at),
        at.agreement,
        Rule.CLOCKS,
        f"{step.clock} has ended: a right that has lapsed does not come back.",
    )
    return case.with_clock(clock.extend(step.term))
