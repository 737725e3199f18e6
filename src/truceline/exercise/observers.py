# SPDX-License-Identifier: Apache-2.0
"""What sources say of what really happens, each with the errors of its sort.

Monitors and instruments report what lies within reach of a post that watched; parties tell
of the other side's acts, late, with larger numbers; media repeat one statement in several
outlets and name a town for a place.  Everybody misses some, and some report what never was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

import numpy as np

from truceline.agreement import Gazetteer
from truceline.agreement.model import SourceFamily
from truceline.exercise.ground import Ground, Position, around, place_for
from truceline.exercise.truth import TrueEvent, kinds_under
from truceline.exercise.watching import Post, Shift, watching
from truceline.vocabulary import WIDER, Kind, SourceKind, falls_under, is_attack


@dataclass(frozen=True, slots=True)
class Law:
    """How a sort of source errs; all figures are assumptions for training.

    Attributes:
        catches: The probability that it reports what it could.
        sigma_m: How far its places are off, one sigma, metres.
        time_sigma_s: How far its times are off, one sigma, seconds.
        vague_h: Over how many hours it says that the event may have begun, at most.
        delay_h: The median time until its report arrives, hours.
        narrow: The probability that it names the kind as narrowly as it is.
        counts: The probability that it gives a number at all.
        false_a_day: Reports of what never was, a day and family.
    """

    catches: float
    sigma_m: float
    time_sigma_s: float
    vague_h: float
    delay_h: float
    narrow: float
    counts: float
    false_a_day: float


LAWS: Final[Mapping[SourceKind, Law]] = {
    SourceKind.PATROL: Law(0.75, 900.0, 240.0, 0.0, 3.0, 0.5, 0.85, 0.02),
    SourceKind.CAMERA: Law(0.7, 350.0, 15.0, 0.0, 1.0, 0.3, 0.9, 0.03),
    SourceKind.ACOUSTIC: Law(0.8, 500.0, 5.0, 0.0, 0.1, 0.2, 0.9, 0.05),
    SourceKind.SEISMIC: Law(0.3, 2_500.0, 5.0, 0.0, 0.1, 0.0, 0.5, 0.02),
    SourceKind.UAV: Law(0.8, 60.0, 30.0, 0.0, 2.0, 0.9, 0.8, 0.01),
    SourceKind.RADAR: Law(0.7, 200.0, 10.0, 0.0, 0.2, 0.7, 0.8, 0.02),
    SourceKind.SATELLITE: Law(0.3, 250.0, 1_800.0, 8.0, 9.0, 0.0, 0.0, 0.05),
    SourceKind.PARTY: Law(0.55, 2_500.0, 1_200.0, 2.0, 5.0, 0.7, 0.7, 0.08),
    SourceKind.NEWS: Law(0.15, 3_000.0, 3_600.0, 6.0, 8.0, 0.4, 0.4, 0.05),
    SourceKind.PUBLIC: Law(0.2, 2_500.0, 2_700.0, 4.0, 6.0, 0.4, 0.3, 0.06),
}
"""By sort of source."""

OWN_ACTS: Final = 0.08
"""Of its own side's acts, what share a party tells of."""

COPIED: Final = {True: 0.55, False: 0.12}
"""The probability that a news family repeats a party's statement: of its own group, or of another."""

FLASH: Final = frozenset({Kind.INDIRECT_FIRE, Kind.AIR_ATTACK, Kind.DIRECT_FIRE, Kind.MINE_BLAST})
"""Kinds that a satellite may see the heat of."""


@dataclass(frozen=True, slots=True)
class Report:
    """One row of the observation table, before it is written.

    Attributes:
        observation_id: Its id; it begins with EXERCISE.
        of: The true event that it tells of; empty: it tells of none.
        source_id: Who reports.
        family: The id of the pack's family.
        kind_of_source: What sort of source that is.
        event_from: When it began at the earliest, as said.
        event_to: At the latest.
        time_sigma_s: How sharp these are said to be, seconds.
        position: Where, as said.
        sigma_m: How sharp that is said to be, metres.
        place_name: The nearest town.
        kind: What, as said.
        count: How many, at least and at most; None: not counted, or no upper end.
        received_at: When it arrives.
        origin_id: The report that it repeats; empty: none.
        details: What else it says.
    """

    observation_id: str
    of: str
    source_id: str
    family: str
    kind_of_source: SourceKind
    event_from: datetime
    event_to: datetime
    time_sigma_s: float
    position: Position
    sigma_m: float
    place_name: str
    kind: Kind
    count: tuple[int | None, int | None]
    received_at: datetime
    origin_id: str = ""
    details: Mapping[str, str] = field(default_factory=dict)


