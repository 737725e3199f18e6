# SPDX-License-Identifier: Apache-2.0
"""The operations room: one open mission, its desk, and what is kept ready between requests."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from truceline.access import Desk, Keyring, Organisations, Provider
from truceline.access.ceremony import Place, place_of
from truceline.mission import Mission
from truceline.mission.roll import Filter, Roll, Selection, read_roll, select
from truceline.procedure import Who
from truceline.review import REVIEW
from truceline.storage import schema

EXPORTED_AT_ONCE = 500
"""Incidents read at a time while an export streams: memory stays bounded."""


@dataclass(slots=True)
class Room:
    """What requests share.

    Attributes:
        mission: The mission that is served.
        desk: Where people are let in.
        address: The service's public address, without a path, such as ``https://example.org``.
        providers: Who answers for the organisations whose people may sign in with their own accounts.
    """

    mission: Mission
    desk: Desk
    address: str
    providers: tuple[Provider, ...] = ()
    _writing: threading.Lock = field(default_factory=threading.Lock)
    _reading: threading.Lock = field(default_factory=threading.Lock)
    _roll: tuple[tuple[bytes, int], Roll | None] | None = None

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
        """Write to the mission, one at a time; who comes meanwhile waits."""
        with self._writing:
            yield self.mission

    def tree_size(self) -> int:
        """Return how many records there are."""
        with self.mission.store.read() as transaction:
            head = transaction.head()
        return 0 if head is None else head.tree_size

    def roll(self) -> Roll | None:
        """Return the incidents of the last run, read once for each run or review; None: nothing was run."""
        with self.mission.store.read() as transaction:
            review = transaction.latest(REVIEW)
            last = (transaction.latest_body(schema.runs) or b"", -1 if review is None else review.leaf_index)
        held = self._roll
        if held is not None and held[0] == last:
            return held[1]
        with self._reading:
            if self._roll is None or self._roll[0] != last:
                self._roll = (last, read_roll(self.mission))
            return self._roll[1]

    def selection(self, who: Who, asked: Filter) -> Selection | None:
        """Return the incidents that somebody asks for and may see; None: nothing was run."""
        roll = self.roll()
        return None if roll is None else select(roll, self.mission.agreement, who, asked, self.now)

    def close(self) -> None:
        """Let go of the mission's files."""
        self.desk.store.close()
        self.mission.close()
