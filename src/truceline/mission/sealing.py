# SPDX-License-Identifier: Apache-2.0
"""The keys of a mission's tiers: who can open what, and what cannot be opened here.

Invariants:

- the public halves stand in a ``tier-keys`` record of the operator's, so that sealing
  needs no private key, and a key-holder elsewhere can show what was wrapped for it;
- a private half that is not in ``keys/`` makes its tier unreadable here and breaks
  nothing else;
- the public tier is never sealed, and a mission without such a record keeps its
  openings as they are: it was made before there was sealing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from truceline.errors import StorageFailure
from truceline.evidence import JSON, Entropy, Opening, opening_from_bytes, opening_to_bytes, parse_leaf
from truceline.evidence.sealing import TierKey, public_from_text, public_text, seal, unseal
from truceline.mission.fold import fields_of
from truceline.storage import Store, Transaction, Vault, schema
from truceline.vocabulary import Tier

TIER_KEYS = "tier-keys"
SEALED_TIERS = tuple(tier for tier in Tier if tier is not Tier.PUBLIC)


@dataclass(frozen=True, slots=True)
class TierKeys:
    """Whom each tier is sealed for, and the private keys that are here.

    Attributes:
        recipients: By tier, the X25519 public key of its audience.
        holders: By tier, the private key, where this machine has it.
    """

    recipients: Mapping[Tier, bytes] = field(default_factory=dict)
    holders: Mapping[Tier, TierKey] = field(default_factory=dict)

    def pack(
        self, record_id: str, tier: Tier, opening: Opening, entropy: Entropy
    ) -> tuple[bytes, bytes | None]:
        """Return an opening as the vault keeps it, and its wrapped key if it is sealed."""
        packed = opening_to_bytes(opening)
        recipient = self.recipients.get(tier)
        if recipient is None:
            return packed, None
        sealed = seal(packed, record_id, tier.value, recipient, entropy)
        return sealed.content, sealed.wrapped

    def unpack(self, record_id: str, tier: Tier, content: bytes, wrapped: bytes | None) -> Opening | None:
        """Return the opening that a vault object holds; None: the tier's key is not here.

        Raises:
            StorageFailure: The key does not fit, or the object is damaged.
        """
        if wrapped is None:
            return opening_from_bytes(content)
        holder = self.holders.get(tier)
        if holder is None:
            return None
        content_key = holder.unwrap(wrapped, record_id, tier.value)
        return opening_from_bytes(unseal(content, content_key, record_id, tier.value))


def make_tier_keys(folder: Path, entropy: Entropy) -> dict[str, JSON]:
    """Make the key of every sealed tier in ``folder``; return the ``tier-keys`` record's fields."""
    fields: dict[str, JSON] = {}
    for tier in SEALED_TIERS:
        key = TierKey.generate(entropy)
        key.save(key_file(folder, tier))
        fields[tier.value] = public_text(key.public)
    return fields


def load_tier_keys(folder: Path, store: Store, vault: Vault, author: str) -> TierKeys:
    """Return the tiers' keys: public halves from the operator's record, private from ``folder``.

    Raises:
        StorageFailure: A key file is there but cannot be used, or the record is broken.
    """
    with store.read() as transaction:
        rows = [row for row in transaction.records_of([TIER_KEYS]) if row.author == author]
    if not rows:
        return TierKeys()
    stated = [
        fields_of({Tier(tier): opening_from_bytes(vault.get(digest)).items for tier, digest in row.openings})
        for row in rows
        if row.openings
    ]
    if not stated:
        raise StorageFailure("The record of the tiers' keys cannot be opened: restore it from a backup.")
    recipients = {Tier(name): public_from_text(str(text)) for name, text in stated[-1].items()}
    files = {tier: key_file(folder, tier) for tier in recipients}
    return TierKeys(recipients, {tier: TierKey.load(path) for tier, path in files.items() if path.exists()})


def key_file(folder: Path, tier: Tier) -> Path:
    """Return where a tier's private key lies."""
    return folder / f"tier-{tier.value}.pem"


def unopened(keys: TierKeys, transaction: Transaction) -> tuple[tuple[Tier, int], ...]:
    """Return the tiers that cannot be opened here, and in how many records."""
    sealed = ((Tier(name), count) for name, count in transaction.counts(schema.sealed_keys, "tier"))
    return tuple((tier, count) for tier, count in sealed if tier not in keys.holders)


def not_here(keys: TierKeys, transaction: Transaction) -> str:
    """Say what of the records cannot be read here and was not erased; empty: all can."""
    said = []
    shut = ", ".join(f"{tier} in {count} records" for tier, count in unopened(keys, transaction))
    if shut:
        said.append(f"Sealed tiers not opened, because their keys are not in keys/: {shut}.")
    adopted = transaction.erasing.adopted()
    if adopted:
        said.append(
            f"The content of {len(adopted)} records was lost before a restore; their leaves are here."
        )
        again = sorted(
            ref
            for row in transaction.records_of(["erasure"])
            if row.leaf_index in adopted
            for ref in parse_leaf(row.leaf, f"record {row.leaf_index}").refs
        )
        if again:
            said.append(f"Erased before it, and perhaps here again; erase it again: {', '.join(again)}.")
    return " ".join(said)
