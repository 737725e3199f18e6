# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import pytest
from tests.mission.made import EASTER, MakeTable, row

from truceline.errors import RejectedInput, StorageFailure
from truceline.mission import Mission, ingest, mission_status, recorded_observations
from truceline.mission.ledger import Draft
from truceline.vocabulary import Tier

pytestmark = pytest.mark.over_both


def size(mission: Mission) -> int:
    return mission_status(mission).tree_size


def test_the_rows_of_a_file_are_all_accounted_for(mission: Mission, make_table: MakeTable) -> None:
    path = make_table([row(1), row(2, latitude="95"), row(3), row(3)])
    summary = ingest(mission, path, "table")
    assert (summary.rows, summary.accepted, summary.known, len(summary.refusals)) == (4, 2, 1, 1)
    assert not summary.clean
    assert "latitude" in str(summary.refusals[0].faults[0])


def test_a_second_run_of_a_file_adds_nothing(mission: Mission, make_table: MakeTable) -> None:
    path = make_table([row(number) for number in range(5)])
    ingest(mission, path, "table")
    before = size(mission)
    again = ingest(mission, path, "table")
    assert (again.accepted, again.known, again.recorded) == (0, 5, False)
    assert size(mission) == before


def test_a_second_run_of_a_file_with_refusals_adds_nothing(mission: Mission, make_table: MakeTable) -> None:
    path = make_table([row(1), row(2, kind="sorcery"), row(1, kind="mortar")])
    first = ingest(mission, path, "table")
    before = size(mission)
    again = ingest(mission, path, "table")
    assert (len(first.refusals), len(first.conflicts)) == (1, 1)
    assert (len(again.refusals), len(again.conflicts), again.recorded) == (1, 1, False)
    assert size(mission) == before


def test_a_dry_run_says_the_same_and_records_nothing(mission: Mission, make_table: MakeTable) -> None:
    path = make_table([row(1), row(2, kind="sorcery"), row(1, kind="mortar"), row(1)])
    before = size(mission)
    dry = ingest(mission, path, "table", dry_run=True)
    assert size(mission) == before
    assert not list((mission.folder / "vault").glob("*/*.part"))
    real = ingest(mission, path, "table")
    assert (dry.rows, dry.accepted, dry.known) == (real.rows, real.accepted, real.known) == (4, 1, 1)
    assert (dry.conflicts, [one.faults for one in dry.refusals]) == (
        real.conflicts, [one.faults for one in real.refusals],
    )  # fmt: skip


def test_one_id_with_two_contents_keeps_both_for_a_person(mission: Mission, make_table: MakeTable) -> None:
    ingest(mission, make_table([row(1)]), "table")
    summary = ingest(mission, make_table([row(1, kind="mortar")]), "table")
    assert [conflict.statement_id for conflict in summary.conflicts] == ["obs-00001"]
    assert mission_status(mission).conflicts == 1
    assert [one.kind for one in recorded_observations(mission)] == ["artillery"]
    with mission.store.read() as transaction:
        kept = transaction.latest("conflicts")
    assert kept is not None
    (item,) = mission.ledger.open_payload(kept)[Tier.COMMISSION]
    assert item is not None
    assert b'"kind":"mortar"' in item


def test_a_file_that_cannot_be_read_leaves_nothing(mission: Mission, tmp_path: Path) -> None:
    path = tmp_path / "broken.csv"
    path.write_bytes("observation_id,kind\n1,обстріл\n".encode("cp1251"))
    before = size(mission)
    with pytest.raises(RejectedInput):
        ingest(mission, path, "table")
    assert size(mission) == before


def test_a_file_that_is_not_there_is_refused_by_name(mission: Mission, tmp_path: Path) -> None:
    with pytest.raises(RejectedInput, match="nowhere"):
        ingest(mission, tmp_path / "nowhere.csv", "table")


def test_an_unknown_format_is_refused_with_the_known_ones(mission: Mission, make_table: MakeTable) -> None:
    with pytest.raises(RejectedInput, match="party-claims"):
        ingest(mission, make_table([row(1)]), "telepathy")


def test_many_rows_are_recorded_in_batches(mission: Mission, make_table: MakeTable) -> None:
    summary = ingest(mission, make_table([row(number) for number in range(10_001)]), "table")
    assert summary.accepted == 10_001
    assert dict(mission_status(mission).records)["observations"] == 2


def test_what_comes_from_an_unknown_family_stays_with_the_commission(
    mission: Mission, make_table: MakeTable
) -> None:
    ingest(mission, make_table([row(1)]), "table")
    with mission.store.read() as transaction:
        record = transaction.latest("observations")
    assert record is not None
    payload = mission.ledger.open_payload(record)
    assert set(payload) == {Tier.COMMISSION}


def test_two_writers_do_not_meet(mission: Mission, make_table: MakeTable) -> None:
    path = make_table([row(1)])
    with mission.ledger.writing() as writer:
        with pytest.raises(StorageFailure, match="Another program"):
            ingest(mission, path, "table")
        writer.append(Draft("enrolment", {Tier.PUBLIC: [b'{"name":"author","value":"x"}']}))
    assert ingest(mission, path, "table").accepted == 1


def test_the_shipped_reports_and_claims_are_taken_whole(easter: Mission) -> None:
    standing = mission_status(easter)
    assert dict(standing.statements) == {"claims": 52, "observations": 463}
    assert standing.conflicts == 0


def test_a_claim_is_never_an_observation(easter: Mission) -> None:
    claim_ids = {line.split(",")[0] for line in (EASTER / "party_claims.csv").read_text().splitlines()[1:]}
    assert claim_ids.isdisjoint(one.observation_id for one in recorded_observations(easter))
