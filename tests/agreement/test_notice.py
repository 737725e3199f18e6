# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from truceline.agreement import Circle, probability_inside, zone_of_circle
from truceline.geodesy import Ellipse, from_plane

MILL = Circle(48.5, 38.0, 5000.0)


def at(metres: float, azimuth_deg: float = 30.0, sigma_m: float = 1.0) -> Ellipse:
    """Return a place so far from the mill."""
    azimuth = math.radians(azimuth_deg)
    place = from_plane(metres * math.sin(azimuth), metres * math.cos(azimuth), (48.5, 38.0))
    return Ellipse(*place, sigma_m, sigma_m)


@given(st.floats(0, 360))
def test_a_circle_holds_what_lies_within_its_radius_and_nothing_beyond(azimuth_deg: float) -> None:
    circle = zone_of_circle(MILL)
    assert probability_inside(at(4950, azimuth_deg), circle) == pytest.approx(1.0, abs=1e-6)
    assert probability_inside(at(5050, azimuth_deg), circle) == pytest.approx(0.0, abs=1e-6)


def test_an_uncertain_place_lies_in_a_circle_around_it_as_rayleigh_says() -> None:
    inside = probability_inside(at(0, sigma_m=5000.0), zone_of_circle(MILL))
    assert inside == pytest.approx(1 - math.exp(-0.5), abs=5e-4)


@given(
    st.floats(-90, 90), st.floats(-180, 180), st.floats(1e-3, 100_000),
    st.floats(-89, 89), st.floats(-180, 180), st.floats(0, 1e6),
)  # fmt: skip
def test_any_circle_on_earth_gives_a_probability(
    latitude: float, longitude: float, radius_m: float, other: float, east: float, sigma_m: float
) -> None:
    circle = zone_of_circle(Circle(latitude, longitude, radius_m))
    assert 0.0 <= probability_inside(Ellipse(other, east, sigma_m, sigma_m), circle) <= 1.0
