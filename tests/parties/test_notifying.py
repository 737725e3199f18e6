# SPDX-License-Identifier: Apache-2.0
"""Notices: made before what they except, within what the clause excepts, and withdrawn by their party."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import LineString, box
from tests.parties.submitting import DEMINING, TOMORROW, Rule, demining, refused, words_of_refusal
from tests.procedure.made import LIAISON_A, LIAISON_B, START, Course, valley

from truceline.agreement import Agreement, Notice, Zone
from truceline.interval import Interval
from truceline.parties import WithdrawNotice, notices, notices_in_force
from truceline.vocabulary import Kind

END = TOMORROW + timedelta(hours=8)


def found(course: Course) -> tuple[Notice, ...]:
    return notices(course.state.submissions)


def test_a_notice_is_what_the_party_notified_and_where_it_is_recorded() -> None:
    course = Course()
    entry = course.take(LIAISON_A, DEMINING)
    (notice,) = found(course)
    assert (notice.party, notice.version, notice.clause, notice.exception) == (
        "A", "first", "fire", "demining",
    )  # fmt: skip
    assert (notice.interval, notice.kinds) == (Interval(TOMORROW, END), (Kind.EXPLOSION_UNDETERMINED,))
    assert (notice.zone, notice.circle, notice.leaf_index) == (None, DEMINING.circle, entry.leaf_index)


@pytest.mark.parametrize(
    "unknown", [{"version": "second"}, {"clause": "weapons"}, {"clause": "a-only"}, {"exception": "parade"}]
)
def test_an_exception_that_the_clause_has_not_cannot_be_notified(unknown: dict[str, str]) -> None:
    assert refused(Course(), LIAISON_A, demining(**unknown)) == Rule.NOTIFICATION


def with_exception(**changes: object) -> Agreement:
    """Return the valley's agreement, its first exception on fire changed."""
    agreement = valley()
    (version,) = agreement.versions
    fire, *others = version.clauses
    excepted = (fire.exceptions[0].model_copy(update=changes), *fire.exceptions[1:])
    clauses = (fire.model_copy(update={"exceptions": excepted}), *others)
    return replace(agreement, versions=(version.model_copy(update={"clauses": clauses}),))


def test_a_clause_that_does_not_bind_a_party_needs_no_notice_of_it() -> None:
    agreement = valley()
    (version,) = agreement.versions
    only_b = version.clauses[0].model_copy(update={"binds": ("B",)})
    changed = replace(agreement, versions=(version.model_copy(update={"clauses": (only_b,)}),))
    assert refused(Course(changed), LIAISON_A, DEMINING) == Rule.NOTIFICATION
    Course(changed).take(LIAISON_B, DEMINING)


def test_a_notice_after_the_fact_is_refused() -> None:
    course = Course(start=TOMORROW + timedelta(seconds=1))
    assert refused(course, LIAISON_A, DEMINING) == Rule.NOTIFICATION
    assert "self-report" in words_of_refusal(course, LIAISON_A, DEMINING)


def test_a_notice_at_the_very_moment_that_it_begins_is_in_time() -> None:
    course = Course(start=TOMORROW)
    course.take(LIAISON_A, DEMINING)
    assert len(found(course)) == 1


def test_an_exception_that_needs_no_notice_may_be_told_afterwards() -> None:
    course = Course(with_exception(needs_notice=False), start=END + timedelta(days=1))
    course.take(LIAISON_A, DEMINING)
    assert len(found(course)) == 1


@pytest.mark.parametrize("until", [TOMORROW, TOMORROW - timedelta(hours=1)])
def test_a_notice_ends_after_it_begins(until: datetime) -> None:
    assert refused(Course(), LIAISON_A, demining(until=until)) == Rule.NOTIFICATION


@pytest.mark.parametrize("kind", [Kind.ARTILLERY, Kind.ATTACK_UNSPECIFIED, Kind.UAV_FLIGHT])
def test_a_notice_is_of_kinds_that_the_exception_speaks_of(kind: Kind) -> None:
    step = demining(kinds=(Kind.MINE_BLAST, kind))
    assert refused(Course(), LIAISON_A, step) == Rule.NOTIFICATION
    assert kind.value in words_of_refusal(Course(), LIAISON_A, step)


