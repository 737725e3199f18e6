# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import pytest
from tests.backends import sql

from truceline.errors import StorageFailure
from truceline.storage import Store, schema
from truceline.storage.sqlite import SQLiteFile


def made(path: Path) -> Store:
    database = SQLiteFile(path)
    database.make()
    return Store(database)


def test_the_database_survives_a_crash_by_its_settings(tmp_path: Path) -> None:
    store = made(tmp_path / "truceline.db")
    with store.read() as transaction:
        connection = transaction._connection
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
    store.close()


def test_text_that_somebody_put_in_the_place_of_bytes_is_read_as_bytes(tmp_path: Path) -> None:
    store = made(tmp_path / "truceline.db")
    sql("INSERT INTO runs (leaf_index, body) VALUES (1, 'text')")(store)
    with store.read() as transaction:
        assert list(transaction.bodies(schema.runs)) == [b"text"]
    store.close()


def test_a_file_that_is_not_there_is_not_made_by_opening_it(tmp_path: Path) -> None:
    with pytest.raises(StorageFailure, match="restore it from a backup"):
        Store(SQLiteFile(tmp_path / "truceline.db"))
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_is_not_made_anew(tmp_path: Path) -> None:
    made(tmp_path / "truceline.db").close()
    with pytest.raises(StorageFailure, match="cannot be made"):
        SQLiteFile(tmp_path / "truceline.db").make()
