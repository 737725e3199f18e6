# SPDX-License-Identifier: Apache-2.0
"""How probable it is that an uncertain place lies in a zone or near a line."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import norm
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box
from shapely.geometry.base import BaseGeometry

from truceline.agreement import (
    Zone,
    distance_from_line_m,
    line_length_m,
    probability_inside,
    probability_within,
)
from truceline.agreement.zones import FLOOR_M
from truceline.geodesy import Ellipse, distance_m, from_plane, metres_per_degree, to_plane
from truceline.interval import Interval

AT = (48.3, 37.5)
SINCE = Interval(datetime(2025, 1, 1, tzinfo=UTC))

sigmas = st.floats(20, 8000)
azimuths = st.floats(0, 179.9)
offsets = st.floats(-15_000, 15_000)


def zone(geometry: BaseGeometry, sigma_m: float = 0.0, role: str = "zone") -> Zone:
    return Zone("z", "z", role, geometry, sigma_m, SINCE, "test")


def place(
    x: float = 0.0, y: float = 0.0, major: float = 1000.0, minor: float = 500.0, azimuth: float = 0.0
) -> Ellipse:
    latitude, longitude = from_plane(x, y, AT)
    return Ellipse(latitude, longitude, max(major, minor), min(major, minor), azimuth)


def polygon(*corners: tuple[float, float]) -> Polygon:
    """Return a polygon of corners in metres from AT."""
    return Polygon([from_plane(x, y, AT)[::-1] for x, y in corners])


@st.composite
def star(draw: st.DrawFn) -> Polygon:
    """Return a simple polygon that winds once round a point near AT."""
    radii = draw(st.lists(st.floats(500, 20_000), min_size=3, max_size=9))
    x, y = draw(offsets), draw(offsets)
    turn = 2 * math.pi / len(radii)
    return polygon(*((x + r * math.cos(i * turn), y + r * math.sin(i * turn)) for i, r in enumerate(radii)))


@settings(max_examples=60, deadline=None)
@given(x=offsets, major=sigmas, minor=sigmas, azimuth=azimuths, coarse=st.floats(0, 5000))
def test_half_a_plane_holds_what_the_normal_distribution_says(
    x: float, major: float, minor: float, azimuth: float, coarse: float
) -> None:
    west_of = zone(polygon((x, -9e5), (x, 9e5), (-9e5, 9e5), (-9e5, -9e5)), coarse)
    here = place(major=major, minor=minor, azimuth=azimuth)
    deviation = math.sqrt(here.covariance()[0] + coarse**2 + FLOOR_M**2)
    assert probability_inside(here, west_of) == pytest.approx(norm.cdf(x / deviation), abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(inner=star(), major=sigmas, minor=sigmas, azimuth=azimuths, coarse=st.floats(0, 3000))
def test_a_zone_and_its_complement_hold_everything(
    inner: Polygon, major: float, minor: float, azimuth: float, coarse: float
) -> None:
    here = place(major=major, minor=minor, azimuth=azimuth)
    around = polygon((-2e5, -2e5), (2e5, -2e5), (2e5, 2e5), (-2e5, 2e5)).difference(inner)
    whole = probability_inside(here, zone(inner, coarse)) + probability_inside(here, zone(around, coarse))
    assert whole == pytest.approx(1.0, abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(inner=star(), wider=st.floats(0, 0.1), major=sigmas, minor=sigmas, azimuth=azimuths)
def test_a_larger_zone_holds_no_less(
    inner: Polygon, wider: float, major: float, minor: float, azimuth: float
) -> None:
    here = place(major=major, minor=minor, azimuth=azimuth)
    small, large = zone(inner), zone(inner.union(inner.buffer(wider)))
    assert probability_inside(here, small) <= probability_inside(here, large) + 1e-9


@settings(max_examples=60, deadline=None)
@given(shape=star(), major=sigmas, minor=sigmas, azimuth=azimuths, east=st.floats(-40, 40))
def test_moving_zone_and_place_together_changes_nothing(
    shape: Polygon, major: float, minor: float, azimuth: float, east: float
) -> None:
    here = place(major=major, minor=minor, azimuth=azimuth)
    there = Ellipse(here.latitude, here.longitude + east, here.sigma_major_m, here.sigma_minor_m, azimuth)
    moved = Polygon([(x + east, y) for x, y in shape.exterior.coords])
    assert probability_inside(here, zone(shape)) == pytest.approx(
        probability_inside(there, zone(moved)), abs=1e-7
    )


@settings(max_examples=60, deadline=None)
@given(shape=star(), major=sigmas, minor=sigmas, azimuth=azimuths)
def test_the_direction_a_ring_is_walked_in_changes_nothing(
    shape: Polygon, major: float, minor: float, azimuth: float
) -> None:
    here = place(major=major, minor=minor, azimuth=azimuth)
    back = Polygon(list(shape.exterior.coords)[::-1])
    assert probability_inside(here, zone(shape)) == probability_inside(here, zone(back))


def test_a_box_holds_what_two_normal_distributions_say() -> None:
    here = place(major=2000, minor=700, azimuth=0)
    sides = zone(polygon((-500, -1000), (900, -1000), (900, 3000), (-500, 3000)))
    across = norm.cdf(900 / 700) - norm.cdf(-500 / 700)
    along = norm.cdf(3000 / 2000) - norm.cdf(-1000 / 2000)
    assert probability_inside(here, sides) == pytest.approx(across * along, abs=1e-6)


def test_a_slanted_ellipse_agrees_with_a_fine_grid() -> None:
    here = place(400, -300, major=1800, minor=400, azimuth=63)
    shape = polygon((-2500, -900), (1800, -1500), (600, 200), (2200, 2500), (-1000, 1400))
    var_xx, var_xy, var_yy = here.covariance()
    axis = np.arange(-9000.0, 9000.0, 15.0)
    x, y = np.meshgrid(axis, axis)
    inverse = np.linalg.inv(np.array([[var_xx, var_xy], [var_xy, var_yy]]))
    weight = np.exp(-0.5 * (inverse[0, 0] * x * x + 2 * inverse[0, 1] * x * y + inverse[1, 1] * y * y))
    plane = Polygon([to_plane(lat, lon, here.centre) for lon, lat in shape.exterior.coords])
    inside = shapely.contains_xy(plane, x, y)
    assert probability_inside(here, zone(shape)) == pytest.approx(
        float(weight[inside].sum() / weight.sum()), abs=1e-3
    )


def test_holes_and_several_parts_are_counted_once() -> None:
    outer = polygon((-9000, -9000), (9000, -9000), (9000, 9000), (-9000, 9000))
    hole = polygon((-2000, -2000), (2000, -2000), (2000, 2000), (-2000, 2000))
    here = place(major=1500, minor=1500)
    ring = probability_inside(here, zone(outer.difference(hole)))
    assert ring == pytest.approx(
        probability_inside(here, zone(outer)) - probability_inside(here, zone(hole)), abs=1e-12
    )
    west = polygon((-9000, -9000), (0, -9000), (0, 9000), (-9000, 9000))
    east = polygon((100, -9000), (9000, -9000), (9000, 9000), (100, 9000))
    both = probability_inside(here, zone(MultiPolygon([west, east])))
    assert both == pytest.approx(
        probability_inside(here, zone(west)) + probability_inside(here, zone(east)), abs=1e-12
    )


def test_a_place_known_to_the_metre_is_in_or_out_or_on_the_edge() -> None:
    half = zone(polygon((0, -9000), (9000, -9000), (9000, 9000), (0, 9000)))
    assert probability_inside(place(100, 0, 0, 0), half) == pytest.approx(1.0, abs=1e-12)
    assert probability_inside(place(-100, 0, 0, 0), half) == pytest.approx(0.0, abs=1e-12)
    assert probability_inside(place(0, 0, 0, 0), half) == pytest.approx(0.5, abs=1e-3)


def test_far_off_is_exactly_nothing() -> None:
    assert probability_inside(place(major=3000), zone(box(20, 50, 21, 51))) == 0.0
    assert (
        probability_within(place(major=3000), zone(LineString([(20, 50), (21, 51)]), role="line"), 5e4) == 0.0
    )


def test_a_line_and_a_point_have_no_inside() -> None:
    assert probability_inside(place(), zone(LineString([(37, 48), (38, 49)]), role="line")) == 0.0
    assert probability_inside(place(), zone(Point(AT[1], AT[0]), role="site")) == 0.0


@settings(max_examples=60, deadline=None)
@given(
    x=offsets,
    metres=st.floats(0, 30_000),
    major=sigmas,
    azimuth=azimuths,
    coarse=st.floats(0, 4000),
)
def test_nearness_to_a_straight_line_is_what_the_normal_distribution_says(
    x: float, metres: float, major: float, azimuth: float, coarse: float
) -> None:
    here = place(major=major, minor=major / 3, azimuth=azimuth)
    line = zone(LineString([from_plane(x, y, AT)[::-1] for y in (-6e5, 6e5)]), coarse, "line")
    deviation = math.sqrt(here.covariance()[0] + coarse**2 + FLOOR_M**2)
    expected = norm.cdf((x + metres) / deviation) - norm.cdf((x - metres) / deviation)
    assert probability_within(here, line, metres) == pytest.approx(expected, abs=1e-3)


@settings(max_examples=60, deadline=None)
@given(metres=st.floats(0, 40_000), more=st.floats(0, 10_000), x=offsets, major=sigmas, azimuth=azimuths)
def test_more_room_holds_no_less_and_stays_a_probability(
    metres: float, more: float, x: float, major: float, azimuth: float
) -> None:
    here = place(x, 0, major, 300, azimuth)
    bent = [(-20_000, 0), (-3000, 4000), (5000, -2000), (25_000, 9000)]
    line = zone(LineString([from_plane(x, y, AT)[::-1] for x, y in bent]), 500, "line")
    near, wider = probability_within(here, line, metres), probability_within(here, line, metres + more)
    assert 0.0 <= near <= wider + 1e-9 <= 1.0 + 1e-9


@settings(max_examples=60, deadline=None)
@given(x=offsets, y=offsets, coarse=st.floats(0, 4000), azimuth=azimuths)
def test_distance_and_deviation_are_those_across_the_line(
    x: float, y: float, coarse: float, azimuth: float
) -> None:
    assume(abs(x) > 2)
    here = place(x, y, 3000, 400, azimuth)
    line = zone(LineString([from_plane(0, y, AT)[::-1] for y in (-6e4, 6e4)]), coarse, "line")
    found = distance_from_line_m(here, line)
    # The place's own plane differs from AT's in scale by its latitude, under 0.5 %.
    assert found.metres == pytest.approx(abs(x), rel=5e-3)
    assert found.sigma_m == pytest.approx(math.sqrt(here.covariance()[0] + coarse**2), rel=1e-6)


def test_on_the_line_the_wider_deviation_is_given() -> None:
    line = zone(LineString([from_plane(0, y, AT)[::-1] for y in (-6e4, 6e4)]), 0, "line")
    found = distance_from_line_m(place(0, 0, 3000, 400, 25), line)
    assert found.metres == pytest.approx(0, abs=1e-6)
    assert found.sigma_m == pytest.approx(3000)


def test_a_lines_length_is_that_of_its_great_circles() -> None:
    corners = [(48.0, 37.0), (48.5, 37.2), (48.4, 38.0)]
    line = zone(LineString([(lon, lat) for lat, lon in corners]), role="line")
    expected = distance_m(corners[0], corners[1]) + distance_m(corners[1], corners[2])
    assert line_length_m(line) == pytest.approx(expected)
    assert line_length_m(zone(box(36, 47, 38, 49))) == 0.0


def test_a_degree_of_longitude_shrinks_to_the_north() -> None:
    south, north = Ellipse(20, 37, 5000, 5000), Ellipse(65, 37, 5000, 5000)
    wide, narrow = (zone(box(36.97, lat - 1, 37.03, lat + 1)) for lat in (20, 65))
    for here, strip in ((south, wide), (north, narrow)):
        half = 0.03 * metres_per_degree(here.latitude)[0] / 5000
        assert probability_inside(here, strip) == pytest.approx(norm.cdf(half) - norm.cdf(-half), abs=1e-6)
