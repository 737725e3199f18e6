# SPDX-License-Identifier: Apache-2.0
"""Format ``smm``: observations in the form of the OSCE SMM's daily reports.

What this format takes care of:

* position, bearing and distance are kept as given; the ellipse is derived from them;
* local Kyiv time; words for times of day become hours (``intake.hours``);
* "of which 3 mortar" and "107 impacts of the same rounds" are parts of the count before
  them: they share its origin and are not counted again;
* every other record is its own origin: the sentences of one report are many events.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from truceline.geodesy import COMPASS, Ellipse
from truceline.intake.fields import Fields
from truceline.intake.hours import PERIODS, hours_of
from truceline.intake.model import IntakeContext
from truceline.intake.moments import at
from truceline.intake.parts import details_of, family_of, kept
from truceline.intake.places import LARGEST_SIGMA_M, Level, located, position
from truceline.interval import Interval
from truceline.observation.model import Count, Observation, Sighting
from truceline.observation.sighting import ASSUMED_DISTANCE_M, place_of
from truceline.observation.words import EVENTS, kind_of_words
from truceline.vocabulary import CountQualifier, Kind, SourceKind

KYIV = ZoneInfo("Europe/Kyiv")
"""The SMM reported in the local time of Kyiv."""

NEEDS = frozenset(
    {
        "obs_id", "date_from", "time_from", "date_to", "time_to", "position", "means", "count",
        "count_qualifier", "event", "description", "weapon", "calibre_mm", "dist_min_km", "dist_max_km",
        "bearing", "url",
    }
)  # fmt: skip
AS_GIVEN = (
    "description", "event", "weapon", "calibre_mm", "means", "flight_from", "flight_to", "position_control",
    "position_ref", "report_no", "report_issued", "sentence_id", "url", "note",
)  # fmt: skip
READS = NEEDS | set(AS_GIVEN) | {"position_lat", "position_lon", "position_sigma_m"}

PARTS = ("subset_of_previous", "paired_impact_of_previous")
"""Qualifiers of counts that are parts, or the other end, of the count before them."""

SALVO = "salvo_5s"
"""One salvo of so many seconds: how many rounds it held is not stated."""

_PERIOD = re.compile(r"period:(\w+)", re.ASCII)

CLOCK_SIGMA_S = 300.0
"""How sharp stated clock times are, seconds; an assumption."""

PERIOD_SIGMA_S = 3_600.0
"""How sharp the hours behind a word are, seconds; an assumption."""

FARTHEST_KM = 100.0
"""A distance beyond this is a typing error: nobody hears or sees so far."""


@dataclass(frozen=True, slots=True)
class Means:
    """How something was observed.

    Attributes:
        who: Who observed, for people; with the position it names one source.
        source_kind: What sort of source that is.
        assumed_m: Nearest and farthest metres where no distance is given.
    """

    who: str
    source_kind: SourceKind
    assumed_m: tuple[float, float]


MEANS: dict[str, Means] = {
    "heard": Means("SMM patrol", SourceKind.PATROL, ASSUMED_DISTANCE_M["heard"]),
    "seen": Means("SMM patrol", SourceKind.PATROL, ASSUMED_DISTANCE_M["seen"]),
    "heard|seen": Means("SMM patrol", SourceKind.PATROL, ASSUMED_DISTANCE_M["seen"]),
    "camera": Means("SMM camera", SourceKind.CAMERA, ASSUMED_DISTANCE_M["camera"]),
    "recorded": Means("SMM camera", SourceKind.CAMERA, ASSUMED_DISTANCE_M["camera"]),
    "crater analysis": Means("SMM crater analysis", SourceKind.PATROL, ASSUMED_DISTANCE_M["crater analysis"]),
}


def reader(context: IntakeContext) -> Callable[[Fields], Observation]:
    """Return what reads one observation; it remembers the last count for its parts."""
    counted: tuple[str, str] | None = None

    def read(fields: Fields) -> Observation:
        nonlocal counted
        observation_id, sentence = fields.identity("obs_id"), fields.given("sentence_id")
        origin_id = observation_id
        if fields.given("count_qualifier") not in PARTS:
            counted = (sentence, observation_id)
        elif counted is None or counted[0] != sentence:
            fields.fault("count_qualifier", "speaks of a count before it, and there is none in its sentence")
        else:
            origin_id = counted[1]
        means = fields.choice("means", MEANS, MEANS["heard"])
        when, basis = _hours(fields)
        sighting, place, more = _seen_from(fields, context, means)
        return Observation(
            observation_id=observation_id,
            source_id=f"{means.who}, {fields.given('position')}",
            source_kind=means.source_kind,
            family=family_of(context, fields.given("means"), "SMM"),
            when=when,
            time_sigma_s=CLOCK_SIGMA_S if basis == "clock" else PERIOD_SIGMA_S,
            place=place,
            place_name=fields.given("position"),
            kind=_kind(fields),
            count=_count(fields),
            received_at=fields.published("report_issued", when.last, KYIV),
            origin_id=origin_id,
            sighting=sighting,
            details=details_of(
                kept(fields, *AS_GIVEN), {"count_qualifier": fields.text("count_qualifier")},
                {"stated_count": fields.given("count"), "hours_from": basis}, more, fields.rest(READS),
            ),
        )  # fmt: skip

    return read


def _kind(fields: Fields) -> Kind:
    fields.choice("event", EVENTS, Kind.ATTACK_UNSPECIFIED)
    return kind_of_words(fields.given("event"), fields.given("weapon").split("|")) or Kind.ATTACK_UNSPECIFIED


def _count(fields: Fields) -> Count:
    """Return the count; a part of another count, and a salvo, are not counted here."""
    if fields.given("count_qualifier") in (*PARTS, SALVO):
        fields.whole("count")
        return Count(CountQualifier.UNCOUNTED)
    return fields.count("count_qualifier", "count")


def _hours(fields: Fields) -> tuple[Interval, str]:
    """Return when it was, in UTC, and what that rests on: the clock, or a word."""
    first = fields.day("date_from")
    last = fields.day("date_to") if fields.given("date_to") else first
    if last < first:
        fields.fault("date_to", "is before date_from; swap or correct them")
        last = first
    start, end = fields.given("time_from"), fields.given("time_to")
    if ":" in start or ":" in end:
        opens, closes = fields.clock("time_from"), fields.clock("time_to")
        when = fields.ordered(at(first, opens, KYIV), at(last, closes, KYIV), "time_from", "time_to")
        return when, "clock"
    begins = _word(fields, "time_from", start)
    ends = _word(fields, "time_to", end) if end else begins
    opening, closing = hours_of(begins, first, first, KYIV), hours_of(ends, first, last, KYIV)
    return fields.ordered(opening.start, closing.last, "time_from", "time_to"), begins


def _word(fields: Fields, name: str, given: str) -> str:
    """Return the word for the time of day: in the time's own place, or in the note."""
    stated = _PERIOD.match(fields.given("note"))
    word = given.replace(" ", "_") or (stated[1] if stated else "not_stated")
    if word not in PERIODS:
        fields.fault(name, f"names no hours known: {word}; use a time such as 09:30, or {', '.join(PERIODS)}")
        return "not_stated"
    return word


