# SPDX-License-Identifier: Apache-2.0
"""The mission's database: one writer, one transaction a change.

The domain rows, the leaves, the tree's edge and the checkpoint commit together or
not at all (design, "Records").  Which database it is in, this does not know (``database``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeVarTuple

from sqlalchemy import (
    Connection,
    Row,
    Select,
    Table,
    delete,
    func,
    insert,
    inspect,
    select,
)
from sqlalchemy.exc import SQLAlchemyError

from truceline.errors import StorageFailure
from truceline.storage import schema
from truceline.storage.database import Database
from truceline.storage.erasing import Erasing

LOOKUP_CHUNK = 5_000
"""Ids asked for in one query: SQLite takes at most 32,766 parameters, PostgreSQL 65,535."""

_Row = TypeVarTuple("_Row")

STREAMED = {"yield_per": 1_000}
"""How long results are read: a server would else send all of one at once."""

_LATEST_HEAD = select(schema.heads).order_by(schema.heads.c.tree_size.desc()).limit(1)
_FOLD_VERSION = select(schema.fold.c.version)
"""Asked for with every page, so made once."""


@dataclass(frozen=True, slots=True)
class RecordRow:
    """A record as stored: its leaf, each tier's vault digest, and the wrapped key if it is sealed."""

    leaf_index: int
    record_id: str
    kind: str
    author: str
    author_seq: int
    logged_at: str
    leaf: bytes
    openings: tuple[tuple[str, str], ...] = ()
    wrapped: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class Head:
    """The tree after one commit: size, right edge, root, signed checkpoint."""

    tree_size: int
    edge: bytes
    root: bytes
    checkpoint: str


Value = str | int | float | bytes | bool


class ReadRow(NamedTuple):
    """One row of a read model: its table and its values by column."""

    table: Table
    values: Mapping[str, Value]


@contextmanager
def guarding(database: Database) -> Iterator[None]:
    """Turn what a database refuses into words.

    Raises:
        StorageFailure: It refused something.
    """
    try:
        yield
    except SQLAlchemyError as error:
        raise StorageFailure(database.failure(error)) from None


class Store:
    """The database of one mission."""

    def __init__(self, database: Database) -> None:
        """Open a database; tables that are missing in it are made.

        Args:
            database: It has been made before.

        Raises:
            StorageFailure: It is not there, is another mission's, or cannot be used.
        """
        self._database = database
        with guarding(database):
            database.find()
            with database.defining() as connection:
                schema.metadata.create_all(connection)
                schema.read_models.create_all(connection)

    @property
    def place(self) -> str:
        """Where the database is, for people."""
        return self._database.place

    @property
    def remains(self) -> str:
        """What deleted rows leave behind where nobody here can reach it; empty: nothing."""
        return self._database.remains

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """Open the one write transaction; it commits when the block ends well."""
        with guarding(self._database), self._database.writing() as connection:
            yield Transaction(connection, self._database)

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """Open a consistent view for reading."""
        with guarding(self._database), self._database.reading() as connection:
            yield Transaction(connection, self._database)

    @contextmanager
    def hold(self) -> Iterator[bool]:
        """Be the only program at work on this database; False: another one is."""
        with guarding(self._database), self._database.hold() as ours:
            yield ours

    def snapshot(self, path: Path) -> None:
        """Write a copy of the whole database, as it is now, to a new SQLite file."""
        with guarding(self._database):
            self._database.snapshot(path)

    def scrub(self) -> bool:
        """Leave nothing in the database that was deleted; False: another program still reads it."""
        with guarding(self._database):
            return self._database.scrub()


