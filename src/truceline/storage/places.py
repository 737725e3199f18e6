# SPDX-License-Identifier: Apache-2.0
"""Which database a mission has: the file in its folder, or a schema on a server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from truceline.errors import StorageFailure
from truceline.storage.address import DatabaseAddress
from truceline.storage.copying import copy_rows
from truceline.storage.database import Database
from truceline.storage.sqlite import SQLiteFile
from truceline.storage.store import Store, guarding

FILE_NAME = "truceline.db"


def database_of(folder: Path, address: DatabaseAddress | None, label: str) -> Database:
    """Return the database of the mission in ``folder``; nothing is opened yet.

    Args:
        folder: The mission's.
        address: The server and the schema; None: the file in the folder.
        label: Whose it is: the log's name.

    Raises:
        StorageFailure: What speaks to the server is not installed.
    """
    if address is None:
        return SQLiteFile(folder / FILE_NAME)
    try:
        # Imported late: a mission in a file needs no server's client.
        from truceline.storage.postgres import PostgresSchema
    except ImportError as error:
        raise StorageFailure(
            "This mission's database is on a PostgreSQL server, and what speaks to one is not installed. "
            "Install it: pip install 'truceline[postgres]'"
        ) from error
    return PostgresSchema(address, f"Truceline {label}")


@contextmanager
def made(database: Database) -> Iterator[None]:
    """Make the place for a new mission's tables; if the block fails, it is removed again.

    Raises:
        StorageFailure: It is there already, or cannot be made.
    """
    with guarding(database):
        database.make()
    try:
        yield
    except BaseException:
        with guarding(database):
            database.discard()
        raise


def move(source: Database, target: Database) -> None:
    """Copy a mission's tables into a place that has just been made.

    Raises:
        StorageFailure: One of the two cannot be read or written.
    """
    stores = [Store(source), Store(target)]
    try:
        with guarding(source), source.reading() as old, guarding(target), target.writing() as new:
            copy_rows(old, new)
    finally:
        for store in stores:
            store.close()
