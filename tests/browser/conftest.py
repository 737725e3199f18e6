# SPDX-License-Identifier: Apache-2.0
"""The page in Debian's Chromium, opened as a local file, driven as a person would."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page
from tests.browser.made import KEY
from tests.mission.made import ROOT

PAGE = ROOT / "src" / "truceline" / "web" / "verify" / "index.html"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the page showed: the verdict and its meaning, and each step's state and words."""

    verdict: str
    meaning: str
    states: dict[str, str]
    said: dict[str, str]

    @property
    def failed(self) -> str | None:
        """The step that failed."""
        return next((step for step, state in self.states.items() if state == "failed"), None)


@dataclass(frozen=True, slots=True)
class Verifier:
    """The open page, and every address that it asked for."""

    page: Page
    requests: list[str] = field(default_factory=list)

    def open(self, address: str = PAGE.as_uri()) -> Verifier:
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(address)
        return self

    def check(self, proof: str | bytes, key: str = KEY, policy: str = "", item: str = "") -> Outcome:
        """Fill in the form, press the button, read what it shows."""
        page = self.page
        data = proof.encode() if isinstance(proof, str) else proof
        page.set_input_files(
            "#proof", {"name": "record.tlog-proof", "mimeType": "text/plain", "buffer": data}
        )
        page.locator("details").evaluate("each => { each.open = true; }")
        for name, text in (("key", key), ("policy", policy), ("item", item)):
            page.fill(f"#{name}", text)
        page.click("#check")
        page.wait_for_selector("#outcome:not([hidden])")
        return self.outcome()

    def outcome(self) -> Outcome:
        page = self.page
        read = (
            "all => all.map(one => ({...one.dataset, said: one.querySelector('.what')?.textContent ?? ''}))"
        )
        steps: Sequence[dict[str, str]] = page.eval_on_selector_all("#steps li", read)
        return Outcome(
            page.inner_text("#verdict"),
            page.inner_text("#verdict-meaning"),
            {one["step"]: one["state"] for one in steps},
            {one["step"]: one["said"] for one in steps},
        )


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Return an empty page of a test's own."""
    opened = browser.new_page(viewport={"width": 1440, "height": 900})
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def verifier(browser: Browser) -> Iterator[Verifier]:
    """Return the open page; each check fills in the whole form."""
    opened = browser.new_page(viewport={"width": 1440, "height": 900})
    yield Verifier(opened).open()
    opened.close()
