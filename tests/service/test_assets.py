# SPDX-License-Identifier: Apache-2.0
"""What a browser fetches beside pages: light, kept for good, in parts where large, or not there at all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient
from tests.service.conftest import ADDRESS
from tests.service.test_pages import PAGES

from truceline.access import Role
from truceline.api import Room
from truceline.web import service
from truceline.web.assets import BASE_MAP, Assets, load_assets

LIGHT = 100_000


@pytest.fixture
def app(room: Room) -> FastAPI:
    return service(room)


@pytest.fixture
def assets(app: FastAPI) -> Assets:
    held = app.state.assets
    assert isinstance(held, Assets)
    assert held.built, "build the console first: make console"
    return held


@pytest.fixture
def browsed(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, base_url=ADDRESS) as made:
        yield made


def linked(page: str) -> set[str]:
    return set(re.findall(r'(?:src|href)="(/assets/[^"]+)"', page))


@pytest.mark.usefixtures("incidents")
@pytest.mark.parametrize("path", [path for path in PAGES if path != "/map"])
def test_a_page_with_all_that_it_loads_is_light(browsed: TestClient, assets: Assets, path: str) -> None:
    page = browsed.get(path).text
    drawn = sum(len(one) for one in re.findall(r"<svg.*?</svg>", page, re.DOTALL))
    loaded = sum(len(browsed.get(address).content) for address in linked(page))
    shared = len(assets.held["built/address.js"])
    assert len(page.encode()) - drawn + loaded + shared < LIGHT
    assert not [address for address in linked(page) if "map" in address]


@pytest.mark.usefixtures("incidents")
def test_only_the_map_loads_the_map(browsed: TestClient, assets: Assets) -> None:
    page = browsed.get("/map").text
    assert {assets.address("built/map.js"), assets.address("built/map.css")} <= linked(page)
    assert '<svg class="map"' in page, "the drawn map stays for whoever has no script"


def test_the_base_map_is_sent_in_parts_and_kept_for_good(browsed: TestClient, assets: Assets) -> None:
    whole = assets.parts[BASE_MAP].read_bytes()
    address = assets.address(BASE_MAP)
    answer = browsed.get(address, headers={"Range": "bytes=0-126"})
    assert answer.status_code == 206
    assert answer.content == whole[:127]
    assert answer.content.startswith(b"PMTiles\x03")
    assert answer.headers["content-range"] == f"bytes 0-126/{len(whole)}"
    assert "immutable" in answer.headers["cache-control"]
    assert browsed.get(address, headers={"Range": f"bytes={len(whole)}-"}).status_code == 416


@pytest.mark.usefixtures("incidents")
@pytest.mark.parametrize("what", ["/", "built/map.js", "/api/v1/incidents.csv"])
def test_what_is_read_on_a_bad_line_is_sent_compressed(
    browsed: TestClient, assets: Assets, tokens: dict[Role, str], what: str
) -> None:
    address = assets.address(what) if assets.has(what) else what
    headers = {"Authorization": f"Bearer {tokens[Role.ANALYST]}"}
    plain = browsed.get(address, headers={**headers, "Accept-Encoding": "identity"})
    packed = browsed.get(address, headers={**headers, "Accept-Encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert "Accept-Encoding" in packed.headers["vary"]
    assert packed.headers["content-encoding"] == "gzip"
    if not what.startswith("/api"):  # a stream does not know its length
        assert int(packed.headers["content-length"]) < len(plain.content) / 2
    assert len(packed.content) == len(plain.content), "unpacked again, it is the same"


def test_a_file_of_the_log_is_sent_as_it_is(browsed: TestClient) -> None:
    answer = browsed.get("/api/v1/log/tile/0/000.p/3", headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200
    assert "content-encoding" not in answer.headers


def test_an_address_of_another_build_leads_nowhere(browsed: TestClient, assets: Assets) -> None:
    assert assets.has("built/map.js")
    assert browsed.get("/assets/0000000000000000/built/map.js").status_code == 404
    assert browsed.get(f"/assets/{assets.digest}/built/../static/live.js").status_code == 404


@pytest.mark.usefixtures("incidents")
def test_without_a_build_the_map_is_drawn_and_the_log_says_so(
    app: FastAPI, browsed: TestClient, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    app.state.assets = load_assets(tmp_path)
    assert "make console" in caplog.text
    page = browsed.get("/map")
    assert page.status_code == 200
    assert '<svg class="map"' in page.text
    assert "data-island" not in page.text
    assert "built/" not in page.text


def test_without_a_base_map_the_islands_still_come(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for name in ("map.js", "map.css", "timeline.js"):
        (tmp_path / name).write_text("", encoding="utf-8")
    held = load_assets(tmp_path)
    assert held.built
    assert not held.has(BASE_MAP)
    assert "no base map" in caplog.text
