# SPDX-License-Identifier: Apache-2.0
"""Submissions: a record signed at its source, on its way to the log, as one file.

The file is the magic line, the leaf (length in 4 bytes, then its bytes), and for each
tier that the leaf commits to, in the order public, parties, commission, sealed: the
salts of all items, 32 bytes each, then each item (length in 4 bytes, then its bytes).
Lengths are big-endian.  Nothing is compressed, so nothing can expand.

Invariants:

- a submission has one spelling, and is read whole or refused with its reason;
- what is read was signed by the author whom its leaf names, and opens every
  commitment in that leaf: nothing is withheld, nothing is left over;
- whatever the bytes, the reader raises ``RejectedInput`` and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from truceline.errors import Fault, RejectedInput
from truceline.evidence.opening import SALT, Opening, tier_root
from truceline.evidence.record import Record
from truceline.evidence.verify.errors import VerificationError
from truceline.evidence.verify.leaf import MAX_LEAF, Leaf, verify_leaf
from truceline.vocabulary import Tier

MAX_SUBMISSION = 16 * 1024 * 1024
"""Bytes of a submission file at most; 10,000 statements of a usual size take about half."""

_MAGIC = b"truceline/submission/v1\n"
_LENGTH = 4


def submission_to_bytes(record: Record) -> bytes:
    """Return a record, and everything that opens it, as a submission file.

    Raises:
        RejectedInput: Something in it is withheld, or the file would be too large.
    """
    parts = [_MAGIC, _sized(record.leaf_bytes)]
    for tier in _tiers(record.leaf):
        opening = record.openings[tier]
        parts.append(opening.salts)
        for index, item in enumerate(opening.items):
            if item is None:
                raise _refused(record.leaf.record_id, f"{tier}.{index}", "the item is withheld")
            parts.append(_sized(item))
    data = b"".join(parts)
    if len(data) > MAX_SUBMISSION:
        reason = f"would have {len(data):,} bytes; {MAX_SUBMISSION:,} at most: split it"
        raise _refused(record.leaf.record_id, "size", reason)
    return data


def submission_from_bytes(data: bytes, where: str) -> Record:
    """Read a submission strictly and check all that can be checked without the log.

    Args:
        data: The file's bytes.
        where: Its name, for the reason.

    Raises:
        RejectedInput: It is malformed or too large, its author did not sign it, or it
            does not open what its leaf commits to.
    """
    # 1. It is of a bearable size, and of this format.
    if len(data) > MAX_SUBMISSION:
        raise _refused(where, "size", f"more than {MAX_SUBMISSION:,} bytes")
    if not data.startswith(_MAGIC):
        raise _refused(where, "format", "not a submission file")
    reader = _Reader(data, len(_MAGIC), where)
    # 2. The leaf is well formed and signed by the author whom it names.
    leaf_bytes = reader.sized(MAX_LEAF)
    try:
        leaf = verify_leaf(leaf_bytes, where)
    except VerificationError as error:
        raise _refused(where, "leaf", error.what) from error
    # 3. Every tier opens its commitment.
    openings = {tier: reader.opening(leaf.items) for tier in _tiers(leaf)}
    _check_commitments(leaf, openings, where)
    # 4. Nothing is left over.
    if reader.at != len(data):
        raise _refused(where, "length", f"{len(data) - reader.at} bytes too many")
    return Record(leaf_bytes, leaf, openings)


def read_submission(path: Path) -> bytes:
    """Return the bytes of a submission file, or of as much of it as shows that it is too large.

    Raises:
        RejectedInput: The file cannot be read.
    """
    try:
        with path.open("rb") as stream:
            return stream.read(MAX_SUBMISSION + 1)
    except OSError as error:
        raise _refused(str(path), "file", str(error.strerror)) from error


class _Reader:
    """Takes the file apart from the front, and never reads past its end."""

    def __init__(self, data: bytes, at: int, where: str) -> None:
        self._data, self.at, self._where = data, at, where

    def take(self, length: int) -> bytes:
        if length > len(self._data) - self.at:
            raise _refused(self._where, "length", "the file ends too early")
        self.at += length
        return self._data[self.at - length : self.at]

    def sized(self, most: int) -> bytes:
        length = int.from_bytes(self.take(_LENGTH), "big")
        if length > most:
            raise _refused(self._where, "length", f"a part of {length:,} bytes; {most:,} at most")
        return self.take(length)

    def opening(self, items: int) -> Opening:
        salts = self.take(SALT * items)
        return Opening(salts, tuple(self.sized(MAX_SUBMISSION) for _ in range(items)))


def _check_commitments(leaf: Leaf, openings: Mapping[Tier, Opening], where: str) -> None:
    """Check that each tier's items and salts give the root that the author signed.

    Raises:
        RejectedInput: They do not.
    """
    for tier, opening in openings.items():
        if tier_root(opening) != leaf.commitments[tier.value]:
            raise _refused(where, tier.value, "the content is not what the author signed")


def _tiers(leaf: Leaf) -> list[Tier]:
    return [tier for tier in Tier if tier.value in leaf.commitments]


def _sized(part: bytes) -> bytes:
    return len(part).to_bytes(_LENGTH, "big") + part


def _refused(where: str, path: str, reason: str) -> RejectedInput:
    return RejectedInput(
        "The submission cannot be taken; ask its author to send it again.", [Fault(where, path, reason)]
    )
