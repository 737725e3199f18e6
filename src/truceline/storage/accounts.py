# SPDX-License-Identifier: Apache-2.0
"""The tables of people's accounts: who may enter, by which secret, and who looked at what.

They lie in a file of their own, ``accounts.db``, because they hold secrets and are no
evidence: nothing of it enters the log.  What somebody was granted does, as a record.
Secrets that need not be read again are stored as digests.  Times are whole seconds since
1970 UTC.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import (
    URL,
    Column,
    Connection,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    create_engine,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from truceline.errors import StorageFailure
from truceline.storage.connecting import prepare

FILE_NAME = "accounts.db"


def account_files(folder: Path) -> list[Path]:
    """Return the files that accounts lie in, in a mission's folder: the database and what belongs to it."""
    return sorted(folder.glob(f"{FILE_NAME}*"))


_tables = MetaData()

accounts = Table(
    "accounts",
    _tables,
    Column("person", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("role", String, nullable=False),
    Column("body", String, nullable=False),
    Column("password", String, nullable=False),
    Column("totp", String, nullable=False),
    Column("totp_step", Integer, nullable=False),
    Column("closed", Integer, nullable=False),
    Column("made_at", Integer, nullable=False),
)

invitations = Table(
    "invitations",
    _tables,
    Column("digest", String, primary_key=True),
    Column("person", String, nullable=False, index=True),
    Column("totp", String, nullable=False),
    Column("until", Integer, nullable=False),
)

sessions = Table(
    "sessions",
    _tables,
    Column("digest", String, primary_key=True),
    Column("person", String, nullable=False, index=True),
    Column("csrf", String, nullable=False),
    Column("made_at", Integer, nullable=False),
    Column("until", Integer, nullable=False),
)

tokens = Table(
    "tokens",
    _tables,
    Column("digest", String, primary_key=True),
    Column("label", String, nullable=False),
    Column("person", String, nullable=False, index=True),
    Column("scopes", String, nullable=False),
    Column("made_at", Integer, nullable=False),
    Column("until", Integer, nullable=False),
)

passkeys = Table(
    "passkeys",
    _tables,
    Column("credential", String, primary_key=True),
    Column("person", String, nullable=False, index=True),
    Column("handle", String, nullable=False),
    Column("public_key", String, nullable=False),
    Column("counter", Integer, nullable=False),
    Column("label", String, nullable=False),
    Column("made_at", Integer, nullable=False),
)

bindings = Table(
    "bindings",
    _tables,
    Column("issuer", String, primary_key=True),
    Column("subject", String, primary_key=True),
    Column("person", String, nullable=False, index=True),
    Column("made_at", Integer, nullable=False),
)

pending = Table(
    "pending",
    _tables,
    Column("digest", String, primary_key=True),
    Column("purpose", String, nullable=False),
    Column("bound", String, nullable=False),
    Column("held", String, nullable=False),
    Column("until", Integer, nullable=False),
)

visits = Table(
    "visits",
    _tables,
    Column("visit", Integer, primary_key=True, autoincrement=True),
    Column("at", Integer, nullable=False),
    Column("person", String, nullable=False),
    Column("role", String, nullable=False),
    Column("permission", String, nullable=False),
    Column("path", String, nullable=False),
    Index("visits_by_person", "person", "visit"),
)

Value = str | int
Row = Mapping[str, Value]


class AccountStore:
    """The file of accounts of one mission."""

    def __init__(self, folder: Path) -> None:
        """Open the file of accounts in a mission's folder; it is made, for its owner alone, when missing."""
        path = folder / FILE_NAME
        path.touch(mode=0o600, exist_ok=True)
        self._engine = create_engine(URL.create("sqlite", database=str(path)), hide_parameters=True)
        prepare(self._engine)
        self.changes = 0
        with self._guard():
            _tables.create_all(self._engine)

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    @contextmanager
    def _guard(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            reason = error.orig if isinstance(error, DBAPIError) else type(error).__name__
            raise StorageFailure(f"{FILE_NAME} refused: {reason}. Nothing of this step was kept.") from None

    @contextmanager
    def write(self) -> Iterator[AccountTransaction]:
        """Open the one write transaction; it commits when the block ends well."""
        with self._guard(), self._engine.execution_options(writes=True).begin() as connection:
            yield AccountTransaction(connection)
        self.changes += 1

    @contextmanager
    def read(self) -> Iterator[AccountTransaction]:
        """Open a consistent view for reading."""
        with self._guard(), self._engine.begin() as connection:
            yield AccountTransaction(connection)


class AccountTransaction:
    """What can be asked and written inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        """Wrap an open connection, inside a transaction that somebody else ends."""
        self._connection = connection

    def add(self, table: Table, row: Row) -> None:
        """Add one row."""
        self.add_all(table, [row])

    def add_all(self, table: Table, rows: Sequence[Row]) -> None:
        """Add rows."""
        self._connection.execute(insert(table), [dict(row) for row in rows])

    def find(self, table: Table, **wanted: Value) -> Row | None:
        """Return the one row whose columns have these values, or None."""
        return next(iter(self.all(table, **wanted)), None)

    def all(self, table: Table, **wanted: Value) -> Sequence[Row]:
        """Return the rows whose columns have these values, in the order of the key."""
        query = select(table).where(*(table.c[name] == value for name, value in wanted.items()))
        found = self._connection.execute(query.order_by(*table.primary_key.columns)).mappings()
        return [{str(name): value for name, value in row.items()} for row in found]

    def change(self, table: Table, values: Row, **wanted: Value) -> int:
        """Give these values to the rows whose columns have those; return how many."""
        where = (table.c[name] == value for name, value in wanted.items())
        return self._connection.execute(update(table).where(*where).values(**values)).rowcount

    def remove(self, table: Table, **wanted: Value) -> int:
        """Remove the rows whose columns have these values; return how many."""
        where = (table.c[name] == value for name, value in wanted.items())
        return self._connection.execute(delete(table).where(*where)).rowcount

    def remove_lapsed(self, table: Table, now: int) -> None:
        """Remove the rows whose time has run out."""
        self._connection.execute(delete(table).where(table.c.until <= now))

    def latest_visits(self, before: int | None, most: int) -> Sequence[Row]:
        """Return the latest visits, newest first, below a number if one is given."""
        query = select(visits).order_by(visits.c.visit.desc()).limit(most)
        if before is not None:
            query = query.where(visits.c.visit < before)
        found = self._connection.execute(query).mappings()
        return [{str(name): value for name, value in row.items()} for row in found]