def reports_of(
    events: Sequence[TrueEvent],
    families: Sequence[SourceFamily],
    shifts: Sequence[Shift],
    ground: Ground,
    gazetteer: Gazetteer,
    days: tuple[datetime, datetime],
    rng: np.random.Generator,
) -> tuple[Report, ...]:
    """Return every report that arrives in an exercise, in the order of arrival, numbered.

    Args:
        events: What really happens.
        families: The pack's source families.
        shifts: Who watched what.
        ground: Where false reports are placed.
        gazetteer: Names places.
        days: The first and the last moment.
        rng: What every draw comes from.
    """
    begins, until = days
    watched = {family.id for shift in shifts for family in families if shift.post.family == family.id}
    first: list[Report] = []
    for event in events:
        posts = list(watching(shifts, event.at, event.position))
        for family in families:
            if family.id in watched:
                seen = [post for post in posts if post.family == family.id]
                first += [one for post in seen for one in _seen(event, post, gazetteer, rng)]
            else:
                first += _told(event, family, gazetteer, rng)
    for family in families:
        first += _false(family, ground, shifts, gazetteer, begins, until, rng)
    named = _numbered(first)
    copies = [one for report in named for one in _copies(report, families, gazetteer, rng)]
    together = _numbered([*named, *copies])
    return tuple(one for one in together if one.received_at < until)


def _numbered(reports: Sequence[Report]) -> list[Report]:
    """Return reports in the order of arrival; those without an id get the next."""
    ordered = sorted(reports, key=lambda one: (one.received_at, one.source_id, one.event_from))
    taken = sum(bool(one.observation_id) for one in ordered)
    found = []
    for one in ordered:
        taken += not one.observation_id
        found.append(replace(one, observation_id=one.observation_id or f"EXERCISE-{taken:05d}"))
    return found


def _seen(event: TrueEvent, post: Post, gazetteer: Gazetteer, rng: np.random.Generator) -> Iterator[Report]:
    """Yield what a post that watched reports of an event, if it caught it."""
    law = LAWS[post.kind]
    kind = _word(event.kind, post.kind, law, rng)
    if kind is not None and rng.uniform() < law.catches:
        yield _report(event, post.source_id, post.family, post.kind, law, kind, 1.0, gazetteer, rng)


def _told(
    event: TrueEvent, family: SourceFamily, gazetteer: Gazetteer, rng: np.random.Generator
) -> Iterator[Report]:
    """Yield what people, or a satellite, tell of an event wherever it is."""
    law, kind_of_source = LAWS[family.source_kind], family.source_kind
    kind = _word(event.kind, kind_of_source, law, rng)
    own = family.independence_group == event.by
    catches = OWN_ACTS if own else law.catches
    if kind is None or rng.uniform() >= catches:
        return
    larger = 1.0 if kind_of_source is not SourceKind.PARTY else 0.7 if own else rng.uniform(1.1, 2.2)
    voice = int(rng.integers(1, 4))
    made = _report(
        event, f"EXERCISE {family.id} {voice}", family.id, kind_of_source, law, kind, larger, gazetteer, rng
    )
    yield made
    if kind_of_source is SourceKind.PARTY and own and rng.uniform() < 0.5:
        yield replace(made, details={**made.details, "note": "CONTRADICTS the other side (EXERCISE)"})


def _report(
    event: TrueEvent,
    source_id: str,
    family: str,
    kind_of_source: SourceKind,
    law: Law,
    kind: Kind,
    larger: float,
    gazetteer: Gazetteer,
    rng: np.random.Generator,
) -> Report:
    sigma = law.sigma_m * rng.uniform(0.6, 1.4)
    position = around(event.position, sigma, rng)
    began = _second(event.at + timedelta(seconds=rng.normal(0.0, law.time_sigma_s)))
    vague = timedelta(hours=law.vague_h * rng.uniform())
    event_from, event_to = _second(began - vague * 0.5), _second(began + vague * 0.5)
    delay = timedelta(hours=law.delay_h * float(rng.lognormal(0.0, 0.5)))
    details = {"note": "EXERCISE"}
    if event.weapon_class:
        details["weapon_class"] = event.weapon_class
    return Report(
        "", event.event_id, source_id, family, kind_of_source, event_from, event_to,
        max(law.time_sigma_s, 30.0), position, sigma, gazetteer.nearest(*position).name, kind,
        _count(event.count * larger, law, rng), _second(max(event.at, event_to) + delay), "", details,
    )  # fmt: skip


