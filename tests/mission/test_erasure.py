# SPDX-License-Identifier: Apache-2.0
"""What is erased is gone, all else stays, and a crash leaves nothing in between."""

from __future__ import annotations

import json
import random
import subprocess
from datetime import date
from pathlib import Path

import pytest
from tests.backends import Backend, asked
from tests.mission.erasing import (
    PROGRAM,
    ROWS,
    SECOND,
    SECRET,
    SECRET_ID,
    VICTIM,
    PowerCutError,
    cut,
    destroy,
    latest,
    reopened,
    traces,
)

from truceline.errors import MechanismError, RejectedInput, StorageFailure
from truceline.evidence.sealing import TierKey
from truceline.mission import (
    Mission,
    mission_status,
    open_mission,
    rebuild,
    recorded_observations,
    run,
    verify_mission,
    write_report,
)
from truceline.mission.derive import Results
from truceline.mission.erasure.erase import erase
from truceline.mission.sealing import key_file
from truceline.storage import ReadRow, Store, Value, Vault, schema
from truceline.storage.erasing import Erasing
from truceline.storage.sqlite import SQLiteFile
from truceline.vocabulary import Tier

pytestmark = pytest.mark.over_both


def test_an_erased_row_is_nowhere_in_the_mission_any_more(taken: Mission, backend: Backend) -> None:
    before = latest(taken, "observations")
    texts = (SECRET.encode(), SECRET_ID.encode(), dict(before.wrapped)["commission"])
    assert len(traces(backend, taken, *texts)) > 3
    done = destroy(taken, item=VICTIM)
    assert done.finished
    assert traces(backend, taken, *texts) == []
    taken.close()
    again = open_mission(taken.folder)
    assert traces(backend, again, *texts) == []
    old = dict(before.openings)["commission"]
    assert not (taken.folder / "vault" / old[:2] / old).exists()
    assert [path for path in taken.folder.glob("*-wal") if path.stat().st_size] == []
    again.close()


def test_deleted_rows_leave_no_trace_in_split_pages_either(tmp_path: Path) -> None:
    """``secure_delete`` alone leaves some ids behind where an index page was split."""
    database = SQLiteFile(tmp_path / "truceline.db")
    database.make()
    store, draw = Store(database), random.Random(1)
    names = [f"obs-{draw.randrange(10**9):09d}" for _ in range(12_000)]
    with store.write() as transaction:
        values: dict[str, Value] = {
            "kind": "observations",
            "digest": b"d",
            "from_s": 0.0,
            "to_s": 1.0,
            "placed": True,
        }
        transaction.apply(
            [
                ReadRow(
                    schema.statements,
                    {**values, "statement_id": name, "leaf_index": draw.randrange(6), "body": name.encode()},
                )
                for name in names
            ]
        )
    with store.read() as transaction:
        kept = set(transaction.bodies(schema.statements)) - set(
            transaction.bodies(schema.statements, below=1)
        )
    with store.write() as transaction:
        transaction.erasing.unfold([schema.statements], 0)
    assert store.scrub()
    held = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    store.close()
    assert [name for name in names if name.encode() in held and name.encode() not in kept] == []


def test_everything_else_still_opens_and_verifies_after_an_erasure(taken: Mission) -> None:
    destroy(taken, item=VICTIM)
    verify_mission(taken)
    items = taken.ledger.open_payload(latest(taken, "observations"))[Tier.COMMISSION]
    assert [index for index, item in enumerate(items) if item is None] == [VICTIM]
    assert len(recorded_observations(taken)) == ROWS - 1
    assert dict(mission_status(taken).statements)["claims"] == 52


def test_what_is_left_of_a_batch_has_a_new_key(taken: Mission) -> None:
    before = latest(taken, "observations")
    destroy(taken, item=VICTIM)
    after = latest(taken, "observations")
    key = TierKey.load(key_file(taken.folder / "keys", Tier.COMMISSION))
    keys = {
        key.unwrap(dict(one.wrapped)["commission"], one.record_id, "commission") for one in (before, after)
    }
    assert len(keys) == 2


