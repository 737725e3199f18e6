# SPDX-License-Identifier: Apache-2.0
"""Laws: whatever people do in whatever order, nothing opens that people did not open."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from tests.guarantees.promised import (
    HOST,
    LONG_TERM,
    MINISTER_X,
    MINISTER_Y,
    RENEWED,
    Promises,
    ended,
    finding,
    with_guarantee,
)
from tests.procedure.made import DUTY, LIAISON_A, START, X, Y, Z

from truceline.agreement import Rule
from truceline.commission.composition import AppointOffice
from truceline.commission.finding import FindingStanding, Outcome
from truceline.errors import RuleViolation
from truceline.guarantees.commitments import LegalStatus, StateLegalStatus
from truceline.guarantees.gates import OpenGate, ShutGateStep, shut_gates
from truceline.guarantees.obligations import (
    CloseObligation,
    Ending,
    RecordConsultation,
    RecordResponse,
    Sort,
)
from truceline.guarantees.sign_off import SignOff, WithdrawSignOff
from truceline.procedure import Capacity, Entry, Step, Who

PEOPLE = [
    X, Y, Z, MINISTER_X, MINISTER_Y, HOST, DUTY, LIAISON_A,
    Who("stranger", Capacity.GUARANTOR, "X"), Who(MINISTER_X.person, Capacity.GUARANTOR, ""),
]  # fmt: skip
AGREEMENTS = [
    with_guarantee(),
    with_guarantee("sign_off"),
    with_guarantee("first_breach"),
    with_guarantee(sign_off=("x-government", "y-government", "host-government")),
    with_guarantee(clocks_hours=(24, 24, 10**15)),
    ended(),
]

people = st.sampled_from(PEOPLE)
words = st.text(min_size=1, max_size=8)
moments = st.one_of(
    st.just(START),
    st.integers(-80, 80).map(lambda hours: START + timedelta(hours=hours)),
    st.datetimes(timezones=st.just(UTC)),
)
actors = st.sampled_from(["X", "Y", "Z", "B-government", "Nobody", ""])
gate_ids = st.sampled_from(["in-force", "entered", "host-request", "approval", "no-such-gate"])
commitment_ids = st.sampled_from([RENEWED, RENEWED, RENEWED, LONG_TERM, "nothing"])
finding_ids = st.sampled_from(["finding-1", "finding-1", "finding-2", "finding-3"])
office_ids = st.sampled_from(["x-government", "y-government", "host-government", "no-such-office"])
obligation_ids = st.integers(1, 4).map(lambda number: f"obligation-{number}")

steps: st.SearchStrategy[Step] = st.one_of(
    st.builds(AppointOffice, office_ids, moments, holder=people.map(lambda who: who.person)),
    st.builds(OpenGate, gate_ids, words, words, actor=actors),
    st.builds(ShutGateStep, gate_ids, words, words, actor=actors),
    st.builds(StateLegalStatus, commitment_ids, st.sampled_from(LegalStatus), moments, words),
    st.builds(
        SignOff,
        commitment_ids,
        finding_ids,
        office_ids,
        words,
        zero=st.none() | moments,
        ground_of_zero=st.sampled_from(["", "EXERCISE"]),
    ),
    st.builds(WithdrawSignOff, commitment_ids, finding_ids, office_ids, words),
    st.builds(RecordConsultation, obligation_ids, words, moments),
    st.builds(
        RecordResponse,
        obligation_ids,
        st.sampled_from(Sort),
        moments,
        st.none() | st.sampled_from([24, 24, 72, 48, 87_600]),
    ),
    st.builds(CloseObligation, obligation_ids, words),
)
LIKELY: list[tuple[Who, Step]] = [
    (X, AppointOffice("x-government", START + timedelta(days=400), holder="successor")),
    (X, OpenGate("approval", "EXERCISE", "EXERCISE", actor="X")),
    (X, ShutGateStep("approval", "EXERCISE", "EXERCISE", actor="X")),
    (Y, OpenGate("approval", "EXERCISE", "EXERCISE", actor="Y")),
    (Y, ShutGateStep("approval", "EXERCISE", "EXERCISE", actor="Y")),
    (MINISTER_X, SignOff(RENEWED, "finding-1", "x-government", "EXERCISE")),
    (MINISTER_X, SignOff(RENEWED, "finding-1", "x-government", "EXERCISE")),
    (MINISTER_Y, SignOff(RENEWED, "finding-1", "y-government", "EXERCISE")),
    (HOST, SignOff(RENEWED, "finding-1", "host-government", "EXERCISE")),
    (MINISTER_X, SignOff(RENEWED, "finding-2", "x-government", "EXERCISE")),
    (X, SignOff(RENEWED, "finding-1", "x-government", "EXERCISE")),
    (MINISTER_X, WithdrawSignOff(RENEWED, "finding-1", "x-government", "EXERCISE")),
    (X, RecordResponse("obligation-1", Sort.DIPLOMATIC, START, 24)),
    (X, CloseObligation("obligation-1", "EXERCISE")),
]
"""What people are likely to do: drawn half of the time, so that obligations do open, end and open again."""

acts = st.one_of(st.sampled_from(LIKELY), st.tuples(people, steps))
courses = st.lists(
    st.tuples(acts, st.sampled_from([0, 0, 1, 30])).map(lambda one: (*one[0], one[1])),
    min_size=12,
    max_size=30,
)
fates = st.sampled_from([FindingStanding.ADOPTED, *FindingStanding])


def world(agreement: int, fate: FindingStanding, *, prepared: bool) -> Promises:
    made = Promises(AGREEMENTS[agreement])
    made.findings = {
        "finding-1": finding(standing=fate),
        "finding-2": finding(2, outcome=Outcome.NO_BREACH),
    }
    if prepared:
        made.approved()
    return made


@given(st.integers(0, len(AGREEMENTS) - 1), fates, st.booleans(), courses)
def test_no_obligation_without_a_finding_that_stands_a_sign_off_and_open_gates(
    agreement: int,
    fate: FindingStanding,
    prepared: bool,
    course: list[tuple[Who, Step, int]],
) -> None:
    made = world(agreement, fate, prepared=prepared)
    for who, step, hours in course:
        made.wait(hours)
        before = made.commitments
        entry, refused = tried(made, who, step)
        if entry is None:
            assert refused is not None
            assert refused.rule in set(Rule)
            assert refused.citation
            assert made.commitments == before
            continue
        opened = made.commitments.obligations.keys() - before.obligations.keys()
        assert bool(opened) is isinstance(step, SignOff)
        for obligation_id in opened:
            check_opened(made, entry, obligation_id)
        assert list(before.obligations) == list(made.commitments.obligations)[: len(before.obligations)]


def check_opened(made: Promises, entry: Entry, obligation_id: str) -> None:
    step, one = entry.step, made.commitments.obligations[obligation_id]
    assert isinstance(step, SignOff)
    rests_on = made.findings[one.finding_id]
    assert rests_on.stands
    assert rests_on.breach
    assert "armed-attack" in rests_on.characterisations
    guarantee = next(each for each in made.agreement.guarantees if each.id == one.commitment)
    assert step.office in guarantee.sign_off
    assert made.composition.holds(entry.who.person, step.office, entry.at)
    assert shut_gates(
        made.gates, guarantee.gates, made.agreement, made.standing, entry.at, one.guarantor
    ) == ()  # fmt: skip
    approvals = made.gates.marks["approval", one.guarantor]
    assert approvals[-1].opens
    assert all(clock.zero == one.zero for clock in one.clocks)
    assert one.zero <= entry.at


@given(st.integers(0, len(AGREEMENTS) - 1), courses)
def test_a_guarantor_has_one_open_obligation_for_a_commitment_and_a_finding(
    agreement: int, course: list[tuple[Who, Step, int]]
) -> None:
    made = world(agreement, FindingStanding.ADOPTED, prepared=True)
    for who, step, hours in course:
        made.wait(hours)
        taken(made, who, step)
        open_ones = [
            (one.commitment, one.finding_id, one.guarantor)
            for one in made.commitments.obligations.values()
            if one.open
        ]
        assert len(open_ones) == len(set(open_ones))


@given(
    st.lists(
        st.tuples(
            st.sampled_from([X, X, MINISTER_X, Y]),
            st.sampled_from([24, 24, 72, None, 48]),
            st.integers(-2, 50),
            st.sampled_from([0, 1, 40]),
        ),
        max_size=15,
    ),
    st.integers(0, 15),
)
def test_each_clock_is_answered_at_most_once_and_never_moved(
    responses: list[tuple[Who, int | None, int, int]], closing_after: int
) -> None:
    made = Promises().opened().wait(30)
    answered: dict[int, datetime] = {}
    for number, (who, hours, at, waited) in enumerate(responses):
        made.wait(waited)
        if number == closing_after:
            made.take(X, CloseObligation("obligation-1", "EXERCISE"))
        moment = START + timedelta(hours=at)
        done = taken(made, who, RecordResponse("obligation-1", Sort.OTHER, moment, hours))
        if done and hours is not None:
            assert hours not in answered
            answered[hours] = moment
        assert {
            one.term.hours: one.met_at for one in made.obligation().clocks if one.met_at is not None
        } == answered


@given(courses)
def test_nothing_that_was_opened_is_ever_removed_or_opened_again(
    course: list[tuple[Who, Step, int]],
) -> None:
    made = world(3, FindingStanding.ADOPTED, prepared=True)
    for who, step, hours in course:
        made.wait(hours)
        before = made.commitments.obligations
        taken(made, who, step)
        for obligation_id, one in before.items():
            after = made.commitments.obligations[obligation_id]
            assert replace(
                after, clocks=one.clocks, responses=one.responses, closing=one.closing
            ) == one  # fmt: skip
            assert one.open or after == one
            if after.closing is not None and after.closing.how is Ending.SIGN_OFF_WITHDRAWN and one.open:
                assert isinstance(step, WithdrawSignOff)


@given(people, courses)
def test_a_finding_under_appeal_triggers_nothing_new(who: Who, course: list[tuple[Who, Step, int]]) -> None:
    made = world(0, FindingStanding.UNDER_APPEAL, prepared=True)
    for other, step, hours in [*course, (who, CloseObligation("obligation-1", "EXERCISE"), 0)]:
        made.wait(hours)
        taken(made, other, step)
    assert made.commitments.obligations == {}


def tried(made: Promises, who: Who, step: Step) -> tuple[Entry | None, RuleViolation | None]:
    try:
        return made.take(who, step), None
    except RuleViolation as refused:
        return None, refused


def taken(made: Promises, who: Who, step: Step) -> bool:
    return tried(made, who, step)[0] is not None
