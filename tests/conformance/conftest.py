# SPDX-License-Identifier: Apache-2.0
"""Logs for other people's verifiers to judge, and the Go auditor, built once."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.mission.made import ROOT, entropy

from truceline.evidence import (
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
from truceline.evidence.verify.tiles import parse_bundle, tile_path
from truceline.vocabulary import Tier

ORIGIN = "monitoring.example/log"
LONG = 2_000
DEBIAN_GO = Path("/usr/share/gocode")
"""Where Debian's golang-golang-x-mod-dev puts its source."""


@dataclass(frozen=True, slots=True)
class Published:
    """A published log, the key to check it by, and what was logged."""

    folder: Path
    verifier_key: str
    leaves: tuple[bytes, ...]
    key: SigningKey

    def checkpoint(self, size: int) -> bytes:
        top = root(append(TreeEdge(), map(leaf_hash, self.leaves[:size])))
        return sign_checkpoint(ORIGIN, size, top, self.key)

    def grow_to(self, size: int) -> None:
        """Publish the first ``size`` leaves."""
        publish(self.folder, self.checkpoint(size), size, self._read, self.verifier_key)

    def _read(self, start: int, end: int) -> tuple[bytes, ...]:
        return self.leaves[start:end]

    def bundle_of(self, index: int) -> tuple[Path, list[bytes]]:
        """Return the file that holds the entry at ``index``, and the file's entries."""
        width = min(256, len(self.leaves) - index // 256 * 256)
        path = self.folder / tile_path("entries", index // 256, width)
        return path, parse_bundle(path.read_bytes(), "bundle")


Audit = Callable[[Path, str], tuple[int, str]]


@pytest.fixture(scope="session")
def leaves() -> tuple[bytes, ...]:
    """Return 2,000 signed leaves."""
    author, draw = SigningKey.generate(entropy(11)), entropy(12)
    return tuple(
        make_record(
            "observation",
            1,
            fields_payload({Tier.PUBLIC: {"number": number}, Tier.SEALED: {"witness": f"name {number}"}}),
            key=author,
            author_seq=number + 1,
            made_at=datetime(2025, 4, 19, 15, tzinfo=UTC),
            seen_size=number,
            entropy=draw,
        ).leaf_bytes
        for number in range(LONG)
    )


@pytest.fixture(scope="session")
def untouched(tmp_path_factory: pytest.TempPathFactory, leaves: tuple[bytes, ...]) -> Published:
    """Return a log of 2,000 entries that no test writes to."""
    key = SigningKey.generate(entropy(13))
    log = Published(tmp_path_factory.mktemp("log") / "log", key.verifier_key(ORIGIN), leaves, key)
    log.grow_to(LONG)
    return log


@pytest.fixture
def log(untouched: Published, tmp_path: Path) -> Published:
    """Return a copy of the log of 2,000 entries, to alter."""
    shutil.copytree(untouched.folder, tmp_path / "log")
    return Published(tmp_path / "log", untouched.verifier_key, untouched.leaves, untouched.key)


@pytest.fixture(scope="session")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    """Return the Go auditor, built from Debian's own packages without any module proxy."""
    wanted = DEBIAN_GO / "src" / "golang.org" / "x" / "mod" / "sumdb"
    go = shutil.which("go")
    if go is None or not wanted.is_dir():
        pytest.fail(
            "The Go auditor needs: apt-get install golang-go golang-golang-x-mod-dev (.ci/run does it)."
        )
    program = tmp_path_factory.mktemp("auditor") / "auditor"
    settings = {"GO111MODULE": "off", "GOPATH": str(DEBIAN_GO), "GOFLAGS": "", "GOPROXY": "off"}
    settings["GOCACHE"] = str(program.parent / "cache")
    subprocess.run(
        [go, "build", "-o", program, "."],
        cwd=ROOT / "conformance" / "auditor",
        env={**os.environ, **settings},
        check=True,
    )

    def run(folder: Path, key: str) -> tuple[int, str]:
        done = subprocess.run([program, folder, key], capture_output=True, text=True, check=False, timeout=20)
        return done.returncode, done.stdout.strip()

    return run
