# SPDX-License-Identifier: Apache-2.0
"""The served Easter truce in Debian's Chromium, with people who sign in; a real server, a real clock."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from tests.mission.made import ROOT

from truceline.access import Account, Desk, Role, Visitor
from truceline.api.doors import SESSION_COOKIE
from truceline.cli.demo import run_demo
from truceline.mission import open_mission
from truceline.storage.accounts import AccountStore

PROGRAM = Path(sys.executable).with_name("truceline")
SCREENS = Path(os.environ.get("TRUCELINE_SCREENS", ROOT / "build" / "screens"))
"""Where pictures of pages are kept, for people to look at."""

PASSWORD = "a long enough password"  # noqa: S105 - of nobody real
PEOPLE = {
    "vera": (Role.VERIFIER, ""),
    "viktor": (Role.VERIFIER, ""),
    "dora": (Role.DUTY_OFFICER, ""),
    "maria": (Role.MONITOR, ""),
    "hanna": (Role.HEAD_OF_MISSION, ""),
    "lida": (Role.LIAISON, "UA"),
    "adam": (Role.ADMINISTRATOR, ""),
}


@dataclass(frozen=True, slots=True)
class Served:
    """A running service: its address, its mission's folder, the one-time link, everybody's session."""

    address: str
    folder: Path
    invitation: str
    sessions: dict[str, str]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, dict[str, str]]:
    """Make the mission and its people, before it is served."""
    folder = tmp_path_factory.mktemp("console") / "demo"
    run_demo(folder)
    mission = open_mission(folder / "mission")
    desk = Desk(mission, AccountStore(mission.folder))
    first = Visitor(
        Account("first", "First", Role.ADMINISTRATOR, "", True, False, mission.ledger.clock.now())
    )
    sessions = {}
    for person, (role, of) in PEOPLE.items():
        invitation = desk.invite(first, person, person.title(), role, of)
        welcome = desk.welcome(invitation)
        assert welcome is not None
        sessions[person] = desk.accept(invitation, PASSWORD, pyotp.TOTP(welcome.totp_secret).now())
    invitation = desk.invite(first, "newcomer", "Newcomer", Role.ADMINISTRATOR, "")
    desk.store.close()
    mission.close()
    return folder / "mission", invitation, sessions


@pytest.fixture(scope="session")
def served(made: tuple[Path, str, dict[str, str]]) -> Iterator[Served]:
    """Serve the mission in a process of its own, as a user would."""
    folder, invitation, sessions = made
    server = subprocess.Popen(
        [str(PROGRAM), "serve", str(folder), "--port", "0"], stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    found = re.search(r"http://127\.0\.0\.1:\d+", server.stdout.readline())
    assert found is not None
    yield Served(found[0], folder, invitation, sessions)
    server.terminate()
    server.wait(timeout=30)
    server.stdout.close()


Enter = Callable[..., Page]


@pytest.fixture
def enter(browser: Browser, served: Served) -> Iterator[Enter]:
    """Open a browser of its own for somebody: ``enter("vera", width=360, javascript=False)``."""
    opened: list[BrowserContext] = []

    def entered(person: str = "", *, width: int = 1440, javascript: bool = True) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, java_script_enabled=javascript, base_url=served.address
        )
        opened.append(context)
        if person:
            cookie = {"name": SESSION_COOKIE, "value": served.sessions[person], "url": served.address}
            context.add_cookies([cookie])  # type: ignore[list-item]  # a cookie as Playwright takes it
        return context.new_page()

    yield entered
    for context in opened:
        context.close()


def wait_until(holds: Callable[[], bool], what: str) -> None:
    """Wait for something that another process does; fail with what it was."""
    for _ in range(200):
        if holds():
            return
        time.sleep(0.1)
    pytest.fail(f"never came: {what}")
