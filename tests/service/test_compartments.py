# SPDX-License-Identifier: Apache-2.0
"""EXERCISE: what an organisation's own sources report is shown to its people, and to nobody else."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.mission.made import MakeTable, entropy, row
from tests.mission.procedural import MovingClock
from tests.procedure.made import START, VALLEY
from tests.service.conftest import ADDRESS
from tests.service.people import enter, token_of

from truceline.access import Desk, Role
from truceline.agreement import load_pack
from truceline.api import Room
from truceline.errors import RejectedInput
from truceline.mission import ingest, init_mission, run
from truceline.mission.acting import act
from truceline.mission.evidence_files import attachment
from truceline.mission.replaying import mechanism
from truceline.procedure import Capacity, Who
from truceline.review.steps import AskForEvidence, OpenInquiry
from truceline.storage.accounts import AccountStore
from truceline.web import service

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(64)


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """Return the valley's pack with cameras that are X's own."""
    made = shutil.copytree(VALLEY, tmp_path / "pack")
    (made / "sources.yaml").write_text(
        "families:\n"
        "  - {id: patrol, name: Patrols, independence_group: mission, source_kind: patrol}\n"
        "  - {id: camera, name: Cameras of X, independence_group: x, source_kind: camera, compartment: X}\n"
        "sources:\n"
        "  - {id: team-1, family: patrol}\n"
        "  - {id: team-2, family: camera}\n",
        encoding="utf-8",
    )
    return made


@pytest.fixture
def room(tmp_path: Path, pack: Path, make_table: MakeTable) -> Iterator[Room]:
    clock = MovingClock()
    mission = init_mission(pack, tmp_path / "mission", clock=clock, entropy=entropy(4), exercise=True)
    began = START - timedelta(days=1)
    rows = [
        row(1, event_from=began.isoformat(), event_to=began.isoformat(), latitude="48.5"),
        row(
            2, source_kind="camera", latitude="48.9",
            event_from=(began + timedelta(hours=5)).isoformat(),
            event_to=(began + timedelta(hours=5)).isoformat(),
        ),
    ]  # fmt: skip
    ingest(mission, make_table(rows), "table")
    run(mission)
    made = Room(mission, Desk(mission, AccountStore(mission.folder)), ADDRESS)
    yield made
    made.close()


@pytest.fixture
def clock(room: Room) -> MovingClock:
    held = room.mission.ledger.clock
    assert isinstance(held, MovingClock)
    return held


def seen(room: Room, client: TestClient, clock: MovingClock, person: str, role: Role, of: str) -> set[str]:
    """Return the incidents that somebody is shown: in the list, the same in the export and on the map."""
    token = token_of(room.desk, enter(room.desk, clock, person, role, of))
    headers = {"Authorization": f"Bearer {token}"}
    answer = client.get("/api/v1/incidents", headers=headers).json()
    listed = {one["incident_id"] for one in answer["incidents"]}
    exported = client.get("/api/v1/incidents.csv", headers=headers).text
    drawn = client.get("/map", headers=headers).text
    for name in listed:
        assert name in exported
        assert name in drawn
    assert exported.count("inc-") == len(listed)
    return listed


def test_a_compartment_is_open_to_its_own_people_and_those_who_answer_for_the_mission(
    room: Room, clock: MovingClock
) -> None:
    client = TestClient(service(room), base_url=ADDRESS)
    everything = seen(room, client, clock, "head", Role.HEAD_OF_MISSION, "")
    assert len(everything) == 2
    assert seen(room, client, clock, "secretary", Role.SECRETARY, "") == everything
    assert seen(room, client, clock, "analyst-x", Role.ANALYST, "X") == everything
    others = seen(room, client, clock, "analyst", Role.ANALYST, "")
    assert len(others) == 1
    assert seen(room, client, clock, "verifier-y", Role.VERIFIER, "Y") == others
    (hidden,) = everything - others
    token = token_of(room.desk, enter(room.desk, clock, "officer", Role.DUTY_OFFICER, ""))
    headers = {"Authorization": f"Bearer {token}", "Accept": "text/html"}
    assert client.get(f"/incidents/{hidden}", headers=headers).status_code in {404, 422}
    assert hidden not in client.get("/", headers=headers).text


def test_what_was_attached_in_a_compartment_stays_there(room: Room, clock: MovingClock) -> None:
    client = TestClient(service(room), base_url=ADDRESS)
    everything = seen(room, client, clock, "head", Role.HEAD_OF_MISSION, "")
    (hidden,) = everything - seen(room, client, clock, "analyst", Role.ANALYST, "")
    officer = Who("officer-x", Capacity.DUTY_OFFICER)
    opened = act(room.mission, officer, OpenInquiry(hidden, "A flash."))
    asked = AskForEvidence(hidden, "X", "The whole film, please.", seen=opened.leaf_index)
    last = act(room.mission, officer, asked).leaf_index
    step = attachment(room.mission, "flash.png", PNG, hidden, "A flash.", seen=last)
    act(room.mission, officer, step)
    assert step.sha256 in mechanism(room.mission).review.inquiries[hidden].files
    for person, of, allowed in (("vera", "X", True), ("viktor", "", False)):
        token = token_of(room.desk, enter(room.desk, clock, person, Role.VERIFIER, of))
        headers = {"Authorization": f"Bearer {token}"}
        assert ("The whole film, please." in client.get("/", headers=headers).text) is allowed
        answer = client.get(f"/api/v1/evidence/{step.sha256}", headers=headers)
        assert (answer.status_code == 200) is allowed


def test_an_organisation_gives_nobody_of_the_mission_a_voice(room: Room, clock: MovingClock) -> None:
    person = enter(room.desk, clock, "analyst-x", Role.ANALYST, "X")
    visitor = room.desk.visitor_of_session(person.session)
    assert visitor is not None
    assert (visitor.who.on_behalf_of, visitor.who.organisation) == ("", "X")
    with pytest.raises(RejectedInput, match="cannot be made"):
        enter(room.desk, clock, "analyst-q", Role.ANALYST, "nobody")


def test_a_compartment_of_nobody_is_a_fault_of_the_pack(pack: Path) -> None:
    text = (pack / "sources.yaml").read_text(encoding="utf-8")
    (pack / "sources.yaml").write_text(text.replace("compartment: X", "compartment: Q"), encoding="utf-8")
    with pytest.raises(RejectedInput) as refusal:
        load_pack(pack)
    assert any("compartment" in fault.path for fault in refusal.value.faults)
