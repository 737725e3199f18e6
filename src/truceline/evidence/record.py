# SPDX-License-Identifier: Apache-2.0
"""Records: a signed leaf for the log, and what opens it for the vault.

Invariants:

- a leaf holds no testimony, only salted commitments to it (design, "Records");
- every tier has exactly ``items`` items; a tier to which an item gives nothing has
  ``{}`` there, under its own salt, so that nobody can tell from outside;
- an item's commitment is HMAC-SHA256(32-byte salt, item bytes), a tier's the Merkle
  root over these, signed in the leaf beside the tier's name: an item cannot pass for
  another tier's, another index's or another record's;
- what is made here has passed the parties' own parser.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from truceline.errors import Fault, RejectedInput
from truceline.evidence.canonical import JSON, canonical
from truceline.evidence.opening import SALT, Opening, tier_root
from truceline.evidence.signing import Entropy, SigningKey
from truceline.evidence.verify.errors import VerificationError
from truceline.evidence.verify.leaf import MAX_ITEMS, PREFIX, Leaf, parse_leaf
from truceline.interval import as_utc, iso
from truceline.vocabulary import Tier

NOTHING = canonical({})
"""The item of a tier to which this row or field gives nothing."""

Payload = Mapping[Tier, Sequence[bytes]]
"""For each tier its items, each canonical JSON; all tiers have equally many."""


@dataclass(frozen=True, slots=True)
class Record:
    """A record as its author made it.

    Attributes:
        leaf_bytes: What is logged.
        leaf: The same, read.
        openings: For each tier the items and their salts: what the vault keeps.
    """

    leaf_bytes: bytes
    leaf: Leaf
    openings: Mapping[Tier, Opening]


def fields_payload(fields: Mapping[Tier, Mapping[str, JSON]]) -> Payload:
    """Return the payload of a single statement: an item a field, in the order of their names.

    A name may stand in several tiers with different values (a coarse place for the
    public, the exact one for the commission).

    Args:
        fields: For each tier its fields, by name.
    """
    names = sorted({name for tier in fields.values() for name in tier})
    return {
        tier: tuple(
            canonical({"name": name, "value": held[name]}) if name in held else NOTHING for name in names
        )
        for tier, held in fields.items()
    }


def make_record(
    kind: str,
    schema: int,
    payload: Payload,
    *,
    key: SigningKey,
    author_seq: int,
    made_at: datetime,
    seen_size: int,
    refs: Sequence[str] = (),
    entropy: Entropy,
) -> Record:
    """Commit to a payload and sign the leaf.

    Args:
        kind: What sort of record, e.g. ``observations``.
        schema: Version of that sort's payload, from 1.
        payload: The items of each tier.
        key: The author's key.
        author_seq: The author's next number, from 1.
        made_at: When it is made; aware.
        seen_size: The size of the latest checkpoint that the author has seen.
        refs: Ids of the records that it refers to.
        entropy: For the id and the salts.

    Raises:
        RejectedInput: The payload or a field does not fit the format.
    """
    items = _items(payload)
    openings = {
        tier: Opening(entropy(SALT * items), tuple(payload[tier])) for tier in Tier if tier in payload
    }
    fields: dict[str, JSON] = {
        "author": key.author,
        "author_seq": author_seq,
        "commitments": {str(tier): _base64(tier_root(opening)) for tier, opening in openings.items()},
        "id": f"rec-{entropy(16).hex()}",
        "items": items,
        "kind": kind,
        "made_at": iso(as_utc(made_at)),
        "refs": list(refs),
        "schema": schema,
        "seen_size": seen_size,
    }
    fields["signature"] = _base64(key.sign(PREFIX + canonical(fields)))
    leaf_bytes = canonical(fields)
    try:
        leaf = parse_leaf(leaf_bytes, kind)
    except VerificationError as error:
        raise RejectedInput(
            "The record cannot be made: its leaf does not fit the format.",
            [Fault(kind, "leaf", error.what)],
        ) from error
    return Record(leaf_bytes, leaf, openings)


def _items(payload: Payload) -> int:
    """Return how many items every tier has.

    Raises:
        RejectedInput: There is no tier, the tiers differ, or there are none or too many items.
    """
    faults = [] if payload else [Fault("payload", "tiers", "there is none; a record has at least one tier")]
    counts = {tier: len(items) for tier, items in payload.items()}
    for tier, count in counts.items():
        if not 1 <= count <= MAX_ITEMS:
            faults.append(Fault("payload", tier, f"must have 1 to {MAX_ITEMS} items", str(count)))
    if len(set(counts.values())) > 1:
        faults.append(Fault("payload", "tiers", "must all have equally many items", str(counts)))
    if faults:
        raise RejectedInput("The record's payload does not fit the format; correct or split it.", faults)
    return next(iter(counts.values()))


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
