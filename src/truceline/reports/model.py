# SPDX-License-Identifier: Apache-2.0
"""What a daily report is made from, and what it holds.

``ReportInputs`` goes in, ``DailyReport`` comes out of ``daily.daily_report``, and the
renderers show a ``DailyReport`` and add nothing to it.  Numbers of incidents are
``Tally`` intervals throughout: an incident whose time is uncertain may or may not
lie in the period, and the report says so instead of choosing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol

from truceline.agreement.model import Agreement, Clause, Comparison, Region, Version, Zone
from truceline.assessment.model import Assessment, Coverage
from truceline.fusion.model import Incident
from truceline.interval import Interval
from truceline.observation.model import Observation, PartyClaim, Watch
from truceline.vocabulary import Kind, Status

Bounds = tuple[float, float, float, float]
"""West, south, east, north: WGS 84 degrees."""


class NamedPlace(Protocol):
    """A town of the pack's gazetteer, as far as a report needs it."""

    @property
    def name(self) -> str:
        """The name in the reader's language."""

    @property
    def latitude(self) -> float:
        """WGS 84 degrees."""

    @property
    def longitude(self) -> float:
        """WGS 84 degrees."""

    @property
    def population(self) -> int:
        """Inhabitants."""


class PlaceNames(Protocol):
    """The pack's gazetteer, as far as a report needs it."""

    def region_of(self, latitude: float, longitude: float, /) -> Region | None:
        """Return the region that a point lies in, or None."""

    def nearest(self, latitude: float, longitude: float, /) -> NamedPlace:
        """Return the town nearest to a point."""

    def towns_in(self, bounds: Bounds, minimum_population: int, /) -> Sequence[NamedPlace]:
        """Return the towns inside ``bounds`` with at least so many inhabitants."""


@dataclass(frozen=True, slots=True)
class Derivation:
    """What the report was derived from, so that anyone can derive it again.

    Attributes:
        mission_id: Which mission.
        origin: The log's name, as in its checkpoint.
        tree_size: Number of records in the log at that checkpoint.
        root: Its root hash, base64.
        engine: Name and version of the fusion engine.
        settings: Its settings, name and value.
        pack_id: Which agreement pack.
        exercise: Whether this is training and not real; then every page says so.
        program_version: Of Truceline.
    """

    mission_id: str
    origin: str
    tree_size: int
    root: str
    engine: str
    settings: tuple[tuple[str, float], ...]
    pack_id: str
    exercise: bool
    program_version: str


@dataclass(frozen=True, slots=True)
class ReportInputs:
    """Everything that a daily report is a pure function of; order does not matter.

    Attributes:
        agreement: The pack.
        gazetteer: Its place names.
        report_date: The date that the report bears, in the pack's reporting zone.
        incidents: Those that overlap the period or the one before; others are ignored.
        assessments: Of these incidents.
        observations: Members of these incidents, and those of the period that are in none.
        claims: Parties' and third parties' claims; those that do not overlap are ignored.
        coverage: Of the period (see ``period.report_period``).
        previous_coverage: Of the period before.
        derivation: What all this was derived from.
        watches: Those that overlap the period; only their places are used, on the map.
        members_elsewhere: Ids of observations that fusion placed in incidents outside
            both periods; ids of other members do no harm.
    """

    agreement: Agreement
    gazetteer: PlaceNames
    report_date: date
    incidents: Sequence[Incident]
    assessments: Sequence[Assessment]
    observations: Sequence[Observation]
    claims: Sequence[PartyClaim]
    coverage: Coverage
    previous_coverage: Coverage
    derivation: Derivation
    watches: Sequence[Watch] = ()
    members_elsewhere: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Tally:
    """How many incidents a stretch of time holds.

    Attributes:
        least: Those whose whole interval lies in it.
        most: Those whose interval overlaps it.
        expected: The sum over incidents of the share of their interval that lies in
            it: the dot between the whisker's ends.
    """

    least: int = 0
    most: int = 0
    expected: float = 0.0


