# SPDX-License-Identifier: Apache-2.0
"""EXERCISE: a provider, or somebody on the way to it, that says what it should not."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from joserfc import jws
from joserfc.jwk import RSAKey
from starlette.testclient import TestClient
from tests.mission.procedural import MovingClock
from tests.organisations.running import Claims, Liar, brought, lying, provider_at, signed
from tests.service.people import ADMINISTRATOR
from tests.service.serving import room_at

from truceline.access import Role
from truceline.api import Room
from truceline.api.doors import SESSION_COOKIE
from truceline.web import service

ADDRESS = "https://mission.example"
START = "/sign-in/with/org"
STRANGER = RSAKey.generate_key(2048, {"kid": "one"})
"""A key of nobody's, under the name of the provider's."""


@pytest.fixture(scope="module")
def served() -> Iterator[Liar]:
    with lying() as made:
        yield made


@pytest.fixture
def liar(served: Liar) -> Liar:
    served.token, served.stated, served.asked = signed(served.key), {}, []
    return served


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock()


@pytest.fixture
def room(tmp_path: Path, clock: MovingClock, liar: Liar) -> Iterator[Room]:
    made = room_at(tmp_path / "mission", clock, ADDRESS)
    made.providers = (provider_at(liar.issuer),)
    yield made
    made.close()


@pytest.fixture
def client(room: Room) -> Iterator[TestClient]:
    with TestClient(service(room), base_url=ADDRESS, follow_redirects=False) as made:
        yield made


def come_back(client: TestClient, liar: Liar, clock: MovingClock, start: str = START) -> tuple[int, str]:
    """Go there and back; return the status and the page."""
    asked = brought(client.get(start).headers["location"])
    liar.nonce, liar.now = asked["nonce"], int(clock.now().timestamp())
    answer = client.get(f"{START}/answer", params={"code": "a code", "state": asked["state"]})
    return answer.status_code, answer.text


@pytest.fixture
def bound(client: TestClient, room: Room, liar: Liar, clock: MovingClock) -> None:
    """Bind somebody's account there to the duty officer's here; nobody is signed in."""
    secret = room.desk.invite(ADMINISTRATOR, "duty", "Duty", Role.DUTY_OFFICER, "")
    status, text = come_back(client, liar, clock, f"/welcome/{secret}/with/org")
    assert status == 200, text
    client.cookies.delete(SESSION_COOKIE)


@pytest.mark.usefixtures("bound")
def test_the_truth_is_believed(client: TestClient, liar: Liar, clock: MovingClock) -> None:
    assert come_back(client, liar, clock)[0] == 200
    assert client.get("/api/v1/me").json()["role"] == "duty officer"
    assert set(liar.asked[-1]) == {"grant_type", "code", "redirect_uri", "code_verifier"}


Lie = Callable[[Liar], Callable[[Claims], str]]


def but(**changed: object) -> Lie:
    """Say something else than what would be right; None: leave it out."""

    def lie(liar: Liar) -> Callable[[Claims], str]:
        def token(claims: Claims) -> str:
            said = claims | changed
            return signed(liar.key)({name: value for name, value in said.items() if value is not None})

        return token

    return lie


def moved(name: str, by: int) -> Lie:
    """Say another time, by so many seconds."""
    return lambda liar: lambda claims: signed(liar.key)(claims | {name: int(str(claims[name])) + by})


def text_of(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def unsigned(claims: Claims, algorithm: str = "none") -> str:
    parts = ({"alg": algorithm, "typ": "JWT", "kid": "one"}, claims)
    return ".".join(text_of(json.dumps(one).encode()) for one in parts) + "."


def shared_secret(liar: Liar) -> Callable[[Claims], str]:
    """Sign with what everybody knows, the provider's public key, as if it were a shared secret."""

    def token(claims: Claims) -> str:
        said = unsigned(claims, "HS256")
        known = liar.key.as_pem(private=False)
        return said + text_of(hmac.digest(known, said.removesuffix(".").encode(), "sha256"))

    return token


LIES: dict[str, tuple[Lie, str]] = {
    "no signature": (lambda _: unsigned, "signature"),
    "a stranger's signature": (lambda _: signed(STRANGER), "signature"),
    "a key that is not published": (lambda liar: signed(liar.key, {"kid": "two"}), "signature"),
    "its own key in the header": (
        lambda _: (
            lambda claims: jws.serialize_compact(
                {"alg": "RS256", "jwk": STRANGER.as_dict(private=False)}, json.dumps(claims), STRANGER
            )
        ),
        "signature",
    ),
    "the public key as a secret": (shared_secret, "signature"),
    "no token": (lambda _: lambda _claims: "", "signature"),
    "an object for a token": (lambda _: lambda _claims: "a.b.c", "signature"),
    "another issuer": (but(iss="https://evil.example"), "another provider"),
    "an issuer with a stroke more": (
        lambda liar: lambda claims: signed(liar.key)(claims | {"iss": f"{liar.issuer}/"}),
        "another provider",
    ),
    "another audience": (but(aud="another-service"), "another service"),
    "audiences beside ours": (but(aud=["truceline", "another-service"]), "another service"),
    "nobody's audience": (but(aud=[]), "another service"),
    "for another party": (but(azp="another-service"), "another service"),
    "another nonce": (but(nonce="another"), "another question"),
    "no nonce": (but(nonce=None), "all that it must"),
    "no subject": (but(sub=None), "all that it must"),
    "an empty subject": (but(sub=""), "all that it must"),
    "a subject that is a number": (but(sub=7), "all that it must"),
    "a subject without end": (but(sub="x" * 256), "all that it must"),
    "no end": (but(exp=None), "all that it must"),
    "an end in words": (but(exp="tomorrow"), "all that it must"),
    "no beginning": (but(iat=None), "all that it must"),
    "run out": (moved("exp", -300 - 120), "has run out"),
    "made long ago": (moved("iat", -601), "not made just now"),
    "made in the future": (moved("iat", 121), "not made just now"),
}


