# SPDX-License-Identifier: Apache-2.0
"""Format ``firms``: thermal detections by VIIRS, as NASA FIRMS publishes them.

A hotspot is heat, not an attack: crops and rubbish burn too.  Its absence says nothing:
cloud and the hours between overpasses hide fires.  The position is the centre of a
pixel; ``scan`` and ``track`` are the pixel's sides in kilometres (FIRMS, VIIRS 375 m
attributes).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from truceline.geodesy import Ellipse
from truceline.intake.fields import Fields
from truceline.intake.model import IntakeContext
from truceline.intake.moments import Wrong, instant
from truceline.intake.parts import content_id, details_of, family_of, kept
from truceline.intake.places import position
from truceline.interval import EARLIEST, Interval
from truceline.observation.model import Count, Observation
from truceline.vocabulary import CountQualifier, Kind, SourceKind

NEEDS = frozenset(
    {
        "latitude",
        "longitude",
        "scan",
        "track",
        "acq_date",
        "acq_time",
        "satellite",
        "instrument",
        "confidence",
    }
)
AS_GIVEN = ("confidence", "scan", "track", "frp", "daynight", "version", "satellite", "instrument")
READS = NEEDS | set(AS_GIVEN)

DELAY = timedelta(hours=12)
"""A fire seen at an overpass began up to this long before: each place is passed over
about twice a day.  An assumption; a fire can be older."""

TIME_SIGMA_S = 60.0
SIGMA_SHARE = 0.5
"""One sigma as a share of the pixel's side.  A point drawn evenly from a pixel has 0.29;
heat bleeds into neighbours, and overstating is far safer than understating."""

ACROSS_TRACK_DEG = 100.0
"""Azimuth of a scan line, degrees: across a ground track inclined by 98.7 degrees."""


def reader(context: IntakeContext) -> Callable[[Fields], Observation]:
    """Return what reads one detection."""

    def read(fields: Fields) -> Observation:
        passed_at = _overpass(fields)
        centre = position(fields, context, "latitude", "longitude")
        if centre is None:
            fields.fault("latitude", "is empty; this format has a position in every row")
        scan = fields.number("scan", 0.01, 10.0, "km") * 1_000.0 * SIGMA_SHARE
        track = fields.number("track", 0.01, 10.0, "km") * 1_000.0 * SIGMA_SHARE
        azimuth = ACROSS_TRACK_DEG if scan >= track else (ACROSS_TRACK_DEG + 90.0) % 180.0
        name = ("acq_date", "acq_time", "satellite", "instrument", "latitude", "longitude")
        source = f"{fields.identity('instrument')} {fields.identity('satellite')}"
        return Observation(
            observation_id=content_id("firms", *(fields.given(column) for column in name)),
            source_id=source,
            source_kind=SourceKind.SATELLITE,
            family=family_of(context, source, family_of(context, "FIRMS", "FIRMS")),
            when=Interval(passed_at - DELAY, passed_at),
            time_sigma_s=TIME_SIGMA_S,
            place=None if centre is None else Ellipse(*centre, max(scan, track), min(scan, track), azimuth),
            place_name="",
            kind=Kind.THERMAL_HOTSPOT,
            count=Count(CountQualifier.UNCOUNTED),
            received_at=passed_at,
            details=details_of(kept(fields, *AS_GIVEN), fields.rest(READS - {"acq_date", "acq_time"})),
        )

    return read


def _overpass(fields: Fields) -> datetime:
    """Return when the satellite passed, from a date and ``HHMM`` without leading zeros, UTC."""
    digits = fields.given("acq_time").zfill(4) if fields.given("acq_time") else ""
    day = fields.day("acq_date")
    if not (digits.isascii() and digits.isdigit() and len(digits) == 4):
        fields.fault("acq_time", "is not a time such as 137 for 01:37; write hours and minutes as digits")
        return EARLIEST + DELAY
    moment = instant(f"{day.isoformat()}T{digits[:2]}:{digits[2:]}Z")
    if isinstance(moment, Wrong):
        fields.fault("acq_time", moment.reason)
        return EARLIEST + DELAY
    return max(moment, EARLIEST + DELAY)
