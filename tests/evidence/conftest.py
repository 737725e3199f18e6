# SPDX-License-Identifier: Apache-2.0
"""Small logs and reproducible keys for the tests of the evidence room."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from truceline.evidence import (
    Payload,
    SigningKey,
    TreeEdge,
    append,
    fields_payload,
    leaf_hash,
    make_record,
    publish,
    root,
    sign_checkpoint,
)
from truceline.evidence.verify import leaf as verifier_leaf
from truceline.evidence.verify import log as verifier_log
from truceline.vocabulary import Tier

ORIGIN = "monitoring.example/log"
NOW = datetime(2025, 4, 19, 15, tzinfo=UTC)


class Stream:
    """Entropy that is the same in every run."""

    def __init__(self, seed: str) -> None:
        self._seed, self._count = seed, 0

    def __call__(self, length: int) -> bytes:
        self._count += 1
        return hashlib.shake_256(f"{self._seed} {self._count}".encode()).digest(length)


class Log:
    """A log of single statements by two authors, kept in memory and published on demand."""

    def __init__(self, folder: Path, leaves: Sequence[bytes]) -> None:
        self.folder = folder
        self.leaves = list(leaves)
        self.key = SigningKey.generate(Stream("log key"))
        self.verifier_key = self.key.verifier_key(ORIGIN)

    def checkpoint(self, size: int) -> bytes:
        edge = append(TreeEdge(), [leaf_hash(each) for each in self.leaves[:size]])
        return sign_checkpoint(ORIGIN, size, root(edge), self.key)

    def publish(self, size: int | None = None) -> None:
        size = len(self.leaves) if size is None else size
        publish(self.folder, self.checkpoint(size), size, self.read, self.verifier_key)

    def read(self, start: int, end: int) -> Sequence[bytes]:
        return self.leaves[start:end]

    def files(self) -> dict[str, bytes]:
        return {
            path.relative_to(self.folder).as_posix(): path.read_bytes()
            for path in sorted(self.folder.rglob("*"))
            if path.is_file()
        }


def statement(number: int) -> Payload:
    return fields_payload(
        {Tier.PUBLIC: {"kind": "mortar", "number": number}, Tier.SEALED: {"witness": f"name {number}"}}
    )


def make_leaf(author: str, author_seq: int, number: int = 0, seen_size: int = 0) -> bytes:
    return make_record(
        "observation",
        1,
        statement(number),
        key=SigningKey.generate(Stream(author)),
        author_seq=author_seq,
        made_at=NOW + timedelta(minutes=number),
        seen_size=seen_size,
        entropy=Stream(f"{author} {author_seq} {number}"),
    ).leaf_bytes


@cache
def sample_leaves(count: int) -> tuple[bytes, ...]:
    return tuple(
        make_leaf(("north", "south")[number % 2], number // 2 + 1, number, number) for number in range(count)
    )


@pytest.fixture
def entropy() -> Stream:
    return Stream("test")


@pytest.fixture
def key() -> SigningKey:
    return SigningKey.generate(Stream("author"))


@pytest.fixture
def make_log(tmp_path: Path) -> Callable[[int], Log]:
    """Give a log of so many leaves, not yet published."""
    return lambda count: Log(tmp_path / "log", sample_leaves(count))


@pytest.fixture
def each_leaf() -> Callable[[str, int, int], bytes]:
    """Give a leaf by (author, the author's number, content)."""
    return make_leaf


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Check each distinct leaf's signature once only, and leave the disk's pace out."""
    monkeypatch.setattr(verifier_log, "verify_leaf", cache(verifier_leaf.verify_leaf))
    monkeypatch.setattr("os.fsync", lambda _descriptor: None)
