# SPDX-License-Identifier: Apache-2.0
"""Debian's Chromium, started once for all tests of one process: Playwright runs but once in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

OPTIONS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def launched() -> Iterator[Browser]:
    """Run it until the block ends."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.fail("Pages are tested in a real browser: apt-get install chromium (.ci/run does it).")
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=chromium, args=OPTIONS)
        yield made
        made.close()
