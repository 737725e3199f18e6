# SPDX-License-Identifier: Apache-2.0
"""Format ``table``: the observation table (design, "Observation table", version 1).

One row an observation.  Times must have a zone.  Both coordinates may be left empty:
such an observation is kept and never fused.  The optional column ``family`` names the
pack's source family; columns that the format does not know become details.
"""

from __future__ import annotations

from collections.abc import Callable

from truceline.geodesy import Ellipse
from truceline.intake.fields import Fields
from truceline.intake.model import IntakeContext
from truceline.intake.parts import KINDS, SOURCE_KINDS, details_of, family_of
from truceline.intake.places import LARGEST_SIGMA_M, position
from truceline.observation.model import Count, Observation
from truceline.vocabulary import CountQualifier, Kind, SourceKind

NEEDS = frozenset(
    {
        "observation_id", "source_id", "source_kind", "event_from", "event_to", "time_sigma_s",
        "latitude", "longitude", "sigma_major_m", "sigma_minor_m", "azimuth_deg",
        "kind", "count_min", "count_max", "received_at", "origin_id",
    }
)  # fmt: skip
READS = NEEDS | {"family", "place_name"}

LONGEST_SIGMA_S = 366 * 86_400.0
"""An uncertainty of more than a year says nothing about when."""

_UNCOUNTED = Count(CountQualifier.UNCOUNTED)


def reader(context: IntakeContext) -> Callable[[Fields], Observation]:
    """Return what reads one row of the observation table."""

    def read(fields: Fields) -> Observation:
        source_id = fields.identity("source_id")
        return Observation(
            observation_id=fields.identity("observation_id"),
            source_id=source_id,
            source_kind=fields.choice("source_kind", SOURCE_KINDS, SourceKind.PUBLIC),
            family=_family(fields, context, source_id),
            when=fields.interval("event_from", "event_to"),
            time_sigma_s=fields.number("time_sigma_s", 0.0, LONGEST_SIGMA_S, "seconds"),
            place=_place(fields, context),
            place_name=fields.text("place_name"),
            kind=fields.choice("kind", KINDS, Kind.ATTACK_UNSPECIFIED),
            count=_count(fields),
            received_at=fields.instant("received_at"),
            origin_id=fields.identity("origin_id") if fields.given("origin_id") else None,
            details=details_of(fields.rest(READS)),
        )

    return read


def _family(fields: Fields, context: IntakeContext, source_id: str) -> str:
    """Return the family: the row's, else the pack's for that source, else the source alone."""
    return fields.identity("family") if fields.given("family") else family_of(context, source_id, source_id)


def _place(fields: Fields, context: IntakeContext) -> Ellipse | None:
    centre = position(fields, context, "latitude", "longitude")
    if centre is None:
        return None
    major = fields.number("sigma_major_m", 1e-3, LARGEST_SIGMA_M, "metres")
    minor = fields.number("sigma_minor_m", 1e-3, LARGEST_SIGMA_M, "metres")
    azimuth = fields.number("azimuth_deg", -360.0, 360.0, "degrees")
    if minor > major and not fields.faulty("sigma_major_m", "sigma_minor_m"):
        fields.fault("sigma_minor_m", "is larger than sigma_major_m; swap them and turn azimuth_deg by 90")
    return Ellipse(centre[0], centre[1], major, minor, azimuth % 180.0)


def _count(fields: Fields) -> Count:
    least, most = fields.whole("count_min"), fields.whole("count_max")
    if least is None:
        if most is not None and not fields.faulty("count_min"):
            fields.fault("count_min", "is empty while count_max is given; write 0 if none is possible")
        return _UNCOUNTED
    if most is None:
        return Count(CountQualifier.AT_LEAST, least, None)
    if most < least and not fields.faulty("count_min", "count_max"):
        fields.fault("count_max", "is less than count_min; swap or correct them")
    return Count(CountQualifier.EXACT if least == most else CountQualifier.ABOUT, least, most)
