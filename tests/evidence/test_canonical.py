# SPDX-License-Identifier: Apache-2.0
"""Canonical JSON is that of RFC 8785, whichever way it was written."""

from __future__ import annotations

import math
from enum import IntEnum

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from truceline.errors import RejectedInput
from truceline.evidence import JSON, canonical
from truceline.vocabulary import Tier

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(values)
def test_canonical_json_equals_the_reference_library(value: JSON) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_finite_number_is_spelled_as_the_reference_library_does(number: float) -> None:
    assert canonical(number) == rfc8785.dumps(number)


def test_the_example_of_rfc_8785_section_3_2_2_comes_out_as_printed_there() -> None:
    value: JSON = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/",
        "literals": [None, True, False],
    }
    assert (
        canonical(value)
        == (
            '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
            '"string":"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
        ).encode()
    )


def test_keys_are_sorted_by_their_utf_16_units() -> None:
    assert canonical({"\ue000": 1, "\U0001f600": 2}) == '{"\U0001f600":2,"\ue000":1}'.encode()


def test_an_integral_fraction_and_a_negative_zero_are_spelled_as_integers() -> None:
    assert canonical([1.0, -0.0, 0.0]) == b"[1,0,0]"


def test_words_and_tuples_are_spelled_as_text_and_lists() -> None:
    assert canonical({"tier": Tier.SEALED, "pair": (1, 2.5)}) == b'{"pair":[1,2.5],"tier":"sealed"}'


class _Level(IntEnum):
    HIGH = 3


@pytest.mark.parametrize(
    "value",
    [
        math.nan,
        math.inf,
        [-math.inf],
        2**53,
        -(2**60),
        "\ud800",
        {"\udfff": 1},
        {"\U0001f600\udfff": 1},
        {1: "a"},
        {"\u20ac": {None: 1}},
        b"bytes",
        {"a": {1, 2}},
        Ellipsis,
    ],
    ids=repr,
)
def test_what_json_cannot_hold_is_refused(value: JSON) -> None:
    with pytest.raises(RejectedInput, match="no canonical JSON"):
        canonical(value)


def test_endless_nesting_is_refused() -> None:
    value: list[JSON] = []
    value.append(value)
    with pytest.raises(RejectedInput, match="no canonical JSON"):
        canonical(value)


def test_a_named_number_is_spelled_as_its_number() -> None:
    assert canonical(_Level.HIGH) == b"3"
