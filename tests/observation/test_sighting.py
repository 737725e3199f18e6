# SPDX-License-Identifier: Apache-2.0
"""From position, bearing and distance to an ellipse."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from truceline.errors import RejectedInput
from truceline.geodesy import COMPASS, Ellipse, bearing_deg, distance_m, to_plane
from truceline.observation.model import Sighting
from truceline.observation.sighting import ASSUMED_DISTANCE_M, place_of

POSITION = Ellipse(48.1, 37.8, 300.0, 200.0, 30.0)

bearings = st.lists(st.sampled_from(COMPASS), max_size=16).map(tuple)
metres = st.floats(0.0, 30_000.0)


@st.composite
def sightings(draw: st.DrawFn) -> Sighting:
    near, far = sorted((draw(metres), draw(metres)))
    return Sighting(POSITION, "post", draw(bearings), near, far)


def sample(sighting: Sighting, draws: int = 200_000) -> tuple[np.ndarray, np.ndarray]:
    """Draw events from the sector itself, metres east and north of the position."""
    random = np.random.default_rng(7)
    near, far = sighting.distance_min_m or 0.0, sighting.distance_max_m or 0.0
    distance = np.sqrt(random.uniform(near**2, far**2, draws))
    points = np.array([bearing_deg(one) for one in sighting.bearings]) if sighting.bearings else None
    middle = random.uniform(0, 360, draws) if points is None else random.choice(points, draws)
    half = 0.0 if points is None else 11.25
    angle = np.radians(middle + random.uniform(-half, half, draws))
    xx, xy, yy = sighting.position.covariance()
    own = random.multivariate_normal([0, 0], [[xx, xy], [xy, yy]], draws)
    return distance * np.sin(angle) + own[:, 0], distance * np.cos(angle) + own[:, 1]


@pytest.mark.parametrize(
    "sighting",
    [
        Sighting(POSITION, "post", ("NW",), 3_000.0, 5_000.0),
        Sighting(POSITION, "post", ("N", "NNE", "NE", "SE"), 3_000.0, 6_000.0),
        Sighting(POSITION, "post", (), 2_000.0, 10_000.0),
        Sighting(POSITION, "post", ("E", "W"), 0.0, 8_000.0),
    ],
    ids=["one bearing", "four bearings", "all round", "opposite bearings"],
)
def test_ellipse_has_the_moments_of_the_sector(sighting: Sighting) -> None:
    east, north = sample(sighting)
    place = place_of(sighting)
    x, y = to_plane(*place.centre, POSITION.centre)
    assert x == pytest.approx(east.mean(), abs=60.0)
    assert y == pytest.approx(north.mean(), abs=60.0)
    measured = np.cov(east, north)
    xx, xy, yy = place.covariance()
    scale = measured.trace()
    assert xx == pytest.approx(measured[0, 0], abs=0.01 * scale)
    assert xy == pytest.approx(measured[0, 1], abs=0.01 * scale)
    assert yy == pytest.approx(measured[1, 1], abs=0.01 * scale)


@given(sightings())
def test_place_is_never_sharper_than_the_position_it_was_seen_from(sighting: Sighting) -> None:
    place = place_of(sighting)
    assert place.sigma_minor_m >= POSITION.sigma_minor_m * 0.999
    assert place.sigma_major_m >= place.sigma_minor_m
    assert all(math.isfinite(value) for value in (*place.centre, place.sigma_major_m, place.azimuth_deg))


@given(sightings())
def test_centre_lies_within_the_farthest_distance(sighting: Sighting) -> None:
    farthest = (sighting.distance_max_m or 0.0) * 1.16 + 1.0
    assert distance_m(place_of(sighting).centre, POSITION.centre) <= farthest


@given(st.sampled_from(COMPASS), st.floats(100.0, 10_000.0), st.floats(100.0, 10_000.0))
def test_centre_lies_on_the_bearing(point: str, near: float, deep: float) -> None:
    place = place_of(Sighting(POSITION, "post", (point,), near, near + deep))
    x, y = to_plane(*place.centre, POSITION.centre)
    off = (math.degrees(math.atan2(x, y)) - bearing_deg(point) + 180.0) % 360.0 - 180.0
    assert abs(off) < 0.01


@given(bearings, metres, metres)
def test_order_and_repetition_of_bearings_change_nothing(
    points: tuple[str, ...], one: float, two: float
) -> None:
    near, far = sorted((one, two))
    once = place_of(Sighting(POSITION, "post", points, near, far))
    again = place_of(Sighting(POSITION, "post", (*reversed(points), *points), near, far))
    assert once == again


def test_more_bearings_widen_the_place() -> None:
    widths = [
        place_of(Sighting(POSITION, "post", COMPASS[:many], 3_000.0, 5_000.0)).sigma_major_m
        for many in (1, 3, 5, 9)
    ]
    assert widths == sorted(widths)
    assert widths[-1] > 2 * widths[0]


def test_all_sixteen_bearings_are_the_same_as_none() -> None:
    round_about = place_of(Sighting(POSITION, "post", COMPASS, 2_000.0, 5_000.0))
    nothing = place_of(Sighting(POSITION, "post", (), 2_000.0, 5_000.0))
    assert distance_m(round_about.centre, nothing.centre) < 1e-6
    assert round_about.sigma_major_m == pytest.approx(nothing.sigma_major_m)
    assert round_about.sigma_minor_m == pytest.approx(nothing.sigma_minor_m)


def test_without_a_bearing_the_place_is_a_disc_around_the_position() -> None:
    place = place_of(Sighting(Ellipse(48.1, 37.8, 200.0, 200.0), "post", (), 2_000.0, 5_000.0))
    assert distance_m(place.centre, (48.1, 37.8)) < 1e-6
    assert place.sigma_major_m == pytest.approx(place.sigma_minor_m)
    assert place.sigma_major_m == pytest.approx(math.sqrt((2_000**2 + 5_000**2) / 4 + 200**2))


def test_without_a_distance_the_means_decides_how_far() -> None:
    sighting = Sighting(POSITION, "post", ("N",))
    near, far = ASSUMED_DISTANCE_M["heard"]
    assert place_of(sighting) == place_of(Sighting(POSITION, "post", ("N",), near, far))
    assert place_of(sighting, (10.0, 20.0)).sigma_major_m < place_of(sighting).sigma_major_m


@pytest.mark.parametrize(("near", "far"), [(4_000.0, None), (None, 4_000.0), (None, 500.0), (20_000.0, None)])
def test_half_a_distance_keeps_the_half_that_was_given(near: float | None, far: float | None) -> None:
    away = distance_m(place_of(Sighting(POSITION, "post", ("S",), near, far)).centre, POSITION.centre)
    if near is not None:
        assert away > near
    if far is not None:
        assert away < far


def test_a_single_distance_is_not_taken_as_exact() -> None:
    place = place_of(Sighting(Ellipse(48.1, 37.8, 1.0, 1.0), "post", ("N",), 700.0, 700.0))
    assert place.sigma_minor_m > 50.0


def test_a_word_that_is_no_compass_point_is_refused() -> None:
    with pytest.raises(RejectedInput, match="16 compass points"):
        place_of(Sighting(POSITION, "post", ("north-ish",), 1_000.0, 2_000.0))
