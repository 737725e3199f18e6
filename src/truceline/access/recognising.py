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
TOKEN, SESSION = "token", "session"

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
        return self._ask(TOKEN, secret, self._desk.visitor_of_token)

    def by_session(self, secret: str) -> Visitor | None:
        """Return whose session it is; None: nobody's, or no longer."""
        return self._ask(SESSION, secret, self._desk.visitor_of_session)

    def lately(self, sort: str, secret: str) -> Visitor | None:
        """Return who was recognised by this a moment ago, without asking anybody; None: ask."""
        now = self._desk.mission.ledger.clock.now().timestamp()
        with self._lock:
            held = self._held.get((sort, digest(secret)))
        if held is not None and held[0] == self._desk.store.changes and 0 <= now - held[1] < FOR_S:
            return held[2]
        return None

    def _ask(self, sort: str, secret: str, ask: Ask) -> Visitor | None:
        known = self.lately(sort, secret)
        if known is not None:
            return known
        changes, now = self._desk.store.changes, self._desk.mission.ledger.clock.now().timestamp()
        key, found = (sort, digest(secret)), ask(secret)
        with self._lock:
            if found is None:
                self._held.pop(key, None)
            else:
                if len(self._held) >= MOST:
                    self._held.clear()
                self._held[key] = (changes, now, found)
        return found
