# SPDX-License-Identifier: Apache-2.0
"""Each byte of a log of 2,000 entries is flipped in turn, and each flip is caught.

The party's own functions do the checking, one bundle or tile at a time, from memory:
what the flip does not touch was checked before and stays as it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.adversary.operator import DishonestOperator
from tests.evidence.conftest import sample_leaves

from truceline.evidence.verify import VerificationError, verify_tree
from truceline.evidence.verify import log as party
from truceline.evidence.verify import tiles as reading
from truceline.evidence.verify.tiles import WIDTH

COUNT = 2_000
SHARES = 16


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> DishonestOperator:
    return DishonestOperator(tmp_path_factory.mktemp("bytes") / "log", sample_leaves(COUNT))


class Memory:
    """The published files, held in memory so that a million flips need no disk."""

    def __init__(self, folder: Path) -> None:
        self.files = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        self.flipped: dict[Path, bytes] = {}

    def read(self, path: Path, limit: int = 1 << 30) -> bytes:
        data = self.flipped.get(path, self.files[path])
        assert len(data) <= limit
        return data

    def flips(self, path: Path, share: int) -> Iterator[int]:
        """Flip each byte of one share of a file in turn."""
        data = bytearray(self.files[path])
        for at in range(share, len(data), SHARES):
            data[at] ^= 1 << at % 8
            self.flipped[path] = bytes(data)
            yield at
            data[at] ^= 1 << at % 8
        self.flipped.clear()


@pytest.mark.parametrize("share", range(SHARES))
def test_every_flipped_byte_is_caught(
    operator: DishonestOperator, share: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = Memory(operator.folder)
    monkeypatch.setattr(reading, "read_file", memory.read)
    monkeypatch.setattr(party, "read_file", memory.read)
    verify_tree(operator.folder, operator.verifier_key)
    missed, flipped = [], 0
    for path in sorted(memory.files):
        name = path.relative_to(operator.folder).as_posix()
        for at in memory.flips(path, share):
            flipped += 1
            try:
                if name.startswith(("tile/entries/", "tile/0/")):
                    number = int(name.split("/")[2].removesuffix(".p"))
                    party._check_entries(operator.folder, number, COUNT)
                else:
                    verify_tree(operator.folder, operator.verifier_key)
            except VerificationError:
                continue
            missed.append((name, at))
    assert flipped > COUNT * 400 // SHARES
    assert not missed
    assert COUNT > WIDTH


def test_together_the_shares_flip_every_byte() -> None:
    length = 1_001
    seen = [at for share in range(SHARES) for at in range(share, length, SHARES)]
    assert sorted(seen) == list(range(length))
