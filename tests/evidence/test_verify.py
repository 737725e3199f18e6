# SPDX-License-Identifier: Apache-2.0
"""Whatever is done to a published log, the verifier says so, and says where."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from truceline.evidence import (
    SigningKey,
    VerificationError,
    sign_checkpoint,
    verify_log,
)
from truceline.evidence.verify import (
    AuthorAccount,
    parse_leaf,
    parse_proof,
    parse_verifier_key,
    verify_checkpoint,
)
from truceline.evidence.verify.authors import Numbering
from truceline.evidence.verify.note import parse_checkpoint, parse_note
from truceline.evidence.verify.tiles import parse_bundle, parse_hashes

if TYPE_CHECKING:
    from tests.evidence.conftest import Log


def caught(log: Log) -> VerificationError:
    with pytest.raises(VerificationError) as caught:
        verify_log(log.folder, log.verifier_key)
    assert caught.value.what
    assert caught.value.where
    assert caught.value.meaning
    return caught.value


@pytest.mark.parametrize(("count", "stride"), [(4, 1), (300, 31)])
@pytest.mark.usefixtures("quick")
def test_each_flipped_byte_of_a_published_log_is_caught(
    make_log: Callable[[int], Log], count: int, stride: int
) -> None:
    log = make_log(count)
    log.publish()
    verify_log(log.folder, log.verifier_key)
    for name, data in log.files().items():
        # Every byte of the small files; of the large ones, a sample.
        for at in range(0, len(data), stride if len(data) > 300 else 1):
            flipped = bytearray(data)
            flipped[at] ^= 1 << at % 8
            (log.folder / name).write_bytes(flipped)
            with pytest.raises(VerificationError):
                verify_log(log.folder, log.verifier_key)
        (log.folder / name).write_bytes(data)


@pytest.mark.parametrize("count", [4, 300])
@pytest.mark.usefixtures("quick")
def test_each_truncated_lengthened_or_missing_file_is_caught(
    make_log: Callable[[int], Log], count: int
) -> None:
    log = make_log(count)
    log.publish()
    for name, data in log.files().items():
        for changed in (data[:-1], data[: len(data) // 2], data[1:], b"", data + data[-1:], data + data):
            (log.folder / name).write_bytes(changed)
            caught(log)
        (log.folder / name).unlink()
        if name != "verifier-key.txt":  # whoever has the key needs no copy of it in the folder
            caught(log)
        (log.folder / name).write_bytes(data)
    verify_log(log.folder, log.verifier_key)


@pytest.mark.usefixtures("quick")
def test_an_altered_entry_is_named(make_log: Callable[[int], Log]) -> None:
    log = make_log(300)
    log.publish()
    path = log.folder / "tile/entries/001.p/44"
    path.write_bytes(path.read_bytes().replace(b"15:00:00", b"15:00:01").replace(b"19:20:00", b"19:20:01"))
    assert "260" in caught(log).where


def test_a_log_rewritten_with_all_its_tiles_is_caught_by_the_signed_root(
    make_log: Callable[[int], Log], each_leaf: Callable[[str, int, int], bytes]
) -> None:
    log = make_log(0)
    log.leaves = [each_leaf("north", number + 1, number) for number in range(4)]
    log.publish()
    checkpoint = (log.folder / "checkpoint").read_bytes()
    shutil.rmtree(log.folder)
    log.leaves[1], log.leaves[3] = log.leaves[3], log.leaves[1]
    log.publish()
    (log.folder / "checkpoint").write_bytes(checkpoint)
    with pytest.raises(VerificationError, match="signed root"):
        verify_log(log.folder, log.verifier_key)


@pytest.mark.usefixtures("quick")
def test_a_dropped_entry_is_caught_by_the_earlier_checkpoint(
    make_log: Callable[[int], Log], each_leaf: Callable[[str, int, int], bytes]
) -> None:
    log = make_log(0)
    log.leaves = [each_leaf(f"author {number}", 1, 0) for number in range(300)]
    kept = {size: log.checkpoint(size) for size in (0, 1, 150, 256, 299, 300)}
    del log.leaves[0]
    log.leaves.append(each_leaf("author new", 1, 0))
    log.publish()
    assert verify_log(log.folder, log.verifier_key).checkpoint.size == 300
    assert verify_log(log.folder, log.verifier_key, kept[0]).earlier is not None
    for size in (1, 150, 256, 299, 300):
        with pytest.raises(VerificationError, match="earlier checkpoint"):
            verify_log(log.folder, log.verifier_key, kept[size])


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 300, 512, 520])
@pytest.mark.usefixtures("quick")
def test_a_log_that_grew_continues_every_earlier_checkpoint(
    make_log: Callable[[int], Log], size: int
) -> None:
    log = make_log(520)
    log.publish()
    report = verify_log(log.folder, log.verifier_key, log.checkpoint(size))
    assert report.earlier is not None
    assert report.earlier.size == size


def test_a_log_that_shrank_is_caught(make_log: Callable[[int], Log]) -> None:
    log = make_log(4)
    log.publish(3)
    with pytest.raises(VerificationError, match="shrunk"):
        verify_log(log.folder, log.verifier_key, log.checkpoint(4))


def test_an_author_who_had_seen_more_entries_betrays_a_log_cut_back(make_log: Callable[[int], Log]) -> None:
    log = make_log(4)
    log.leaves = [log.leaves[0], log.leaves[3]]
    log.publish()
    assert "had seen 3 entries" in caught(log).what


def test_one_id_for_two_entries_is_caught(make_log: Callable[[int], Log]) -> None:
    log = make_log(2)
    log.leaves.append(log.leaves[0])
    log.publish()
    assert "was logged before" in caught(log).what


def test_an_entry_that_is_no_leaf_is_caught(make_log: Callable[[int], Log]) -> None:
    log = make_log(2)
    log.leaves.append(b"{}")
    log.publish()
    assert caught(log).where == "entry 2"


@pytest.mark.usefixtures("quick")
def test_a_false_tile_above_true_entries_is_caught(make_log: Callable[[int], Log]) -> None:
    log = make_log(300)
    log.publish()
    (log.folder / "tile/1/000.p/1").write_bytes(bytes(32))
    assert "roots of the tiles below" in caught(log).what


@pytest.mark.parametrize("name", ["tile/0/000.p/2", "tile/entries/000.p/2", "tile/entries/000.p/5"])
def test_a_leftover_partial_file_must_tell_the_same_story(make_log: Callable[[int], Log], name: str) -> None:
    log = make_log(5)
    log.publish(2)
    log.publish(4)
    path = log.folder / name
    data = b"".join(len(leaf).to_bytes(2, "big") + leaf for leaf in reversed(log.leaves[: int(path.name)]))
    path.write_bytes(bytes(64) if "/0/" in name else data)
    assert "partial file differs" in caught(log).what


def test_files_that_are_no_part_of_a_log_are_counted_and_left_aside(make_log: Callable[[int], Log]) -> None:
    log = make_log(3)
    log.publish()
    for name in ("tile/.DS_Store", "tile/99/000", "tile/0/index.html"):
        (log.folder / name).parent.mkdir(exist_ok=True)
        (log.folder / name).write_text("x")
    assert verify_log(log.folder, log.verifier_key).ignored == 3


def test_another_operators_log_is_refused(make_log: Callable[[int], Log], key: SigningKey) -> None:
    log = make_log(3)
    log.publish()
    log.verifier_key = key.verifier_key("monitoring.example/log")
    assert "another key" in caught(log).what
    (log.folder / "verifier-key.txt").unlink()
    assert "no signature" in caught(log).what


def test_a_key_taken_from_the_folder_is_reported_as_such(make_log: Callable[[int], Log]) -> None:
    log = make_log(3)
    log.publish()
    assert not verify_log(log.folder).key_given
    assert verify_log(log.folder, log.verifier_key).key_given
    (log.folder / "verifier-key.txt").unlink()
    with pytest.raises(VerificationError, match="cannot be read"):
        verify_log(log.folder)


def test_gaps_forks_and_late_numbers_are_reported_by_author(
    make_log: Callable[[int], Log], each_leaf: Callable[[str, int, int], bytes]
) -> None:
    log = make_log(0)
    numbers = [1, 2, 6, 4, 4, 6]
    log.leaves = [each_leaf("north", number, at) for at, number in enumerate(numbers)]
    log.leaves.append(each_leaf("south", 1, 0))
    log.publish()
    report = verify_log(log.folder, log.verifier_key)
    (account,) = report.unsettled
    assert (account.missing, account.repeated, account.late) == (((3, 3), (5, 5)), (4, 6), (4,))
    assert (account.leaves, account.last) == (6, 6)
    assert len(report.authors) == 2


@given(st.lists(st.integers(1, 30), max_size=60))
def test_numbering_agrees_with_a_plain_count(numbers: list[int]) -> None:
    numbering, seen = Numbering("a"), set[int]()
    repeated, late = [], []
    for number in numbers:
        numbering.add(number)
        if number in seen:
            repeated.append(number)
        elif seen and number < max(seen):
            late.append(number)
        seen.add(number)
    account = numbering.account()
    missing = [number for first, last in account.missing for number in range(first, last + 1)]
    assert missing == [number for number in range(1, max(seen, default=0)) if number not in seen]
    assert (account.repeated, account.late, account.leaves) == (tuple(repeated), tuple(late), len(numbers))


def test_a_huge_gap_costs_no_memory() -> None:
    numbering = Numbering("a")
    numbering.add(2**53 - 1)
    assert numbering.account() == AuthorAccount("a", 1, 2**53 - 1, ((1, 2**53 - 2),), (), ())


parsers: list[Callable[[bytes], object]] = [
    lambda data: parse_leaf(data, "fuzz"),
    lambda data: parse_note(data, "fuzz"),
    lambda data: parse_checkpoint(parse_note(data, "fuzz"), "fuzz"),
    lambda data: parse_proof(data, "fuzz"),
    lambda data: parse_bundle(data, "fuzz"),
    lambda data: parse_hashes(data, "fuzz"),
    lambda data: parse_verifier_key(data.decode("latin-1"), "fuzz"),
    lambda data: (
        parse_verifier_key(data.decode("utf-8", "surrogatepass"), "fuzz") if data.isascii() else None
    ),
]
lines = st.lists(
    st.sampled_from(
        [
            "\u2014 ",
            "log.example",
            "+",
            "7",
            "00",
            "\n",
            "\n\n",
            " ",
            "A" * 43 + "=",
            "c2sp.org/tlog-proof@v1\n",
            "index ",
            "extra ",
            '{"id":',
            '"rec-',
            "}",
            "[",
            "\u0660",
            "\u2003",
            "\x00",
        ]
    ),
    max_size=12,
).map("".join)


@given(st.binary(max_size=200) | lines.map(str.encode), st.sampled_from(parsers))
@settings(max_examples=400)
def test_any_bytes_are_read_or_refused_with_the_one_error(
    data: bytes, parse: Callable[[bytes], object]
) -> None:
    with suppress(VerificationError):
        parse(data)


@given(data=st.data())
@settings(max_examples=150)
def test_a_bent_note_is_refused_or_says_the_same(data: st.DataObject) -> None:
    key = SigningKey.generate(lambda length: b"\x02" * length)
    note = sign_checkpoint("log.example", 7, bytes(32), key)
    cut, size = data.draw(st.integers(0, len(note))), data.draw(st.integers(0, 4))
    bent = note[:cut] + data.draw(st.binary(max_size=4)) + note[cut + size :]
    verifier = parse_verifier_key(key.verifier_key("log.example"))
    try:
        state = verify_checkpoint(bent, verifier, "bent")
    except VerificationError:
        return
    assert state == verify_checkpoint(note, verifier, "whole")
