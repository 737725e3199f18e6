# SPDX-License-Identifier: Apache-2.0
"""EXERCISE: signing in with an organisation's account, at a certified provider that really runs."""

from __future__ import annotations

import base64
import logging
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, quote_plus, urlencode, urlsplit, urlunsplit

import pytest
from starlette.testclient import TestClient
from tests.organisations.running import brought, provided, provider_at, secret_of, signed_in_there
from tests.service.people import ADMINISTRATOR
from tests.service.serving import room_at

from truceline.access import Role
from truceline.api import Room
from truceline.api.doors import SESSION_COOKIE
from truceline.clock import SystemClock
from truceline.web import service
from truceline.web.entering import BROWSER_COOKIE

ADDRESS = "http://localhost:8000"
START = "/sign-in/with/org"
BACK = f"{ADDRESS}{START}/answer"


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with provided(BACK) as made:
        yield made


@pytest.fixture
def room(tmp_path: Path, issuer: str) -> Iterator[Room]:
    made = room_at(tmp_path / "mission", SystemClock(), ADDRESS)
    made.providers = (provider_at(issuer),)
    yield made
    made.close()


@pytest.fixture
def client(room: Room) -> Iterator[TestClient]:
    with TestClient(service(room), base_url=ADDRESS, follow_redirects=False) as made:
        yield made


def leave(client: TestClient, start: str = START) -> str:
    """Follow the link to the organisation; return where it leads."""
    answer = client.get(start)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def invited(room: Room, person: str = "duty") -> str:
    """Invite somebody; return the link to bind their organisation's account."""
    secret = room.desk.invite(ADMINISTRATOR, person, person.title(), Role.DUTY_OFFICER, "")
    return f"/welcome/{secret}/with/org"


def role(client: TestClient) -> str:
    return str(client.get("/api/v1/me").json()["role"])


@pytest.fixture
def bound(client: TestClient, room: Room) -> str:
    """Return whose account at the organisation opens the duty officer's here; nobody is signed in."""
    back = signed_in_there(leave(client, invited(room)), "olena")
    answer = client.get(back)
    assert answer.status_code == 200, answer.text
    assert role(client) == "duty officer"
    client.cookies.clear()
    return "olena"


def test_an_invitation_binds_and_then_it_opens_that_account(
    client: TestClient, room: Room, bound: str
) -> None:
    asked = leave(client)
    assert brought(asked)["code_challenge_method"] == "S256"
    assert brought(asked)["scope"] == "openid"
    answer = client.get(signed_in_there(asked, bound))
    assert answer.status_code == 200
    assert 'content="0; url=/"' in answer.text
    assert role(client) == "duty officer"
    assert "samesite=strict" in answer.headers["set-cookie"].lower()
    assert "EXERCISE Organisation: olena" in client.get("/account").text
    (one,) = room.organisations.bindings("duty")
    assert one.subject == "olena"
    account = room.desk.account("duty")
    assert account is not None
    assert account.entered


@pytest.mark.usefixtures("bound")
def test_nobody_has_an_account_because_an_organisation_knows_them(client: TestClient, room: Room) -> None:
    before = room.desk.accounts()
    answer = client.get(signed_in_there(leave(client), "stranger"))
    assert answer.status_code == 401
    assert "No account here is bound" in answer.text
    assert SESSION_COOKIE not in client.cookies
    assert room.desk.accounts() == before


def test_an_invitation_binds_once_and_an_account_there_to_one_here(
    client: TestClient, room: Room, bound: str
) -> None:
    start = invited(room, "other")
    answer = client.get(signed_in_there(leave(client, start), bound))
    assert answer.status_code == 401
    assert "bound to another account" in answer.text
    # The invitation was not used up by that; whom it was for still enters by it, once.
    first, second = leave(client, start), leave(client, start)
    assert client.get(signed_in_there(first, "taras")).status_code == 200
    client.cookies.delete(SESSION_COOKIE)
    assert client.get(signed_in_there(second, "ivan")).status_code == 401
    assert [one.subject for one in room.organisations.bindings("other")] == ["taras"]
    assert client.get(start).status_code == 404


@pytest.mark.parametrize("state", ["", "another", None])
def test_another_state_opens_nothing(client: TestClient, bound: str, state: str | None) -> None:
    back = signed_in_there(leave(client), bound)
    changed = {key: value for key, value in brought(back).items() if key != "state"}
    if state is not None:
        changed["state"] = state
    answer = client.get(BACK, params=changed)
    assert answer.status_code == 401
    assert SESSION_COOKIE not in client.cookies


def test_an_answer_in_another_browser_opens_nothing(client: TestClient, bound: str) -> None:
    """Nobody is signed in as somebody else by a link that this somebody sends them."""
    back = signed_in_there(leave(client), bound)
    client.cookies.delete(BROWSER_COOKIE)
    leave(client)
    assert client.get(back).status_code == 401
    assert SESSION_COOKIE not in client.cookies


def test_an_answer_counts_once(client: TestClient, bound: str) -> None:
    back = signed_in_there(leave(client), bound)
    browser = client.cookies[BROWSER_COOKIE]
    assert client.get(back).status_code == 200
    client.cookies.clear()
    client.cookies.set(BROWSER_COOKIE, browser)
    assert client.get(back).status_code == 401


