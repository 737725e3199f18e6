# SPDX-License-Identifier: Apache-2.0
"""EXERCISE: passkeys in a real browser, with the authenticator that it has for tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, CDPSession, Page
from tests.mission.procedural import MovingClock
from tests.service.people import ADMINISTRATOR
from tests.service.serving import room_at, served

from truceline.access import Role
from truceline.api import Room


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with served(lambda address: room_at(tmp_path / "mission", MovingClock(), address)) as made:
        yield made


@pytest.fixture
def page(browser: Browser, room: Room) -> Iterator[Page]:
    """Return an empty page; it is closed before the service ends."""
    assert room.address.startswith("http://localhost:")
    context = browser.new_context()
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def invitation(room: Room) -> str:
    secret = room.desk.invite(ADMINISTRATOR, "duty", "Duty", Role.DUTY_OFFICER, "")
    return f"{room.address}/welcome/{secret}"


class Authenticator:
    """The browser's own, as a telephone or computer has it built in."""

    def __init__(self, page: Page, *, verifies: bool = True) -> None:
        self.cdp: CDPSession = page.context.new_cdp_session(page)
        self.cdp.send("WebAuthn.enable", {"enableUI": False})
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": verifies,
            "automaticPresenceSimulation": True,
        }
        made = self.cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        self.name = {"authenticatorId": made["authenticatorId"]}

    def held(self) -> list[dict[str, object]]:
        """Return the passkeys on it."""
        found = self.cdp.send("WebAuthn.getCredentials", self.name)["credentials"]
        return [dict(one) for one in found]

    def set_back(self, count: int) -> None:
        """Let the counter of its one passkey be that of an older copy."""
        (one,) = self.held()
        self.cdp.send("WebAuthn.removeCredential", {**self.name, "credentialId": one["credentialId"]})
        self.cdp.send("WebAuthn.addCredential", {**self.name, "credential": {**one, "signCount": count}})


def set_up(page: Page, invitation: str) -> None:
    """Set up a passkey from an invitation."""
    page.goto(invitation)
    page.get_by_label("On which device is it?").fill("Telephone")
    page.get_by_role("button", name="Make a passkey").click()
    page.wait_for_url("**/")


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("link", name="Sign in").wait_for()


def test_from_an_invitation_to_signing_in_again(page: Page, room: Room, invitation: str) -> None:
    authenticator = Authenticator(page)
    set_up(page, invitation)
    assert "Duty, duty officer" in page.inner_text("header")
    (held,) = authenticator.held()
    assert held["isResidentCredential"]
    assert held["rpId"] == "localhost"
    sign_out(page)
    page.goto(f"{room.address}/sign-in")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/")
    assert "Duty, duty officer" in page.inner_text("header")


def test_adding_and_removing_on_ones_account(page: Page, room: Room, invitation: str) -> None:
    Authenticator(page)
    set_up(page, invitation)
    page.goto(f"{room.address}/account")
    page.get_by_role("button", name="remove").click()
    assert "only way in" in page.inner_text("[role=alert]")
    # The same device takes no second passkey for the account; another does.
    page.get_by_role("button", name="Make a passkey").click()
    page.get_by_text("has a passkey for this account already").wait_for()
    other = page.context.new_page()
    Authenticator(other)
    other.goto(f"{room.address}/account")
    other.get_by_label("On which device is it?").fill("Key on a string")
    other.get_by_role("button", name="Make a passkey").click()
    other.get_by_text("Key on a string").wait_for()
    other.get_by_role("listitem").filter(has_text="Telephone").get_by_role("button").click()
    other.get_by_text("Telephone").wait_for(state="detached")
    assert [one.label for one in room.keyring.passkeys("duty")] == ["Key on a string"]


def test_a_device_that_does_not_verify_its_user_makes_none(page: Page, room: Room, invitation: str) -> None:
    Authenticator(page, verifies=False)
    page.goto(invitation)
    page.get_by_role("button", name="Make a passkey").click()
    page.get_by_text("The device gave no passkey.").wait_for()
    assert room.keyring.passkeys("duty") == []


def test_a_copy_whose_counter_went_back_is_refused(page: Page, room: Room, invitation: str) -> None:
    authenticator = Authenticator(page)
    set_up(page, invitation)
    for _ in range(2):
        sign_out(page)
        page.goto(f"{room.address}/sign-in")
        page.get_by_role("button", name="Sign in with a passkey").click()
        page.wait_for_url("**/")
    sign_out(page)
    authenticator.set_back(1)
    page.goto(f"{room.address}/sign-in")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_text("counter went back").wait_for()
    assert "Sign in" in page.inner_text("header")


def test_after_a_renewed_link_the_old_passkey_opens_nothing(page: Page, room: Room, invitation: str) -> None:
    Authenticator(page)
    set_up(page, invitation)
    room.desk.renew("duty")
    page.goto(f"{room.address}/sign-in")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_text("This passkey opens nothing here.").wait_for()


def test_a_lost_line_is_told_and_the_form_stays(page: Page, room: Room) -> None:
    Authenticator(page)
    page.goto(f"{room.address}/sign-in")
    page.context.set_offline(offline=True)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_text("The service did not answer as it should.").wait_for()
    assert page.get_by_label("Password").is_visible()
    assert page.get_by_role("button", name="Sign in with a passkey").is_enabled()


def test_without_javascript_the_page_says_so_and_the_password_stays(browser: Browser, room: Room) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{room.address}/sign-in")
    assert page.get_by_text("Passkeys need JavaScript").is_visible()
    assert not page.get_by_role("button", name="Sign in with a passkey").is_visible()
    assert page.get_by_label("Password").is_visible()
    context.close()


def test_a_browser_without_passkeys_says_so(page: Page, room: Room) -> None:
    page.add_init_script("delete window.PublicKeyCredential;")
    page.goto(f"{room.address}/sign-in")
    assert page.get_by_text("This browser knows no passkeys.").is_visible()
    assert not page.get_by_role("button", name="Sign in with a passkey").is_visible()


def test_nothing_is_blocked_and_nothing_is_in_anybodys_way(page: Page, room: Room, invitation: str) -> None:
    said: list[str] = []
    page.on("console", lambda one: said.append(one.text) if one.type in {"error", "warning"} else None)
    Authenticator(page)
    for address in (f"{room.address}/sign-in", invitation):
        page.goto(address)
        assert serious(page) == []
    set_up(page, invitation)
    page.goto(f"{room.address}/account")
    assert serious(page) == []
    assert said == []


def serious(page: Page) -> list[str]:
    """Return what keeps somebody from using a page."""
    found = Axe().run(page).response["violations"]
    return [one["id"] for one in found if one["impact"] in {"serious", "critical"}]
