# SPDX-License-Identifier: Apache-2.0
"""Keys that were destroyed: what is left of them, and how a mission knows that they are gone.

Invariants: that keys were destroyed is known from the log's own record, which two people
signed, and never from a file that is missing; what is left of a key shows its public half
and signs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from truceline.agreement import DEFAULT_TEXTS, Rule
from truceline.errors import RuleViolation
from truceline.evidence import (
    SigningKey,
    VerificationError,
    opening_from_bytes,
    tier_root,
    verify_leaf,
)
from truceline.evidence.verify.leaf import author_public
from truceline.interval import iso
from truceline.mechanism.suspension import AUTHOR_KEY, LOG_KEY, SUSPENSION, KeyHalf, destruction_in
from truceline.mission.fold import fields_of
from truceline.storage import Store, Vault
from truceline.vocabulary import Tier


class RetiredKey(SigningKey):
    """The public half of a signing key that was destroyed; it signs nothing."""

    def __init__(self, public: bytes, destroyed_at: datetime) -> None:
        """Keep what is left of a key.

        Args:
            public: The raw public key.
            destroyed_at: When the private half was destroyed.
        """
        self._public = public
        self._destroyed_at = destroyed_at

    def __repr__(self) -> str:
        """Show the public side."""
        return f"RetiredKey({self.author})"

    def sign(self, message: bytes) -> bytes:  # noqa: ARG002 - there is nothing to sign it with
        """Refuse to sign.

        Raises:
            RuleViolation: Always: the private half is gone.
        """
        raise self.refusal()

    def save(self, path: Path) -> None:  # noqa: ARG002 - there is nothing to write
        """Refuse to write a private key.

        Raises:
            RuleViolation: Always: the private half is gone.
        """
        raise self.refusal()

    def refusal(self) -> RuleViolation:
        """Return why nothing can be recorded any more, and what of the record can be read."""
        return RuleViolation(
            f"The keys of this mission were destroyed on {iso(self._destroyed_at)}: nothing more can be "
            "recorded, and what was not public cannot be read here. The public part of every step: "
            "truceline suspension entries MISSION.",
            rule=Rule.SUSPENSION.value,
            citation=cited(Rule.SUSPENSION),
        )


@dataclass(frozen=True, slots=True)
class Destruction:
    """That a mission's keys were destroyed, as recorded.

    Attributes:
        leaf_index: Where.
        at: When.
        keys: Which keys, with their public halves.
    """

    leaf_index: int
    at: datetime
    keys: tuple[KeyHalf, ...]

    def retired(self, name: str) -> RetiredKey:
        """Return what is left of a signing key."""
        public = next(one.public for one in self.keys if one.name == name)
        return RetiredKey(author_public(public, name).public_bytes_raw(), self.at)

    @property
    def author(self) -> RetiredKey:
        """What is left of the operator's key."""
        return self.retired(AUTHOR_KEY)

    @property
    def log_key(self) -> RetiredKey:
        """What is left of the log's key."""
        return self.retired(LOG_KEY)


def read_destruction(store: Store, vault: Vault, origin: str) -> Destruction | None:
    """Return the destruction of a mission's keys, or None: they were not destroyed.

    Nothing can be recorded after it, so it is the last step of its kind.  A record that two
    people did not sign destroys nothing.

    Args:
        store: The mission's database.
        vault: Its vault.
        origin: The log's name.

    Raises:
        VerificationError: What opens the record is not what was recorded.
        StorageFailure: It cannot be read.
    """
    with store.read() as transaction:
        row = transaction.latest(SUSPENSION)
    digest = None if row is None else dict(row.openings).get(Tier.PUBLIC.value)
    if row is None or digest is None:
        return None
    opening = opening_from_bytes(vault.get(digest))
    step = destruction_in(fields_of({Tier.PUBLIC: opening.items}))
    if step is None:
        return None
    where = f"record {row.leaf_index} ({row.record_id})"
    leaf = verify_leaf(row.leaf, where)
    if leaf.kind != SUSPENSION or tier_root(opening) != leaf.commitments.get(Tier.PUBLIC.value):
        raise VerificationError(
            "What the record of the keys' destruction says is not what was recorded.",
            where=where,
            meaning="It was altered after it was logged. Restore the mission from a backup.",
        )
    if step.origin != origin or leaf.author == step.second:
        return None
    return Destruction(row.leaf_index, leaf.made_at, step.keys)


def cited(rule: Rule) -> str:
    """Return a rule as the program states it: where a mission is closed, no pack is open to cite."""
    return f"rule of procedure {rule.value}: {DEFAULT_TEXTS[rule]}"
