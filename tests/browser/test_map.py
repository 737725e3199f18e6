# SPDX-License-Identifier: Apache-2.0
"""The moving map in a real browser, over a served mission: it paints, and agrees with the list."""

from __future__ import annotations

import base64
import re
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx2
import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, ViewportSize, expect
from tests.chromium import WITH_WEBGL, by_the_page, launched

from truceline.access import Desk
from truceline.api import Room
from truceline.mission import Mission
from truceline.storage.accounts import AccountStore
from truceline.web import service
from truceline.web.assets import load_assets

WIDE = ViewportSize(width=1440, height=1000)
NARROW = ViewportSize(width=360, height=740)
COUNT_COLOURS = """async (encoded) => {
  const image = new Image();
  image.src = `data:image/png;base64,${encoded}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [image.width, image.height];
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const held = context.getImageData(0, 0, image.width, image.height).data;
  const found = new Set();
  for (let at = 0; at < held.length; at += 4) {
    found.add((held[at] << 16) | (held[at + 1] << 8) | held[at + 2]);
  }
  return found.size;
}"""


@pytest.fixture(scope="module")
def address(easter: Mission) -> Iterator[str]:
    """Serve the Easter truce on loopback; return its address."""
    assert load_assets().built, "build the console first: make console"
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        made = f"http://127.0.0.1:{listening.getsockname()[1]}"
        room = Room(easter, Desk(easter, AccountStore(easter.folder)), made)
        server = uvicorn.Server(
            uvicorn.Config(service(room), log_level="warning", timeout_graceful_shutdown=2)
        )
        serving = threading.Thread(target=server.run, args=([listening],))
        serving.start()
        yield made
        server.should_exit = True
        serving.join()
        room.desk.store.close()


@pytest.fixture(scope="module")
def chromium(driver: Playwright) -> Iterator[Browser]:
    """Chromium that draws WebGL in software."""
    with launched(driver, WITH_WEBGL) as made:
        yield made


@dataclass(slots=True)
class Visit:
    """An open page with all that it asked for and said."""

    page: Page
    requests: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def total(self) -> int:
        """Return the number that the page shows."""
        return int(self.page.inner_text("[data-count=incidents]").replace(",", ""))

    def drawn(self) -> dict[str, int]:
        """Return how many features of each layer are on the screen."""
        text = self.page.get_attribute("[data-island=map]", "data-drawn") or ""
        return {name: int(count) for name, count in (one.split(":") for one in text.split())}

    def listed(self) -> int:
        """Return the list's total for the query that the page is at, from the list itself."""
        query = self.page.url.partition("?")[2]
        origin = re.match(r"https?://[^/]+", self.page.url)
        assert origin is not None
        held = httpx2.get(f"{origin[0]}/api/v1/incidents?limit=1&{query}").json()
        return int(held["total"])

    def agrees(self) -> bool:
        """Tell whether page and list come to the same number, once the page has followed its address."""
        for _ in range(150):
            if self.total() == self.listed():
                return True
            self.page.wait_for_timeout(200)
        return False


@pytest.fixture
def visit(chromium: Browser, address: str) -> Iterator[Visit]:
    """Return the map's page, drawn."""
    page = chromium.new_page(viewport=WIDE)
    made = Visit(page)
    page.on("request", lambda request: made.requests.append(request.url))

    def heard(message: ConsoleMessage) -> None:
        if by_the_page(message):
            made.said.append(f"{message.type}: {message.text}")

    page.on("console", heard)
    page.on("pageerror", lambda error: made.said.append(f"error: {error}"))
    page.goto(f"{address}/map")
    page.wait_for_selector("[data-island=map][data-drawn]", timeout=90_000)
    yield made
    page.close()


def test_it_paints_all_incidents_and_asks_nobody_else(visit: Visit, address: str, chromium: Browser) -> None:
    drawn = visit.drawn()
    assert drawn["incidents"] == visit.total() == visit.listed() > 50
    assert drawn["ellipses"] >= drawn["incidents"]
    assert min(drawn["land"], drawn["line"], drawn["towns"]) > 0
    picture = visit.page.locator("[data-island=map]").screenshot()
    blank = chromium.new_page()
    assert blank.evaluate(COUNT_COLOURS, base64.b64encode(picture).decode()) > 500
    blank.close()
    assert [one for one in visit.requests if not one.startswith((f"{address}/", "data:"))] == []
    assert any(one.endswith(".pmtiles") for one in visit.requests)
    assert visit.said == [], "no error, and nothing that the page's policy forbids"
    expect(visit.page.locator("svg.map")).to_be_hidden()


