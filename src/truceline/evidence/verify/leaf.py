# SPDX-License-Identifier: Apache-2.0
"""Leaves: the signed statements that the log is made of, and the opening of an item.

Invariants:

- a leaf has one spelling: the canonical JSON (RFC 8785) of its fields, all ASCII;
- its author's key stands in it, so that the log alone suffices to check who signed;
- an item opens at one place only: its record, its tier, its index.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from .errors import VerificationError
from .merkle import leaf_hash, verify_inclusion
from .text import MALFORMED, read_base64

PREFIX = b"truceline/record/v1\n"
"""What a leaf's signature is made over begins with this, so that it serves for nothing else."""

TIERS = ("public", "parties", "commission", "sealed")
MAX_LEAF = 65_535
MAX_ITEMS = 10_000
MAX_INTEGER = 2**53 - 1
AUTHOR = "ed25519:"

_RECORD_ID = re.compile(r"rec-[0-9a-f]{32}")
_KIND = re.compile(r"[a-z][a-z0-9_.-]{0,63}")
_MADE_AT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{6})?Z")
_NUMBERS = {
    "author_seq": (1, MAX_INTEGER),
    "items": (1, MAX_ITEMS),
    "schema": (1, MAX_INTEGER),
    "seen_size": (0, MAX_INTEGER),
}
_KEYS = {"author", "commitments", "id", "kind", "made_at", "refs", "signature", *_NUMBERS}
_SIGNATURE_TAIL = len(b',"signature":""}') + 88  # 88: the base64 of 64 bytes


@dataclass(frozen=True, slots=True)
class Leaf:
    """One record as the log holds it.

    Attributes:
        record_id: ``rec-`` and 32 hexadecimal digits.
        kind: What sort of record.
        schema: Version of that sort's payload.
        author: ``ed25519:`` and the base64 of the author's raw public key.
        author_seq: The author's own running number, from 1.
        made_at: When the author says that it was made, UTC.
        seen_size: The size of the latest checkpoint that the author's device had
            seen: the record is younger than that checkpoint.
        refs: Ids of the records that it refers to.
        items: How many items each tier of the payload has.
        commitments: For each tier present, the root over its items' commitments.
        signature: Ed25519, 64 bytes.
    """

    record_id: str
    kind: str
    schema: int
    author: str
    author_seq: int
    made_at: datetime
    seen_size: int
    refs: tuple[str, ...]
    items: int
    commitments: Mapping[str, bytes]
    signature: bytes


def parse_leaf(data: bytes, where: str) -> Leaf:
    """Read a leaf strictly; the signature is not checked here.

    Raises:
        VerificationError: Too long, not canonical, or a field is missing, unknown or malformed.
    """

    def fail(what: str) -> VerificationError:
        return VerificationError(what, where=where, meaning=MALFORMED)

    # 1. It fits in an entry bundle.
    if len(data) > MAX_LEAF:
        raise fail(f"The leaf has more than {MAX_LEAF} bytes.")
    # 2. It is canonical: written again it gives the same bytes (RFC 8785; stdlib JSON is
    #    exact here, because step 3 leaves only ASCII keys, texts and whole numbers).
    try:
        fields = json.loads(data)
        again = json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    except (ValueError, RecursionError):
        raise fail("The leaf is not JSON.") from None
    if again != data:
        raise fail("The leaf is not in canonical form.")
    # 3. It has the known fields, each of its own sort, and no others.
    if not isinstance(fields, dict) or fields.keys() != _KEYS:
        raise fail("The leaf lacks a field, or has an unknown one.")
    fault = _fault(fields)
    if fault is not None:
        raise fail(fault)
    if len(set(fields["refs"])) != len(fields["refs"]):
        raise fail("refs names a record twice.")
    # 4. Each value is spelled in its one form.
    author_public(fields["author"], where)
    return Leaf(
        record_id=fields["id"],
        kind=fields["kind"],
        schema=fields["schema"],
        author=fields["author"],
        author_seq=fields["author_seq"],
        made_at=_read_moment(fields["made_at"], where),
        seen_size=fields["seen_size"],
        refs=tuple(fields["refs"]),
        items=fields["items"],
        commitments={
            tier: read_base64(fields["commitments"][tier], where, 32)
            for tier in TIERS
            if tier in fields["commitments"]
        },
        signature=read_base64(fields["signature"], where, 64),
    )