class ForceState(StrEnum):
    """How the period lies to the hours in which the agreement is in force."""

    WHOLE = "whole"
    PART = "part"
    BEFORE = "before"
    BETWEEN = "between"
    AFTER = "after"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether the agreement is in force in the period.

    Attributes:
        state: How the period lies to the hours in force.
        within: The parts of the period in force.
        nearest: The hours in force that the report speaks of; None: none are stated.
        day: The report date as a day of ``nearest``, the first being 1; None: outside it.
    """

    state: ForceState
    within: tuple[Interval, ...]
    nearest: Interval | None
    day: int | None


@dataclass(frozen=True, slots=True)
class IncidentEntry:
    """One incident as the report shows it.

    Attributes:
        incident: As fusion gives it.
        kind: The likeliest kind.
        wholly: Whether its whole interval lies in the period.
        place: In words, from the gazetteer.
        region: The region that its centre lies in; empty: none.
        families: Names of the source families that report it, in the pack's order.
        status: None where it was not assessed.
        ground: Why it was not assessed; empty: it was.
        assessments: One a clause, in the pack's order.
        statements: Distinct original statements among its observations.
        observations: Its members, by time.
    """

    incident: Incident
    kind: Kind
    wholly: bool
    place: str
    region: str
    families: tuple[str, ...]
    status: Status | None
    ground: str
    assessments: tuple[Assessment, ...]
    statements: int
    observations: tuple[Observation, ...]

    @property
    def probability(self) -> float:
        """The greatest probability of a breach of any clause; 0 where none was assessed."""
        return max((assessment.probability for assessment in self.assessments), default=0.0)


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One row of the comparison by kind or by region: now and in the period before."""

    name: str
    now: Tally
    before: Tally
    alleged: int = 0
    corroborated: int = 0


@dataclass(frozen=True, slots=True)
class ClaimEntry:
    """A claim and, beside it, what the record holds for the same hours.

    Attributes:
        claim: As it was made.
        hours: How its hours differ from the report's, in words.
        kind: The kind of incident counted beside it; None: the record has no such kind.
        record: Incidents of that kind in the claim's hours, wherever, whoever fired.
        statements: Distinct original statements that they rest on.
        place: What the claim's subject is about, where it names a place; else empty.
    """

    claim: PartyClaim
    hours: str
    kind: Kind | None
    record: Tally
    statements: int
    place: str


@dataclass(frozen=True, slots=True)
class SumCheck:
    """A total and what it is said to add up from.

    ``added`` is None where a part is missing or was not counted exactly.
    """

    total: PartyClaim
    parts: tuple[PartyClaim, ...]
    missing: tuple[str, ...]
    added: int | None


@dataclass(frozen=True, slots=True)
class ComparisonEntry:
    """A comparison of the pack, with the claims and sums that it speaks of."""

    comparison: Comparison
    claims: tuple[PartyClaim, ...]
    sums: tuple[SumCheck, ...]


@dataclass(frozen=True, slots=True)
class UnassessedRow:
    """How many incidents were not assessed on one ground, and of which kinds, the most first."""

    ground: str
    number: int
    kinds: tuple[tuple[Kind, int], ...]


@dataclass(frozen=True, slots=True)
class UnplacedRow:
    """How many observations of one family and kind have no place on the map, for one reason."""

    reason: str
    family: str
    kind: Kind
    number: int


@dataclass(frozen=True, slots=True)
class MapFrame:
    """What the map shows besides incidents.

    ``watched`` None: the reader is not told what was watched, so no gap is shown either.
    """

    bounds: Bounds
    zones: tuple[Zone, ...]
    watched: tuple[Watch, ...] | None
    towns: tuple[NamedPlace, ...]


@dataclass(frozen=True, slots=True)
class DailyReport:
    """Everything that the four renderers show, in the order in which they show it.

    ``entries`` holds the incidents that overlap the period, likeliest breach first.
    ``incomparable`` says why the two periods cannot be compared; empty: they can.
    ``without_watch`` counts incidents that no patrol, camera or instrument recorded;
    ``unfused`` counts placed observations of the period that are in no incident;
    ``elsewhere`` those that are in incidents outside the period.
    """

    agreement: Agreement
    report_date: date
    period: Interval
    previous: Interval
    standing: Standing
    clauses: tuple[tuple[Version, Clause], ...]
    entries: tuple[IncidentEntry, ...]
    tally: Tally
    attacks: Tally
    by_status: tuple[tuple[Status | None, int], ...]
    unassessed: tuple[UnassessedRow, ...]
    without_watch: int
    by_hour: tuple[Tally, ...]
    kinds: tuple[GroupRow, ...]
    regions: tuple[GroupRow, ...]
    claims: tuple[ClaimEntry, ...]
    comparisons: tuple[ComparisonEntry, ...]
    coverage: Coverage
    previous_coverage: Coverage
    incomparable: str
    unplaced: tuple[Observation, ...]
    unplaced_rows: tuple[UnplacedRow, ...]
    unfused: int
    elsewhere: int
    frame: MapFrame
    derivation: Derivation
