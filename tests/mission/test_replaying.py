# SPDX-License-Identifier: Apache-2.0
"""What is kept of the mechanism is what replaying every record gives, and no more than may be kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.backends import Backend
from tests.mission.erasing import destroy as erase_one
from tests.mission.evacuating import destroy, freeze, office, write_claims
from tests.mission.made import MakeTable
from tests.mission.procedural import FIRE, MovingClock, refer_and_answer, seat, take_in, valley_mission
from tests.procedure.made import DUTY, LIAISON_A, START

from truceline import procedure
from truceline.errors import RuleViolation
from truceline.mechanism import Mechanism
from truceline.mission import Mission, replaying, run
from truceline.mission.acting import act, act_all
from truceline.mission.replaying import mechanism, mechanism_in
from truceline.parties import Complain

pytestmark = pytest.mark.over_both


@pytest.fixture
def valley(tmp_path: Path, backend: Backend) -> Iterator[Mission]:
    made = valley_mission(tmp_path / "mission", MovingClock(), backend.url())
    yield made
    made.close()


def anew(mission: Mission) -> Mechanism:
    with mission.store.read() as transaction:
        return mechanism_in(mission, transaction)


def complaint(name: str) -> Complain:
    return Complain(name, "B", (FIRE,), START, "On the road.", "EXERCISE")


def test_what_is_kept_is_what_a_whole_replay_gives(valley: Mission, make_table: MakeTable) -> None:
    assert mechanism(valley) == anew(valley)
    seat(valley)
    assert mechanism(valley) == anew(valley)
    incidents = take_in(valley, make_table)
    refer_and_answer(valley, incidents)
    assert mechanism(valley) == anew(valley)
    run(valley)
    kept = mechanism(valley)
    assert kept == anew(valley)
    assert kept.docket.cases
    assert mechanism(valley) is kept


def test_only_the_steps_since_are_read(valley: Mission, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    real = procedure.decode

    def counting(steps: object, fields: object, where: str) -> object:
        read.append(int(where.rsplit(maxsplit=1)[-1]))
        return real(steps, fields, where)  # type: ignore[arg-type]

    monkeypatch.setattr(replaying, "decode", counting)
    first = act(valley, LIAISON_A, complaint("c-1"))
    mechanism(valley)
    second = act(valley, LIAISON_A, complaint("c-2"))
    third = act(valley, LIAISON_A, complaint("c-3"))
    mechanism(valley)
    assert read == [first.leaf_index, second.leaf_index, third.leaf_index]


def test_what_was_rolled_back_is_not_kept(valley: Mission) -> None:
    mechanism(valley)
    with pytest.raises(RuleViolation):
        act_all(valley, LIAISON_A, [complaint("c-1"), complaint("c-1")])
    assert mechanism(valley) == anew(valley) == Mechanism()


def test_after_an_erasure_nothing_of_before_is_kept(valley: Mission, make_table: MakeTable) -> None:
    take_in(valley, make_table)
    act(valley, LIAISON_A, complaint("c-1"))
    before = mechanism(valley)
    assert valley.replayed.held is not None
    erase_one(valley)
    after = mechanism(valley)
    assert after is not before
    assert after.entries[0] is not before.entries[0]
    assert after == before == anew(valley)


def test_once_the_keys_are_destroyed_nothing_stays_in_memory(
    tmp_path: Path, make_table: MakeTable, backend: Backend
) -> None:
    made = office(tmp_path / "office", make_table, write_claims(tmp_path / "claims.csv"), backend.url())
    assert mechanism(made.mission).submissions.complaints
    assert made.mission.replayed.held is not None
    freeze(made)
    destroy(made)
    assert made.mission.replayed.held is None
    with pytest.raises(RuleViolation, match="destroyed"):
        act(made.reopened(), DUTY, complaint("c-2"))
    assert made.mission.replayed.held is None
    made.mission.close()
