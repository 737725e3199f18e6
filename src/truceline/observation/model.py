# SPDX-License-Identifier: Apache-2.0
"""What sources say: observations, parties' claims, and watches.

An observation keeps what was given beside what was derived from it: a monitor's
position, bearing and distance range stay in ``sighting``, the ellipse worked out
from them is ``place``.  A party's claim about totals is a ``PartyClaim``: it is
never merged into an incident or its count (design rule 2).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from truceline.geodesy import Ellipse
from truceline.interval import Interval
from truceline.vocabulary import CountQualifier, Kind, SourceKind, WatchState


@dataclass(frozen=True, slots=True)
class Count:
    """How many, as an interval with its qualifier; both ends None means not counted.

    ``maximum`` None with a ``minimum`` means that no upper end is known.
    """

    qualifier: CountQualifier
    minimum: int | None = None
    maximum: int | None = None


@dataclass(frozen=True, slots=True)
class Sighting:
    """Where an observer stood and which way and how far the event was, as given.

    Attributes:
        position: Where the observer stood, with its own uncertainty.
        position_name: The position in the source's words.
        bearings: Compass points from the position, as given; empty: not given.
        distance_min_m: Nearest distance given, metres; None: not given.
        distance_max_m: Farthest distance given, metres; None: not given.
    """

    position: Ellipse
    position_name: str
    bearings: tuple[str, ...] = ()
    distance_min_m: float | None = None
    distance_max_m: float | None = None


@dataclass(frozen=True, slots=True)
class Observation:
    """What one source says that it saw, heard or measured.

    Attributes:
        observation_id: Unique and stable.
        source_id: Who reports: a team, a camera, a satellite, an outlet.
        source_kind: What sort of source that is.
        family: The pack's source family of whoever first said it: independence is
            counted between families, not outlets.
        when: The interval in which the source says that the event began, UTC.
        time_sigma_s: Standard deviation of each end of ``when``, seconds.
        place: Where, as an ellipse; None: the source names no place that can be
            put on a map.  Such an observation is kept and never fused.
        place_name: The place in the source's words; empty: none.
        kind: What happened.
        count: How many.
        received_at: When the mechanism received it, UTC; for an archive, when it
            was published.
        origin_id: The upstream statement that it repeats; None: none known.
        sighting: Position, bearing and distance as given; None: not given so.
        details: Everything else as given (weapon, calibre, description, toll,
            language, page, note, row of the source file), sorted pairs of text.
    """

    observation_id: str
    source_id: str
    source_kind: SourceKind
    family: str
    when: Interval
    time_sigma_s: float
    place: Ellipse | None
    place_name: str
    kind: Kind
    count: Count
    received_at: datetime
    origin_id: str | None = None
    sighting: Sighting | None = None
    details: tuple[tuple[str, str], ...] = ()

    def detail(self, name: str) -> str | None:
        """Return one of the details, or None."""
        return dict(self.details).get(name)


@dataclass(frozen=True, slots=True)
class PartyClaim:
    """What a party, or a third party, states about a period as a whole.

    Attributes:
        claim_id: Unique and stable.
        claimant: Who says it: a party's id, or ``third_party:NAME``.
        about: Of whom: a party's id, or ``both``.
        period: The hours that the claim covers, UTC.
        published_on: When it was published.
        subject: What is counted, in the source's words (``shelling``, ``fpv_use``).
        count: How many.
        sources: The pages that carry it.
        note: Anything else as given.
    """

    claim_id: str
    claimant: str
    about: str
    period: Interval
    published_on: datetime
    subject: str
    count: Count
    sources: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Watch:
    """That a source was, or could not be, watching a place in an interval.

    Attributes:
        watch_id: Unique and stable.
        source_id: Who watched, or should have.
        source_kind: What sort of source that is.
        when: The hours watched, or lost, UTC.
        place: Where the watcher stood; None: the source does not say.
        place_name: The place in the source's words.
        range_m: How far the watch reaches from the place, metres.
        state: Watching, or why not.
        details: Anything else as given, sorted pairs of text.
    """

    watch_id: str
    source_id: str
    source_kind: SourceKind
    when: Interval
    place: Ellipse | None
    place_name: str
    range_m: float
    state: WatchState
    details: tuple[tuple[str, str], ...] = ()


Statement = Observation | PartyClaim | Watch
"""Anything that intake can accept from a source."""
