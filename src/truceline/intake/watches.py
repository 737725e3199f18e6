# SPDX-License-Identifier: Apache-2.0
"""Format ``watches``: that a source watched a place in an interval, or could not.

One row a watch, whoever watched and under whichever agreement.  Silence is not
compliance (design rule 4): these rows are the denominator.  Times must have a zone.  Both
coordinates may be left empty: such a watch is counted and covers no place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from truceline.geodesy import Ellipse
from truceline.intake.fields import Fields
from truceline.intake.model import IntakeContext
from truceline.intake.parts import SOURCE_KINDS, details_of
from truceline.intake.places import LARGEST_SIGMA_M, position
from truceline.observation.model import Watch
from truceline.vocabulary import SourceKind, WatchState

NEEDS = frozenset(
    {
        "watch_id", "source_id", "source_kind", "watched_from", "watched_to", "latitude", "longitude",
        "sigma_m", "place_name", "range_m", "state",
    }
)  # fmt: skip

LARGEST_RANGE_M = 1e6
"""Nothing watches farther than a thousand kilometres from where it stands."""

_STATES: Mapping[str, WatchState] = {state.value: state for state in WatchState}


def reader(context: IntakeContext) -> Callable[[Fields], Watch]:
    """Return what reads one watch."""

    def read(fields: Fields) -> Watch:
        return Watch(
            watch_id=fields.identity("watch_id"),
            source_id=fields.identity("source_id"),
            source_kind=fields.choice("source_kind", SOURCE_KINDS, SourceKind.PUBLIC),
            when=fields.interval("watched_from", "watched_to"),
            place=_place(fields, context),
            place_name=fields.text("place_name"),
            range_m=fields.number("range_m", 0.0, LARGEST_RANGE_M, "metres"),
            state=fields.choice("state", _STATES, WatchState.OK),
            details=details_of(fields.rest(NEEDS)),
        )

    return read


def _place(fields: Fields, context: IntakeContext) -> Ellipse | None:
    centre = position(fields, context, "latitude", "longitude")
    if centre is None:
        return None
    sigma = fields.number("sigma_m", 1e-3, LARGEST_SIGMA_M, "metres")
    return Ellipse(centre[0], centre[1], sigma, sigma)
