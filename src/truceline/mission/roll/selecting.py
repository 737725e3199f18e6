# SPDX-License-Identifier: Apache-2.0
"""Which incidents one reader asks for and may see: one selection for list, map, figures and exports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from truceline.agreement import Agreement, ReleaseRule
from truceline.errors import Fault, RejectedInput
from truceline.interval import Interval
from truceline.mission.audit.disclosure import PUBLIC_RULE
from truceline.mission.roll.columns import KINDS, STATUSES, TIERS, Roll
from truceline.procedure import Capacity, Who
from truceline.vocabulary import Kind, Status, Tier, falls_under

_PARTIES = frozenset({Capacity.LIAISON, Capacity.GUARANTOR, Capacity.AUDITOR})
_PUBLIC = frozenset({Capacity.PUBLIC, Capacity.ADMINISTRATOR})
_EVERY_COMPARTMENT = frozenset({Capacity.HEAD_OF_MISSION, Capacity.SECRETARY})

Bounds = tuple[float, float, float, float]
"""West, south, east, north: WGS 84 degrees."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which incidents somebody asks for; None: any.

    Attributes:
        since: Those that may have begun then or later.
        until: Those that may have begun before.
        kind: Of this kind or a narrower one, by their likeliest word.
        status: With this status.
        bounds: Whose shown place lies within.
    """

    since: datetime | None = None
    until: datetime | None = None
    kind: Kind | None = None
    status: Status | None = None
    bounds: Bounds | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """The incidents that one reader asked for, latest first, each with its shown centre."""

    roll: Roll
    rule: ReleaseRule
    rows: NDArray[np.int64]
    latitude: NDArray[np.float64]
    longitude: NDArray[np.float64]

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.rows)

    def holds(self, incident_id: str) -> bool:
        """Tell whether an incident is among them."""
        row = self.roll.row_of.get(incident_id, -1)
        at = int(np.searchsorted(self.rows, row))
        return at < len(self.rows) and int(self.rows[at]) == row

    def page(self, after: str, most: int) -> Selection:
        """Return at most so many, from behind the incident of that id; empty: from the first.

        Raises:
            RejectedInput: There is no such incident here.
        """
        start = 0
        if after:
            found = np.flatnonzero(self.rows == self.roll.row_of.get(after, -1))
            if not len(found):
                raise RejectedInput(
                    "The list has changed: begin again from its first page.",
                    [Fault("incidents", "after", "is not in this list", after)],
                )
            start = int(found[0]) + 1
        part = slice(start, start + most)
        return Selection(self.roll, self.rule, self.rows[part], self.latitude[part], self.longitude[part])

    def cells(self, fineness: int) -> NDArray[np.uint64]:
        """Return the cell of H3 in which each incident is shown, at a level of at most ``FINEST``.

        A coarser cell is the parent of the finest one, so that counts add up from level to level.
        """
        finest = self.roll.finest(self.rule)[self.rows]
        level = np.uint64(fineness)
        digits = np.uint64(3 * (15 - fineness))
        of_level = (finest & ~np.uint64(0xF << 52)) | (level << np.uint64(52))
        return of_level | ((np.uint64(1) << digits) - np.uint64(1))

    @property
    def last_id(self) -> str:
        """The id of the last incident; empty: there is none."""
        return self.roll.ids[self.rows[-1]] if len(self.rows) else ""

    @property
    def cell_m(self) -> float:
        """How wide the cells are that places are shown by, metres; 0: places are exact."""
        return self.rule.cell_km * 1000


def rule_for(agreement: Agreement, who: Who) -> ReleaseRule:
    """Return the release rule of the audience that somebody belongs to."""
    rules = {rule.audience: rule for rule in agreement.release_rules}
    public = rules.get("public", PUBLIC_RULE)
    if who.capacity in _PUBLIC:
        return public
    if who.capacity in _PARTIES:
        return rules.get("parties", public)
    own = ReleaseRule(audience="commission", tiers=(Tier.PUBLIC, Tier.PARTIES, Tier.COMMISSION))
    return rules.get("commission", own)


def opens(who: Who, compartment: str) -> bool:
    """Tell whether a compartment is open to somebody: their organisation's, or none."""
    if not compartment or who.capacity in _EVERY_COMPARTMENT:
        return True
    return compartment in (who.organisation, who.on_behalf_of)


def select(roll: Roll, agreement: Agreement, who: Who, asked: Filter, now: datetime) -> Selection:
    """Return the incidents that somebody asks for and may see, latest first."""
    rule = rule_for(agreement, who)
    open_to = np.isin(roll.tier, [TIERS.index(tier) for tier in rule.tiers])
    released = roll.to_s <= (now - timedelta(hours=rule.delay_hours)).timestamp()
    chosen = open_to & released if rule.delay_hours else open_to
    shut = sum(1 << bit for bit, name in enumerate(roll.compartments) if not opens(who, name))
    if shut:
        chosen &= (roll.closed & np.uint64(shut)) == 0
    if asked.since is not None:
        chosen &= roll.to_s >= asked.since.timestamp()
    if asked.until is not None:
        chosen &= roll.from_s < asked.until.timestamp()
    if asked.kind is not None:
        wanted = [index for index, kind in enumerate(KINDS) if falls_under(kind, asked.kind)]
        chosen &= np.isin(roll.kind, wanted)
    if asked.status is not None:
        chosen &= roll.status == STATUSES.index(asked.status)
    latitude, longitude = roll.centres(rule)
    if asked.bounds is not None:
        west, south, east, north = asked.bounds
        chosen &= (latitude >= south) & (latitude <= north) & (longitude >= west) & (longitude <= east)
    rows = np.flatnonzero(chosen)
    return Selection(roll, rule, rows, latitude[rows], longitude[rows])


def per_period(selection: Selection, period: Interval) -> tuple[int, int]:
    """Return how many incidents of a selection surely began in a period, and how many may have."""
    roll, rows = selection.roll, selection.rows
    start, end = period.start.timestamp(), period.last.timestamp()
    wholly = (roll.from_s[rows] >= start) & (roll.to_s[rows] <= end)
    touching = (roll.from_s[rows] < end) & (roll.to_s[rows] >= start)
    return int(wholly.sum()), int(touching.sum())
