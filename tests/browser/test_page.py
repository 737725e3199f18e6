# SPDX-License-Identifier: Apache-2.0
"""The page asks for nothing but itself, says when it cannot check, and serves keyboards and small screens."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from tests.browser.conftest import PAGE, Verifier
from tests.browser.made import KEY, LEAF, POLICY, WITNESSES, disclosed, proof_of

GOOD = proof_of(LEAF)
FILES = sorted(path.name for path in PAGE.parent.iterdir())


class Quiet(SimpleHTTPRequestHandler):
    """Serves files and keeps no log."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name is the base class's)
        """Say nothing."""


@pytest.fixture
def served() -> Iterator[str]:
    """Serve the page's folder on the loopback interface and give the page's address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(PAGE.parent)))
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    yield f"http://127.0.0.1:{server.server_port}/index.html"
    server.shutdown()
    serving.join()
    server.server_close()


def full_check(verifier: Verifier) -> None:
    proof = WITNESSES[1].cosign(WITNESSES[0].cosign(GOOD))
    outcome = verifier.check(proof, policy=POLICY, item=disclosed())
    assert set(outcome.states.values()) == {"holds"}


def test_from_a_local_file_it_reads_its_own_files_and_asks_for_nothing_else(page: Page) -> None:
    verifier = Verifier(page).open()
    full_check(verifier)
    assert sorted(verifier.requests) == [(PAGE.parent / name).as_uri() for name in FILES]


def test_from_a_static_server_it_reads_its_own_files_and_asks_for_nothing_else(
    page: Page, served: str
) -> None:
    verifier = Verifier(page).open(served)
    full_check(verifier)
    assert sorted(verifier.requests) == [served.replace("index.html", name) for name in FILES]


def test_it_works_with_the_network_cut(page: Page) -> None:
    page.context.set_offline(offline=True)
    full_check(Verifier(page).open())


def test_its_policy_lets_no_script_reach_out_or_run_inline(page: Page, served: str) -> None:
    Verifier(page).open(served)
    reached = page.evaluate("fetch('formats.js').then(() => 'reached', () => 'refused')")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.ran = 1\">')")
    page.evaluate(
        "document.head.append(Object.assign(document.createElement('script'), {text: 'window.ran = 2'}))"
    )
    page.wait_for_timeout(100)
    assert (reached, page.evaluate("window.ran")) == ("refused", None)


def test_nothing_in_its_files_names_another_place() -> None:
    for name in FILES:
        text = (PAGE.parent / name).read_text(encoding="utf-8")
        assert "//" not in text.replace("// ", ""), name
        assert "import" not in text.replace("importKey", "").replace("imported", ""), name


def test_without_ed25519_in_the_browser_it_says_so_and_judges_nothing(page: Page) -> None:
    page.add_init_script(
        "crypto.subtle.importKey = () => Promise.reject(new DOMException('no', 'NotSupportedError'))"
    )
    outcome = Verifier(page).open().check(GOOD)
    assert (outcome.verdict, outcome.states) == ("Nothing was checked", {})
    assert "This browser cannot check Ed25519 signatures" in outcome.meaning


def test_bytes_that_are_no_key_have_signed_nothing(page: Page) -> None:
    # Some browsers refuse such a key when it is read, Chromium when it is used.
    Verifier(page).open()
    page.evaluate(
        "() => { crypto.subtle.importKey = () => Promise.reject(new DOMException('', 'DataError')); }"
    )
    assert page.evaluate("isSignedBy(new Uint8Array(32), new Uint8Array(64), new Uint8Array(1))") is False


def test_over_plain_http_it_says_why_it_cannot_check(page: Page) -> None:
    page.add_init_script("Object.defineProperty(Crypto.prototype, 'subtle', {get: () => undefined})")
    outcome = Verifier(page).open().check(GOOD)
    assert outcome.verdict == "Nothing was checked"
    assert "Save this page and open the file." in outcome.meaning


def test_a_fault_of_the_page_itself_is_not_passed_off_as_a_verdict(page: Page) -> None:
    page.add_init_script("crypto.subtle.verify = () => Promise.reject(new Error('out of order'))")
    outcome = Verifier(page).open().check(GOOD)
    assert outcome.verdict == "Nothing was checked"
    assert "The page itself failed: out of order This says nothing about the record." in outcome.meaning


def test_the_outcome_goes_as_soon_as_what_was_given_changes(page: Page) -> None:
    Verifier(page).open().check(GOOD)
    page.fill("#key", KEY[:-1])
    assert page.is_hidden("#outcome")


def test_it_can_be_used_by_keyboard_alone(page: Page, tmp_path: Path) -> None:
    Verifier(page).open()
    (tmp_path / "record.tlog-proof").write_text(GOOD, encoding="utf-8")
    reached = []
    for _ in range(5):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.tagName"))
        if reached[-1] == "key":
            page.keyboard.insert_text(KEY)
        if reached[-1] == "SUMMARY":
            page.keyboard.press("Enter")
    assert reached == ["proof", "key", "SUMMARY", "policy", "item"]
    page.keyboard.press("Tab")
    page.set_input_files("#proof", tmp_path / "record.tlog-proof")  # a file dialogue is the system's own
    page.keyboard.press("Enter")
    page.wait_for_selector("#outcome:not([hidden])")
    assert page.evaluate("document.activeElement.id") == "verdict"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_at_360_pixels_nothing_scrolls_sideways(browser: Browser, scheme: str) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 740})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    full_check(Verifier(page).open())
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.close()
    assert paper == ("rgb(22, 22, 22)" if scheme == "dark" else "rgb(255, 255, 255)")


def test_every_field_has_a_name_and_every_state_its_word(page: Page) -> None:
    Verifier(page).open().check(GOOD, key=KEY[:-4])
    for label in ("Proof file", "The log's verifier key", "Policy, or witness keys", "Disclosed item"):
        assert page.get_by_label(label).count() == 1
    words = page.locator("#steps .state").all_inner_texts()
    assert words == ["holds", "failed", *["not checked"] * 6]
    mark = "all => all.map(one => getComputedStyle(one, '::before').content)"
    shapes = page.locator("#steps .state").evaluate_all(mark)
    assert shapes == ['"●"', '"✕"', *['"○"'] * 6]
