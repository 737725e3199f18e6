# SPDX-License-Identifier: Apache-2.0
"""Openings: the items and salts behind one tier's commitment, and their form in the vault.

An item can be withheld: its bytes and its salt go, its commitment stays, and every
other item can still be proved.  That is how a row is disclosed alone, and how one is
erased.  The stored form is the vault's own business: evidence is the items and
salts, not the bytes that they are packed in.
"""

from __future__ import annotations

import hmac
import zlib
from collections.abc import Collection
from dataclasses import dataclass

from truceline.errors import Fault, RejectedInput, StorageFailure
from truceline.evidence.tree import inclusion_proof, tile_nodes
from truceline.evidence.verify.leaf import MAX_ITEMS
from truceline.evidence.verify.merkle import leaf_hash, merkle_root

SALT = 32
"""Bytes of a salt, and of a commitment."""

_MAGIC = b"truceline/opening/v1\n"
_HEADER = len(_MAGIC) + 4 + 8
_WITHHELD = 0xFFFF_FFFF
_LARGEST = 1 << 30


@dataclass(frozen=True, slots=True)
class Opening:
    """The items of one tier of one record with their salts.

    Attributes:
        salts: 32 bytes for each item: its salt; for a withheld item, its commitment.
        items: Each item's canonical JSON; None: withheld.
    """

    salts: bytes
    items: tuple[bytes | None, ...]

    def __post_init__(self) -> None:
        """Refuse salts that do not fit the items."""
        if len(self.salts) != SALT * len(self.items) or not 1 <= len(self.items) <= MAX_ITEMS:
            raise RejectedInput(
                "An opening needs 1 to 10,000 items and one 32-byte salt for each.",
                [Fault("opening", "salts", f"{len(self.salts)} bytes for {len(self.items)} items")],
            )

    def salt(self, index: int) -> bytes:
        """Return the 32 bytes at ``index``: the item's salt, or its commitment if it is withheld."""
        return self.salts[SALT * index : SALT * (index + 1)]


@dataclass(frozen=True, slots=True)
class ItemProof:
    """What opens one item: give it with the leaf to ``verify.open_item``.

    Attributes:
        index: Which item, from 0.
        salt: The item's salt, 32 bytes.
        item: The item's canonical JSON.
        path: The siblings from the item up to below the tier's root.
    """

    index: int
    salt: bytes
    item: bytes
    path: tuple[bytes, ...]


def commitments(opening: Opening) -> list[bytes]:
    """Return each item's commitment, HMAC-SHA256(salt, item), 32 bytes."""
    salts = opening.salts
    return [
        salts[at : at + SALT] if item is None else hmac.digest(salts[at : at + SALT], item, "sha256")
        for at, item in zip(range(0, len(salts), SALT), opening.items, strict=True)
    ]


def tier_root(opening: Opening) -> bytes:
    """Return the tier's commitment: the Merkle root over its items' commitments."""
    return merkle_root([leaf_hash(each) for each in commitments(opening)])


def prove_item(opening: Opening, index: int) -> ItemProof:
    """Return what opens the item at ``index``.

    Raises:
        RejectedInput: There is no such item, or it is withheld.
    """
    item = opening.items[index] if 0 <= index < len(opening.items) else None
    if item is None:
        raise RejectedInput(
            f"Item {index} cannot be opened: it is withheld or does not exist.",
            [Fault("opening", "index", "no item to open", str(index))],
        )
    hashes = [leaf_hash(each) for each in commitments(opening)]
    read = tile_nodes(lambda level, tile: _tile(hashes, level, tile))
    return ItemProof(index, opening.salt(index), item, inclusion_proof(index, len(hashes), read))


def withhold(opening: Opening, indexes: Collection[int]) -> Opening:
    """Return the opening without the items and salts at ``indexes``; their commitments stay."""
    hidden = frozenset(indexes)
    each = commitments(opening)
    salts = [each[index] if index in hidden else opening.salt(index) for index in range(len(each))]
    items = [None if index in hidden else item for index, item in enumerate(opening.items)]
    return Opening(b"".join(salts), tuple(items))


def opening_to_bytes(opening: Opening) -> bytes:
    """Return the opening packed: magic, count, length, salts as they are, items compressed."""
    packed = b"".join(
        _WITHHELD.to_bytes(4, "big") if item is None else len(item).to_bytes(4, "big") + item
        for item in opening.items
    )
    count, length = len(opening.items).to_bytes(4, "big"), len(packed).to_bytes(8, "big")
    return _MAGIC + count + length + opening.salts + zlib.compress(packed, 1)


def opening_from_bytes(data: bytes) -> Opening:
    """Return a packed opening.

    Raises:
        StorageFailure: The bytes are not a whole opening.
    """
    fault = StorageFailure("A sealed payload in the vault is damaged; restore it from a backup.")
    if len(data) < _HEADER or not data.startswith(_MAGIC):
        raise fault
    count = int.from_bytes(data[len(_MAGIC) : len(_MAGIC) + 4], "big")
    length = int.from_bytes(data[_HEADER - 8 : _HEADER], "big")
    body = _HEADER + SALT * count
    if not 1 <= count <= MAX_ITEMS or length > _LARGEST or len(data) < body:
        raise fault
    inflater = zlib.decompressobj()
    try:  # never more than was announced, whatever the bytes expand to
        packed = inflater.decompress(data[body:], length + 1)
    except zlib.error:
        raise fault from None
    if len(packed) != length or not inflater.eof or inflater.unused_data:
        raise fault
    items: list[bytes | None] = []
    at = 0
    while at < length:
        size = int.from_bytes(packed[at : at + 4], "big")
        at += 4
        if size == _WITHHELD:
            items.append(None)
            continue
        items.append(packed[at : at + size])
        at += size
    if at != length or len(items) != count:
        raise fault
    return Opening(data[_HEADER:body], tuple(items))


def _tile(hashes: list[bytes], level: int, tile: int) -> list[bytes]:
    """Return one tile of the small tree over these leaf hashes."""
    row = hashes
    for _ in range(level):
        row = [merkle_root(row[at : at + 256]) for at in range(0, len(row) // 256 * 256, 256)]
    return row[tile * 256 : (tile + 1) * 256]
