# SPDX-License-Identifier: Apache-2.0
"""Reading YAML and JSON that nobody has checked yet."""

from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from truceline.agreement.reading import MAX_BYTES, MAX_DEPTH, Value, read_json, read_yaml

scalars = (
    st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.text(max_size=12)
    | st.floats(-1e6, 1e6).map(lambda number: round(number, 3))
)  # fmt: skip
documents = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=80, deadline=None)
@given(documents)
def test_json_reads_as_json(document: Value) -> None:
    assert read_json("f", json.dumps(document).encode()) == (document, [])


@settings(max_examples=80, deadline=None)
@given(documents)
def test_yaml_reads_what_a_yaml_writer_quoted(document: Value) -> None:
    text = yaml.safe_dump(json.loads(json.dumps(document)), default_style='"', allow_unicode=True)
    # Quoted numbers and words carry a tag from this writer; only text needs none.
    if "!!" not in text:
        assert read_yaml("f", text.encode()) == (document, [])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("19:30", "19:30"),
        ("2015-02-12", "2015-02-12"),
        ("NO", "NO"),
        ("yes", "yes"),
        ("05", "05"),
        ("0x10", "0x10"),
        ("1_000", "1_000"),
        ("true", True),
        ("null", None),
        ("", None),
        ("'5'", "5"),
        ("5", 5),
        ("-2.5", -2.5),
        ("1e3", 1000.0),
        ("<<", "<<"),
    ],
)
def test_a_plain_word_is_what_it_looks_like(text: str, value: Value) -> None:
    assert read_yaml("f", f"key: {text}".encode()) == ({"key": value}, [])


@pytest.mark.parametrize(
    ("content", "path", "reason"),
    [
        (b"a: 1\na: 2", "a", "twice"),
        (b"x:\n  - {b: 1, b: 2}", "x.0.b", "twice"),
        (b"a: &x 1\nb: *x", "b", "alias"),
        (b"a: !!python/object:os.system 1", "a", "tag"),
        (b"a: !!python/object {}", "a", "tag"),
        (b"a: 1\n---\nb: 2", "file", "second document"),
        (b"a: ]", "line 1", "not readable"),
        (b"a: b: c", "line 1", "not readable"),
        (b"a: \x01", "file", "not allow"),
        ("a: Київ".encode("cp1251"), "line 1", "UTF-8"),
        ("a: Київ".encode("utf-16"), "line 1", "UTF-8"),
        (b"[1, 2]: 3", "file", "key that is not text"),
        (b"a: 1" + b" " * MAX_BYTES, "file", "larger"),
        (b"[" * 50_000, "0" + ".0" * (MAX_DEPTH - 1), "deep"),
    ],
)
def test_what_yaml_may_not_hold_here_is_a_fault(content: bytes, path: str, reason: str) -> None:
    _, faults = read_yaml("f", content)
    assert any(fault.path == path and reason in fault.reason for fault in faults), faults


@pytest.mark.parametrize(
    ("content", "path", "reason"),
    [
        (b'{"a": 1, "a": 2}', "a", "twice"),
        (b'{"a": NaN}', "file", "not a number"),
        (b'{"a": }', "line 1", "not readable"),
        (b"[" * 200_000, "file", "deep"),
        (b"9" * 10_000, "file", "too long"),
        (b"\xff", "line 1", "UTF-8"),
    ],
)
def test_what_json_may_not_hold_here_is_a_fault(content: bytes, path: str, reason: str) -> None:
    _, faults = read_json("f", content)
    assert any(fault.path == path and reason in fault.reason for fault in faults), faults


def test_a_byte_order_mark_is_no_fault() -> None:
    assert read_yaml("f", b"\xef\xbb\xbfa: 1") == ({"a": 1}, [])


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=120))
def test_any_bytes_give_a_value_or_faults(content: bytes) -> None:
    for read in (read_yaml, read_json):
        _, faults = read("f", content)
        assert all(fault.where == "f" and fault.reason for fault in faults)
