# SPDX-License-Identifier: Apache-2.0
"""Amending the agreement: from then on the new one holds, and what was before stays under the old."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from tests.mission.made import MakeTable, entropy
from tests.mission.procedural import MovingClock, take_in, valley_mission
from tests.procedure.made import DUTY, HEAD, START, VALLEY, Y

from truceline.agreement import PACK_FILES, load_pack
from truceline.ceasefire.standing import AmendAgreement
from truceline.commission.composition import AppointMember
from truceline.errors import RejectedInput, RuleViolation
from truceline.evidence import SigningKey
from truceline.mission import (
    Mission,
    make_daily_report,
    mission_status,
    open_mission,
    rebuild,
    run,
    verify_mission,
)
from truceline.mission.acting import act, would_take
from truceline.mission.amending import amend, pack_digest
from truceline.mission.audit.checks import audit
from truceline.mission.audit.disclosure import disclose
from truceline.mission.devices.enrolment import enrol
from truceline.mission.replaying import agreements, mechanism
from truceline.mission.run import last_run
from truceline.storage import schema

GROUND = "EXERCISE. Protocol of 14 January 2030."
DAY = date(2030, 1, 13)


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock()


@pytest.fixture
def valley(tmp_path: Path, clock: MovingClock) -> Iterator[Mission]:
    made = valley_mission(tmp_path / "valley", clock)
    yield made
    made.close()


def edited(tmp_path: Path, *changes: tuple[str, str]) -> Path:
    """Return the valley's pack with changes in ``agreement.yaml``."""
    pack = tmp_path / f"pack-{len(list(tmp_path.glob('pack-*')))}"
    shutil.copytree(VALLEY, pack)
    text = (pack / "agreement.yaml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (pack / "agreement.yaml").write_text(text, encoding="utf-8")
    return pack


@pytest.fixture
def narrower(tmp_path: Path) -> Path:
    """Return the pack with its first clause on air attacks alone, and twice the seats of Y."""
    return edited(
        tmp_path,
        ("kinds: [attack_unspecified]\n        zone: area", "kinds: [air_attack]\n        zone: area"),
        ("appointed_by: Y, count: 2", "appointed_by: Y, count: 4"),
    )


def reopened(mission: Mission, clock: MovingClock) -> Mission:
    mission.close()
    return open_mission(mission.folder, clock=clock, entropy=entropy(9))


def size(mission: Mission) -> int:
    return mission_status(mission).tree_size


def judged(mission: Mission) -> list[str]:
    """Return what the last run assessed, clause by clause."""
    with mission.store.read() as transaction:
        return sorted(body.decode() for body in transaction.bodies(schema.assessments))


def test_an_amendment_is_a_step_and_the_agreement_after_it(valley: Mission, narrower: Path) -> None:
    before = size(valley)
    entry = amend(valley, HEAD, narrower, ground=GROUND)
    assert (entry.leaf_index, size(valley)) == (before, before + 2)
    with valley.store.read() as transaction:
        row = transaction.latest("agreement")
    assert row is not None
    assert row.leaf_index == before + 1
    assert isinstance(entry.step, AmendAgreement)
    assert entry.step.pack_sha256 == pack_digest(load_pack(narrower))
    assert entry.step.ground == GROUND
    assert "agreement.yaml" in entry.step.summary
    assert "zones.geojson" not in entry.step.summary
    assert mechanism(valley).irregular == ()
    verify_mission(valley)


def test_a_mission_that_is_opened_again_is_under_the_new_agreement(
    valley: Mission, narrower: Path, clock: MovingClock
) -> None:
    amend(valley, HEAD, narrower, ground=GROUND)
    again = reopened(valley, clock)
    assert again.agreement.files == load_pack(narrower).files
    again.close()


def test_the_copy_in_the_folder_stays_as_first_recorded(valley: Mission, narrower: Path) -> None:
    amend(valley, HEAD, narrower, ground=GROUND)
    for name in PACK_FILES:
        assert (valley.folder / "agreement" / name).read_bytes() == (VALLEY / name).read_bytes()


def test_steps_fall_under_the_agreement_of_their_time(
    valley: Mission, narrower: Path, clock: MovingClock
) -> None:
    for name in ("one", "two"):
        act(valley, Y, AppointMember("guarantors", START, member=name))
    third = AppointMember("guarantors", START, member="three")
    with pytest.raises(RuleViolation):
        act(valley, Y, third)
    amendment = amend(valley, HEAD, narrower, ground=GROUND)
    act(valley, Y, third)  # even in the mission as it was opened: the record decides
    again = reopened(valley, clock)
    state = mechanism(again)
    assert len(state.composition.memberships) == 3
    assert state.irregular == ()
    with again.store.read() as transaction:
        at = agreements(again, transaction)
        seats = [at(index).commission.seat("guarantors") for index in (0, amendment.leaf_index, size(again))]
    assert [seat.count for seat in seats if seat is not None] == [2, 2, 4]
    again.close()


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (("id: valley\n", "id: hills\n"), "id"),
        (("{id: B, name: {en: Party B}", "{id: C, name: {en: Party C}"), "parties"),
    ],
)
def test_what_is_no_amendment_is_refused(
    valley: Mission, tmp_path: Path, change: tuple[str, str], path: str
) -> None:
    before = size(valley)
    changes = [change]
    if path == "parties":
        changes += [
            ("party: B,", "party: C,"),
            ("appointed_by: B}", "appointed_by: C}"),
            ("[A, B]", "[A, C]"),
        ]
    with pytest.raises(RejectedInput) as refused:
        amend(valley, HEAD, edited(tmp_path, *changes), ground=GROUND)
    assert [fault.path for fault in refused.value.faults] == [path]
    assert size(valley) == before


