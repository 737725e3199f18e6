# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from truceline.guarantees.ledger import Movement
from truceline.guarantees.money import MOST, bounds_of, exact, written


@pytest.mark.parametrize(
    "period", ["2030", "2030-13", "2030-02-30", "2030-1", "1899-12", "2200-01", "", "²030-01"]
)
def test_a_period_is_a_month_or_a_day_of_the_calendar(period: str) -> None:
    with pytest.raises(ValueError, match=r"period|calendar"):
        bounds_of(period)
    with pytest.raises(ValueError, match=r"period|calendar"):
        Movement("m-1", "X", period, "EUR")


def test_money_is_written_in_the_units_of_its_currency() -> None:
    assert written(-123_456_789, "EUR") == "EUR -1,234,567.89"
    assert written(5, "JPY") == "JPY 5"
    assert written(5, "KWD") == "KWD 0.005"


@given(st.integers(-MOST, MOST), st.integers(0, 15))
def test_an_amount_is_read_exactly_in_any_unit(amount: int, shift: int) -> None:
    digits = f"{abs(amount):0{shift + 1}d}"
    whole, part = (digits[:-shift], digits[-shift:]) if shift else (digits, "")
    text = f"{'-' if amount < 0 else ''}{whole}.{part}"
    assert exact(text, shift) == amount
    assert exact(f"{amount}e-{shift}", shift) == amount
