# SPDX-License-Identifier: Apache-2.0
"""What changed, as server-sent events: only that it did, and how far the log goes now.

An event follows a commit, whoever made it: one task asks the database for its head, for
all who listen.  Events carry nothing that somebody might not see.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Annotated, Final

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from truceline.access import Permission, Visitor
from truceline.api.doors import Door
from truceline.api.problems import PROBLEMS, Refused
from truceline.api.room import Room
from truceline.errors import StorageFailure

router = APIRouter(prefix="/api/v1", tags=["read"], responses=PROBLEMS)

EVERY_S: Final = 1.0
"""How often the head is asked for."""

SILENCE_S: Final = 20.0
"""After which a comment keeps the line open."""

MOST_STREAMS: Final = 1_000


class Hub:
    """Everybody who listens, and how far the log goes."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self.tree_size = 0
        self.listening = 0
        self._changed = asyncio.Condition()
        self._ended = asyncio.Event()

    async def tell(self, tree_size: int) -> None:
        """Tell everybody how far the log goes now."""
        async with self._changed:
            self.tree_size = tree_size
            self._changed.notify_all()

    async def end(self) -> None:
        """Let everybody go."""
        async with self._changed:
            self._ended.set()
            self._changed.notify_all()

    async def goes_on(self, seconds: float) -> bool:
        """Wait, and return whether somebody may still listen."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._ended.wait()
        return not self._ended.is_set()

    async def stream(self) -> AsyncIterator[str]:
        """Yield the size of the tree now and whenever it changes."""
        self.listening += 1
        try:
            told = -1
            while not self._ended.is_set():
                if self.tree_size != told:
                    told = self.tree_size
                    yield f"id: {told}\nevent: changed\ndata: {json.dumps({'tree_size': told})}\n\n"
                    continue
                try:
                    async with asyncio.timeout(SILENCE_S), self._changed:
                        await self._changed.wait()
                except TimeoutError:
                    yield ": still here\n\n"
        finally:
            self.listening -= 1


async def _follow(room: Room, hub: Hub) -> None:
    going = True
    while going:
        with suppress(StorageFailure):  # a head that cannot be read now is read a moment later
            size = await run_in_threadpool(room.tree_size)
            if size != hub.tree_size:
                await hub.tell(size)
        going = await hub.goes_on(EVERY_S)


@asynccontextmanager
async def following(app: FastAPI) -> AsyncIterator[None]:
    """Follow the log for as long as a service lives."""
    hub = app.state.hub = Hub()
    task = asyncio.create_task(_follow(app.state.room, hub))
    try:
        yield
    finally:
        await hub.end()
        await task  # not cancelled: its thread would read on from a mission that is closed


@router.get("/events", response_class=StreamingResponse)
async def events(
    request: Request, _visitor: Annotated[Visitor, Depends(Door(Permission.FOLLOW))]
) -> StreamingResponse:
    """Follow what changes: an event with the log's size after every commit."""
    hub = request.app.state.hub
    if not isinstance(hub, Hub):
        raise TypeError("the service was started without a hub")
    if hub.listening >= MOST_STREAMS:
        raise Refused(503, "Too many are listening now.", "Load the page again in a while.")
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(hub.stream(), media_type="text/event-stream", headers=headers)
