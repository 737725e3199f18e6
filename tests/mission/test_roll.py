# SPDX-License-Identifier: Apache-2.0
"""What is kept of the roll between requests: the same as if it were chosen anew each time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.mission.made import MakeTable, row
from tests.mission.procedural import MovingClock, valley_mission
from tests.procedure.made import START

from truceline.mission import Mission, ingest, run
from truceline.mission.roll import Filter, RollKept, keeping, rule_for
from truceline.procedure import Capacity, Who
from truceline.storage import RecordRow, Transaction
from truceline.vocabulary import Kind

PUBLIC = Who("", Capacity.PUBLIC)
ANALYST = Who("ada", Capacity.ANALYST)
HOURS = range(0, 48, 3)


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock()


@pytest.fixture
def valley(tmp_path: Path, clock: MovingClock, make_table: MakeTable) -> Iterator[Mission]:
    """Return a mission with an incident every three hours of two days, far from one another."""
    made = valley_mission(tmp_path / "mission", clock)
    rows = []
    for number, hour in enumerate(HOURS):
        at = (START - timedelta(hours=hour)).isoformat()
        place = {"latitude": f"{48.2 + number / 20:.2f}", "longitude": "37.9"}
        rows.append(row(number, event_from=at, event_to=at, source_id="monitors", **place))
    ingest(made, make_table(rows), "table")
    run(made)
    yield made
    made.close()


def names_of(kept: RollKept, who: Who, asked: Filter | None = None) -> list[str]:
    found = kept.selection(who, asked or Filter())
    assert found is not None
    return [found.roll.ids[at] for at in found.rows]


def test_what_is_released_is_released_in_its_time(valley: Mission, clock: MovingClock) -> None:
    kept = RollKept(valley)
    delay = rule_for(valley.agreement, PUBLIC).delay_hours
    assert delay > 0
    roll = kept.roll()
    assert roll is not None
    assert len(roll.ids) == len(HOURS)
    counts = set()
    for _ in range(20):
        until = (clock.now() - timedelta(hours=delay)).timestamp()
        expected = [name for name, to_s in zip(roll.ids, roll.to_s, strict=True) if to_s <= until]
        assert names_of(kept, PUBLIC) == expected
        assert len(names_of(kept, ANALYST)) == len(HOURS)
        counts.add(len(expected))
        clock.wait(minutes=100)
    assert len(counts) > 5


def test_the_same_question_is_answered_once_and_another_run_anew(
    valley: Mission, make_table: MakeTable
) -> None:
    kept = RollKept(valley)
    mortars = Filter(kind=Kind.MORTAR)
    first = kept.selection(ANALYST, Filter())
    assert kept.selection(Who("bea", Capacity.ANALYST), Filter()) is first
    assert kept.selection(ANALYST, mortars) is not first
    assert kept.selection(ANALYST, Filter()) is first
    at = (START - timedelta(days=9)).isoformat()
    ingest(valley, make_table([row(99, event_from=at, event_to=at, latitude="47.5")]), "table")
    run(valley)
    assert len(names_of(kept, ANALYST)) == len(HOURS) + 1


def test_what_nobody_asks_for_is_forgotten(valley: Mission, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "MOST_ROWS", 2 * len(HOURS) + 1)
    kept = RollKept(valley)
    asked = [Filter(until=START + timedelta(days=day)) for day in (1, 2, 3)]
    first, second, third = (kept.selection(ANALYST, one) for one in asked)
    assert first is not None
    assert len(first) == len(HOURS)
    assert kept.selection(ANALYST, asked[2]) is third
    assert kept.selection(ANALYST, asked[1]) is second
    again = kept.selection(ANALYST, asked[0])
    assert again is not first
    assert again is not None
    assert again.rows.tolist() == first.rows.tolist()


def test_ever_other_questions_fill_no_memory(valley: Mission, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "MOST_KEPT", 5)
    kept = RollKept(valley)
    for second in range(40):
        found = kept.selection(ANALYST, Filter(since=START + timedelta(days=9, seconds=second)))
        assert found is not None
        assert len(found) == 0
    assert len(kept._chosen) == 5


def test_who_asked_before_a_run_does_not_bring_the_one_before_it_back(
    valley: Mission, make_table: MakeTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = RollKept(valley)
    assert kept.roll() is not None
    at = (START - timedelta(days=9)).isoformat()
    # The log grows without a run; whoever notices that is overtaken by a run that another request reads.
    ingest(valley, make_table([row(98, event_from=at, event_to=at, latitude="47.5")]), "table")
    real = Transaction.latest

    def overtaken(transaction: Transaction, kind: str) -> RecordRow | None:
        found = real(transaction, kind)
        monkeypatch.setattr(Transaction, "latest", real)
        run(valley)
        assert len(names_of(kept, ANALYST)) == len(HOURS) + 1
        return found

    monkeypatch.setattr(Transaction, "latest", overtaken)
    kept.roll()
    assert kept._held is not None
    assert kept._held.roll is not None
    assert len(kept._held.roll.ids) == len(HOURS) + 1
