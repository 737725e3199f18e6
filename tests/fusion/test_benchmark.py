# SPDX-License-Identifier: Apache-2.0
"""The scorer against cases made by hand, and the engine's score as it must stay."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.fusion_score import b_cubed_f1, pairwise_f1
from benchmarks.generate import generate

from truceline.fusion import fuse


def test_the_truth_itself_scores_one() -> None:
    truth = np.array([1, 1, 2, 3, 3, 3])
    assert b_cubed_f1(truth, truth * 10) == 1
    assert pairwise_f1(truth, truth * 10) == 1


def test_leaving_a_pair_apart_scores_as_worked_out_by_hand() -> None:
    # Precision 1; recall (1/2 + 1/2 + 1) / 3 = 2/3; F1 = 0.8.
    assert b_cubed_f1(np.array([1, 1, 2]), np.array([1, 2, 3])) == pytest.approx(0.8)
    assert pairwise_f1(np.array([1, 1, 2]), np.array([1, 2, 3])) == 0


def test_joining_everything_scores_as_worked_out_by_hand() -> None:
    # Recall 1; precision (2/3 + 2/3 + 1/3) / 3 = 5/9; one pair in three is true.
    assert b_cubed_f1(np.array([1, 1, 2]), np.array([1, 1, 1])) == pytest.approx(2 * 5 / 9 / (5 / 9 + 1))
    assert pairwise_f1(np.array([1, 1, 2]), np.array([1, 1, 1])) == pytest.approx(0.5)


def test_the_same_seed_gives_the_same_exercise() -> None:
    assert generate(200, 3)[0].to_arrow().equals(generate(200, 3)[0].to_arrow())


def test_the_engine_keeps_its_score_on_an_exercise() -> None:
    table, truth = generate(2_000, 11)
    home = {one.observation_id: one.incident_id for one in fuse(table).memberships}
    found = np.unique([home[name] for name in table.observation_id.tolist()], return_inverse=True)[1]
    assert b_cubed_f1(truth, found) > 0.87
