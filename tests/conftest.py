# SPDX-License-Identifier: Apache-2.0
"""Missions to test on: small ones made for a test, and the Easter truce as it ships."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from hypothesis import settings
from playwright.sync_api import Browser, Playwright, expect, sync_playwright
from tests.backends import Backend
from tests.chromium import launched
from tests.mission.made import CLOCK, COLUMNS, EASTER, PACKS, MakeTable, Row, entropy
from tests.server import Server, running

from truceline.access import secrets
from truceline.mission import Mission, ingest, init_mission, run

# How long an example takes depends on the machine, so no test judges it.  CI takes the same examples
# each time; everybody else's run looks at new ones.
settings.register_profile("explore", deadline=None)
settings.register_profile("repeat", deadline=None, derandomize=True)
settings.load_profile("repeat" if os.environ.get("CI") else "explore")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Let tests that are marked so run over a file, and over a server too."""
    if "backend" in metafunc.fixturenames and metafunc.definition.get_closest_marker("over_both"):
        metafunc.parametrize("backend", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """Return a PostgreSQL server that is the tests' own."""
    with running() as made:
        yield made


@pytest.fixture
def backend(request: pytest.FixtureRequest) -> Iterator[Backend]:
    """Return where a test's missions have their databases: in files, unless it is marked ``over_both``."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield Backend(None)
        return
    server: Server = request.getfixturevalue("server")
    yield Backend(server)
    server.drop()


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> Iterator[None]:
    """Hash the passwords of nobody real at no cost; ``tests/access`` holds the program to its real cost."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(secrets, "_hasher", quick)
        yield


@pytest.fixture(scope="session")
def driver() -> Iterator[Playwright]:
    """Return what drives browsers; a process can have but one."""
    # A busy machine paints late; what never comes fails all the same.
    expect.set_options(timeout=60_000)
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(driver: Playwright) -> Iterator[Browser]:
    """Return a real browser."""
    with launched(driver) as made:
        yield made


@pytest.fixture
def make_table(tmp_path: Path) -> MakeTable:
    """Return a function that writes rows as a CSV observation table."""

    def make(rows: Sequence[Row]) -> Path:
        path = tmp_path / f"table-{len(list(tmp_path.glob('table-*')))}.csv"
        with path.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.DictWriter(stream, COLUMNS)
            writer.writeheader()
            writer.writerows(rows)
        return path

    return make


@pytest.fixture
def mission(tmp_path: Path, backend: Backend) -> Iterator[Mission]:
    """Return an empty mission under the Easter truce's pack."""
    made = init_mission(
        PACKS / "easter-truce-2025",
        tmp_path / "mission",
        database_url=backend.url(),
        clock=CLOCK,
        entropy=entropy(1),
    )
    yield made
    made.close()


@pytest.fixture(scope="session")
def easter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mission]:
    """Return the Easter truce, taken in and run once; tests only read it."""
    folder = tmp_path_factory.mktemp("easter") / "mission"
    made = init_mission(PACKS / "easter-truce-2025", folder, clock=CLOCK, entropy=entropy(2))
    ingest(made, EASTER / "reports.csv", "reports")
    ingest(made, EASTER / "party_claims.csv", "party-claims")
    run(made)
    yield made
    made.close()
