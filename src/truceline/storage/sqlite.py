# SPDX-License-Identifier: Apache-2.0
"""A mission's database as one SQLite file in the mission's folder.

With a write-ahead log and ``synchronous=FULL``: what was acknowledged survives a crash.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, create_engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from truceline.errors import StorageFailure
from truceline.storage.connecting import prepare


class SQLiteFile:
    """One mission's tables in a file."""

    remains = ""

    def __init__(self, path: Path) -> None:
        """Name the file; it is opened when it is first used.

        Args:
            path: Where it is.
        """
        self.path = path
        # Parameters stay out of messages: they are what people testified.
        self._engine = create_engine(URL.create("sqlite", database=str(path)), hide_parameters=True)
        prepare(self._engine)

    @property
    def place(self) -> str:
        """Where it is, for people."""
        return str(self.path)

    def make(self) -> None:
        """Make the file, empty.

        Raises:
            StorageFailure: It is there already, or cannot be made.
        """
        try:
            self.path.touch(exist_ok=False)
        except OSError as error:
            raise StorageFailure(
                f"{self.path} cannot be made: {error.strerror}. Nothing was made."
            ) from error

    def find(self) -> None:
        """Check that the file is there.

        Raises:
            StorageFailure: It is not.
        """
        if not self.path.is_file():
            raise StorageFailure(f"{self.path.parent} has no {self.path.name}: restore it from a backup.")

    def discard(self) -> None:
        """Remove the file."""
        self.close()
        for ending in ("", "-wal", "-shm"):
            self.path.with_name(self.path.name + ending).unlink(missing_ok=True)

    def defining(self) -> AbstractContextManager[Connection]:
        """Begin a transaction in which tables that are missing are made."""
        return self._engine.begin()

    def writing(self) -> AbstractContextManager[Connection]:
        """Begin the one write transaction; a second one waits, and is refused in the end."""
        return self._engine.execution_options(writes=True).begin()

    def reading(self) -> AbstractContextManager[Connection]:
        """Begin a transaction that sees one state from its beginning to its end."""
        return self._engine.begin()

    def shut_out(self, connection: Connection) -> None:
        """Do nothing: a reader keeps its own view of tables that are made anew."""

    @contextmanager
    def hold(self) -> Iterator[bool]:
        """Be the only program at work: the lock in the mission's folder, where the file is, sees to it."""
        yield True

    def snapshot(self, path: Path) -> None:
        """Write a copy of the whole file, as it is now, to a new file."""
        with self._engine.execution_options(no_transaction=True).connect() as connection:
            connection.exec_driver_sql("VACUUM INTO ?", (str(path),))

    def scrub(self) -> bool:
        """Write the file anew from what it still holds, and empty its write-ahead log.

        ``secure_delete`` alone leaves index entries of deleted rows behind, in pages that
        were split before.

        Returns:
            False: another program still reads; the old pages stay until this is called again.
        """
        with self._engine.execution_options(no_transaction=True).connect() as connection:
            connection.exec_driver_sql("PRAGMA temp_store=FILE")  # a large copy must not fill the memory
            connection.exec_driver_sql("VACUUM")
            connection.exec_driver_sql("PRAGMA temp_store=MEMORY")
            busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar_one()
            return not busy

    def failure(self, error: SQLAlchemyError) -> str:
        """Say what was refused."""
        reason = error.orig if isinstance(error, DBAPIError) else error
        return f"The database {self.path.name} refused: {reason}. Nothing of this step was kept."

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()
