# SPDX-License-Identifier: Apache-2.0
"""The operations room: one open mission, its desk, and what is kept ready between requests."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from truceline.access import Desk, Keyring, Organisations, Provider, Recognised, Visits
from truceline.access.ceremony import Place, place_of
from truceline.api.problems import Refused
from truceline.mission import Mission
from truceline.mission.roll import Filter, RollKept, Selection
from truceline.procedure import Who

WRITERS: Final = 5
"""One writes and four wait; the other threads of the service go on reading."""


@dataclass(slots=True)
class Room:
    """What requests share.

    Attributes:
        mission: The mission that is served.
        desk: Where people are let in.
        recognised: Who was let in lately.
        visits: Who looked at what.
        address: The service's public address, without a path, such as ``https://example.org``.
        providers: Who answers for the organisations whose people may sign in with their own accounts.
    """

    mission: Mission
    desk: Desk
    address: str
    providers: tuple[Provider, ...] = ()
    recognised: Recognised = field(init=False)
    visits: Visits = field(init=False)
    _queue: threading.Semaphore = field(default_factory=lambda: threading.BoundedSemaphore(WRITERS))
    _writing: threading.Lock = field(default_factory=threading.Lock)
    _kept: RollKept = field(init=False)

    def __post_init__(self) -> None:
        """Open the book of visits, with nothing read yet."""
        self.recognised = Recognised(self.desk)
        self.visits = Visits(self.desk.store, self.mission.ledger.clock)
        self._kept = RollKept(self.mission)

    @property
    def secure(self) -> bool:
        """Whether people reach it over TLS, so that cookies may say so."""
        return self.address.startswith("https://")

    @property
    def place(self) -> Place | None:
        """Where passkeys hold; None: browsers know none at this address."""
        return place_of(self.address)

    @property
    def keyring(self) -> Keyring:
        """The passkeys of its people."""
        return Keyring(self.desk, self.place, frozenset(one.issuer for one in self.providers))

    @property
    def organisations(self) -> Organisations:
        """The organisations of its people."""
        return Organisations(self.desk, self.providers, self.address)

    @property
    def now(self) -> datetime:
        """The present, by the mission's clock."""
        return self.mission.ledger.clock.now()

    @contextmanager
    def writing(self) -> Iterator[Mission]:
        """Write to the mission, one at a time; a few who come meanwhile wait.

        Raises:
            Refused: Too many wait already; were they all let in, nobody could read either.
        """
        if not self._queue.acquire(blocking=False):
            raise Refused(503, "Others are writing just now.", "Nothing was changed; try again in a moment.")
        try:
            with self._writing:
                yield self.mission
        finally:
            self._queue.release()

    def tree_size(self) -> int:
        """Return how many records there are."""
        with self.mission.store.read() as transaction:
            head = transaction.head()
        return 0 if head is None else head.tree_size

    def selection(self, who: Who, asked: Filter) -> Selection | None:
        """Return the incidents that somebody asks for and may see; None: nothing was run."""
        return self._kept.selection(who, asked)

    def close(self) -> None:
        """Write down what waits, and let go of the mission's files."""
        self.visits.write_down()
        self.desk.store.close()
        self.mission.close()