class Transaction:
    """What can be asked and written inside one transaction."""

    def __init__(self, connection: Connection, database: Database) -> None:
        """Wrap an open connection.

        Args:
            connection: Inside a transaction that somebody else ends.
            database: Where it leads.
        """
        self._connection, self._database = connection, database
        self.erasing = Erasing(connection)

    # The system of record.

    def head(self) -> Head | None:
        """Return the latest head, or None when nothing was ever recorded."""
        row = self._connection.execute(_LATEST_HEAD).first()
        return None if row is None else Head(row.tree_size, row.edge, row.root, row.checkpoint)

    def head_at(self, tree_size: int) -> Head | None:
        """Return the head of exactly this size, or None."""
        row = self._connection.execute(
            select(schema.heads).where(schema.heads.c.tree_size == tree_size)
        ).first()
        return None if row is None else Head(row.tree_size, row.edge, row.root, row.checkpoint)

    def add_head(self, head: Head) -> None:
        """Store the tree as it is after this transaction."""
        self._connection.execute(
            insert(schema.heads),
            {
                "tree_size": head.tree_size,
                "edge": head.edge,
                "root": head.root,
                "checkpoint": head.checkpoint,
            },
        )

    def add_record(self, row: RecordRow) -> None:
        """Store one record."""
        self.add_records([row])

    def add_records(self, rows: Sequence[RecordRow]) -> None:
        """Store records, in their order."""
        self._insert(
            schema.records,
            ("leaf_index", "record_id", "kind", "author", "author_seq", "logged_at", "leaf"),
            [
                (
                    row.leaf_index,
                    row.record_id,
                    row.kind,
                    row.author,
                    row.author_seq,
                    row.logged_at,
                    row.leaf,
                )
                for row in rows
            ],
        )
        self._insert(
            schema.openings,
            ("leaf_index", "tier", "digest"),
            [(row.leaf_index, tier, digest) for row in rows for tier, digest in row.openings],
        )
        lost = [(row.leaf_index,) for row in rows if not row.openings]
        self._insert(schema.adopted, ("leaf_index",), lost)
        self._insert(
            schema.sealed_keys,
            ("leaf_index", "tier", "wrapped"),
            [(row.leaf_index, tier, wrapped) for row in rows for tier, wrapped in row.wrapped],
        )

    def _insert(self, table: Table, columns: Sequence[str], rows: Sequence[tuple[Value, ...]]) -> None:
        """Insert rows, bound by the driver itself: SQLAlchemy's own binding doubles an import's time.

        Args:
            table: Where to.
            columns: The names of the columns that each row gives, in its order.
            rows: The values.
        """
        if not rows:
            return
        compiled = insert(table).compile(dialect=self._connection.dialect, column_keys=list(columns))
        names = compiled.positiontup or list(columns)
        order = [columns.index(name) for name in names]
        straight = order == list(range(len(columns)))
        bound = rows if straight else [tuple(row[at] for at in order) for row in rows]
        self._connection.exec_driver_sql(str(compiled), list(bound))

    def last_author_seq(self, author: str) -> int:
        """Return the last sequence number that the author used; 0: none."""
        query = select(func.max(schema.records.c.author_seq)).where(schema.records.c.author == author)
        return int(self._connection.execute(query).scalar() or 0)

    def leaves(self, start: int, end: int) -> list[bytes]:
        """Return the leaves with index from ``start`` up to, not including, ``end``."""
        columns = schema.records.c
        query = (
            select(columns.leaf)
            .where(columns.leaf_index >= start, columns.leaf_index < end)
            .order_by(columns.leaf_index)
        )
        return [bytes(leaf) for leaf in self._connection.execute(query).scalars()]

    def _records(self, query: Select[tuple[int, str, str, str, int, str, bytes]]) -> Iterator[RecordRow]:
        with self._connection.execute(query, execution_options=STREAMED) as rows:
            for some in rows.partitions():
                tiers = self._tiers_of([row.leaf_index for row in some])
                for row in some:
                    held = tiers.get(row.leaf_index, [])
                    yield RecordRow(
                        row.leaf_index,
                        row.record_id,
                        row.kind,
                        row.author,
                        row.author_seq,
                        row.logged_at,
                        bytes(row.leaf),
                        tuple((tier, digest) for tier, digest, _ in held),
                        tuple((tier, bytes(wrapped)) for tier, _, wrapped in held if wrapped is not None),
                    )

    def _tiers_of(self, indexes: Sequence[int]) -> dict[int, list[tuple[str, str, bytes | None]]]:
        """Return the tiers of records that are there, each with its opening's digest and its sealed key."""
        held, keys = schema.openings.c, schema.sealed_keys.c
        found: dict[int, list[tuple[str, str, bytes | None]]] = {}
        query = (
            select(held.leaf_index, held.tier, held.digest, keys.wrapped)
            .outerjoin_from(
                schema.openings,
                schema.sealed_keys,
                (keys.leaf_index == held.leaf_index) & (keys.tier == held.tier),
            )
            .where(held.leaf_index.in_(indexes))
            .order_by(held.leaf_index, held.tier)
        )
        for index, tier, digest, wrapped in self._connection.execute(query):
            found.setdefault(index, []).append((tier, digest, wrapped))
        return found

    def _first(self, query: Select[tuple[int, str, str, str, int, str, bytes]]) -> RecordRow | None:
        return next(iter([*self._records(query)]), None)

    def _streamed(self, query: Select[*_Row]) -> Iterator[Row[*_Row]]:
        """Read a long result piece by piece; it is closed with the loop over it, however that ends."""
        with self._connection.execute(query, execution_options=STREAMED) as rows:
            yield from rows

    def records(self) -> Iterator[RecordRow]:
        """Yield every record in the order of the log."""
        return self._records(select(schema.records).order_by(schema.records.c.leaf_index))

    def record(self, record_id: str) -> RecordRow | None:
        """Return the record with this id, or None."""
        query = select(schema.records).where(schema.records.c.record_id == record_id)
        return self._first(query)

    def record_at(self, leaf_index: int) -> RecordRow | None:
        """Return the record at this place in the log, or None."""
        query = select(schema.records).where(schema.records.c.leaf_index == leaf_index)
        return self._first(query)

    def latest(self, kind: str) -> RecordRow | None:
        """Return the last record of a kind, or None."""
        query = select(schema.records).where(schema.records.c.kind == kind)
        return self._first(query.order_by(schema.records.c.leaf_index.desc()).limit(1))

    def records_before(self, leaf_index: int, most: int) -> list[RecordRow]:
        """Return the last records before a place in the log, the latest first."""
        query = select(schema.records).where(schema.records.c.leaf_index < leaf_index)
        return list(self._records(query.order_by(schema.records.c.leaf_index.desc()).limit(most)))

    def records_of(self, kinds: Sequence[str]) -> Iterator[RecordRow]:
        """Yield the records of these kinds in the order of the log."""
        query = select(schema.records).where(schema.records.c.kind.in_(kinds))
        return self._records(query.order_by(schema.records.c.leaf_index))

    def record_by(self, author: str, author_seq: int) -> RecordRow | None:
        """Return the record to which the author gave this number, or None."""
        columns = schema.records.c
        query = select(schema.records).where(columns.author == author, columns.author_seq == author_seq)
        return self._first(query)

    # Read models.

    def apply(self, rows: Sequence[ReadRow]) -> None:
        """Insert rows into read models."""
        by_table: dict[Table, list[Mapping[str, Value]]] = {}
        for row in rows:
            by_table.setdefault(row.table, []).append(row.values)
        for table, values in by_table.items():
            columns = tuple(values[0])
            self._insert(table, columns, [tuple(row[name] for name in columns) for row in values])

    def clear(self, tables: Sequence[Table]) -> None:
        """Empty read-model tables."""
        for table in tables:
            self._connection.execute(delete(table))

    def recreate_read_models(self, version: int) -> None:
        """Drop every read model and make it anew, empty, for this version of the fold."""
        self._database.shut_out(self._connection)
        schema.read_models.drop_all(self._connection)
        schema.read_models.create_all(self._connection)
        self._connection.execute(insert(schema.fold), {"version": version})

    def fold_version(self) -> int | None:
        """Return the version of the fold that filled the read models, or None."""
        return self._connection.execute(_FOLD_VERSION).scalar()

    def count(self, table: Table) -> int:
        """Return how many rows a table has."""
        return int(self._connection.execute(select(func.count()).select_from(table)).scalar_one())

    def strays(self, table: Table, kinds: Iterable[str]) -> list[int]:
        """Return the leaf indexes of a table's rows that belong to no record of these kinds."""
        records = schema.records.c
        held = select(records.leaf_index).where(records.kind.in_(sorted(kinds)))
        query = select(table.c.leaf_index).where(table.c.leaf_index.not_in(held)).distinct()
        return sorted(int(index) for index in self._connection.execute(query).scalars())

    def counts(self, table: Table, column: str) -> tuple[tuple[str, int], ...]:
        """Return how many rows a table has by the values of one column, sorted."""
        by = table.c[column]
        query = select(by, func.count()).group_by(by).order_by(by)
        return tuple((str(value), int(count)) for value, count in self._connection.execute(query))

    def statement_digests(self, kind: str, ids: Sequence[str]) -> dict[str, bytes]:
        """Return the digests of those of ``ids`` that are recorded."""
        columns, found = schema.statements.c, {}
        for start in range(0, len(ids), LOOKUP_CHUNK):
            chunk = ids[start : start + LOOKUP_CHUNK]
            query = select(columns.statement_id, columns.digest).where(
                columns.kind == kind, columns.statement_id.in_(chunk)
            )
            found.update({row.statement_id: bytes(row.digest) for row in self._connection.execute(query)})
        return found

    def leaf_indexes(self, kind: str, ids: Sequence[str]) -> dict[str, int]:
        """Return where those of ``ids`` that are recorded stand in the log."""
        columns, found = schema.statements.c, {}
        for start in range(0, len(ids), LOOKUP_CHUNK):
            query = select(columns.statement_id, columns.leaf_index).where(
                columns.kind == kind, columns.statement_id.in_(ids[start : start + LOOKUP_CHUNK])
            )
            found.update({row.statement_id: row.leaf_index for row in self._connection.execute(query)})
        return found

    def conflict_known(self, kind: str, statement_id: str, digest: bytes) -> bool:
        """Tell whether this very conflict was recorded before."""
        columns = schema.conflicts.c
        query = select(columns.leaf_index).where(
            columns.kind == kind, columns.statement_id == statement_id, columns.digest == digest
        )
        return self._connection.execute(query).first() is not None

    def import_known(self, sha256: str) -> bool:
        """Tell whether a file with this digest was imported before."""
        query = select(schema.imports.c.leaf_index).where(schema.imports.c.sha256 == sha256)
        return self._connection.execute(query).first() is not None

    def digest(self, table: Table) -> str | None:
        """Return a digest over a read model's rows, or None if the table is not there."""
        if not inspect(self._connection).has_table(table.name):
            return None
        digest = hashlib.sha256()
        for body in self.bodies(table):
            digest.update(len(body).to_bytes(8, "big") + body)
        return digest.hexdigest()

    def keys(self, table: Table, column: str, wanted: Sequence[str]) -> frozenset[str]:
        """Return those of ``wanted`` that a column holds."""
        found: set[str] = set()
        for start in range(0, len(wanted), LOOKUP_CHUNK):
            chunk = wanted[start : start + LOOKUP_CHUNK]
            query = select(table.c[column]).where(table.c[column].in_(chunk))
            found.update(self._connection.execute(query).scalars())
        return frozenset(found)

    def has_only(self, kinds: Sequence[str], *, since: int) -> bool:
        """Tell whether every record from a leaf index on is of one of these kinds."""
        columns = schema.records.c
        query = select(columns.leaf_index).where(columns.leaf_index >= since, columns.kind.not_in(kinds))
        return self._connection.execute(query.limit(1)).first() is None

    def acts(self, since: int = 0) -> Iterator[tuple[int, bytes, bytes]]:
        """Yield each recorded step of procedure from a leaf index on, in order: index, leaf, body."""
        records, acts = schema.records.c, schema.acts.c
        query = (
            select(acts.leaf_index, records.leaf, acts.body)
            .join_from(schema.acts, schema.records, records.leaf_index == acts.leaf_index)
            .where(acts.leaf_index >= since)
            .order_by(acts.leaf_index)
        )
        for index, leaf, body in self._streamed(query):
            yield index, bytes(leaf), _as_bytes(body)

    def latest_body(self, table: Table) -> bytes | None:
        """Return the body of the row with the highest leaf index, or None."""
        query = select(table.c.body).order_by(table.c.leaf_index.desc()).limit(1)
        body = self._connection.execute(query).scalar()
        return None if body is None else bytes(body)

    def bodies(
        self,
        table: Table,
        *,
        kind: str | None = None,
        overlapping: tuple[float, float] | None = None,
        ids: tuple[str, Sequence[str] | Sequence[int]] | None = None,
        below: int | None = None,
    ) -> Iterator[bytes]:
        """Yield the bodies of a read model's rows, in the order of its key.

        Args:
            table: Which read model.
            kind: Only statements of this kind.
            overlapping: Only rows whose ``from_s``..``to_s`` touches this span.
            ids: A column's name and the values that it must have.
            below: Only rows recorded at a leaf index below this.
        """
        query = select(table.c.body).order_by(*table.primary_key.columns)
        if kind is not None:
            query = query.where(table.c.kind == kind)
        if overlapping is not None:
            query = query.where(table.c.from_s < overlapping[1], table.c.to_s >= overlapping[0])
        if below is not None:
            query = query.where(table.c.leaf_index < below)
        if ids is None:
            for (body,) in self._streamed(query):
                yield _as_bytes(body)
            return
        column, wanted = table.c[ids[0]], sorted(ids[1])
        for start in range(0, len(wanted), LOOKUP_CHUNK):
            chunk = query.where(column.in_(wanted[start : start + LOOKUP_CHUNK]))
            for body in self._connection.execute(chunk).scalars():
                yield _as_bytes(body)


def _as_bytes(body: bytes | str) -> bytes:
    """Return a body as bytes: SQLite gives text back where somebody stored text in its place."""
    return body.encode() if isinstance(body, str) else bytes(body)
