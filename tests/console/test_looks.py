# SPDX-License-Identifier: Apache-2.0
"""Every page: no serious fault by axe-core, nothing from elsewhere, whole on a phone and without scripts."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page, Request, expect
from tests.chromium import by_the_page
from tests.console.conftest import SCREENS, Enter, Served

PUBLIC = (
    "/", "/map", "/incidents", "/agreement", "/cases", "/guarantees", "/coalition", "/support", "/sources",
    "/log", "/records/3", "/sign-in",
)  # fmt: skip
OWN = {
    "dora": ("/steps", "/steps/open-inquiry", "/take-in", "/account"),
    "lida": ("/portal", "/steps/complain"),
    "adam": ("/people", "/visits"),
    "vera": ("/incidents/first",),
}
ALL = [("", path) for path in PUBLIC] + [(person, path) for person, paths in OWN.items() for path in paths]
LARGEST = 100_000


def go(page: Page, path: str) -> None:
    """Open a page; ``/incidents/first``: that of the list's first incident."""
    if path == "/incidents/first":
        page.goto("/incidents")
        path = str(page.locator("tbody tr td:first-child a").first.get_attribute("href"))
    page.goto(path)


def name_of(person: str, path: str) -> str:
    return f"{person or 'public'}{path.replace('/', '-') if path != '/' else '-situation'}"


@pytest.mark.parametrize(("person", "path"), ALL)
def test_axe_finds_no_serious_fault(enter: Enter, person: str, path: str) -> None:
    page = enter(person)
    go(page, path)
    found = Axe().run(page).response["violations"]
    serious = [
        (one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in {"serious", "critical"}
    ]
    assert serious == []


@pytest.mark.parametrize("width", [1440, 360])
@pytest.mark.parametrize(("person", "path"), ALL)
def test_a_page_fits_and_asks_nobody_else(
    enter: Enter, served: Served, person: str, path: str, width: int
) -> None:
    page = enter(person, width=width)
    said: list[str] = []
    asked: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if by_the_page(message):
            said.append(message.text)

    def requested(request: Request) -> None:
        asked.append(request.url)

    page.on("console", heard)
    page.on("request", requested)
    go(page, path)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert [one for one in asked if not one.startswith((served.address, "data:"))] == []
    assert said == []
    SCREENS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENS / f"{name_of(person, path)}-{width}.png", full_page=True)


@pytest.mark.parametrize(("person", "path"), ALL)
def test_a_page_is_read_without_scripts_and_is_light(enter: Enter, person: str, path: str) -> None:
    page = enter(person, javascript=False)
    go(page, path)
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator("main")).not_to_be_empty()
    drawn = sum(len(one.inner_html()) for one in page.locator("svg").all())
    assert len(page.content()) - drawn < LARGEST


def test_list_and_map_are_filtered_without_scripts(enter: Enter) -> None:
    page = enter(javascript=False)
    page.goto("/incidents")
    page.locator("[name=kind]").select_option("artillery")
    page.get_by_role("button", name="Show").click()
    total = page.locator("main b").first.inner_text()
    page.get_by_role("link", name="The same as a map").click()
    expect(page.locator("[name=kind]")).to_have_value("artillery")
    assert page.locator("main b").first.inner_text() == total


def test_somebody_without_a_mouse_goes_from_the_situation_to_a_verified_filter(enter: Enter) -> None:
    page = enter("vera")
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("To the text")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.goto("/incidents")
    reach(page, "[name=status]")
    page.keyboard.type("all")
    assert page.locator("[name=status]").input_value() == "alleged"
    reach(page, "form.filter button")
    page.keyboard.press("Enter")
    page.wait_for_url("**status=alleged**")
    reach(page, "tbody tr:first-child a")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    page.wait_for_url("**/incidents/inc-*")


def reach(page: Page, selector: str) -> None:
    """Press the tabulator until something has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
    pytest.fail(f"no tabulator leads to {selector}")
