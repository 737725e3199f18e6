# SPDX-License-Identifier: Apache-2.0
"""Who watches in an exercise, from where and when, and what they miss it for.

Patrols go out by day, drones for a few hours; cameras and sound sensors watch day and night.
Weather keeps whole days' flights and half of the patrols at home, a link is down, a radio
is jammed, a patrol is turned back: every loss is a watch too, with its reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from truceline.agreement import Gazetteer
from truceline.agreement.model import SourceFamily
from truceline.exercise.ground import Ground, Position, around, in_frame, on_line
from truceline.geodesy import distance_m
from truceline.vocabulary import SourceKind, WatchState

POSTS: Final[dict[SourceKind, tuple[int, float]]] = {
    SourceKind.PATROL: (10, 8_000.0),
    SourceKind.CAMERA: (10, 4_000.0),
    SourceKind.ACOUSTIC: (8, 10_000.0),
    SourceKind.SEISMIC: (4, 30_000.0),
    SourceKind.UAV: (3, 12_000.0),
    SourceKind.RADAR: (2, 20_000.0),
}
"""By sort of source, how many posts a family of it has and how far each reaches, metres; assumptions."""

BAD_WEATHER: Final = 0.15
"""Share of days on which nothing flies and half of the patrols stay at home; an assumption."""

LOST: Final[dict[SourceKind, tuple[float, tuple[tuple[WatchState, str], ...]]]] = {
    SourceKind.PATROL: (
        0.12,
        (
            (WatchState.DENIED, "stopped at a checkpoint and turned back"),
            (WatchState.DELAYED, "held at a checkpoint for the day"),
        ),
    ),
    SourceKind.UAV: (0.2, ((WatchState.JAMMED, "signal lost"), (WatchState.DENIED, "flight not cleared"))),
    SourceKind.CAMERA: (0.06, ((WatchState.DOWN, "no power"),)),
    SourceKind.ACOUSTIC: (0.05, ((WatchState.DOWN, "no link"),)),
    SourceKind.SEISMIC: (0.03, ((WatchState.DOWN, "no link"),)),
    SourceKind.RADAR: (0.1, ((WatchState.JAMMED, "interference"), (WatchState.DOWN, "under repair"))),
}
"""By sort of source, the share of its watches that are lost, and for what; assumptions."""


@dataclass(frozen=True, slots=True)
class Post:
    """One source that watches.

    Attributes:
        source_id: Who.
        family: The id of the pack's family.
        kind: What sort of source.
        position: Where it stands, degrees.
        place_name: The nearest town.
        range_m: How far it reaches, metres.
    """

    source_id: str
    family: str
    kind: SourceKind
    position: Position
    place_name: str
    range_m: float


@dataclass(frozen=True, slots=True)
class Shift:
    """That a post watched, or should have, from when until when, and why it did not."""

    post: Post
    begins: datetime
    ends: datetime
    state: WatchState
    note: str = ""


def posts_of(
    families: Sequence[SourceFamily], ground: Ground, gazetteer: Gazetteer, rng: np.random.Generator
) -> tuple[Post, ...]:
    """Return the posts of every family of a sort that stands somewhere; half of them at hot spots."""
    found = []
    for family in families:
        count, range_m = POSTS.get(family.source_kind, (0, 0.0))
        for number in range(1, count + 1):
            if number % 2:
                position = around(ground.hot[(number // 2) % len(ground.hot)], range_m / 3, rng)
            elif ground.line is not None:
                position = around(on_line(ground.line, (number - 0.5) / count), 1_000.0, rng)
            else:
                position = in_frame(ground.bounds, rng)
            name = gazetteer.nearest(*position).name
            found.append(
                Post(f"EXERCISE {family.id} {number}", family.id, family.source_kind, position, name, range_m)
            )
    return tuple(found)


def shifts_of(
    posts: Sequence[Post], begins: datetime, until: datetime, zone: ZoneInfo, rng: np.random.Generator
) -> tuple[Shift, ...]:
    """Return every shift between two moments, in the order of days and posts.

    Args:
        posts: Who watches.
        begins: The first moment.
        until: The last.
        zone: Whose day and night they are.
        rng: What every draw comes from.
    """
    found: list[Shift] = []
    day, last = begins.astimezone(zone).date(), until.astimezone(zone).date()
    while day <= last:
        foul = rng.uniform() < BAD_WEATHER
        for post in posts:
            found.extend(_of_day(post, day, zone, foul, rng))
        day += timedelta(days=1)
    cut = [
        Shift(one.post, max(one.begins, begins), min(one.ends, until), one.state, one.note)
        for one in found
        if one.begins < until and one.ends > begins
    ]
    return tuple(cut)


def watching(shifts: Sequence[Shift], at: datetime, position: Position) -> Iterator[Post]:
    """Yield the posts that watch a place at a moment."""
    for shift in shifts:
        ran = shift.state is WatchState.OK and shift.begins <= at < shift.ends
        if ran and distance_m(shift.post.position, position) <= shift.post.range_m:
            yield shift.post


def _of_day(post: Post, day: date, zone: ZoneInfo, foul: bool, rng: np.random.Generator) -> Iterator[Shift]:
    """Yield one post's shifts on a local day."""
    first, last = _hours(post.kind, rng)
    begins, ends = _local(day, first, zone), _local(day, last, zone)
    outdoors = post.kind is SourceKind.UAV or (post.kind is SourceKind.PATROL and rng.uniform() < 0.5)
    share, reasons = LOST[post.kind]
    if foul and outdoors:
        yield Shift(post, begins, ends, WatchState.NOT_PLANNED, "weather")
        return
    if rng.uniform() >= share:
        yield Shift(post, begins, ends, WatchState.OK)
        return
    state, note = reasons[int(rng.integers(len(reasons)))]
    lost_from = (begins + (ends - begins) * rng.uniform(0.0, 0.6)).replace(second=0, microsecond=0)
    if lost_from > begins:
        yield Shift(post, begins, lost_from, WatchState.OK)
    yield Shift(post, lost_from, ends, state, note)


def _hours(kind: SourceKind, rng: np.random.Generator) -> tuple[int, int]:
    """Return the local hours between which a sort of source watches on a day."""
    match kind:
        case SourceKind.PATROL:
            return 7, 19
        case SourceKind.UAV:
            begins = int(rng.integers(8, 15))
            return begins, begins + 3
        case _:
            return 0, 24


def _local(day: date, hour: int, zone: ZoneInfo) -> datetime:
    """Return the instant, in UTC, of an hour of a local day; 24 is the end of it."""
    midnight = datetime.combine(day + timedelta(days=hour // 24), time(hour % 24), tzinfo=zone)
    return midnight.astimezone(ZoneInfo("UTC"))
