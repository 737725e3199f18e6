# SPDX-License-Identifier: Apache-2.0
"""How the service stands a crowd: 1.5 million incidents, many readers, exports, event streams.

One server process, one client process on the loopback interface.  All rows are synthetic: EXERCISE.
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
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx2
from benchmarks.crowded import make_crowded
from playwright.sync_api import sync_playwright

from truceline.access import Account, Desk, Permission, Role, Visitor
from truceline.mission import Mission
from truceline.storage.accounts import AccountStore

PROGRAM = Path(sys.executable).with_name("truceline")
SECONDS = 20
STREAMS = 300
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


def lists(client: httpx2.Client) -> None:
    """Ask for pages of the list, one after another."""
    times = []
    for number in range(100):
        asked = ("/incidents", "/incidents?kind=mortar", "/incidents?since=2026-06-01&until=2026-06-03")[
            number % 3
        ]
        began = time.perf_counter()
        client.get(asked).raise_for_status()
        times.append(time.perf_counter() - began)
    say("list page, one reader (median, p95)", f"{share(times, 0.5)}, {share(times, 0.95)}")


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
        page = opened.new_page(extra_http_headers={"Authorization": f"Bearer {token}"})
        began = time.perf_counter()
        page.goto(f"{address}/map")
        first = float(
            page.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN")
        )
        say("map page in Chromium, first paint", f"{first:.0f} ms")
        page.wait_for_selector(drawn, timeout=90_000)
        say("moving map, drawn whole", f"{time.perf_counter() - began:.1f} s")
        moved = []
        for key in ("ArrowRight", "ArrowUp", "+", "ArrowLeft", "-"):
            page.evaluate("document.querySelector('[data-island=map]').removeAttribute('data-drawn')")
            page.locator("[data-island=map] canvas").focus()
            began = time.perf_counter()
            page.keyboard.press(key)
            page.wait_for_selector(drawn, timeout=90_000)
            moved.append(time.perf_counter() - began)
        opened.close()
    say("moving map, a move until all is drawn (median, worst)", f"{share(moved, 0.5)}, {share(moved, 1)}")


async def mixed(address: str, token: str, rate: int) -> None:
    """Ask at a steady rate, whether answers come or not."""
    times: list[float] = []
    failed: list[int] = []
    headers = {"Authorization": f"Bearer {token}"}
    limits = httpx2.Limits(max_connections=200)
    async with httpx2.AsyncClient(base_url=address, headers=headers, timeout=60, limits=limits) as client:

        async def ask(path: str) -> None:
            began = time.perf_counter()
            answer = await client.get(path)
            times.append(time.perf_counter() - began)
            if answer.status_code != 200:
                failed.append(answer.status_code)

        await paced(rate, SECONDS, lambda number: ask(MIXED[number % len(MIXED)]))
    say(
        f"{rate} mixed requests a second for {SECONDS} s (median, p99)",
        f"{share(times, 0.5)}, {share(times, 0.99)}, {len(failed)} refused",
    )


async def paced(rate: int, seconds: int, ask: Callable[[int], Awaitable[None]]) -> None:
    """Begin one request after another at a rate, and wait for all of them."""
    began, running = time.perf_counter(), []
    for number in range(rate * seconds):
        await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
        running.append(asyncio.ensure_future(ask(number)))
    await asyncio.gather(*running)


def export(client: httpx2.Client, server: subprocess.Popen[str]) -> None:
    """Take everything out as CSV, and look at the server's memory meanwhile."""
    before, most, rows = resident_mb(server), 0.0, 0
    began = time.perf_counter()
    with client.stream("GET", "/api/v1/incidents.csv") as answer:
        for number, piece in enumerate(answer.iter_bytes()):
            rows += piece.count(b"\n")
            if number % 200 == 0:
                most = max(most, resident_mb(server) - before)
    took = time.perf_counter() - began
    say(f"export of {rows - 1:,} rows", f"{took:.0f} s; memory grew by at most {most:.0f} MB")


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
                lists(client)
                maps(client)
                browser(found[0], token)
                asyncio.run(mixed(found[0], token, rate))
                asyncio.run(streams(found[0], token))
                export(client, server)
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main()
