# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from truceline.errors import RejectedInput
from truceline.geodesy import COMPASS, Ellipse, bearing_deg, distance_m, from_plane, to_plane

LATITUDES = st.floats(-75, 75)
SIGMAS = st.floats(1, 100_000)


@given(LATITUDES, st.floats(-179, 179), st.floats(-50_000, 50_000), st.floats(-50_000, 50_000))
def test_the_plane_and_back_is_the_same_point(latitude: float, longitude: float, x: float, y: float) -> None:
    at = (latitude, longitude)
    there = from_plane(x, y, at)
    assert to_plane(*there, at) == pytest.approx((x, y), abs=1e-3)


@given(st.floats(-60, 60), st.floats(0, 360), st.floats(10, 20_000))
def test_the_plane_agrees_with_the_great_circle(latitude: float, azimuth: float, metres: float) -> None:
    x, y = metres * math.sin(math.radians(azimuth)), metres * math.cos(math.radians(azimuth))
    assert distance_m((latitude, 30.0), from_plane(x, y, (latitude, 30.0))) == pytest.approx(metres, rel=5e-3)


@given(SIGMAS, SIGMAS, st.floats(0, 179.9))
def test_covariance_and_back_is_the_same_ellipse(one: float, other: float, azimuth: float) -> None:
    major, minor = max(one, other), min(one, other)
    before = Ellipse(48.0, 37.0, major, minor, azimuth)
    after = Ellipse.from_covariance(48.0, 37.0, *before.covariance())
    assert after.covariance() == pytest.approx(before.covariance(), rel=1e-6, abs=major * major * 1e-9)
    assert (after.sigma_major_m, after.sigma_minor_m) == pytest.approx((major, minor), rel=1e-3)


def test_the_major_axis_points_along_the_azimuth() -> None:
    north_south = Ellipse(48.0, 37.0, 5000.0, 100.0, 0.0)
    var_xx, _, var_yy = north_south.covariance()
    assert var_yy == pytest.approx(5000.0**2)
    assert var_xx == pytest.approx(100.0**2)
    top = north_south.outline(points=4)[0]
    assert top[0] > 48.0
    assert top[1] == pytest.approx(37.0)


def test_the_outline_is_closed() -> None:
    ring = Ellipse(48.0, 37.0, 5000.0, 100.0, 30.0).outline()
    assert ring[0] == ring[-1]


def test_the_compass_goes_round_in_sixteen_steps() -> None:
    assert [bearing_deg(point) for point in COMPASS] == [22.5 * step for step in range(16)]


def test_what_is_no_compass_point_is_refused() -> None:
    with pytest.raises(RejectedInput, match="compass"):
        bearing_deg("NORTHISH")
