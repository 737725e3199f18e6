# SPDX-License-Identifier: Apache-2.0
"""What people do in a browser: enter, verify together, attach, listen, check a record."""

from __future__ import annotations

import pyotp
import pytest
from playwright.sync_api import FilePayload, Page, expect
from tests.console.conftest import PASSWORD, Enter, Served

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(200)


def incident_of(page: Page, number: int) -> str:
    """Open one incident of the list and return its address."""
    page.goto("/incidents")
    return str(page.locator("tbody tr td:first-child a").nth(number).get_attribute("href"))


def step(page: Page, name: str, **typed: str) -> None:
    """Take a step from the incident's page, as it stands."""
    page.get_by_role("link", name=name, exact=True).click()
    for field, value in typed.items():
        control = page.locator(f"[name={field}]")
        if control.evaluate("each => each.tagName") == "SELECT":
            control.select_option(value)
        else:
            control.fill(value)
    page.get_by_role("button", name="Record it").click()


def test_a_newcomer_enters_by_their_link_and_invites_somebody(enter: Enter, served: Served) -> None:
    page = enter()
    page.goto(f"/welcome/{served.invitation}")
    secret = page.locator("ol code").first.inner_text()
    page.get_by_label("Choose a password of 12 letters or more").fill(PASSWORD)
    page.get_by_label("The code that the authenticator shows").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Enter").click()
    expect(page.locator("h1")).to_have_text("Situation")
    page.get_by_role("link", name="People").click()
    page.locator("[name=person]").fill("olha")
    page.locator("[name=name]").fill("Olha")
    page.locator("[name=role]").select_option("monitor")
    page.get_by_role("button", name="Make the account").click()
    expect(page.locator("main")).to_contain_text(f"{served.address}/welcome/")
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"/welcome/{served.invitation}")
    expect(page.locator("main")).to_contain_text("This link was used, or has run out.")


def test_two_people_verify_one_incident_in_two_browsers(enter: Enter) -> None:
    vera, viktor = enter("vera"), enter("viktor")
    address = incident_of(vera, 3)
    vera.goto(address)
    step(vera, "Open inquiry", ground="Two sources name the same street.")
    expect(vera.locator("#review")).to_contain_text("Under inquiry")
    viktor.goto(address)
    stale = viktor.get_by_role("link", name="Propose status", exact=True).get_attribute("href")
    step(vera, "Propose status", outcome="not_verified", reason="The picture is older.")
    expect(vera.locator("#review")).to_contain_text("somebody other than you")
    # Viktor still has the page from before: he is told, sees what Vera did, and decides on that.
    viktor.goto(str(stale))
    viktor.locator("[name=outcome]").select_option("verified")
    viktor.locator("[name=reason]").fill("It is real.")
    viktor.get_by_role("button", name="Record it").click()
    expect(viktor.get_by_role("alert")).to_contain_text("Somebody else has acted")
    viktor.get_by_role("link", name="See what they did").click()
    expect(viktor.locator("#review")).to_contain_text("The picture is older.")
    step(viktor, "Confirm status", reason="True: the shadow is wrong.")
    expect(viktor.locator(".headline")).to_contain_text("not verified")
    vera.reload()
    expect(vera.locator("#review")).to_contain_text("Confirmed")
    vera.goto("/incidents?status=not_verified")
    expect(vera.locator("main")).to_contain_text("1 incidents")


def test_a_file_is_hashed_before_it_is_sent_and_attached(enter: Enter) -> None:
    page = enter("dora")
    page.goto(incident_of(page, 5))
    step(page, "Open inquiry", ground="A film came in.")
    page.get_by_text("Attach a file").click()
    page.set_input_files("#file", {"name": "crater.png", "mimeType": "image/png", "buffer": PNG})
    expect(page.locator("[data-digest]")).to_contain_text("SHA-256")
    digest = page.locator("[name=sha256]").input_value()
    assert len(digest) == 64
    page.locator("#described").fill("A crater; nobody is seen.")
    page.get_by_role("button", name="Attach it").click()
    expect(page.locator("#review")).to_contain_text(digest[:16])
    with page.expect_download() as saved:
        page.locator("#review a[download]").click()
    assert saved.value.path().read_bytes() == PNG


def test_a_monitor_on_a_slow_line_loses_nothing_when_it_breaks(enter: Enter) -> None:
    page = enter("maria")
    wire = page.context.new_cdp_session(page)
    slow = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 20_000}
    wire.send("Network.enable")
    wire.send("Network.emulateNetworkConditions", slow)
    page.goto("/take-in")
    table = (
        "observation_id,source_id,source_kind,event_from,event_to,time_sigma_s,latitude,longitude,"
        "sigma_major_m,sigma_minor_m,azimuth_deg,kind,count_min,count_max,received_at,origin_id\n"
        "slow-1,team-9,patrol,2025-04-20T10:00:00Z,2025-04-20T10:00:00Z,60,48.1,37.7,400,200,30,artillery,"
        "3,5,2025-04-20T11:00:00Z,\n"
    )
    chosen: FilePayload = {"name": "slow.csv", "mimeType": "text/csv", "buffer": table.encode()}
    page.set_input_files("#file", chosen)
    page.locator("#format").select_option("table")
    wire.send("Network.emulateNetworkConditions", {**slow, "offline": True})
    page.get_by_role("button", name="Take it in").click()
    page.wait_for_url(lambda address: address.startswith("chrome-error") or "take-in" in address)
    wire.send("Network.emulateNetworkConditions", slow)
    for said in ("1 row, 1 taken, 0 known already", "1 row, 0 taken, 1 known already"):
        page.goto("/take-in")
        page.set_input_files("#file", chosen)
        page.locator("#format").select_option("table")
        page.get_by_role("button", name="Take it in").click()
        expect(page.get_by_role("status").last).to_contain_text(said)


def test_the_page_says_when_something_new_is_on_record(enter: Enter) -> None:
    reader, officer = enter(), enter("dora")
    reader.goto("/")
    officer.goto(incident_of(officer, 7))
    step(officer, "Open inquiry", ground="Somebody asked.")
    expect(reader.locator("[data-live]")).to_be_visible()
    expect(reader.locator("[data-live]")).to_contain_text("new records since this page was made.")


def test_anybody_verifies_a_record_in_their_browser(enter: Enter, served: Served) -> None:
    page = enter()
    page.goto("/log")
    page.locator("tbody tr td:first-child a").nth(2).click()
    key = page.locator("code", has_text="+").last.inner_text()
    with page.expect_download() as saved:
        page.get_by_role("link", name="Save its proof").click()
    page.get_by_role("link", name="Open the page that checks it").click()
    page.set_input_files("#proof", str(saved.value.path()))
    page.fill("#key", key)
    page.click("#check")
    page.wait_for_selector("#outcome:not([hidden])")
    assert "holds" in page.inner_text("#verdict").lower() or "recorded" in page.inner_text("#verdict").lower()
    wrong = key.replace(key[-8:-1], "AAAAAAA")
    page.fill("#key", wrong)
    page.click("#check")
    expect(page.locator("#steps")).to_contain_text("ail")
    assert served.address in page.url


@pytest.mark.parametrize("javascript", [True, False])
def test_a_party_sees_its_own_portal(enter: Enter, javascript: bool) -> None:
    page = enter("lida", javascript=javascript)
    page.goto("/portal")
    expect(page.locator("main")).to_contain_text("Ukraine")
    page.get_by_role("link", name="Complain", exact=True).click()
    expect(page.get_by_role("button", name="Record it")).to_be_visible()
