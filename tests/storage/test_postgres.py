# SPDX-License-Identifier: Apache-2.0
"""What only a server can do to a mission: be away, be shared, keep more than one would like."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from tests.backends import sql
from tests.server import GUARDED, PASSWORD, Server

from truceline.errors import RejectedInput, StorageFailure
from truceline.storage import (
    DatabaseAddress,
    Head,
    ReadRow,
    RecordRow,
    Store,
    check_url,
    database_of,
    made,
    postgres,
    schema,
    schema_name,
)
from truceline.storage.postgres import PostgresSchema

NAME = "truceline_exercise"
SECRET = b"testimony-of-ivanenko"


def place(url: str, label: str = "Truceline exercise") -> PostgresSchema:
    return PostgresSchema(DatabaseAddress(url, NAME), label)


@pytest.fixture
def url(server: Server) -> Iterator[str]:
    yield server.url(server.database())
    server.drop()


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    database = place(url)
    database.make()
    store = Store(database)
    yield store
    store.close()


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "SESSION", (*postgres.SESSION, "SET lock_timeout = '200ms'"))


def statement(name: str, body: bytes | None = None) -> ReadRow:
    return ReadRow(
        schema.statements,
        {
            "kind": "observations",
            "statement_id": name,
            "leaf_index": 3,
            "digest": b"d",
            "from_s": 0.0,
            "to_s": 1.0,
            "placed": True,
            "body": name.encode() if body is None else body,
        },
    )


# Finding the server.


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("postgresql://somebody@127.0.0.1:1/db", "cannot be reached.*Check that it runs"),
        ("postgresql://somebody@no-such-host.invalid/db", "cannot be reached.*Check that it runs"),
        ("postgresql://somebody@/db?host=/no/such/folder", "cannot be reached.*Check that it runs"),
    ],
)
def test_a_server_that_is_away_is_told(url: str, says: str) -> None:
    with pytest.raises(StorageFailure, match=says), made(place(url)):
        pass


def test_a_database_that_is_not_there_is_told(server: Server) -> None:
    with pytest.raises(StorageFailure, match='database "no_such" does not exist'):
        Store(place(server.url("no_such")))


def test_a_password_that_is_missing_or_wrong_is_told_and_never_shown(
    url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"GRANT CREATE ON DATABASE {connection.info.dbname} TO {GUARDED}")
    guarded = url.replace("postgres@", f"{GUARDED}@")
    monkeypatch.setenv("PGPASSFILE", str(tmp_path / "none"))
    with pytest.raises(StorageFailure, match="asks for a password and none was found; give it in PGPASSWORD"):
        Store(place(guarded))
    monkeypatch.setenv("PGPASSWORD", "not-the-password")
    with pytest.raises(StorageFailure, match="did not let us in with the password") as failure:
        Store(place(guarded))
    assert "not-the-password" not in str(failure.value)
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    with made(place(guarded)):
        Store(place(guarded)).close()
    monkeypatch.delenv("PGPASSWORD")
    (tmp_path / "pgpass").write_text(f"*:*:*:{GUARDED}:{PASSWORD}\n")
    (tmp_path / "pgpass").chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(tmp_path / "pgpass"))
    Store(place(guarded)).close()


def test_a_service_file_can_say_where_the_server_is(
    server: Server, url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    name = url.split("@/")[1].split("?", maxsplit=1)[0]
    (tmp_path / "services").write_text(
        f"[mission]\nhost={server.folder}\ndbname={name}\nuser=postgres\n", encoding="utf-8"
    )
    monkeypatch.setenv("PGSERVICEFILE", str(tmp_path / "services"))
    check_url("postgresql://?service=mission", "test")
    database = place("postgresql://?service=mission")
    database.make()
    Store(database).close()


def test_a_role_that_may_not_make_a_schema_is_told_what_it_needs(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    with (
        pytest.raises(StorageFailure, match="have the role given CREATE"),
        made(place(url.replace("postgres@", f"{GUARDED}@"))),
    ):
        pass


def test_a_schema_of_another_mission_is_refused_and_left_alone(url: str, store: Store) -> None:
    with store.write() as transaction:
        transaction.apply([statement("a")])
    with pytest.raises(StorageFailure, match=r"holds another mission, or none: it says 'Truceline exercise'"):
        Store(place(url, "Truceline other"))
    with pytest.raises(StorageFailure, match="already"), made(place(url, "Truceline other")):
        pass
    with store.read() as transaction:
        assert transaction.count(schema.statements) == 1


def test_a_schema_that_is_gone_is_told_and_not_made_anew(url: str) -> None:
    for _ in range(2):
        with pytest.raises(StorageFailure, match="There is no schema truceline_exercise"):
            Store(place(url))


def test_a_database_of_another_encoding_is_refused(server: Server) -> None:
    with (
        pytest.raises(StorageFailure, match="keeps text as LATIN1"),
        made(place(server.url(server.database("LATIN1")))),
    ):
        pass


def test_without_the_servers_client_it_is_said_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "truceline.storage.postgres", None)
    with pytest.raises(StorageFailure, match=r"pip install 'truceline\[postgres\]'"):
        database_of(tmp_path, DatabaseAddress("postgresql://h/db", NAME), "x")


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("postgresql://user:sesame@host/db", "no password"),
        ("postgresql://user@host/db?password=sesame", "no password"),
        ("postgresql://user@host/db?sslpassword=sesame", "parameter that is not taken"),
        ("postgresql://user@host/db?options=-csearch_path%3Dother", "parameter that is not taken"),
        ("mysql://user@host/db", "must begin with"),
        ("postgresql+asyncpg://user@host/db", "must begin with"),
        ("postgresql://user@host", "names no database"),
        ("postgresql://user@host:port/db", "no URL"),
        ("truceline.db", "no URL"),
        ("postgresql://user@host/d\nb", "control character"),
    ],
)
def test_a_url_is_refused_without_being_shown(url: str, says: str) -> None:
    with pytest.raises(RejectedInput, match=says) as refusal:
        check_url(url, "init")
    assert "sesame" not in str(refusal.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://truceline@db.example:5433/missions?sslmode=verify-full",
        "postgresql://truceline@/missions?host=/run/postgresql",
        "postgresql://?service=mission",
    ],
)
def test_a_url_without_a_password_is_taken(url: str) -> None:
    check_url(url, "init")


def test_the_name_of_a_schema_fits_and_tells_missions_apart() -> None:
    long = "a-" * 31 + "b"
    assert schema_name("valley-2025", "0011aabb") == "truceline_valley_2025_0011aabb"
    assert len(schema_name(long, "0011aabb")) == 63
    assert schema_name(long, "0011aabb") != schema_name(long, "0011aabc")


# One writer, and readers that see one state.


@pytest.mark.usefixtures("_impatient")
def test_a_second_writer_is_refused_while_a_first_is_at_work(url: str, store: Store) -> None:
    other = Store(place(url))
    with store.write() as transaction:
        transaction.apply([statement("a")])
        with pytest.raises(StorageFailure, match="Another program is at work"), other.write():
            pass
    with other.write() as transaction:
        transaction.apply([statement("b")])
    other.close()


def test_a_writer_that_waited_goes_on_from_what_the_first_has_written(url: str, store: Store) -> None:
    other, seen = Store(place(url)), list[int]()
    begun = threading.Event()

    def second() -> None:
        begun.set()
        with other.write() as transaction:
            head = transaction.head()
            seen.append(-1 if head is None else head.tree_size)

    waiting = threading.Thread(target=second)
    with store.write() as transaction:
        transaction.add_head(Head(1, b"", b"", "first"))
        waiting.start()
        begun.wait()
        while waiting.is_alive() and not _waits(store):
            pass
        transaction.add_head(Head(2, b"", b"", "second"))
    waiting.join()
    other.close()
    assert seen == [2]


def _waits(store: Store) -> bool:
    """Tell whether somebody waits for a lock."""
    with store.read() as transaction:
        asked = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        return bool(transaction._connection.exec_driver_sql(asked).scalar_one())


@pytest.mark.usefixtures("_impatient")
def test_no_reader_sees_tables_that_are_made_anew_as_empty(url: str, store: Store) -> None:
    """PostgreSQL shows a table that was dropped since as empty: so whoever drops waits for readers."""
    with store.write() as transaction:
        transaction.apply([statement("a")])
    other = Store(place(url))
    with other.read() as reader:
        # It has seen nothing of the tables yet.
        with pytest.raises(StorageFailure, match="Another program"), store.write() as transaction:
            transaction.recreate_read_models(1)
        assert not store.scrub()
        assert reader.count(schema.statements) == 1
    with store.write() as transaction:
        transaction.recreate_read_models(1)
        with pytest.raises(StorageFailure, match="Another program"), other.read():
            pass
    with other.read() as reader:
        assert reader.count(schema.statements) == 0
    other.close()


def test_of_two_who_want_a_mission_for_themselves_one_gets_it(url: str, store: Store) -> None:
    other = Store(place(url))
    with store.hold() as ours:
        assert ours
        with other.hold() as theirs:
            assert not theirs
    with other.hold() as theirs:
        assert theirs
    other.close()


# What goes wrong on the way.


def test_a_connection_that_is_lost_leaves_a_step_whole_or_absent_and_says_so(
    server: Server, store: Store
) -> None:
    def change() -> None:
        with store.write() as transaction:
            transaction.apply([statement("a")])
            with server.connect() as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname LIKE 'truce%' AND pid <> pg_backend_pid()"
                )
            transaction.apply([statement("b")])

    with pytest.raises(StorageFailure, match="kept whole or not at all"):
        change()
    with store.read() as transaction:
        assert transaction.count(schema.statements) == 0


def test_what_people_testified_stays_out_of_the_servers_refusals(store: Store) -> None:
    secret = SECRET.decode()
    with pytest.raises(StorageFailure, match="23505") as failure, store.write() as transaction:
        transaction.apply([statement(secret), statement(secret)])
    assert secret not in str(failure.value)
    with pytest.raises(StorageFailure) as failure, store.write() as transaction:
        transaction.apply([statement(f"{secret}\0")])
    assert secret not in str(failure.value)


def test_numbers_beyond_32_bits_are_kept(store: Store) -> None:
    row = RecordRow(2**40, "rec-0", "run", "ed25519:x", 2**50, "2025-04-20T00:00:00Z", b"leaf")
    with store.write() as transaction:
        transaction.add_record(row)
    with store.read() as transaction:
        assert transaction.record("rec-0") == row


# What is deleted is gone.


def holding(server: Server, url: str) -> list[str]:
    name = url.split("@/")[1].split("?", maxsplit=1)[0]
    return [path.name for path in server.files(name) if SECRET in path.read_bytes()]


def test_deleted_rows_are_in_no_file_of_the_database_once_it_is_scrubbed(
    server: Server, url: str, store: Store
) -> None:
    """Not in tables, indexes or statistics, although another session could still see them."""
    with store.write() as transaction:
        rows = [statement(f"obs-{number:05d}") for number in range(3_000)]
        transaction.apply([*rows, *(statement(f"{SECRET.decode()}-{one}", SECRET) for one in range(3_000))])
    with server.connect(url.split("@/")[1].split("?", maxsplit=1)[0]) as connection:
        connection.execute("ANALYZE")
        assert holding(server, url) != []
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        connection.execute("SELECT 1 FROM pg_class")
        delete = sql("DELETE FROM statements WHERE statement_id LIKE :like", like=f"{SECRET.decode()}%")
        assert delete(store) == 3_000
        assert holding(server, url) != []
        assert store.scrub()
        assert holding(server, url) == []
        connection.execute("ROLLBACK")
    with store.read() as transaction:
        assert transaction.count(schema.statements) == 3_000
        assert transaction.statement_digests("observations", ["obs-00007"]) == {"obs-00007": b"d"}


def test_it_is_said_what_a_servers_own_log_keeps(store: Store) -> None:
    assert "write-ahead log" in store.remains