def _seen_from(
    fields: Fields, context: IntakeContext, means: Means
) -> tuple[Sighting | None, Ellipse | None, dict[str, str]]:
    """Return the sighting as given, the place worked out from it, and details to keep."""
    name = fields.identity("position")
    bearings = tuple(point for point in fields.given("bearing").split("|") if point)
    if wrong := [point for point in bearings if point not in COMPASS]:
        fields.fault("bearing", f"{', '.join(wrong)}: not one of the 16 compass points, such as NNE")
    near = fields.number_or_none("dist_min_km", 0.0, FARTHEST_KM, "km")
    far = fields.number_or_none("dist_max_km", 0.0, FARTHEST_KM, "km")
    if near is not None and far is not None and far < near:
        fields.fault("dist_max_km", "is less than dist_min_km; swap or correct them")
    stated = fields.number_or_none("position_sigma_m", 1.0, LARGEST_SIGMA_M, "metres")
    own_m = stated or context.sigma_of_source.get(fields.given("means"))
    given = position(fields, context, "position_lat", "position_lon")
    stood = located(fields, context, Level.SETTLEMENT, name, given, stated_m=own_m)
    if stood.place is None or fields.faults:
        lost = kept(fields, "bearing", "dist_min_km", "dist_max_km")
        return None, None, dict(stood.details) | lost
    sighting = Sighting(
        stood.place,
        name,
        bearings,
        None if near is None else near * 1_000.0,
        None if far is None else far * 1_000.0,
    )
    return sighting, place_of(sighting, means.assumed_m), dict(stood.details)