@pytest.mark.usefixtures("bound")
@pytest.mark.parametrize("lie", LIES)
def test_a_lie_opens_nothing(client: TestClient, liar: Liar, clock: MovingClock, lie: str) -> None:
    make, reason = LIES[lie]
    liar.token = make(liar)
    status, text = come_back(client, liar, clock)
    assert status == 401
    assert "answer does not hold" in text
    assert reason in text
    assert SESSION_COOKIE not in client.cookies


@pytest.mark.usefixtures("bound")
@pytest.mark.parametrize("lie", [moved("exp", -300 - 119), moved("iat", -600), moved("iat", 120)])
def test_clocks_may_differ_a_little(client: TestClient, liar: Liar, clock: MovingClock, lie: Lie) -> None:
    liar.token = lie(liar)
    assert come_back(client, liar, clock)[0] == 200


@pytest.mark.usefixtures("bound")
def test_the_same_name_at_another_provider_opens_nothing(
    client: TestClient, room: Room, clock: MovingClock
) -> None:
    with lying() as other:
        room.providers = (provider_at(other.issuer),)
        status, text = come_back(client, other, clock)
    assert status == 401
    assert "No account here is bound" in text


STATED: dict[str, dict[str, object]] = {
    "another issuer": {"issuer": "https://evil.example"},
    "a page without TLS": {"authorization_endpoint": "http://evil.example/auth"},
    "a page that is a script": {"authorization_endpoint": "javascript:alert(1)"},
    "a token's place without TLS": {"token_endpoint": "http://evil.example/token"},
    "keys without TLS": {"jwks_uri": "http://evil.example/jwks"},
    "a name and password": {"jwks_uri": "https://a:b@evil.example/jwks"},
    "no place": {"token_endpoint": None},
    "no end": {"more": "x" * (1 << 20)},
}


@pytest.mark.parametrize("fault", STATED)
def test_a_provider_that_states_what_it_should_not_is_not_followed(
    client: TestClient, room: Room, liar: Liar, fault: str
) -> None:
    liar.stated = STATED[fault]
    secret = room.desk.invite(ADMINISTRATOR, "duty", "Duty", Role.DUTY_OFFICER, "")
    for start in (START, f"/welcome/{secret}/with/org"):
        answer = client.get(start)
        assert answer.status_code == 502
        assert "does not answer as it should" in answer.text
        assert 'name="password"' in answer.text  # the other ways stay


@pytest.mark.usefixtures("bound")
@pytest.mark.parametrize("place", ["/elsewhere", "/nowhere", "/token"])
def test_keys_from_elsewhere_are_not_taken(
    client: TestClient, liar: Liar, clock: MovingClock, place: str
) -> None:
    liar.stated = {"jwks_uri": f"{liar.issuer}{place}"}
    status, text = come_back(client, liar, clock)
    assert status == 502
    assert "does not answer as it should" in text


def test_a_provider_that_is_not_there_is_told(client: TestClient, room: Room) -> None:
    room.providers = (provider_at("http://127.0.0.1:1"),)
    answer = client.get(START)
    assert answer.status_code == 502
    assert "cannot be reached now" in answer.text


@pytest.mark.usefixtures("bound")
def test_a_question_to_one_is_not_answered_by_another(client: TestClient, room: Room) -> None:
    with lying() as other:
        mine = room.providers[0]
        room.providers = (mine, type(mine)("other", "Other", other.issuer, "truceline", "EXERCISE"))
        state = brought(client.get(START).headers["location"])["state"]
        answer = client.get("/sign-in/with/other/answer", params={"code": "a code", "state": state})
    assert answer.status_code == 401
    assert "Another organisation was asked" in answer.text
    assert other.asked == []


@pytest.mark.usefixtures("bound")
def test_a_provider_that_takes_secrets_in_the_form_gets_it_there(
    client: TestClient, liar: Liar, clock: MovingClock
) -> None:
    liar.stated = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    assert come_back(client, liar, clock)[0] == 200
    assert liar.asked[-1]["client_id"] == "truceline"
    assert liar.asked[-1]["client_secret"]


@pytest.mark.usefixtures("bound")
def test_a_provider_that_says_that_it_names_itself_must(
    client: TestClient, liar: Liar, clock: MovingClock
) -> None:
    liar.stated = {"authorization_response_iss_parameter_supported": True}
    status, text = come_back(client, liar, clock)
    assert status == 401
    assert "Another provider answered" in text
