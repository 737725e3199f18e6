# SPDX-License-Identifier: Apache-2.0
"""Maps and charts: names keep clear of each other, axes hold what they show."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from truceline.reports.figures import axis_top, whisker
from truceline.reports.model import Tally
from truceline.reports.projection import FLATTEST, SHEET_WIDTH, TALLEST, LabelRoom, Sheet

AWAY = [(7.0, 4.0, "start"), (-7.0, 4.0, "end"), (0.0, -8.0, "middle")]


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 200)), max_size=30))
def test_names_on_the_map_never_overlap(points: list[tuple[int, int]]) -> None:
    room = LabelRoom(300, 200)
    for x, y in points:
        room.place("Aville", float(x), float(y), 12.0, AWAY)
    for place, one in enumerate(room.taken):
        for other in room.taken[:place]:
            assert one[2] < other[0] or one[0] > other[2] or one[3] < other[1] or one[1] > other[3]


@given(st.floats(-170, 170), st.floats(-70, 70), st.floats(0.01, 10), st.floats(0.01, 10))
def test_sheet_holds_the_ground_asked_for_in_a_fit_shape(
    west: float, south: float, wide: float, high: float
) -> None:
    sheet = Sheet.over((west, south, west + wide, south + high))
    assert FLATTEST * 0.99 <= sheet.height / SHEET_WIDTH <= TALLEST * 1.01
    for latitude, longitude in ((south, west), (south + high, west + wide)):
        x, y = sheet.at(latitude, longitude)
        assert -0.1 <= x <= SHEET_WIDTH + 0.1
        assert -0.1 <= y <= sheet.height + 0.1


@pytest.mark.parametrize("width", [0.05, 1.0, 20.0])
def test_scale_bar_is_round_and_fits(width: float) -> None:
    sheet = Sheet.over((30.0, 48.0, 30.0 + width, 48.0 + width))
    km = sheet.scale_km()
    assert f"{km:e}"[0] in "125"
    assert 60 < km * 1000 / sheet.metres_per_unit <= 180


@given(st.lists(st.builds(Tally, st.just(0), st.integers(0, 10**6)), max_size=5))
def test_no_whisker_leaves_its_axis(tallies: list[Tally]) -> None:
    assert axis_top(tallies) >= max((tally.most for tally in tallies), default=0)


def test_whisker_says_its_interval_in_words() -> None:
    assert "41\u201358 incidents" in whisker(Tally(41, 58, 50.0), 100)