def test_a_whole_record_can_be_erased_and_then_row_by_row_no_more(taken: Mission) -> None:
    destroy(taken)
    assert latest(taken, "observations").openings == ()
    verify_mission(taken)
    assert recorded_observations(taken) == []
    with pytest.raises(RejectedInput, match="erased whole already"):
        destroy(taken, item=VICTIM)


def test_one_tier_or_one_field_is_erased_and_the_others_stay(taken: Mission) -> None:
    destroy(taken, "import", field="file")
    opened = taken.ledger.open_payload(latest(taken, "import"))
    assert opened[Tier.COMMISSION].count(None) == opened[Tier.PUBLIC].count(None) == 1
    destroy(taken, "import", tier=Tier.COMMISSION)
    opened = taken.ledger.open_payload(latest(taken, "import"))
    assert set(opened[Tier.COMMISSION]) == {None}
    assert any(b'"accepted"' in (item or b"") for item in opened[Tier.PUBLIC])
    verify_mission(taken)
    rebuild(taken)


def test_two_erasures_from_one_record_are_both_accounted_for(taken: Mission) -> None:
    destroy(taken, item=VICTIM)
    destroy(taken, item=VICTIM + 1)
    verify_mission(taken)
    assert len(recorded_observations(taken)) == ROWS - 2


def test_a_run_that_read_it_is_said_not_to_come_out_again(taken: Mission, tmp_path: Path) -> None:
    done = destroy(taken, item=VICTIM)
    assert done.last_run is not None
    first = rebuild(taken)
    assert first.run is not None
    assert str(done.erasure.leaf_index) in first.run.unlike
    write_report(taken, date(2025, 4, 20), tmp_path / "between")
    assert run(taken).recorded
    second = rebuild(taken)
    assert second.run is not None
    assert second.run.unlike == ""
    assert second.run.observations == ROWS - 1


def test_derived_results_name_the_erased_observation_no_more(taken: Mission) -> None:
    destroy(taken, item=VICTIM)
    members = {name for (name,) in asked(taken.store, "SELECT observation_id FROM memberships")}
    assert len(members) == ROWS - 1
    assert SECRET_ID not in members


