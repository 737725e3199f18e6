# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.backends import Backend, sql

from truceline.errors import StorageFailure
from truceline.storage import Head, ReadRow, RecordRow, Store, schema
from truceline.storage.sqlite import SQLiteFile

pytestmark = pytest.mark.over_both


@pytest.fixture
def store(tmp_path: Path, backend: Backend) -> Iterator[Store]:
    store = Store(backend.made(tmp_path))
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


def test_rows_come_in_the_order_of_their_bytes_whatever_the_server_speaks(store: Store) -> None:
    names = ["b", "A", "a", "B", "é", "z", "_", "a b", "a-b", "ab", "10", "9", "\U0001f54a", "\ufb01"]
    with store.write() as transaction:
        transaction.recreate_read_models(1)
        transaction.apply([statement(name, 0, 1) for name in names])
    with store.read() as transaction:
        in_order = sorted(name.encode() for name in names)
        assert list(transaction.bodies(schema.statements)) == in_order
        assert sorted(transaction.bodies(schema.statements, ids=("statement_id", names))) == in_order


def test_more_ids_than_one_query_may_have_are_looked_up(store: Store) -> None:
    names = [f"obs-{number}" for number in range(70_000)]
    with store.write() as transaction:
        transaction.apply([statement(name, 0, 1) for name in names[::7]])
    with store.read() as transaction:
        assert set(transaction.statement_digests("observations", names)) == set(names[::7])


def test_a_reader_sees_one_state_while_a_writer_commits(store: Store) -> None:
    with store.write() as transaction:
        transaction.apply([statement("a", 0, 1)])
    with store.read() as reader:
        assert reader.count(schema.statements) == 1
        with store.write() as transaction:
            transaction.apply([statement("b", 0, 1)])
            assert reader.count(schema.statements) == 1
        assert reader.count(schema.statements) == 1
        assert list(reader.bodies(schema.statements)) == [b"a"]
    with store.read() as reader:
        assert reader.count(schema.statements) == 2


def test_a_loop_over_rows_that_is_left_early_holds_nothing_up(store: Store) -> None:
    with store.write() as transaction:
        transaction.apply([statement(f"{number:05d}", 0, 1) for number in range(3_000)])
    with store.write() as transaction:
        assert next(transaction.bodies(schema.statements)) == b"00000"
        transaction.recreate_read_models(1)
        assert transaction.count(schema.statements) == 0


def test_a_snapshot_holds_every_row(store: Store, tmp_path: Path) -> None:
    with store.write() as transaction:
        transaction.add_records([record(0), record(1)])
        transaction.add_head(Head(2, b"e" * 32, b"r" * 32, "note\n\u2014 x y\n"))
        transaction.recreate_read_models(3)
        transaction.apply([statement(name, 0.1, 0.2) for name in "ba"])
    store.snapshot(tmp_path / "copy.db")
    copy = Store(SQLiteFile(tmp_path / "copy.db"))
    with store.read() as one, copy.read() as other:
        assert list(other.records()) == list(one.records()) == [record(0), record(1)]
        assert other.head() == one.head()
        assert other.digest(schema.statements) == one.digest(schema.statements)
        assert other.fold_version() == 3
    copy.close()
    assert [path.name for path in tmp_path.glob("copy*")] == ["copy.db"]


def test_what_was_deleted_leaves_no_trace_once_it_is_scrubbed(store: Store) -> None:
    with store.write() as transaction:
        transaction.apply([statement(name, 0, 1) for name in ("kept", "gone")])
        transaction.erasing.mark_traces()
        transaction.erasing.mark_traces()
        assert len(transaction.erasing.struck()) == 1
    assert sql("DELETE FROM statements WHERE statement_id = 'gone'")(store) == 1
    assert store.scrub()
    with store.read() as transaction:
        assert list(transaction.bodies(schema.statements)) == [b"kept"]
        assert len(transaction.erasing.struck()) == 1
