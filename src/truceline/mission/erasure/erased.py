# SPDX-License-Identifier: Apache-2.0
"""What erasures state, and what they account for.

An ``erasure`` record says in public what was erased, by whose authority and on what
ground.  Two sign it: the operator the leaf, and a second person the statement in it.

Invariants: an erasure with fewer than two different signers is refused; nothing of a
record is missing unless such an erasure names it.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature

from truceline.evidence import JSON, Leaf, Opening, VerificationError, canonical, parse_leaf
from truceline.evidence.verify.leaf import author_public
from truceline.mission.fold import fields_of
from truceline.mission.ledger import Ledger
from truceline.storage import RecordRow, Transaction
from truceline.vocabulary import Tier

ERASURE = "erasure"
PREFIX = b"truceline/erasure/v1\n"
"""What the second person signs begins with this, so that the signature serves for nothing else."""

Erased = Mapping[tuple[int, Tier], frozenset[int] | None]
"""By leaf index and tier: the items that may be missing; None: the whole tier."""


@dataclass(frozen=True, slots=True)
class Erasure:
    """What is erased, by whose authority, on what ground, and who signs.

    Attributes:
        origin: The log that the record stands in.
        record_id: The record erased from.
        leaf_index: Where it stands in the log.
        tiers: The tiers erased from.
        index: The item erased from each of them; None: the whole tiers.
        authority: Who decided, such as an office; never the person protected.
        ground: Why, in words that give nothing of the content away.
        first: The author id of the operator, who signs the leaf.
        second: The author id of the second person, who signs this.
    """

    origin: str
    record_id: str
    leaf_index: int
    tiers: tuple[Tier, ...]
    index: int | None
    authority: str
    ground: str
    first: str
    second: str

    def fields(self) -> dict[str, JSON]:
        """Return the erasure record's fields, all but the signature."""
        return {
            "origin": self.origin,
            "record": self.record_id,
            "leaf_index": self.leaf_index,
            "tiers": [tier.value for tier in self.tiers],
            "index": self.index,
            "authority": self.authority,
            "ground": self.ground,
            "first": self.first,
            "second": self.second,
        }

    def signed_bytes(self) -> bytes:
        """Return what the second person signs."""
        return PREFIX + canonical(self.fields())


def erased_parts(ledger: Ledger, transaction: Transaction) -> Erased:
    """Return what recorded erasures account for, each of them checked.

    Raises:
        VerificationError: An erasure is not signed by two, or does not fit its record.
    """
    parts: dict[tuple[int, Tier], frozenset[int] | None] = {}
    adopted = transaction.erasing.adopted()
    for row in transaction.records_of([ERASURE]):
        if row.leaf_index in adopted:
            continue  # its words were lost before a restore; ``sealing.not_here`` says so
        erasure = read_erasure(parse_leaf(row.leaf, f"record {row.leaf_index}"), ledger.open_payload(row))
        named = transaction.record_at(erasure.leaf_index)
        here = erasure.origin == ledger.origin
        if not here or named is None or named.record_id != erasure.record_id:
            raise _unsound(row.record_id, "It does not name a record of this log.")
        for tier in erasure.tiers:
            before = parts.get((erasure.leaf_index, tier), frozenset())
            whole = erasure.index is None or before is None
            parts[erasure.leaf_index, tier] = (
                None if whole else (before or frozenset()) | {erasure.index or 0}
            )
    return parts


def read_erasure(leaf: Leaf, payload: Mapping[Tier, Sequence[bytes | None]]) -> Erasure:
    """Read an erasure's record and check that two signed it.

    Args:
        leaf: The erasure's own leaf, its signature already verified.
        payload: Its items by tier.

    Raises:
        VerificationError: It is malformed, or not signed by two.
    """
    # 1. It states everything, each of its own sort.
    try:
        fields = fields_of(payload)
        index = fields["index"]
        tiers = fields["tiers"]
        erasure = Erasure(
            str(fields["origin"]),
            str(fields["record"]),
            int(str(fields["leaf_index"])),
            tuple(Tier(str(one)) for one in (tiers if isinstance(tiers, list) else [])),
            None if index is None else int(str(index)),
            str(fields["authority"]),
            str(fields["ground"]),
            str(fields["first"]),
            str(fields["second"]),
        )
        signature = base64.b64decode(str(fields["signature"]), validate=True)
    except (KeyError, TypeError, ValueError):
        raise _unsound(leaf.record_id, "It does not state what an erasure must.") from None
    # 2. Two keys: the leaf's author, and another.
    if erasure.first != leaf.author or erasure.second == erasure.first:
        raise _unsound(leaf.record_id, "It does not name two different signers.")
    # 3. It refers to what it erases from.
    if leaf.refs != (erasure.record_id,):
        raise _unsound(leaf.record_id, "It does not refer to the record that it names.")
    # 4. The second signed these very words.
    try:
        author_public(erasure.second, leaf.record_id).verify(signature, erasure.signed_bytes())
    except InvalidSignature:
        raise _unsound(leaf.record_id, "The second person's signature does not verify.") from None
    return erasure


def verify_openings(row: RecordRow, leaf: Leaf, openings: Mapping[Tier, Opening], erased: Erased) -> None:
    """Check that whatever is missing of a record was erased by two, and not just lost.

    Not for records taken back from the published log after a restore: theirs never came.

    Raises:
        VerificationError: A tier or an item is missing and no erasure names it.
    """
    held = {Tier(name) for name, _ in row.openings}
    for tier in map(Tier, leaf.commitments):
        allowed = erased.get((row.leaf_index, tier), frozenset())
        where = f"record {row.leaf_index} ({row.record_id}), tier {tier}"
        meaning = "Content was removed without the two signatures and the ground that an erasure needs."
        if tier not in held and allowed is not None:
            raise VerificationError("What opens the tier is gone.", where=where, meaning=meaning)
        opening = openings.get(tier)
        if opening is None or allowed is None:
            continue
        missing = {at for at, item in enumerate(opening.items) if item is None}
        if not missing <= allowed:
            lost = min(missing - allowed)
            raise VerificationError(f"What opens item {lost} is gone.", where=where, meaning=meaning)


def _unsound(record_id: str, what: str) -> VerificationError:
    return VerificationError(
        f"This erasure is not sound. {what}",
        where=record_id,
        meaning="What it claims to erase may have been removed by one person alone.",
    )
