# SPDX-License-Identifier: Apache-2.0
"""Composition: seats and offices over time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.procedure.made import HEAD, LIAISON_A, LIAISON_B, START, Course, X, Y

from truceline.commission.composition import AppointMember, AppointOffice, EndMembership
from truceline.errors import RuleViolation


def test_a_party_fills_its_own_seat() -> None:
    course = Course()
    course.take(LIAISON_A, AppointMember("seat-A", START, member="of-a"))
    assert course.state.composition.seat_of("of-a", START) == "seat-A"


@pytest.mark.parametrize("who", [LIAISON_B, X, HEAD])
def test_nobody_fills_the_seat_of_another(who: object) -> None:
    with pytest.raises(RuleViolation) as refusal:
        Course().take(who, AppointMember("seat-A", START, member="of-a"))  # type: ignore[arg-type]
    assert refusal.value.rule in {"on_behalf", "capacity"}


def test_a_seat_takes_no_more_than_its_places() -> None:
    course = Course()
    course.take(Y, AppointMember("guarantors", START, member="one"))
    course.take(Y, AppointMember("guarantors", START, member="two"))
    with pytest.raises(RuleViolation, match="All 2 places"):
        course.take(Y, AppointMember("guarantors", START, member="three"))


def test_places_are_counted_at_the_busiest_moment_of_a_term() -> None:
    course = Course()
    day = timedelta(days=1)
    course.take(Y, AppointMember("guarantors", START, START + day, member="one"))
    course.take(Y, AppointMember("guarantors", START + day, START + 2 * day, member="two"))
    course.take(Y, AppointMember("guarantors", START, START + 2 * day, member="three"))
    with pytest.raises(RuleViolation, match="All 2 places"):
        course.take(Y, AppointMember("guarantors", START + day / 2, member="four"))


def test_nobody_sits_twice() -> None:
    course = Course()
    course.take(Y, AppointMember("guarantors", START, member="one"))
    with pytest.raises(RuleViolation, match="already"):
        course.take(X, AppointMember("chair", START, member="one"))


def test_membership_may_change_and_is_not_ended_in_the_past() -> None:
    course = Course()
    course.take(LIAISON_A, AppointMember("seat-A", START, member="first"))
    course.wait(hours=3)
    with pytest.raises(RuleViolation, match="not ended in the past"):
        course.take(
            LIAISON_A, EndMembership("seat-A", START + timedelta(hours=1), "Recalled.", member="first")
        )
    course.take(LIAISON_A, EndMembership("seat-A", course.now, "Recalled.", member="first"))
    course.take(LIAISON_A, AppointMember("seat-A", course.now, member="second"))
    seated = course.state.composition
    assert [seated.seat_of("first", START), seated.seat_of("first", course.now)] == ["seat-A", None]
    assert seated.seat_of("second", course.now) == "seat-A"


def test_an_office_has_one_holder_at_a_time() -> None:
    course = Course()
    course.take(X, AppointOffice("x-government", START, holder="minister"))
    course.wait(days=2)
    course.take(X, AppointOffice("x-government", course.now, holder="successor"))
    held = course.state.composition
    assert held.holds("minister", "x-government", START)
    assert not held.holds("minister", "x-government", course.now)
    assert held.holds("successor", "x-government", course.now)


def test_an_office_is_not_given_away_backwards() -> None:
    course = Course()
    course.take(X, AppointOffice("x-government", START, holder="minister"))
    course.wait(days=2)
    with pytest.raises(RuleViolation, match="next holder begins later"):
        course.take(X, AppointOffice("x-government", START - timedelta(days=1), holder="other"))


def test_a_seat_that_the_pack_does_not_have_is_refused_by_name() -> None:
    with pytest.raises(RuleViolation, match="no seat throne") as refusal:
        Course().take(X, AppointMember("throne", START, member="one"))
    assert refusal.value.rule == "seats"
