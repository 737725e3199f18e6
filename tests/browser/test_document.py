# SPDX-License-Identifier: Apache-2.0
"""The worked example of the documents holds in the page, and the documents say what the page does."""

from __future__ import annotations

import re

from tests.browser.conftest import PAGE, Verifier
from tests.browser.made import b64
from tests.mission.made import ROOT

FORMAT = (ROOT / "docs" / "evidence-format.md").read_text(encoding="utf-8")
DOCUMENT = (ROOT / "docs" / "verify-in-the-browser.md").read_text(encoding="utf-8")


def blocks(document: str, language: str = "") -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", document, re.DOTALL | re.MULTILINE)


def test_the_formats_example_and_the_documents_item_hold_at_every_step(verifier: Verifier) -> None:
    checkpoint = next(block for block in blocks(FORMAT) if "\n\u2014 " in block)
    key = next(block for block in blocks(FORMAT) if re.fullmatch(r"\S+\+[0-9a-f]{8}\+\S+\n", block))
    leaf = next(block for block in blocks(FORMAT) if block.startswith('{"author"')).strip()
    proof = f"c2sp.org/tlog-proof@v1\nextra {b64(leaf.encode())}\nindex 0\n\n{checkpoint}"
    (item,) = blocks(DOCUMENT, "json")
    outcome = verifier.check(proof, key, item=item)
    assert [state for step, state in outcome.states.items() if step != "witnesses"] == ["holds"] * 7


def test_the_document_lists_the_pages_steps_in_their_order(verifier: Verifier) -> None:
    titles: list[str] = verifier.page.evaluate("STEPS.map((step) => step.title.toLowerCase())")
    rows = re.findall(r"^\| \d (.+?) \|", DOCUMENT, re.MULTILINE)
    assert [row.lower() for row in rows] == titles


def test_the_document_names_the_pages_files_and_lines() -> None:
    scripts = sorted(PAGE.parent.glob("*.js"))
    lines = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in scripts)
    assert all(f"`{path.name}`" in DOCUMENT for path in scripts)
    stated = re.search(r"reads it: (\d+) lines", DOCUMENT)
    assert stated is not None
    assert abs(int(stated[1]) - lines) < 100
