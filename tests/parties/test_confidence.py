# SPDX-License-Identifier: Apache-2.0
"""What is submitted in confidence stays there: tiers, readers, hostile input."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.parties.submitting import COMPLAINT, CONSENT, DEMINING, REPORT
from tests.procedure.made import DUTY, HEAD, LIAISON_A, LIAISON_B, SECRETARY, START, Course, X, member

from truceline.errors import RejectedInput, RuleViolation
from truceline.evidence import JSON
from truceline.parties import STEPS, Acknowledge, Submissions, WithdrawConsent, WithdrawNotice, seen_by
from truceline.procedure import (
    Capacity,
    Entry,
    Reader,
    Step,
    Who,
    decode,
    encode,
    filled,
    read_step,
    shown,
    tiers_of,
)
from truceline.vocabulary import Tier

BY_NAME = {step.name: step for step in STEPS}
STATED: tuple[Step, ...] = (
    COMPLAINT, REPORT, DEMINING, WithdrawNotice("n-1", "EXERCISE"), CONSENT,
    WithdrawConsent("k-1", "EXERCISE"),
)  # fmt: skip
ACKNOWLEDGED = Acknowledge("c-1", "A", "EXERCISE: received")
OF_A, OF_B = Reader(LIAISON_A, "A"), Reader(LIAISON_B, "B")


def entry(who: Who, step: Step) -> Entry:
    return Entry(7, START, who, step)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_every_field_is_sealed_and_so_is_who_acted(step: type[Step]) -> None:
    assert set(tiers_of(step).values()) == {Tier.SEALED}
    assert step.tier is Tier.SEALED
    assert step.kind == "submission"


@pytest.mark.parametrize("step", STATED, ids=lambda step: step.name)
def test_a_record_states_nothing_outside_the_sealed_tier(step: Step) -> None:
    assert set(encode(step, LIAISON_A)) == {Tier.SEALED}


@pytest.mark.parametrize("step", [*STATED, ACKNOWLEDGED], ids=lambda step: step.name)
def test_a_submission_is_read_again_as_it_was_written(step: Step) -> None:
    most = max(len(tiers_of(one)) for one in STEPS)
    (fields,) = filled(step, LIAISON_A, most).values()
    assert decode(BY_NAME, json.loads(json.dumps(fields)), "a test") == (step, LIAISON_A)
    assert len(fields) == most + 4


@pytest.mark.parametrize("step", STATED, ids=lambda step: step.name)
def test_a_party_reads_its_own_and_never_the_others(step: Step) -> None:
    assert shown(entry(LIAISON_A, step), OF_A) is not None
    assert shown(entry(LIAISON_A, step), OF_B) is None


@pytest.mark.parametrize("party", ["A", "B"])
@pytest.mark.parametrize("capacity", Capacity)
def test_nobody_of_another_party_reads_a_submission_or_its_acknowledgement(
    capacity: Capacity, party: str
) -> None:
    reader = Reader(Who("somebody", capacity, party), party)
    mission = capacity in {Capacity.SECRETARY, Capacity.HEAD_OF_MISSION}
    own = party == "A" and capacity in {Capacity.LIAISON, Capacity.MEMBER}
    for one in (entry(LIAISON_A, COMPLAINT), entry(SECRETARY, ACKNOWLEDGED)):
        assert (shown(one, reader) is not None) == (mission or own)


def test_a_party_reads_what_the_mission_acknowledged_to_it() -> None:
    seen = shown(entry(SECRETARY, ACKNOWLEDGED), OF_A)
    assert seen is not None
    assert (seen.fields["words"], seen.withheld) == ("EXERCISE: received", ())


def test_a_party_cannot_put_anything_before_another_by_addressing_it() -> None:
    assert shown(entry(LIAISON_B, ACKNOWLEDGED), OF_A) is None


def test_derived_state_is_cut_to_what_its_reader_may_see() -> None:
    course = Course()
    for step in (COMPLAINT, REPORT, DEMINING, CONSENT):
        course.take(LIAISON_A, step)
    course.take(SECRETARY, ACKNOWLEDGED)
    whole = course.state.submissions
    assert seen_by(whole, OF_A) == whole
    assert seen_by(whole, Reader(HEAD)) == whole
    for reader in (OF_B, Reader(DUTY), Reader(X), Reader(member("seat-B"), "B")):
        cut = seen_by(whole, reader)
        assert cut == Submissions()


WHERE: dict[str, JSON] = {"latitude": 48.5, "longitude": 38.0, "radius_m": 5000.0}
NOTIFIED = {name: value for name, value in encode(DEMINING, LIAISON_A)[Tier.SEALED].items()
            if name in tiers_of(type(DEMINING))}  # fmt: skip


@pytest.mark.parametrize("change", [
    {"latitude": 91}, {"latitude": float("nan")}, {"longitude": float("-inf")}, {"radius_m": 0},
    {"radius_m": -1}, {"radius_m": 100_001}, {"radius_m": float("inf")}, {"radius_m": 10**400},
])  # fmt: skip
def test_a_circle_lies_on_the_earth_and_is_small_enough(change: dict[str, JSON]) -> None:
    values: dict[str, JSON] = {**NOTIFIED, "circle": {**WHERE, **change}}
    with pytest.raises(RejectedInput):
        read_step(type(DEMINING), values, "a test")


@pytest.mark.parametrize("change", [
    {"since": "2030-01-15"}, {"since": 0}, {"until": None}, {"kinds": ["peace"]},
    {"kinds": ["mortar"] * 1000}, {"notice_id": "a b"}, {"notice_id": "я" * 64}, {"notice_id": "n" * 65},
    {"statement": ""}, {"zone": []}, {"circle": {}}, {"statement": "\ud800"},
])  # fmt: skip
def test_a_malformed_notice_is_rejected_when_it_is_read(change: dict[str, JSON]) -> None:
    with pytest.raises(RejectedInput):
        read_step(type(DEMINING), {**NOTIFIED, **change}, "a test")


def test_a_complaint_names_at_least_one_clause_and_not_thousands() -> None:
    values = {name: value for name, value in encode(COMPLAINT, LIAISON_A)[Tier.SEALED].items()
              if name in tiers_of(type(COMPLAINT))}  # fmt: skip
    clauses: list[list[JSON]] = [[], [{"version": "first", "clause": "fire"}] * 101, [{"version": "first"}]]
    for given_clauses in clauses:
        with pytest.raises(RejectedInput):
            read_step(type(COMPLAINT), {**values, "clauses": given_clauses}, "a test")


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200)


@given(TEXTS, TEXTS, TEXTS)
def test_words_of_any_script_are_kept_as_they_were_written(
    place: str, statement: str, witnesses: str
) -> None:
    step = type(COMPLAINT)(
        "c-1", "B", COMPLAINT.clauses, COMPLAINT.since, place, statement, witnesses=witnesses
    )
    (fields,) = encode(step, LIAISON_A).values()
    assert decode(BY_NAME, json.loads(json.dumps(fields)), "a test")[0] == step


def test_a_very_long_account_is_judged_like_a_short_one() -> None:
    course = Course()
    long = type(COMPLAINT)("c-1", "B", COMPLAINT.clauses * 100, START, "Ж" * 10**6, "\U0001f54a" * 10**6)
    course.take(LIAISON_A, long)
    assert len(course.state.submissions.complaints["c-1"].clauses) == 100


IDS = st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,5}\Z")
PEOPLE = st.sampled_from([LIAISON_A, LIAISON_B, SECRETARY, DUTY, X, Who("x", Capacity.LIAISON, "й")])
SMALL_IDS = st.sampled_from(["c-1", "r-1", "n-1", "k-1"]) | IDS
OTHERS = st.one_of(
    st.builds(WithdrawNotice, SMALL_IDS, TEXTS),
    st.builds(WithdrawConsent, SMALL_IDS, TEXTS),
    st.builds(Acknowledge, SMALL_IDS, SMALL_IDS | st.sampled_from("AB"), TEXTS),
    st.builds(lambda name, against: type(COMPLAINT)(name, against, COMPLAINT.clauses, START, "-", "-"),
              SMALL_IDS, IDS | st.sampled_from("AB")),
    st.sampled_from([COMPLAINT, REPORT, DEMINING, CONSENT]),
)  # fmt: skip


@given(st.lists(st.tuples(PEOPLE, OTHERS), max_size=12))
def test_no_course_of_well_formed_steps_crashes_or_mixes_the_parties_up(
    steps: list[tuple[Who, Step]],
) -> None:
    course = Course()
    stated: dict[str, str] = {}
    for who, step in steps:
        before = course.state.submissions
        try:
            course.take(who, step)
        except RuleViolation:
            assert course.state.submissions is before
            continue
        for one in (*tiers_of(type(step)),)[:1]:
            stated.setdefault(str(getattr(step, one)), who.on_behalf_of)
    for name, party in stated.items():
        assert course.state.submissions.party_of(name) == party
