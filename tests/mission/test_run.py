# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import base64
import json
import random
import shutil
from datetime import date
from pathlib import Path

import pytest
from tests.backends import Backend, asked, edit, sql
from tests.mission.made import CLOCK, PACKS, MakeTable, entropy, row

from truceline.errors import RejectedInput, RuleViolation, StorageFailure
from truceline.evidence.verify import VerificationError, open_item, parse_leaf, verify_log
from truceline.mission import (
    Mission,
    disclose_item,
    ingest,
    init_mission,
    mission_status,
    open_mission,
    prove_record,
    rebuild,
    run,
    verify_mission,
    write_report,
)
from truceline.storage import schema
from truceline.vocabulary import Tier

pytestmark = pytest.mark.over_both

EASTER_DAY = date(2025, 4, 20)


@pytest.fixture
def copy(easter: Mission, tmp_path: Path, backend: Backend) -> Mission:
    """Return a copy of the Easter mission that a test may harm."""
    return open_mission(backend.copied(easter.folder, tmp_path / "copy"), clock=CLOCK, entropy=entropy(3))


def read_models(mission: Mission) -> dict[str, list[tuple[object, ...]]]:
    return {
        name: asked(mission.store, f"SELECT * FROM {name} ORDER BY 1, 2")  # noqa: S608
        for name in schema.read_models.tables
        if name != "fold"
    }


def test_a_run_with_nothing_new_records_nothing(copy: Mission) -> None:
    before = mission_status(copy)
    again = run(copy)
    assert not again.recorded
    assert mission_status(copy).tree_size == before.tree_size
    assert again.incidents == before.incidents > 0


def test_rebuilt_read_models_equal_the_first(copy: Mission) -> None:
    before = read_models(copy)
    assert all(before[name] for name in ("statements", "incidents", "memberships", "assessments", "runs"))
    rebuild(copy)
    assert read_models(copy) == before


def test_a_result_that_does_not_reproduce_is_refused_and_nothing_changed(copy: Mission) -> None:
    victim = str(
        asked(
            copy.store,
            "SELECT o.digest FROM openings o JOIN records r USING (leaf_index) "
            "WHERE r.kind = 'observations' AND o.tier = 'public'",
        )[0][0]
    )
    before = read_models(copy)
    (copy.folder / "vault" / victim[:2] / victim).write_bytes(b"something else")
    with pytest.raises(StorageFailure, match="changed on disk"):
        rebuild(copy)
    assert read_models(copy) == before


def test_reports_are_byte_identical_before_and_after_a_rebuild(copy: Mission, tmp_path: Path) -> None:
    first = write_report(copy, EASTER_DAY, tmp_path / "first")
    rebuild(copy)
    second = write_report(copy, EASTER_DAY, tmp_path / "second")
    assert [path.name for path in first] == [path.name for path in second]
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_a_report_names_the_tree_that_it_was_derived_from(copy: Mission, tmp_path: Path) -> None:
    standing = mission_status(copy)
    assert standing.last_run is not None
    html = next(path for path in write_report(copy, EASTER_DAY, tmp_path) if path.suffix == ".html")
    text = html.read_text(encoding="utf-8")
    assert standing.origin in text
    assert f"{standing.last_run.tree_size}" in text


def test_a_report_before_any_run_says_what_to_do(mission: Mission, tmp_path: Path) -> None:
    with pytest.raises(RuleViolation, match="truceline run"):
        write_report(mission, EASTER_DAY, tmp_path)


