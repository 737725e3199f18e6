# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from truceline.errors import StorageFailure
from truceline.storage import Head, ReadRow, RecordRow, Store, schema


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "truceline.db")
    yield store
    store.close()


def record(index: int, author_seq: int | None = None) -> RecordRow:
    return RecordRow(
        index, f"rec-{index}", "run", "ed25519:x", author_seq or index + 1, "2025-04-20T00:00:00Z", b"leaf",
        (("public", "ab" * 32),),
    )  # fmt: skip


def test_a_record_comes_back_as_it_was_written(store: Store) -> None:
    with store.write() as transaction:
        transaction.add_record(record(0))
    with store.read() as transaction:
        assert list(transaction.records()) == [record(0)]
        assert transaction.record("rec-0") == record(0)
        assert transaction.latest("run") == record(0)
        assert transaction.last_author_seq("ed25519:x") == 1


def test_nothing_of_a_failed_change_is_kept(store: Store) -> None:
    def change() -> None:
        with store.write() as transaction:
            transaction.add_record(record(0))
            transaction.add_head(Head(1, b"e" * 32, b"r" * 32, "note"))
            raise KeyError

    with pytest.raises(KeyError):
        change()
    with store.read() as transaction:
        assert transaction.head() is None
        assert transaction.count(schema.records) == 0


def test_an_author_cannot_use_a_number_twice(store: Store) -> None:
    with store.write() as transaction:
        transaction.add_record(record(0, author_seq=1))
    with pytest.raises(StorageFailure), store.write() as transaction:
        transaction.add_record(record(1, author_seq=1))


def test_the_latest_head_is_the_largest(store: Store) -> None:
    with store.write() as transaction:
        for size in (1, 2, 3):
            transaction.add_head(Head(size, b"", b"%d" % size, "note"))
    with store.read() as transaction:
        assert transaction.head() == Head(3, b"", b"3", "note")


def test_the_database_survives_a_crash_by_its_settings(store: Store) -> None:
    with store._engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2


def statement(name: str, start: float, end: float) -> ReadRow:
    return ReadRow(
        schema.statements,
        {
            "kind": "observations",
            "statement_id": name,
            "leaf_index": 3,
            "digest": b"d",
            "from_s": start,
            "to_s": end,
            "placed": True,
            "body": name.encode(),
        },
    )


def test_rows_are_found_by_the_span_that_they_touch(store: Store) -> None:
    with store.write() as transaction:
        transaction.recreate_read_models(1)
        transaction.apply([statement("a", 0, 10), statement("b", 10, 20), statement("c", 30, 40)])
    with store.read() as transaction:

        def touching(start: float, end: float) -> list[bytes]:
            return list(transaction.bodies(schema.statements, overlapping=(start, end)))

        assert touching(10, 30) == [b"a", b"b"]
        assert touching(21, 29) == []
        assert list(transaction.bodies(schema.statements, below=3)) == []
        assert transaction.statement_digests("observations", ["a", "zz"]) == {"a": b"d"}


def test_recreated_read_models_are_empty_and_carry_their_version(store: Store) -> None:
    with store.write() as transaction:
        transaction.recreate_read_models(1)
        transaction.apply([statement("a", 0, 10)])
    with store.write() as transaction:
        transaction.recreate_read_models(2)
    with store.read() as transaction:
        assert transaction.count(schema.statements) == 0
        assert transaction.fold_version() == 2
