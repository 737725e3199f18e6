# SPDX-License-Identifier: Apache-2.0
"""The growing tree: its right edge, and proofs read from its tiles.  No I/O.

The edge holds the roots of the full subtrees that the tree is made of, widest first:
one for each bit set in its size.  That is all that appending needs, at any size.
Proofs follow RFC 6962 sections 2.1.1 and 2.1.2 (the same as RFC 9162).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from truceline.errors import Fault, RejectedInput, StorageFailure
from truceline.evidence.verify.merkle import EMPTY_ROOT, merkle_root, node_hash

HashReader = Callable[[int, int], bytes]
"""Gives the root of the full subtree ``index`` of 2**level leaves: (level, index) -> 32 bytes."""

TileReader = Callable[[int, int], Sequence[bytes]]
"""Gives the hashes of tile ``index`` at a tile level: (level, index) -> up to 256 hashes."""


@dataclass(frozen=True, slots=True)
class TreeEdge:
    """The right edge of a tree of ``size`` leaves."""

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        """Refuse an edge that cannot be one of a tree of this size."""
        if self.size < 0 or self.size.bit_count() != len(self.hashes):
            raise StorageFailure(
                f"The stored tree edge has {len(self.hashes)} hashes, which cannot be right for {self.size} "
                "leaves. Rebuild it from the records before anything is appended."
            )


def append(edge: TreeEdge, leaf_hashes: Iterable[bytes]) -> TreeEdge:
    """Return the edge after these leaf hashes are appended."""
    hashes, size = list(edge.hashes), edge.size
    for leaf in leaf_hashes:
        joined, rest = leaf, size
        while rest & 1:
            joined, rest = node_hash(hashes.pop(), joined), rest >> 1
        hashes.append(joined)
        size += 1
    return TreeEdge(size, tuple(hashes))


def root(edge: TreeEdge) -> bytes:
    """Return the root of the tree whose right edge this is."""
    if not edge.hashes:
        return EMPTY_ROOT
    joined = edge.hashes[-1]
    for wider in reversed(edge.hashes[:-1]):
        joined = node_hash(wider, joined)
    return joined


def edge_at(size: int, read: HashReader) -> TreeEdge:
    """Return the edge of the tree of the first ``size`` leaves."""
    hashes, start = [], 0
    for level in range(size.bit_length() - 1, -1, -1):
        if size >> level & 1:
            hashes.append(read(level, start >> level))
            start += 1 << level
    return TreeEdge(size, tuple(hashes))


def tile_nodes(read_tile: TileReader) -> HashReader:
    """Return a reader of subtree roots over a reader of tiles; each tile is read once."""
    seen: dict[tuple[int, int], Sequence[bytes]] = {}

    def read(level: int, index: int) -> bytes:
        tile_level, height = divmod(level, 8)
        first = index << height
        place = (tile_level, first >> 8)
        if place not in seen:
            seen[place] = read_tile(*place)
        within = first & 255
        return merkle_root(seen[place][within : within + (1 << height)])

    return read


def inclusion_proof(index: int, size: int, read: HashReader) -> tuple[bytes, ...]:
    """Return the siblings from leaf ``index`` up to below the root of ``size`` leaves.

    Raises:
        RejectedInput: There is no such leaf.
    """
    if not 0 <= index < size:
        raise RejectedInput(
            f"The tree of {size} entries has no entry {index}; the last is {size - 1}.",
            [Fault("proof", "index", "outside the tree", str(index))],
        )
    start, end, path = 0, size, []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_subtree(middle, end, read))
            end = middle
        else:
            path.append(_subtree(start, middle, read))
            start = middle
    return tuple(reversed(path))


def consistency_proof(first: int, second: int, read: HashReader) -> tuple[bytes, ...]:
    """Return the proof that the tree of ``second`` leaves begins with that of ``first``.

    Raises:
        RejectedInput: The first is larger than the second, or negative.
    """
    if not 0 <= first <= second:
        raise RejectedInput(
            f"A tree of {second} entries cannot continue one of {first}; name a smaller earlier size.",
            [Fault("proof", "first", "outside the tree", str(first))],
        )
    if first in (0, second):
        return ()
    start, end, path, whole = 0, second, [], True
    while first != end:
        middle = start + _split(end - start)
        if first <= middle:
            path.append(_subtree(middle, end, read))
            end = middle
        else:
            path.append(_subtree(start, middle, read))
            start, whole = middle, False
    if not whole:
        path.append(_subtree(start, end, read))
    return tuple(reversed(path))


def _split(width: int) -> int:
    """Return the largest power of two below ``width``, which is at least 2."""
    return 1 << (width - 1).bit_length() - 1


def _subtree(start: int, end: int, read: HashReader) -> bytes:
    """Return the root over the leaves from ``start`` up to ``end``; starts where a subtree may."""
    width = end - start
    if width & (width - 1) == 0:
        level = width.bit_length() - 1
        return read(level, start >> level)
    middle = start + _split(width)
    return node_hash(_subtree(start, middle, read), _subtree(middle, end, read))
