# SPDX-License-Identifier: Apache-2.0
"""What an erasure changes in the database, inside somebody else's transaction.

A vault object is never deleted here: it is struck out (``discards``) in the same
commit as the erasure's record, and destroyed afterwards, so that a crash leaves an
erasure that can be finished and never a record that points at nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, Table, delete, insert, select

from truceline.storage import schema

TRACES = "traces"
"""Stands among the vault objects to be destroyed, and is none: what deleted rows left in the files."""


class Erasing:
    """The part of a transaction that erasures need."""

    def __init__(self, connection: Connection) -> None:
        """Wrap an open connection.

        Args:
            connection: Inside a transaction that somebody else ends.
        """
        self._connection = connection

    def strike(self, leaf_index: int, tier: str) -> None:
        """Forget a tier's opening and its wrapped key, and mark the vault object for destruction."""
        held, keys = schema.openings.c, schema.sealed_keys.c
        one = (held.leaf_index == leaf_index) & (held.tier == tier)
        digest = self._connection.execute(select(held.digest).where(one)).scalar_one()
        self._discard(digest)
        self._connection.execute(delete(schema.openings).where(one))
        self._connection.execute(
            delete(schema.sealed_keys).where((keys.leaf_index == leaf_index) & (keys.tier == tier))
        )

    def put(self, leaf_index: int, tier: str, digest: str, wrapped: bytes | None) -> None:
        """Note the opening that takes the place of one that was struck out."""
        place = {"leaf_index": leaf_index, "tier": tier}
        self._connection.execute(insert(schema.openings), {**place, "digest": digest})
        if wrapped is not None:
            self._connection.execute(insert(schema.sealed_keys), {**place, "wrapped": wrapped})

    def unfold(self, tables: Sequence[Table], leaf_index: int) -> None:
        """Delete what a record gave to read models."""
        for table in tables:
            self._connection.execute(delete(table).where(table.c.leaf_index == leaf_index))

    def mark_traces(self) -> None:
        """Note that deleted rows have left traces in the files, which only a scrub removes."""
        self._discard(TRACES)

    def _discard(self, digest: str) -> None:
        """Note what is to be destroyed, once; there is no other writer who could come between."""
        noted = select(schema.discards.c.digest).where(schema.discards.c.digest == digest)
        if self._connection.execute(noted).first() is None:
            self._connection.execute(insert(schema.discards), {"digest": digest})

    def struck(self) -> tuple[str, ...]:
        """Return the digests of the vault objects that are still to be destroyed."""
        return tuple(self._connection.execute(select(schema.discards.c.digest)).scalars())

    def destroyed(self, digests: Sequence[str]) -> None:
        """Note that these vault objects are gone."""
        for digest in digests:
            self._connection.execute(delete(schema.discards).where(schema.discards.c.digest == digest))

    def adopted(self) -> frozenset[int]:
        """Return the records whose openings were never here since a restore."""
        return frozenset(self._connection.execute(select(schema.adopted.c.leaf_index)).scalars())

    def since(self, tree_size: int, kind: str) -> tuple[int, ...]:
        """Return which records of a kind below ``tree_size`` were erased from at or after it."""
        erasures, records = schema.erasures.c, schema.records.c
        query = (
            select(erasures.erased_leaf)
            .distinct()
            .join_from(schema.erasures, schema.records, records.leaf_index == erasures.erased_leaf)
            .where(records.kind == kind, erasures.erased_leaf < tree_size, erasures.leaf_index >= tree_size)
            .order_by(erasures.erased_leaf)
        )
        return tuple(self._connection.execute(query).scalars())
