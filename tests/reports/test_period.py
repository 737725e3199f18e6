# SPDX-License-Identifier: Apache-2.0
"""A report's hours follow the pack's cut-off in the pack's zone, through clock changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from truceline.agreement.model import Reporting
from truceline.errors import RejectedInput
from truceline.interval import Interval
from truceline.reports.model import ForceState
from truceline.reports.period import previous_period, report_period, standing

KYIV = Reporting(timezone="Europe/Kyiv", cut_off="24:00")
ZONE = ZoneInfo("Europe/Kyiv")
TRUCE = Interval(datetime(2025, 4, 19, 15, tzinfo=UTC), datetime(2025, 4, 20, 21, tzinfo=UTC))


def test_cut_off_at_24_is_the_end_of_the_day() -> None:
    period = report_period(KYIV, date(2025, 4, 20))
    assert period == Interval(datetime(2025, 4, 19, 21, tzinfo=UTC), datetime(2025, 4, 20, 21, tzinfo=UTC))


def test_cut_off_in_the_evening_begins_the_evening_before() -> None:
    evening = Reporting(timezone="Europe/Kyiv", cut_off="19:30")
    period = report_period(evening, date(2017, 2, 3))
    assert period == Interval(
        datetime(2017, 2, 2, 17, 30, tzinfo=UTC), datetime(2017, 2, 3, 17, 30, tzinfo=UTC)
    )


@pytest.mark.parametrize(("day", "hours"), [(date(2025, 3, 30), 23), (date(2025, 10, 26), 25)])
def test_day_of_a_clock_change_has_23_or_25_hours(day: date, hours: int) -> None:
    assert report_period(KYIV, day).duration == timedelta(hours=hours)


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.sampled_from(["24:00", "00:00", "03:30", "19:30"]))
def test_periods_follow_each_other_without_gap_or_overlap(day: date, cut_off: str) -> None:
    reporting = Reporting(timezone="Europe/Kyiv", cut_off=cut_off)
    assert previous_period(reporting, day).end == report_period(reporting, day).start


def test_unknown_zone_is_refused_with_its_name() -> None:
    with pytest.raises(RejectedInput, match="Atlantis"):
        report_period(Reporting(timezone="Europe/Atlantis", cut_off="24:00"), date(2025, 4, 20))


@pytest.mark.parametrize(
    ("day", "state", "number"),
    [
        (18, ForceState.BEFORE, None),
        (19, ForceState.PART, 1),
        (20, ForceState.WHOLE, 2),
        (21, ForceState.AFTER, None),
    ],
)
def test_standing_says_before_part_whole_and_after(day: int, state: ForceState, number: int | None) -> None:
    found = standing((TRUCE,), report_period(KYIV, date(2025, 4, day)), date(2025, 4, day), ZONE)
    assert (found.state, found.day) == (state, number)


def test_standing_between_two_truces_speaks_of_the_next() -> None:
    later = Interval(datetime(2025, 5, 8, tzinfo=UTC), datetime(2025, 5, 11, tzinfo=UTC))
    day = date(2025, 4, 30)
    found = standing((later, TRUCE), report_period(KYIV, day), day, ZONE)
    assert (found.state, found.nearest) == (ForceState.BETWEEN, later)


def test_agreement_without_hours_is_never_in_force() -> None:
    day = date(2025, 4, 30)
    assert standing((), report_period(KYIV, day), day, ZONE).state is ForceState.NEVER