def _word(kind: Kind, kind_of_source: SourceKind, law: Law, rng: np.random.Generator) -> Kind | None:
    """Return the kind as a source names it; None: it cannot perceive such a thing."""
    if kind_of_source is SourceKind.SATELLITE:
        hot = any(falls_under(kind, flash) for flash in FLASH)
        if hot:
            return Kind.THERMAL_HOTSPOT
        return kind if kind is Kind.WEAPON_PRESENCE else None
    hears = kind_of_source in {SourceKind.ACOUSTIC, SourceKind.SEISMIC}
    if hears and not is_attack(kind):
        return None
    if not is_attack(kind) or rng.uniform() < law.narrow:
        return kind
    if falls_under(kind, Kind.GUNFIRE):
        return Kind.GUNFIRE_UNDETERMINED
    return Kind.EXPLOSION_UNDETERMINED if rng.uniform() < 0.7 else WIDER.get(kind, kind)


def _count(number: float, law: Law, rng: np.random.Generator) -> tuple[int | None, int | None]:
    """Return a number as it is given: exact, about, at least, or not at all."""
    if rng.uniform() >= law.counts:
        return None, None
    said = max(1, round(number * float(rng.lognormal(0.0, 0.15))))
    draw = rng.uniform()
    if draw < 0.4:
        return said, said
    return (max(1, round(said * 0.8)), round(said * 1.3) + 1) if draw < 0.8 else (said, None)


def _false(
    family: SourceFamily,
    ground: Ground,
    shifts: Sequence[Shift],
    gazetteer: Gazetteer,
    begins: datetime,
    until: datetime,
    rng: np.random.Generator,
) -> Iterator[Report]:
    """Yield reports of what never was: a door that slammed, a rumour, a claim made up."""
    law = LAWS[family.source_kind]
    posts = list(dict.fromkeys(shift.post for shift in shifts if shift.post.family == family.id))
    for _ in range(int(rng.poisson(law.false_a_day * ((until - begins) / timedelta(days=1))))):
        version, clause = ground.clauses[int(rng.integers(len(ground.clauses)))]
        kinds = kinds_under(clause)
        at = _second(begins + (until - begins) * rng.uniform())
        if not kinds:
            continue
        kind, _, (least, most) = kinds[int(rng.integers(len(kinds)))]
        said = _word(kind, family.source_kind, law, rng)
        if said is None:
            continue
        if posts:
            post = posts[int(rng.integers(len(posts)))]
            source_id, position = post.source_id, around(post.position, post.range_m / 2, rng)
        else:
            source_id, position = f"EXERCISE {family.id} 1", place_for(clause, ground, rng)
        never = TrueEvent(
            "", at, position, kind, int(rng.integers(least, most + 1)), "", version.id, clause.id
        )
        yield _report(never, source_id, family.id, family.source_kind, law, said, 1.0, gazetteer, rng)


def _copies(
    report: Report, families: Sequence[SourceFamily], gazetteer: Gazetteer, rng: np.random.Generator
) -> Iterator[Report]:
    """Yield the outlets that repeat a party's statement, later and less exactly."""
    if report.kind_of_source is not SourceKind.PARTY or "CONTRADICTS" in report.details.get("note", ""):
        return
    group = next(one.independence_group for one in families if one.id == report.family)
    for family in families:
        if family.source_kind is not SourceKind.NEWS:
            continue
        for outlet in range(1, 4):
            if rng.uniform() >= COPIED[family.independence_group == group]:
                continue
            law = LAWS[SourceKind.NEWS]
            position = around(report.position, law.sigma_m / 2, rng)
            yield replace(
                report, observation_id="", source_id=f"EXERCISE {family.id} {outlet}", family=family.id,
                kind_of_source=SourceKind.NEWS, position=position, sigma_m=law.sigma_m,
                time_sigma_s=law.time_sigma_s, place_name=gazetteer.nearest(*position).name,
                received_at=_second(report.received_at + timedelta(hours=float(rng.lognormal(0.3, 0.6)))),
                origin_id=report.observation_id,
            )  # fmt: skip


def _second(moment: datetime) -> datetime:
    """Return a moment to the second."""
    return moment.replace(microsecond=0)
