# SPDX-License-Identifier: Apache-2.0
"""Who may sign is told by records alone; doubt is marked, and nothing is removed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.mission.fielded import START, key, observation, sent, signed, size
from tests.mission.made import CLOCK

from truceline.clock import FixedClock
from truceline.errors import RejectedInput, RuleViolation
from truceline.evidence.submission import submission_to_bytes
from truceline.mission import Mission, open_mission
from truceline.mission.devices.device_status import device_status
from truceline.mission.devices.enrolment import (
    AuthorEvent,
    Bounds,
    State,
    Step,
    author_events,
    bounds_of,
    compromise,
    doubt_of,
    enrol,
    holding_of,
    revoke,
    rotate,
    standing_of,
)
from truceline.mission.devices.receipts import Outcome
from truceline.mission.devices.submitting import submit
from truceline.vocabulary import Tier

A, B, C = (key(seed).author for seed in (1, 2, 3))
HOURS = st.integers(0, 20).map(lambda hour: START + timedelta(hours=hour))


def hour(number: int) -> timedelta:
    return timedelta(hours=number)


# Standing: a pure fold.

HISTORY = [
    AuthorEvent(Step.ENROLMENT, A, START, 2, "Team 3", "monitor"),
    AuthorEvent(Step.ROTATION, A, START + hour(5), 6, successor=B),
    AuthorEvent(Step.COMPROMISE, B, START + hour(8), 9, ground="lost"),
    AuthorEvent(Step.REVOCATION, B, START + hour(10), 10, ground="not found"),
]


@pytest.mark.parametrize(
    ("author", "at", "state"),
    [
        (A, -1, State.NOT_ENROLLED),
        (A, 0, State.VALID),
        (A, 4, State.VALID),
        (A, 5, State.ROTATED),
        (B, 4, State.NOT_ENROLLED),
        (B, 5, State.VALID),
        (B, 8, State.COMPROMISED),
        (B, 10, State.REVOKED),
        (B, 99, State.REVOKED),
        (C, 99, State.NOT_ENROLLED),
    ],
)
def test_a_key_stands_as_its_records_say_at_each_hour(author: str, at: int, state: State) -> None:
    assert standing_of(author, START + hour(at), HISTORY).state is state


def test_a_new_key_is_held_by_the_holder_of_the_old_one() -> None:
    holding = holding_of(B, HISTORY)
    assert holding is not None
    assert (holding.holder, holding.role) == ("Team 3", "monitor")
    assert holding_of(C, HISTORY) is None


@given(st.lists(st.tuples(st.sampled_from(list(Step)), HOURS), max_size=6), HOURS, HOURS)
def test_a_key_that_ended_never_comes_back(
    steps: list[tuple[Step, datetime]], one: datetime, other: datetime
) -> None:
    events = [AuthorEvent(step, A, at, index) for index, (step, at) in enumerate(steps)]
    early, late = sorted([one, other])
    grave = list(State)
    before, after = (standing_of(A, moment, events).state for moment in (early, late))
    assert grave.index(after) >= grave.index(before)


@given(st.permutations(HISTORY), HOURS)
def test_standing_does_not_hang_on_the_order_of_the_records(
    events: list[AuthorEvent], moment: datetime
) -> None:
    for author in (A, B, C):
        assert standing_of(author, moment, events) == standing_of(author, moment, HISTORY)


# Bounds and doubt.


def test_a_record_is_younger_than_what_its_author_had_seen_and_older_than_its_logging() -> None:
    logged = [START + hour(number) for number in range(6)]
    assert bounds_of(5, 3, logged) == Bounds(START + hour(2), START + hour(5))
    assert bounds_of(5, 0, logged) == Bounds(None, START + hour(5))


def test_the_first_outside_word_that_covers_a_record_bounds_it() -> None:
    logged = [START + hour(number) for number in range(6)]
    attested = {3: START + hour(3), 4: START + hour(9), 6: START + hour(7)}
    assert bounds_of(3, 0, logged, attested) == Bounds(None, START + hour(7), vouched=True)
    assert bounds_of(2, 0, logged, attested) == Bounds(None, START + hour(3), vouched=True)
    assert bounds_of(5, 0, logged, {5: START}).vouched is False


def test_only_what_was_certainly_there_before_a_compromise_is_free_of_doubt() -> None:
    def doubt(by: int) -> str | None:
        return doubt_of(B, 7, Bounds(START, START + hour(by)), HISTORY)

    assert doubt(7) is None
    assert "compromised" in str(doubt(8))


def test_doubt_after_a_rotation_goes_by_the_log_and_not_by_the_clock() -> None:
    same_moment = Bounds(START, START + hour(5))
    assert doubt_of(A, 5, same_moment, HISTORY) is None
    assert "rotation" in str(doubt_of(A, 7, Bounds(START, START), HISTORY))


# The records.


def test_steps_are_recorded_and_their_holder_and_ground_are_for_the_commission(mission: Mission) -> None:
    enrol(mission, A, holder="Team 3", role="monitor")
    rotate(mission, A, B)
    compromise(mission, B, since=CLOCK.now() - hour(1), ground="seized")
    revoke(mission, B, ground="gone")
    with mission.store.read() as transaction:
        events = author_events(transaction, mission.ledger)[1:]
        rows = list(transaction.records_of([step.value for step in Step]))[1:]
    assert [one.step for one in events] == [Step.ENROLMENT, Step.ROTATION, Step.COMPROMISE, Step.REVOCATION]
    assert (events[0].holder, events[1].successor, events[2].ground) == ("Team 3", B, "seized")
    for row in rows:
        public = b"".join(item or b"" for item in mission.ledger.open_payload(row)[Tier.PUBLIC])
        assert b'"author"' in public
        assert not any(word in public for word in (b"Team 3", b"seized", b"gone"))


def test_the_same_standing_is_read_after_opening_anew(mission: Mission) -> None:
    enrol(mission, A, holder="Team 3", role="monitor", since=CLOCK.now() + hour(2))
    again = open_mission(mission.folder, clock=CLOCK)
    (status,) = [one for one in device_status(again) if one.author == A]
    assert (status.standing.state, status.records, status.first) == (State.NOT_ENROLLED, 0, None)
    again.close()


def test_a_key_that_is_known_is_not_enrolled_again(mission: Mission) -> None:
    enrol(mission, A, holder="Team 3", role="monitor")
    revoke(mission, A, ground="left")
    before = size(mission)
    operator = mission.ledger.author.author
    steps: list[Callable[[], int]] = [
        lambda: enrol(mission, A, holder="Team 4", role="monitor"),
        lambda: enrol(mission, operator, holder="me", role="monitor"),
        lambda: rotate(mission, A, C),
        lambda: rotate(mission, C, B),
        lambda: rotate(mission, operator, C),
        lambda: revoke(mission, operator, ground="why not"),
        lambda: revoke(mission, A, ground="again"),
        lambda: revoke(mission, C, ground="unknown"),
        lambda: compromise(mission, C, since=CLOCK.now(), ground="unknown"),
    ]
    for step in steps:
        with pytest.raises(RuleViolation):
            step()
    assert size(mission) == before


def test_what_is_unsaid_or_malformed_is_refused(mission: Mission) -> None:
    enrol(mission, A, holder="Team 3", role="monitor")
    before = size(mission)
    steps: list[Callable[[], int]] = [
        lambda: enrol(mission, "ed25519:xx", holder="Team 4", role="monitor"),
        lambda: enrol(mission, "team 4", holder="Team 4", role="monitor"),
        lambda: enrol(mission, B, holder=" ", role="monitor"),
        lambda: revoke(mission, A, ground=""),
        lambda: compromise(mission, A, since=CLOCK.now() + hour(1), ground="soon"),
    ]
    for step in steps:
        with pytest.raises(RejectedInput):
            step()
    assert size(mission) == before


def test_what_a_compromised_key_signed_is_marked_in_doubt_and_stays(mission: Mission) -> None:
    enrol(mission, A, holder="Team 3", role="monitor")
    records = [signed([observation(number)], number) for number in (1, 2)]
    for record in records:
        assert submit(mission, submission_to_bytes(record), "s").outcome is Outcome.ADMITTED
    compromise(mission, A, since=CLOCK.now() - hour(1), ground="seized")
    (status,) = [one for one in device_status(mission) if one.author == A]
    assert [name for name, _ in status.doubts] == [record.leaf.record_id for record in records]
    assert status.records == 2
    # Somebody outside saw the first of them in the log before that: it is out of doubt.
    index = size(mission) - 2
    earlier = {index: CLOCK.now() - hour(2)}
    (status,) = [one for one in device_status(mission, earlier) if one.author == A]
    assert [name for name, _ in status.doubts] == [records[1].leaf.record_id]


def test_a_revocation_holds_even_if_the_clock_goes_back(mission: Mission) -> None:
    enrol(mission, A, holder="Team 3", role="monitor", since=START)
    revoke(mission, A, ground="lost")
    earlier = open_mission(mission.folder, clock=FixedClock(CLOCK.now() - hour(9)))
    assert submit(earlier, sent(1), "s").outcome is Outcome.KEPT
    earlier.close()
