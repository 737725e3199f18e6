# SPDX-License-Identifier: Apache-2.0
"""The page on procedure tells every rule, and each step of a case."""

from __future__ import annotations

from pathlib import Path

from truceline.agreement import DEFAULT_TEXTS, Rule
from truceline.commission.steps import STEPS

PAGE = (Path(__file__).parents[2] / "docs" / "procedure.md").read_text(encoding="utf-8")


def test_every_rule_is_told_as_the_program_states_it() -> None:
    assert set(DEFAULT_TEXTS) == set(Rule)
    for rule, text in DEFAULT_TEXTS.items():
        assert f"| `{rule.value}` | {text} |" in PAGE


def test_every_step_of_a_case_is_told() -> None:
    assert [step.name for step in STEPS if f"`{step.name}`" not in PAGE] == []
