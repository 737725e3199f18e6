# SPDX-License-Identifier: Apache-2.0
"""The register of consents: given by a party, revocable by that party alone, never after the fact."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.parties.submitting import CONSENT, TOMORROW, Rule, refused, words_of_refusal
from tests.procedure.made import HEAD, LIAISON_A, LIAISON_B, SECRETARY, START, Course

from truceline.parties import ConsentSubject, WithdrawConsent, consents_at
from truceline.procedure import Who

GROUND = "EXERCISE: the ford is closed"


def held(course: Course, at: datetime) -> list[str]:
    return [consent.consent_id for consent in consents_at(course.state.submissions, at)]


def test_a_consent_holds_from_its_beginning_up_to_its_end() -> None:
    course = Course()
    course.take(LIAISON_A, CONSENT)
    moments = (START, TOMORROW - timedelta(seconds=1), TOMORROW)
    assert [held(course, moment) for moment in moments] == [["k-1"], ["k-1"], []]


@pytest.mark.parametrize("subject", ConsentSubject)
def test_a_consent_says_what_it_is_to(subject: ConsentSubject) -> None:
    course = Course()
    course.take(LIAISON_A, replace(CONSENT, subject=subject))
    assert course.state.submissions.consents["k-1"].subject is subject


def test_a_consent_without_an_end_holds_until_it_is_withdrawn() -> None:
    course = Course()
    course.take(LIAISON_A, replace(CONSENT, until=None))
    assert held(course, START + timedelta(days=900)) == ["k-1"]
    course.wait(days=1).take(LIAISON_A, WithdrawConsent("k-1", GROUND))
    assert held(course, TOMORROW - timedelta(seconds=1)) == ["k-1"]
    assert held(course, TOMORROW) == []


def test_a_consent_covers_nothing_that_came_before_it_was_given() -> None:
    course = Course()
    course.take(LIAISON_A, replace(CONSENT, since=START - timedelta(days=3)))
    assert held(course, START - timedelta(seconds=1)) == []
    assert held(course, START) == ["k-1"]


def test_nobody_consents_after_the_fact() -> None:
    past = replace(CONSENT, since=START - timedelta(days=3), until=START)
    assert refused(Course(), LIAISON_A, past) == Rule.CONSENT


def test_a_consent_ends_after_it_begins() -> None:
    assert refused(Course(), LIAISON_A, replace(CONSENT, until=START)) == Rule.CONSENT


@pytest.mark.parametrize("far", [datetime(9999, 12, 31, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)])
def test_a_consent_for_a_far_day_is_taken_and_holds_nothing_now(far: datetime) -> None:
    course = Course()
    course.take(LIAISON_A, replace(CONSENT, since=far, until=None))
    assert held(course, START) == []


def test_another_party_cannot_withdraw_a_consent() -> None:
    course = Course()
    course.take(LIAISON_A, CONSENT)
    assert refused(course, LIAISON_B, WithdrawConsent("k-1", GROUND)) == Rule.CONSENT
    assert held(course, START) == ["k-1"]


def test_a_refused_withdrawal_does_not_tell_whether_another_party_consented() -> None:
    course = Course()
    course.take(LIAISON_A, CONSENT)
    theirs = words_of_refusal(course, LIAISON_B, WithdrawConsent("k-1", GROUND))
    none = words_of_refusal(course, LIAISON_B, WithdrawConsent("k-9", GROUND))
    assert theirs == none.replace("k-9", "k-1")


@pytest.mark.parametrize("who", [SECRETARY, HEAD], ids=str)
def test_the_mission_cannot_withdraw_a_consent(who: Who) -> None:
    course = Course()
    course.take(LIAISON_A, CONSENT)
    assert refused(course, who, WithdrawConsent("k-1", GROUND)) == Rule.CAPACITY


def test_a_consent_is_not_withdrawn_in_the_past() -> None:
    course = Course()
    course.take(LIAISON_A, CONSENT)
    course.wait(hours=2)
    earlier = WithdrawConsent("k-1", GROUND, at=course.now - timedelta(hours=1))
    assert refused(course, LIAISON_A, earlier) == Rule.CONSENT


def test_a_withdrawal_may_be_brought_forward_and_never_put_off() -> None:
    course = Course()
    course.take(LIAISON_A, CONSENT)
    course.take(LIAISON_A, WithdrawConsent("k-1", GROUND, at=START + timedelta(hours=6)))
    assert held(course, START + timedelta(hours=5)) == ["k-1"]
    later = WithdrawConsent("k-1", GROUND, at=START + timedelta(hours=7))
    assert refused(course, LIAISON_A, later) == Rule.ONCE
    course.take(LIAISON_A, WithdrawConsent("k-1", GROUND, at=START + timedelta(hours=3)))
    assert held(course, START + timedelta(hours=3)) == []


def test_a_consent_that_has_ended_cannot_be_withdrawn() -> None:
    course = Course()
    course.take(LIAISON_A, CONSENT)
    course.wait(days=1)
    assert refused(course, LIAISON_A, WithdrawConsent("k-1", GROUND)) == Rule.CONSENT