def verify_leaf(data: bytes, where: str) -> Leaf:
    """Read a leaf strictly and check its author's signature.

    Raises:
        VerificationError: Malformed, or the author named in it did not sign it.
    """
    leaf = parse_leaf(data, where)
    # The signature is over the leaf without it; "signature" sorts last and has one
    # length, so that is the leaf with its end cut off and closed again.
    signed = PREFIX + data[:-_SIGNATURE_TAIL] + b"}"
    try:
        author_public(leaf.author, where).verify(leaf.signature, signed)
    except InvalidSignature:
        raise VerificationError(
            f"The author's signature on {leaf.record_id} does not verify.",
            where=where,
            meaning="The author named in this record did not sign these words. Do not rely on the record.",
        ) from None
    return leaf


def author_public(author: str, where: str) -> Ed25519PublicKey:
    """Return the public key that an author's id holds.

    Raises:
        VerificationError: It is not ``ed25519:`` and the base64 of 32 bytes.
    """
    if not author.startswith(AUTHOR):
        raise VerificationError("The author is not an Ed25519 key.", where=where, meaning=MALFORMED)
    return Ed25519PublicKey.from_public_bytes(read_base64(author.removeprefix(AUTHOR), where, 32))


def verify_seen(leaf: Leaf, index: int, where: str) -> None:
    """Check that a leaf's author had seen no more entries than stand before it.

    Raises:
        VerificationError: The author had seen a longer log.
    """
    if leaf.seen_size > index:
        raise VerificationError(
            f"The author had seen {leaf.seen_size} entries before this one, which is number {index}.",
            where=where,
            meaning="The log once was longer: it was cut back, or the author saw another log.",
        )


def open_item(leaf: Leaf, tier: str, index: int, *, salt: bytes, item: bytes, path: Sequence[bytes]) -> None:
    """Check that a disclosed item is what the record committed to, at this tier and index.

    Steps: (1) the record has the tier; (2) the item's commitment is
    HMAC-SHA256(salt, item); (3) the path leads from it, at ``index`` among
    ``leaf.items``, to the tier's root (RFC 9162 section 2.1.3.2).

    Args:
        leaf: The record; check it first with ``verify_leaf`` and its inclusion.
        tier: The release tier.
        index: Which item, from 0.
        salt: The item's own 32 random bytes.
        item: The item's canonical JSON.
        path: The siblings from the item up to below the root, 32 bytes each.

    Raises:
        VerificationError: The record does not commit to this item there.
    """
    where = f"{leaf.record_id}, tier {tier}, item {index}"
    if tier not in leaf.commitments:
        raise VerificationError(
            "The record has no such tier.", where=where, meaning="What was disclosed is not from this record."
        )
    if len(salt) != 32:
        raise VerificationError("A salt must have 32 bytes.", where=where, meaning=MALFORMED)
    commitment = hmac.digest(salt, item, "sha256")
    verify_inclusion(leaf_hash(commitment), index, leaf.items, path, leaf.commitments[tier], where=where)


def _fault(fields: dict[str, object]) -> str | None:
    """Return what is wrong with the sort of one of the fields, or None."""
    for name in ("author", "id", "kind", "made_at", "signature"):
        if not isinstance(fields[name], str):
            return f"{name} is not a text."
    for name, (least, most) in _NUMBERS.items():
        number = fields[name]
        if type(number) is not int or not least <= number <= most:
            return f"{name} is not a whole number from {least} to {most}."
    if _RECORD_ID.fullmatch(str(fields["id"])) is None or _KIND.fullmatch(str(fields["kind"])) is None:
        return "The record's id or kind is malformed."
    refs, roots = fields["refs"], fields["commitments"]
    if not isinstance(refs, list) or not all(
        isinstance(ref, str) and _RECORD_ID.fullmatch(ref) for ref in refs
    ):
        return "refs is not a list of record ids."
    if not isinstance(roots, dict) or not roots or not roots.keys() <= set(TIERS):
        return "commitments does not hold a root for each of one or more known tiers."
    return None if all(isinstance(value, str) for value in roots.values()) else "A commitment is not a text."


def _read_moment(text: str, where: str) -> datetime:
    """Return an RFC 3339 moment in UTC, written with a Z and without a needless fraction."""
    fault = VerificationError("made_at is not a moment in UTC.", where=where, meaning=MALFORMED)
    if _MADE_AT.fullmatch(text) is None or text.endswith(".000000Z"):
        raise fault
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        raise fault from None
