# SPDX-License-Identifier: Apache-2.0
"""Every route as every role: what the one table does not allow is denied."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi import APIRouter, FastAPI
from starlette.testclient import TestClient
from tests.service.conftest import ADDRESS
from tests.service.people import Person

from truceline.access import MAY, Permission, Role
from truceline.api import Room
from truceline.api import app as app_module
from truceline.api.app import HEADERS
from truceline.api.doors import SESSION_COOKIE, api_routes, door_of, require_doors
from truceline.api.limits import Limits
from truceline.api.room import WRITERS
from truceline.api.turns import THREADS
from truceline.web import service

pytestmark = pytest.mark.over_both

STREAMS = frozenset({"/api/v1/events"})
"""They never end; another test follows one."""

UNLIMITED = Limits(dict.fromkeys(Permission, 1_000_000))


def walked(room: Room) -> list[tuple[str, str, Permission]]:
    """Return every method, path and permission of the service."""
    found = []
    for route in api_routes(service(room).routes):
        door = door_of(route)
        assert door is not None
        path = re.sub(r"\{[^}]*\}", "x", route.path)
        found += [(method, path, door.permission) for method in sorted(route.methods or ())]
    return found


@pytest.fixture
def unlimited(room: Room) -> TestClient:
    return TestClient(service(room, limits=UNLIMITED), base_url=ADDRESS, raise_server_exceptions=False)


def test_every_route_as_every_role(
    room: Room, unlimited: TestClient, tokens: dict[Role, str], incidents: list[str]
) -> None:
    assert incidents
    walk = [one for one in walked(room) if one[1] not in STREAMS]
    assert len(walk) > 50
    for role in Role:
        headers = {"Authorization": f"Bearer {tokens[role]}"} if role in tokens else {}
        for method, path, permission in walk:
            answer = unlimited.request(method, path, headers=headers, follow_redirects=False)
            denied = answer.status_code in {401, 403}
            allowed = role in MAY[permission]
            # Signing in with nothing typed is refused for what was typed, not for who asks.
            assert denied is not allowed, (role, method, path, answer.status_code, answer.text[:200])
            assert answer.status_code < 500, (role, method, path, answer.text[:300])


def test_whoever_enters_passes_the_same_door_by_every_way_in(room: Room) -> None:
    doors = {(method, path): permission for method, path, permission in walked(room)}
    ways = {key: one for key, one in doors.items() if key[1].startswith(("/sign-in", "/welcome"))}
    assert set(ways.values()) == {Permission.ENTER}
    assert {path for _, path in ways} == {
        "/sign-in", "/sign-in/passkey", "/sign-in/passkey/challenge", "/sign-in/with/x",
        "/sign-in/with/x/answer", "/welcome/x", "/welcome/x/passkey", "/welcome/x/passkey/challenge",
        "/welcome/x/with/x",
    }  # fmt: skip
    kept = {one for (_, path), one in doors.items() if path.startswith("/account")}
    assert kept == {Permission.KEEP_ACCOUNT}


def test_a_service_with_a_route_without_a_door_does_not_start() -> None:
    app, router = FastAPI(openapi_url=None, docs_url=None, redoc_url=None), APIRouter()

    @router.get("/bare")
    def bare() -> str:
        return "open"

    app.router.routes.extend(router.routes)
    with pytest.raises(RuntimeError, match="/bare"):
        require_doors(app)


def test_what_fastapi_serves_by_itself_is_noticed() -> None:
    with pytest.raises(RuntimeError, match="without a door"):
        require_doors(FastAPI())


@pytest.mark.parametrize("path", ["/", "/api/v1/me", "/nowhere", "/assets/x/console.css"])
def test_every_answer_carries_the_headers(client: TestClient, path: str) -> None:
    answer = client.get(path)
    for name, value in HEADERS.items():
        assert answer.headers[name] == value
    assert "unsafe" not in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-CSRF-Token": "wrong"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
    ],
)
def test_a_cookie_alone_changes_nothing(
    client: TestClient, room: Room, people: dict[Role, Person], headers: dict[str, str]
) -> None:
    person = people[Role.DUTY_OFFICER]
    client.cookies.set(SESSION_COOKIE, person.session)
    before = room.tree_size()
    answer = client.post("/api/v1/runs", headers=headers)
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"
    assert room.tree_size() == before


@pytest.mark.usefixtures("incidents")
def test_a_session_with_its_token_may_act(client: TestClient, room: Room, people: dict[Role, Person]) -> None:
    person = people[Role.DUTY_OFFICER]
    visitor = room.desk.visitor_of_session(person.session)
    assert visitor is not None
    client.cookies.set(SESSION_COOKIE, person.session)
    answer = client.post("/api/v1/runs", headers={"X-CSRF-Token": visitor.csrf, "Origin": ADDRESS})
    assert answer.status_code == 201
    assert answer.json()["exercise"] is True


def test_guessing_is_slowed_down(client: TestClient, people: dict[Role, Person]) -> None:
    typed = {"person": people[Role.ANALYST].person, "password": "guess", "code": "000000"}
    answers = [client.post("/sign-in", data=typed).status_code for _ in range(8)]
    assert answers[:6] == [401] * 6
    assert answers[6:] == [429] * 2


def test_a_bad_token_is_refused_and_not_taken_for_the_public(client: TestClient) -> None:
    assert client.get("/api/v1/me", headers={"Authorization": "Bearer tl_nothing"}).status_code == 401
    assert client.get("/api/v1/me").json()["role"] == "public"


def test_views_and_exports_are_noted(
    client: TestClient, room: Room, tokens: dict[Role, str], incidents: list[str]
) -> None:
    headers = {"Authorization": f"Bearer {tokens[Role.ANALYST]}"}
    client.get(f"/incidents/{incidents[0]}", headers=headers)
    client.get("/api/v1/incidents.csv", headers=headers)
    noted = [(one.person, one.permission, one.path) for one in room.visits.latest(most=2)]
    assert noted == [
        ("analyst", "export", "GET /api/v1/incidents.csv"),
        ("analyst", "read", f"GET /incidents/{incidents[0]}"),
    ]


@pytest.mark.parametrize(
    "back", ["https://elsewhere.example", "//elsewhere.example", "/\\elsewhere.example", "x"]
)
def test_choosing_a_language_leads_nowhere_else(client: TestClient, back: str) -> None:
    answer = client.get("/language/uk", params={"back": back}, follow_redirects=False)
    assert answer.headers["location"] == "/"


@pytest.mark.parametrize(
    "path", ["../keys/log.pem", "..%2fkeys%2flog.pem", "%2e%2e/mission.toml", "/etc/passwd", "a%00b"]
)
def test_the_log_serves_nothing_beside_it(client: TestClient, path: str) -> None:
    answer = client.get(f"/api/v1/log/{path}")
    assert answer.status_code in {400, 404}
    assert b"PRIVATE KEY" not in answer.content


def test_what_is_too_large_is_refused_before_it_is_put_down(
    room: Room, tokens: dict[Role, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app_module, "LARGEST_BODY", 10_000)
    client = TestClient(service(room), base_url=ADDRESS, raise_server_exceptions=False)
    for headers in ({}, {"Authorization": f"Bearer {tokens[Role.MONITOR]}"}):
        before = room.tree_size()
        large = {"file": ("a.csv", b"x" * 20_000)}
        answer = client.post("/api/v1/imports", files=large, data={"format": "table"}, headers=headers)
        assert answer.status_code == 413
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["content-security-policy"] == HEADERS["Content-Security-Policy"]
        assert room.tree_size() == before
        # Without its length stated, it is refused while it comes in.
        request = client.build_request(
            "POST", "/api/v1/imports", files=large, data={"format": "table"}, headers=headers
        )
        pieces = (request.read()[at : at + 1000] for at in range(0, 20_000, 1000))
        kind = {"Content-Type": request.headers["content-type"], **headers}
        answer = client.post("/api/v1/imports", content=pieces, headers=kind)
        assert answer.status_code == 413
        assert answer.headers["content-type"] == "application/problem+json"
        assert room.tree_size() == before


def test_a_guess_at_a_reports_name_tells_nobody_whether_there_is_one(
    client: TestClient, tokens: dict[Role, str], incidents: list[str]
) -> None:
    assert incidents
    known = client.get(
        "/records/of/obs-00000",
        headers={"Authorization": f"Bearer {tokens[Role.ANALYST]}"},
        follow_redirects=False,
    )
    assert known.status_code == 303
    guessed = client.get("/records/of/obs-00000", follow_redirects=False)
    absent = client.get("/records/of/obs-99999", follow_redirects=False)
    assert (guessed.status_code, guessed.json()) == (404, absent.json())


def test_those_who_wait_to_write_never_keep_everybody_from_reading(
    client: TestClient, room: Room, tokens: dict[Role, str]
) -> None:
    officer = {"Authorization": f"Bearer {tokens[Role.DUTY_OFFICER]}"}
    with ThreadPoolExecutor(WRITERS) as pool:
        with room.writing():
            waiting = [pool.submit(client.post, "/api/v1/runs", headers=officer) for _ in range(WRITERS - 1)]
            while room._queue._value:
                assert not any(one.done() for one in waiting)
            refused = client.post("/api/v1/runs", headers=officer)
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
            assert client.get("/").status_code == 200
        assert [one.result().status_code for one in waiting] == [201] * (WRITERS - 1)
    assert client.post("/api/v1/runs", headers=officer).status_code == 201
    assert WRITERS < THREADS
