# SPDX-License-Identifier: Apache-2.0
"""A mission is frozen, its staff accounted for, and its keys destroyed by two people.  EXERCISE."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.mission.made import entropy
from tests.procedure.made import DUTY, HEAD, LIAISON_A, SECRETARY, Course, X

from truceline.commission.composition import AppointMember
from truceline.errors import RuleViolation
from truceline.evidence import JSON, SigningKey
from truceline.mechanism import STEPS
from truceline.mechanism.suspension import (
    SUSPENSION,
    AccountFor,
    DestroyKeys,
    ExpectStaff,
    HandOver,
    KeyHalf,
    Phase,
    Resume,
    StaffStatus,
    Suspend,
    destruction_in,
    phase_of,
)
from truceline.procedure import Capacity, Step, Who, encode
from truceline.vocabulary import Tier

OPERATOR, LOG, SECOND, OTHER = (SigningKey.generate(entropy(seed)) for seed in (1, 2, 3, 4))
SUSPEND = Suspend("EXERCISE: shelling of the town.", orders="Convoy at six.")
RESUME = Resume("EXERCISE: the shelling has ended.")


@pytest.fixture
def course() -> Course:
    return Course()


@pytest.fixture
def suspended(course: Course) -> Course:
    course.take(DUTY, ExpectStaff(("anna", "ben", "carla")))
    course.take(HEAD, SUSPEND)
    return course


def destruction(course: Course, second: SigningKey = SECOND, person: str = "deputy") -> DestroyKeys:
    """Return a destruction of keys, signed by a second person."""
    step = DestroyKeys(
        "EXERCISE: capture is near.",
        "truceline/valley/0a1b2c3d",
        course.state.suspension.suspended_by or 0,
        (KeyHalf("author", OPERATOR.author), KeyHalf("log", LOG.author)),
        second.author,
        "",
        second_person=person,
    )
    return signed(step, second)


def signed(step: DestroyKeys, second: SigningKey = SECOND) -> DestroyKeys:
    return replace(step, signature=base64.b64encode(second.sign(step.signed_bytes())).decode())


def refused(course: Course, who: Who, step: Step) -> str:
    """Return the name of the rule that forbids a step; nothing has changed."""
    before = course.state
    with pytest.raises(RuleViolation) as refusal:
        course.take(who, step)
    assert course.state is before
    return refusal.value.rule


def test_a_suspended_mission_takes_no_step_of_another_room(suspended: Course) -> None:
    appointment = AppointMember("chair", suspended.now, member="someone")
    assert refused(suspended, X, appointment) == "suspension"
    suspended.take(HEAD, RESUME)
    suspended.take(X, appointment)


@pytest.mark.parametrize("step", [SUSPEND, RESUME], ids=lambda step: step.name)
def test_the_head_of_mission_alone_suspends_and_resumes(step: Step) -> None:
    for who in (DUTY, SECRETARY, LIAISON_A, X):
        course = Course()
        if step is RESUME:
            course.take(HEAD, SUSPEND)
        assert refused(course, who, step) == "capacity"
        course.take(HEAD, step)


def test_nobody_suspends_a_mission_in_a_sides_name(course: Course) -> None:
    assert refused(course, Who("head", Capacity.HEAD_OF_MISSION, "A"), SUSPEND) == "on_behalf"


def test_suspending_twice_and_resuming_what_runs_are_refused(course: Course) -> None:
    assert refused(course, HEAD, RESUME) == "suspension"
    course.take(HEAD, SUSPEND)
    assert refused(course, HEAD, SUSPEND) == "suspension"


def test_whoever_is_not_accounted_for_is_not_known(suspended: Course) -> None:
    suspended.take(DUTY, AccountFor("anna", StaffStatus.SAFE, suspended.now))
    known = {line.person: line.latest for line in suspended.state.suspension.roll()}
    assert known["anna"] is not None
    assert (known["ben"], known["carla"]) == (None, None)


def test_a_new_suspension_begins_with_an_empty_roll(suspended: Course) -> None:
    suspended.take(DUTY, AccountFor("anna", StaffStatus.SAFE, suspended.now))
    suspended.take(HEAD, RESUME)
    suspended.wait(hours=1).take(HEAD, SUSPEND)
    assert [line.latest for line in suspended.state.suspension.roll()] == [None, None, None]


def test_a_list_of_staff_is_not_shortened_while_a_suspension_lasts(suspended: Course) -> None:
    suspended.take(DUTY, ExpectStaff(("ben", "dora")))
    assert suspended.state.suspension.staff == ("anna", "ben", "carla", "dora")
    suspended.take(HEAD, RESUME)
    suspended.take(HEAD, ExpectStaff(("ben", "dora")))
    assert [line.person for line in suspended.state.suspension.roll()] == ["ben", "dora"]


def test_somebody_who_is_on_no_list_is_on_the_roll_too(suspended: Course) -> None:
    suspended.take(DUTY, AccountFor("driver", StaffStatus.INJURED, suspended.now))
    last = suspended.state.suspension.roll()[-1]
    assert (last.person, last.expected) == ("driver", False)


def test_an_older_account_that_comes_late_does_not_replace_a_newer_one(suspended: Course) -> None:
    suspended.wait(hours=2)
    suspended.take(DUTY, AccountFor("anna", StaffStatus.INJURED, suspended.now))
    suspended.take(DUTY, AccountFor("anna", StaffStatus.SAFE, suspended.now - timedelta(hours=1)))
    anna = suspended.state.suspension.roll()[0]
    assert anna.latest is not None
    assert (anna.latest.status, anna.accounts) == (StaffStatus.INJURED, 2)


def test_who_was_safe_before_the_suspension_is_not_taken_to_be_so_now(suspended: Course) -> None:
    before = suspended.now - timedelta(minutes=1)
    assert refused(suspended, DUTY, AccountFor("anna", StaffStatus.SAFE, before)) == "suspension"
    suspended.take(DUTY, AccountFor("anna", StaffStatus.DETAINED, before))


def test_nothing_is_known_of_anybody_ahead_of_time(suspended: Course) -> None:
    ahead = suspended.now + timedelta(seconds=1)
    assert refused(suspended, DUTY, AccountFor("anna", StaffStatus.SAFE, ahead)) == "order_in_time"


def test_a_roll_is_kept_during_a_suspension_by_head_and_duty_officer_alone(suspended: Course) -> None:
    account = AccountFor("anna", StaffStatus.SAFE, suspended.now)
    for who in (SECRETARY, LIAISON_A, X):
        assert refused(suspended, who, account) == "capacity"
    suspended.take(HEAD, account)
    suspended.take(HEAD, RESUME)
    assert refused(suspended, DUTY, account) == "suspension"


def test_nothing_of_the_roll_is_public() -> None:
    for step in (
        AccountFor("anna", StaffStatus.MISSING, datetime.fromisoformat("2030-01-14T09:00:00+00:00")),
        ExpectStaff(("anna",)),
    ):
        assert set(encode(step, DUTY)) == {Tier.COMMISSION}


@pytest.mark.parametrize("size", [0, 11, 13, 2**53])
def test_a_hand_over_holds_the_log_to_the_suspension_and_no_more_than_there_is(
    suspended: Course, size: int
) -> None:
    """The suspension is record 11, so the log has 12 when the hand-over is recorded."""
    assert suspended.leaf_index == 12
    file = HandOver("Office", size, "ab" * 32, "cd" * 32, with_keys=False, what="One disk.")
    assert refused(suspended, HEAD, file) == "suspension"
    suspended.take(HEAD, replace(file, tree_size=12))
    assert [one.tree_size for one in suspended.state.suspension.hand_overs] == [12]


def test_a_mission_that_runs_is_not_handed_over(course: Course) -> None:
    file = HandOver("Office", 10, "ab" * 32, "cd" * 32, with_keys=False, what="One disk.")
    assert refused(course, HEAD, file) == "suspension"


def test_two_people_destroy_the_keys_and_nothing_follows(suspended: Course) -> None:
    suspended.take(HEAD, destruction(suspended))
    assert suspended.state.suspension.phase is Phase.KEYS_DESTROYED
    assert suspended.state.suspension.destroyed_at == suspended.now
    assert refused(suspended, HEAD, RESUME) == "suspension"
    assert refused(suspended, DUTY, ExpectStaff(("anna",))) == "suspension"
    assert refused(suspended, X, AppointMember("chair", suspended.now, member="someone")) == "suspension"


def test_keys_are_destroyed_in_a_suspended_mission_alone(course: Course) -> None:
    assert refused(course, HEAD, destruction(course)) == "suspension"


def test_a_second_signature_serves_for_one_suspension_alone(suspended: Course) -> None:
    before = destruction(suspended)
    suspended.take(HEAD, RESUME)
    suspended.take(HEAD, SUSPEND)
    assert refused(suspended, HEAD, before) == "suspension"


def test_one_person_alone_destroys_no_keys(suspended: Course) -> None:
    assert refused(suspended, HEAD, destruction(suspended, person="head")) == "two_people"
    assert refused(suspended, HEAD, destruction(suspended, OPERATOR)) == "two_people"
    assert refused(suspended, HEAD, destruction(suspended, LOG)) == "two_people"


CHANGES: dict[str, Callable[[DestroyKeys], DestroyKeys]] = {
    "ground": lambda step: replace(step, ground="EXERCISE: another ground."),
    "origin": lambda step: replace(step, origin="truceline/other/0a1b2c3d"),
    "second": lambda step: replace(step, second=OTHER.author),
    "keys": lambda step: replace(step, keys=(*step.keys, KeyHalf("tier-sealed", OTHER.author))),
    "signature": lambda step: replace(step, signature=base64.b64encode(bytes(64)).decode()),
}


@pytest.mark.parametrize("name", CHANGES)
def test_the_second_person_signs_every_word_of_it(suspended: Course, name: str) -> None:
    assert refused(suspended, HEAD, CHANGES[name](destruction(suspended))) == "two_people"


@pytest.mark.parametrize(
    "names", [("author",), ("log",), ("author", "author", "log"), ("log", "tier-sealed")]
)
def test_a_destruction_names_the_operators_key_and_the_logs_once_each(
    suspended: Course, names: tuple[str, ...]
) -> None:
    keys = tuple(KeyHalf(name, LOG.author) for name in names)
    assert refused(suspended, HEAD, signed(replace(destruction(suspended), keys=keys))) == "two_people"


def stated(who: Who, step: Step) -> dict[str, JSON]:
    """Return what is public of a step, as it is read again."""
    fields: dict[str, JSON] = json.loads(json.dumps(encode(step, who).get(Tier.PUBLIC, {})))
    return fields


DRAWN = st.lists(
    st.tuples(
        st.sampled_from([HEAD, DUTY, SECRETARY]),
        st.sampled_from(["suspend", "resume", "destroy-keys", "account-for", "expect-staff", "forged"]),
    ),
    max_size=12,
)


@given(DRAWN)
def test_the_public_part_alone_tells_how_the_mission_stands(drawn: list[tuple[Who, str]]) -> None:
    """What took effect, told by its public fields, comes to the phase that the whole steps came to."""
    course = Course()
    for who, name in drawn:
        steps: dict[str, Step] = {
            "suspend": SUSPEND,
            "resume": RESUME,
            "destroy-keys": destruction(course),
            "account-for": AccountFor("anna", StaffStatus.NOT_REACHED, course.now),
            "expect-staff": ExpectStaff(("anna",)),
            "forged": replace(destruction(course), ground="Other words."),
        }
        try:
            course.take(who, steps[name])
        except RuleViolation:
            continue
    told = phase_of(stated(entry.who, entry.step) for entry in course.state.entries)
    assert told is course.state.suspension.phase


def test_a_destruction_by_one_alone_is_none_to_whoever_reads_its_public_part(suspended: Course) -> None:
    step = destruction(suspended)
    assert destruction_in(stated(HEAD, step)) is not None
    assert destruction_in(stated(DUTY, step)) is None
    assert destruction_in(stated(HEAD, replace(step, ground="Other words."))) is None
    assert destruction_in({}) is None
    assert destruction_in({**stated(HEAD, step), "keys": "none"}) is None


def test_every_step_of_suspension_is_registered() -> None:
    names = {name for name, step in STEPS.items() if step.kind == SUSPENSION}
    assert names == {"suspend", "expect-staff", "account-for", "hand-over", "destroy-keys", "resume"}
