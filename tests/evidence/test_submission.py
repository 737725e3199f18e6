# SPDX-License-Identifier: Apache-2.0
"""A submission reads back as what its author signed, or is refused with a reason, whatever the bytes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from truceline.errors import RejectedInput
from truceline.evidence import Payload, Record, SigningKey, canonical, make_record, withhold
from truceline.evidence import submission as module
from truceline.evidence.submission import read_submission, submission_from_bytes, submission_to_bytes
from truceline.vocabulary import Tier

NOW = datetime(2025, 4, 19, 15, tzinfo=UTC)
MAGIC = b"truceline/submission/v1\n"


def signed(payload: Payload, seed: int = 1) -> Record:
    return make_record(
        "observations",
        1,
        payload,
        key=SigningKey.generate(lambda length: bytes([seed]) * length),
        author_seq=1,
        made_at=NOW,
        seen_size=0,
        entropy=lambda length: bytes((at * 7 + seed) % 251 for at in range(length)),
    )


def rows(count: int, seed: int = 1) -> Record:
    items = [canonical({"row": number}) for number in range(count)]
    return signed({Tier.PUBLIC: items, Tier.SEALED: [canonical({"x": seed})] * count}, seed)


def test_a_submission_reads_back_as_the_record_that_was_signed() -> None:
    record = rows(3)
    assert submission_from_bytes(submission_to_bytes(record), "s") == record


tiers = st.sets(st.sampled_from(list(Tier)), min_size=1)


@given(tiers, st.lists(st.binary(max_size=40), min_size=1, max_size=20))
@settings(max_examples=40)
def test_it_has_one_spelling(chosen: set[Tier], items: list[bytes]) -> None:
    data = submission_to_bytes(signed(dict.fromkeys(chosen, items)))
    assert submission_to_bytes(submission_from_bytes(data, "s")) == data


def test_every_changed_byte_is_refused() -> None:
    data = submission_to_bytes(rows(2))
    for at in range(len(data)):
        changed = bytearray(data)
        changed[at] ^= 1
        with pytest.raises(RejectedInput):
            submission_from_bytes(bytes(changed), "s")


def test_every_shorter_and_every_longer_file_is_refused() -> None:
    data = submission_to_bytes(rows(1))
    for length in range(len(data)):
        with pytest.raises(RejectedInput):
            submission_from_bytes(data[:length], "s")
    with pytest.raises(RejectedInput, match="1 bytes too many"):
        submission_from_bytes(data + b"\0", "s")


@given(st.binary(max_size=2_000))
@settings(max_examples=150)
def test_any_bytes_are_refused_by_the_one_family(data: bytes) -> None:
    whole = submission_to_bytes(rows(1))
    for given_bytes in (data, MAGIC + data, whole[: len(data)] + data):
        with pytest.raises(RejectedInput):
            submission_from_bytes(given_bytes, "s")


def test_the_content_of_another_record_is_refused() -> None:
    mine, other = rows(2), rows(2, seed=2)
    mixed = replace(mine, openings=other.openings)
    with pytest.raises(RejectedInput, match="not what the author signed"):
        submission_from_bytes(submission_to_bytes(mixed), "s")


def test_content_moved_to_another_tier_is_refused() -> None:
    record = rows(2)
    swapped = {Tier.PUBLIC: record.openings[Tier.SEALED], Tier.SEALED: record.openings[Tier.PUBLIC]}
    with pytest.raises(RejectedInput, match="not what the author signed"):
        submission_from_bytes(submission_to_bytes(replace(record, openings=swapped)), "s")


def test_a_leaf_in_another_authors_name_is_refused() -> None:
    mine, other = rows(1), rows(1, seed=2)
    named = mine.leaf_bytes.replace(mine.leaf.author.encode(), other.leaf.author.encode())
    with pytest.raises(RejectedInput, match="signature"):
        submission_from_bytes(submission_to_bytes(replace(mine, leaf_bytes=named)), "s")


def test_what_is_withheld_cannot_be_submitted() -> None:
    record = rows(2)
    hidden = {**record.openings, Tier.SEALED: withhold(record.openings[Tier.SEALED], [1])}
    with pytest.raises(RejectedInput, match="withheld"):
        submission_to_bytes(replace(record, openings=hidden))


def test_a_file_that_is_too_large_is_not_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_SUBMISSION", 2_000)
    path = tmp_path / "large"
    path.write_bytes(MAGIC + bytes(50_000))
    data = read_submission(path)
    assert len(data) == 2_001
    with pytest.raises(RejectedInput, match="more than 2,000 bytes"):
        submission_from_bytes(data, "large")
    with pytest.raises(RejectedInput, match="split it"):
        submission_to_bytes(rows(40))


def test_a_length_that_promises_too_much_is_refused_before_anything_is_kept() -> None:
    record = rows(1)
    data = submission_to_bytes(record)
    at = data.index(record.leaf_bytes) - 4
    for promised in (65_536, 2**32 - 1, 65_535):
        with pytest.raises(RejectedInput, match="length"):
            submission_from_bytes(data[:at] + promised.to_bytes(4, "big") + data[at + 4 :], "s")
