# SPDX-License-Identifier: Apache-2.0
"""Records commit to everything, show nothing, and open item by item."""

from __future__ import annotations

import base64
import json
import zlib
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypedDict, Unpack

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from truceline.errors import RejectedInput, StorageFailure
from truceline.evidence import (
    NOTHING,
    Entropy,
    Opening,
    Payload,
    Record,
    SigningKey,
    VerificationError,
    canonical,
    fields_payload,
    make_record,
    open_item,
    opening_from_bytes,
    opening_to_bytes,
    parse_leaf,
    prove_item,
    verify_leaf,
    withhold,
)
from truceline.vocabulary import Tier

NOW = datetime(2025, 4, 19, 15, tzinfo=UTC)


class Changed(TypedDict, total=False):
    kind: str
    schema: int
    author_seq: int
    made_at: datetime
    seen_size: int
    refs: tuple[str, ...]


def record(key: SigningKey, entropy: Entropy, payload: Payload, **changed: Unpack[Changed]) -> Record:
    return make_record(
        changed.get("kind", "observations"),
        changed.get("schema", 1),
        payload,
        key=key,
        author_seq=changed.get("author_seq", 1),
        made_at=changed.get("made_at", NOW),
        seen_size=changed.get("seen_size", 0),
        refs=changed.get("refs", ()),
        entropy=entropy,
    )


def rows(count: int) -> Payload:
    return {
        Tier.PUBLIC: [canonical({"row": number}) for number in range(count)],
        Tier.SEALED: [canonical({"name": f"n{number}"}) for number in range(count)],
    }


def test_a_record_passes_the_verifier(key: SigningKey, entropy: Entropy) -> None:
    made = record(key, entropy, rows(3), refs=("rec-" + "0" * 32,))
    assert verify_leaf(made.leaf_bytes, "test") == made.leaf
    assert (made.leaf.author, made.leaf.items, made.leaf.made_at) == (key.author, 3, NOW)


def test_a_leaf_shows_no_content(key: SigningKey, entropy: Entropy) -> None:
    made = record(key, entropy, fields_payload({Tier.SEALED: {"witness": "Oksana"}}))
    assert b"Oksana" not in made.leaf_bytes
    assert b"witness" not in made.leaf_bytes


def test_the_same_content_gives_other_commitments_in_another_record(
    key: SigningKey, entropy: Entropy
) -> None:
    first, second = record(key, entropy, rows(1)), record(key, entropy, rows(1))
    assert first.leaf.commitments != second.leaf.commitments


def test_a_statement_has_an_item_for_each_field_name_and_nothing_where_a_tier_lacks_it() -> None:
    payload = fields_payload(
        {Tier.PUBLIC: {"place": "Shyrokyne"}, Tier.SEALED: {"name": "x", "place": [1, 2]}}
    )
    assert payload == {
        Tier.PUBLIC: (NOTHING, b'{"name":"place","value":"Shyrokyne"}'),
        Tier.SEALED: (b'{"name":"name","value":"x"}', b'{"name":"place","value":[1,2]}'),
    }


@given(count=st.integers(1, 300), data=st.data())
@settings(max_examples=25)
def test_every_item_opens_at_its_own_place_only(count: int, data: st.DataObject) -> None:
    key = SigningKey.generate(lambda length: b"\x01" * length)
    made = record(key, lambda length: bytes(at * 7 % 251 for at in range(length)), rows(count))
    index = data.draw(st.integers(0, count - 1))
    proof = prove_item(made.openings[Tier.PUBLIC], index)
    given = {"salt": proof.salt, "item": proof.item}
    open_item(made.leaf, "public", index, salt=proof.salt, item=proof.item, path=proof.path)
    for tier, place, path in (
        ("sealed", index, proof.path),
        ("parties", index, proof.path),
        ("public", index + 1, proof.path),
        ("public", index - 1, proof.path),
        ("public", index, (*proof.path, bytes(32))),
    ):
        with pytest.raises(VerificationError):
            open_item(made.leaf, tier, place, path=path, **given)


def test_an_item_of_another_record_does_not_open(key: SigningKey, entropy: Entropy) -> None:
    first, second = record(key, entropy, rows(4)), record(key, entropy, rows(4))
    proof = prove_item(first.openings[Tier.PUBLIC], 2)
    with pytest.raises(VerificationError, match="another root"):
        open_item(second.leaf, "public", 2, salt=proof.salt, item=proof.item, path=proof.path)


