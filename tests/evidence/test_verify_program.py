# SPDX-License-Identifier: Apache-2.0
"""Proof files and the verifier's own program say what holds, and what does not."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from truceline.evidence import TreeEdge, VerificationError, append, leaf_hash, prove, root
from truceline.evidence.verify import verify_proof
from truceline.evidence.verify.__main__ import main

if TYPE_CHECKING:
    from tests.evidence.conftest import Log


def proof_of(log: Log, index: int) -> bytes:
    log.publish()
    return prove(log.folder, index).encode()


def test_each_flipped_byte_of_a_proof_file_is_caught(make_log: Callable[[int], Log]) -> None:
    log = make_log(5)
    proof = proof_of(log, 3)
    for at in range(len(proof)):
        flipped = bytearray(proof)
        flipped[at] ^= 1 << at % 8
        with pytest.raises(VerificationError):
            verify_proof(bytes(flipped), log.verifier_key)


def test_a_proof_file_reads_as_the_specification_says(make_log: Callable[[int], Log]) -> None:
    log = make_log(5)
    lines = proof_of(log, 3).decode().split("\n")
    assert lines[0] == "c2sp.org/tlog-proof@v1"
    assert lines[1] == "extra " + base64.b64encode(log.leaves[3]).decode()
    assert lines[2] == "index 3"
    assert lines[3] == base64.b64encode(leaf_hash(log.leaves[2])).decode()
    assert lines[6] == ""
    assert "\n".join(lines[7:]).encode() == (log.folder / "checkpoint").read_bytes()


def test_a_proof_serves_for_no_other_leaf(make_log: Callable[[int], Log]) -> None:
    log = make_log(5)
    with pytest.raises(VerificationError, match="another root"):
        verify_proof(proof_of(log, 3), log.verifier_key, log.leaves[2])


def test_a_proof_without_its_leaf_asks_for_it(make_log: Callable[[int], Log]) -> None:
    log = make_log(5)
    bare = b"\n".join(line for line in proof_of(log, 3).split(b"\n") if not line.startswith(b"extra "))
    assert verify_proof(bare, log.verifier_key, log.leaves[3])
    with pytest.raises(VerificationError, match="none was given"):
        verify_proof(bare, log.verifier_key)


def test_the_report_says_what_was_checked(
    make_log: Callable[[int], Log], capsys: pytest.CaptureFixture[str]
) -> None:
    log = make_log(3)
    log.publish()
    assert main([str(log.folder), "--key", log.verifier_key]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("OK: the log monitoring.example/log is whole: 3 entries")
    assert root(append(TreeEdge(), map(leaf_hash, log.leaves))).hex() in shown
    assert "numbers 1-2 complete" in shown
    assert "key came from" not in shown


def test_the_report_says_where_the_key_came_from_and_what_was_kept(
    make_log: Callable[[int], Log], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = make_log(3)
    log.publish()
    (tmp_path / "kept").write_bytes(log.checkpoint(2))
    (log.folder / "tile/junk").write_text("x")
    (log.folder / "tile/0/000.p/9").write_bytes((log.folder / "tile/0/000.p/3").read_bytes() * 3)
    assert main([str(log.folder), "--earlier", str(tmp_path / "kept")]) == 0
    shown = capsys.readouterr().out
    for words in (
        "key came from",
        "over 2 entries that you kept",
        "1 files of an export",
        "1 files that are no part",
    ):
        assert words in shown


def test_missing_numbers_are_shown_and_are_not_success(
    make_log: Callable[[int], Log],
    each_leaf: Callable[[str, int, int], bytes],
    capsys: pytest.CaptureFixture[str],
) -> None:
    log = make_log(0)
    log.leaves = [each_leaf("north", 5, 0)]
    log.publish()
    assert main([str(log.folder), "--key", log.verifier_key]) == 1
    shown = capsys.readouterr().out
    assert "missing 1-4" in shown
    assert "ATTENTION" in shown


def test_a_failure_is_told_with_its_place_and_meaning(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path)]) == 1
    shown = capsys.readouterr().out
    assert shown.startswith("FAILED: ")
    assert "where: " in shown
    assert "what it means: " in shown


def test_a_proof_file_can_be_checked_from_the_command_line(
    make_log: Callable[[int], Log], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = make_log(5)
    (tmp_path / "a.tlog-proof").write_bytes(proof_of(log, 3))
    assert main([str(tmp_path / "a.tlog-proof"), "--key", log.verifier_key]) == 0
    assert "among its first 5 entries" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main([str(tmp_path / "a.tlog-proof")])
