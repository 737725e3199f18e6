# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString

from truceline.agreement.model import Zone
from truceline.assessment import coverage
from truceline.geodesy import Ellipse
from truceline.interval import Interval
from truceline.observation.model import Watch
from truceline.vocabulary import SourceKind, WatchState

START = datetime(2025, 4, 19, 21, tzinfo=UTC)
DAY = Interval(START, START + timedelta(hours=24))
LINE = Zone(
    "line", "Line", "line", LineString([(37.0, 48.0), (38.0, 48.0)]), 1000.0,
    Interval(datetime(2025, 1, 1, tzinfo=UTC)), "drawn for a test",
)  # fmt: skip


def watch(
    from_hour: float, to_hour: float, *, longitude: float = 37.5, range_m: float = 500_000.0,
    state: WatchState = WatchState.OK, name: str = "w", placed: bool = True,
) -> Watch:  # fmt: skip
    return Watch(
        name, "team-1", SourceKind.PATROL,
        Interval(START + timedelta(hours=from_hour), START + timedelta(hours=to_hour)),
        Ellipse(48.0, longitude, 100.0, 100.0) if placed else None, "Somewhere", range_m, state,
    )  # fmt: skip


def test_no_watch_recorded_is_not_known_rather_than_zero() -> None:
    assert coverage(LINE, [], DAY).share is None


def test_no_line_is_not_known() -> None:
    assert coverage(None, [watch(0, 24)], DAY).share is None


def test_a_watch_over_the_whole_line_and_day_covers_all() -> None:
    assert coverage(LINE, [watch(0, 24)], DAY).share == 1.0


def test_two_watches_over_the_same_hours_count_once() -> None:
    both = coverage(LINE, [watch(0, 6, name="a"), watch(0, 6, name="b")], DAY)
    assert both.share == pytest.approx(0.25)


def test_half_the_line_is_half_the_coverage() -> None:
    # One degree of longitude at 48 N is 74.4 km; the watch reaches 37.2 km from the west end.
    half = coverage(LINE, [watch(0, 24, longitude=37.0, range_m=37_200.0)], DAY)
    assert half.share == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("state", [state for state in WatchState if state is not WatchState.OK])
def test_a_lost_watch_covers_nothing_and_is_listed_as_a_gap(state: WatchState) -> None:
    lost = coverage(LINE, [watch(0, 24, state=state)], DAY)
    assert lost.share == 0.0
    assert [gap.state for gap in lost.gaps] == [state.value]


def test_a_watch_without_a_place_is_counted_and_covers_nothing() -> None:
    unplaced = coverage(LINE, [watch(0, 24, placed=False)], DAY)
    assert (unplaced.share, unplaced.watches, unplaced.unplaced) == (0.0, 1, 1)


def test_hours_watched_show_in_their_hours() -> None:
    some = coverage(LINE, [watch(3, 5)], DAY)
    assert [hour for hour, share in enumerate(some.by_hour) if share == 1.0] == [3, 4]
    assert some.line_km == pytest.approx(74.4, abs=0.3)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0, 23), st.floats(0, 10), st.floats(36.5, 38.5), st.floats(0, 50_000)), max_size=5
    ),
    st.randoms(use_true_random=False),
)
def test_coverage_does_not_depend_on_the_order_of_watches(
    drawn: list[tuple[float, float, float, float]], shuffler: st.DataObject
) -> None:
    watches = [
        watch(start, start + hours, longitude=longitude, range_m=reach, name=f"w{number}")
        for number, (start, hours, longitude, reach) in enumerate(drawn)
    ]
    shuffled = list(watches)
    shuffler.shuffle(shuffled)  # type: ignore[attr-defined]
    assert coverage(LINE, watches, DAY) == coverage(LINE, shuffled, DAY)
    share = coverage(LINE, watches, DAY).share
    assert share is None or 0.0 <= share <= 1.0