def test_neither_another_item_nor_another_salt_opens_a_commitment(key: SigningKey, entropy: Entropy) -> None:
    made = record(key, entropy, rows(4))
    proof = prove_item(made.openings[Tier.PUBLIC], 2)
    for salt, item in ((proof.salt, b"{}"), (bytes(32), proof.item), (proof.salt + b"\0", proof.item)):
        with pytest.raises(VerificationError):
            open_item(made.leaf, "public", 2, salt=salt, item=item, path=proof.path)


def test_withheld_items_are_gone_and_every_other_still_opens(key: SigningKey, entropy: Entropy) -> None:
    made = record(key, entropy, rows(5))
    whole = made.openings[Tier.SEALED]
    part = withhold(whole, [1, 3])
    assert whole.salt(1) not in part.salts
    assert [item is None for item in part.items] == [False, True, False, True, False]
    for index in (0, 2, 4):
        proof = prove_item(part, index)
        open_item(made.leaf, "sealed", index, salt=proof.salt, item=proof.item, path=proof.path)
    with pytest.raises(RejectedInput, match="withheld"):
        prove_item(part, 1)


def test_withholding_twice_is_the_same_as_once(key: SigningKey, entropy: Entropy) -> None:
    whole = record(key, entropy, rows(5)).openings[Tier.SEALED]
    assert withhold(withhold(whole, [1]), [1, 2]) == withhold(whole, [1, 2])


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ({}, "at least one tier"),
        ({Tier.PUBLIC: []}, "1 to 10000 items"),
        ({Tier.PUBLIC: [b"{}"] * 10_001}, "1 to 10000 items"),
        ({Tier.PUBLIC: [b"{}"], Tier.SEALED: [b"{}", b"{}"]}, "equally many"),
    ],
    ids=["no tier", "no item", "too many", "unequal"],
)
def test_a_payload_that_does_not_fit_is_refused(
    key: SigningKey, entropy: Entropy, payload: Payload, reason: str
) -> None:
    with pytest.raises(RejectedInput, match=reason):
        record(key, entropy, payload)


def test_all_faults_of_a_payload_are_told_together(key: SigningKey, entropy: Entropy) -> None:
    with pytest.raises(RejectedInput) as caught:
        record(key, entropy, {Tier.PUBLIC: [], Tier.PARTIES: [b"{}"], Tier.SEALED: [b"{}"] * 10_001})
    assert len(caught.value.faults) == 3


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"kind": "Observation"}, "kind is malformed"),
        ({"schema": 0}, "schema is not"),
        ({"author_seq": 0}, "author_seq is not"),
        ({"seen_size": -1}, "seen_size is not"),
        ({"refs": ("rec-1",)}, "list of record ids"),
        ({"refs": ("rec-" + "0" * 32,) * 2}, "twice"),
        ({"refs": tuple(f"rec-{number:032x}" for number in range(1700))}, "more than 65535"),
    ],
    ids=["kind", "schema", "author_seq", "seen_size", "refs", "double ref", "too long"],
)
def test_a_leaf_that_the_verifier_would_refuse_is_not_made(
    key: SigningKey, entropy: Entropy, changed: Changed, reason: str
) -> None:
    with pytest.raises(RejectedInput, match=reason):
        record(key, entropy, rows(1), **changed)


def test_a_time_without_a_zone_is_refused(key: SigningKey, entropy: Entropy) -> None:
    with pytest.raises(RejectedInput, match="zone"):
        record(key, entropy, rows(1), made_at=NOW.replace(tzinfo=None))


def test_fractions_of_a_second_survive(key: SigningKey, entropy: Entropy) -> None:
    made = record(key, entropy, rows(1), made_at=NOW.replace(microsecond=40))
    assert made.leaf.made_at == NOW.replace(microsecond=40)


def resigned(key: SigningKey, leaf_bytes: bytes, **changed: object) -> bytes:
    """A leaf with fields changed and signed anew by its author: malformed, not forged."""
    fields = {**json.loads(leaf_bytes), **changed}
    fields = {name: value for name, value in fields.items() if value is not ...}
    fields.pop("signature")
    signed = b"truceline/record/v1\n" + json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()
    fields["signature"] = base64.b64encode(key.sign(signed)).decode()
    return json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()


