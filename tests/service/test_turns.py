# SPDX-License-Identifier: Apache-2.0
"""So many read at a time and no more; who streams, fails or waits to write holds nobody's turn."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest
from starlette.types import Message, Receive, Scope, Send

from truceline.api.turns import READERS, Turns

MORE = READERS + 4
Seen = TypeVar("Seen")


class Application:
    """Answers when it is told to, and counts who is inside."""

    def __init__(self, *, begins: bool = False, fails: bool = False) -> None:
        """``begins``: it begins its answer and then waits; ``fails``: it raises in the end."""
        self.inside = self.most = 0
        self.go = asyncio.Event()
        self._begins, self._fails = begins, fails

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        self.inside += 1
        self.most = max(self.most, self.inside)
        if self._begins:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        await self.go.wait()
        self.inside -= 1
        if self._fails:
            raise RuntimeError("EXERCISE")
        await send({"type": "http.response.body", "body": b""})


def loop_of_its_own(see: Callable[[], Coroutine[None, None, Seen]]) -> Seen:
    """Run in a thread of its own: in this one, a browser's driver may keep a loop running."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(see())).result()


async def _receive() -> Message:
    return {"type": "http.request"}


async def _send(_message: Message) -> None:
    return


async def crowd(application: Application, method: str, path: str) -> int:
    """Let more come than have a turn; return how many were inside before any was told to go on."""
    turns = Turns(application)
    scope = {"type": "http", "method": method, "path": path}
    coming = [asyncio.ensure_future(turns(scope, _receive, _send)) for _ in range(MORE)]
    for _ in range(20):
        await asyncio.sleep(0)
    inside = application.inside
    application.go.set()
    await asyncio.gather(*coming, return_exceptions=True)
    return inside


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_so_many_read_at_a_time(method: str) -> None:
    async def see() -> tuple[int, int]:
        application = Application()
        return await crowd(application, method, "/incidents"), application.most

    assert loop_of_its_own(see) == (READERS, READERS)


def test_who_begins_to_answer_gives_the_turn_away() -> None:
    async def see() -> int:
        return await crowd(Application(begins=True), "GET", "/api/v1/events")

    assert loop_of_its_own(see) == MORE


@pytest.mark.parametrize(("method", "path"), [("POST", "/run"), ("GET", "/api/v1/records/3/proof")])
def test_who_may_wait_to_write_takes_no_turn_to_read(method: str, path: str) -> None:
    async def see() -> int:
        return await crowd(Application(), method, path)

    assert loop_of_its_own(see) == MORE


def test_a_failure_gives_the_turn_back() -> None:
    async def see() -> int:
        application = Application(fails=True)
        turns = Turns(application)
        application.go.set()
        scope = {"type": "http", "method": "GET", "path": "/"}
        for _ in range(MORE):
            with pytest.raises(RuntimeError, match="EXERCISE"):
                await asyncio.wait_for(turns(scope, _receive, _send), 5)
        return application.most

    assert loop_of_its_own(see) == 1
