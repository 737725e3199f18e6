# SPDX-License-Identifier: Apache-2.0
"""The roll of incidents: what list, map and figures of the console are drawn from alike.

One filter, one selection: list and map never disagree, because neither asks for itself.

What a reader sees of an incident goes by the release rule of their audience: an incident
that rests on an observation of a tier that is not theirs is not shown at all, one that is
too recent not yet, and where the rule coarsens places, the centre of a cell stands for the
place, and observations are not shown.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

import numpy as np
from h3.api import basic_int
from numpy.typing import NDArray
from pydantic_core import from_json

from truceline.agreement import Agreement, ReleaseRule
from truceline.assessment import Assessment
from truceline.errors import Fault, RejectedInput
from truceline.fusion import Incident, Membership
from truceline.geodesy import Ellipse, metres_per_degree
from truceline.interval import Interval
from truceline.mission.acting import mechanism_in
from truceline.mission.audit.disclosure import PUBLIC_RULE
from truceline.mission.derive import ASSESSMENTS, INCIDENTS, MEMBERSHIPS
from truceline.mission.ingest import tier_of
from truceline.mission.mission import Mission, require_read_models
from truceline.mission.reading import observations, span_of, watches
from truceline.mission.reviewing import reviewed, statuses
from truceline.mission.run import last_run
from truceline.observation import Observation, Watch
from truceline.procedure import Capacity, Who
from truceline.storage import Transaction, schema
from truceline.vocabulary import Kind, Status, Tier, falls_under

KINDS: Final = tuple(Kind)
KIND_CODES: Final = {kind.value: code for code, kind in enumerate(KINDS)}
STATUSES: Final = (None, *Status)
FARTHEST: Final = (
    Status.VERIFIED,
    Status.NOT_VERIFIED,
    Status.UNABLE_TO_VERIFY,
    Status.UNDER_INQUIRY,
    Status.CORROBORATED,
    Status.ALLEGED,
)
"""Where clauses differ, an incident shows the first that applies."""

BY_PEOPLE: Final = frozenset(FARTHEST[:4])
"""The statuses that people give, and no program."""

TIERS: Final = tuple(Tier)
_PARTIES = frozenset({Capacity.LIAISON, Capacity.GUARANTOR, Capacity.AUDITOR})
_PUBLIC = frozenset({Capacity.PUBLIC, Capacity.ADMINISTRATOR})

FINEST: Final = 9
"""The finest level of H3 that incidents are counted by."""

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
class ShownIncident:
    """An incident as one reader may see it.

    ``coarse``: its place is the centre of a cell, and as wide as the cell, and its members are left
    out.  ``breach`` is the greatest probability of a breach of any clause, by whomever; None: it was
    held against none.
    """

    incident: Incident
    kind: Kind
    status: Status | None
    coarse: bool
    breach: float | None


@dataclass(frozen=True, slots=True)
class IncidentInFull:
    """An incident with what it rests on; without observations where places are coarse."""

    shown: ShownIncident
    observations: tuple[Observation, ...]
    memberships: tuple[Membership, ...]
    assessments: tuple[Assessment, ...]


@dataclass(frozen=True, slots=True)
class Roll:
    """Every incident of one run, by column, latest first.

    ``tier`` is the closest that its observations have; ``sigma_m`` how uncertain its place is along
    the longer axis, metres at one sigma.
    """

    tree_size: int
    ids: tuple[str, ...]
    row_of: Mapping[str, int]
    from_s: NDArray[np.float64]
    to_s: NDArray[np.float64]
    latitude: NDArray[np.float64]
    longitude: NDArray[np.float64]
    kind: NDArray[np.int8]
    status: NDArray[np.int8]
    tier: NDArray[np.int8]
    real: NDArray[np.float32]
    breach: NDArray[np.float32]
    sigma_m: NDArray[np.float64]
    shown_by: dict[ReleaseRule, tuple[NDArray[np.float64], NDArray[np.float64]]] = field(default_factory=dict)
    cells_by: dict[ReleaseRule, NDArray[np.uint64]] = field(default_factory=dict)

    def centres(self, rule: ReleaseRule) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return each incident's latitude and longitude as a rule shows it; worked out once for each rule."""
        if rule not in self.shown_by:
            self.shown_by[rule] = _shown_centres(self, rule)
        return self.shown_by[rule]

    def finest(self, rule: ReleaseRule) -> NDArray[np.uint64]:
        """Return the finest cell of H3 in which a rule shows each incident; worked out once for each rule."""
        if rule not in self.cells_by:
            places = zip(*(one.tolist() for one in self.centres(rule)), strict=True)
            cells = (basic_int.latlng_to_cell(*place, FINEST) for place in places)
            self.cells_by[rule] = np.fromiter(cells, np.uint64, len(self.ids))
        return self.cells_by[rule]


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


