# SPDX-License-Identifier: Apache-2.0
"""EXERCISE: two people verify an incident from its page; files are taken by what they are."""

from __future__ import annotations

import hashlib
import re

import pytest
from starlette.testclient import TestClient
from tests.mission.procedural import MovingClock
from tests.service.people import Person, enter, token_of

from truceline.access import Role
from truceline.api import Room
from truceline.api.doors import SESSION_COOKIE
from truceline.mission import evidence_files
from truceline.mission.acting import act
from truceline.mission.replaying import mechanism
from truceline.mission.roll import Filter
from truceline.procedure import Capacity, Who
from truceline.review.steps import AskForEvidence, OpenInquiry
from truceline.vocabulary import Status

pytestmark = pytest.mark.over_both

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(64)
EVIL = "</p><script>alert('злочин')</script>"


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def incident(room: Room, incidents: list[str]) -> str:
    act(room.mission, Who("duty", Capacity.DUTY_OFFICER), OpenInquiry(incidents[0], "Three teams."))
    return incidents[0]


def last(room: Room, incident: str) -> str:
    return str(mechanism(room.mission).review.inquiries[incident].last)


def test_two_people_verify_an_incident_by_its_page(
    client: TestClient, room: Room, people: dict[Role, Person], tokens: dict[Role, str], incident: str
) -> None:
    visitor = room.desk.visitor_of_session(people[Role.VERIFIER].session)
    assert visitor is not None
    client.cookies.set(SESSION_COOKIE, people[Role.VERIFIER].session)
    shown = client.get(f"/incidents/{incident}").text
    (address,) = set(re.findall(r'href="(/steps/propose-status[^"]+)"', shown))
    form = client.get(address.replace("&amp;", "&")).text
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
    typed = {**hidden, "outcome": "verified", "standard": "reasonable-grounds", "reason": EVIL}
    answer = client.post("/steps/propose-status", data=typed, follow_redirects=False)
    assert answer.headers["location"] == f"/incidents/{incident}#review"
    waiting = client.get(f"/incidents/{incident}").text
    assert "somebody other than you" in waiting
    assert "<script>alert" not in waiting
    client.cookies.clear()
    head = bearer(tokens[Role.HEAD_OF_MISSION])
    again = client.post("/steps/confirm-status", data={**hidden, "reason": "Seen."}, headers=head)
    assert again.status_code == 409
    assert "See what they did" in again.text
    nothing = room.selection(visitor.who, Filter(status=Status.VERIFIED))
    assert nothing is not None
    assert not len(nothing)
    fresh = {"incident_id": incident, "seen": last(room, incident), "reason": "Seen."}
    assert client.post("/steps/confirm-status", data=fresh, headers=head).status_code == 200
    selection = room.selection(visitor.who, Filter(status=Status.VERIFIED))
    assert selection is not None
    assert len(selection) == 1


def test_the_public_reads_the_status_and_nothing_of_the_inquiry(
    client: TestClient, tokens: dict[Role, str], incident: str
) -> None:
    assert 'id="review"' in client.get(f"/incidents/{incident}", headers=bearer(tokens[Role.ANALYST])).text
    for role in (Role.LIAISON, Role.GUARANTOR, Role.AUDITOR, Role.ADMINISTRATOR):
        answer = client.get(f"/incidents/{incident}", headers=bearer(tokens[role]))
        assert "Three teams." not in answer.text
        assert 'id="review"' not in answer.text


def attached(
    client: TestClient, token: str, incident: str, seen: str, name: str, content: bytes, **more: str
) -> int:
    data = {"seen": seen, "described": "EXERCISE: a crater.", **more}
    answer = client.post(
        f"/incidents/{incident}/files", data=data, files={"file": (name, content)}, headers=bearer(token),
        follow_redirects=False,
    )  # fmt: skip
    return answer.status_code


def test_a_file_is_kept_and_given_out_to_be_saved(
    client: TestClient, room: Room, tokens: dict[Role, str], incident: str
) -> None:
    digest = hashlib.sha256(PNG).hexdigest()
    monitor = tokens[Role.MONITOR]
    assert attached(client, monitor, incident, last(room, incident), "a.png", PNG, sha256=digest) == 303
    answer = client.get(f"/api/v1/evidence/{digest}", headers=bearer(monitor))
    assert answer.content == PNG
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert client.get(f"/api/v1/evidence/{digest}").status_code == 404
    assert client.get(f"/api/v1/evidence/{digest}", headers=bearer(tokens[Role.LIAISON])).status_code == 404


