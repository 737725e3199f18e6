# SPDX-License-Identifier: Apache-2.0
"""A mission's database as one schema on a PostgreSQL server.

Invariants:

- one writer: each write transaction first takes the table ``heads`` for itself, and only then
  sees the state that it goes on from, so that leaves follow one another;
- a reader sees one state (REPEATABLE READ).  PostgreSQL shows tables that were dropped or cut
  short since as empty, whatever state the reader sees: so ``heads`` is also the gate that
  whoever does such a thing shuts first, and that readers pass at their beginning;
- text is compared by its bytes (``schema``), as SQLite does;
- no statistics are gathered on what people testified: they are samples of the values, which
  would outlive an erasure.
"""

from __future__ import annotations

import hashlib
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import psycopg
from sqlalchemy import (
    Connection,
    Engine,
    LargeBinary,
    MetaData,
    String,
    Table,
    create_engine,
    event,
    func,
    make_url,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from truceline.errors import StorageFailure
from truceline.storage import schema
from truceline.storage.address import DatabaseAddress
from truceline.storage.copying import copy_rows
from truceline.storage.refusals import IS_BUSY, refusal, sqlstate
from truceline.storage.sqlite import SQLiteFile

SESSION: Final = (
    "SET synchronous_commit = on",  # what was acknowledged survives a crash
    "SET lock_timeout = '10s'",  # as long as a SQLite file is waited for
    "SET idle_in_transaction_session_timeout = 0",  # a run computes long inside its transaction
    "SET client_min_messages = warning",
)
GATE: Final = schema.heads.name
REMAINS: Final = (
    "The server's own write-ahead log, and its archives, replicas and dumps, keep what was deleted "
    "until they are recycled: ask whoever runs it when that is."
)


class PostgresSchema:
    """One mission's tables in a schema of their own."""

    remains = REMAINS

    def __init__(self, address: DatabaseAddress, label: str) -> None:
        """Name the schema; the server is asked when it is first used.

        Args:
            address: The server and the schema.
            label: Whose tables these are: the schema's comment, which everybody who opens it compares.
        """
        self._schema, self._label = address.schema, label
        url = make_url(address.url).set(drivername="postgresql+psycopg")
        query = "".join(f"?service={name}" for name in url.normalized_query.get("service", ()))
        self._server = f"{url.host or 'the local socket'}/{url.database or query}"
        self._engine = create_engine(
            url,
            hide_parameters=True,  # they are what people testified
            isolation_level="REPEATABLE READ",
            paramstyle="format",
            pool_pre_ping=True,  # a server is started anew while we run
        )
        _prepare(self._engine, self._schema)
        # A server has few connections to give: whoever forgets to close lets go of them all the same.
        weakref.finalize(self, self._engine.dispose)

    @property
    def place(self) -> str:
        """Where it is, for people."""
        return f"schema {self._schema} on {self._server}"

    def make(self) -> None:
        """Make the schema, empty.

        Raises:
            StorageFailure: It is there already, or the server keeps its text otherwise than as UTF-8.
        """
        with self._engine.begin() as connection:
            encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
            if encoding != "UTF8":
                raise StorageFailure(
                    f"The database {self._server} keeps text as {encoding}; a mission needs UTF8. "
                    "Nothing was made. Have a database made with ENCODING 'UTF8'."
                )
            if self._comment(connection) is not None:
                raise StorageFailure(f"There is a {self.place} already. Nothing was made; try again.")
            connection.exec_driver_sql(f"CREATE SCHEMA {self._schema}")
            # Not a statement that takes parameters; the driver quotes the text.
            words = psycopg.sql.Literal(self._label).as_string(None)
            connection.exec_driver_sql(f"COMMENT ON SCHEMA {self._schema} IS {words}")

    def find(self) -> None:
        """Check that the schema is there and is this mission's.

        Raises:
            StorageFailure: It is not.
        """
        with self._engine.begin() as connection:
            comment = self._comment(connection)
        if comment is None:
            raise StorageFailure(
                f"There is no {self.place}. Correct [database] in mission.toml, have the server's "
                "database restored, or restore the mission from a backup."
            )
        if comment != self._label:
            raise StorageFailure(
                f"The {self.place} holds another mission, or none: it says {comment!r}, not {self._label!r}. "
                "Correct [database] in mission.toml; nothing was changed."
            )

    def _comment(self, connection: Connection) -> str | None:
        """Return the schema's comment; empty: it has none; None: there is no such schema."""
        asked = text(
            "SELECT coalesce(obj_description(oid, 'pg_namespace'), '') "
            "FROM pg_namespace WHERE nspname = :name"
        )
        found = connection.execute(asked, {"name": self._schema}).scalar()
        return None if found is None else str(found)

    def discard(self) -> None:
        """Drop the schema with all that is in it."""
        with self._engine.begin() as connection:
            connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {self._schema} CASCADE")
        self.close()

    @contextmanager
    def defining(self) -> Iterator[Connection]:
        """Begin a transaction in which tables that are missing are made."""
        with self._engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Begin the one write transaction; a second one waits, and is refused in the end."""
        with self._engine.begin() as connection:
            # The first statement: what this transaction sees is what there is once it has the lock.
            connection.exec_driver_sql(f"LOCK TABLE {GATE} IN EXCLUSIVE MODE")
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Begin a transaction that sees one state from its beginning to its end."""
        with self._engine.execution_options(postgresql_readonly=True).begin() as connection:
            connection.exec_driver_sql(f"LOCK TABLE {GATE} IN ACCESS SHARE MODE")
            yield connection

    def shut_out(self, connection: Connection) -> None:
        """Wait until nobody reads, and let nobody begin to until the transaction ends."""
        connection.exec_driver_sql(f"LOCK TABLE {GATE} IN ACCESS EXCLUSIVE MODE")

    @contextmanager
    def hold(self) -> Iterator[bool]:
        """Be the only program at work: two folders, or two machines, may name one schema."""
        digest = hashlib.sha256(f"truceline {self._schema}".encode()).digest()
        key = int.from_bytes(digest[:8], "big", signed=True)
        with self._engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            ours = connection.execute(select(func.pg_try_advisory_lock(key))).scalar_one()
            try:
                yield bool(ours)
            finally:
                if ours:
                    with suppress(SQLAlchemyError):  # with the connection, the lock is gone too
                        connection.execute(select(func.pg_advisory_unlock(key)))

    def snapshot(self, path: Path) -> None:
        """Copy all rows, as they are now, into a new SQLite file."""
        file = SQLiteFile(path)
        try:
            file.make()
            with file.defining() as target:
                schema.metadata.create_all(target)
                schema.read_models.create_all(target)
            with self.reading() as source, file.writing() as target:
                copy_rows(source, target)
        finally:
            file.close()

    def scrub(self) -> bool:
        """Write the tables anew from the rows that they still hold.

        ``VACUUM FULL`` would not do: it keeps deleted rows that any session on the server,
        ours or not, may still see.

        Returns:
            False: another program still reads; this is to be called again.
        """
        try:
            with self._engine.begin() as connection:
                self.shut_out(connection)
                for table in (*schema.metadata.sorted_tables, *schema.read_models.sorted_tables):
                    name = table.name
                    connection.exec_driver_sql(f"LOCK TABLE {name} IN ACCESS EXCLUSIVE MODE")
                    connection.exec_driver_sql(
                        f"CREATE TEMPORARY TABLE kept_{name} ON COMMIT DROP AS SELECT * FROM {name}"  # noqa: S608
                    )
                    connection.exec_driver_sql(f"TRUNCATE {name}")
                    connection.exec_driver_sql(f"INSERT INTO {name} SELECT * FROM kept_{name}")  # noqa: S608
        except DBAPIError as error:
            if sqlstate(error) in IS_BUSY:
                return False
            raise
        return True

    def failure(self, error: SQLAlchemyError) -> str:
        """Say in sentences what was refused and what to do."""
        return refusal(error, self._server)

    def close(self) -> None:
        """Let go of the connections."""
        self._engine.dispose()


def _prepare(engine: Engine, name: str) -> None:
    """Let every connection work in one schema alone, and tables be made without samples of testimony."""

    def connect(connection: psycopg.Connection, _record: object) -> None:
        autocommit = connection.autocommit
        connection.autocommit = True
        for statement in (*SESSION, f"SET search_path = {name}"):
            connection.execute(statement)
        connection.autocommit = autocommit

    event.listen(engine, "connect", connect)


def _forgo_samples(table: Table, connection: Connection, **_options: object) -> None:
    """Tell the server to gather no statistics on a table's texts and bodies, only on kinds and numbers."""
    if connection.dialect.name != "postgresql":
        return
    for column in table.columns:
        if isinstance(column.type, LargeBinary | String) and column.name != "kind":
            connection.exec_driver_sql(
                f"ALTER TABLE {table.name} ALTER COLUMN {column.name} SET STATISTICS 0"
            )


def _each(tables: MetaData) -> None:
    for table in tables.sorted_tables:
        event.listen(table, "after_create", _forgo_samples)


_each(schema.metadata)
_each(schema.read_models)
