# SPDX-License-Identifier: Apache-2.0
"""How the service stands a crowd: 1.5 million incidents, many readers, exports, event streams.

One server process, one client process on the loopback interface.  All rows are synthetic: EXERCISE.
Lists and exports are compared with Datasette over the same rows, in the same run.
Arguments: how many incidents (1500000), requests a second (200).
"""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import httpx2
from benchmarks import service_peer
from benchmarks.crowded import make_crowded
from playwright.sync_api import sync_playwright

from truceline.access import Account, Desk, Permission, Role, Visitor
from truceline.mission import Mission
from truceline.storage.accounts import AccountStore

PROGRAM = Path(sys.executable).with_name("truceline")
SECONDS = 20
STREAMS = 300
LISTS = ("/incidents", "/incidents?kind=mortar", "/incidents?since=2026-06-01&until=2026-06-03")
TILES = ((5, 18, 11), (6, 37, 22), (7, 75, 44), (9, 303, 178), (11, 1214, 714))
"""Zoom, column and row, along the line."""
MIXED = (
    "/api/v1/incidents?limit=50",
    "/incidents",
    "/incidents?kind=artillery&status=",
    "/api/v1/incidents?since=2026-05-01&until=2026-05-08&limit=50",
    "/log",
    "/agreement",
    "/api/v1/me",
    "/cases",
)


RATE_BESIDE = 50
LONGEST_EXPORT_S = 300


def say(what: str, figure: str) -> None:
    """Print one line."""
    sys.stdout.write(f"{what:<58} {figure}\n")
    sys.stdout.flush()


def token_for(mission: Mission) -> str:
    """Return a token of an analyst: whose places are exact, whose list is whole."""
    desk = Desk(mission, AccountStore(mission.folder))
    at = mission.ledger.clock.now()
    first = Visitor(Account("first", "First", Role.ADMINISTRATOR, "", True, False, at))
    desk.invite(first, "reader", "Reader", Role.ANALYST, "")
    visitor = Visitor(Account("reader", "Reader", Role.ANALYST, "", True, False, at))
    token = desk.make_token(visitor, "bench", [Permission.READ, Permission.EXPORT, Permission.FOLLOW])
    desk.store.close()
    return token


def resident_mb(server: subprocess.Popen[str], field: str = "VmRSS") -> float:
    """Return how much memory the server has, in megabytes."""
    text = Path(f"/proc/{server.pid}/status").read_text(encoding="utf-8")
    found = re.search(rf"{field}:\s+(\d+) kB", text)
    return int(found[1]) / 1000 if found else float("nan")


def share(times: list[float], part: float) -> str:
    """Return a percentile in milliseconds."""
    return f"{1000 * sorted(times)[min(int(len(times) * part), len(times) - 1)]:.0f} ms"


