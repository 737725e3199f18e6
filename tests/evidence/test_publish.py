# SPDX-License-Identifier: Apache-2.0
"""The published folder is always a whole log, whatever happens to the publisher."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from truceline.errors import RejectedInput, StorageFailure
from truceline.evidence import (
    SigningKey,
    TreeEdge,
    append,
    leaf_hash,
    publish,
    root,
    sign_checkpoint,
    verify_log,
)
from truceline.evidence.proof import prove, prove_consistency
from truceline.evidence.publish import STAGED, _Files
from truceline.evidence.verify import (
    merkle_root,
    parse_verifier_key,
    verify_checkpoint,
    verify_consistency,
    verify_proof,
)
from truceline.evidence.verify.log import _check_higher_tiles
from truceline.evidence.verify.tiles import parse_bundle, parse_tile_name, tile_path

if TYPE_CHECKING:
    from tests.evidence.conftest import Log


class Killed(BaseException):
    """The process is gone."""


@pytest.mark.parametrize(
    ("index", "width", "path"),
    [
        (0, 256, "tile/0/000"),
        (1_234_067, 256, "tile/0/x001/x234/067"),
        (5, 7, "tile/0/005.p/7"),
        (1_000, 255, "tile/0/x001/000.p/255"),
    ],
)
def test_tiles_lie_where_the_specification_says(index: int, width: int, path: str) -> None:
    assert tile_path(0, index, width) == path
    assert parse_tile_name(path.removeprefix("tile/0/")) == (index, width)


@pytest.mark.parametrize(
    "name", ["0", "0000", "x000/001", "000.p/0", "000.p/256", "000.p/01", "000.p", "x1/000"]
)
def test_no_other_name_is_a_tile(name: str) -> None:
    assert parse_tile_name(name) is None


@pytest.mark.usefixtures("quick")
def test_a_log_of_70000_has_the_tiles_of_the_specifications_example(tmp_path: Path, key: SigningKey) -> None:
    # tlog-tiles, "Partial Tiles": 273 full, a partial of 112; one full, a partial of 17; a partial of 1.
    leaves = [number.to_bytes(4, "big") for number in range(70_000)]
    top = root(append(TreeEdge(), map(leaf_hash, leaves)))
    publish(
        tmp_path,
        sign_checkpoint("log.example", 70_000, top, key),
        70_000,
        lambda start, end: leaves[start:end],
    )
    names = {
        path.relative_to(tmp_path / "tile").as_posix()
        for path in tmp_path.glob("tile/**/*")
        if path.is_file()
    }
    assert {name for name in names if name.startswith(("1/", "2/"))} == {"1/000", "1/001.p/17", "2/000.p/1"}
    lowest = {name for name in names if name.startswith("0/")}
    assert lowest == {f"0/{number:03d}" for number in range(273)} | {"0/273.p/112"}
    assert {name.replace("entries/", "0/") for name in names if name.startswith("entries/")} == lowest


@pytest.mark.usefixtures("quick")
def test_a_large_log_grown_in_steps_holds_the_tiles_of_one_published_at_once(
    tmp_path: Path, key: SigningKey
) -> None:
    leaves = [number.to_bytes(4, "big") for number in range(140_000)]
    for name, sizes in (("whole", [140_000]), ("grown", [0, 65_000, 65_536, 66_000, 131_500, 140_000])):
        for size in sizes:
            top = root(append(TreeEdge(), map(leaf_hash, leaves[:size])))
            checkpoint = sign_checkpoint("log.example", size, top, key)
            publish(tmp_path / name, checkpoint, size, lambda start, end: leaves[start:end])
    whole = {path.relative_to(tmp_path / "whole"): path for path in (tmp_path / "whole").glob("**/*")}
    assert all(
        path.is_dir() or path.read_bytes() == (tmp_path / "grown" / name).read_bytes()
        for name, path in whole.items()
    )
    tiles = [merkle_root(list(map(leaf_hash, leaves[at : at + 256]))) for at in range(0, 139_776, 256)]
    assert _check_higher_tiles(tmp_path / "grown", tiles) == 4


def test_bundles_hold_each_entry_behind_its_length(make_log: Callable[[int], Log]) -> None:
    log = make_log(3)
    log.publish()
    data = (log.folder / "tile/entries/000.p/3").read_bytes()
    assert data[:2] == len(log.leaves[0]).to_bytes(2, "big")
    assert parse_bundle(data, "test") == log.leaves


def test_an_empty_log_can_be_published_and_verified(make_log: Callable[[int], Log]) -> None:
    log = make_log(0)
    log.publish()
    assert verify_log(log.folder, log.verifier_key).checkpoint.size == 0


@pytest.mark.usefixtures("quick")
def test_a_log_grown_one_by_one_holds_the_files_of_one_published_at_once(
    make_log: Callable[[int], Log], tmp_path: Path
) -> None:
    grown, whole = make_log(600), make_log(600)
    whole.folder = tmp_path / "whole"
    for size in range(601):
        grown.publish(size)
        if size % 50 == 0 or size in (1, 255, 257, 511, 513):
            assert verify_log(grown.folder, grown.verifier_key).checkpoint.size == size
    whole.publish()
    assert whole.files().items() <= grown.files().items()


@pytest.mark.usefixtures("quick")
def test_partial_files_go_once_the_full_ones_are_there(make_log: Callable[[int], Log]) -> None:
    log = make_log(256)
    for size in (100, 200, 256):
        log.publish(size)
    assert sorted(log.files()) == [
        "checkpoint",
        "tile/0/000",
        "tile/1/000.p/1",
        "tile/entries/000",
        "verifier-key.txt",
    ]


@pytest.mark.usefixtures("quick")
def test_publishing_again_changes_nothing(make_log: Callable[[int], Log]) -> None:
    log = make_log(300)
    log.publish()
    before = log.files()
    log.publish()
    assert log.files() == before


@pytest.mark.parametrize(("first", "second"), [(0, 3), (200, 520), (256, 257), (255, 512)])
@pytest.mark.usefixtures("quick")
def test_a_publisher_killed_at_any_step_leaves_a_log_that_verifies_and_resumes(
    make_log: Callable[[int], Log], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: int, second: int
) -> None:
    log = make_log(second)
    log.publish(first)
    start, steps, write = tmp_path / "start", 0, _Files.write
    log.folder.rename(start)
    while True:
        left = steps

        def dying(files: _Files, name: str, data: bytes) -> None:
            nonlocal left
            if left == 0:
                (files._log_dir / STAGED).write_bytes(data[: len(data) // 2])
                raise Killed
            left -= 1
            write(files, name, data)

        shutil.copytree(start, log.folder, dirs_exist_ok=True)
        monkeypatch.setattr(_Files, "write", dying)
        try:
            log.publish(second)
        except Killed:
            assert verify_log(log.folder, log.verifier_key).checkpoint.size == first
        else:
            break
        monkeypatch.setattr(_Files, "write", write)
        log.publish(second)
        assert verify_log(log.folder, log.verifier_key).checkpoint.size == second
        shutil.rmtree(log.folder)
        steps += 1
    assert steps >= 3


@pytest.mark.usefixtures("quick")
def test_a_publisher_killed_before_tidying_leaves_a_log_that_verifies(
    make_log: Callable[[int], Log], monkeypatch: pytest.MonkeyPatch
) -> None:
    def dying(_files: _Files) -> None:
        raise Killed

    log = make_log(300)
    log.publish(200)
    monkeypatch.setattr(_Files, "tidy", dying)
    with pytest.raises(Killed):
        log.publish(300)
    assert (log.folder / "tile/entries/000.p/200").exists()
    assert verify_log(log.folder, log.verifier_key).checkpoint.size == 300


@pytest.mark.usefixtures("quick")
def test_the_checkpoint_is_written_last_and_entries_first(
    make_log: Callable[[int], Log], monkeypatch: pytest.MonkeyPatch
) -> None:
    names: list[str] = []
    write = _Files.write

    def noting(files: _Files, name: str, data: bytes) -> None:
        names.append(name)
        write(files, name, data)

    monkeypatch.setattr(_Files, "write", noting)
    make_log(300).publish()
    sort = ["tile/entries/", "tile/0/", "tile/1/", "verifier-key.txt", "checkpoint"]
    order = [next(at for at, start in enumerate(sort) if name.startswith(start)) for name in names]
    assert order == sorted(order)
    assert names.count("checkpoint") == 1


def test_a_folder_that_is_ahead_is_refused(make_log: Callable[[int], Log]) -> None:
    log = make_log(5)
    log.publish(5)
    with pytest.raises(StorageFailure, match="old backup"):
        log.publish(4)


@pytest.mark.parametrize("altered", [0, 2, 3, 4])
def test_altered_records_are_not_published(make_log: Callable[[int], Log], altered: int) -> None:
    log = make_log(5)
    log.publish(3)
    before, checkpoint = log.files(), log.checkpoint(5)
    log.leaves[altered] = b"{}"
    with pytest.raises(StorageFailure, match="do not give the root"):
        publish(log.folder, checkpoint, 5, log.read)
    assert log.files()["checkpoint"] == before["checkpoint"]
    assert verify_log(log.folder, log.verifier_key).checkpoint.size == 3


def test_a_rewritten_log_is_not_published_even_with_a_fresh_checkpoint(
    make_log: Callable[[int], Log],
) -> None:
    log = make_log(5)
    log.publish(3)
    log.leaves[1] = b"{}"
    with pytest.raises(StorageFailure, match="do not give the root"):
        log.publish(5)


@pytest.mark.usefixtures("quick")
def test_a_damaged_folder_is_not_continued(make_log: Callable[[int], Log]) -> None:
    log = make_log(600)
    log.publish(520)
    path = log.folder / "tile/1/000.p/2"
    path.write_bytes(bytes(64))
    with pytest.raises(StorageFailure, match="do not give the root"):
        log.publish(600)


@pytest.mark.usefixtures("quick")
def test_a_folder_with_a_missing_tile_is_not_continued(make_log: Callable[[int], Log]) -> None:
    log = make_log(600)
    log.publish(520)
    (log.folder / "tile/1/000.p/2").unlink()
    with pytest.raises(StorageFailure, match="cannot be read"):
        log.publish(600)


def test_another_log_does_not_enter_the_folder(make_log: Callable[[int], Log]) -> None:
    log = make_log(2)
    log.publish()
    checkpoint = sign_checkpoint("other.example", 2, bytes(32), log.key)
    with pytest.raises(StorageFailure, match="another folder"):
        publish(log.folder, checkpoint, 2, log.read)


def test_a_checkpoint_of_another_size_is_refused(make_log: Callable[[int], Log]) -> None:
    log = make_log(2)
    with pytest.raises(StorageFailure, match="covers 2 entries, not 1"):
        publish(log.folder, log.checkpoint(2), 1, log.read)


def test_a_checkpoint_by_another_key_is_refused(make_log: Callable[[int], Log]) -> None:
    log = make_log(2)
    checkpoint = sign_checkpoint("other.example", 2, bytes(32), log.key)
    with pytest.raises(StorageFailure, match="was not published"):
        publish(log.folder, checkpoint, 2, log.read, log.verifier_key)


def test_a_shown_key_is_never_replaced(make_log: Callable[[int], Log]) -> None:
    log = make_log(2)
    log.publish(1)
    (log.folder / "verifier-key.txt").write_text("another\n")
    with pytest.raises(StorageFailure, match="shows another key"):
        log.publish(2)


@pytest.mark.parametrize("entries", [[], [b"x", b"y"], [b"x" * 65_536]])
def test_missing_or_oversized_records_are_not_published(
    make_log: Callable[[int], Log], entries: Sequence[bytes]
) -> None:
    log = make_log(1)
    with pytest.raises(StorageFailure, match="as they must"):
        publish(log.folder, log.checkpoint(1), 1, lambda _start, _end: entries)


def test_a_folder_that_cannot_be_written_is_said_so(make_log: Callable[[int], Log]) -> None:
    log = make_log(1)
    log.folder.write_text("a file stands in the way")
    with pytest.raises(StorageFailure, match="could not be written"):
        log.publish()


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 300])
@pytest.mark.usefixtures("quick")
def test_every_sampled_entry_has_a_proof_file_that_stands_alone(
    make_log: Callable[[int], Log], size: int
) -> None:
    log = make_log(size)
    log.publish()
    for index in {0, size // 2, size - 1}:
        leaf, state = verify_proof(prove(log.folder, index).encode(), log.verifier_key)
        assert leaf == verify_proof(prove(log.folder, index).encode(), log.verifier_key, log.leaves[index])[0]
        assert state.size == size


def test_a_proof_of_an_entry_that_is_not_published_is_refused(make_log: Callable[[int], Log]) -> None:
    log = make_log(3)
    log.publish()
    with pytest.raises(RejectedInput, match="no entry 3"):
        prove(log.folder, 3)


def test_a_damaged_log_gives_no_proof(make_log: Callable[[int], Log]) -> None:
    log = make_log(3)
    log.publish()
    (log.folder / "tile/0/000.p/3").write_bytes(bytes(96))
    with pytest.raises(StorageFailure, match="damaged"):
        prove(log.folder, 1)


@pytest.mark.usefixtures("quick")
def test_the_published_log_proves_that_it_continues_an_earlier_checkpoint(
    make_log: Callable[[int], Log],
) -> None:
    log = make_log(600)
    log.publish()
    key = parse_verifier_key(log.verifier_key)
    new = verify_checkpoint((log.folder / "checkpoint").read_bytes(), key, "new")
    for first in (0, 1, 255, 256, 300, 512, 599, 600):
        old = verify_checkpoint(log.checkpoint(first), key, "old")
        path = prove_consistency(log.folder, first)
        verify_consistency(old.size, old.root, new.size, new.root, path, where="test")


def test_a_log_that_is_not_there_proves_no_continuation(tmp_path: Path) -> None:
    with pytest.raises(StorageFailure, match="damaged"):
        prove_consistency(tmp_path, 0)