def read_roll(mission: Mission) -> Roll | None:
    """Return the roll of the last run as the program left it; None: nothing was run yet.

    What people gave incidents as status is laid over it by ``with_reviews``.
    """
    require_read_models(mission)
    with mission.store.read() as transaction:
        last = last_run(transaction)
        return None if last is None else _roll(mission.agreement, transaction, last.tree_size)


def with_reviews(mission: Mission, roll: Roll) -> Roll:
    """Return a roll with the statuses that people gave as of now."""
    with mission.store.read() as transaction:
        review = mechanism_in(mission, transaction).review
        given = statuses(transaction, review)
    status = roll.status.copy()
    for name, one in given.items():
        if name in roll.row_of:
            status[roll.row_of[name]] = STATUSES.index(one)
    return replace(roll, status=status)


def _roll(agreement: Agreement, transaction: Transaction, tree_size: int) -> Roll:
    tiers = _closest_tiers(agreement, transaction)
    held: dict[str, tuple[int, float]] = {}
    for body in transaction.bodies(schema.assessments):
        one = from_json(body)
        order, most = held.get(one["incident_id"], (len(FARTHEST), -1.0))
        order = min(order, FARTHEST.index(Status(one["status"])))
        held[one["incident_id"]] = (order, max(most, one["probability"]))
    table = np.empty((transaction.count(schema.incidents), 10))
    ids: list[str] = []
    for body in transaction.bodies(schema.incidents):
        one = from_json(body)
        name, when = one["incident_id"], one["when"]
        order, breach = held.get(name, (-1, math.nan))
        table[len(ids)] = (
            datetime.fromisoformat(when["start"]).timestamp(),
            math.inf if when["end"] is None else datetime.fromisoformat(when["end"]).timestamp(),
            one["place"]["latitude"],
            one["place"]["longitude"],
            KIND_CODES[_likeliest(one["kinds"])],
            STATUSES.index(None if order < 0 else FARTHEST[order]),
            max((tiers.get(member, 0) for member in one["members"]), default=0),
            one["probability_real"],
            breach,
            one["place"]["sigma_major_m"],
        )
        ids.append(name)
    # Latest first, as it is listed, so that no list need be sorted; of one moment, by id.
    latest = np.argsort(-table[:, 0], kind="stable")
    table, ordered = table[latest], tuple(ids[row] for row in latest.tolist())
    return Roll(
        tree_size,
        ordered,
        {name: row for row, name in enumerate(ordered)},
        np.ascontiguousarray(table[:, 0]),
        np.ascontiguousarray(table[:, 1]),
        np.ascontiguousarray(table[:, 2]),
        np.ascontiguousarray(table[:, 3]),
        table[:, 4].astype(np.int8),
        table[:, 5].astype(np.int8),
        table[:, 6].astype(np.int8),
        table[:, 7].astype(np.float32),
        table[:, 8].astype(np.float32),
        table[:, 9],
    )


def _likeliest(kinds: Sequence[Sequence[object]]) -> str:
    """Return the likeliest of an incident's kinds; of several, the first by name."""
    most = kinds[0][1]
    return min(str(kind) for kind, share in kinds if share == most)


def _closest_tiers(agreement: Agreement, transaction: Transaction) -> dict[str, int]:
    """Return the tier of every observation that is not public, by its place in ``TIERS``."""
    of_family = {family.id: TIERS.index(family.tier) for family in agreement.families}
    unknown, public = TIERS.index(Tier.COMMISSION), TIERS.index(Tier.PUBLIC)
    found: dict[str, int] = {}
    for body in transaction.bodies(schema.statements, kind="observations"):
        one = from_json(body)
        tier = of_family.get(one["family"], unknown)
        if tier != public:
            found[one["observation_id"]] = tier
    return found


def select(roll: Roll, agreement: Agreement, who: Who, asked: Filter, now: datetime) -> Selection:
    """Return the incidents that somebody asks for and may see, latest first."""
    rule = rule_for(agreement, who)
    open_to = np.isin(roll.tier, [TIERS.index(tier) for tier in rule.tiers])
    released = roll.to_s <= (now - timedelta(hours=rule.delay_hours)).timestamp()
    chosen = open_to & released if rule.delay_hours else open_to
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