@pytest.mark.parametrize(("kind", "excused"), [("observations", True), ("claims", False)])
def test_an_erasure_excuses_a_difference_only_if_the_run_read_it(
    taken: Mission, kind: str, excused: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    destroy(taken, kind, item=0)
    monkeypatch.setattr(Results, "digest", lambda _results: "0" * 64)
    if excused:
        rebuild(taken)
    else:
        with pytest.raises(StorageFailure, match="does not reproduce"):
            rebuild(taken)


def test_reports_can_be_written_after_an_erasure(taken: Mission, tmp_path: Path) -> None:
    destroy(taken, item=VICTIM)
    for path in write_report(taken, date(2025, 4, 20), tmp_path / "out"):
        assert SECRET.encode() not in path.read_bytes()


@pytest.mark.parametrize(
    ("owner", "step", "recorded"),
    [
        (Erasing, "strike", False),
        (Vault, "put", False),
        (Erasing, "unfold", False),
        (Vault, "destroy", True),
        (Store, "scrub", True),
        (Erasing, "destroyed", True),
    ],
)
def test_a_killed_erasure_is_nothing_or_is_finished_at_the_next_opening(
    taken: Mission,
    backend: Backend,
    owner: type,
    step: str,
    recorded: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old = dict(latest(taken, "observations").openings)["commission"]
    with monkeypatch.context() as patch:
        patch.setattr(owner, step, cut)
        with pytest.raises(PowerCutError):
            destroy(taken, item=VICTIM)
    again = reopened(taken)
    verify_mission(again)
    assert (again.folder / "vault" / old[:2] / old).exists() is not recorded
    assert (traces(backend, again, SECRET.encode(), SECRET_ID.encode()) == []) is recorded
    with again.store.read() as transaction:
        assert transaction.erasing.struck() == ()
    again.close()


def test_while_somebody_reads_the_rest_waits_for_the_next_opening(
    taken: Mission, backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Store, "scrub", lambda _store: False)
        assert not destroy(taken, item=VICTIM).finished
    rebuild(taken)
    with taken.store.read() as transaction:
        assert transaction.erasing.struck() == ()
    assert traces(backend, taken, SECRET.encode()) == []


def test_opening_does_not_wait_for_whoever_is_erasing(
    taken: Mission, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Vault, "destroy", cut)
        with pytest.raises(PowerCutError):
            destroy(taken, item=VICTIM)
    with taken.ledger._lock():
        other = open_mission(taken.folder)
        assert len(recorded_observations(other)) == ROWS - 1
        assert not other.ledger.finish_erasures()
        other.close()
    assert taken.ledger.finish_erasures()


@pytest.mark.parametrize(
    ("kind", "tier", "item", "field", "says"),
    [
        ("agreement", None, None, None, "stands on"),
        ("run", None, None, None, "stands on"),
        ("tier-keys", None, None, None, "stands on"),
        ("observations", None, ROWS, None, "counted from 0"),
        ("observations", None, -1, None, "counted from 0"),
        ("observations", Tier.PARTIES, None, None, "no such tier"),
        ("observations", None, None, "file", "has rows"),
        ("import", None, 1, None, "has fields"),
        ("import", None, None, "nothing such", "not there"),
        ("import", None, 1, "file", "not both"),
    ],
)
def test_what_cannot_be_erased_is_refused_and_nothing_changes(
    taken: Mission, kind: str, tier: Tier | None, item: int | None, field: str | None, says: str
) -> None:
    before = mission_status(taken)
    with pytest.raises(MechanismError, match=says):
        destroy(taken, kind, tier=tier, item=item, field=field)
    assert mission_status(taken) == before
    with pytest.raises(RejectedInput, match="no such record"):
        erase(taken, "rec-nowhere", authority="A", ground="B", second=SECOND)
    with pytest.raises(RejectedInput, match="--ground"):
        erase(taken, "3", authority="A", ground=" ", second=SECOND)


def test_a_row_is_not_erased_twice(taken: Mission) -> None:
    destroy(taken, item=VICTIM)
    with pytest.raises(RejectedInput, match="erased already"):
        destroy(taken, item=VICTIM)


def test_the_verb_erases_and_says_what_is_next(taken: Mission, tmp_path: Path) -> None:
    SECOND.save(tmp_path / "second.pem")
    record = latest(taken, "observations").record_id
    taken.close()

    def call(*arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(PROGRAM), *(str(one) for one in arguments)], capture_output=True, text=True, check=False
        )

    words = ("--authority", "Office A", "--ground", "Ground B", "--row", VICTIM)
    missing = call("erase", taken.folder, record, *words)
    assert missing.returncode == 2
    own = call("erase", taken.folder, record, *words, "--second-key", taken.folder / "keys" / "author.pem")
    assert own.returncode == 1
    assert "Nothing was erased" in own.stderr
    done = call("erase", taken.folder, record, *words, "--second-key", tmp_path / "second.pem")
    assert done.returncode == 0, done.stderr
    assert "truceline run" in done.stdout
    assert SECOND.author in done.stdout
    rebuilt = call("rebuild", taken.folder)
    assert rebuilt.returncode == 0, rebuilt.stderr
    assert "cannot come out again" in rebuilt.stdout
    key_file(taken.folder / "keys", Tier.COMMISSION).unlink()
    checked = call("log", "verify", taken.folder, "--json")
    assert checked.returncode == 0, checked.stderr
    assert "commission in 3 records" in call("log", "verify", taken.folder).stdout
    assert json.loads(checked.stdout)["size"] == 9
