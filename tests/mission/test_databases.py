# SPDX-License-Identifier: Apache-2.0
"""The same mission in a file and on a server: the same record, the same results, the same way back."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from tests.backends import Backend, sql
from tests.mission.made import CLOCK, EASTER, PACKS, MakeTable, entropy, row
from tests.server import Server

from truceline.errors import RejectedInput, StorageFailure
from truceline.mission import (
    Mission,
    ingest,
    init_mission,
    mission_status,
    open_mission,
    rebuild,
    run,
    verify_mission,
    write_report,
)
from truceline.mission.recovery.backup import back_up, unpack
from truceline.mission.recovery.settle import settle
from truceline.storage import schema

PROGRAM = Path(sys.executable).with_name("truceline")
DAY = date(2025, 4, 20)


def digests(mission: Mission) -> dict[str, str | None]:
    """Return a digest of each read model's rows."""
    with mission.store.read() as transaction:
        return {
            table.name: transaction.digest(table)
            for table in schema.read_models.sorted_tables
            if "body" in table.c
        }


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_same_mission_in_both_gives_the_same_record_and_the_same_results(
    easter: Mission, server: Server, tmp_path: Path
) -> None:
    """Made of the same files with the same clock and random bytes as the one in a file."""
    there = init_mission(
        PACKS / "easter-truce-2025",
        tmp_path / "there",
        database_url=server.url(server.database()),
        clock=CLOCK,
        entropy=entropy(2),
    )
    ingest(there, EASTER / "reports.csv", "reports")
    ingest(there, EASTER / "party_claims.csv", "party-claims")
    ran = run(there)
    here, status = mission_status(easter), mission_status(there)
    assert (status.tree_size, status.root) == (here.tree_size, here.root)
    assert here.last_run is not None
    assert ran.results_sha256 == here.last_run.results_sha256
    assert digests(there) == digests(easter)
    assert len(set(digests(there).values())) > 5
    with there.store.read() as one, easter.store.read() as other:
        assert list(one.records()) == list(other.records())
    assert files(there.folder / "log") == files(easter.folder / "log")
    assert files(there.folder / "vault") == files(easter.folder / "vault")
    reports = [write_report(made, DAY, tmp_path / made.folder.name) for made in (there, easter)]
    assert [path.read_bytes() for path in reports[0]] == [path.read_bytes() for path in reports[1]]
    assert rebuild(there).changed == ()
    verify_mission(there)
    there.close()


@pytest.mark.parametrize(("to_server", "back"), [(True, False), (False, True), (True, True)])
def test_a_mission_moves_between_a_file_and_a_server(
    to_server: bool, back: bool, easter: Mission, server: Server, tmp_path: Path
) -> None:
    back_up(easter, tmp_path / "first.tar", with_keys=True)
    url = server.url(server.database()) if to_server else None
    unpack(tmp_path / "first.tar", tmp_path / "one", database_url=url)
    one = open_mission(tmp_path / "one", clock=CLOCK, entropy=entropy(9))
    assert (one.settings.database is not None) is to_server
    assert (tmp_path / "one" / "truceline.db").exists() is not to_server
    settle(one, alone=True)
    back_up(one, tmp_path / "second.tar", with_keys=True)
    unpack(tmp_path / "second.tar", tmp_path / "two", database_url=None if back else url)
    two = open_mission(tmp_path / "two", clock=CLOCK, entropy=entropy(10))
    assert digests(two) == digests(one) == digests(easter)
    assert two.settings.origin == easter.settings.origin
    verify_mission(two)
    assert settle(two, alone=True).may_sign
    # Each has a place of its own: what one records, the other does not see.
    assert mission_status(one).tree_size == mission_status(two).tree_size - 1
    verify_mission(one)
    one.close()
    two.close()


def test_a_backup_says_nothing_of_the_server(server: Server, tmp_path: Path) -> None:
    url = server.url(server.database())
    made = init_mission(PACKS / "blank", tmp_path / "m", database_url=url)
    back_up(made, tmp_path / "b.tar", with_keys=True)
    assert made.settings.database is not None
    schema_name = made.settings.database.schema
    made.close()
    assert schema_name in (tmp_path / "m" / "mission.toml").read_text(encoding="utf-8")
    content = (tmp_path / "b.tar").read_bytes()
    assert schema_name.encode() not in content
    assert str(server.folder).encode() not in content


