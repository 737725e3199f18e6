# SPDX-License-Identifier: Apache-2.0
"""A service that really listens, for tests in a browser."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from tests.mission.procedural import valley_mission

from truceline.access import Desk
from truceline.api import Room
from truceline.clock import Clock
from truceline.storage.accounts import AccountStore
from truceline.web import service


def room_at(folder: Path, clock: Clock, address: str) -> Room:
    """Return the room of a new mission of the valley, reached at an address."""
    mission = valley_mission(folder, clock)
    return Room(mission, Desk(mission, AccountStore(mission.folder)), address)


@contextmanager
def served(make: Callable[[str], Room]) -> Iterator[Room]:
    """Serve a room at http://localhost, which is the only address without TLS that knows passkeys."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        room = make(f"http://localhost:{listening.getsockname()[1]}")
        config = uvicorn.Config(service(room), log_level="warning", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield room
        finally:
            server.should_exit = True
            thread.join()
            room.close()