def _shown_centres(roll: Roll, rule: ReleaseRule) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return each incident's centre as a rule shows it: its own, or that of its cell."""
    if rule.cell_km <= 0:
        return roll.latitude, roll.longitude
    _, north = metres_per_degree(0.0)
    high = rule.cell_km * 1000 / north
    latitude = (np.floor(roll.latitude / high) + 0.5) * high
    # A cell is as wide as it is high at its own latitude, so that every cell hides as much.
    wide = high / np.maximum(np.cos(np.radians(latitude)), 0.05)
    return latitude, (np.floor(roll.longitude / wide) + 0.5) * wide


def shown(mission: Mission, selection: Selection) -> tuple[ShownIncident, ...]:
    """Return the incidents of a selection, in its order."""
    names = [selection.roll.ids[row] for row in selection.rows]
    with mission.store.read() as transaction:
        found = {one.incident_id: one for one in _incidents(transaction, names)}
    return tuple(_shown(selection, at, found[name]) for at, name in enumerate(names) if name in found)


def _incidents(transaction: Transaction, names: Sequence[str]) -> Iterator[Incident]:
    for body in transaction.bodies(schema.incidents, ids=("incident_id", names)):
        yield INCIDENTS.validate_json(body)


def _shown(selection: Selection, at: int, incident: Incident) -> ShownIncident:
    roll, row, coarse = selection.roll, selection.rows[at], selection.cell_m > 0
    if coarse:
        half = selection.cell_m / 2
        place = Ellipse(float(selection.latitude[at]), float(selection.longitude[at]), half, half)
        incident = replace(incident, place=place, members=())
    breach = float(roll.breach[row])
    return ShownIncident(
        incident,
        KINDS[roll.kind[row]],
        STATUSES[roll.status[row]],
        coarse,
        None if math.isnan(breach) else breach,
    )


def in_full(mission: Mission, roll: Roll, who: Who, incident_id: str, now: datetime) -> IncidentInFull:
    """Return one incident with all that it rests on, as far as somebody may see it.

    Raises:
        RejectedInput: There is none of that id that they may see.
    """
    everything = select(roll, mission.agreement, who, Filter(), now)
    at = np.flatnonzero(everything.rows == roll.row_of.get(incident_id, -1))
    if not len(at):
        raise RejectedInput(
            "There is no such incident, or it is not released to you.",
            [Fault("incident", "incident_id", "not found", incident_id)],
        )
    with mission.store.read() as transaction:
        (incident,) = _incidents(transaction, [incident_id])
        seen = _shown(everything, int(at[0]), incident)
        given = {} if seen.status is None else {incident_id: seen.status}
        held = reviewed(
            [
                ASSESSMENTS.validate_json(body)
                for body in transaction.bodies(schema.assessments, ids=("incident_id", [incident_id]))
            ],
            given if seen.status in BY_PEOPLE else {},
        )
        if seen.coarse:
            # The grounds of factors speak of places: they are left out with them.
            bare = [replace(one, factors=()) for one in held]
            return IncidentInFull(seen, (), (), tuple(bare))
        members = list(observations(transaction, ids=incident.members))
        links = [
            MEMBERSHIPS.validate_json(body)
            for body in transaction.bodies(schema.memberships, ids=("incident_id", [incident_id]))
        ]
    open_to = {
        one.observation_id for one in members if tier_of(one, mission.agreement) in everything.rule.tiers
    }
    return IncidentInFull(
        seen,
        tuple(one for one in members if one.observation_id in open_to),
        tuple(link for link in links if link.observation_id in open_to),
        tuple(held),
    )


def shown_watches(mission: Mission, rule: ReleaseRule, hours: Interval, now: datetime) -> list[Watch]:
    """Return the watches of some hours, as far as a rule releases them; where it coarsens places, none."""
    if rule.cell_km > 0:
        return []
    released = now - timedelta(hours=rule.delay_hours)
    with mission.store.read() as transaction:
        return [
            one
            for one in watches(transaction, touching=span_of(hours))
            if tier_of(one, mission.agreement) in rule.tiers and one.when.start <= released
        ]


def per_period(selection: Selection, period: Interval) -> tuple[int, int]:
    """Return how many incidents of a selection surely began in a period, and how many may have."""
    roll, rows = selection.roll, selection.rows
    start, end = period.start.timestamp(), period.last.timestamp()
    wholly = (roll.from_s[rows] >= start) & (roll.to_s[rows] <= end)
    touching = (roll.from_s[rows] < end) & (roll.to_s[rows] >= start)
    return int(wholly.sum()), int(touching.sum())
