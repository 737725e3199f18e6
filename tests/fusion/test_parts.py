# SPDX-License-Identifier: Apache-2.0
"""The engine's parts, against what can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import norm
from tests.fusion.making import DAY, report, table_of

from truceline.fusion import DEFAULT
from truceline.fusion.account import probability_real
from truceline.fusion.incidents import summarise
from truceline.fusion.index import Index
from truceline.fusion.intensity import log_density
from truceline.fusion.kinds import confusion, prior, word_weight
from truceline.fusion.likelihood import space_term, time_term
from truceline.fusion.reports import Reports, insertion_order, prepare
from truceline.fusion.settings import FusionSettings
from truceline.observation.model import Observation
from truceline.vocabulary import Kind

PLAIN = FusionSettings(sigma_inflation=1.0)


def ready(*observations: Observation) -> Reports:
    table = table_of(*observations)
    with np.errstate(divide="ignore"):
        return prepare(table, insertion_order(table), PLAIN)


def test_space_is_the_density_of_the_difference_of_two_gaussians() -> None:
    reports = ready(report("a", sigma_m=300.0), report("b", sigma_m=400.0, metres=(500.0, 0.0)))
    term, squared = space_term(reports.summaries[0], reports.summaries[1:])
    expected = norm.logpdf(500.0, 0.0, 500.0) + norm.logpdf(0.0, 0.0, 500.0)
    assert term[0] == pytest.approx(expected, abs=1e-6)
    assert squared[0] == pytest.approx(1.0, abs=1e-6)


@settings(max_examples=25, deadline=None)
@given(st.floats(-20_000, 20_000), st.floats(60.0, 3_000.0))
def test_time_is_the_integral_over_the_unknown_instant(after_s: float, sigma_s: float) -> None:
    reports = ready(report("a", after_s=after_s, sigma_s=sigma_s), report("b", when=DAY, sigma_s=0.0))
    noon, half = 0.0, 43_200.0
    inside, _ = quad(
        lambda t: norm.pdf(t, after_s, sigma_s) / (2 * half), noon - half, noon + half, points=[after_s]
    )
    with np.errstate(invalid="ignore"):
        assert time_term(reports.summaries[0], reports.summaries[1:])[0] == pytest.approx(
            np.log(inside), abs=1e-3
        )


def test_fit_does_not_depend_on_which_of_the_two_asks() -> None:
    reports = ready(report("a", sigma_s=90.0), report("b", when=DAY, metres=(700.0, 300.0)))
    one, other = reports.summaries
    with np.errstate(invalid="ignore"):
        assert time_term(one, other[None])[0] == pytest.approx(time_term(other, one[None])[0])
    assert space_term(one, other[None])[0][0] == pytest.approx(space_term(other, one[None])[0][0], abs=1e-3)


def test_times_that_exclude_each_other_cannot_be_one_event() -> None:
    reports = ready(report("a", after_s=10 * 86_400.0), report("b", when=DAY, sigma_s=0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        assert time_term(reports.summaries[0], reports.summaries[1:])[0] == -np.inf


def test_a_summary_of_two_equal_reports_halves_the_variance() -> None:
    reports = ready(report("a"), report("b"))
    made, _ = summarise(reports, [0, 1], prior())
    assert made[2] == pytest.approx(reports.summaries[0, 2] / 2)


def test_every_word_can_be_said_of_some_kind_and_every_kind_by_some_word() -> None:
    weights = confusion(DEFAULT)
    assert (weights.sum(axis=0) > 0).all()
    assert (weights.sum(axis=1) > 0).all()


@pytest.mark.parametrize(
    ("word", "closer", "farther"),
    [
        (Kind.MORTAR, Kind.MORTAR, Kind.ARTILLERY),
        (Kind.INDIRECT_FIRE, Kind.MORTAR, Kind.TANK),
        (Kind.EXPLOSION_UNDETERMINED, Kind.MORTAR, Kind.SMALL_ARMS),
        (Kind.GUNFIRE_UNDETERMINED, Kind.HEAVY_MG, Kind.MORTAR),
        (Kind.MORTAR, Kind.ARTILLERY, Kind.SMALL_ARMS),
        (Kind.THERMAL_HOTSPOT, Kind.MORTAR, Kind.SMALL_ARMS),
    ],
)
def test_a_word_fits_the_nearer_kind_better(word: Kind, closer: Kind, farther: Kind) -> None:
    assert word_weight(word, closer, DEFAULT) > word_weight(word, farther, DEFAULT)


def test_a_crowded_hour_is_denser_than_a_quiet_one() -> None:
    crowd = [report(f"c{i}", metres=(i * 300.0, 0.0), after_s=i * 60.0) for i in range(12)]
    reports = ready(*crowd, report("quiet", after_s=20 * 86_400.0))
    density = log_density(reports, np.ones(len(reports)), DEFAULT)
    quiet = reports.moments.argmax()
    assert (np.delete(density, quiet) > density[quiet] + 2).all()


def test_a_report_does_not_crowd_itself() -> None:
    alone = ready(report("a"))
    light, heavy = (log_density(alone, np.array([weight]), DEFAULT)[0] for weight in (0.01, 1.0))
    assert light == pytest.approx(heavy)


def test_the_index_offers_whatever_is_within_the_gate() -> None:
    reports = ready(
        report("a"),
        report("day", when=DAY, sigma_m=5_000.0, metres=(9_000.0, 0.0)),
        report("vague", sigma_m=300_000.0, metres=(500_000.0, 0.0)),
        report("ever", sigma_s=1e8),
    )
    index = Index(4.0)
    for slot, summary in enumerate(reports.summaries):
        index.put(slot, summary)
    for summary in reports.summaries:
        assert index.near(summary).tolist() == [0, 1, 2, 3]


def test_the_index_forgets_what_is_gone() -> None:
    reports = ready(report("a"))
    index = Index(4.0)
    index.put(0, reports.summaries[0])
    index.drop(0)
    assert not len(index.near(reports.summaries[0]))


def test_a_weak_link_adds_less_to_reality_than_a_strong_one() -> None:
    voices, doubt = np.array([1, 2]), np.array([0.2, 0.2])
    weak = probability_real(voices, doubt, np.array([1.0, 0.3]))
    strong = probability_real(voices, doubt, np.array([1.0, 0.9]))
    assert 0.8 < weak < strong < 0.96 + 1e-9


def test_relays_are_as_doubtful_as_the_most_doubtful_of_them() -> None:
    same = np.array([7, 7])
    assert probability_real(same, np.array([0.05, 0.3]), np.array([1.0, 1.0])) == pytest.approx(0.7)
