# SPDX-License-Identifier: Apache-2.0
"""What a verifier on the Go project's own log code says of our logs, sound and altered."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.conformance.conftest import LONG, Audit, Published
from tests.mission.made import entropy

from truceline.evidence import SigningKey, leaf_hash
from truceline.evidence.verify.tiles import tile_path
from truceline.mission import Mission


def repack(entries: list[bytes]) -> bytes:
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def test_it_accepts_the_log_of_a_mission(audit: Audit, easter: Mission) -> None:
    key = easter.ledger.log_key.verifier_key(easter.settings.origin)
    code, said = audit(easter.folder / "log", key)
    with easter.store.read() as transaction:
        size = len(list(transaction.records()))
    assert code == 0
    assert said.startswith(f"OK {size} entries")


def test_it_accepts_a_log_of_2000_entries(audit: Audit, untouched: Published) -> None:
    code, said = audit(untouched.folder, untouched.verifier_key)
    assert (code, said.split(",")[0]) == (0, f"OK {LONG} entries")


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 512, 513])
def test_it_accepts_logs_around_the_width_of_a_tile(audit: Audit, log: Published, size: int) -> None:
    shutil.rmtree(log.folder)
    log.grow_to(size)
    code, said = audit(log.folder, log.verifier_key)
    assert (code, said.split(",")[0]) == (0, f"OK {size} entries")


def test_it_accepts_an_earlier_checkpoint_over_full_tiles_whose_partials_are_gone(
    audit: Audit, log: Published
) -> None:
    shutil.rmtree(log.folder)
    for size in (300, LONG):
        log.grow_to(size)
    for gone in (tile_path(0, 1, 44), tile_path("entries", 1, 44)):
        assert not (log.folder / gone).exists()
    (log.folder / "checkpoint").write_bytes(log.checkpoint(300))
    code, said = audit(log.folder, log.verifier_key)
    assert (code, said.split(",")[0]) == (0, "OK 300 entries")


@pytest.mark.parametrize("altered", [0, 255, 256, 1_234, 1_999])
def test_it_names_the_altered_leaf(audit: Audit, log: Published, altered: int) -> None:
    path, entries = log.bundle_of(altered)
    entry = bytearray(entries[altered % 256])
    entry[len(entry) // 2] ^= 1
    entries[altered % 256] = bytes(entry)
    path.write_bytes(repack(entries))
    assert audit(log.folder, log.verifier_key) == (1, f"FAIL leaf {altered}: entry and tile differ")


@pytest.mark.parametrize("altered", [0, 769, 1_999])
def test_it_refuses_a_leaf_altered_together_with_its_tile(audit: Audit, log: Published, altered: int) -> None:
    # CVE-2026-56865: an auditor that leaves this to the TileHashReader of x/mod before 0.40 says OK to 769.
    path, entries = log.bundle_of(altered)
    entries[altered % 256] = entries[altered % 256].replace(b"observation", b"Observation")
    path.write_bytes(repack(entries))
    tile = log.folder / tile_path(0, altered // 256, len(entries))
    tile.write_bytes(b"".join(map(leaf_hash, entries)))
    code, said = audit(log.folder, log.verifier_key)
    assert (code, said.split(":")[0]) in {(1, "FAIL tile level 1 number 0"), (1, "FAIL root")}


def test_it_names_the_place_from_which_a_leaf_was_dropped(audit: Audit, log: Published) -> None:
    path, entries = log.bundle_of(700)
    del entries[700 % 256]
    path.write_bytes(repack(entries))
    assert audit(log.folder, log.verifier_key) == (1, "FAIL leaf 700: entry and tile differ")


def test_it_refuses_a_leaf_that_was_added_without_the_tree(audit: Audit, log: Published) -> None:
    path, entries = log.bundle_of(LONG - 1)
    path.write_bytes(repack([*entries, entries[0]]))
    assert audit(log.folder, log.verifier_key) == (1, f"FAIL leaf {LONG}: not in the tree")


@pytest.mark.parametrize("rest", [b"\x00", b"\x00\x05abc"])
def test_it_refuses_bytes_behind_the_last_entry(audit: Audit, log: Published, rest: bytes) -> None:
    path, _ = log.bundle_of(LONG - 1)
    path.write_bytes(path.read_bytes() + rest)
    assert audit(log.folder, log.verifier_key)[0] == 1


@pytest.mark.parametrize(
    ("tile", "named"),
    [
        (tile_path(0, 3), "FAIL leaf 769: entry and tile differ"),
        (tile_path(0, 7, 208), "FAIL leaf 1793: entry and tile differ"),
        (tile_path(1, 0, 7), "FAIL tile level 1 number 0: not what the entries give"),
    ],
)
def test_it_names_the_altered_tile(audit: Audit, log: Published, tile: str, named: str) -> None:
    flip(log.folder / tile, 40)
    assert audit(log.folder, log.verifier_key) == (1, named)


def test_it_refuses_a_missing_tile(audit: Audit, log: Published) -> None:
    (log.folder / tile_path(0, 3)).unlink()
    assert audit(log.folder, log.verifier_key)[0] == 1


def test_it_refuses_a_wrong_key_under_the_same_name(audit: Audit, log: Published) -> None:
    other = SigningKey.generate(entropy(99)).verifier_key("monitoring.example/log")
    assert audit(log.folder, other) == (1, "FAIL note has no verifiable signatures")


def test_it_refuses_the_same_key_under_another_origin(audit: Audit, log: Published) -> None:
    other = log.key.verifier_key("elsewhere.example/log")
    assert audit(log.folder, other) == (1, "FAIL note has no verifiable signatures")


@pytest.mark.parametrize("at", [25, 30, 100])
def test_it_refuses_an_altered_checkpoint(audit: Audit, log: Published, at: int) -> None:
    flip(log.folder / "checkpoint", at)
    assert audit(log.folder, log.verifier_key)[0] == 1
