# SPDX-License-Identifier: Apache-2.0
"""Format ``table``: the observation table (design, "Observation table", version 1).

One row an observation.  Times must have a zone.  Both coordinates may be left empty:
such an observation is kept and never fused.  The optional column ``family`` names the
pack's source family; columns that the format does not know become details.

No row chooses its own independence: a family must be one of the pack's, and a source
that the pack lists has the family that the pack gives it.  No instrument speaks for a
family of parties, of news or of the public.
"""

from __future__ import annotations

from collections.abc import Callable

from truceline.geodesy import Ellipse
from truceline.intake.fields import Fields
from truceline.intake.model import IntakeContext, shown
from truceline.intake.parts import KINDS, SOURCE_KINDS, contradiction, details_of
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

WORDS = frozenset({SourceKind.PARTY, SourceKind.NEWS, SourceKind.PUBLIC})
"""Sources that state; all others watch or measure."""

_UNCOUNTED = Count(CountQualifier.UNCOUNTED)


def reader(context: IntakeContext) -> Callable[[Fields], Observation]:
    """Return what reads one row of the observation table."""

    def read(fields: Fields) -> Observation:
        source_id = fields.identity("source_id")
        family = _family(fields, context, source_id)
        return Observation(
            observation_id=fields.identity("observation_id"),
            source_id=source_id,
            source_kind=_source_kind(fields, context, family),
            family=family,
            when=fields.interval("event_from", "event_to"),
            time_sigma_s=fields.number("time_sigma_s", 0.0, LONGEST_SIGMA_S, "seconds"),
            place=_place(fields, context),
            place_name=fields.text("place_name"),
            kind=fields.choice("kind", KINDS, Kind.ATTACK_UNSPECIFIED),
            count=_count(fields),
            received_at=fields.instant("received_at"),
            origin_id=fields.identity("origin_id") if fields.given("origin_id") else None,
            details=details_of(fields.rest(READS), contradiction(fields)),
        )

    return read


def _family(fields: Fields, context: IntakeContext, source_id: str) -> str:
    """Return the family: the pack's for that source, else the row's, else the source alone."""
    listed = context.family_of_source.get(source_id)
    if not fields.given("family"):
        return source_id if listed is None else listed
    family = fields.identity("family")
    if fields.faulty("family"):
        return family
    if family not in context.kind_of_family:
        fields.fault("family", "is no family of the pack; name one or leave it empty")
    elif listed is not None and family != listed:
        pack_says = f"the pack has {shown(source_id)} in {listed}"
        fields.fault("family", f"{pack_says}; leave it empty or correct the pack")
    return family


def _source_kind(fields: Fields, context: IntakeContext, family: str) -> SourceKind:
    """Return what sort of source reports; an instrument never speaks for people's words."""
    kind = fields.choice("source_kind", SOURCE_KINDS, SourceKind.PUBLIC)
    of_family = context.kind_of_family.get(family)
    if of_family in WORDS and kind not in WORDS and not fields.faulty("source_kind", "family"):
        said = f"{kind} is an instrument, and {family} is a family of kind {of_family}"
        fields.fault("source_kind", f"{said}; correct it or the family")
    return kind


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
