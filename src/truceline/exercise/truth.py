# SPDX-License-Identifier: Apache-2.0
"""What really happens in an exercise: the true list, which only its trainers know.

A few events a day of the kinds that the pack's clauses speak of, by either side alike;
bursts of many in an hour or two at one place; one quiet spell in which next to nothing
happens; acts that a party notifies before, and one renewed attack shortly before the end.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import numpy as np

from truceline.agreement.model import Clause, ClauseException, Version
from truceline.exercise.ground import SPREAD_M, Ground, Position, around, place_for
from truceline.vocabulary import Kind, falls_under

EVENTS_A_DAY: Final = 5.0
"""Mean number of events on a day that is neither quiet nor has a burst."""

QUIET_SHARE: Final = 0.08
"""Of what happens on other days, how much does in the quiet spell."""

WEIGHTS: Final[tuple[tuple[Kind, float, tuple[int, int]], ...]] = (
    (Kind.MORTAR, 5.0, (2, 15)),
    (Kind.SMALL_ARMS, 5.0, (3, 60)),
    (Kind.ARTILLERY, 3.0, (2, 20)),
    (Kind.UAV_STRIKE, 3.0, (1, 3)),
    (Kind.HEAVY_MG, 2.0, (5, 80)),
    (Kind.TANK, 1.0, (1, 6)),
    (Kind.MLRS, 0.5, (6, 40)),
    (Kind.MINE_BLAST, 0.7, (1, 1)),
    (Kind.GROUND_ASSAULT, 0.3, (1, 1)),
    (Kind.WEAPON_PRESENCE, 4.0, (1, 6)),
    (Kind.RESTRICTION_OF_MOVEMENT, 3.0, (1, 1)),
    (Kind.JAMMING, 2.0, (1, 1)),
    (Kind.UAV_FLIGHT, 3.0, (1, 2)),
)
"""Kinds that happen, how often beside each other, and the least and most of each; assumptions."""

SHARE_OF_ATTACKS: Final = 0.75
"""How much of what happens is fire, where the clauses forbid fire and other things."""

ATTACK_BEFORE_END: Final = timedelta(hours=33)
"""How long before the end the renewed attack begins: its commission can still decide on it."""


@dataclass(frozen=True, slots=True)
class TrueEvent:
    """One thing that really happens.

    Attributes:
        event_id: Its number in the exercise.
        at: When it begins, UTC.
        position: Where, degrees.
        kind: What it is.
        count: How many rounds, bursts, vehicles or drones.
        by: The party whose act it is.
        version: The version of the agreement with the clause.
        clause: The clause that speaks of it.
        weapon_class: The clause's class of the weapon; empty: it names none.
        exception: The exception that was notified for it; empty: none was.
        staged: What it is made for in the exercise; empty: it just happens.
    """

    event_id: str
    at: datetime
    position: Position
    kind: Kind
    count: int
    by: str
    version: str
    clause: str
    weapon_class: str = ""
    exception: str = ""
    staged: str = ""


@dataclass(frozen=True, slots=True)
class Tempo:
    """How busy the days are: a quiet spell, and when bursts begin."""

    quiet_from: datetime
    quiet_until: datetime
    bursts: tuple[datetime, ...]


def tempo_of(begins: datetime, days: int, rng: np.random.Generator) -> Tempo:
    """Return the tempo: quiet for a tenth of the time about its middle, a burst in every nine days."""
    middle = begins + timedelta(days=days * rng.uniform(0.4, 0.55))
    quiet = timedelta(days=max(0.5, days * 0.1))
    bursts = []
    for _ in range(max(1, days // 9)):
        at = begins + timedelta(days=days * rng.uniform(0.05, 0.95))
        bursts.append(at if not middle <= at < middle + quiet else middle + quiet)
    return Tempo(middle, middle + quiet, tuple(sorted(bursts)))


def true_events(
    ground: Ground, parties: Sequence[str], begins: datetime, days: int, rng: np.random.Generator
) -> tuple[TrueEvent, ...]:
    """Return what really happens, in the order of time, numbered.

    Args:
        ground: Where.
        parties: The parties' ids; each act is one's that its clause binds.
        begins: The exercise's first moment.
        days: How long it lasts.
        rng: What every draw comes from.
    """
    tempo = tempo_of(begins, days, rng)
    made = [
        *_everyday(ground, parties, begins, days, tempo, rng),
        *_bursts(ground, parties, begins, days, tempo, rng),
        *_excepted(ground, parties, begins, days, rng),
        *_renewed_attack(ground, parties, begins + timedelta(days=days) - ATTACK_BEFORE_END, begins, rng),
    ]
    ordered = sorted(made, key=lambda one: (one.at, one.position))
    return tuple(replace(one, event_id=f"true-{number:04d}") for number, one in enumerate(ordered, start=1))


def kinds_under(clause: Clause) -> tuple[tuple[Kind, float, tuple[int, int]], ...]:
    """Return the kinds that happen and fall under a clause, with their weights and counts."""
    return tuple(one for one in WEIGHTS if any(falls_under(one[0], wide) for wide in clause.kinds))


def _everyday(
    ground: Ground,
    parties: Sequence[str],
    begins: datetime,
    days: int,
    tempo: Tempo,
    rng: np.random.Generator,
) -> Iterator[TrueEvent]:
    for _ in range(int(rng.poisson(EVENTS_A_DAY * days))):
        at = _whole(begins + timedelta(days=days * rng.uniform()))
        quiet = tempo.quiet_from <= at < tempo.quiet_until
        made = _event(ground, parties, at, rng)
        if made is not None and not (quiet and rng.uniform() > QUIET_SHARE):
            yield made


def _bursts(
    ground: Ground,
    parties: Sequence[str],
    begins: datetime,
    days: int,
    tempo: Tempo,
    rng: np.random.Generator,
) -> Iterator[TrueEvent]:
    until = begins + timedelta(days=days)
    for began in tempo.bursts:
        first = _event(ground, parties, _whole(began), rng)
        for _ in range(int(rng.integers(6, 13))):
            at = _whole(began + timedelta(minutes=rng.uniform(2, 150)))
            if first is not None and at < until:
                side = (
                    first.by if rng.uniform() < 0.5 else _other(first.by, _bound(ground, first, parties), rng)
                )
                yield replace(
                    first, at=at, position=around(first.position, SPREAD_M, rng), by=side,
                    count=max(1, round(first.count * rng.uniform(0.5, 1.5))),
                )  # fmt: skip


def _excepted(
    ground: Ground, parties: Sequence[str], begins: datetime, days: int, rng: np.random.Generator
) -> Iterator[TrueEvent]:
    """Yield acts under exceptions that need notice: their parties notify them the day before."""
    found = [
        (version, clause, exception)
        for version, clause in ground.clauses
        for exception in clause.exceptions
        if exception.needs_notice and _excepted_kinds(clause, exception)
    ]
    for number, (version, clause, exception) in enumerate(found):
        for share in (0.15, 0.6):
            kinds = _excepted_kinds(clause, exception)
            kind, _, (least, most) = kinds[int(rng.integers(len(kinds)))]
            at = _whole(begins + timedelta(days=1 + (days - 2) * (share + 0.3 * rng.uniform())))
            bound = [party for party in parties if party in clause.binds]
            if days > 2 and bound:
                yield TrueEvent(
                    "", at, place_for(clause, ground, rng), kind, int(rng.integers(least, most + 1)),
                    bound[(number + (share > 0.5)) % len(bound)], version.id, clause.id,
                    _weapon(clause, rng), exception.id,
                )  # fmt: skip


def _excepted_kinds(
    clause: Clause, exception: ClauseException
) -> tuple[tuple[Kind, float, tuple[int, int]], ...]:
    wide = exception.kinds or clause.kinds
    return tuple(one for one in kinds_under(clause) if any(falls_under(one[0], kind) for kind in wide))


def _renewed_attack(
    ground: Ground, parties: Sequence[str], at: datetime, begins: datetime, rng: np.random.Generator
) -> Iterator[TrueEvent]:
    """Yield a renewed attack, where a clause forbids one: many rounds at one place within the hour."""
    forbids = [
        (version, clause)
        for version, clause in ground.clauses
        if any(falls_under(Kind.ARTILLERY, kind) for kind in clause.kinds)
    ]
    if not forbids or at <= begins:
        return
    version, clause = forbids[0]
    bound = [party for party in parties if party in clause.binds]
    if not bound:
        return
    side, centre = bound[int(rng.integers(len(bound)))], place_for(clause, ground, rng)
    for kind, minutes, count in ((Kind.ARTILLERY, 0, 40), (Kind.MLRS, 25, 24), (Kind.ARTILLERY, 50, 30)):
        yield TrueEvent(
            "", _whole(at + timedelta(minutes=minutes)), around(centre, 600.0, rng), kind, count, side,
            version.id, clause.id, staged="renewed attack",
        )  # fmt: skip


def _event(
    ground: Ground, parties: Sequence[str], at: datetime, rng: np.random.Generator
) -> TrueEvent | None:
    """Return one event at a moment, under a clause drawn at random; None: no clause can be acted against."""
    fire: list[tuple[Version, Clause]] = []
    rest: list[tuple[Version, Clause]] = []
    for version, clause in ground.clauses:
        if kinds_under(clause) and any(party in clause.binds for party in parties):
            under = any(falls_under(Kind.MORTAR, kind) for kind in clause.kinds)
            (fire if under else rest).append((version, clause))
    chosen = fire if fire and (not rest or rng.uniform() < SHARE_OF_ATTACKS) else rest
    if not chosen:
        return None
    version, clause = chosen[int(rng.integers(len(chosen)))]
    return _acted(version, clause, ground, parties, at, rng)


def _acted(
    version: Version,
    clause: Clause,
    ground: Ground,
    parties: Sequence[str],
    at: datetime,
    rng: np.random.Generator,
) -> TrueEvent:
    kinds = kinds_under(clause)
    weights = np.array([weight for _, weight, _ in kinds])
    kind, _, (least, most) = kinds[int(rng.choice(len(kinds), p=weights / weights.sum()))]
    bound = [party for party in parties if party in clause.binds]
    return TrueEvent(
        "", at, place_for(clause, ground, rng), kind, int(rng.integers(least, most + 1)),
        bound[int(rng.integers(len(bound)))], version.id, clause.id, _weapon(clause, rng),
    )  # fmt: skip


def _weapon(clause: Clause, rng: np.random.Generator) -> str:
    if not clause.weapon_classes:
        return ""
    return clause.weapon_classes[int(rng.integers(len(clause.weapon_classes)))]


def _bound(ground: Ground, event: TrueEvent, parties: Sequence[str]) -> list[str]:
    return [
        party
        for version, clause in ground.clauses
        if (version.id, clause.id) == (event.version, event.clause)
        for party in parties
        if party in clause.binds
    ]


def _other(party: str, bound: Sequence[str], rng: np.random.Generator) -> str:
    others = [one for one in bound if one != party]
    return others[int(rng.integers(len(others)))] if others else party


def _whole(moment: datetime) -> datetime:
    """Return a moment to the second."""
    return moment.replace(microsecond=0)
