# SPDX-License-Identifier: Apache-2.0
"""Format ``air-alerts``: air-raid alerts by region, from the official channel or volunteers.

An alert is a warning, not an impact: it is no attack and never counts as one.
Volunteers partly relay the official channel, so the two are not independent; the pack
says which family each belongs to.
"""

from __future__ import annotations

from collections.abc import Callable

from truceline.intake.fields import Fields
from truceline.intake.model import IntakeContext
from truceline.intake.parts import content_id, details_of, family_of, kept
from truceline.intake.places import in_region
from truceline.interval import Interval
from truceline.observation.model import Count, Observation
from truceline.vocabulary import CountQualifier, Kind, SourceKind

OFFICIAL_NEEDS = frozenset({"oblast", "raion", "hromada", "level", "started_at", "finished_at", "source"})
VOLUNTEER_NEEDS = frozenset({"region", "started_at", "finished_at", "naive"})

OFFICIAL, VOLUNTEER = "air-alerts official", "air-alerts volunteer"
"""The two channels, as a pack's ``sources.yaml`` can name them."""

TIME_SIGMA_S = {OFFICIAL: 30.0, VOLUNTEER: 60.0}
"""How far apart the two channels' times lie for one alert, seconds; an assumption."""


def official_reader(context: IntakeContext) -> Callable[[Fields], Observation]:
    """Return what reads one alert of the official channel."""
    return _reader(context, OFFICIAL, "oblast", OFFICIAL_NEEDS)


def volunteer_reader(context: IntakeContext) -> Callable[[Fields], Observation]:
    """Return what reads one alert as volunteers noted it; ``naive``: its end is a guess."""
    return _reader(context, VOLUNTEER, "region", VOLUNTEER_NEEDS)


def _reader(
    context: IntakeContext, source: str, region_column: str, needs: frozenset[str]
) -> Callable[[Fields], Observation]:
    def read(fields: Fields) -> Observation:
        started = fields.instant("started_at")
        if fields.given("finished_at"):
            fields.ordered(started, fields.instant("finished_at"), "started_at", "finished_at")
        region = fields.identity(region_column)
        placed = in_region(context, region)
        family = family_of(context, source, source)
        names = [fields.text(name) for name in ("hromada", "raion") if fields.given(name)]
        stated = (fields.given(name) for name in sorted(needs))
        return Observation(
            observation_id=content_id(source.replace(" ", "-"), *stated),
            source_id=source,
            source_kind=context.kind_of_family.get(family, SourceKind.PUBLIC),
            family=family,
            when=Interval(started, started),
            time_sigma_s=TIME_SIGMA_S[source],
            place=placed.place,
            place_name=", ".join([*names, region]),
            kind=Kind.AIR_RAID_ALERT,
            count=Count(CountQualifier.UNCOUNTED),
            received_at=started,
            details=details_of(
                kept(fields, *sorted(needs - {"started_at", region_column})),
                dict(placed.details), fields.rest(needs),
            ),
        )  # fmt: skip

    return read
