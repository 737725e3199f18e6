# SPDX-License-Identifier: Apache-2.0
"""Who looked at what: noted in batches, so that reading costs nobody a wait for the disk.

What is only read is written down within a second; what is taken out or done, at once.  A
service that is killed may lose the last second of what was read, and nothing else.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from truceline.access.model import Visit, Visitor
from truceline.access.roles import Permission
from truceline.clock import Clock
from truceline.storage import accounts as tables
from truceline.storage.accounts import AccountStore, Row

WITHIN_S: Final = 1.0
ONE_LOOK_S: Final = 60.0
"""Within this, whatever a map asks for is one look."""

MOST_WAITING: Final = 500
CAN_WAIT: Final = frozenset({Permission.READ, Permission.FOLLOW, Permission.KEEP_ACCOUNT})


class Visits:
    """The book of visits of one mission."""

    def __init__(self, store: AccountStore, clock: Clock) -> None:
        """Open the book."""
        self._store, self._clock = store, clock
        self._waiting: list[Row] = []
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._looked: dict[str, float] = {}
        self._timer: threading.Timer | None = None

    def note(self, visitor: Visitor, permission: Permission, path: str) -> None:
        """Note what somebody who is signed in looked at, took out or did."""
        if visitor.account is None:
            return
        row: Row = {
            "at": int(self._clock.now().timestamp()),
            "person": visitor.account.person,
            "role": visitor.role.value,
            "permission": permission.value,
            "path": path[:500],
        }
        with self._lock:
            self._waiting.append(row)
            if permission in CAN_WAIT and len(self._waiting) < MOST_WAITING:
                if self._timer is None:
                    self._timer = threading.Timer(WITHIN_S, self.write_down)
                    self._timer.daemon = True
                    self._timer.start()
                return
        self.write_down()

    def note_look(self, visitor: Visitor, permission: Permission, path: str) -> None:
        """Note that somebody looks at a map: once while they move it, not each tile of it."""
        if visitor.account is None:
            return
        now, person = self._clock.now().timestamp(), visitor.account.person
        with self._lock:
            before = self._looked.get(person)
            if before is not None and 0 <= now - before < ONE_LOOK_S:
                return
            self._looked[person] = now
        self.note(visitor, permission, path)

    def write_down(self) -> None:
        """Write down what waits; who calls this last before the file is closed leaves nobody writing."""
        with self._writing:
            with self._lock:
                rows, self._waiting = self._waiting, []
                timer, self._timer = self._timer, None
            if timer is not None:
                timer.cancel()
            if rows:
                with self._store.write() as transaction:
                    transaction.add_all(tables.visits, rows)

    def latest(self, before: int | None = None, most: int = 100) -> Sequence[Visit]:
        """Return the latest visits, newest first; ``before``: only those numbered below it."""
        self.write_down()
        with self._store.read() as transaction:
            rows = transaction.latest_visits(before, most)
        return [
            Visit(
                int(row["visit"]),
                datetime.fromtimestamp(int(row["at"]), UTC),
                str(row["person"]),
                str(row["role"]),
                str(row["permission"]),
                str(row["path"]),
            )
            for row in rows
        ]
