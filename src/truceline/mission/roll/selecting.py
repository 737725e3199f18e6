# SPDX-License-Identifier: Apache-2.0
"""Which incidents one reader asks for and may see: one selection for list, map, figures and exports."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from truceline.agreement import Agreement, ReleaseRule
from truceline.errors import Fault, RejectedInput
from truceline.geodesy import metres_per_degree
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
class Sight:
    """What somebody may see of a roll: who has the same sight sees the same.

    Attributes:
        rule: The release rule of their audience.
        shut: A bit for each compartment that is not open to them.
        released: How many incidents are released, those that ended first.
    """

    rule: ReleaseRule
    shut: int
    released: int


@dataclass(frozen=True, slots=True)
class HexagonCounts:
    """How many incidents are in each hexagon of a map's grid (``tiling``), by its column and row."""

    column: NDArray[np.int64]
    row: NDArray[np.int64]
    most: NDArray[np.int64]
    least: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Selection:
    """The incidents that one reader asked for, latest first; their places as the rule shows them.

    ``counted_by`` has their counts by hexagon, for each zoom that was asked for.
    """

    roll: Roll
    rule: ReleaseRule
    rows: NDArray[np.int64]
    counted_by: dict[int, HexagonCounts] = field(default_factory=dict)

    @cached_property
    def latitude(self) -> NDArray[np.float64]:
        """Each shown centre's latitude, degrees."""
        return self.roll.centres(self.rule)[0][self.rows]

    @cached_property
    def longitude(self) -> NDArray[np.float64]:
        """Each shown centre's longitude, degrees."""
        return self.roll.centres(self.rule)[1][self.rows]

    @cached_property
    def world(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Each shown centre's place in Web Mercator, parts of the world."""
        x, y = self.roll.world(self.rule)
        return x[self.rows], y[self.rows]

    @cached_property
    def from_west(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Their places in this list from west to east, and the x of each in Web Mercator."""
        x = self.world[0]
        order = np.argsort(x)
        return order, x[order]

    @cached_property
    def reach(self) -> NDArray[np.float64]:
        """How far each ellipse reaches at one sigma, parts of the world."""
        _, metres = metres_per_degree(0.0)
        sigma_m = self.roll.sigma_m[self.rows] if self.cell_m <= 0 else np.full(len(self), self.cell_m / 2)
        stretched = np.maximum(np.cos(np.radians(self.latitude)), 0.05)
        reach: NDArray[np.float64] = sigma_m / (360 * metres * stretched)
        return reach

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.rows)

    def place_of(self, incident_id: str) -> int | None:
        """Return at which place an incident stands, from 0; None: it is not here."""
        row = self.roll.row_of.get(incident_id, -1)
        at = int(np.searchsorted(self.rows, row))
        return at if at < len(self.rows) and int(self.rows[at]) == row else None

    def holds(self, incident_id: str) -> bool:
        """Tell whether an incident is among them."""
        return self.place_of(incident_id) is not None

    def part(self, start: int, stop: int) -> Selection:
        """Return those from one place up to another."""
        return Selection(self.roll, self.rule, self.rows[start:stop])

    def among(self, chosen: NDArray[np.int64]) -> Selection:
        """Return those at some places in this list, which ascend."""
        return Selection(self.roll, self.rule, self.rows[chosen])

    def page(self, after: str, most: int) -> Selection:
        """Return at most so many, from behind the incident of that id; empty: from the first.

        Raises:
            RejectedInput: There is no such incident here.
        """
        if not after:
            return self.part(0, most)
        found = self.place_of(after)
        if found is None:
            raise RejectedInput(
                "The list has changed: begin again from its first page.",
                [Fault("incidents", "after", "is not in this list", after)],
            )
        return self.part(found + 1, found + 1 + most)

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


def sees_everything(agreement: Agreement, who: Who) -> bool:
    """Tell whether somebody may see every incident, exactly and at once, of whichever compartment."""
    rule = rule_for(agreement, who)
    return (
        Tier.COMMISSION in rule.tiers
        and rule.cell_km <= 0
        and not rule.delay_hours
        and all(one.tier in rule.tiers and opens(who, one.compartment) for one in agreement.families)
    )


def opens(who: Who, compartment: str) -> bool:
    """Tell whether a compartment is open to somebody: their organisation's, or none."""
    if not compartment or who.capacity in _EVERY_COMPARTMENT:
        return True
    return compartment in (who.organisation, who.on_behalf_of)


def sight_of(roll: Roll, agreement: Agreement, who: Who, now: datetime) -> Sight:
    """Return what somebody may see of a roll now."""
    rule = rule_for(agreement, who)
    released = len(roll.ids)
    if rule.delay_hours:
        until = (now - timedelta(hours=rule.delay_hours)).timestamp()
        released = int(np.searchsorted(roll.ended, until, side="right"))
    shut = sum(1 << bit for bit, name in enumerate(roll.compartments) if not opens(who, name))
    return Sight(rule, shut, released)


def select(roll: Roll, sight: Sight, asked: Filter) -> Selection:
    """Return the incidents that somebody asks for and may see, latest first."""
    chosen = np.isin(roll.tier, [TIERS.index(tier) for tier in sight.rule.tiers])
    if sight.released < len(roll.ids):
        chosen &= roll.to_s <= roll.ended[sight.released - 1] if sight.released else False
    if sight.shut:
        chosen &= (roll.closed & np.uint64(sight.shut)) == 0
    if asked.since is not None:
        chosen &= roll.to_s >= asked.since.timestamp()
    if asked.until is not None:
        chosen &= roll.from_s < asked.until.timestamp()
    if asked.kind is not None:
        wanted = [index for index, kind in enumerate(KINDS) if falls_under(kind, asked.kind)]
        chosen &= np.isin(roll.kind, wanted)
    if asked.status is not None:
        chosen &= roll.status == STATUSES.index(asked.status)
    if asked.bounds is not None:
        west, south, east, north = asked.bounds
        latitude, longitude = roll.centres(sight.rule)
        chosen &= (latitude >= south) & (latitude <= north) & (longitude >= west) & (longitude <= east)
    return Selection(roll, sight.rule, np.flatnonzero(chosen))


def per_period(selection: Selection, period: Interval) -> tuple[int, int]:
    """Return how many incidents of a selection surely began in a period, and how many may have."""
    roll, rows = selection.roll, selection.rows
    start, end = period.start.timestamp(), period.last.timestamp()
    wholly = (roll.from_s[rows] >= start) & (roll.to_s[rows] <= end)
    touching = (roll.from_s[rows] < end) & (roll.to_s[rows] >= start)
    return int(wholly.sum()), int(touching.sum())
