# SPDX-License-Identifier: Apache-2.0
"""Thirty days under paris-2026: every stage of everything is there, marked, and can be checked."""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections import deque
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.exercise.made import UNTIL
from tests.mission.procedural import MovingClock
from tests.service.people import enter, token_of

from truceline.access import Desk, Role
from truceline.api import Room
from truceline.commission.case import Phase
from truceline.commission.finding import Attribution, FindingStanding, Outcome
from truceline.commission.steps import ComplianceResult
from truceline.exercise import Made
from truceline.guarantees.contingents import ContingentStatus
from truceline.guarantees.force import contingents_at, hubs_at
from truceline.guarantees.hubs import HubStatus
from truceline.mechanism import Mechanism
from truceline.mission import Mission, open_mission, prove_record, rebuild, verify_mission
from truceline.mission.audit.checks import audit
from truceline.mission.audit.disclosed import Verdict
from truceline.mission.audit.disclosure import disclose
from truceline.mission.reading import watches
from truceline.mission.replaying import mechanism
from truceline.procedure import ClockState, state_of
from truceline.storage.accounts import AccountStore
from truceline.vocabulary import Status, WatchState
from truceline.web import service

NO_WORDS = {"enrolment", "tier-keys", "run"}
"""Kinds of record with no field for words; the log's name says EXERCISE for them."""


@pytest.fixture(scope="module")
def state(mission: Mission) -> Mechanism:
    return mechanism(mission)


def stages(paris: Made, state: Mechanism) -> dict[str, Phase]:
    return {stage: state.docket.cases[case].phase for case, stage in paris.cases.items()}


def test_nothing_of_the_course_was_forbidden_or_left_out(paris: Made, state: Mechanism) -> None:
    assert list(paris.left_out) == []
    assert state.irregular == ()


def test_a_case_stands_at_every_stage(paris: Made, state: Mechanism) -> None:
    assert stages(paris, state) == {
        "closed": Phase.CLOSED,
        "set aside on appeal": Phase.DELIBERATING,
        "remedy not complied with, with a dissent": Phase.DECIDED,
        "not attributable": Phase.DECIDED,
        "appealed": Phase.UNDER_APPEAL,
        "no breach": Phase.DECIDED,
        "silence recorded, remedy running": Phase.DECIDED,
        "voted, result to be declared": Phase.VOTING,
        "proposed, vote open": Phase.VOTING,
        "heard": Phase.DELIBERATING,
        "in rebuttal": Phase.ANSWERING,
        "awaiting response": Phase.ANSWERING,
        "urgent: a renewed attack": Phase.DECIDED,
        "referred": Phase.REFERRED,
    }


def test_each_case_has_what_its_stage_says(paris: Made, state: Mechanism, mission: Mission) -> None:
    by_stage = {stage: state.docket.cases[case] for case, stage in paris.cases.items()}
    calendar = mission.agreement.calendar
    not_complied = by_stage["remedy not complied with, with a dissent"]
    assert not_complied.orders["order-1"].result is ComplianceResult.NOT_COMPLIED
    assert len(not_complied.dissents) == 1
    running = by_stage["silence recorded, remedy running"]
    assert state_of(running.clocks["remedy:order-1"], calendar, UNTIL) is ClockState.RUNNING
    assert len(running.silences) == 1
    rebutting = [name for name in by_stage["in rebuttal"].unanswered if name.startswith("rebuttal:")]
    assert len(rebutting) == 1
    waiting = by_stage["awaiting response"]
    assert [name.partition(":")[0] for name in waiting.unanswered] == ["response"]
    voted = by_stage["voted, result to be declared"].open_proposal
    proposed = by_stage["proposed, vote open"].open_proposal
    assert voted is not None
    assert proposed is not None
    assert len(voted.ballots) > len(proposed.ballots)
    assert by_stage["set aside on appeal"].set_aside
    assert by_stage["heard"].hearings


