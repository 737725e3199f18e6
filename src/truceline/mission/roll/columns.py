# SPDX-License-Identifier: Apache-2.0
"""The roll itself: every incident of one run by column, read once, with the reviews laid over it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Final

import numpy as np
from h3.api import basic_int
from numpy.typing import NDArray
from pydantic_core import from_json

from truceline.agreement import Agreement, ReleaseRule
from truceline.geodesy import metres_per_degree, to_world
from truceline.mission.mission import Mission, require_read_models
from truceline.mission.replaying import as_committed
from truceline.mission.reviewing import statuses
from truceline.mission.run import last_run
from truceline.storage import Transaction, schema
from truceline.vocabulary import Kind, Status, Tier

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

FINEST: Final = 9
"""The finest level of H3 that incidents are counted by."""


@dataclass(frozen=True, slots=True)
class Roll:
    """Every incident of one run, by column, latest first.

    ``tier`` is the closest that its observations have; ``sigma_m`` how uncertain its place is along
    the longer axis, metres at one sigma.  ``closed`` has a bit for each of ``compartments`` in which an
    observation of the incident lies.  ``ended`` is ``to_s``, sorted.
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
    compartments: tuple[str, ...]
    closed: NDArray[np.uint64]
    ended: NDArray[np.float64]
    shown_by: dict[ReleaseRule, tuple[NDArray[np.float64], NDArray[np.float64]]] = field(default_factory=dict)
    world_by: dict[ReleaseRule, tuple[NDArray[np.float64], NDArray[np.float64]]] = field(default_factory=dict)
    cells_by: dict[ReleaseRule, NDArray[np.uint64]] = field(default_factory=dict)

    def centres(self, rule: ReleaseRule) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return each incident's latitude and longitude as a rule shows it; worked out once for each rule."""
        if rule not in self.shown_by:
            self.shown_by[rule] = _shown_centres(self, rule)
        return self.shown_by[rule]

    def world(self, rule: ReleaseRule) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return each incident's place in Web Mercator, as a rule shows it; worked out once for each rule."""
        if rule not in self.world_by:
            self.world_by[rule] = to_world(*self.centres(rule))
        return self.world_by[rule]

    def finest(self, rule: ReleaseRule) -> NDArray[np.uint64]:
        """Return the finest cell of H3 in which a rule shows each incident; worked out once for each rule."""
        if rule not in self.cells_by:
            places = zip(*(one.tolist() for one in self.centres(rule)), strict=True)
            cells = (basic_int.latlng_to_cell(*place, FINEST) for place in places)
            self.cells_by[rule] = np.fromiter(cells, np.uint64, len(self.ids))
        return self.cells_by[rule]


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
        review = as_committed(mission, transaction).review
        given = statuses(transaction, review)
    status = roll.status.copy()
    for name, one in given.items():
        if name in roll.row_of:
            status[roll.row_of[name]] = STATUSES.index(one)
    return replace(roll, status=status)


def _roll(agreement: Agreement, transaction: Transaction, tree_size: int) -> Roll:
    known = tuple(sorted({family.compartment for family in agreement.families} - {""}))
    kept = _kept_closer(agreement, transaction, known)
    held: dict[str, tuple[int, float]] = {}
    for body in transaction.bodies(schema.assessments):
        one = from_json(body)
        order, most = held.get(one["incident_id"], (len(FARTHEST), -1.0))
        order = min(order, FARTHEST.index(Status(one["status"])))
        held[one["incident_id"]] = (order, max(most, one["probability"]))
    count = transaction.count(schema.incidents)
    table, closed = np.empty((count, 10)), np.zeros(count, dtype=np.uint64)
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
            max((kept[member][0] for member in one["members"] if member in kept), default=0),
            one["probability_real"],
            breach,
            one["place"]["sigma_major_m"],
        )
        closed[len(ids)] = reduce(or_, (kept[member][1] for member in one["members"] if member in kept), 0)
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
        known,
        closed[latest],
        np.sort(table[:, 1]),
    )


def _likeliest(kinds: Sequence[Sequence[object]]) -> str:
    """Return the likeliest of an incident's kinds; of several, the first by name."""
    most = kinds[0][1]
    return min(str(kind) for kind, share in kinds if share == most)


def _kept_closer(
    agreement: Agreement, transaction: Transaction, compartments: Sequence[str]
) -> dict[str, tuple[int, int]]:
    """Return the tier and the compartment's bit of every observation that is not for everybody."""
    bits = {"": 0} | {name: 1 << place for place, name in enumerate(compartments)}
    of_family = {
        family.id: (TIERS.index(family.tier), bits[family.compartment]) for family in agreement.families
    }
    unknown, everybody = (TIERS.index(Tier.COMMISSION), 0), (TIERS.index(Tier.PUBLIC), 0)
    found: dict[str, tuple[int, int]] = {}
    for body in transaction.bodies(schema.statements, kind="observations"):
        one = from_json(body)
        kept = of_family.get(one["family"], unknown)
        if kept != everybody:
            found[one["observation_id"]] = kept
    return found


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
