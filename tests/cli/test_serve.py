# SPDX-License-Identifier: Apache-2.0
"""The program that people see: it starts, greets, says what is in its way, and ends at a word."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.mission.procedural import MovingClock, valley_mission

from truceline.cli.serve import listen

PROGRAM = Path(sys.executable).with_name("truceline")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    valley_mission(tmp_path / "mission", MovingClock()).close()
    return tmp_path / "mission"


def started(*arguments: str | Path) -> subprocess.Popen[str]:
    command = [str(PROGRAM), *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def greeting(server: subprocess.Popen[str], pattern: str) -> str:
    assert server.stdout is not None
    for line in server.stdout:
        found = re.search(pattern, line)
        if found:
            return found[0]
    raise AssertionError(server.stderr.read() if server.stderr else "it ended")


@pytest.fixture
def server(folder: Path) -> Iterator[subprocess.Popen[str]]:
    made = started("serve", folder, "--port", "0")
    yield made
    made.kill()
    made.communicate()


def test_the_first_start_prints_a_link_for_an_administrator(server: subprocess.Popen[str]) -> None:
    link = greeting(server, r"http://127\.0\.0\.1:\d+/welcome/\S+")
    with urllib.request.urlopen(link) as page:  # noqa: S310 - our own server
        text = page.read().decode()
    assert "administrator" in text
    assert "authenticator" in text
    server.send_signal(signal.SIGINT)
    assert server.wait(timeout=30) == 0


def test_the_demonstration_ends_by_serving_what_it_made(tmp_path: Path) -> None:
    made = started("demo", tmp_path / "demo", "--port", "0")
    try:
        address = greeting(made, r"http://127\.0\.0\.1:\d+/")
        with urllib.request.urlopen(address) as page:  # noqa: S310 - our own server
            text = page.read().decode()
        assert "Easter" in text
        assert "2,935" in text
    finally:
        made.send_signal(signal.SIGINT)
        made.communicate()


def test_a_port_that_is_taken_is_told(folder: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        done = started("serve", folder, "--port", str(other.getsockname()[1]))
        _, told = done.communicate()
    assert done.returncode == 1
    assert "Name another port" in " ".join(told.split())


@pytest.mark.parametrize(
    ("options", "words"),
    [(("--host", "0.0.0.0"), "without TLS"), (("--address", "example.org"), "begin it with https")],  # noqa: S104
)
def test_what_would_be_served_unsafely_is_refused(folder: Path, options: tuple[str, str], words: str) -> None:
    done = started("serve", folder, *options)
    _, told = done.communicate()
    assert done.returncode == 1
    assert words in " ".join(told.split())


def test_organisations_are_read_from_the_missions_folder_and_offered(folder: Path) -> None:
    (folder / "secret").write_text("EXERCISE", encoding="utf-8")
    (folder / "oidc.toml").write_text(
        '[[provider]]\nid = "org"\nlabel = "EXERCISE Organisation"\nissuer = "https://id.example"\n'
        'client_id = "truceline"\nsecret_file = "secret"\n',
        encoding="utf-8",
    )
    made = started("serve", folder, "--port", "0")
    try:
        address = greeting(made, r"http://127\.0\.0\.1:\d+/")
        with urllib.request.urlopen(f"{address}sign-in") as page:  # noqa: S310 - our own server
            text = page.read().decode()
        assert "EXERCISE Organisation" in text
        assert 'href="/sign-in/with/org"' in text
    finally:
        made.send_signal(signal.SIGINT)
        made.communicate()


def test_organisations_with_a_fault_are_not_served(folder: Path, tmp_path: Path) -> None:
    stated = tmp_path / "organisations.toml"
    stated.write_text('[[provider]]\nid = "org"\nsecret = "EXERCISE-shown-by-nothing"\n', encoding="utf-8")
    done = started("serve", folder, "--oidc", stated)
    said, told = done.communicate()
    assert done.returncode == 1
    assert "provider.0.issuer" in told
    assert "EXERCISE-shown-by-nothing" not in said + told


def test_small_answers_are_sent_at_once() -> None:
    # asyncio turns Nagle's algorithm off only for sockets that name their protocol.
    with listen("127.0.0.1", 0) as listening:
        assert listening.proto == socket.IPPROTO_TCP
        assert listening.getsockname()[1] > 0