def lists(client: httpx2.Client, asked: Sequence[str], whose: str) -> float:
    """Ask for pages of a list, one after another; return the median in seconds."""
    times = []
    for number in range(99):
        began = time.perf_counter()
        client.get(asked[number % len(asked)]).raise_for_status()
        times.append(time.perf_counter() - began)
    say(f"list page, one reader, {whose} (median, p95)", f"{share(times, 0.5)}, {share(times, 0.95)}")
    return sorted(times)[len(times) // 2]


def tiles(client: httpx2.Client) -> None:
    """Ask for tiles of the moving map, near and far, each zoom first once."""
    times: dict[bool, list[float]] = {True: [], False: []}
    for number in range(50):
        zoom, x, y = TILES[number % len(TILES)]
        began = time.perf_counter()
        client.get(f"/api/v1/tiles/{zoom}/{x + number // 25}/{y}").raise_for_status()
        times[number < len(TILES)].append(time.perf_counter() - began)
    say(
        "map tile (each zoom's first, worst; later, p95)",
        f"{share(times[True], 1)}; {share(times[False], 0.95)}",
    )


def maps(client: httpx2.Client) -> None:
    """Ask for the drawn map, and for the same moved."""
    times = []
    for bounds in ("", "32,46,40,52", "33,46,41,52", "36,47,38,49", "36.4,47,38.4,49"):
        began = time.perf_counter()
        client.get("/map", params={"bounds": bounds} if bounds else {}).raise_for_status()
        times.append(time.perf_counter() - began)
    say("map page, drawn by the server (first; moved)", f"{share(times[:1], 1)}; {share(times[1:], 1)}")


def browser(address: str, token: str) -> None:
    """Open the moving map in Chromium as a reader would, and move it; WebGL is drawn in software here."""
    chromium = shutil.which("chromium")
    if chromium is None:
        say("map in Chromium", "not measured: no chromium here")
        return
    drawn = "[data-island=map][data-drawn]"
    with sync_playwright() as playwright:
        options = ["--headless", "--no-sandbox", "--disable-background-networking", "--use-angle=swiftshader"]
        options += ["--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"]
        opened = playwright.chromium.launch(executable_path=chromium, args=options)
        # With less motion a move is not drawn out over 300 ms, so that what is measured is the work.
        page = opened.new_page(
            extra_http_headers={"Authorization": f"Bearer {token}"}, reduced_motion="reduce"
        )
        began = time.perf_counter()
        page.goto(f"{address}/map")
        first = float(
            page.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN")
        )
        say("map page in Chromium, first paint", f"{first:.0f} ms")
        page.wait_for_selector(drawn, timeout=90_000)
        say("moving map, drawn whole", f"{time.perf_counter() - began:.1f} s")
        took: dict[bool, list[float]] = {True: [], False: []}
        for key in ("ArrowRight", "ArrowUp", "ArrowLeft", "ArrowDown", "+", "ArrowLeft", "ArrowUp", "+"):
            page.evaluate("document.querySelector('[data-island=map]').removeAttribute('data-drawn')")
            page.locator("[data-island=map] canvas").focus()
            began = time.perf_counter()
            page.keyboard.press(key)
            page.wait_for_selector(drawn, timeout=90_000)
            took[key == "+"].append(time.perf_counter() - began)
        opened.close()
    say(
        "moving map, a pan until all is drawn (median, worst)",
        f"{share(took[False], 0.5)}, {share(took[False], 1)}",
    )
    say("moving map, one zoom in until all is drawn (worst)", share(took[True], 1))


async def mixed(address: str, token: str, rate: int, asked: Sequence[str], what: str) -> None:
    """Ask at a steady rate, whether answers come or not."""
    times: list[float] = []
    failed: list[int] = []
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    limits = httpx2.Limits(max_connections=200)
    async with httpx2.AsyncClient(base_url=address, headers=headers, timeout=60, limits=limits) as client:

        async def ask(path: str) -> None:
            began = time.perf_counter()
            answer = await client.get(path)
            times.append(time.perf_counter() - began)
            if answer.status_code != 200:
                failed.append(answer.status_code)

        await paced(rate, SECONDS, lambda number: ask(asked[number % len(asked)]))
    say(
        f"{rate} {what} a second for {SECONDS} s (median, p99)",
        f"{share(times, 0.5)}, {share(times, 0.99)}, {len(failed)} refused",
    )


async def paced(rate: int, seconds: int, ask: Callable[[int], Awaitable[None]]) -> None:
    """Begin one request after another at a rate, and wait for all of them."""
    began, running = time.perf_counter(), []
    for number in range(rate * seconds):
        await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
        running.append(asyncio.ensure_future(ask(number)))
    await asyncio.gather(*running)


def export(client: httpx2.Client, server: subprocess.Popen[str]) -> float:
    """Take everything out as CSV, and look at the server's memory meanwhile; return rows a second."""
    before, most, rows = resident_mb(server), 0.0, 0
    began = time.perf_counter()
    with client.stream("GET", "/api/v1/incidents.csv") as answer:
        for number, piece in enumerate(answer.iter_bytes()):
            rows += piece.count(b"\n")
            if number % 200 == 0:
                most = max(most, resident_mb(server) - before)
    took = time.perf_counter() - began
    say(f"export of {rows - 1:,} rows", f"{took:.0f} s; memory grew by at most {most:.0f} MB")
    return rows / took


def beside(client: httpx2.Client, folder: Path, ours: tuple[float, float]) -> None:
    """Do with Datasette what it can do, too, and compare.

    Args:
        client: Of the service, whose export fills the peer.
        folder: Where its file goes.
        ours: The service's median list page in seconds, and rows exported a second.
    """
    path = folder / "peer.db"
    with client.stream("GET", "/api/v1/incidents.csv") as answer:
        service_peer.fill(path, answer.iter_lines())
    with service_peer.serving(path) as address, httpx2.Client(base_url=address, timeout=900) as peer:
        page = lists(peer, service_peer.LISTS, "Datasette")
        asyncio.run(mixed(address, "", RATE_BESIDE, service_peer.LISTS, "list pages of Datasette's"))
        began, rows = time.perf_counter(), 0
        with peer.stream("GET", service_peer.EXPORT) as answer:
            for piece in answer.iter_bytes():
                rows += piece.count(b"\n")
                if time.perf_counter() - began > LONGEST_EXPORT_S:
                    break
        speed = rows / (time.perf_counter() - began)
    say("Datasette's list page / ours", f"{page / ours[0]:.1f}")
    say("our rows exported a second / Datasette's", f"{ours[1] / speed:.1f} ({ours[1]:,.0f} / {speed:,.0f})")


async def streams(address: str, token: str) -> None:
    """Hold many event streams open, and ask for pages meanwhile."""
    heard = 0
    headers = {"Authorization": f"Bearer {token}"}
    limits = httpx2.Limits(max_connections=STREAMS + 10)
    async with httpx2.AsyncClient(base_url=address, headers=headers, timeout=60, limits=limits) as client:

        async def listen() -> None:
            nonlocal heard
            async with client.stream("GET", "/api/v1/events") as answer:
                async for _line in answer.aiter_lines():
                    heard += 1
                    await asyncio.sleep(10)
                    return

        listening = [asyncio.ensure_future(listen()) for _ in range(STREAMS)]
        await asyncio.sleep(5)
        times = []
        for _ in range(20):
            began = time.perf_counter()
            (await client.get("/api/v1/me")).raise_for_status()
            times.append(time.perf_counter() - began)
        await asyncio.gather(*listening)
    say(f"{STREAMS} event streams open; a request meanwhile (p95)", f"{heard} heard; {share(times, 0.95)}")


def main() -> None:
    """Measure."""
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 1_500_000
    rate = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "mission"
        mission = make_crowded(
            folder, wanted, lambda done: print(f"\r{done:,} incidents", end="", file=sys.stderr)
        )
        sys.stderr.write("\n")
        token = token_for(mission)
        mission.close()
        began = time.perf_counter()
        server = subprocess.Popen(
            [str(PROGRAM), "serve", str(folder), "--port", "0"], stdout=subprocess.PIPE, text=True
        )
        try:
            if server.stdout is None:
                raise RuntimeError("the server says nothing")
            found = re.search(r"http://127\.0\.0\.1:\d+", server.stdout.readline())
            if found is None:
                raise RuntimeError("the server named no address")
            say(f"{wanted:,} incidents (EXERCISE): ready after", f"{time.perf_counter() - began:.1f} s")
            headers = {"Authorization": f"Bearer {token}"}
            with httpx2.Client(base_url=found[0], headers=headers, timeout=300) as client:
                began = time.perf_counter()
                client.get("/api/v1/incidents?limit=1").raise_for_status()
                say("first answer", f"{time.perf_counter() - began:.2f} s; {resident_mb(server):.0f} MB")
                page = lists(client, LISTS, "ours")
                maps(client)
                tiles(client)
                browser(found[0], token)
                asyncio.run(mixed(found[0], token, rate, MIXED, "mixed requests"))
                asyncio.run(mixed(found[0], token, RATE_BESIDE, LISTS, "list pages of ours"))
                asyncio.run(streams(found[0], token))
                speed = export(client, server)
                beside(client, Path(name), (page, speed))
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main()
