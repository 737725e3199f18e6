# SPDX-License-Identifier: Apache-2.0
"""Incidents are counted as an interval: wholly inside up to overlapping."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from tests.reports.conftest import make_incident

from truceline.interval import Interval
from truceline.reports.model import Tally
from truceline.reports.tallies import Timeline, hours_of

START = datetime(2025, 4, 20, tzinfo=UTC)


def stretch(first: int, long: int) -> Interval:
    return Interval(START + timedelta(minutes=first), START + timedelta(minutes=first + long))


STRETCHES = st.builds(stretch, st.integers(-30, 30), st.integers(0, 30))


@given(st.lists(STRETCHES, max_size=8), STRETCHES)
def test_overlap_agrees_with_intervals_one_by_one(times: list[Interval], period: Interval) -> None:
    incidents = [make_incident(f"i{row}", [], when=when) for row, when in enumerate(times)]
    found = Timeline(incidents).overlapping(period).tolist()
    assert found == [when.overlaps(period) for when in times]


@given(st.lists(STRETCHES, max_size=8), STRETCHES)
def test_least_never_exceeds_expected_nor_expected_most(times: list[Interval], period: Interval) -> None:
    tally = Timeline([make_incident(f"i{row}", [], when=when) for row, when in enumerate(times)]).tally(
        period
    )
    assert tally.least <= tally.expected + 1e-9
    assert tally.expected <= tally.most + 1e-9


def test_half_of_an_interval_inside_expects_half_an_incident() -> None:
    incidents = [make_incident("a", [], when=stretch(0, 60)), make_incident("b", [], when=stretch(30, 60))]
    assert Timeline(incidents).tally(stretch(0, 60)) == Tally(1, 2, 1.5)


def test_nothing_on_record_is_an_empty_tally() -> None:
    assert Timeline([]).tally(stretch(0, 60)) == Tally(0, 0, 0.0)


def test_hours_cover_the_period_and_the_last_may_be_short() -> None:
    hours = hours_of(stretch(0, 150))
    assert [hour.duration for hour in hours] == [
        timedelta(hours=1),
        timedelta(hours=1),
        timedelta(minutes=30),
    ]
