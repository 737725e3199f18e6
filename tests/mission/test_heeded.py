# SPDX-License-Identifier: Apache-2.0
"""EXERCISE: notices that parties made in confidence count in runs, and whoever sees them can check it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from tests.mission.disclosing import given_to, ground, index_of, last, verdicts
from tests.mission.made import MakeTable, Row, entropy, row
from tests.mission.procedural import MovingClock
from tests.procedure.made import LIAISON_A, LIAISON_B, SECRETARY, START, VALLEY

from truceline.agreement import Circle
from truceline.assessment import Assessment
from truceline.commission.steps import ClauseRef
from truceline.errors import StorageFailure
from truceline.evidence import fields_payload, parse_leaf
from truceline.mission import Mission, ingest, init_mission, open_mission, rebuild, run, verify_mission
from truceline.mission.acting import act
from truceline.mission.audit.checks import audit
from truceline.mission.audit.disclosed import Verdict
from truceline.mission.audit.disclosure import PLACELESS, disclose
from truceline.mission.derive import ASSESSMENTS
from truceline.mission.heeded import heeded_below
from truceline.mission.ledger import Draft
from truceline.mission.replaying import mechanism
from truceline.mission.sealing import key_file
from truceline.parties import (
    Acknowledge,
    Complain,
    ConsentSubject,
    GiveConsent,
    Notify,
    SelfReport,
    WithdrawConsent,
    WithdrawNotice,
)
from truceline.procedure import encode
from truceline.storage import schema
from truceline.vocabulary import Kind, Tier

FORD = (48.5, 38.0)
WINDOW = START + timedelta(days=1)
FIRE = ClauseRef("first", "fire")
DEMINING = Notify(
    "n-1", "first", "fire", "demining", WINDOW, WINDOW + timedelta(hours=8), "EXERCISE: mines at the ford",
    (Kind.MINE_BLAST,), circle=Circle(*FORD, 5000.0),
)  # fmt: skip


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock()


@pytest.fixture
def valley(tmp_path: Path, clock: MovingClock) -> Iterator[Mission]:
    """Return a mission in the valley, whose court is given every tier."""
    pack = shutil.copytree(VALLEY, tmp_path / "pack")
    text = (pack / "agreement.yaml").read_text(encoding="utf-8")
    court = "release_rules:\n  - {audience: court, tiers: [public, parties, commission, sealed]}"
    (pack / "agreement.yaml").write_text(text.replace("release_rules:", court), encoding="utf-8")
    made = init_mission(pack, tmp_path / "valley", clock=clock, entropy=entropy(4), exercise=True)
    yield made
    made.close()


def blast(number: int, at: datetime, *, latitude: float = FORD[0], kind: str = "mine_blast") -> Row:
    """Return an EXERCISE row: what one team saw at the ford, or elsewhere."""
    return row(
        number, event_from=at.isoformat(), event_to=at.isoformat(), latitude=str(latitude),
        longitude=str(FORD[1]), kind=kind,
        received_at=(at + timedelta(hours=1)).isoformat(),
    )  # fmt: skip


PLACES = {"covered": (3, FORD[0]), "elsewhere": (3, 49.3), "afterwards": (12, FORD[0])}
"""What each blast is to the notice: hours after the window opens, and the latitude."""

ROWS = [
    blast(10 * event + team, WINDOW + timedelta(hours=hours), latitude=latitude)
    for event, (hours, latitude) in enumerate(PLACES.values())
    for team in range(3)
]


def assessed(mission: Mission) -> dict[str, Assessment]:
    """Return the assessments of the three blasts, by what each is to the notice."""
    with mission.store.read() as transaction:
        of = {
            str(body["observation_id"]): str(body["incident_id"])
            for body in map(json.loads, transaction.bodies(schema.memberships))
        }
        found = {
            one.incident_id: one
            for one in map(ASSESSMENTS.validate_json, transaction.bodies(schema.assessments))
            if one.clause_id == "fire"
        }
    return {name: found[of[f"obs-{10 * event:05d}"]] for event, name in enumerate(PLACES)}


@pytest.fixture
def notified(valley: Mission, clock: MovingClock, make_table: MakeTable) -> Mission:
    """Return the mission with a notice by A and the blasts of the next day, run once."""
    act(valley, LIAISON_A, DEMINING)
    clock.wait(days=2)
    ingest(valley, make_table(ROWS), "table")
    run(valley)
    return valley


def test_a_notified_demining_covers_a_blast_in_its_window_and_place_and_no_other(notified: Mission) -> None:
    found = {name: one.factors[4] for name, one in assessed(notified).items()}
    assert found["covered"].probability < 0.1
    assert found["elsewhere"].probability == found["afterwards"].probability == 1.0
    assert found["covered"].ground.startswith(f"record {index_of(notified, 'submission')} notifies")
    assert "no notice recorded" in found["elsewhere"].ground


def test_an_explosion_of_unknown_sort_is_covered_as_far_as_it_may_be_of_the_notified_kinds(
    valley: Mission, clock: MovingClock, make_table: MakeTable
) -> None:
    act(valley, LIAISON_A, replace(DEMINING, kinds=()))
    clock.wait(days=2)
    ingest(valley, make_table([{**one, "kind": "explosion_undetermined"} for one in ROWS]), "table")
    run(valley)
    found = {name: one.factors[4].probability for name, one in assessed(valley).items()}
    assert 0.1 < found["covered"] < 0.9
    assert found["elsewhere"] == found["afterwards"] == 1.0


def test_the_results_are_the_same_again_and_after_a_rebuild(notified: Mission) -> None:
    before, shown = last(notified).results_sha256, assessed(notified)
    again = rebuild(notified)
    assert again.run is not None
    assert (again.run.results_sha256, again.run.unlike, again.changed) == (before, "", ())
    assert assessed(notified) == shown
    verify_mission(notified)


def test_a_new_submission_makes_a_new_run_possible(notified: Mission) -> None:
    assert not run(notified).recorded
    act(notified, LIAISON_B, Complain("c-1", "A", (FIRE,), WINDOW, "EXERCISE", "EXERCISE"))
    assert run(notified).recorded
    assert not run(notified).recorded


def test_what_was_notified_after_a_run_does_not_change_it(
    valley: Mission, clock: MovingClock, make_table: MakeTable
) -> None:
    clock.wait(days=2)
    ingest(valley, make_table(ROWS), "table")
    without = run(valley)
    exercise = Notify("n-1", "first", "fire", "exercise", clock.now(), clock.now() + timedelta(days=9), "X")
    act(valley, LIAISON_A, exercise)
    assert rebuild(valley).run is not None
    assert last(valley).results_sha256 == without.results_sha256
    assert run(valley).results_sha256 == without.results_sha256


def test_a_withdrawn_notice_covers_nothing_after_its_withdrawal(
    valley: Mission, clock: MovingClock, make_table: MakeTable
) -> None:
    act(valley, LIAISON_A, DEMINING)
    clock.wait(days=1, hours=2)
    act(valley, LIAISON_A, WithdrawNotice("n-1", "EXERCISE"))
    clock.wait(days=1)
    ingest(valley, make_table(ROWS), "table")
    run(valley)
    assert assessed(valley)["covered"].factors[4].probability == 1.0


def test_whoever_sees_every_submission_computes_the_run_again(notified: Mission) -> None:
    report = given_to(notified, "court")
    assert report.sound
    assert verdicts(report, "run") == {Verdict.HOLDS}


def test_whoever_sees_no_submission_is_told_so_and_not_that_it_differs(notified: Mission) -> None:
    report = given_to(notified, "commission")
    assert report.sound
    assert verdicts(report, "run") == {Verdict.NOT_SEEN}
    assert "1 of the 1 submissions" in ground(report, "run", Verdict.NOT_SEEN)


def test_a_run_below_every_submission_is_computed_again_by_those_who_see_none(
    valley: Mission, make_table: MakeTable
) -> None:
    ingest(valley, make_table([blast(9, START - timedelta(days=1))]), "table")
    run(valley)
    act(valley, LIAISON_A, DEMINING)
    run(valley)
    for audience, expected in (("commission", {Verdict.HOLDS, Verdict.NOT_SEEN}), ("court", {Verdict.HOLDS})):
        report = given_to(valley, audience)
        assert report.sound
        assert verdicts(report, "run") == expected


def test_an_operator_who_leaves_a_notice_out_of_a_run_is_found_out(
    notified: Mission, monkeypatch: pytest.MonkeyPatch, make_table: MakeTable
) -> None:
    ingest(notified, make_table([blast(9, START)]), "table")
    with monkeypatch.context() as patched:
        patched.setattr("truceline.mission.heeded.notices", lambda _state: ())
        run(notified)
    assert verdicts(given_to(notified, "court"), "run") == {Verdict.HOLDS, Verdict.DIFFERS}


def test_a_notice_put_into_the_log_after_the_fact_covers_nothing(
    valley: Mission, clock: MovingClock, make_table: MakeTable
) -> None:
    clock.wait(days=2)
    with valley.ledger.writing() as writer:
        writer.append(Draft("submission", fields_payload(encode(DEMINING, LIAISON_A))))
    ingest(valley, make_table(ROWS), "table")
    run(valley)
    assert [one.rule for one in mechanism(valley).irregular] == ["notification"]
    assert "no notice recorded" in assessed(valley)["covered"].factors[4].ground
    assert verdicts(given_to(valley, "court"), "run") == {Verdict.HOLDS}


def test_the_public_log_tells_no_submission_from_another(valley: Mission) -> None:
    until = START + timedelta(days=9)
    act(valley, LIAISON_A, DEMINING)
    act(valley, LIAISON_A, WithdrawNotice("n-1", "EXERCISE"))
    act(valley, LIAISON_B, Complain("c-1", "A", (FIRE,), START, "EXERCISE", "EXERCISE"))
    act(valley, LIAISON_A, SelfReport("r-1", (FIRE,), START, "EXERCISE"))
    act(valley, LIAISON_B, GiveConsent("k-1", ConsentSubject.PATROL, "EXERCISE", START, until))
    act(valley, LIAISON_B, WithdrawConsent("k-1", "EXERCISE"))
    act(valley, SECRETARY, Acknowledge("c-1", "B"))
    with valley.store.read() as transaction:
        leaves = [parse_leaf(one.leaf, "a test") for one in transaction.records_of(["submission"])]
    assert len(leaves) == 7
    assert {(tuple(leaf.commitments), leaf.items, leaf.author, leaf.refs) for leaf in leaves} == {
        (("sealed",), leaves[0].items, valley.ledger.author.author, ())
    }
    assert not mechanism(valley).irregular


def test_no_audience_without_exact_places_is_given_a_submission() -> None:
    assert "submission" not in PLACELESS


@pytest.fixture
def sealed_off(notified: Mission) -> Iterator[Mission]:
    """Return the mission with its read models made anew after the sealed tier's key was taken away."""
    key_file(notified.folder / "keys", Tier.SEALED).unlink()
    again = open_mission(notified.folder, clock=notified.ledger.clock, entropy=entropy(7))
    rebuild(again)
    yield again
    again.close()


