# SPDX-License-Identifier: Apache-2.0
"""Commitments: legal status, sign-off, and the obligations that a sign-off opens."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from tests.guarantees.promised import (
    HOST,
    LONG_TERM,
    MINISTER_X,
    MINISTER_Y,
    RENEWED,
    Promises,
    approval,
    ended,
    finding,
    sign_off,
    with_guarantee,
)
from tests.procedure.made import DUTY, LIAISON_A, START, X, Y, Z

from truceline.agreement import Rule
from truceline.commission.finding import Finding, FindingStanding, Outcome
from truceline.errors import RuleViolation
from truceline.guarantees.commitments import LegalStatus, StateLegalStatus
from truceline.guarantees.gates import ShutGateStep
from truceline.guarantees.obligations import (
    CloseObligation,
    Ending,
    Ground,
    RecordConsultation,
    RecordResponse,
    Sort,
    entries_about,
    ground_of,
    without_ground,
)
from truceline.guarantees.sign_off import SignOff, WithdrawSignOff
from truceline.procedure import Capacity, ClockState, Reader, Step, Who, shown, state_of
from truceline.vocabulary import Tier


def refusal(made: Promises, who: Who, step: Step) -> RuleViolation:
    before = made.commitments
    with pytest.raises(RuleViolation) as refused:
        made.take(who, step)
    assert made.commitments == before
    assert refused.value.citation
    return refused.value


def ratified(made: Promises, status: LegalStatus = LegalStatus.RATIFIED) -> StateLegalStatus:
    return StateLegalStatus(RENEWED, status, made.now, "EXERCISE law 1")


def response(
    at: datetime, clock_hours: int | None = None, number: int = 1, sort: Sort = Sort.DIPLOMATIC
) -> RecordResponse:
    return RecordResponse(f"obligation-{number}", sort, at, clock_hours, note="EXERCISE")


def withdrawal(office: str = "x-government") -> WithdrawSignOff:
    return WithdrawSignOff(RENEWED, "finding-1", office, "EXERCISE: the wrong finding was read")


# Legal status.


def test_a_commitment_begins_with_the_status_that_the_pack_states() -> None:
    made = Promises()
    status = made.commitments.status(made.agreement.guarantees[0], "X")
    assert (status.status, status.since, status.leaf_index) == (LegalStatus.SIGNED, None, None)


def test_a_guarantor_states_its_own_status_and_no_other_guarantors() -> None:
    made = Promises()
    entry = made.take(X, ratified(made))
    guarantee = made.agreement.guarantees[0]
    status = made.commitments.status(guarantee, "X")
    assert (status.status, status.since, status.leaf_index) == (LegalStatus.RATIFIED, START, entry.leaf_index)
    assert made.commitments.status(guarantee, "Y").status is LegalStatus.SIGNED


@pytest.mark.parametrize("status", [LegalStatus.DECLARED, LegalStatus.SIGNED, LegalStatus.RATIFIED])
def test_a_status_only_goes_forward(status: LegalStatus) -> None:
    made = Promises()
    made.take(X, ratified(made))
    assert refusal(made, X, ratified(made, status)).rule == Rule.LEGAL_STATUS


def test_a_status_may_skip_a_stage() -> None:
    made = Promises()
    made.take(Y, StateLegalStatus(LONG_TERM, LegalStatus.IN_FORCE, START, "EXERCISE treaty"))
    assert made.commitments.status(made.agreement.guarantees[1], "Y").status is LegalStatus.IN_FORCE


def test_a_status_is_not_stated_before_it_holds() -> None:
    made = Promises()
    step = StateLegalStatus(RENEWED, LegalStatus.RATIFIED, START + timedelta(days=1), "EXERCISE law 1")
    assert refusal(made, X, step).rule == Rule.LEGAL_STATUS


@pytest.mark.parametrize(
    ("who", "rule"),
    [(DUTY, Rule.CAPACITY), (LIAISON_A, Rule.CAPACITY), (Z, Rule.ON_BEHALF)],
)
def test_nobody_but_a_guarantor_states_the_status(who: Who, rule: Rule) -> None:
    made = Promises()
    assert refusal(made, who, ratified(made)).rule == rule


def test_a_status_is_stated_of_a_commitment_that_the_agreement_has() -> None:
    step = StateLegalStatus("nothing", LegalStatus.RATIFIED, START, "EXERCISE")
    assert refusal(Promises(), X, step).rule == Rule.KNOWN_MATTER


# Sign-off.


def test_a_sign_off_opens_an_obligation_of_its_offices_own_guarantor() -> None:
    made = Promises().approved().wait(5)
    entry = made.take(MINISTER_X, sign_off())
    assert list(made.commitments.obligations) == ["obligation-1"]
    one = made.obligation()
    assert (one.guarantor, one.commitment, one.finding_id, one.office) == (
        "X",
        RENEWED,
        "finding-1",
        "x-government",
    )
    assert (one.zero, one.opened_at, one.leaf_index) == (START, entry.at, entry.leaf_index)
    assert [(clock.term.hours, clock.zero, clock.owner) for clock in one.clocks] == [
        (24, START, "X"),
        (72, START, "X"),
    ]


def test_obligations_are_numbered_in_their_order() -> None:
    made = Promises().opened()
    made.take(MINISTER_Y, sign_off("y-government"))
    assert [(one.obligation_id, one.guarantor) for one in made.commitments.obligations.values()] == [
        ("obligation-1", "X"),
        ("obligation-2", "Y"),
    ]


@pytest.mark.parametrize(
    "other",
    [
        finding(outcome=Outcome.NO_BREACH),
        finding(characterisations=()),
        finding(characterisations=("something-else",)),
        finding(standing=FindingStanding.UNDER_APPEAL),
        finding(standing=FindingStanding.SET_ASIDE),
    ],
    ids=["no breach", "not called anything", "called something else", "under appeal", "set aside"],
)
def test_a_finding_that_does_not_meet_the_trigger_opens_nothing(other: Finding) -> None:
    made = Promises().approved()
    made.findings = {"finding-1": other}
    assert refusal(made, MINISTER_X, sign_off()).rule == Rule.TRIGGER


def test_a_finding_that_was_upheld_on_appeal_triggers() -> None:
    made = Promises().approved()
    made.findings = {"finding-1": finding(standing=FindingStanding.UPHELD)}
    made.take(MINISTER_X, sign_off())
    assert made.obligation().open


def test_no_finding_no_obligation() -> None:
    made = Promises().approved()
    assert refusal(made, MINISTER_X, sign_off(finding_id="finding-2")).rule == Rule.TRIGGER


def test_a_commitment_without_a_trigger_is_not_signed_off() -> None:
    made = Promises().approved()
    assert refusal(made, MINISTER_Y, sign_off("y-government", commitment=LONG_TERM)).rule == Rule.TRIGGER


def test_a_commitment_that_the_agreement_does_not_have_is_not_signed_off() -> None:
    made = Promises().approved()
    assert refusal(made, MINISTER_X, sign_off(commitment="nothing")).rule == Rule.KNOWN_MATTER


@pytest.mark.parametrize(
    ("who", "office", "rule"),
    [
        (X, "x-government", Rule.SIGN_OFF),
        (MINISTER_Y, "x-government", Rule.ON_BEHALF),
        (Who(MINISTER_X.person, Capacity.HEAD_OF_MISSION), "x-government", Rule.CAPACITY),
        (HOST, "host-government", Rule.SIGN_OFF),
        (MINISTER_X, "no-such-office", Rule.SIGN_OFF),
    ],
)
def test_only_who_holds_the_named_office_signs_off(who: Who, office: str, rule: Rule) -> None:
    assert refusal(Promises().approved(), who, sign_off(office)).rule == rule


def test_nobody_signs_off_for_an_office_that_nobody_holds() -> None:
    made = Promises()
    made.take(X, approval("X"))
    assert refusal(made, MINISTER_X, sign_off()).rule == Rule.SIGN_OFF


def test_a_shut_gate_stops_a_sign_off_and_is_named() -> None:
    refused = refusal(Promises().appointed(), MINISTER_X, sign_off())
    assert refused.rule == Rule.GATE
    assert "approval" in refused.summary


def test_a_gate_that_was_shut_again_stops_a_sign_off() -> None:
    made = Promises().approved()
    made.take(X, ShutGateStep("approval", "EXERCISE: taken back", "EXERCISE gazette", actor="X"))
    assert refusal(made, MINISTER_X, sign_off()).rule == Rule.GATE


def test_nothing_opens_under_an_agreement_that_never_entered_into_force() -> None:
    refused = refusal(Promises(ended()).approved(), MINISTER_X, sign_off())
    assert refused.rule == Rule.GATE
    assert "never entered into force" in refused.summary


def test_an_office_signs_off_once_on_a_finding() -> None:
    made = Promises().opened()
    assert refusal(made, MINISTER_X, sign_off()).rule == Rule.SIGN_OFF
    made.take(X, CloseObligation("obligation-1", "EXERCISE: done"))
    assert refusal(made, MINISTER_X, sign_off()).rule == Rule.SIGN_OFF


def test_another_finding_is_signed_off_on_its_own() -> None:
    made = Promises().opened()
    made.findings = {**made.findings, "finding-2": finding(2)}
    made.take(MINISTER_X, sign_off(finding_id="finding-2"))
    assert [one.finding_id for one in made.commitments.obligations.values()] == ["finding-1", "finding-2"]


def test_an_office_of_no_guarantor_signs_off_for_every_guarantor() -> None:
    made = Promises(with_guarantee(sign_off=("host-government",))).approved()
    made.take(HOST, sign_off("host-government"))
    assert [one.guarantor for one in made.commitments.obligations.values()] == ["X", "Y"]


def test_such_a_sign_off_opens_no_second_obligation_beside_an_open_one() -> None:
    made = Promises(with_guarantee(sign_off=("x-government", "host-government"))).opened()
    made.take(HOST, sign_off("host-government"))
    assert [(one.guarantor, one.office) for one in made.commitments.obligations.values()] == [
        ("X", "x-government"),
        ("Y", "host-government"),
    ]


def test_a_guarantor_whose_gate_is_shut_is_left_out_until_it_is_open() -> None:
    made = Promises(with_guarantee(sign_off=("host-government",))).appointed()
    made.take(X, approval("X"))
    made.take(HOST, sign_off("host-government"))
    assert [one.guarantor for one in made.commitments.obligations.values()] == ["X"]
    assert refusal(made, HOST, sign_off("host-government")).rule == Rule.GATE
    made.take(Y, approval("Y"))
    made.take(HOST, sign_off("host-government"))
    assert [one.guarantor for one in made.commitments.obligations.values()] == ["X", "Y"]


def test_an_office_signs_off_for_the_guarantor_of_its_own_party() -> None:
    made = Promises(
        with_guarantee(sign_off=("host-government",), guarantors=("A-government", "B-government"))
    )
    made.appointed()
    made.take(Who("envoy-b", Capacity.GUARANTOR, "B"), approval("B-government"))
    made.take(HOST, sign_off("host-government"))
    assert [one.guarantor for one in made.commitments.obligations.values()] == ["B-government"]


# Where the clocks start.


def test_the_zero_is_the_findings_adoption_where_the_pack_says_so() -> None:
    made = Promises().approved().wait(3)
    assert refusal(made, MINISTER_X, sign_off(zero=made.now)).rule == Rule.SIGN_OFF
    made.take(MINISTER_X, sign_off(zero=START))
    assert made.obligation().zero == START


def test_the_zero_is_the_sign_off_where_the_pack_says_so() -> None:
    made = Promises(with_guarantee("sign_off")).approved().wait(3)
    assert refusal(made, MINISTER_X, sign_off(zero=START)).rule == Rule.SIGN_OFF
    entry = made.take(MINISTER_X, sign_off(zero=made.now))
    assert made.obligation().zero == entry.at


def test_a_sign_off_that_leaves_out_its_zero_takes_the_packs() -> None:
    made = Promises(with_guarantee("sign_off")).approved().wait(3)
    entry = made.take(MINISTER_X, sign_off())
    assert made.obligation().zero == entry.at


def test_the_zero_is_the_first_breach_as_the_sign_off_states_it() -> None:
    made = Promises(with_guarantee("first_breach")).approved().wait(3)
    breach = START - timedelta(days=2)
    made.take(MINISTER_X, sign_off(zero=breach, ground_of_zero="EXERCISE: the first shell"))
    assert made.obligation().zero == breach
    assert state_of(made.obligation().clocks[0], made.agreement.calendar, made.now) is ClockState.LAPSED


@pytest.mark.parametrize(
    ("zero", "ground"),
    [(None, "EXERCISE"), (START, ""), (START, "  "), (START + timedelta(seconds=1), "EXERCISE")],
    ids=["no zero", "no ground", "a blank ground", "after the finding"],
)
def test_a_first_breach_is_stated_with_its_ground_and_not_after_the_finding(
    zero: datetime | None, ground: str
) -> None:
    made = Promises(with_guarantee("first_breach")).approved().wait(3)
    assert refusal(made, MINISTER_X, sign_off(zero=zero, ground_of_zero=ground)).rule == Rule.SIGN_OFF


def test_a_clock_that_no_term_can_hold_is_refused_and_named() -> None:
    made = Promises(with_guarantee(clocks_hours=(10**15,))).approved()
    refused = refusal(made, MINISTER_X, sign_off())
    assert refused.rule == Rule.SIGN_OFF
    assert "87,600" in refused.summary


# Withdrawing a sign-off.


def test_a_withdrawn_sign_off_ends_what_it_opened_and_keeps_the_account() -> None:
    made = Promises().opened().wait(1)
    entry = made.take(MINISTER_X, withdrawal())
    closing = made.obligation().closing
    assert closing is not None
    assert (closing.how, closing.leaf_index) == (Ending.SIGN_OFF_WITHDRAWN, entry.leaf_index)
    assert {state_of(clock, made.agreement.calendar, made.now) for clock in made.obligation().clocks} == {
        ClockState.STOPPED
    }


def test_an_office_that_withdrew_its_sign_off_may_sign_off_again() -> None:
    made = Promises(with_guarantee("first_breach")).approved()
    made.take(MINISTER_X, sign_off(zero=START, ground_of_zero="EXERCISE: a slip of the pen"))
    made.take(MINISTER_X, withdrawal())
    breach = START - timedelta(hours=7)
    made.take(MINISTER_X, sign_off(zero=breach, ground_of_zero="EXERCISE: the first shell"))
    assert [(one.open, one.zero) for one in made.commitments.obligations.values()] == [
        (False, START),
        (True, breach),
    ]


@pytest.mark.parametrize(
    ("who", "step", "rule"),
    [
        (X, withdrawal(), Rule.SIGN_OFF),
        (MINISTER_Y, withdrawal(), Rule.ON_BEHALF),
        (MINISTER_Y, withdrawal("y-government"), Rule.SIGN_OFF),
        (MINISTER_X, WithdrawSignOff(RENEWED, "finding-9", "x-government", "EXERCISE"), Rule.SIGN_OFF),
        (MINISTER_X, WithdrawSignOff("nothing", "finding-1", "x-government", "EXERCISE"), Rule.KNOWN_MATTER),
    ],
)
def test_a_sign_off_is_withdrawn_by_its_own_office_alone(who: Who, step: WithdrawSignOff, rule: Rule) -> None:
    made = Promises().opened()
    assert refusal(made, who, step).rule == rule
    assert made.obligation().open


def test_what_its_guarantor_closed_is_not_withdrawn() -> None:
    made = Promises().opened()
    made.take(X, CloseObligation("obligation-1", "EXERCISE: done"))
    assert refusal(made, MINISTER_X, withdrawal()).rule == Rule.SIGN_OFF


# Steps against an obligation.


def test_a_response_answers_the_clock_that_it_names() -> None:
    made = Promises().opened().wait(20)
    entry = made.take(X, response(made.now, 24))
    first, second = made.obligation().clocks
    assert first.met_at == made.now
    assert not second.ended
    assert [(one.leaf_index, one.clock_hours) for one in made.obligation().responses] == [
        (entry.leaf_index, 24)
    ]


def test_a_late_response_is_shown_as_late_and_not_refused() -> None:
    made = Promises().opened().wait(30)
    made.take(X, response(made.now, 24))
    assert state_of(made.obligation().clocks[0], made.agreement.calendar, made.now) is ClockState.MET_LATE


def test_a_response_that_was_made_in_time_is_in_time_though_recorded_late() -> None:
    made = Promises().opened().wait(30)
    made.take(X, response(START + timedelta(hours=23), 24))
    assert state_of(made.obligation().clocks[0], made.agreement.calendar, made.now) is ClockState.MET


def test_a_clock_is_answered_once() -> None:
    made = Promises().opened().wait(1)
    made.take(X, response(made.now, 24))
    assert refusal(made, X, response(made.now, 24)).rule == Rule.OBLIGATION


def test_a_response_may_answer_no_clock() -> None:
    made = Promises().opened().wait(1)
    made.take(X, response(made.now))
    made.take(X, response(made.now, sort=Sort.SANCTIONS))
    assert len(made.obligation().responses) == 2
    assert not any(clock.ended for clock in made.obligation().clocks)


def test_a_clock_that_does_not_run_is_not_answered() -> None:
    made = Promises().opened().wait(1)
    assert refusal(made, X, response(made.now, 48)).rule == Rule.OBLIGATION


def test_what_was_done_before_a_clock_ran_does_not_answer_it() -> None:
    made = Promises().opened().wait(1)
    before = START - timedelta(hours=1)
    assert refusal(made, X, response(before, 24)).rule == Rule.OBLIGATION
    made.take(X, response(before))
    assert [one.at for one in made.obligation().responses] == [before]


@pytest.mark.parametrize(
    "step",
    [
        response(START + timedelta(days=9)),
        RecordConsultation("obligation-1", "EXERCISE: Y", START + timedelta(days=9)),
    ],
    ids=["response", "consultation"],
)
def test_nothing_is_recorded_before_it_happened(step: Step) -> None:
    assert refusal(Promises().opened(), X, step).rule == Rule.OBLIGATION


@pytest.mark.parametrize(
    "step",
    [
        response(START),
        RecordConsultation("obligation-1", "EXERCISE: Y", START),
        CloseObligation("obligation-1", "EXERCISE"),
    ],
    ids=["response", "consultation", "closing"],
)
class TestAnyStepAgainstAnObligation:
    def test_is_taken_by_its_own_guarantor(self, step: Step) -> None:
        made = Promises().opened()
        assert refusal(made, Y, step).rule == Rule.ON_BEHALF
        assert refusal(made, DUTY, step).rule == Rule.CAPACITY
        assert refusal(made, HOST, step).rule == Rule.CAPACITY
        made.take(X, step)

    def test_is_taken_while_it_is_open(self, step: Step) -> None:
        made = Promises().opened()
        made.take(X, CloseObligation("obligation-1", "EXERCISE: done"))
        assert refusal(made, X, step).rule == Rule.OBLIGATION

    def test_names_one_that_is_recorded(self, step: Step) -> None:
        assert refusal(Promises().approved(), X, step).rule == Rule.KNOWN_MATTER


def test_a_closed_obligation_stops_the_clocks_that_nobody_answered() -> None:
    made = Promises().opened().wait(1)
    made.take(X, response(made.now, 24))
    entry = made.wait(1).take(X, CloseObligation("obligation-1", "EXERCISE: done"))
    states = [state_of(clock, made.agreement.calendar, made.now) for clock in made.obligation().clocks]
    assert states == [ClockState.MET, ClockState.STOPPED]
    closing = made.obligation().closing
    assert closing is not None
    assert (closing.how, closing.at, closing.leaf_index) == (Ending.CLOSED, entry.at, entry.leaf_index)


def test_what_was_recorded_against_an_obligation_is_found_again() -> None:
    made = Promises().opened().wait(1)
    made.take(MINISTER_Y, sign_off("y-government"))
    consulted = made.take(X, RecordConsultation("obligation-1", "EXERCISE: Y and the host", made.now))
    made.take(Y, response(made.now, 24, number=2))
    responded = made.take(X, response(made.now, 24))
    closed = made.take(X, CloseObligation("obligation-1", "EXERCISE: done"))
    about = entries_about(made.entries, made.obligation())
    assert [one.leaf_index for one in about[1:]] == [
        consulted.leaf_index,
        responded.leaf_index,
        closed.leaf_index,
    ]
    assert isinstance(about[0].step, SignOff)


def test_the_public_does_not_see_consultations_nor_anybody_outside_the_notes() -> None:
    made = Promises().opened()
    consulted = made.take(X, RecordConsultation("obligation-1", "EXERCISE: Y", START, note="EXERCISE note"))
    responded = made.take(X, response(START, 24))
    public = Reader(Who("reader", Capacity.PUBLIC))
    assert shown(consulted, public) is None
    for reader, entry in ((public, responded), (Reader(Y), consulted), (Reader(LIAISON_A, "A"), consulted)):
        seen = shown(entry, reader)
        assert seen is not None
        assert "note" not in seen.fields
        assert Tier.COMMISSION in seen.withheld


@pytest.mark.parametrize(
    ("standing", "ground"),
    [
        (FindingStanding.ADOPTED, Ground.STANDS),
        (FindingStanding.UPHELD, Ground.STANDS),
        (FindingStanding.UNDER_APPEAL, Ground.UNDER_APPEAL),
        (FindingStanding.SET_ASIDE, Ground.SET_ASIDE),
    ],
)
def test_an_obligation_whose_finding_falls_stays_and_says_so(
    standing: FindingStanding, ground: Ground
) -> None:
    made = Promises().opened()
    made.findings = {"finding-1": finding(standing=standing)}
    assert ground_of(made.obligation(), made.findings) is ground
    fallen = without_ground(made.commitments.obligations.values(), made.findings)
    assert bool(fallen) is (ground is not Ground.STANDS)
    made.take(X, response(made.now, 24))
    assert made.obligation().open


def test_a_finding_that_is_not_there_is_said_to_be_not_known() -> None:
    assert ground_of(Promises().opened().obligation(), {}) is Ground.NOT_KNOWN
