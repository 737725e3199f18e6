# SPDX-License-Identifier: Apache-2.0
"""The roll kept ready between requests, and the selections that were asked for last."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import Final

from truceline.mission.mission import Mission
from truceline.mission.roll.columns import Roll, read_roll, with_reviews
from truceline.mission.roll.selecting import Filter, Selection, Sight, select, sight_of
from truceline.procedure import Who
from truceline.review import REVIEW
from truceline.storage import schema

MOST_ROWS: Final = 6_000_000
"""Of so many incidents, over all selections that are kept: some 64 bytes each."""

MOST_KEPT: Final = 200
"""Selections that are kept, however few incidents they hold: anybody can ask for ever another one."""


@dataclass(frozen=True, slots=True)
class _Held:
    """What is kept ready: of which head, run and review, without and with the reviews."""

    head: bytes
    run: bytes
    reviewed: int
    base: Roll | None
    roll: Roll | None


class RollKept:
    """The roll of a mission's last run, read once for all who ask."""

    def __init__(self, mission: Mission) -> None:
        """Begin with nothing read."""
        self._mission = mission
        self._reading, self._choosing = threading.Lock(), threading.Lock()
        self._held: _Held | None = None
        self._chosen: dict[tuple[Sight, Filter], Selection] = {}

    def roll(self) -> Roll | None:
        """Return the incidents of the last run with their reviews; None: nothing was run.

        A run is read once.  While a new one is being read, the one before it is shown.
        """
        held = self._held
        with self._mission.store.read() as transaction:
            latest = transaction.head()
            head = b"" if latest is None else latest.root
            if held is not None and held.head == head:
                return held.roll
            run = transaction.latest_body(schema.runs) or b""
            review = transaction.latest(REVIEW)
            reviewed = -1 if review is None else review.leaf_index
        if held is not None and (held.run, held.reviewed) == (run, reviewed):
            with self._choosing:
                if self._held is held:  # else another request has read a later one meanwhile
                    self._held = replace(held, head=head)
            return held.roll
        fresh = held is None or held.run != run
        if not self._reading.acquire(blocking=held is None or not fresh):
            return held.roll if held is not None else None
        try:
            held = self._held
            if held is None or held.run != run:
                base = read_roll(self._mission)
                held = _Held(head, run, -1, base, base)
            if held.reviewed != reviewed and held.base is not None:
                held = _Held(head, run, reviewed, held.base, with_reviews(self._mission, held.base))
            with self._choosing:
                self._held = held
            return held.roll
        finally:
            self._reading.release()

    def selection(self, who: Who, asked: Filter) -> Selection | None:
        """Return the incidents that somebody asks for and may see; None: nothing was run."""
        roll = self.roll()
        if roll is None:
            return None
        sight = sight_of(roll, self._mission.agreement, who, self._mission.ledger.clock.now())
        with self._choosing:
            found = self._chosen.pop((sight, asked), None)
        if found is None or found.roll is not roll:
            found = select(roll, sight, asked)
        with self._choosing:
            self._keep((sight, asked), found)
        return found

    def _keep(self, key: tuple[Sight, Filter], found: Selection) -> None:
        """Keep a selection; forget those of other rolls, and those that nobody asked for longest."""
        self._chosen = {of: one for of, one in self._chosen.items() if one.roll is found.roll}
        self._chosen[key] = found
        rows = sum(len(one) for one in self._chosen.values())
        while (rows > MOST_ROWS or len(self._chosen) > MOST_KEPT) and len(self._chosen) > 1:
            rows -= len(self._chosen.pop(next(iter(self._chosen))))