def test_an_unchanged_pack_is_refused(valley: Mission, narrower: Path) -> None:
    with pytest.raises(RejectedInput, match="byte for byte"):
        amend(valley, HEAD, VALLEY, ground=GROUND)
    amend(valley, HEAD, narrower, ground=GROUND)
    with pytest.raises(RejectedInput, match="byte for byte"):
        amend(valley, HEAD, narrower, ground=GROUND)
    amend(valley, HEAD, VALLEY, ground="EXERCISE. The protocol was revoked.")


def test_a_pack_with_faults_is_refused_with_all_of_them(valley: Mission, tmp_path: Path) -> None:
    pack = edited(tmp_path, ("quorum: 3", "quorum: none"), ("majority: two_thirds", "majority: most"))
    with pytest.raises(RejectedInput) as refused:
        amend(valley, HEAD, pack, ground=GROUND)
    assert len(refused.value.faults) == 2


def test_whoever_may_not_amend_leaves_neither_record(valley: Mission, narrower: Path) -> None:
    before = size(valley)
    with pytest.raises(RuleViolation) as refused:
        amend(valley, DUTY, narrower, ground=GROUND)
    assert refused.value.rule == "capacity"
    with pytest.raises(RejectedInput):
        amend(valley, HEAD, narrower, ground="")
    assert size(valley) == before


def test_an_amendment_is_never_recorded_without_its_agreement(valley: Mission) -> None:
    before = size(valley)
    step = AmendAgreement("ab" * 32, ground=GROUND, summary="EXERCISE")
    for take in (act, would_take):
        with pytest.raises(RejectedInput, match="truceline amend"):
            take(valley, HEAD, step)
    assert size(valley) == before


def test_an_amendment_can_be_under_ones_own_key(valley: Mission, narrower: Path) -> None:
    key = SigningKey.generate(entropy(60))
    enrol(valley, key.author, holder=HEAD.person, role="head of mission")
    entry = amend(valley, HEAD, narrower, ground=GROUND, key=key)
    assert entry.own_key
    verify_mission(valley)


def test_the_digest_of_a_pack_is_as_documented() -> None:
    parts = [part for name in PACK_FILES for part in (name.encode(), (VALLEY / name).read_bytes())]
    framed = b"".join(len(part).to_bytes(8, "big") + part for part in parts)
    assert pack_digest(load_pack(VALLEY)) == hashlib.sha256(framed).hexdigest()


def test_a_run_made_before_stays_reproducible(
    valley: Mission, narrower: Path, clock: MovingClock, make_table: MakeTable
) -> None:
    take_in(valley, make_table)
    with valley.store.read() as transaction:
        first = last_run(transaction)
    assert first is not None
    before = judged(valley)
    assert before
    amend(valley, HEAD, narrower, ground=GROUND)
    again = reopened(valley, clock)
    summary = rebuild(again)
    assert summary.run is not None
    assert (summary.run.results_sha256, summary.run.unlike) == (first.results_sha256, "")
    assert summary.changed == ()
    assert judged(again) == before
    again.close()


def test_a_report_goes_by_the_agreement_that_its_run_went_by(
    valley: Mission, narrower: Path, clock: MovingClock, make_table: MakeTable
) -> None:
    take_in(valley, make_table)
    before = make_daily_report(valley, DAY)
    amend(valley, HEAD, narrower, ground=GROUND)
    again = reopened(valley, clock)
    assert make_daily_report(again, DAY) == before
    again.close()


def test_the_next_run_judges_by_the_new_agreement(
    valley: Mission, narrower: Path, clock: MovingClock, make_table: MakeTable
) -> None:
    take_in(valley, make_table)
    before = judged(valley)
    amend(valley, HEAD, narrower, ground=GROUND)
    done = run(valley)  # even in the mission as it was opened
    assert done.recorded
    after = judged(valley)
    assert after != before
    again = reopened(valley, clock)
    assert judged(again) == after
    assert not run(again).recorded
    assert rebuild(again).changed == ()
    again.close()


def test_an_audit_computes_each_run_under_the_agreement_of_its_time(
    valley: Mission, narrower: Path, clock: MovingClock, make_table: MakeTable, tmp_path: Path
) -> None:
    take_in(valley, make_table)
    amend(valley, HEAD, narrower, ground=GROUND)
    again = reopened(valley, clock)
    run(again)
    clock.wait(hours=1)
    disclose(again, "commission", tmp_path / "disclosure")
    again.ledger.publish()
    report = audit(again.folder / "log", tmp_path / "disclosure", None)
    runs = [check for check in report.checks if check.name == "run"]
    assert [check.verdict.value for check in runs] == ["holds", "holds"], runs
    assert report.sound
    again.close()


def test_a_second_amendment_follows_the_first(
    valley: Mission, narrower: Path, tmp_path: Path, clock: MovingClock
) -> None:
    amend(valley, HEAD, narrower, ground=GROUND)
    clock.wait(days=1)
    amend(valley, HEAD, edited(tmp_path, ("quorum: 3", "quorum: 4")), ground="EXERCISE. Second protocol.")
    again = reopened(valley, clock)
    assert again.agreement.commission.quorum == 4
    assert mechanism(again).irregular == ()
    again.close()
