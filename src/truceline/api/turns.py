# SPDX-License-Identifier: Apache-2.0
"""How many requests are worked on at a time: more would only fight over the interpreter.

Measured with `make bench-service`'s mixture of pages: with eight at a time, a third fewer were
answered than with three.  Who only waits, for a turn to write or for the next event, takes
nobody's turn to read.
"""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

THREADS: Final = 8
"""Requests in work or waiting to write."""

READERS: Final = 3
"""Requests in work that only read."""

WAITS_TO_WRITE: Final = "/proof"
"""How the path of the one thing ends that is read and may wait to write: the log is published first."""


class Turns:
    """Lets so many read at a time, each until its answer begins: streams go on without a turn."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self._app = app
        self._turns = asyncio.Semaphore(READERS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        reads = scope["type"] == "http" and scope["method"] in {"GET", "HEAD"}
        if not reads or scope["path"].endswith(WAITS_TO_WRITE):
            await self._app(scope, receive, send)
            return
        held = True

        async def sending(message: Message) -> None:
            nonlocal held
            if held:
                held = False
                self._turns.release()
            await send(message)

        await self._turns.acquire()
        try:
            await self._app(scope, receive, sending)
        finally:
            if held:
                self._turns.release()
