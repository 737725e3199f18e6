# SPDX-License-Identifier: Apache-2.0
"""Proofs in a file: that one record is in the log, without the log.

Format: C2SP tlog-proof (draft, ``c2sp.org/tlog-proof@v1``).  Its ``extra`` line
holds the leaf itself; it counts only because the proof leads from it to the root.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .errors import VerificationError
from .leaf import Leaf, verify_leaf, verify_seen
from .merkle import leaf_hash, verify_inclusion
from .note import Checkpoint, parse_verifier_key, verify_checkpoint
from .text import MALFORMED, read_base64, read_decimal

HEADER = "c2sp.org/tlog-proof@v1"


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof file, read but not checked.

    Attributes:
        index: The entry's place in the log, from 0.
        path: The siblings from the leaf up to below the root.
        checkpoint: The signed checkpoint, byte for byte.
        leaf: The leaf, if the file carries it.
    """

    index: int
    path: tuple[bytes, ...]
    checkpoint: bytes
    leaf: bytes | None


def parse_proof(data: bytes, where: str = "proof") -> Proof:
    """Read a proof file strictly.

    Raises:
        VerificationError: The bytes are not a proof file.
    """
    fault = VerificationError("This is not a tlog-proof file.", where=where, meaning=MALFORMED)
    head, parted, checkpoint = data.partition(b"\n\n")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise fault from None
    if not parted or lines.pop(0) != HEADER:
        raise fault
    leaf = None
    if lines and lines[0].startswith("extra "):
        leaf = read_base64(lines.pop(0).removeprefix("extra "), where)
    if not lines or not lines[0].startswith("index "):
        raise fault
    index = read_decimal(lines.pop(0).removeprefix("index "), where)
    return Proof(index, tuple(read_base64(line, where, 32) for line in lines), checkpoint, leaf)


def verify_record(leaf: bytes, index: int, path: Sequence[bytes], checkpoint: Checkpoint, where: str) -> Leaf:
    """Check that a leaf is signed by its author and stands at ``index`` in a checked checkpoint.

    Raises:
        VerificationError: Malformed, not signed, not included, or made after what stands behind it.
    """
    verify_inclusion(leaf_hash(leaf), index, checkpoint.size, path, checkpoint.root, where=where)
    found = verify_leaf(leaf, where)
    verify_seen(found, index, where)
    return found


def verify_proof(
    data: bytes, verifier_key: str, leaf: bytes | None = None, where: str = "proof"
) -> tuple[Leaf, Checkpoint]:
    """Check a proof file against the operator's key.

    Args:
        data: The proof file.
        verifier_key: The operator's key.
        leaf: The leaf; None: the one that the file carries.
        where: The file's name, for errors.

    Raises:
        VerificationError: The first thing that does not hold.
    """
    # 1. Read it; 2. the operator signed the checkpoint; 3. the leaf is in it and signed.
    proof = parse_proof(data, where)
    checkpoint = verify_checkpoint(proof.checkpoint, parse_verifier_key(verifier_key), where)
    entry = proof.leaf if leaf is None else leaf
    if entry is None:
        raise VerificationError(
            "The file does not carry the leaf, and none was given.",
            where=where,
            meaning="Without the leaf there is nothing to prove. Ask for it.",
        )
    return verify_record(entry, proof.index, proof.path, checkpoint, where), checkpoint
