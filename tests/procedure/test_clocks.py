# SPDX-License-Identifier: Apache-2.0
"""Clocks: when something is due, in the pack's calendar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.procedure.made import START, valley

from truceline.agreement import Calendar, Term
from truceline.interval import Interval
from truceline.procedure import Clock, ClockState, due, lapsed, state_of

KYIV = valley().calendar
HOURS = Term(hours=48)
DAYS = Term(working_days=5)


def clock(term: Term = HOURS, zero: datetime = START, *pauses: Interval) -> Clock:
    return Clock("response:A", "A", zero, term, pauses)


def test_hours_run_on_every_day() -> None:
    friday = datetime(2030, 1, 18, 15, 0, tzinfo=UTC)
    assert due(clock(zero=friday), KYIV) == friday + timedelta(hours=48)


def test_working_days_end_with_the_local_day_and_leave_out_week_ends_and_holidays() -> None:
    friday = datetime(2030, 1, 4, 9, 0, tzinfo=UTC)
    # Monday 7 January is a holiday of the pack, so the first working day is Tuesday the 8th.
    assert due(clock(Term(working_days=1), friday), KYIV) == datetime(2030, 1, 8, 22, 0, tzinfo=UTC)


def test_a_day_at_the_change_of_the_clocks_is_one_day() -> None:
    # In Kyiv the clocks go forward on Sunday 31 March 2030: UTC+2 becomes UTC+3.
    friday = datetime(2030, 3, 29, 9, 0, tzinfo=UTC)
    assert due(clock(Term(working_days=1), friday), KYIV) == datetime(2030, 4, 1, 21, 0, tzinfo=UTC)


def test_the_day_of_the_zero_does_not_count_even_late_in_the_evening() -> None:
    late = datetime(2030, 1, 14, 21, 59, tzinfo=UTC)  # 23:59 on Monday in Kyiv
    after = datetime(2030, 1, 14, 22, 1, tzinfo=UTC)  # 00:01 on Tuesday in Kyiv
    assert due(clock(Term(working_days=1), late), KYIV) == datetime(2030, 1, 15, 22, 0, tzinfo=UTC)
    assert due(clock(Term(working_days=1), after), KYIV) == datetime(2030, 1, 16, 22, 0, tzinfo=UTC)


def test_a_pause_moves_hours_by_its_length() -> None:
    paused = clock(HOURS, START, Interval(START + timedelta(hours=1), START + timedelta(hours=11)))
    assert due(paused, KYIV) == START + timedelta(hours=58)


def test_days_that_a_pause_touches_do_not_count() -> None:
    wednesday = START + timedelta(days=2)
    paused = clock(DAYS, START, Interval(wednesday, wednesday + timedelta(hours=1)))
    assert due(paused, KYIV) == datetime(2030, 1, 22, 22, 0, tzinfo=UTC)


@pytest.mark.parametrize("term", [HOURS, DAYS])
def test_an_open_pause_leaves_nothing_due(term: Term) -> None:
    paused = clock(term).pause(START + timedelta(hours=3))
    assert due(paused, KYIV) is None
    assert state_of(paused, KYIV, START + timedelta(days=4_000)) is ClockState.PAUSED


def test_extensions_come_on_top() -> None:
    extended = clock().extend(Term(hours=24)).extend(Term(working_days=1))
    assert due(extended, KYIV) == datetime(2030, 1, 18, 22, 0, tzinfo=UTC)


def test_the_deadline_itself_is_in_time() -> None:
    at = START + timedelta(hours=48)
    assert not lapsed(clock(), KYIV, at)
    assert state_of(clock().met(at), KYIV, at) is ClockState.MET
    assert lapsed(clock(), KYIV, at + timedelta(seconds=1))
    assert state_of(clock().met(at + timedelta(seconds=1)), KYIV, at) is ClockState.MET_LATE


def test_a_clock_far_in_the_future_is_no_endless_search() -> None:
    assert due(clock(Term(working_days=3_650)), Calendar(working_days=("mon",))) is not None


moments = st.datetimes(datetime(2030, 1, 1), datetime(2030, 3, 1), timezones=st.just(UTC))  # noqa: DTZ001
terms = st.one_of(
    st.integers(1, 500).map(lambda n: Term(hours=n)), st.integers(1, 20).map(lambda n: Term(working_days=n))
)


@st.composite
def pauses(draw: st.DrawFn) -> tuple[Interval, ...]:
    """Draw closed pauses that follow one another."""
    at = sorted(draw(st.lists(moments, max_size=6, unique=True)))
    return tuple(Interval(at[n], at[n + 1]) for n in range(0, len(at) - 1, 2))


@given(moments, terms, pauses())
def test_a_pause_never_brings_a_deadline_forward(
    zero: datetime, term: Term, held: tuple[Interval, ...]
) -> None:
    plain, paused = due(clock(term, zero), KYIV), due(clock(term, zero, *held), KYIV)
    assert plain is not None
    assert paused is not None
    assert paused >= plain > zero


@given(moments, terms, pauses(), moments)
def test_a_pause_after_the_deadline_changes_nothing(
    zero: datetime, term: Term, held: tuple[Interval, ...], late: datetime
) -> None:
    before = due(clock(term, zero, *held), KYIV)
    assert before is not None
    after = max(before, late) + timedelta(days=2)
    assert due(clock(term, zero, *held, Interval(after, after + timedelta(days=1))), KYIV) == before


@given(moments, terms, terms, pauses())
def test_an_extension_never_shortens(
    zero: datetime, term: Term, more: Term, held: tuple[Interval, ...]
) -> None:
    one = clock(term, zero, *held)
    before, after = due(one, KYIV), due(one.extend(more), KYIV)
    assert before is not None
    assert after is not None
    assert after > before


@given(moments, st.integers(1, 500), st.integers(1, 500), pauses())
def test_hours_add_up(zero: datetime, first: int, second: int, held: tuple[Interval, ...]) -> None:
    whole = clock(Term(hours=first + second), zero, *held)
    parts = clock(Term(hours=first), zero, *held).extend(Term(hours=second))
    assert due(whole, KYIV) == due(parts, KYIV)
