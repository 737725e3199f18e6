# SPDX-License-Identifier: Apache-2.0
"""Remembers for a moment who holds a session or a token, so that a busy reader costs no query each time.

Whatever this service changes in accounts, sessions or tokens is heeded with the next request;
what another process changes, within ``FOR_S``.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

from truceline.access.desk import Desk
from truceline.access.model import Visitor
from truceline.access.secrets import digest

FOR_S: Final = 5.0
MOST: Final = 10_000

Ask = Callable[[str], Visitor | None]


class Recognised:
    """Who was recognised lately, by the digest of what they showed."""

    def __init__(self, desk: Desk) -> None:
        """Begin with nobody."""
        self._desk = desk
        self._lock = threading.Lock()
        self._held: dict[tuple[str, str], tuple[int, float, Visitor]] = {}

    def by_token(self, secret: str) -> Visitor | None:
        """Return who holds a token; None: nobody does, or no longer."""
        return self._ask("token", secret, self._desk.visitor_of_token)

    def by_session(self, secret: str) -> Visitor | None:
        """Return whose session it is; None: nobody's, or no longer."""
        return self._ask("session", secret, self._desk.visitor_of_session)

    def _ask(self, sort: str, secret: str, ask: Ask) -> Visitor | None:
        key, changes = (sort, digest(secret)), self._desk.store.changes
        now = self._desk.mission.ledger.clock.now().timestamp()
        with self._lock:
            held = self._held.get(key)
        if held is not None and held[0] == changes and 0 <= now - held[1] < FOR_S:
            return held[2]
        found = ask(secret)
        with self._lock:
            if found is None:
                self._held.pop(key, None)
            else:
                if len(self._held) >= MOST:
                    self._held.clear()
                self._held[key] = (changes, now, found)
        return found