def test_a_restore_that_is_refused_leaves_nothing_on_the_server(
    easter: Mission, server: Server, tmp_path: Path
) -> None:
    back_up(easter, tmp_path / "b.tar")
    name = server.database()
    url = server.url(name)
    with pytest.raises(RejectedInput, match="--keys"):
        unpack(tmp_path / "b.tar", tmp_path / "again", database_url=url)
    keys, taken = easter.folder / "keys", tmp_path / "no" / "such"
    taken.parent.write_bytes(b"a file where a folder should be")
    with pytest.raises(OSError, match="no"):
        unpack(tmp_path / "b.tar", taken, keys=keys, database_url=url)
    with server.connect(name) as connection:
        found = connection.execute("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'truceline%'")
        assert next(found) == (0,)


def test_an_init_that_fails_leaves_nothing_on_the_server(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: object) -> None:
        raise StorageFailure("No space is left.")

    name = server.database()
    with monkeypatch.context() as patch:
        patch.setattr("truceline.mission.mission.make_tier_keys", full)
        with pytest.raises(StorageFailure, match="No space"):
            init_mission(PACKS / "blank", tmp_path / "m", database_url=server.url(name))
    assert list(tmp_path.iterdir()) == []
    with server.connect(name) as connection:
        found = connection.execute("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'truceline%'")
        assert next(found) == (0,)


def test_several_missions_share_a_server(server: Server, make_table: MakeTable, tmp_path: Path) -> None:
    url = server.url(server.database())
    one = init_mission(PACKS / "blank", tmp_path / "one", database_url=url)
    other = init_mission(PACKS / "blank", tmp_path / "other", database_url=url)
    ingest(one, make_table([row(1), row(2)]), "table")
    with one.ledger.frozen():
        ingest(other, make_table([row(1)]), "table")
    assert dict(mission_status(one).statements) == {"observations": 2}
    assert dict(mission_status(other).statements) == {"observations": 1}
    verify_mission(one)
    verify_mission(other)
    one.close()
    other.close()


def test_two_folders_that_name_one_schema_do_not_write_at_once(
    server: Server, make_table: MakeTable, tmp_path: Path
) -> None:
    """The lock in a folder does not reach a copy of the folder; the one on the server does."""
    one = init_mission(PACKS / "blank", tmp_path / "one", database_url=server.url(server.database()))
    subprocess.run(["cp", "-r", tmp_path / "one", tmp_path / "copy"], check=True)
    copy = open_mission(tmp_path / "copy")
    with one.ledger.frozen(), pytest.raises(StorageFailure, match="Another program is writing"):
        ingest(copy, make_table([row(1)]), "table")
    assert ingest(copy, make_table([row(1)]), "table").accepted == 1
    copy.close()
    one.close()


@pytest.mark.over_both
def test_nothing_is_signed_from_a_database_that_was_set_back(
    mission: Mission, backend: Backend, make_table: MakeTable, tmp_path: Path
) -> None:
    size = mission_status(mission).tree_size
    ingest(mission, make_table([row(1)]), "table")
    for table in ("records", "openings", "sealed_keys", "statements", "imports"):
        sql(f"DELETE FROM {table} WHERE leaf_index >= {size}")(mission.store)  # noqa: S608
    assert sql(f"DELETE FROM heads WHERE tree_size > {size}")(mission.store) == 1  # noqa: S608
    with pytest.raises(StorageFailure, match="would fork the log; nothing was recorded"):
        ingest(mission, make_table([row(2)]), "table")
    assert mission_status(mission).tree_size == size
    # What the message says to do.
    back_up(mission, tmp_path / "b.tar", with_keys=True)
    unpack(tmp_path / "b.tar", tmp_path / "new", database_url=backend.url())
    again = open_mission(tmp_path / "new", clock=CLOCK, entropy=entropy(9))
    assert settle(again, log_copy=mission.folder / "log", alone=True).adopted == 2
    assert ingest(again, make_table([row(2)]), "table").accepted == 1
    verify_mission(again)
    again.close()


@pytest.mark.over_both
def test_the_verbs_need_no_more_than_the_folder(
    backend: Backend, make_table: MakeTable, tmp_path: Path
) -> None:
    folder, url = tmp_path / "m", backend.url()
    place = () if url is None else ("--database", url)

    def call(*arguments: object) -> str:
        done = subprocess.run(
            [PROGRAM, *(str(one) for one in arguments)], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    said = call("init", PACKS / "blank", folder, "--exercise", *place)
    assert ("Its records are in schema truceline_blank_" in said) is (url is not None)
    call("ingest", folder, make_table([row(number) for number in range(5)]), "--as", "table")
    assert "Statements: 5 observations." in call("status", folder)
    call("run", folder)
    call("backup", folder, tmp_path / "b.tar", "--with-keys")
    call("restore", tmp_path / "b.tar", tmp_path / "again", *place)
    call("reconcile", tmp_path / "again", "--alone")
    assert "published log agree" in call("log", "verify", tmp_path / "again")
