# SPDX-License-Identifier: Apache-2.0
"""Format ``smm``, its other two files: hours watched, and restrictions of movement.

Silence is not compliance (design rule 4): these rows are the denominator.  A watch's
source is its means (``patrol``, ``camera``), under which the pack says how far such a
watch reaches.

How the words for a restriction are read:

* ``denied`` and ``delayed`` are what they say;
* ``conditional`` (the SMM's daily sentence that access "remained restricted", with no
  kind stated) becomes ``delayed``: like every state but ``ok`` it counts as not watched,
  and it says less than that somebody refused access, which the source does not say;
* ``fire_near`` (shots near a patrol) is no state of a watch, and nothing says that the
  patrol was stopped.  It is what monitors observed: gunfire where they stood.
"""

from __future__ import annotations

from collections.abc import Callable

from truceline.intake.fields import Fields
from truceline.intake.hours import PERIODS, hours_of
from truceline.intake.model import IntakeContext
from truceline.intake.moments import at, end_of_day, start_of_day
from truceline.intake.parts import content_id, details_of, family_of, kept
from truceline.intake.places import Level, Placed, located, position, unplaced
from truceline.intake.smm import KYIV, PERIOD_SIGMA_S
from truceline.interval import Interval
from truceline.observation.model import Count, Observation, Watch
from truceline.vocabulary import CountQualifier, Kind, SourceKind, WatchState

WATCH_NEEDS = frozenset(
    {
        "date_from", "time_from", "date_to", "time_to", "place", "lat", "lon", "means",
        "duration_stated", "period", "sentence_id", "note", "url",
    }
)  # fmt: skip
RESTRICTION_NEEDS = frozenset({"date", "place", "lat", "lon", "kind", "by_whom", "url", "note"})

MEANS = {"patrol": SourceKind.PATROL, "camera": SourceKind.CAMERA, "uav": SourceKind.UAV}

RESTRICTIONS: dict[str, WatchState | None] = {
    "denied": WatchState.DENIED,
    "delayed": WatchState.DELAYED,
    "conditional": WatchState.DELAYED,
    "jammed": WatchState.JAMMED,
    "fire_near": None,
}
"""The word for a restriction and the state of the watch; None: not a state at all."""

RANGE_M = 5_000.0
"""How far a watch reaches where the pack does not say, metres; an assumption."""

MISSION = "SMM"
"""The source of what the mission as a whole reports."""


def watch_reader(context: IntakeContext) -> Callable[[Fields], Watch]:
    """Return what reads one stated window of observation."""

    def read(fields: Fields) -> Watch:
        means = fields.given("means")
        placed = _placed(fields, context, means)
        return Watch(
            watch_id=_id("smm-watch", fields, WATCH_NEEDS),
            source_id=means,
            source_kind=fields.choice("means", MEANS, SourceKind.PATROL),
            when=_window(fields),
            place=placed.place,
            place_name=fields.identity("place"),
            range_m=context.range_of_source.get(means, RANGE_M),
            state=WatchState.OK,
            details=details_of(
                kept(fields, "duration_stated", "period", "sentence_id", "note", "url"),
                dict(placed.details), fields.rest(WATCH_NEEDS),
            ),
        )  # fmt: skip

    return read


def restriction_reader(context: IntakeContext) -> Callable[[Fields], Watch | Observation]:
    """Return what reads one restriction of movement."""

    def read(fields: Fields) -> Watch | Observation:
        day = fields.day("date")
        when = Interval(start_of_day(day, KYIV), end_of_day(day, KYIV))
        placed = _placed(fields, context, MISSION)
        state = fields.choice("kind", RESTRICTIONS, WatchState.DENIED)
        given = kept(fields, "by_whom", "url", "note") | {"restriction": fields.given("kind")}
        details = details_of(given, dict(placed.details), fields.rest(RESTRICTION_NEEDS))
        name = fields.identity("place")
        if state is None:
            return Observation(
                observation_id=_id("smm-fire-near", fields, RESTRICTION_NEEDS),
                source_id=f"SMM patrol, {name}",
                source_kind=SourceKind.PATROL,
                family=family_of(context, "patrol", MISSION),
                when=when,
                time_sigma_s=PERIOD_SIGMA_S,
                place=placed.place,
                place_name=name,
                kind=Kind.GUNFIRE_UNDETERMINED,
                count=Count(CountQualifier.UNCOUNTED),
                received_at=when.last,
                details=details,
            )
        return Watch(
            watch_id=_id("smm-restriction", fields, RESTRICTION_NEEDS),
            source_id=MISSION,
            source_kind=SourceKind.PATROL,
            when=when,
            place=placed.place,
            place_name=name,
            range_m=context.range_of_source.get(MISSION, RANGE_M),
            state=state,
            details=details,
        )

    return read


def _id(prefix: str, fields: Fields, columns: frozenset[str]) -> str:
    """Return an id made of the row's content: the files give none."""
    return content_id(prefix, *(fields.given(name) for name in sorted(columns)))


def _placed(fields: Fields, context: IntakeContext, source: str) -> Placed:
    """Return where a watcher stood; a row without coordinates names no one place."""
    given = position(fields, context, "lat", "lon")
    if given is None:
        return unplaced("no coordinates given")
    stated_m = context.sigma_of_source.get(source)
    return located(fields, context, Level.SETTLEMENT, fields.given("place"), given, stated_m=stated_m)


def _window(fields: Fields) -> Interval:
    """Return the hours watched, in UTC: by the clock, or by a word."""
    first, last = fields.day("date_from"), fields.day("date_to")
    if last < first:
        fields.fault("date_to", "is before date_from; swap or correct them")
        last = first
    if fields.given("time_from") or fields.given("time_to"):
        opens, closes = fields.clock("time_from"), fields.clock("time_to")
        return fields.ordered(at(first, opens, KYIV), at(last, closes, KYIV), "time_from", "time_to")
    period = fields.given("period") or "not_stated"
    if period not in PERIODS:
        fields.fault("period", f"names no hours known; use one of: {', '.join(PERIODS)}")
        period = "not_stated"
    return hours_of(period, first, last, KYIV)
