# SPDX-License-Identifier: Apache-2.0
"""What became of a submission: the answer to its sender, and what was kept of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

REFUSAL, FORK = "refusal", "fork"
"""The kinds of record that keep a submission which was not admitted."""


class Outcome(StrEnum):
    """What became of a submission."""

    ADMITTED = "admitted"
    KNOWN = "known"
    FORK = "fork"
    CONFLICT = "conflict"
    KEPT = "kept"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer to a submission.

    Attributes:
        name: The submission's file.
        outcome: What became of it.
        reason: Why, if it was not admitted; else empty.
        author: The key that signed it; empty if that could not be told.
        author_seq: The author's number; 0 if that could not be told.
        missing: Numbers just before it that the log does not hold, both ends
            included; None: none.
        leaf_index: Where it, or the record that keeps it, stands; None: nowhere.
        proof: A tlog-proof of that; None: there is nothing to prove.
    """

    name: str
    outcome: Outcome
    reason: str = ""
    author: str = ""
    author_seq: int = 0
    missing: tuple[int, int] | None = None
    leaf_index: int | None = None
    proof: str | None = None

    @property
    def taken(self) -> bool:
        """Whether the log holds it as its author meant it."""
        return self.outcome in {Outcome.ADMITTED, Outcome.KNOWN}


@dataclass(frozen=True, slots=True)
class KeptRecord:
    """A submission that was kept beside the log's own records.

    Attributes:
        leaf_index: Where the record that keeps it stands.
        kind: ``fork`` or ``refusal``.
        author: The submission's author.
        author_seq: The author's number.
        leaf: The submission's leaf, byte for byte.
    """

    leaf_index: int
    kind: str
    author: str
    author_seq: int
    leaf: bytes
