# SPDX-License-Identifier: Apache-2.0
"""The dry run and the overview: what a finding would ask of whom, and how commitments stand."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.guarantees.promised import (
    HOST,
    LONG_TERM,
    MINISTER_X,
    RENEWED,
    Promises,
    approval,
    ended,
    finding,
    sign_off,
    with_guarantee,
)
from tests.procedure.made import START, X, Y

from truceline.commission.composition import AppointOffice
from truceline.commission.finding import FindingStanding
from truceline.errors import RuleViolation
from truceline.guarantees.commitments import LegalStatus, StateLegalStatus
from truceline.guarantees.obligations import CloseObligation, Ground, RecordResponse, Sort
from truceline.guarantees.outlook import CommitmentAhead, CommitmentState, hypothetical, overview
from truceline.procedure import ClockState


def ahead(made: Promises, *characterisations: str) -> dict[str, CommitmentAhead]:
    said = hypothetical(
        made.agreement,
        made.commitments,
        made.gates,
        made.composition,
        made.standing,
        characterisations=characterisations,
        at=made.now,
    )
    return {one.commitment: one for one in said}


def now(made: Promises) -> dict[str, CommitmentState]:
    said = overview(made.agreement, made.commitments, made.gates, made.standing, made.findings, made.now)
    return {one.commitment: one for one in said}


def test_every_commitment_says_whether_its_trigger_would_be_met_and_why_not() -> None:
    called = ahead(Promises(), "armed-attack")
    assert list(called) == [RENEWED, LONG_TERM]
    assert called[RENEWED].triggered
    assert called[LONG_TERM].why_not == "the commitment has no trigger"
    plain = ahead(Promises())[RENEWED]
    assert not plain.triggered
    assert plain.why_not == "the breach is not called armed-attack"


def test_each_guarantors_gates_are_told_apart() -> None:
    made = Promises()
    made.take(X, approval("X"))
    states = {one.guarantor: one for one in ahead(made, "armed-attack")[RENEWED].guarantors}
    assert states["X"].gates_open
    assert not states["Y"].gates_open
    assert [(gate.gate, gate.opened) for gate in states["Y"].gates] == [
        ("entered", True),
        ("approval", False),
    ]
    assert all(gate.why for gate in states["Y"].gates)


def test_it_is_said_which_offices_sign_off_for_whom_and_whether_anybody_holds_them() -> None:
    made = Promises()
    made.take(X, AppointOffice("x-government", made.now, holder=MINISTER_X.person))
    offices = ahead(made, "armed-attack")[RENEWED].offices
    assert [(one.office, one.held, one.guarantors) for one in offices] == [
        ("x-government", True, ("X",)),
        ("y-government", False, ("Y",)),
    ]


def test_no_person_is_named() -> None:
    made = Promises().opened()
    assert MINISTER_X.person not in repr((ahead(made, "armed-attack"), now(made)))


def test_clocks_ahead_run_from_the_finding_where_the_pack_says_so() -> None:
    one = ahead(Promises(), "armed-attack")[RENEWED]
    assert one.zero == "finding"
    assert [(clock.hours, clock.zero, clock.due) for clock in one.clocks] == [
        (24, START, START + timedelta(hours=24)),
        (72, START, START + timedelta(hours=72)),
    ]


@pytest.mark.parametrize("zero", ["sign_off", "first_breach"])
def test_clocks_that_hang_on_the_sign_off_have_no_date_yet(zero: str) -> None:
    made = Promises(with_guarantee("sign_off" if zero == "sign_off" else "first_breach"))
    one = ahead(made, "armed-attack")[RENEWED]
    assert one.zero == zero
    assert [(clock.hours, clock.zero, clock.due) for clock in one.clocks] == [
        (24, None, None),
        (72, None, None),
    ]


def test_no_clock_is_ahead_where_nothing_would_be_triggered() -> None:
    assert ahead(Promises())[RENEWED].clocks == ()


def test_a_clock_that_no_term_can_hold_has_no_date() -> None:
    (clock,) = ahead(Promises(with_guarantee(clocks_hours=(10**15,))), "armed-attack")[RENEWED].clocks
    assert clock.due is None


def test_a_dry_run_changes_nothing() -> None:
    made = Promises().approved()
    before = (made.commitments, made.gates)
    assert ahead(made, "armed-attack") == ahead(made, "armed-attack")
    assert (made.commitments, made.gates) == before
    assert made.commitments.obligations == {}


@pytest.mark.parametrize("in_force", [True, False])
@pytest.mark.parametrize("approved", [True, False])
def test_what_the_dry_run_says_is_what_a_sign_off_meets(*, in_force: bool, approved: bool) -> None:
    made = Promises() if in_force else Promises(ended())
    if approved:
        made.approved()
    else:
        made.appointed()
    said = ahead(made, "armed-attack")[RENEWED]
    expected = said.triggered and said.guarantors[0].gates_open and said.offices[0].held
    try:
        made.take(MINISTER_X, sign_off())
    except RuleViolation:
        assert not expected
    else:
        assert expected


def test_the_overview_shows_status_and_gates_for_each_guarantor() -> None:
    made = Promises()
    made.take(X, StateLegalStatus(RENEWED, LegalStatus.RATIFIED, START, "EXERCISE law 1"))
    made.take(Y, approval("Y"))
    states = now(made)[RENEWED].guarantors
    assert [(one.guarantor, one.status.status, one.gates_open) for one in states] == [
        ("X", LegalStatus.RATIFIED, False),
        ("Y", LegalStatus.SIGNED, True),
    ]


def test_the_overview_shows_open_obligations_with_their_clocks_at_that_moment() -> None:
    made = Promises().opened().wait(10)
    made.take(X, RecordResponse("obligation-1", Sort.CONSULTATION, made.now, 24))
    answered_at = made.now
    made.wait(100)
    (one,) = now(made)[RENEWED].open
    assert one.ground is Ground.STANDS
    assert [(clock.hours, clock.state, clock.met_at) for clock in one.clocks] == [
        (24, ClockState.MET, answered_at),
        (72, ClockState.LAPSED, None),
    ]
    assert [clock.due for clock in one.clocks] == [START + timedelta(hours=24), START + timedelta(hours=72)]


def test_the_overview_says_that_a_finding_fell_away_and_keeps_the_obligation() -> None:
    made = Promises().opened()
    made.findings = {"finding-1": finding(standing=FindingStanding.SET_ASIDE)}
    (one,) = now(made)[RENEWED].open
    assert one.ground is Ground.SET_ASIDE


def test_an_obligation_that_ended_is_shown_among_the_ended() -> None:
    made = Promises().opened()
    made.take(X, CloseObligation("obligation-1", "EXERCISE: done"))
    state = now(made)[RENEWED]
    assert state.open == ()
    assert [one.obligation.obligation_id for one in state.ended] == ["obligation-1"]


def test_an_office_of_no_guarantor_is_said_to_sign_off_for_all() -> None:
    made = Promises(with_guarantee(sign_off=("host-government",))).appointed()
    (office,) = ahead(made, "armed-attack")[RENEWED].offices
    assert (office.guarantors, office.held) == (("X", "Y"), True)
    assert HOST.person not in repr(office)