def test_a_code_that_was_redeemed_opens_nothing_under_a_new_state(client: TestClient, bound: str) -> None:
    back = signed_in_there(leave(client), bound)
    assert client.get(back).status_code == 200
    client.cookies.clear()
    state = brought(leave(client))["state"]
    answer = client.get(BACK, params={**brought(back), "state": state})
    assert answer.status_code == 401
    assert "knows this sign-in no more" in answer.text


def test_a_code_of_another_question_opens_nothing(client: TestClient, bound: str) -> None:
    """A code that was taken from somebody else's browser lacks the verifier of this one (PKCE)."""
    stolen = brought(signed_in_there(leave(client), bound))["code"]
    state = brought(leave(client))["state"]
    answer = client.get(BACK, params={"code": stolen, "state": state, "iss": brought_issuer(client)})
    assert answer.status_code == 401
    assert "knows this sign-in no more" in answer.text


def brought_issuer(client: TestClient) -> str:
    return client.app.state.room.providers[0].issuer  # type: ignore[attr-defined,no-any-return]


def test_a_code_for_another_service_opens_nothing(client: TestClient, bound: str) -> None:
    asked = changed(leave(client), client_id="another-service")
    answer = client.get(signed_in_there(asked, bound))
    assert answer.status_code == 401
    assert SESSION_COOKIE not in client.cookies


def test_another_nonce_opens_nothing(client: TestClient, bound: str) -> None:
    answer = client.get(signed_in_there(changed(leave(client), nonce="another"), bound))
    assert answer.status_code == 401
    assert "answers another question" in answer.text


def changed(address: str, **values: str) -> str:
    parts = urlsplit(address)
    return urlunsplit(parts._replace(query=urlencode(dict(parse_qsl(parts.query)) | values)))


def test_another_issuer_opens_nothing(client: TestClient, bound: str) -> None:
    back = signed_in_there(leave(client), bound)
    answer = client.get(BACK, params={**brought(back), "iss": "https://evil.example"})
    assert answer.status_code == 401
    assert "Another provider answered" in answer.text


def test_a_provider_that_refuses_is_told_and_not_repeated(client: TestClient) -> None:
    state = brought(leave(client))["state"]
    said = {"error": "access_denied", "error_description": "<script>alert(1)</script> EVIL", "state": state}
    answer = client.get(BACK, params=said)
    assert answer.status_code == 401
    assert "did not confirm who you are" in answer.text
    assert "EVIL" not in answer.text


def test_it_leads_to_the_provider_and_back_to_its_own_page_alone(
    client: TestClient, issuer: str, bound: str
) -> None:
    elsewhere = {"redirect_uri": "https://evil.example", "next": "//evil.example", "back": "//evil.example"}
    asked = client.get(START, params=elsewhere).headers["location"]
    assert asked.startswith(f"{issuer}/auth?")
    assert brought(asked)["redirect_uri"] == BACK
    answer = client.get(signed_in_there(asked, bound), params=None)
    assert "evil.example" not in answer.text
    # The provider itself goes nowhere else either.
    with pytest.raises(AssertionError, match="redirect_uri"):
        signed_in_there(changed(leave(client), redirect_uri="https://evil.example"), bound)


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_site_begins_nothing(client: TestClient, room: Room, site: str) -> None:
    for start in (START, invited(room)):
        assert client.get(start, headers={"Sec-Fetch-Site": site}).status_code == 403
        assert client.get(start, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 303


@pytest.mark.parametrize("ended", ["renewed", "closed"])
def test_a_renewed_link_and_a_closing_end_bindings(
    client: TestClient, room: Room, bound: str, ended: str
) -> None:
    asked = leave(client)
    if ended == "renewed":
        room.desk.renew("duty")
    else:
        room.desk.close(ADMINISTRATOR, "duty")
    assert room.organisations.bindings("duty") == []
    assert client.get(signed_in_there(asked, bound)).status_code == 401


def test_a_link_that_was_renewed_meanwhile_binds_nothing(client: TestClient, room: Room) -> None:
    back = signed_in_there(leave(client, invited(room)), "olena")
    room.desk.renew("duty")
    answer = client.get(back)
    assert answer.status_code == 401
    assert "was used, or has run out" in answer.text
    assert room.organisations.bindings("duty") == []


def test_an_organisation_that_is_not_there_is_not_found(client: TestClient, room: Room) -> None:
    for path in ("/sign-in/with/nobody", "/sign-in/with/nobody/answer", invited(room).replace("org", "no")):
        assert client.get(path).status_code == 404


def test_secrets_are_in_no_log_page_or_file(
    client: TestClient, room: Room, bound: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    asked = leave(client)
    back = signed_in_there(asked, bound)
    caplog.clear()  # what the browser of the test itself said
    answer = client.get(back)
    assert answer.status_code == 200
    pages = answer.text + client.get("/account").text + client.get("/sign-in").text
    held = b"".join(one.read_bytes() for one in room.mission.folder.glob("accounts.db*")).decode("latin-1")
    secret, code = secret_of("truceline"), brought(back)["code"]
    said = [one.getMessage() for one in caplog.records]
    assert any("/token" in one for one in said), "the request with the secret is not among what was logged"
    # The browser of this test logs where it goes; the service must not.
    ours = "".join(one for one in said if ADDRESS not in one)
    basic = base64.b64encode(f"truceline:{quote_plus(secret)}".encode()).decode()
    for text in (ours, pages, held, repr(room.providers)):
        for hidden in (secret, quote_plus(secret), basic, code):
            assert hidden not in text
