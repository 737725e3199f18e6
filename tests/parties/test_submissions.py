# SPDX-License-Identifier: Apache-2.0
"""Complaints, reports of one's own, acknowledgements: who may, of what, and once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.parties.submitting import COMPLAINT, CONSENT, DEMINING, FIRE, REPORT, Rule, refused
from tests.procedure.made import DUTY, HEAD, LIAISON_A, LIAISON_B, SECRETARY, START, Course, X, member

from truceline.commission.steps import ClauseRef
from truceline.interval import Interval
from truceline.parties import Acknowledge
from truceline.procedure import Capacity, Step, Who


def test_a_complaint_is_kept_with_its_ids_times_and_place_in_the_log() -> None:
    course = Course()
    entry = course.take(LIAISON_A, COMPLAINT)
    (made,) = course.state.submissions.complaints.values()
    assert (made.complaint_id, made.party, made.against, made.clauses) == ("c-1", "A", "B", (FIRE,))
    assert made.when == Interval(START - timedelta(hours=2), START - timedelta(hours=2))
    assert (made.at, made.leaf_index) == (entry.at, entry.leaf_index)


def test_derived_state_holds_no_free_text() -> None:
    course = Course()
    for step in (COMPLAINT, REPORT, DEMINING, CONSENT):
        course.take(LIAISON_A, step)
    course.take(SECRETARY, Acknowledge("c-1", "A", "EXERCISE: thank you"))
    assert "EXERCISE" not in repr(course.state.submissions)


def test_a_self_report_is_kept_as_the_partys_own() -> None:
    course = Course()
    course.take(LIAISON_B, replace(REPORT, until=START))
    (made,) = course.state.submissions.own_reports.values()
    assert (made.party, made.when) == ("B", Interval(START - timedelta(hours=3), START))


@pytest.mark.parametrize("step", [COMPLAINT, REPORT, DEMINING, CONSENT], ids=lambda step: step.name)
@pytest.mark.parametrize("who", [DUTY, HEAD, SECRETARY, X, member("chair")], ids=str)
def test_nobody_but_a_partys_liaison_submits(who: Who, step: Step) -> None:
    assert refused(Course(), who, step) == Rule.CAPACITY


@pytest.mark.parametrize("side", ["", "A-government", "X", "nowhere", "Ä" * 5000])
def test_a_submission_is_made_in_the_name_of_a_party_of_the_agreement(side: str) -> None:
    who = Who("somebody", Capacity.LIAISON, side)
    assert refused(Course(), who, replace(COMPLAINT, against="B")) == Rule.SUBMISSION


def test_nobody_complains_of_their_own_side() -> None:
    assert refused(Course(), LIAISON_B, COMPLAINT) == Rule.SUBMISSION


def test_a_complaint_is_of_a_party_that_there_is() -> None:
    assert refused(Course(), LIAISON_A, replace(COMPLAINT, against="X")) == Rule.KNOWN_MATTER


@pytest.mark.parametrize("clause", [ClauseRef("first", "none"), ClauseRef("none", "fire")])
def test_a_clause_that_there_is_not_cannot_be_breached(clause: ClauseRef) -> None:
    assert refused(Course(), LIAISON_A, replace(COMPLAINT, clauses=(FIRE, clause))) == Rule.KNOWN_MATTER
    assert refused(Course(), LIAISON_A, replace(REPORT, clauses=(clause,))) == Rule.KNOWN_MATTER


def test_a_clause_that_does_not_bind_a_party_cannot_be_breached_by_it() -> None:
    only_a = (ClauseRef("first", "a-only"),)
    assert refused(Course(), LIAISON_A, replace(COMPLAINT, clauses=only_a)) == Rule.SUBMISSION
    assert refused(Course(), LIAISON_B, replace(REPORT, clauses=only_a)) == Rule.SUBMISSION
    Course().take(LIAISON_B, replace(COMPLAINT, against="A", clauses=only_a))


def test_an_event_ends_after_it_begins_and_is_not_yet_to_come() -> None:
    backwards = replace(COMPLAINT, until=COMPLAINT.since - timedelta(seconds=1))
    assert refused(Course(), LIAISON_A, backwards) == Rule.SUBMISSION
    to_come = replace(REPORT, since=START + timedelta(seconds=1))
    assert refused(Course(), LIAISON_A, to_come) == Rule.SUBMISSION
    Course().take(LIAISON_A, replace(REPORT, since=START))


@pytest.mark.parametrize("moment", [datetime(1, 1, 1, tzinfo=UTC), datetime(1899, 12, 31, tzinfo=UTC)])
def test_an_event_long_ago_is_taken_as_told(moment: datetime) -> None:
    course = Course()
    course.take(LIAISON_A, replace(COMPLAINT, since=moment, until=moment))
    assert course.state.submissions.complaints["c-1"].when.start == moment


def test_an_id_is_used_once_whatever_it_names() -> None:
    course = Course()
    course.take(LIAISON_A, COMPLAINT)
    for step in (COMPLAINT, replace(REPORT, report_id="c-1"), replace(DEMINING, notice_id="c-1"),
                 replace(CONSENT, consent_id="c-1")):  # fmt: skip
        assert refused(course, LIAISON_A, step) == Rule.ONCE
        assert refused(course, LIAISON_B, replace(step)) == Rule.ONCE


@pytest.mark.parametrize("name", ["c-1", "r-1", "n-1", "k-1"])
@pytest.mark.parametrize("who", [SECRETARY, DUTY], ids=str)
def test_the_mission_acknowledges_any_submission_once(who: Who, name: str) -> None:
    course = Course()
    for step in (COMPLAINT, REPORT, DEMINING, CONSENT):
        course.take(LIAISON_A, step)
    entry = course.take(who, Acknowledge(name, "A"))
    made = course.state.submissions.acknowledged[name]
    assert (made.party, made.leaf_index) == ("A", entry.leaf_index)
    assert refused(course, who, Acknowledge(name, "A")) == Rule.ONCE


def test_an_acknowledgement_goes_into_the_right_file_and_no_other() -> None:
    course = Course()
    course.take(LIAISON_A, COMPLAINT)
    assert refused(course, SECRETARY, Acknowledge("c-1", "B")) == Rule.KNOWN_MATTER
    assert refused(course, SECRETARY, Acknowledge("c-2", "A")) == Rule.KNOWN_MATTER


def test_the_mission_acknowledges_in_its_own_name() -> None:
    course = Course()
    course.take(LIAISON_A, COMPLAINT)
    lent = Who("secretary", Capacity.SECRETARY, "A")
    assert refused(course, lent, Acknowledge("c-1", "A")) == Rule.ON_BEHALF


@pytest.mark.parametrize("who", [LIAISON_A, LIAISON_B, X, HEAD, member("chair")], ids=str)
def test_nobody_else_acknowledges(who: Who) -> None:
    course = Course()
    course.take(LIAISON_A, COMPLAINT)
    assert refused(course, who, Acknowledge("c-1", "A")) == Rule.CAPACITY