@pytest.mark.parametrize(
    "changed",
    [
        {"extra": 1},
        {"refs": ...},
        {"refs": {}},
        {"refs": [1]},
        {"items": 0},
        {"items": 10_001},
        {"items": True},
        {"items": 1.0},
        {"schema": "1"},
        {"kind": 7},
        {"id": "rec-" + "0" * 31 + "G"},
        {"made_at": "2025-04-19T15:00:00+00:00"},
        {"made_at": "2025-04-19T15:00:00.000000Z"},
        {"made_at": "2025-02-30T15:00:00Z"},
        {"made_at": "2025-04-19T25:00:00Z"},
        {"author": "rsa:AAAA"},
        {"author": "ed25519:AAAA"},
        {"commitments": {}},
        {"commitments": []},
        {"commitments": {"private": "A" * 43 + "="}},
        {"commitments": {"public": "A" * 42 + "B="}},
        {"commitments": {"public": 1}},
        {"seen_size": 2**53},
    ],
    ids=str,
)
def test_a_malformed_leaf_is_refused_even_if_its_author_signed_it(
    key: SigningKey, entropy: Entropy, changed: dict[str, object]
) -> None:
    leaf_bytes = record(key, entropy, rows(1)).leaf_bytes
    assert verify_leaf(resigned(key, leaf_bytes), "test")
    with pytest.raises(VerificationError):
        verify_leaf(resigned(key, leaf_bytes, **changed), "test")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data + b" ",
        lambda data: b" " + data,
        lambda data: data.replace(b'"schema":1', b'"schema":1.0'),
        lambda data: data.replace(b'"schema":1', b'"schema":NaN'),
        lambda data: data.replace(b'"schema":1', b'"schema":1,"schema":1'),
        lambda data: data.replace(b"observations", b"observat\\u0069ons"),
        lambda data: data[:-1],
        lambda _: b"[" * 100_000,
        lambda _: b"[" * 60_000,
        lambda _: b"1" * 5_000,
        lambda _: b'"\\ud800"',
        lambda _: b"\xff",
    ],
)
def test_a_leaf_in_any_other_spelling_is_refused(key: SigningKey, entropy: Entropy, spoil: object) -> None:
    assert callable(spoil)
    with pytest.raises(VerificationError):
        parse_leaf(spoil(record(key, entropy, rows(1)).leaf_bytes), "test")


def test_nobody_else_can_sign_in_an_authors_name(key: SigningKey, entropy: Entropy) -> None:
    other = SigningKey.generate(entropy)
    forged = resigned(other, record(key, entropy, rows(1)).leaf_bytes)
    with pytest.raises(VerificationError, match="does not verify"):
        verify_leaf(forged, "test")


openings = st.lists(st.none() | st.binary(max_size=40), min_size=1, max_size=20).flatmap(
    lambda items: st.binary(min_size=32 * len(items), max_size=32 * len(items)).map(
        lambda salts: Opening(salts, tuple(items))
    )
)


@given(openings)
def test_an_opening_survives_the_vault(opening: Opening) -> None:
    assert opening_from_bytes(opening_to_bytes(opening)) == opening


@given(openings, st.data())
def test_a_damaged_opening_is_refused_or_opens_nothing_false(opening: Opening, data: st.DataObject) -> None:
    packed = bytearray(opening_to_bytes(opening))
    packed[data.draw(st.integers(0, len(packed) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        read = opening_from_bytes(bytes(packed))
    except StorageFailure:
        return
    # Only salts are stored without a checksum; a false one opens no commitment.
    assert read != opening
    assert read.items == opening.items


@given(st.binary(max_size=80), st.booleans())
def test_any_bytes_are_an_opening_or_a_storage_failure(data: bytes, with_magic: bool) -> None:
    with suppress(StorageFailure):
        opening_from_bytes(b"truceline/opening/v1\n" + data if with_magic else data)


def test_an_opening_cut_short_is_refused(key: SigningKey, entropy: Entropy) -> None:
    packed = opening_to_bytes(record(key, entropy, rows(2)).openings[Tier.PUBLIC])
    for length in range(len(packed)):
        with pytest.raises(StorageFailure, match="damaged"):
            opening_from_bytes(packed[:length])


def test_an_opening_that_would_swell_is_refused_before_it_does(key: SigningKey, entropy: Entropy) -> None:
    packed = opening_to_bytes(record(key, entropy, rows(1)).openings[Tier.PUBLIC])
    head = packed[: len(b"truceline/opening/v1\n") + 12 + 32]
    with pytest.raises(StorageFailure, match="damaged"):
        opening_from_bytes(head + zlib.compress(bytes(50_000_000)))


def test_an_opening_whose_lengths_do_not_add_up_is_refused() -> None:
    body = zlib.compress((9).to_bytes(4, "big") + b"{}")
    packed = b"truceline/opening/v1\n" + (1).to_bytes(4, "big") + (6).to_bytes(8, "big") + bytes(32) + body
    with pytest.raises(StorageFailure, match="damaged"):
        opening_from_bytes(packed)


def test_an_opening_needs_a_salt_for_each_item(key: SigningKey, entropy: Entropy) -> None:
    with pytest.raises(RejectedInput, match="32-byte salt"):
        replace(record(key, entropy, rows(2)).openings[Tier.PUBLIC], salts=bytes(32))
