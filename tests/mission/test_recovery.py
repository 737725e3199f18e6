# SPDX-License-Identifier: Apache-2.0
"""A backup restores on a clean machine, and a restored mission forks nobody's log."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.mission.made import CLOCK, MakeTable, entropy, row
from tests.mission.witnesses import Wire, down

from truceline.errors import RejectedInput, RuleViolation
from truceline.evidence.verify import VerificationError, verify_log
from truceline.mission import (
    Mission,
    ingest,
    mission_status,
    open_mission,
    rebuild,
    recorded_observations,
    run,
    verify_mission,
)
from truceline.mission.devices.device_status import device_status
from truceline.mission.recovery.backup import back_up, unpack
from truceline.mission.recovery.settle import is_restored, settle
from truceline.mission.witnesses.asking import Answer
from truceline.mission.witnesses.witnessing import POLICY_FILE, attested_times, collect

pytestmark = pytest.mark.over_both


@pytest.fixture
def wire(mission: Mission, tmp_path: Path) -> Iterator[Wire]:
    made = Wire(mission, tmp_path)
    (mission.folder / POLICY_FILE).write_text(made.policy())
    yield made
    made.close()


def restored(backup: Path, folder: Path, keys: Path | None = None, url: str | None = None) -> Mission:
    unpack(backup, folder, keys=keys, database_url=url)
    return open_mission(folder, clock=CLOCK, entropy=entropy(9))


def test_a_backup_restores_to_the_same_mission(
    mission: Mission, make_table: MakeTable, tmp_path: Path
) -> None:
    ingest(mission, make_table([row(number) for number in range(12)]), "table")
    run(mission)
    back_up(mission, tmp_path / "b.tar", with_keys=True)
    again = restored(tmp_path / "b.tar", tmp_path / "again")
    before, after = mission_status(mission), mission_status(again)
    assert (after.tree_size, after.root, after.statements) == (
        before.tree_size,
        before.root,
        before.statements,
    )
    assert recorded_observations(again) == recorded_observations(mission)
    assert verify_mission(again).checkpoint.size == before.tree_size
    again.close()


def test_a_restored_mission_signs_nothing_before_it_is_reconciled(
    mission: Mission, make_table: MakeTable, tmp_path: Path
) -> None:
    back_up(mission, tmp_path / "b.tar", with_keys=True)
    again = restored(tmp_path / "b.tar", tmp_path / "again")
    path = make_table([row(1)])
    for step in (lambda: ingest(again, path, "table"), lambda: run(again), lambda: rebuild(again)):
        with pytest.raises(RuleViolation, match="truceline reconcile"):
            step()
    with pytest.raises(RuleViolation, match="no witnesses"):
        settle(again)
    assert settle(again, alone=True).may_sign
    assert ingest(again, path, "table").accepted == 1
    again.close()


def test_witnesses_that_saw_no_more_let_it_sign(
    mission: Mission, wire: Wire, make_table: MakeTable, tmp_path: Path
) -> None:
    ingest(mission, make_table([row(1)]), "table")
    collect(mission, send=wire)
    back_up(mission, tmp_path / "b.tar", with_keys=True)
    again = restored(tmp_path / "b.tar", tmp_path / "again")
    done = settle(again, send=wire)
    assert done.may_sign
    assert {state.answer for state in done.states} == {Answer.COSIGNED}
    assert not is_restored(again)
    again.close()


def test_a_witness_that_saw_more_keeps_it_from_signing_until_the_log_is_brought(
    mission: Mission, wire: Wire, make_table: MakeTable, tmp_path: Path
) -> None:
    ingest(mission, make_table([row(1)]), "table")
    back_up(mission, tmp_path / "b.tar", with_keys=True)
    ingest(mission, make_table([row(number) for number in range(2, 9)]), "table")
    collect(mission, send=wire)
    published = shutil.copytree(mission.folder / "log", tmp_path / "copy")

    again = restored(tmp_path / "b.tar", tmp_path / "again")
    shut = settle(again, send=wire)
    assert not shut.may_sign
    assert Answer.AHEAD in {state.answer for state in shut.states}
    assert is_restored(again)

    done = settle(again, log_copy=published, send=wire)
    assert done.may_sign
    assert done.adopted > 0
    ingest(again, make_table([row(number) for number in range(2, 9)]), "table")
    collect(again, send=wire)
    # The log goes on as one: whoever kept the longer checkpoint sees it continued.
    kept = (published / "checkpoint").read_bytes()
    report = verify_log(again.folder / "log", wire.log_key, kept)
    assert report.checkpoint.size > done.adopted
    assert not report.unsettled
    verify_mission(again)
    rebuild(again)
    assert len(recorded_observations(again)) == 8
    again.close()


def test_status_and_devices_say_how_much_is_attested(
    mission: Mission, wire: Wire, make_table: MakeTable
) -> None:
    assert mission_status(mission).attested_size is None
    collect(mission, send=wire)
    seen = mission_status(mission).tree_size
    ingest(mission, make_table([row(1)]), "table")
    standing = mission_status(mission)
    assert (standing.witnessed, standing.attested_size) == (True, seen)
    assert set(attested_times(mission)) == {seen}
    (operator,) = device_status(mission, attested_times(mission))
    assert operator.records == standing.tree_size


def test_a_log_that_is_not_ours_is_not_adopted(mission: Mission, easter: Mission, tmp_path: Path) -> None:
    back_up(mission, tmp_path / "b.tar", with_keys=True)
    again = restored(tmp_path / "b.tar", tmp_path / "again")
    size = mission_status(again).tree_size
    with pytest.raises(VerificationError):
        settle(again, log_copy=easter.folder / "log", alone=True)
    assert mission_status(again).tree_size == size
    assert is_restored(again)
    again.close()


def test_no_witness_holds_a_veto_and_going_on_without_one_is_recorded(
    mission: Mission, wire: Wire, tmp_path: Path
) -> None:
    collect(mission, send=wire)
    back_up(mission, tmp_path / "b.tar", with_keys=True)
    again = restored(tmp_path / "b.tar", tmp_path / "again")
    wire.instead["south"] = down
    assert not settle(again, send=wire).may_sign
    with pytest.raises(RuleViolation, match="ground"):
        settle(again, without=["south"], send=wire)
    assert settle(again, without=["south"], ground="its office was closed", send=wire).may_sign
    with again.store.read() as transaction:
        decision = transaction.latest("restore")
    assert decision is not None
    text = str(again.ledger.open_payload(decision))
    assert "its office was closed" in text
    assert "south" in text
    again.close()


def test_a_backup_without_keys_needs_them_from_elsewhere(mission: Mission, tmp_path: Path) -> None:
    back_up(mission, tmp_path / "b.tar")
    with tarfile.open(tmp_path / "b.tar") as archive:
        assert not [name for name in archive.getnames() if "key" in name or name.endswith(".pem")]
    with pytest.raises(RejectedInput, match="--keys"):
        unpack(tmp_path / "b.tar", tmp_path / "again")
    assert not (tmp_path / "again").exists()
    again = restored(tmp_path / "b.tar", tmp_path / "again", mission.folder / "keys")
    assert settle(again, alone=True).may_sign
    again.close()


def test_a_backup_never_replaces_a_file_and_a_restore_never_a_folder(
    mission: Mission, tmp_path: Path
) -> None:
    back_up(mission, tmp_path / "b.tar", with_keys=True)
    with pytest.raises(RejectedInput, match="never replaces"):
        back_up(mission, tmp_path / "b.tar")
    with pytest.raises(RejectedInput, match="of its own"):
        unpack(tmp_path / "b.tar", mission.folder)


@pytest.mark.parametrize("position", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_a_damaged_backup_restores_nothing(mission: Mission, position: float, tmp_path: Path) -> None:
    back_up(mission, tmp_path / "b.tar", with_keys=True)
    content = bytearray((tmp_path / "b.tar").read_bytes())
    at = int(len(content) * position)
    while content[at] == 0:
        at += 1
    content[at] ^= 1
    (tmp_path / "bad.tar").write_bytes(bytes(content))
    with pytest.raises(RejectedInput, match="not a whole backup"):
        unpack(tmp_path / "bad.tar", tmp_path / "again")
    assert not list(tmp_path.glob("*again*"))


@pytest.mark.parametrize("length", [0, 100, 5_000])
def test_a_cut_off_backup_restores_nothing(mission: Mission, length: int, tmp_path: Path) -> None:
    back_up(mission, tmp_path / "b.tar", with_keys=True)
    (tmp_path / "cut.tar").write_bytes((tmp_path / "b.tar").read_bytes()[:length])
    with pytest.raises(RejectedInput, match="not a whole backup"):
        unpack(tmp_path / "cut.tar", tmp_path / "again")
    assert not (tmp_path / "again").exists()


@pytest.mark.parametrize("name", ["../outside", "/etc/outside", "vault/../../outside", "log/checkpoint"])
def test_a_backup_writes_nowhere_but_in_its_folder(mission: Mission, name: str, tmp_path: Path) -> None:
    back_up(mission, tmp_path / "b.tar", with_keys=True)
    with tarfile.open(tmp_path / "b.tar") as archive:
        content = archive.extractfile("manifest.json")
        assert content is not None
        manifest = json.loads(content.read())
    manifest["members"] = {name: {"sha256": hashlib.sha256(b"x").hexdigest(), "length": 1}}
    text = json.dumps(manifest).encode()
    with tarfile.open(tmp_path / "evil.tar", "w") as archive:
        for member, data in (("manifest.json", text), (name, b"x")):
            entry = tarfile.TarInfo(member)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    with pytest.raises(RejectedInput, match="not a whole backup"):
        unpack(tmp_path / "evil.tar", tmp_path / "again")
    assert not list(tmp_path.rglob("outside"))