def test_an_exception_that_lists_no_kinds_takes_any() -> None:
    course = Course(with_exception(kinds=()))
    course.take(LIAISON_A, demining(kinds=(Kind.ARTILLERY,)))
    assert found(course)[0].kinds == (Kind.ARTILLERY,)


def test_a_notice_names_an_area_of_the_pack_that_is_in_force_then() -> None:
    old = Interval(START - timedelta(days=9), START)
    line = Zone("line", "Line", "line", LineString([(37, 48), (39, 48)]), 1.0, Interval(START), "EXERCISE")
    gone = Zone("gone", "Gone", "zone", box(37, 48, 38, 49), 1.0, old, "EXERCISE")
    agreement = replace(valley(), zones=(*valley().zones, line, gone))
    for zone in ("line", "gone", "nowhere"):
        assert refused(Course(agreement), LIAISON_A, demining(zone=zone)) == Rule.NOTIFICATION
    Course(agreement).take(LIAISON_A, demining(zone="area"))


def test_a_withdrawn_notice_covers_what_came_before_and_nothing_more() -> None:
    course = Course()
    course.take(LIAISON_A, DEMINING)
    course.wait(days=1, hours=2).take(LIAISON_A, WithdrawNotice("n-1", "EXERCISE: the mines are gone"))
    (notice,) = found(course)
    assert notice.interval == Interval(TOMORROW, TOMORROW + timedelta(hours=2))


@pytest.mark.parametrize("wait", [0, 24])
def test_a_notice_withdrawn_before_it_begins_covers_nothing(wait: int) -> None:
    course = Course()
    course.take(LIAISON_A, DEMINING)
    course.wait(hours=wait).take(LIAISON_A, WithdrawNotice("n-1", "EXERCISE"))
    assert found(course) == ()


def test_a_notice_is_withdrawn_once_and_before_it_ends() -> None:
    course = Course()
    course.take(LIAISON_A, DEMINING)
    course.take(LIAISON_A, demining(notice_id="n-2"))
    course.wait(days=1).take(LIAISON_A, WithdrawNotice("n-1", "EXERCISE"))
    assert refused(course, LIAISON_A, WithdrawNotice("n-1", "EXERCISE")) == Rule.ONCE
    course.wait(hours=8)
    assert refused(course, LIAISON_A, WithdrawNotice("n-2", "EXERCISE")) == Rule.NOTIFICATION


def test_another_partys_notice_is_refused_in_the_words_for_one_that_there_is_not() -> None:
    course = Course()
    course.take(LIAISON_A, DEMINING)
    assert refused(course, LIAISON_B, WithdrawNotice("n-1", "EXERCISE")) == Rule.NOTIFICATION
    theirs = words_of_refusal(course, LIAISON_B, WithdrawNotice("n-1", "EXERCISE"))
    none = words_of_refusal(course, LIAISON_B, WithdrawNotice("n-9", "EXERCISE"))
    assert theirs == none.replace("n-9", "n-1")


def test_a_notice_is_in_force_from_its_beginning_up_to_its_end() -> None:
    course = Course()
    course.take(LIAISON_A, DEMINING)
    course.take(LIAISON_B, demining(notice_id="n-2", since=END, until=END + timedelta(hours=1)))
    standing = course.state.submissions
    by_moment = {
        moment: [notice.party for notice in notices_in_force(standing, moment)]
        for moment in (TOMORROW - timedelta(seconds=1), TOMORROW, END, END + timedelta(hours=1))
    }
    assert list(by_moment.values()) == [[], ["A"], ["B"], []]


moments = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001


@given(moments, moments, moments)
def test_a_withdrawal_never_lengthens_a_notice(since: datetime, until: datetime, now: datetime) -> None:
    course = Course(with_exception(needs_notice=False), start=START)
    if since >= until:
        assert refused(course, LIAISON_A, demining(since=since, until=until)) == Rule.NOTIFICATION
        return
    course.take(LIAISON_A, demining(since=since, until=until))
    if START <= now < until:
        course.now = now
        course.take(LIAISON_A, WithdrawNotice("n-1", "EXERCISE"))
    for notice in found(course):
        assert since <= notice.interval.start < notice.interval.last <= until
