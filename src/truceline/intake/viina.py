# SPDX-License-Identifier: Apache-2.0
"""Format ``viina``: geocoded, machine-labelled news reports (VIINA 2.0, Zhukov and Ayers 2023).

What this format takes care of:

* the time is when a report came out, in Kyiv; 00:00 stands for no clock time;
* a place is a settlement's centre; one headline put at many places on one day is one
  statement, and its rows share an ``origin_id``;
* labels are a machine's and are taken as they stand: football goes through as labelled;
* a row whose labels name no kind of event (``control``, ``loc``, none at all) is refused
  and reported: calling it an attack would be untrue, dropping it in silence worse.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

from truceline.intake.fields import Fields
from truceline.intake.model import IntakeContext
from truceline.intake.moments import end_of_day
from truceline.intake.parts import content_id, details_of, family_of, kept
from truceline.intake.places import Level, located, position
from truceline.interval import Interval
from truceline.observation.model import Count, Observation
from truceline.observation.words import common_kind
from truceline.vocabulary import CountQualifier, Kind, SourceKind

KYIV = ZoneInfo("Europe/Kyiv")
SOURCE = "VIINA"

NEEDS = frozenset({"datetime", "lon", "lat", "place_name", "event_type", "headline"})

ATTACKS: dict[str, Kind] = {
    "airstrike": Kind.AIRSTRIKE,
    "artillery": Kind.INDIRECT_FIRE,  # the label covers mortars and rockets too
    "uav": Kind.UAV_STRIKE,
    "aad": Kind.AIR_ATTACK,  # air defence fired: something was in the air
    "armor": Kind.DIRECT_FIRE,
    "ied": Kind.EXPLOSION_UNDETERMINED,  # mines and any explosion of unknown origin
    "firefight": Kind.GUNFIRE,
    "raid": Kind.GROUND_ASSAULT,
}
"""Labels that name an attack."""

OTHERS: dict[str, Kind] = {
    "airalert": Kind.AIR_RAID_ALERT,
    "civcas": Kind.CASUALTY,
    "milcas": Kind.CASUALTY,
    "hospital": Kind.DAMAGE,
    "property": Kind.DAMAGE,
}
"""Labels that name another kind of event; the first that is there counts."""

_MISSPELT = {"airalerb": "airalert", "firefighb": "firefight"}
"""Labels that the exporter's own column names misspell."""

BEFORE_REPORT = timedelta(hours=12)
"""How long before its report an event began at most, where there is a clock time."""

CLOCK_SIGMA_S = 3_600.0
DAY_SIGMA_S = 21_600.0
"""How far an event may lie outside the hours above, seconds: morning bulletins tell of
the evening before.  Assumptions."""


def reader(context: IntakeContext) -> Callable[[Fields], Observation]:
    """Return what reads one news report."""

    def read(fields: Fields) -> Observation:
        reported = fields.instant("datetime", KYIV)
        local = reported.astimezone(KYIV)
        timed = (local.hour, local.minute, local.second) != (0, 0, 0)
        day_ends = end_of_day(local.date(), KYIV)
        when = Interval(reported - BEFORE_REPORT, reported) if timed else Interval(reported, day_ends)
        headline, name = fields.text("headline"), fields.text("place_name")
        given = position(fields, context, "lat", "lon")
        if given is None:
            fields.fault("lat", "is empty; this format has a position in every row")
        placed = located(fields, context, Level.SETTLEMENT, name, given, stated_m=None)
        return Observation(
            observation_id=content_id("viina", *(fields.given(column) for column in sorted(NEEDS))),
            source_id=SOURCE,
            source_kind=SourceKind.NEWS,
            family=family_of(context, SOURCE, SOURCE),
            when=when,
            time_sigma_s=CLOCK_SIGMA_S if timed else DAY_SIGMA_S,
            place=placed.place,
            place_name=name,
            kind=_kind(fields),
            count=Count(CountQualifier.UNCOUNTED),
            received_at=reported if timed else day_ends - timedelta(seconds=1),
            origin_id=content_id("viina-headline", local.date().isoformat(), headline),
            details=details_of(
                kept(fields, "event_type", "headline"), dict(placed.details), fields.rest(NEEDS)
            ),
        )

    return read


def _kind(fields: Fields) -> Kind:
    """Return the narrowest kind that covers every attack named, else what else is named."""
    labels = [_MISSPELT.get(label, label) for label in fields.given("event_type").split("|")]
    attacks = [ATTACKS[label] for label in labels if label in ATTACKS]
    kind = common_kind(attacks) or next((kind for label, kind in OTHERS.items() if label in labels), None)
    if kind is None:
        fields.fault("event_type", "names no kind of event that this mission records")
    return kind or Kind.ATTACK_UNSPECIFIED