def test_findings_attribute_to_either_side_or_to_none(state: Mechanism) -> None:
    findings = list(state.docket.findings.values())
    rulings = [ruling for one in findings for ruling in one.rulings]
    assert {ruling.party for ruling in rulings if ruling.party} == {"RU", "UA"}
    assert Attribution.NOT_ATTRIBUTABLE in {ruling.attribution for ruling in rulings}
    assert Outcome.NO_BREACH in {ruling.outcome for ruling in rulings}
    assert {one.standing for one in findings} >= {
        FindingStanding.ADOPTED, FindingStanding.UNDER_APPEAL, FindingStanding.SET_ASIDE,
    }  # fmt: skip


def test_obligations_opened_after_the_finding_and_one_office_is_left_to_sign(
    state: Mechanism, mission: Mission
) -> None:
    obligations = list(state.commitments.obligations.values())
    assert {one.guarantor for one in obligations} == {"FR", "GB"}
    for one in obligations:
        assert one.opened_at > state.docket.findings[one.finding_id].adopted_at
    clocks = [
        state_of(clock, mission.agreement.calendar, UNTIL) for one in obligations for clock in one.clocks
    ]
    assert {ClockState.RUNNING, ClockState.MET, ClockState.LAPSED} <= set(clocks)
    offices = {one.office for one in obligations}
    asked = next(one for one in mission.agreement.guarantees if one.trigger is not None).sign_off
    assert len(set(asked) - offices) == 1


def test_contingents_and_hubs_stand_at_every_stage(state: Mechanism) -> None:
    assert {one.status for one in contingents_at(state.force, UNTIL)} == set(ContingentStatus)
    assert {one.status for one in hubs_at(state.force, UNTIL)} == set(HubStatus) - {HubStatus.CLOSED}


def test_somebody_joins_and_support_moves(state: Mechanism) -> None:
    assert {one.actor for one in state.coalition.joined} == {"DE"}
    middle = UNTIL - timedelta(days=15)
    assert all(abs(one.since - middle) < timedelta(days=3) for one in state.coalition.joined)
    assert len(state.support.reversals) == 1
    assert len(state.support.deliveries) == 2
    assert any(one.amounts.to_be_allocated < 0 for one in state.support.movements.values())


def test_parties_submitted_and_notified_and_verifiers_decided(state: Mechanism) -> None:
    submitted = state.submissions
    assert {one.party for one in submitted.complaints.values()} == {"RU", "UA"}
    assert any(one.withdrawn_at is not None for one in submitted.notices.values())
    assert any(one.withdrawn_at is not None for one in submitted.consents.values())
    decided = {
        one.decision.proposal.outcome for one in state.review.inquiries.values() if one.decision is not None
    }
    assert decided == {Status.VERIFIED, Status.NOT_VERIFIED, Status.UNABLE_TO_VERIFY}
    assert any(one.decision is None for one in state.review.inquiries.values())


def test_watches_have_gaps_with_their_reasons(mission: Mission) -> None:
    with mission.store.read() as transaction:
        states = {one.state for one in watches(transaction)}
    assert states >= {WatchState.OK, WatchState.DOWN, WatchState.DENIED, WatchState.NOT_PLANNED}


def test_the_last_day_has_reports_and_nothing_is_dated_after_the_end(mission: Mission) -> None:
    with mission.store.read() as transaction:
        head = transaction.head()
        assert head is not None
        logged = [transaction.record_at(index) for index in range(head.tree_size)]
    assert all(one is not None and one.logged_at <= "2026-05-20T12:00:00Z" for one in logged)
    assert logged[-1] is not None
    assert logged[-1].logged_at.startswith("2026-05-20T12:00:00")


