# SPDX-License-Identifier: Apache-2.0
"""Numbers, times and places are said one way, and never more exactly than they are known."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.reports.conftest import Town

from truceline.geodesy import Ellipse, from_plane
from truceline.interval import Interval
from truceline.observation.model import Count
from truceline.reports import words
from truceline.vocabulary import CountQualifier, Kind, Status

TOWN = Town("Aville", 48.0, 37.0, 1_000)


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (Count(CountQualifier.EXACT, 2_935, 2_935), "2,935"),
        (Count(CountQualifier.EXACT, 0, 0), "0"),
        (Count(CountQualifier.ABOUT, 900, 900), "about 900"),
        (Count(CountQualifier.ABOUT, 800, 1_000), "about 800\u20131,000"),
        (Count(CountQualifier.MORE_THAN, 1_300, None), "more than 1,300"),
        (Count(CountQualifier.AT_LEAST, 3, None), "at least 3"),
        (Count(CountQualifier.ALMOST, 4_500, 5_000), "almost 5,000"),
        (Count(CountQualifier.UNCOUNTED), "not counted"),
    ],
)
def test_count_keeps_its_qualifier(count: Count, said: str) -> None:
    assert words.count(count) == said


@pytest.mark.parametrize(
    ("ends", "said"),
    [((None, None), "not counted"), ((3, None), "at least 3"), ((3, 5), "3\u20135"), ((4, 4), "4")],
)
def test_range_of_a_count_says_when_nobody_counted(ends: tuple[int | None, int | None], said: str) -> None:
    assert words.count_range(*ends) == said


@given(st.floats(0, 1, exclude_min=True, exclude_max=True))
def test_uncertain_is_never_said_as_0_or_1(value: float) -> None:
    assert words.probability(value) not in {"0.00", "1.00"}
    assert words.percent(value) not in {"0 %", "100 %"}


def test_unknown_share_is_not_known_and_not_0() -> None:
    assert words.percent(None) == "not known"
    assert words.percent(0.0) == "0 %"


def test_dates_do_not_follow_the_machine() -> None:
    assert words.day(date(2025, 4, 20)) == "20 April 2025"


def test_hours_give_the_date_once_where_it_is_the_same() -> None:
    when = Interval(datetime(2025, 4, 20, 9, tzinfo=UTC), datetime(2025, 4, 20, 10, 30, tzinfo=UTC))
    assert words.hours(when) == "20 April 2025, 09:00 \u2013 10:30"
    assert words.short_hours(when, ZoneInfo("Europe/Kyiv")) == "20 Apr 12:00 \u2013 13:30"


@pytest.mark.parametrize(
    ("zone", "said"), [("Europe/Kyiv", "UTC+3"), ("Asia/Kolkata", "UTC+5:30"), ("America/Bogota", "UTC-5")]
)
def test_offset_of_a_zone_is_said(zone: str, said: str) -> None:
    assert words.offset(datetime(2025, 4, 20, tzinfo=UTC), ZoneInfo(zone)) == said


@pytest.mark.parametrize(("x", "y", "point"), [(0, 4_000, "N"), (-3_000, 3_000, "NW"), (4_000, 0, "E")])
def test_place_gives_distance_and_direction_from_the_town(x: float, y: float, point: str) -> None:
    centre = from_plane(x, y, (48.0, 37.0))
    said = words.place(Ellipse(*centre, 2_000, 1_000), TOWN)
    assert said.startswith("about 4")
    assert said.endswith(f"km {point} of Aville, ± 2.0 km")


def test_place_within_its_uncertainty_is_not_given_a_direction() -> None:
    assert words.place(Ellipse(48.01, 37.0, 8_000, 8_000), TOWN) == "at or near Aville, ± 8 km"
    assert words.place(Ellipse(48.3, 37.0, 60_000, 60_000), TOWN) == "wide area around Aville, ± 60 km"


def test_every_kind_belongs_to_one_row_and_every_status_has_a_word() -> None:
    assert words.kind_group(Kind.MORTAR) is Kind.INDIRECT_FIRE
    assert words.kind_group(Kind.MISSILE) is Kind.AIR_ATTACK
    assert words.kind_group(Kind.UAV_FLIGHT) is Kind.MOVEMENT
    assert words.kind_group(Kind.ATTACK_UNSPECIFIED) is Kind.ATTACK_UNSPECIFIED
    assert set(words.STATUS_WORDS) == {*Status, None}


def test_characters_that_reorder_text_are_shown_as_replaced() -> None:
    assert words.plain("a\u202eb\x00c\ud800") == "a\ufffdb\ufffdc\ufffd"


@pytest.mark.parametrize(
    "code",
    [
        0x061C, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2028, 0x2029, 0x202A, 0x202E, 0x2060, 0x2066,
        0x2069, 0xFEFF, 0x180E, 0x00AD, 0xE0000, 0xE0041, 0xE007F,
    ],
)  # fmt: skip
def test_characters_that_cannot_be_seen_are_shown_as_replaced(code: int) -> None:
    assert words.plain(f"a{chr(code)}b") == "a\ufffdb"


@given(st.text(st.characters(categories=("L", "N", "P", "Zs"))))
def test_letters_digits_and_blanks_of_any_script_are_kept(text: str) -> None:
    assert words.plain(text) == text
