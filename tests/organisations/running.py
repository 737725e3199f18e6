# SPDX-License-Identifier: Apache-2.0
"""A real provider on this machine, and a browser's way through it; and one that lies."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx2
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from truceline.access import Provider

HERE = Path(__file__).parent


def secret_of(client: str) -> str:
    """Return the secret of a client of the real provider: with all that a header must not be split by."""
    return f"EXERCISE secret of {client}: +/=%&"


def provider_at(issuer: str, client: str = "truceline") -> Provider:
    return Provider("org", "EXERCISE Organisation", issuer, client, secret_of(client))


@contextmanager
def provided(back: str) -> Iterator[str]:
    """Run the real provider, which sends browsers back to one address; yield its issuer."""
    node = shutil.which("node")
    assert node, (
        "Signing in is tested against a real provider: apt-get install nodejs npm (.ci/tools does it)."
    )
    assert (HERE / "node_modules").is_dir(), "npm ci --prefix tests/organisations (.ci/tools does it)"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [node, "provider.js", str(port), back]
    running = subprocess.Popen(
        command, cwd=HERE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert running.stdout is not None
        assert running.stdout.readline() == "ready\n"
        yield f"http://127.0.0.1:{port}"
    finally:
        running.kill()
        running.communicate()


def signed_in_there(address: str, name: str) -> str:
    """Go where the service sent a browser, sign in there as somebody; return where it is sent back to."""
    home = urlsplit(address).netloc
    with httpx2.Client() as browser:
        answer = browser.get(address)
        for _ in range(12):
            if answer.is_redirect:
                address = urljoin(address, answer.headers["location"])
                if urlsplit(address).netloc != home:
                    return address
                answer = browser.get(address)
            elif 'value="login"' in answer.text:
                answer = browser.post(address, data={"prompt": "login", "login": name, "password": "any"})
            elif 'value="consent"' in answer.text:
                answer = browser.post(address, data={"prompt": "consent"})
            else:
                break
    raise AssertionError(answer.text[:2000])


def brought(address: str) -> dict[str, str]:
    """Return what an address carries."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


Claims = dict[str, object]


@dataclass(slots=True)
class Liar:
    """A provider that says what a test tells it to.

    Attributes:
        issuer: Its address.
        key: That which it publishes.
        token: Makes its word of the claims that would be right.
        stated: What it says of itself, beside what would be right.
    """

    issuer: str
    key: RSAKey
    token: Callable[[Claims], str]
    stated: dict[str, object] = field(default_factory=dict)
    nonce: str = ""
    now: int = 0
    asked: list[dict[str, str]] = field(default_factory=list)

    def claims(self) -> Claims:
        return {
            "iss": self.issuer, "sub": "somebody", "aud": "truceline", "nonce": self.nonce,
            "iat": self.now, "exp": self.now + 300,
        }  # fmt: skip

    def answer(self, path: str, body: str) -> tuple[int, object]:
        match path:
            case "/.well-known/openid-configuration":
                found = {
                    "issuer": self.issuer,
                    "authorization_endpoint": f"{self.issuer}/auth",
                    "token_endpoint": f"{self.issuer}/token",
                    "jwks_uri": f"{self.issuer}/jwks",
                }
                return 200, found | self.stated
            case "/jwks":
                return 200, KeySet([self.key]).as_dict(private=False)
            case "/token":
                self.asked.append({name: values[0] for name, values in parse_qs(body).items()})
                return 200, {
                    "id_token": self.token(self.claims()),
                    "access_token": "x",
                    "token_type": "Bearer",
                }
            case "/elsewhere":
                return 302, {}
        return 404, {}


def signed(key: RSAKey, header: Mapping[str, str] | None = None) -> Callable[[Claims], str]:
    """Return how an honest provider makes its word."""
    return lambda claims: jwt.encode({"alg": "RS256", "kid": str(key.kid)} | dict(header or {}), claims, key)


@contextmanager
def lying() -> Iterator[Liar]:
    """Run a provider that says what a test tells it to; at first, the truth."""
    key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})

    class Handler(BaseHTTPRequestHandler):
        liar: ClassVar[Liar]

        def do_GET(self) -> None:
            length = int(self.headers.get("content-length", 0))
            status, said = self.liar.answer(self.path, self.rfile.read(length).decode())
            content = said if isinstance(said, bytes) else json.dumps(said).encode()
            self.send_response(status)
            if status == 302:
                self.send_header("Location", f"{self.liar.issuer}/jwks")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET  # noqa: N815 - the name that http.server looks for

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        liar = Liar(f"http://127.0.0.1:{server.server_port}", key, signed(key))
        Handler.liar = liar
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield liar
        server.shutdown()
        thread.join()
