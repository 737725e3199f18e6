# SPDX-License-Identifier: Apache-2.0
"""EXERCISE: a tracker's file taken into a mission's ledger.  Every donor and figure is made up."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from tests.mission.made import CLOCK, entropy
from tests.procedure.made import DUTY, LIAISON_A, VALLEY

from truceline.errors import RejectedInput, RuleViolation
from truceline.guarantees.balances import (
    draw_downs,
    negative_movements,
    to_be_allocated,
    totals,
    trial_balance,
)
from truceline.guarantees.ledger import Amounts, Movement, Support
from truceline.guarantees.support import BookMovements, CorrectMovement
from truceline.guarantees.tracker import COLUMNS
from truceline.mission import Mission, init_mission, mission_status, open_mission, rebuild
from truceline.mission import support as support_service
from truceline.mission.acting import act
from truceline.mission.replaying import mechanism
from truceline.mission.support import SupportImport, import_support
from truceline.procedure import Capacity, Who

ANALYST = Who("analyst", Capacity.ANALYST)
BILLION = 10**11
"""In cents."""

ROWS = (
    "State X,XXX,2030,1,0.003,0.001,0.002,0,0.013,0.01",
    "State X,XXX,2030,2,0.004,0,0,0.004,0,-0.004",
    "EXERCISE Land,EXL,2030,2,0,0,0,0,0.5,0.5",
)


@pytest.fixture
def mission(tmp_path: Path) -> Iterator[Mission]:
    made = init_mission(VALLEY, tmp_path / "mission", clock=CLOCK, entropy=entropy(7))
    yield made
    made.close()


def written(folder: Path, *rows: str, name: str = "EXERCISE.csv") -> Path:
    path = folder / name
    path.write_text("\n".join([",".join(COLUMNS), *rows]) + "\n", "utf-8")
    return path


def booked(mission: Mission, path: Path) -> SupportImport:
    return import_support(mission, ANALYST, path, source="EXERCISE - tracker, edition 1")


def ledger(mission: Mission) -> Support:
    return mechanism(mission).support


def size(mission: Mission) -> int:
    return mission_status(mission).tree_size


def test_a_file_is_booked_in_one_record_and_balances(mission: Mission, tmp_path: Path) -> None:
    before = size(mission)
    done = booked(mission, written(tmp_path, *ROWS))
    assert (done.rows, done.booked, done.draw_downs, done.known, done.booked_before) == (3, 3, 1, 0, False)
    assert done.leaf_indexes == (before,)
    assert size(mission) == before + 1
    held = ledger(mission)
    amounts = totals(held)["EUR"]
    assert amounts.pledged == amounts.allocated + amounts.to_be_allocated == 513 * BILLION // 1_000
    assert trial_balance(held)["EUR"].debits == trial_balance(held)["EUR"].credits
    assert [one.movement_id for one in draw_downs(held)] == ["tracker.XXX.2030-02"]
    assert to_be_allocated(held, "X", date(2030, 1, 31)) == {"EUR": BILLION // 100}


def test_the_same_file_again_adds_nothing_and_says_so(mission: Mission, tmp_path: Path) -> None:
    path = written(tmp_path, *ROWS)
    booked(mission, path)
    before = size(mission)
    again = booked(mission, path)
    assert again.booked_before
    assert (again.rows, again.booked, again.leaf_indexes) == (3, 0, ())
    assert "nothing was added" in str(again)
    assert size(mission) == before


def test_the_same_rows_in_another_file_add_nothing(mission: Mission, tmp_path: Path) -> None:
    booked(mission, written(tmp_path, *ROWS))
    before = size(mission)
    packed = tmp_path / "EXERCISE-again.csv.gz"
    packed.write_bytes(gzip.compress(written(tmp_path, *reversed(ROWS)).read_bytes()))
    again = booked(mission, packed)
    assert (again.booked_before, again.known, again.booked) == (False, 3, 0)
    assert size(mission) == before


def test_a_later_edition_counts_nothing_twice(mission: Mission, tmp_path: Path) -> None:
    booked(mission, written(tmp_path, *ROWS))
    later = (ROWS[0], ROWS[1].replace("0.004", "0.006"), "EXERCISE Land,EXL,2030,3,0.1,0,0,0.1,0,-0.1")
    done = booked(mission, written(tmp_path, *later))
    assert (done.booked, done.known, done.restated) == (2, 1, 1)
    held = ledger(mission)
    assert totals(held)["EUR"] == Amounts(
        financial=100_000_000,
        humanitarian=200_000_000,
        military=10_600_000_000,
        to_be_allocated=40_400_000_000,
    )
    assert [one.movement_id for one in draw_downs(held)] == ["tracker.XXX.2030-02.2", "tracker.EXL.2030-03"]
    assert len(negative_movements(held)) == 4
    third = booked(mission, written(tmp_path, *(later[0], ROWS[1])))
    assert (third.restated, third.known) == (1, 1)
    assert "tracker.XXX.2030-02.3" in ledger(mission).movements


def test_what_a_person_reversed_stays_reversed(mission: Mission, tmp_path: Path) -> None:
    booked(mission, written(tmp_path, *ROWS))
    act(mission, DUTY, CorrectMovement("tracker.EXL.2030-02", "EXERCISE - a clerk's error"))
    done = booked(mission, written(tmp_path, *ROWS, "State X,XXX,2030,3,0,0,0,0,0,0"))
    assert (done.set_aside, done.known, done.booked) == (1, 2, 1)
    assert "EXL" not in {donor for donor, _ in _balances_above_zero(ledger(mission))}


def _balances_above_zero(held: Support) -> list[tuple[str, int]]:
    donors = {posting.donor for posting in held.postings()}
    left = [(donor, sum(to_be_allocated(held, donor).values())) for donor in donors]
    return [(donor, amount) for donor, amount in left if amount]


def test_a_file_with_a_fault_books_nothing(mission: Mission, tmp_path: Path) -> None:
    before = size(mission)
    with pytest.raises(RejectedInput, match=r"row 5: commitments: is EUR 10,000\.00 apart"):
        booked(mission, written(tmp_path, *ROWS, "EXERCISE Land,EXL,2030,3,0,0,0,0,0.50001,0.5"))
    assert size(mission) == before
    assert not ledger(mission).movements


def test_a_file_that_is_no_table_or_not_there_is_refused(mission: Mission, tmp_path: Path) -> None:
    strange = tmp_path / "strange.csv"
    for content in (b"", b"\x00\xff\xfe", b"PK\x03\x04", "naïve".encode("cp1252"), b'"', b"a,b\n1,2\n"):
        strange.write_bytes(content)
        with pytest.raises(RejectedInput):
            booked(mission, strange)
    with pytest.raises(RejectedInput, match="cannot be read"):
        booked(mission, tmp_path / "absent.csv")


def test_the_missions_staff_alone_book(mission: Mission, tmp_path: Path) -> None:
    with pytest.raises(RuleViolation, match="cannot book-movements"):
        import_support(mission, LIAISON_A, written(tmp_path, *ROWS), source="EXERCISE")
    assert not ledger(mission).movements


def test_a_source_is_named(mission: Mission, tmp_path: Path) -> None:
    with pytest.raises(RejectedInput, match="source"):
        import_support(mission, ANALYST, written(tmp_path, *ROWS), source="")
    assert not ledger(mission).movements


def test_a_large_file_is_split_into_records(
    mission: Mission, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(support_service, "MOST_MOVEMENTS", 2)
    read: list[int] = []
    path = written(tmp_path, *ROWS)
    done = import_support(mission, DUTY, path, source="EXERCISE", progress=read.append)
    assert len(done.leaf_indexes) == 2
    assert read == [3]
    file = ledger(mission).files[done.sha256]
    assert (file.parts, sorted(file.booked)) == (2, [1, 2])
    assert booked(mission, path).booked_before


def test_a_record_holds_ten_thousand_movements_and_no_more(mission: Mission) -> None:
    movements = tuple(
        Movement(f"m-{at}", "X", "2030-01", "EUR", Amounts(military=1, to_be_allocated=-1))
        for at in range(10_001)
    )
    with pytest.raises(RejectedInput, match="movements"):
        act(mission, DUTY, BookMovements("EXERCISE", "ab" * 32, movements))
    act(mission, DUTY, BookMovements("EXERCISE", "ab" * 32, movements[:-1]))
    assert len(draw_downs(ledger(mission))) == 10_000


def test_the_ledger_is_the_same_after_a_rebuild_and_in_another_process(
    mission: Mission, tmp_path: Path
) -> None:
    booked(mission, written(tmp_path, *ROWS))
    act(mission, DUTY, CorrectMovement("tracker.EXL.2030-02", "EXERCISE"))
    held = ledger(mission)
    rebuild(mission)
    assert ledger(mission) == held
    again = open_mission(mission.folder)
    assert ledger(again) == held
    again.close()
