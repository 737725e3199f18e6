# SPDX-License-Identifier: Apache-2.0
"""The Merkle tree of RFC 9162 (the same as RFC 6962): roots and proofs.

Invariants:

- a leaf is hashed behind 0x00, a node behind 0x01, so that neither passes for the other;
- a proof counts only for one index in a tree of one size;
- every check returns nothing, or raises.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from .errors import VerificationError

EMPTY_ROOT = hashlib.sha256(b"").digest()
"""The root of a tree without leaves (RFC 9162 section 2.1.1)."""

NOT_INCLUDED = "The entry shown is not the one that the log committed to at this place."
NOT_CONSISTENT = (
    "The log was rewritten between the two: what was once shown as logged has been "
    "changed, dropped or moved. Keep both signed checkpoints: together they are the proof."
)


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of an entry: SHA-256(0x00 || entry)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of two children: SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def merkle_root(hashes: Sequence[bytes]) -> bytes:
    """Return the Merkle tree hash over leaf hashes, or over roots of equal full subtrees.

    Joins neighbours level by level; a last one without a neighbour moves up as it
    is.  That is the tree of RFC 9162 section 2.1.1, and it lets the root of the
    last, unfinished subtree stand among those of full ones.
    """
    if not hashes:
        return EMPTY_ROOT
    level = list(hashes)
    while len(level) > 1:
        odd = level[-1:] if len(level) % 2 else []
        level = [node_hash(left, right) for left, right in zip(level[::2], level[1::2], strict=False)] + odd
    return level[0]


def verify_inclusion(
    leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes, *, where: str
) -> None:
    """Check that a leaf hash stands at ``index`` in the tree of ``size`` with ``root``.

    Follows RFC 9162 section 2.1.3.2 step by step.

    Raises:
        VerificationError: The path does not lead from the leaf to the root.
    """

    def fail(what: str) -> VerificationError:
        return VerificationError(what, where=where, meaning=NOT_INCLUDED)

    # 1. The index must lie in the tree.
    if not 0 <= index < size:
        raise fail(f"Place {index} does not exist in a tree of {size}.")
    # 2. and 3. Start at the leaf.
    fn, sn, computed = index, size - 1, leaf
    # 4. Climb, joining each sibling on its own side.
    for sibling in path:
        if sn == 0:
            raise fail("The proof is too long.")
        if fn & 1 or fn == sn:
            computed = node_hash(sibling, computed)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            computed = node_hash(computed, sibling)
        fn, sn = fn >> 1, sn >> 1
    # 5. We must have arrived at the top, and at the same root.
    if sn != 0:
        raise fail("The proof is too short.")
    if computed != root:
        raise fail("The proof leads to another root than the one committed to.")


def verify_consistency(
    first: int, first_root: bytes, second: int, second_root: bytes, path: Sequence[bytes], *, where: str
) -> None:
    """Check that the tree of ``second`` leaves begins with the tree of ``first`` leaves.

    Follows RFC 9162 section 2.1.4.2 step by step; equal sizes and an empty first
    tree, which it leaves out, need an empty path.

    Raises:
        VerificationError: The second tree is not the first with leaves appended.
    """

    def fail(what: str) -> VerificationError:
        return VerificationError(what, where=where, meaning=NOT_CONSISTENT)

    if not 0 <= first <= second:
        raise fail(f"A tree of {second} cannot continue a tree of {first}.")
    if first in (0, second):
        if path or first_root != (EMPTY_ROOT if first == 0 else second_root):
            raise fail("Two trees of the same size, or an empty one, do not match.")
        return
    # 1. A proof is needed.
    if not path:
        raise fail("The proof is empty.")
    # 2. A full first tree is itself the start of the path.
    hashes = [first_root, *path] if first & (first - 1) == 0 else list(path)
    # 3. and 4. Start at the last node that both trees share.
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    # 5. From here both roots are rebuilt.
    first_computed = second_computed = hashes[0]
    # 6. Climb.
    for sibling in hashes[1:]:
        if sn == 0:
            raise fail("The proof is too long.")
        if fn & 1 or fn == sn:
            first_computed = node_hash(sibling, first_computed)
            second_computed = node_hash(sibling, second_computed)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            second_computed = node_hash(second_computed, sibling)
        fn, sn = fn >> 1, sn >> 1
    # 7. Both roots must come out, at the top.
    if sn != 0:
        raise fail("The proof is too short.")
    if first_computed != first_root or second_computed != second_root:
        raise fail("The proof does not lead to the two roots.")
