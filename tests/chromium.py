# SPDX-License-Identifier: Apache-2.0
"""Debian's Chromium, started once for all tests of one process: Playwright runs but once in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Playwright

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


WITH_WEBGL = [
    *(one for one in OPTIONS if one != "--disable-gpu"),
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
]
"""The same, drawing WebGL in software."""


@contextmanager
def launched(driver: Playwright, options: Sequence[str] = OPTIONS) -> Iterator[Browser]:
    """Run it until the block ends."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.fail("Pages are tested in a real browser: apt-get install chromium (.ci/run does it).")
    made = driver.chromium.launch(executable_path=chromium, args=list(options))
    yield made
    made.close()


def by_the_page(message: ConsoleMessage) -> bool:
    """Tell whether the page said it, and not the program that draws WebGL without a graphics card."""
    return "GL Driver Message" not in message.text
