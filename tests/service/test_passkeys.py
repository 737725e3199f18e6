# SPDX-License-Identifier: Apache-2.0
"""Passkeys over HTTP: the forms, the cookie of the browser, and what another site cannot do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.access.device import Device
from tests.mission.procedural import MovingClock
from tests.service.people import ADMINISTRATOR, enter
from tests.service.serving import room_at

from truceline.access import Role
from truceline.api import Room
from truceline.api.doors import SESSION_COOKIE
from truceline.web import service
from truceline.web.entering import BROWSER_COOKIE

ADDRESS = "http://localhost:8000"


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock()


@pytest.fixture
def room(tmp_path: Path, clock: MovingClock) -> Iterator[Room]:
    made = room_at(tmp_path / "mission", clock, ADDRESS)
    yield made
    made.close()


@pytest.fixture
def client(room: Room) -> Iterator[TestClient]:
    with TestClient(service(room), base_url=ADDRESS, follow_redirects=False) as made:
        yield made


@pytest.fixture
def device(room: Room, client: TestClient) -> Device:
    """Return the device of somebody who has set up a passkey from an invitation, and is signed out."""
    made = Device(ADDRESS)
    path = f"/welcome/{room.desk.invite(ADMINISTRATOR, 'duty', 'Duty', Role.DUTY_OFFICER, '')}/passkey"
    asked = client.post(f"{path}/challenge").text
    answer = client.post(path, data={"answer": made.make(asked), "label": "Telephone"})
    assert answer.status_code == 303, answer.text
    assert client.get("/api/v1/me").json()["role"] == "duty officer"
    client.cookies.delete(SESSION_COOKIE)
    return made


def test_signing_in_with_a_passkey(client: TestClient, device: Device) -> None:
    assert client.get("/api/v1/me").json()["role"] == "public"
    asked = client.post("/sign-in/passkey/challenge")
    assert "httponly" in asked.headers["set-cookie"].lower()
    answer = client.post("/sign-in/passkey", data={"answer": device.sign(asked.text)})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/"
    assert client.get("/api/v1/me").json()["role"] == "duty officer"
    assert "Telephone" in client.get("/account").text


def test_an_answer_from_another_browser_opens_nothing(client: TestClient, device: Device) -> None:
    answer = device.sign(client.post("/sign-in/passkey/challenge").text)
    client.cookies.delete(BROWSER_COOKIE)
    refused = client.post("/sign-in/passkey", data={"answer": answer})
    assert refused.status_code == 401
    assert "begun elsewhere" in refused.text
    assert SESSION_COOKIE not in client.cookies


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}]
)
def test_another_site_cannot_sign_somebody_in(
    client: TestClient, device: Device, headers: dict[str, str]
) -> None:
    answer = device.sign(client.post("/sign-in/passkey/challenge").text)
    assert client.post("/sign-in/passkey", data={"answer": answer}, headers=headers).status_code == 403
    assert client.post("/sign-in/passkey", data={"answer": answer}).status_code == 303


@pytest.mark.parametrize("answer", ["", "no answer", "{}", "[" * 19_000, "\u202e"])
def test_what_is_no_answer_is_refused_in_words(client: TestClient, answer: str) -> None:
    refused = client.post("/sign-in/passkey", data={"answer": answer})
    assert refused.status_code in {401, 422}
    assert client.post("/sign-in/passkey", data={"answer": "x" * 20_001}).status_code == 422


def test_the_last_way_in_stays_and_the_page_says_why(client: TestClient, room: Room, device: Device) -> None:
    asked = client.post("/sign-in/passkey/challenge").text
    client.post("/sign-in/passkey", data={"answer": device.sign(asked)})
    visitor = room.desk.visitor_of_session(client.cookies[SESSION_COOKIE])
    assert visitor is not None
    (one,) = room.keyring.passkeys("duty")
    path = f"/account/passkeys/{one.credential}/end"
    assert client.post(path).status_code == 403  # without what the page's form carries
    refused = client.post(path, data={"csrf": visitor.csrf})
    assert refused.status_code == 409
    assert "only way in" in refused.text
    assert room.keyring.passkeys("duty") == [one]


def test_a_passkey_is_added_and_removed_on_ones_account(
    client: TestClient, room: Room, clock: MovingClock
) -> None:
    client.cookies.set(SESSION_COOKIE, enter(room.desk, clock, "duty", Role.DUTY_OFFICER).session)
    visitor = room.desk.visitor_of_session(client.cookies[SESSION_COOKIE])
    assert visitor is not None
    csrf = {"X-CSRF-Token": visitor.csrf}
    asked = client.post("/account/passkeys/challenge", headers=csrf).text
    made = {"csrf": visitor.csrf, "answer": Device(ADDRESS).make(asked), "label": "Desk <b>key</b>"}
    assert client.post("/account/passkeys", data=made).status_code == 303
    page = client.get("/account").text
    assert "Desk &lt;b&gt;key&lt;/b&gt;" in page
    assert client.post("/account/passkeys", data=made).status_code == 409  # the same answer again
    (one,) = room.keyring.passkeys("duty")
    removed = client.post(f"/account/passkeys/{one.credential}/end", data={"csrf": visitor.csrf})
    assert removed.status_code == 303
    assert room.keyring.passkeys("duty") == []


def test_an_address_without_passkeys_offers_none(tmp_path: Path, clock: MovingClock) -> None:
    room = room_at(tmp_path / "mission", clock, "http://127.0.0.1:8000")
    with TestClient(service(room), base_url=room.address) as client:
        page = client.get("/sign-in").text
        assert "passkey" not in page
        assert 'name="password"' in page
        assert client.post("/sign-in/passkey/challenge").status_code == 409
        client.cookies.set(SESSION_COOKIE, enter(room.desk, clock, "duty", Role.DUTY_OFFICER).session)
        assert "Browsers know no passkeys at this address" in client.get("/account").text
    room.close()