def test_a_filter_is_in_the_address_the_number_and_the_links(visit: Visit) -> None:
    before = visit.total()
    visit.page.select_option("form.filter [name=kind]", "artillery")
    expect(visit.page.locator("[data-count=incidents]")).not_to_have_text(str(before))
    assert "kind=artillery" in visit.page.url
    assert visit.agrees()
    assert 0 < visit.total() < before
    links = visit.page.eval_on_selector_all("a[data-keeps-query]", "all => all.map(one => one.href)")
    assert len(links) == 3
    assert all(link.endswith("?kind=artillery") for link in links)
    visit.page.wait_for_selector(f"[data-island=map][data-drawn~='incidents:{visit.total()}']")


def test_the_days_are_moved_by_key_and_the_map_follows(visit: Visit) -> None:
    before = visit.total()
    handle = visit.page.get_by_label("From day").last
    handle.focus()
    handle.press("ArrowRight")
    handle.press("ArrowRight")
    expect(visit.page.locator("[data-count=incidents]")).not_to_have_text(str(before))
    assert "since=2025-04-" in visit.page.url
    assert visit.agrees()
    assert 0 < visit.total() < before
    assert visit.page.input_value("form.filter [name=since]").startswith("2025-04-")


def test_the_map_is_moved_by_key_and_says_how_many_it_shows(visit: Visit) -> None:
    canvas = visit.page.get_by_role("region", name="Map of incidents")
    before = visit.total()
    canvas.focus()
    visit.page.keyboard.press("+")
    visit.page.wait_for_url(re.compile(r"bounds="))
    expect(visit.page.locator("[data-count=incidents]")).not_to_have_text(str(before))
    assert visit.agrees()
    assert visit.total() < before


def test_an_incident_opens_with_its_status_in_words(visit: Visit) -> None:
    island = visit.page.locator("[data-island=map] canvas")
    box = island.bounding_box()
    assert box is not None
    for across in range(5, 100, 2):
        for down in (45, 50, 55, 60, 65):
            visit.page.mouse.move(
                box["x"] + box["width"] * across / 100, box["y"] + box["height"] * down / 100
            )
            if island.evaluate("one => one.style.cursor") == "pointer":
                visit.page.mouse.down()
                visit.page.mouse.up()
                link = visit.page.locator(".maplibregl-popup-content a").first
                assert re.search(r"alleged|corroborated|not assessed", link.inner_text())
                assert re.fullmatch(r"/incidents/inc-\w+", link.get_attribute("href") or "")
                return
    pytest.fail("no incident was found under the pointer")


def test_people_who_cannot_see_or_point_can_use_it(visit: Visit) -> None:
    found = Axe().run(visit.page)
    assert found.response["violations"] == [], found.generate_report()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_narrow_screen_nothing_scrolls_sideways(chromium: Browser, address: str, scheme: str) -> None:
    page = chromium.new_page(viewport=NARROW, color_scheme="dark" if scheme == "dark" else "light")
    page.goto(f"{address}/map")
    page.wait_for_selector("[data-island=map][data-drawn]", timeout=90_000)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    page.close()


def test_without_a_script_the_drawn_map_is_there(chromium: Browser, address: str) -> None:
    page = chromium.new_page(viewport=WIDE, java_script_enabled=False)
    page.goto(f"{address}/map")
    expect(page.locator("svg.map")).to_be_visible()
    expect(page.locator("[data-island=map]")).to_be_hidden()
    expect(page.get_by_role("link", name="North")).to_be_visible()
    page.close()


def test_without_webgl_the_drawn_map_stays(chromium: Browser, address: str) -> None:
    page = chromium.new_page(viewport=WIDE)
    page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null;")
    page.goto(f"{address}/map")
    page.wait_for_load_state("networkidle")
    expect(page.locator("svg.map")).to_be_visible()
    expect(page.locator("[data-island=map]")).to_be_hidden()
    page.close()


def test_on_the_list_the_days_send_the_filter(chromium: Browser, address: str) -> None:
    page = chromium.new_page(viewport=WIDE)
    page.goto(f"{address}/incidents")
    handle = page.get_by_label("To day").last
    expect(handle).to_have_attribute("aria-valuetext", re.compile("2025-04-"))  # the days have come
    handle.focus()
    handle.press("ArrowLeft")
    page.wait_for_url(re.compile(r"until=2025-04-"))
    expect(page.get_by_role("heading", name="Incidents")).to_be_visible()
    page.close()
