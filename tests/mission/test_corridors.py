# SPDX-License-Identifier: Apache-2.0
"""A table of corridors (EXERCISE) taken into a mission."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.mission.procedural import MovingClock, valley_mission
from tests.procedure.made import DUTY

from truceline.ceasefire.arrangements import Outcome, holds, outcome_of
from truceline.errors import RejectedInput
from truceline.mission import Mission
from truceline.mission.corridors import import_corridors
from truceline.mission.replaying import mechanism

HEADER = "HC_ID,date,proposal,status_result,status_extra,article_source_id,From,To"
ROWS = (
    "1,2030-02-05,Agreed,successful,successful,ex-1,One town,Another town",
    "2,2030-02-05,Party B,disputed,disputed,ex-2,One town,A third town",
    "3,2030-02-06,Party B,fine weather,odd word,ex-3,A village,",
)


@pytest.fixture
def valley(tmp_path: Path) -> Iterator[Mission]:
    made = valley_mission(tmp_path / "valley", MovingClock())
    yield made
    made.close()


def table(tmp_path: Path, *rows: str, header: str = HEADER) -> Path:
    path = tmp_path / "corridors.csv"
    path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return path


def test_routes_become_arrangements_with_what_is_said_of_them(valley: Mission, tmp_path: Path) -> None:
    done = import_corridors(valley, DUTY, table(tmp_path, *ROWS), source="EXERCISE")
    assert (done.rows, done.recorded, done.known, done.conflicts) == (3, 3, 0, ())
    held = mechanism(valley).arrangements.by_id
    assert [outcome_of(one) for one in held.values()] == [
        (Outcome.HELD,),
        (Outcome.DISPUTED,),
        (Outcome.NOT_KNOWN,),
    ]
    first, second, _ = held.values()
    assert first.agreed
    assert holds(first, first.window.start)
    assert not second.agreed
    # The day is a local one: 5 February in Kyiv begins at 22:00 UTC on the 4th.
    assert first.window.start.isoformat() == "2030-02-04T22:00:00+00:00"


def test_a_second_import_adds_nothing_and_other_content_is_told(valley: Mission, tmp_path: Path) -> None:
    path = table(tmp_path, *ROWS)
    import_corridors(valley, DUTY, path, source="EXERCISE")
    before = len(mechanism(valley).entries)
    assert import_corridors(valley, DUTY, path, source="EXERCISE").known == 3
    changed = table(tmp_path, ROWS[0].replace("successful,successful", "disputed,disputed"), *ROWS[1:])
    assert import_corridors(valley, DUTY, changed, source="EXERCISE").conflicts == ("corridor-1",)
    assert len(mechanism(valley).entries) == before


def test_every_fault_is_told_and_nothing_is_recorded(valley: Mission, tmp_path: Path) -> None:
    bad = ("4,yesterday,Party B,successful,,x,Town,", "5,2030-02-05,,successful,,x,Town,", ROWS[0], ROWS[0])
    with pytest.raises(RejectedInput) as refusal:
        import_corridors(valley, DUTY, table(tmp_path, *bad), source="EXERCISE")
    assert [(fault.where.split()[-1], fault.path) for fault in refusal.value.faults] == [
        ("2", "date"),
        ("3", "proposal"),
        ("5", "HC_ID"),
    ]
    assert mechanism(valley).entries == ()


def test_another_table_is_refused_by_its_columns(valley: Mission, tmp_path: Path) -> None:
    with pytest.raises(RejectedInput, match="no table of corridors"):
        import_corridors(valley, DUTY, table(tmp_path, "1", header="id"), source="EXERCISE")
