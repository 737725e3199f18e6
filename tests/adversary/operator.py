# SPDX-License-Identifier: Apache-2.0
"""A dishonest operator: it holds the log's key and the disk, and does what it likes.

Each method does one thing that a party fears.  The tests then play the party, who
holds the log's verifier key, and whatever it kept: an earlier checkpoint, a proof.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from tests.evidence.conftest import ORIGIN, Log, Stream

from truceline.evidence import SigningKey, TreeEdge, append, leaf_hash, publish, root, sign_checkpoint


class DishonestOperator:
    """An operator who has published an honest log and now tampers with it."""

    def __init__(self, folder: Path, leaves: Sequence[bytes]) -> None:
        """Publish the honest log of these leaves in ``folder``."""
        self.log = Log(folder, leaves)
        self.log.publish()
        self.kept_by_a_party = (folder / "checkpoint").read_bytes()

    @property
    def folder(self) -> Path:
        """Where the log is published."""
        return self.log.folder

    @property
    def verifier_key(self) -> str:
        """The key that parties were given at the start."""
        return self.log.verifier_key

    def publish_instead(self, leaves: Sequence[bytes], *, key: SigningKey | None = None) -> None:
        """Publish another log in its place, whole in itself and well signed."""
        shutil.rmtree(self.folder)
        signer = key or self.log.key
        edge = append(TreeEdge(), [leaf_hash(leaf) for leaf in leaves])
        checkpoint = sign_checkpoint(ORIGIN, len(leaves), root(edge), signer)
        publish(
            self.folder, checkpoint, len(leaves), lambda start, end: leaves[start:end],
            signer.verifier_key(ORIGIN),
        )  # fmt: skip

    def swap_the_key(self) -> None:
        """Sign everything anew with another key and put that key beside it."""
        self.publish_instead(self.log.leaves, key=SigningKey.generate(Stream("another key")))

    def drop(self, index: int) -> None:
        """Publish the log without one entry."""
        self.publish_instead([leaf for number, leaf in enumerate(self.log.leaves) if number != index])

    def reorder(self, one: int, other: int) -> None:
        """Publish the log with two entries exchanged."""
        leaves = list(self.log.leaves)
        leaves[one], leaves[other] = leaves[other], leaves[one]
        self.publish_instead(leaves)

    def replace(self, index: int, leaf: bytes) -> None:
        """Publish the log with another entry in the place of one."""
        leaves = list(self.log.leaves)
        leaves[index] = leaf
        self.publish_instead(leaves)

    def truncate(self, size: int) -> None:
        """Publish only the first entries."""
        self.publish_instead(self.log.leaves[:size])

    def grow(self, leaves: Sequence[bytes]) -> None:
        """Append honestly."""
        self.log = Log(self.folder, [*self.log.leaves, *leaves])
        self.log.publish()

    def serve_other_tiles(self, other: Path, mixed: Path, *, names: Sequence[str]) -> None:
        """Serve this log with some files of another, as a second client would get them."""
        shutil.copytree(self.folder, mixed)
        for name in names:
            shutil.copyfile(other / name, mixed / name)
