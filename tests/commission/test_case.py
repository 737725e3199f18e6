# SPDX-License-Identifier: Apache-2.0
"""A case from its referral to the deliberation."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.commission.cases import (
    A_ONLY,
    CHAIR,
    FIRE,
    FROZEN,
    OF_A,
    OF_B,
    ONE,
    answered,
    commission,
    proposal,
    refer,
    told,
)
from tests.procedure.made import DUTY, LIAISON_A, LIAISON_B, SECRETARY, START, X

from truceline.agreement import Term
from truceline.commission import Phase
from truceline.commission.steps import (
    AddEvidence,
    CloseCase,
    Evidence,
    ExtendClock,
    GiveNotice,
    NoteHearing,
    PauseClock,
    Rebut,
    RecordSilence,
    Recuse,
    Refer,
    Respond,
    ResumeClock,
)
from truceline.errors import RuleViolation
from truceline.procedure import Capacity, ClockState, Step, Who, due, state_of


def refused(course: object, who: Who, step: Step) -> str:
    """Return the rule by which a step is refused."""
    before = course.state  # type: ignore[attr-defined]
    with pytest.raises(RuleViolation) as refusal:
        course.take(who, step)  # type: ignore[attr-defined]
    assert course.state is before  # type: ignore[attr-defined]
    assert refusal.value.citation
    return refusal.value.rule


def test_a_referral_opens_a_case_with_its_evidence_frozen() -> None:
    course = commission()
    case = refer(course)
    assert case.phase is Phase.REFERRED
    assert case.complainant == "B"
    assert case.evidence == (FROZEN,)


@pytest.mark.parametrize("who", [X, SECRETARY, Who("somebody", Capacity.PUBLIC)])
def test_a_matter_is_referred_by_those_whom_the_pack_names(who: Who) -> None:
    step = Refer("case-1", (FIRE,), ("inc-1",), FROZEN, statement="They fired.")
    assert refused(commission(), who, step) == "referral"


def test_cases_are_numbered_without_a_gap() -> None:
    step = Refer("case-2", (FIRE,), ("inc-1",), FROZEN, statement="They fired.")
    assert refused(commission(), DUTY, step) == "once"


@pytest.mark.parametrize(
    "evidence",
    [
        Evidence(8, "ab" * 32, (8,)),
        Evidence(10_000, "ab" * 32, (3,)),
        Evidence(8, "ab" * 32, (3, 3)),
    ],
)
def test_evidence_stands_in_the_log_already_and_once(evidence: Evidence) -> None:
    step = Refer("case-1", (FIRE,), (), evidence, statement="They fired.")
    assert refused(commission(), DUTY, step) == "evidence"


def test_a_referral_without_incident_or_evidence_is_refused() -> None:
    step = Refer("case-1", (FIRE,), (), Evidence(8, "ab" * 32, ()), statement="They fired.")
    assert refused(commission(), DUTY, step) == "referral"


def test_notice_goes_to_a_party_that_a_clause_binds_and_once() -> None:
    course = commission()
    refer(course, A_ONLY)
    assert refused(course, SECRETARY, GiveNotice("case-1", "B", allegation="Flights.")) == "notice"
    course.take(CHAIR, GiveNotice("case-1", "A", allegation="Flights."))
    assert refused(course, SECRETARY, GiveNotice("case-1", "A", allegation="Flights.")) == "once"


@pytest.mark.parametrize("who", [OF_A, ONE, LIAISON_B, DUTY, X])
def test_only_the_secretary_and_the_chair_conduct_a_case(who: Who) -> None:
    course = commission()
    refer(course)
    assert refused(course, who, GiveNotice("case-1", "A", allegation="Fire.")) == "capacity"


def test_a_response_ends_its_clock_and_begins_the_other_sides() -> None:
    course = told().wait(hours=30)
    course.take(LIAISON_A, Respond("case-1", statement="It was not us."))
    case = course.state.docket.cases["case-1"]
    calendar = course.agreement.calendar
    assert state_of(case.clocks["response:A"], calendar, course.now) is ClockState.MET
    assert due(case.clocks["rebuttal:B:A"], calendar) == course.now + timedelta(hours=72)
    assert case.unanswered == ("rebuttal:B:A",)


def test_only_who_was_told_responds_and_once() -> None:
    course = told()
    assert refused(course, LIAISON_B, Respond("case-1", statement="We comment.")) == "response"
    course.take(LIAISON_A, Respond("case-1", statement="It was not us."))
    assert refused(course, LIAISON_A, Respond("case-1", statement="Once more.")) == "response"


def test_a_party_does_not_rebut_itself_or_twice() -> None:
    course = answered()
    assert refused(course, LIAISON_A, Rebut("case-1", "A", statement="We agree.")) == "rebuttal"
    assert refused(course, LIAISON_B, Rebut("case-1", "A", statement="Again.")) == "rebuttal"


def test_silence_is_recorded_after_the_deadline_only() -> None:
    course = told()
    silence = RecordSilence("case-1", "response:A")
    course.wait(days=3)
    assert refused(course, SECRETARY, silence) == "silence"
    course.wait(days=6)
    course.take(SECRETARY, silence)
    case = course.state.docket.cases["case-1"]
    assert case.unanswered == ()
    assert case.phase is Phase.DELIBERATING
    assert "A" not in case.responses


def test_a_late_response_stands_beside_the_recorded_silence() -> None:
    course = told().wait(days=9)
    course.take(SECRETARY, RecordSilence("case-1", "response:A"))
    course.wait(hours=1)
    course.take(LIAISON_A, Respond("case-1", statement="Late, but not us."))
    case = course.state.docket.cases["case-1"]
    assert set(case.responses) == {"A"}
    assert set(case.silences) == {"response:A"}
    assert case.unanswered == ("rebuttal:B:A",)


def test_a_late_response_is_told_as_late() -> None:
    course = told().wait(days=9)
    course.take(LIAISON_A, Respond("case-1", statement="Late."))
    clock = course.state.docket.cases["case-1"].clocks["response:A"]
    assert state_of(clock, course.agreement.calendar, course.now) is ClockState.MET_LATE


def test_working_days_leave_out_week_ends() -> None:
    # Noticed on Monday 14 January 2030: five working days end with Monday 21 January, Kyiv time.
    clock = told().state.docket.cases["case-1"].clocks["response:A"]
    assert due(clock, told().agreement.calendar) == START.replace(day=21, hour=22)


def test_nothing_is_proposed_while_an_answer_is_awaited() -> None:
    assert refused(told(), CHAIR, proposal()) == "proposal"


def test_nothing_is_proposed_before_anybody_was_told() -> None:
    course = commission()
    refer(course)
    assert refused(course, CHAIR, proposal()) == "proposal"


def test_a_paused_clock_does_not_lapse_and_goes_on_where_it_was() -> None:
    course = answered()
    refer(course)
    course.take(SECRETARY, GiveNotice("case-2", "A", allegation="More fire."))
    course.take(SECRETARY, PauseClock("case-2", "response:A", "Floods."))
    assert refused(course, SECRETARY, PauseClock("case-2", "response:A", "Floods.")) == "clocks"
    course.wait(days=40)
    assert refused(course, SECRETARY, RecordSilence("case-2", "response:A")) == "silence"
    course.take(SECRETARY, ResumeClock("case-2", "response:A"))
    assert refused(course, SECRETARY, RecordSilence("case-2", "response:A")) == "silence"
    course.wait(days=9)
    course.take(SECRETARY, RecordSilence("case-2", "response:A"))


def test_a_lapsed_clock_can_be_extended_and_not_paused() -> None:
    course = told().wait(days=9)
    assert refused(course, SECRETARY, PauseClock("case-1", "response:A", "Late.")) == "clocks"
    course.take(SECRETARY, ExtendClock("case-1", "response:A", Term(working_days=5), "Asked for."))
    assert refused(course, SECRETARY, RecordSilence("case-1", "response:A")) == "silence"


def test_an_unknown_or_ended_clock_is_not_moved() -> None:
    course = answered()
    assert refused(course, SECRETARY, PauseClock("case-1", "response:Z", "Why not.")) == "clocks"
    assert refused(course, SECRETARY, ResumeClock("case-1", "response:A")) == "clocks"


def test_a_member_steps_aside_once() -> None:
    course = told()
    course.take(OF_B, Recuse("case-1", ground="A relative lives there."))
    assert refused(course, OF_B, Recuse("case-1", ground="Again.")) == "recusal"


def test_a_hearing_is_noted_after_it_was_held() -> None:
    course = answered()
    hearing = NoteHearing("case-1", course.now + timedelta(hours=1), present="All.", notes="Heard.")
    assert refused(course, SECRETARY, hearing) == "hearing"
    course.take(SECRETARY, NoteHearing("case-1", course.now, present="All.", notes="Heard."))
    assert len(course.state.docket.cases["case-1"].hearings) == 1


def test_evidence_is_added_until_a_proposal_is_made() -> None:
    course = answered()
    more = Evidence(9, "cd" * 32, (7,))
    course.take(LIAISON_A, AddEvidence("case-1", more))
    assert course.state.docket.cases["case-1"].evidence == (FROZEN, more)
    course.take(CHAIR, proposal())
    assert refused(course, LIAISON_A, AddEvidence("case-1", more)) == "evidence"


def test_a_case_without_a_finding_is_closed_with_its_clocks_stopped() -> None:
    course = told()
    course.take(SECRETARY, CloseCase("case-1", "Withdrawn by B."))
    case = course.state.docket.cases["case-1"]
    assert case.phase is Phase.CLOSED
    assert all(clock.ended for clock in case.clocks.values())
    assert refused(course, LIAISON_A, Respond("case-1", statement="We still answer.")) == "closing"


def test_nobody_of_the_mission_speaks_in_a_partys_name() -> None:
    course = told()
    lent = Who("secretary", Capacity.SECRETARY, "A")
    assert refused(course, lent, NoteHearing("case-1", course.now, present="All.", notes="X.")) == "on_behalf"


def test_a_step_names_a_case_that_there_is() -> None:
    assert refused(commission(), LIAISON_A, Respond("case-7", statement="What?")) == "known_matter"


def test_a_case_with_an_open_vote_is_not_closed() -> None:
    course = answered()
    course.take(CHAIR, proposal())
    assert refused(course, SECRETARY, CloseCase("case-1", "Done.")) == "closing"
