# SPDX-License-Identifier: Apache-2.0
"""Format ``reports``: what was publicly reported, transcribed one fact a row.

What this format takes care of:

* a statement of absence (a lull, or an exact count of 0) is kept without a place, so
  that nothing that did not happen becomes an incident;
* a count over an oblast, a front sector or a country is a total of many events, not an
  event: it is kept without a place too.  One drone over an oblast is an event;
* independence goes by who first said it, not by which outlet carries it.  Where nobody
  is named, it goes by the outlet, and the pack's word on an outlet stands over the row's;
* a row that denies or contradicts another account says so in its details.
"""

from __future__ import annotations

from collections.abc import Callable

from truceline.intake.fields import Fields
from truceline.intake.model import IntakeContext
from truceline.intake.parts import KINDS, contradiction, details_of, family_of, kept, without_place
from truceline.intake.places import LARGEST_SIGMA_M, LEVELS, Level, Placed, located, position
from truceline.observation.model import Count, Observation
from truceline.vocabulary import CountQualifier, Kind, SourceKind

NEEDS = frozenset(
    {
        "report_id", "published_at", "event_from_utc", "event_to_utc", "time_basis", "place", "place_level",
        "latitude", "longitude", "sigma_m", "kind", "count_qualifier", "count", "source_name",
        "source_family", "original_speaker", "origin_id", "url", "note",
    }
)  # fmt: skip
AS_GIVEN = (
    "time_basis", "place_level", "attributed_by_source_to", "source_family", "original_speaker",
    "language", "url", "note", "published_at", "killed", "injured",
)  # fmt: skip
READS = NEEDS | set(AS_GIVEN)

TIME_SIGMA_S = {"stated": 300.0, "period": 1_800.0, "day": 1_800.0, "night": 3_600.0, "published": 3_600.0}
"""How sharp the ends of an interval are, by what it rests on, seconds; an assumption."""

_TOTALS = (Level.OBLAST, Level.FRONT_SECTOR, Level.COUNTRY)


def reader(context: IntakeContext) -> Callable[[Fields], Observation]:
    """Return what reads one transcribed report."""

    def read(fields: Fields) -> Observation:
        outlet = fields.identity("source_name")
        outlet_family = family_of(context, outlet, fields.identity("source_family"))
        when = fields.interval("event_from_utc", "event_to_utc")
        kind = fields.choice("kind", KINDS, Kind.ATTACK_UNSPECIFIED)
        count = fields.count("count_qualifier", "count")
        fields.whole("killed")
        fields.whole("injured")
        placed = _placed(fields, context, kind, count)
        return Observation(
            observation_id=fields.identity("report_id"),
            source_id=outlet,
            source_kind=context.kind_of_family.get(outlet_family, SourceKind.NEWS),
            family=family_of(context, fields.given("original_speaker"), outlet_family),
            when=when,
            time_sigma_s=fields.choice("time_basis", TIME_SIGMA_S, 0.0),
            place=placed.place,
            place_name=fields.text("place"),
            kind=kind,
            count=count,
            received_at=fields.published("published_at", when.last, context.zone),
            origin_id=fields.identity("origin_id") if fields.given("origin_id") else None,
            details=details_of(
                kept(fields, *AS_GIVEN), dict(placed.details), fields.rest(READS), contradiction(fields)
            ),
        )

    return read


def _placed(fields: Fields, context: IntakeContext, kind: Kind, count: Count) -> Placed:
    level = fields.choice("place_level", LEVELS, Level.COUNTRY)
    given = position(fields, context, "latitude", "longitude")
    stated_m = fields.number_or_none("sigma_m", 1.0, LARGEST_SIGMA_M, "metres")
    placed = located(fields, context, level, fields.given("place"), given, stated_m=stated_m)
    if kind is Kind.LULL or (count.qualifier is CountQualifier.EXACT and count.maximum == 0):
        return without_place(placed, "says that there was none; an absence is not an event")
    if level in _TOTALS and count.minimum is not None and (count.minimum, count.maximum) != (1, 1):
        return without_place(placed, f"is a total for a whole {level.replace('_', ' ')}, not one event")
    return placed