def test_without_the_sealed_tiers_key_a_rebuild_says_that_a_notice_may_be_missing(
    sealed_off: Mission,
) -> None:
    summary = rebuild(sealed_off)
    assert summary.run is not None
    assert str(index_of(sealed_off, "submission")) in summary.run.unlike
    verify_mission(sealed_off)


def test_without_the_sealed_tiers_key_nothing_is_run_past_a_notice(
    sealed_off: Mission, make_table: MakeTable
) -> None:
    ingest(sealed_off, make_table([blast(9, START)]), "table")
    before = last(sealed_off)
    with pytest.raises(StorageFailure, match="a notice or a ruling may be among them"):
        run(sealed_off)
    assert last(sealed_off) == before


@pytest.mark.parametrize("fields", [
    {"step": "notify"}, {"step": "dance"}, {"step": ["notify"]}, {},
    {"step": "withdraw-consent", "person": "x", "capacity": "party_liaison", "on_behalf_of": "A",
     "consent_id": "k-1", "ground": "x", "at": "0001-01-01T00:00:00+14:00"},
])  # fmt: skip
def test_a_submission_that_nobody_can_read_is_reported_and_never_a_crash(
    fields: dict[str, str], notified: Mission, tmp_path: Path
) -> None:
    with notified.ledger.writing() as writer:
        payload = fields_payload({Tier.SEALED: {"nothing": 0, **fields}})
        index = writer.append(Draft("submission", payload), rows=[])
    disclose(notified, "court", tmp_path / "court")
    report = audit(notified.folder / "log", tmp_path / "court")
    assert f"record {index} " in ground(report, "rows", Verdict.DIFFERS)
    assert verdicts(report, "run") == {Verdict.HOLDS}


def test_notices_are_read_below_a_tree_size_alone(notified: Mission) -> None:
    index = index_of(notified, "submission")
    with notified.store.read() as transaction:
        assert heeded_below(notified, transaction, index).notices == ()
        (notice,) = heeded_below(notified, transaction, index + 1).notices
    assert (notice.party, notice.leaf_index) == ("A", index)
