# SPDX-License-Identifier: Apache-2.0
"""Evidence, frozen by leaf index and root, and held while its case is open."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.mission.erasing import SECOND
from tests.mission.made import MakeTable
from tests.mission.procedural import MovingClock, refer_and_answer, take_in, valley_mission
from tests.procedure.made import SECRETARY

from truceline.commission.steps import CloseCase
from truceline.errors import RejectedInput, RuleViolation
from truceline.mission import Mission
from truceline.mission.acting import act
from truceline.mission.erasure.erase import erase
from truceline.mission.freezing import freeze
from truceline.mission.replaying import mechanism


@pytest.fixture
def valley(tmp_path: Path) -> Iterator[Mission]:
    made = valley_mission(tmp_path / "valley", MovingClock())
    yield made
    made.close()


def test_evidence_names_the_records_behind_an_incident_and_the_root_over_them(
    valley: Mission, make_table: MakeTable
) -> None:
    incidents = take_in(valley, make_table)
    evidence = freeze(valley, incidents)
    with valley.store.read() as transaction:
        head = transaction.head_at(evidence.tree_size)
        kinds = {
            found.kind for index in evidence.records if (found := transaction.record_at(index)) is not None
        }
    assert head is not None
    assert evidence.root == head.root.hex()
    assert kinds == {"observations"}
    assert evidence.results_sha256 is not None


def test_an_unknown_incident_is_told_by_name(valley: Mission, make_table: MakeTable) -> None:
    take_in(valley, make_table)
    with pytest.raises(RejectedInput) as refusal:
        freeze(valley, ["inc-none", "inc-neither"])
    assert [fault.value for fault in refusal.value.faults] == ["inc-none", "inc-neither"]


def test_what_is_evidence_in_an_open_case_is_not_erased(valley: Mission, make_table: MakeTable) -> None:
    incidents = take_in(valley, make_table)
    refer_and_answer(valley, incidents)
    index = mechanism(valley).docket.cases["case-1"].evidence[0].records[0]

    def destroy() -> None:
        erase(valley, str(index), authority="Office", ground="Request", second=SECOND)

    with pytest.raises(RuleViolation, match="case-1") as refusal:
        destroy()
    assert refusal.value.rule == "evidence"
    act(valley, SECRETARY, CloseCase("case-1", "Withdrawn."))
    destroy()
    with valley.store.read() as transaction:
        row = transaction.record_at(index)
    assert row is not None
    assert row.openings == ()