def test_every_record_says_exercise_or_its_proof_does(mission: Mission) -> None:
    assert "EXERCISE" in mission.settings.origin
    with mission.store.read() as transaction:
        head = transaction.head()
        assert head is not None
        for index in range(head.tree_size):
            row = transaction.record_at(index)
            assert row is not None
            items = [item for held in mission.ledger.open_payload(row).values() for item in held if item]
            assert row.kind in NO_WORDS or any(b"EXERCISE" in item for item in items), (index, row.kind)
    for index in range(0, head.tree_size, 25):
        assert mission.settings.origin in prove_record(mission, str(index))


def test_every_daily_report_says_exercise(paris: Made) -> None:
    written = sorted((paris.folder / "reports").iterdir())
    assert len([one for one in written if one.suffix == ".html"]) >= 30
    for path in written:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".csv":  # a day without incidents is a header alone
            rows = list(csv.DictReader(text.splitlines()))
            assert all(row["exercise"] == "EXERCISE" for row in rows), path.name
        else:
            assert "EXERCISE" in text, path.name


def test_every_page_of_the_console_says_exercise(paris: Made, tmp_path: Path) -> None:
    folder = shutil.copytree(paris.mission, tmp_path / "mission")
    clock = MovingClock(UNTIL + timedelta(minutes=5))
    opened = open_mission(folder, clock=clock)
    room = Room(
        opened,
        Desk(
            opened,
            AccountStore(folder),
        ),
        "http://testserver",
    )
    person = enter(room.desk, clock, "head", Role.HEAD_OF_MISSION)
    headers = {"Authorization": f"Bearer {token_of(room.desk, person)}"}
    seen: dict[str, int] = {}
    waiting, found = deque(["/"]), {"/"}
    with TestClient(service(room), base_url="http://testserver") as client:
        while waiting:
            path = waiting.popleft()
            sort = re.sub(r"[^/]*\d[^/]*", "N", path.partition("?")[0])
            if seen.get(sort, 0) >= (20 if sort == "/cases/N" else 2):  # a reader's pace is limited
                continue
            seen[sort] = seen.get(sort, 0) + 1
            answer = client.get(path, headers=headers)
            if not answer.headers["content-type"].startswith("text/html"):
                continue
            assert answer.status_code == 200, path
            assert "EXERCISE · EXERCISE · EXERCISE" in answer.text, path
            for link in re.findall(r'href="(/[^"#]*)', answer.text):
                if link not in found and not link.startswith(("/assets", "/language", "/leave")):
                    found.add(link)
                    waiting.append(link)
    room.close()
    assert {"/", "/incidents", "/cases", "/guarantees", "/coalition", "/support", "/cases/N"} <= set(seen)


def test_the_log_verifies_the_read_models_come_again_and_the_audit_passes(
    paris: Made, tmp_path: Path
) -> None:
    opened = open_mission(shutil.copytree(paris.mission, tmp_path / "mission"))
    assert verify_mission(opened).checkpoint.size == paris.records
    assert rebuild(opened).changed == ()
    disclose(opened, "commission", tmp_path / "commission.disclosure")
    key = opened.ledger.log_key.verifier_key(opened.settings.origin)
    checked = audit(opened.folder / "log", tmp_path / "commission.disclosure", key)
    opened.close()
    assert {one.verdict for one in checked.checks} <= {Verdict.HOLDS, Verdict.NOT_SEEN}
    assert any(one.name == "procedure" and one.verdict is Verdict.HOLDS for one in checked.checks)


def test_the_truth_lies_beside_the_mission_and_says_exercise(paris: Made) -> None:
    document = json.loads(paris.truth.read_text(encoding="utf-8"))
    assert paris.truth.parent == paris.mission.parent
    assert document["mark"].startswith("EXERCISE")
    assert len(document["events"]) == paris.events
    assert document["false_reports"]
    assert {one["by"] for one in document["events"]} == {"RU", "UA"}
    assert [one for one in document["events"] if one["staged"]]
    assert document["cases"] == dict(paris.cases)