def test_the_order_of_rows_and_files_does_not_change_the_result(
    tmp_path: Path, make_table: MakeTable, backend: Backend
) -> None:
    rows = [row(number // 2, observation_id=f"obs-{number:05d}") for number in range(60)]
    digests = set()
    for seed in range(3):
        random.Random(seed).shuffle(rows)
        made = init_mission(
            PACKS / "easter-truce-2025",
            tmp_path / f"m{seed}",
            database_url=backend.url(),
            clock=CLOCK,
            entropy=entropy(seed),
        )
        for part in (rows[:20], rows[20:]):
            ingest(made, make_table(part), "table")
        digests.add(run(made).results_sha256)
        made.close()
    assert len(digests) == 1


def test_a_sound_mission_verifies(copy: Mission) -> None:
    assert verify_mission(copy).checkpoint.size == mission_status(copy).tree_size


def test_a_lost_log_is_published_again_and_verifies(copy: Mission) -> None:
    before = (copy.folder / "log" / "checkpoint").read_bytes()
    shutil.rmtree(copy.folder / "log")
    verify_mission(copy)
    assert (copy.folder / "log" / "checkpoint").read_bytes() == before


def test_an_altered_leaf_in_the_database_is_caught(copy: Mission) -> None:
    with copy.store.read() as transaction:
        (leaf,) = transaction.leaves(2, 3)
    flipped = leaf[:50] + bytes([leaf[50] ^ 1]) + leaf[51:]
    edit(copy, sql("UPDATE records SET leaf = :leaf WHERE leaf_index = 2", leaf=flipped))
    with pytest.raises(StorageFailure, match="altered"):
        verify_mission(copy)


def test_another_payload_in_the_vault_is_caught(copy: Mission) -> None:
    """The vault object is whole and named by its digest, but is not what the leaf commits to."""
    with copy.store.read() as transaction:
        first = transaction.record_at(0)
    assert first is not None
    edit(copy, sql("UPDATE openings SET digest = :other WHERE leaf_index = 1", other=first.openings[0][1]))
    with pytest.raises(VerificationError, match="not what was recorded"):
        verify_mission(copy)


def test_a_record_is_proved_from_the_log_by_its_id_or_index(copy: Mission) -> None:
    with copy.store.read() as transaction:
        record = transaction.latest("run")
    assert record is not None
    proof = prove_record(copy, record.record_id)
    assert proof == prove_record(copy, str(record.leaf_index))
    assert proof.startswith("c2sp.org/tlog-proof@v1\n")


def test_one_row_is_opened_alone_and_fits_its_record(copy: Mission) -> None:
    given = json.loads(disclose_item(copy, "3", Tier.PUBLIC, 7))
    with copy.store.read() as transaction:
        record = transaction.record_at(3)
    assert record is not None
    leaf = parse_leaf(record.leaf, "record 3")
    opened = {
        "salt": base64.b64decode(given["salt"]),
        "item": given["item"].encode(),
        "path": [base64.b64decode(one) for one in given["path"]],
    }
    open_item(leaf, given["tier"], given["index"], **opened)
    with pytest.raises(VerificationError):
        open_item(leaf, given["tier"], 8, **opened)
    with pytest.raises(RejectedInput, match="cannot be opened"):
        disclose_item(copy, "3", Tier.SEALED, 7)


def test_a_record_that_is_not_there_is_refused(copy: Mission) -> None:
    with pytest.raises(RejectedInput, match="no such record"):
        prove_record(copy, "rec-nowhere")


def test_the_published_log_verifies_alone(copy: Mission) -> None:
    verify_mission(copy)
    assert verify_log(copy.folder / "log").checkpoint.size == mission_status(copy).tree_size


def test_init_refuses_a_folder_that_is_not_empty(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "file").write_text("mine")
    with pytest.raises(RejectedInput, match="not empty"):
        init_mission(PACKS / "blank", tmp_path / "taken")
    assert (tmp_path / "taken" / "file").read_text() == "mine"


def test_init_with_a_broken_pack_leaves_nothing(tmp_path: Path) -> None:
    shutil.copytree(PACKS / "blank", tmp_path / "pack")
    (tmp_path / "pack" / "agreement.yaml").write_text("id: [")
    with pytest.raises(RejectedInput):
        init_mission(tmp_path / "pack", tmp_path / "mission")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pack"]


def test_a_mission_reads_its_agreement_from_the_record(copy: Mission) -> None:
    (copy.folder / "agreement" / "agreement.yaml").write_text("nonsense")
    assert open_mission(copy.folder).agreement == copy.agreement


def test_read_models_of_another_version_ask_for_a_rebuild(copy: Mission) -> None:
    with copy.store.write() as transaction:
        transaction.recreate_read_models(999)
    with pytest.raises(StorageFailure, match="truceline rebuild"):
        run(copy)
    rebuild(copy)
    assert mission_status(copy).incidents > 0


def test_an_exercise_is_marked_in_its_reports(tmp_path: Path, make_table: MakeTable) -> None:
    made = init_mission(PACKS / "blank", tmp_path / "m", exercise=True)
    ingest(made, make_table([row(1)]), "table")
    run(made)
    for path in write_report(made, EASTER_DAY, tmp_path / "out"):
        text = path.read_text(encoding="utf-8")
        assert "EXERCISE" in text or '"exercise":true' in text, path.name
    made.close()