@pytest.mark.parametrize(
    ("name", "content", "more", "status"),
    [
        ("a.png", b"MZ" + bytes(200), {}, 422),
        ("a.jpg", PNG, {}, 422),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", {}, 422),
        ("a.html", b"<!doctype html><script>alert(1)</script>", {}, 422),
        ("a.png", b"", {}, 422),
        ("../../keys/log.pem", PNG, {}, 422),
        ("a.png", PNG, {"sha256": "0" * 64}, 422),
        ("a.png", PNG, {"described": ""}, 422),
        ("a.png", PNG + bytes(2000), {}, 422),
    ],
)
def test_a_file_that_is_not_what_it_should_be_is_refused_and_nothing_is_kept(
    client: TestClient, room: Room, tokens: dict[Role, str], incident: str, monkeypatch: pytest.MonkeyPatch,
    name: str, content: bytes, more: dict[str, str], status: int,
) -> None:  # fmt: skip
    monkeypatch.setattr(evidence_files, "LARGEST", 1000)
    before = room.tree_size()
    token = tokens[Role.MONITOR]
    vault = sorted(room.mission.ledger.vault.folder.rglob("*"))
    assert attached(client, token, incident, last(room, incident), name, content, **more) == status
    assert room.tree_size() == before
    assert sorted(room.mission.ledger.vault.folder.rglob("*")) == vault


def test_only_those_who_inquire_attach_files(
    client: TestClient, room: Room, tokens: dict[Role, str], incident: str
) -> None:
    for role in (Role.LIAISON, Role.SECRETARY, Role.GUARANTOR):
        assert attached(client, tokens[role], incident, last(room, incident), "a.png", PNG) == 403


def test_reports_are_ruled_on_from_the_page(
    client: TestClient, tokens: dict[Role, str], incident: str
) -> None:
    analyst = bearer(tokens[Role.ANALYST])
    form = client.get("/steps/cannot-link?observation=obs-00000&other=obs-00002", headers=analyst).text
    assert 'name="observation" value="obs-00000"' in form
    typed = {"observation": "obs-00000", "other": "obs-00002", "reason": "Two plumes."}
    assert client.post("/steps/cannot-link", data=typed, headers=analyst).status_code == 200
    assert "tell of different events" in client.get(f"/incidents/{incident}", headers=analyst).text
    client.post("/api/v1/runs", headers=analyst)
    assert len(client.get("/api/v1/incidents", headers=analyst).json()["incidents"]) == 2


def test_whoever_made_a_report_does_not_verify_it(
    client: TestClient, room: Room, clock: MovingClock, incident: str
) -> None:
    author = enter(room.desk, clock, "team-1", Role.VERIFIER)
    own = {
        "incident_id": incident,
        "seen": last(room, incident),
        "outcome": "verified",
        "standard": "reasonable-grounds",
        "reason": "I saw it.",
    }
    answer = client.post("/steps/propose-status", data=own, headers=bearer(token_of(room.desk, author)))
    assert answer.status_code == 409
    assert "a report of your own" in answer.text


def test_a_party_that_is_asked_reads_the_request_in_its_portal_and_not_who_asked(
    client: TestClient, room: Room, clock: MovingClock, tokens: dict[Role, str], incident: str
) -> None:
    asked = AskForEvidence(incident, "A", "The radar log of that hour.", seen=int(last(room, incident)))
    act(room.mission, Who("officer-olena", Capacity.DUTY_OFFICER), asked)
    own = client.get("/portal", headers=bearer(tokens[Role.LIAISON])).text
    assert "The radar log of that hour." in own
    for path in ("/portal", "/api/v1/procedure"):
        assert "officer-olena" not in client.get(path, headers=bearer(tokens[Role.LIAISON])).text
    other = enter(room.desk, clock, "liaison-b", Role.LIAISON, "B")
    for path in ("/portal", "/api/v1/procedure"):
        text = client.get(path, headers=bearer(token_of(room.desk, other))).text
        assert "The radar log of that hour." not in text
    assert "The radar log of that hour." in client.get("/portal", headers=bearer(tokens[Role.SECRETARY])).text
