# SPDX-License-Identifier: Apache-2.0
"""Whoever edits the database behind the log's back is noticed: by the checks, and before a report."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from tests.backends import Backend, Change, edit, reworded, sql
from tests.mission.made import CLOCK, PACKS, MakeTable, entropy, row

from truceline.errors import StorageFailure
from truceline.evidence import SigningKey
from truceline.evidence.verify import VerificationError
from truceline.mission import (
    Mission,
    ingest,
    init_mission,
    make_daily_report,
    mission_status,
    open_mission,
    rebuild,
    run,
    verify_mission,
)
from truceline.mission.fold import fold
from truceline.mission.integrity import shown_results
from truceline.mission.run import last_run
from truceline.storage import ReadRow

pytestmark = pytest.mark.over_both

DAY = date(2025, 4, 20)


@pytest.fixture
def copy(easter: Mission, tmp_path: Path, backend: Backend) -> Iterator[Mission]:
    made = open_mission(backend.copied(easter.folder, tmp_path / "copy"), clock=CLOCK, entropy=entropy(5))
    yield made
    made.close()


@pytest.mark.parametrize(
    "change",
    [
        sql("UPDATE records SET kind = 'xx' WHERE kind = 'claims'"),
        sql("UPDATE records SET author = author || 'x' WHERE leaf_index = 2"),
        sql("UPDATE records SET author_seq = 99 WHERE leaf_index = 2"),
        sql("UPDATE records SET record_id = 'rec-other' WHERE leaf_index = 2"),
        sql("UPDATE openings SET tier = 'sealed' WHERE leaf_index = 3"),
        sql("UPDATE openings SET tier = 'zzz' WHERE leaf_index = 3"),
        sql("DELETE FROM openings WHERE leaf_index = 3"),
    ],
)
def test_a_record_described_otherwise_than_its_leaf_is_noticed(copy: Mission, change: Change) -> None:
    edit(copy, change)
    with pytest.raises((VerificationError, StorageFailure)):
        verify_mission(copy)
    with pytest.raises((VerificationError, StorageFailure)):
        rebuild(copy)


EDITED_RESULTS = [
    reworded("assessments", '"alleged"', '"verified"'),
    sql("DELETE FROM incidents WHERE incident_id IN (SELECT incident_id FROM incidents LIMIT 30)"),
    reworded("memberships", "0.", "0.1"),
]


@pytest.mark.parametrize("change", EDITED_RESULTS)
def test_an_edited_result_is_noticed_and_never_reported(copy: Mission, change: Change) -> None:
    edit(copy, change)
    with pytest.raises(VerificationError, match="not those that the last run recorded"):
        verify_mission(copy)
    with pytest.raises(VerificationError, match="not those that the last run recorded"):
        make_daily_report(copy, DAY)
    summary = rebuild(copy)
    assert len(summary.changed) == 1
    make_daily_report(copy, DAY)
    verify_mission(copy)


@pytest.mark.parametrize(
    "change",
    [
        reworded("statements", "2935", "293", statement_id="PC-05"),
        sql("DELETE FROM statements WHERE statement_id = 'PC-05'"),
    ],
)
def test_an_edited_statement_is_noticed_and_rebuild_says_so(copy: Mission, change: Change) -> None:
    edit(copy, change)
    with pytest.raises(VerificationError, match="does not show what the record holds"):
        verify_mission(copy)
    assert rebuild(copy).changed == ("statements",)
    verify_mission(copy)


def test_an_edited_run_does_not_cover_up_edited_results(copy: Mission) -> None:
    """Whoever edits the results can edit what the run is said to have come to as well."""
    edit(copy, EDITED_RESULTS[1])
    with copy.store.read() as transaction:
        shown, recorded = shown_results(transaction), last_run(transaction)
    assert recorded is not None
    edit(copy, reworded("runs", recorded.results_sha256, shown))
    with pytest.raises(VerificationError, match="read model of runs"):
        verify_mission(copy)


@pytest.mark.parametrize(
    "change",
    [
        sql("INSERT INTO runs (leaf_index, body) SELECT 0, body FROM runs LIMIT 1"),
        sql("UPDATE runs SET leaf_index = 9999"),
        sql("UPDATE statements SET leaf_index = 0 WHERE statement_id = 'PC-05'"),
        sql("UPDATE imports SET leaf_index = 0 WHERE leaf_index = (SELECT max(leaf_index) FROM imports)"),
    ],
)
def test_what_nobody_recorded_there_is_noticed(copy: Mission, change: Change) -> None:
    edit(copy, change)
    with pytest.raises(VerificationError, match=r"nobody recorded|does not show what the record"):
        verify_mission(copy)


def test_a_sound_mission_is_rebuilt_without_a_change(copy: Mission) -> None:
    assert rebuild(copy).changed == ()


def test_a_damaged_edge_is_noticed_before_anything_is_signed(copy: Mission, make_table: MakeTable) -> None:
    edit(copy, sql("UPDATE heads SET edge = :edge", edge=bytes(64)))
    before = mission_status(copy).tree_size
    with pytest.raises(VerificationError, match="edge"):
        verify_mission(copy)
    with pytest.raises(StorageFailure, match="edge"):
        ingest(copy, make_table([row(1)]), "table")
    assert mission_status(copy).tree_size == before


def test_an_exercise_cannot_be_passed_off_as_a_mission(tmp_path: Path, backend: Backend) -> None:
    init_mission(PACKS / "blank", tmp_path / "m", database_url=backend.url(), exercise=True).close()
    settings = tmp_path / "m" / "mission.toml"
    settings.write_text(settings.read_text().replace("exercise = true", "exercise = false"))
    with pytest.raises(StorageFailure, match="exercise"):
        open_mission(tmp_path / "m")


def test_a_mission_cannot_be_passed_off_as_another(tmp_path: Path, backend: Backend) -> None:
    init_mission(PACKS / "blank", tmp_path / "m", database_url=backend.url()).close()
    settings = tmp_path / "m" / "mission.toml"
    settings.write_text(settings.read_text().replace('id = "blank"', 'id = "paris-2026"'))
    with pytest.raises(StorageFailure, match="another id"):
        open_mission(tmp_path / "m")


def test_another_authors_key_in_the_operators_place_is_refused(tmp_path: Path, backend: Backend) -> None:
    init_mission(PACKS / "blank", tmp_path / "m", database_url=backend.url()).close()
    key = tmp_path / "m" / "keys" / "author.pem"
    key.unlink()
    SigningKey.generate(os.urandom).save(key)
    with pytest.raises(StorageFailure, match="not the operator's"):
        open_mission(tmp_path / "m")


def test_what_people_testified_stays_out_of_database_errors(mission: Mission, make_table: MakeTable) -> None:
    ingest(mission, make_table([row(1)]), "table")
    with pytest.raises(StorageFailure) as caught, mission.store.write() as transaction:
        transaction.apply([*_rows_of(mission), *_rows_of(mission)])
    assert "obs-00001" not in str(caught.value)


def _rows_of(mission: Mission) -> list[ReadRow]:
    with mission.store.read() as transaction:
        record = transaction.latest("observations")
    assert record is not None
    return list(fold(record.kind, record.leaf_index, mission.ledger.open_payload(record)))


def test_a_folder_with_signs_in_its_name_is_a_mission_like_any_other(tmp_path: Path) -> None:
    folder = tmp_path / "héé wéird ?#%.d"
    init_mission(PACKS / "blank", folder).close()
    assert (folder / "truceline.db").is_file()
    assert [path.name for path in tmp_path.iterdir()] == [folder.name]


def test_intake_goes_on_while_a_run_computes(
    mission: Mission, make_table: MakeTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run holds the writer's lock only while it stores; it names what it had read."""
    running = sys.modules["truceline.mission.run"]  # the facade's name is the function
    first, second = make_table([row(1), row(2)]), make_table([row(3)])
    ingest(mission, first, "table")
    honest = running.derive

    def slow(*given: object, **named: object) -> object:
        ingest(mission, second, "table")
        return honest(*given, **named)

    monkeypatch.setattr(running, "derive", slow)
    done = run(mission)
    monkeypatch.undo()
    assert done.observations == 2
    assert run(mission).observations == 3
    verify_mission(mission)
