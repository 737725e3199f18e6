# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from truceline.errors import RejectedInput
from truceline.interval import Interval, as_utc, iso

MOMENTS = st.datetimes(datetime(1950, 1, 1), datetime(2150, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@st.composite
def intervals(draw: st.DrawFn) -> Interval:
    start = draw(MOMENTS)
    return Interval(
        start,
        draw(
            st.none()
            | st.just(start)
            | st.datetimes(
                start.replace(tzinfo=None),
                datetime(2150, 1, 1),  # noqa: DTZ001
                timezones=st.just(UTC),
            )
        ),
    )


@given(intervals(), intervals())
def test_intersection_does_not_depend_on_the_order(a: Interval, b: Interval) -> None:
    one, other = a.intersection(b), b.intersection(a)
    assert (one is None) == (other is None)
    if one is not None and other is not None:
        assert (one.start, one.last) == (other.start, other.last)


@given(intervals(), intervals())
def test_what_two_intervals_share_lies_in_both(a: Interval, b: Interval) -> None:
    common = a.intersection(b)
    if common is not None:
        assert a.holds(common.start)
        assert b.holds(common.start)
        assert common.last <= min(a.last, b.last)


@given(intervals(), intervals())
def test_share_is_a_probability(a: Interval, b: Interval) -> None:
    assert 0.0 <= a.share_within(b) <= 1.0


@given(intervals(), MOMENTS)
def test_the_shares_before_and_after_a_cut_add_up(a: Interval, cut: datetime) -> None:
    early = Interval(datetime(1900, 1, 1, tzinfo=UTC), cut)
    assert a.share_within(early) + a.share_within(Interval(cut)) == pytest.approx(1.0)


def test_touching_intervals_do_not_overlap() -> None:
    noon = datetime(2025, 4, 19, 12, tzinfo=UTC)
    assert not Interval(noon - timedelta(hours=1), noon).overlaps(Interval(noon, noon + timedelta(hours=1)))


def test_an_end_before_the_start_is_refused() -> None:
    noon = datetime(2025, 4, 19, 12, tzinfo=UTC)
    with pytest.raises(RejectedInput, match="ends before it starts"):
        Interval(noon, noon - timedelta(seconds=1))


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(RejectedInput, match="without a zone"):
        as_utc(datetime(2025, 4, 19, 12))  # noqa: DTZ001


@given(MOMENTS)
def test_iso_text_reads_back_as_the_same_instant(moment: datetime) -> None:
    text = iso(moment)
    assert text.endswith("Z")
    assert datetime.fromisoformat(text) == moment
