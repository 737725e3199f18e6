# SPDX-License-Identifier: Apache-2.0
"""The worked scenario: from declaration to obligations, and the audit of it all (EXERCISE)."""

from __future__ import annotations

import importlib.util
import io
import shutil
import sys
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Protocol

import pytest

from truceline.clock import Clock
from truceline.commission import Attribution, Phase
from truceline.commission.steps import Ballot, ComplianceResult, Vote
from truceline.evidence import fields_payload, opening_from_bytes
from truceline.guarantees.force import contingents_at, hubs_at
from truceline.mechanism import Mechanism, reader_of
from truceline.mission import Mission, open_mission, views, write_report
from truceline.mission.audit.checks import audit
from truceline.mission.audit.disclosed import Verdict
from truceline.mission.audit.disclosure import disclose
from truceline.mission.ledger import Draft
from truceline.mission.replaying import mechanism
from truceline.procedure import Capacity, Who, encode, shown

SCENARIO = Path(__file__).parents[2] / "examples" / "paris-exercise" / "scenario.py"


class Played(Protocol):
    """What a played exercise has."""

    folder: Path
    clock: Clock
    mission: Mission


def scenario() -> ModuleType:
    spec = importlib.util.spec_from_file_location("paris_exercise", SCENARIO)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["paris_exercise"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    made: Played = scenario().play(tmp_path_factory.mktemp("paris") / "mission", lambda _line: None)
    yield made
    made.mission.close()


@pytest.fixture
def state(played: Played) -> Mechanism:
    return mechanism(played.mission)


def test_one_finding_goes_against_each_side_and_one_remedy_was_not_complied_with(state: Mechanism) -> None:
    findings = state.docket.findings
    assert [ruling.party for one in findings.values() for ruling in one.rulings] == ["UA", "RU"]
    assert all(
        ruling.attribution is Attribution.TO_PARTY for one in findings.values() for ruling in one.rulings
    )
    case = state.docket.cases["case-1"]
    assert case.phase is Phase.CLOSED
    assert case.orders["order-1"].result is ComplianceResult.NOT_COMPLIED
    assert len(case.dissents) == 1
    assert set(state.docket.cases["case-2"].silences) == {"response:RU"}


def test_an_obligation_opened_after_the_sign_off_with_its_clocks(state: Mechanism) -> None:
    (obligation,) = state.commitments.obligations.values()
    assert (obligation.guarantor, obligation.finding_id) == ("GB", "finding-2")
    assert [clock.term.hours for clock in obligation.clocks] == [24, 72]


def test_contingents_are_deployed_and_the_hub_is_operational_as_of_a_date(
    played: Played, state: Mechanism
) -> None:
    now = played.clock.now()
    assert {one.status.value for one in contingents_at(state.force, now)} == {"deployed"}
    assert [one.status.value for one in hubs_at(state.force, now)] == ["operational"]


def test_the_place_of_a_hub_is_given_coarsely_outside_the_commission(played: Played) -> None:
    now = played.clock.now()
    exact = str(views.force(played.mission, Who("secretary", Capacity.SECRETARY), now))
    assert "50.2511" in exact
    for who in (
        Who("", Capacity.PUBLIC),
        Who("liaison-ru", Capacity.LIAISON, "RU"),
        Who("envoy-gb", Capacity.GUARANTOR, "GB"),
    ):
        seen = str(views.force(played.mission, who, now))
        assert "ua-zhytomyr" in seen
        assert "50.2511" not in seen
    out = played.folder.with_name("places.disclosure")
    for audience in ("public", "parties"):
        disclose(played.mission, audience, out)
        assert b"50.2511" not in inflated(out.read_bytes())


def test_no_view_gives_one_party_what_the_other_said_in_confidence(played: Played) -> None:
    ru, ua = Who("liaison-ru", Capacity.LIAISON, "RU"), Who("liaison-ua", Capacity.LIAISON, "UA")
    assert "notice-1" in str(views.submissions(played.mission, ua))
    assert "notice-1" not in str(views.submissions(played.mission, ru))
    assert "Witness U." not in str(views.cases(played.mission, ru))
    assert "Witness R." not in str(views.cases(played.mission, ua))
    assert "Witness" not in str(views.cases(played.mission, Who("", Capacity.PUBLIC)))


def test_neither_reports_nor_the_published_log_hold_what_a_party_said_in_confidence(
    played: Played, tmp_path: Path
) -> None:
    paths = write_report(played.mission, date(2031, 3, 16), tmp_path)
    texts = [path.read_bytes() for path in paths]
    texts += [path.read_bytes() for path in (played.folder / "log").rglob("*") if path.is_file()]
    assert any(b"EXERCISE" in text for text in texts)
    for text in texts:
        assert b"Witness" not in text
        assert b"notice-1" not in text


def test_every_figure_is_asked_as_of_a_date(played: Played) -> None:
    mission, now = played.mission, played.clock.now()
    before = now - timedelta(days=1)
    assert "DE" not in {one.actor for one in views.coalition(mission, before)}
    assert "DE" in {one.actor for one in views.coalition(mission, now)}
    assert views.standing(mission, now).state.value == "in_force"
    assert views.standing(mission, datetime(2026, 2, 1, tzinfo=UTC)).state.value == "signed"
    assert [one.claim_id for one in views.standing(mission, now).contested] == ["sign-a", "sign-b"]
    lost = views.departure(mission, "GB", now)
    assert "gb-air" in str(lost)
    ahead = views.outlook(mission, ["armed_attack"])
    assert [one.commitment for one in ahead] == ["renewed-attack"]
    assert ahead[0].why_not == ""


def test_the_audit_holds_and_replays_every_step(played: Played) -> None:
    report = scenario().audited(played)
    assert report.sound
    held = {check.name for check in report.checks if check.verdict is Verdict.HOLDS}
    assert {"log", "procedure", "release", "openings"} <= held


def test_nobody_of_one_party_reads_what_the_other_said_in_confidence(
    played: Played, state: Mechanism
) -> None:
    mission = played.mission
    for who, theirs, own in (
        (Who("liaison-ua", Capacity.LIAISON, "UA"), "Witness R.", "Witness U."),
        (Who("liaison-ru", Capacity.LIAISON, "RU"), "Witness U.", "Witness R."),
        (Who("m-ua", Capacity.MEMBER), "Witness R.", "Witness U."),
        (Who("m-ru", Capacity.MEMBER), "Witness U.", "Witness R."),
    ):
        reader = reader_of(who, state, mission.agreement, played.clock.now())
        seen = str([shown(entry, reader) for entry in state.entries])
        assert theirs not in seen
        assert own in seen
    for audience in ("public", "parties", "commission"):
        out = played.folder.with_name(f"{audience}.disclosure")
        disclose(mission, audience, out)
        data = out.read_bytes()
        opened = inflated(data)
        assert all(text not in opened for text in (b"Witness R.", b"Witness U.", b'EXERCISE. Mines."'))


def inflated(data: bytes) -> bytes:
    """Return everything that a disclosure opens, unpacked."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = [name for name in archive.namelist() if name.startswith("openings/")]
        items = [item for name in names for item in opening_from_bytes(archive.read(name)).items if item]
    return b"\n".join(items)


def test_a_step_forged_around_the_program_is_named_by_the_audit(played: Played, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(played.folder, folder)
    mission: Mission = open_mission(folder, clock=played.clock)
    forged = Vote("case-2", "proposal-1", Ballot.FOR)
    stated = encode(forged, Who("m-ru", Capacity.MEMBER))
    with mission.ledger.writing() as writer:
        writer.append(Draft("docket", fields_payload(stated)))
    assert [one.rule for one in mechanism(mission).irregular] == ["own_signature"]
    out = tmp_path / "commission.disclosure"
    disclose(mission, "commission", out)
    report = audit(folder / "log", out)
    mission.close()
    differing = [check for check in report.differing if check.name == "procedure"]
    assert [check.ground.split(":")[0] for check in differing] == ["Forbidden by own_signature"]
