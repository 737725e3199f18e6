# SPDX-License-Identifier: Apache-2.0
"""EXERCISE: from an invitation to an organisation and back, in a real browser, at a real provider."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from tests.organisations.running import provided, provider_at
from tests.service.people import ADMINISTRATOR
from tests.service.serving import room_at, served

from truceline.access import Role
from truceline.api import Room
from truceline.clock import SystemClock


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    """Serve at http://localhost, and the provider at http://127.0.0.1: two sites, as in the world."""
    with (
        served(lambda address: room_at(tmp_path / "mission", SystemClock(), address)) as made,
        provided(f"{made.address}/sign-in/with/org/answer") as issuer,
    ):
        made.providers = (provider_at(issuer),)
        yield made


@pytest.fixture
def page(browser: Browser, room: Room) -> Iterator[Page]:
    assert room.providers
    context = browser.new_context()
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


def test_from_an_invitation_there_and_back_and_in_again(page: Page, room: Room) -> None:
    blocked: list[str] = []
    page.on("console", lambda one: blocked.append(one.text) if "Content Security" in one.text else None)
    secret = room.desk.invite(ADMINISTRATOR, "duty", "Duty", Role.DUTY_OFFICER, "")
    page.goto(f"{room.address}/welcome/{secret}")
    page.get_by_role("link", name="EXERCISE Organisation").click()
    page.get_by_placeholder("Enter any login").fill("olena")
    page.get_by_placeholder("and password").fill("any")
    page.get_by_role("button", name="Sign-in").click()
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(f"{room.address}/")
    assert "Duty, duty officer" in page.inner_text("header")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("link", name="Sign in").click()
    # The provider knows its own session still, and asks nothing.
    page.get_by_role("link", name="EXERCISE Organisation").click()
    page.wait_for_url(f"{room.address}/")
    assert "Duty, duty officer" in page.inner_text("header")
    assert blocked == []
