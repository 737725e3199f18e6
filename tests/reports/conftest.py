# SPDX-License-Identifier: Apache-2.0
"""A small agreement, a small gazetteer and builders of what a report is made from."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from shapely.geometry import LineString, Polygon

from truceline.agreement.mechanism import Commission
from truceline.agreement.model import (
    Agreement,
    Clause,
    Comparison,
    Party,
    Places,
    Region,
    Reporting,
    SourceFamily,
    Validity,
    Version,
    Zone,
)
from truceline.assessment.model import Assessment, Coverage, Factor, Gap
from truceline.fusion.model import Incident
from truceline.geodesy import Ellipse
from truceline.interval import Interval
from truceline.observation.model import Count, Observation, PartyClaim, Watch
from truceline.reports import Derivation, ReportInputs, previous_period, report_period
from truceline.reports.model import Bounds
from truceline.vocabulary import CountQualifier, Kind, SourceKind, Status, WatchState

DAY = date(2025, 4, 20)
TRUCE = Interval(datetime(2025, 4, 19, 15, tzinfo=UTC), datetime(2025, 4, 20, 21, tzinfo=UTC))
MIDDLE = (48.0, 37.0)


@dataclass(frozen=True, slots=True)
class Town:
    """A made-up town."""

    name: str
    latitude: float
    longitude: float
    population: int


TOWNS = (
    Town("Aville", 48.1, 36.9, 600_000),
    Town("Beeton", 47.7, 37.4, 120_000),
    Town("Ceeburg", 48.4, 37.6, 40_000),
    Town("Deemouth", 47.5, 36.3, 8_000),
    Town("Eefield", 48.0, 38.2, 2_000),
)

REGIONS = (
    Region(
        id="west",
        name={"en": "Westland"},
        country="XX",
        admin1="01",
        latitude=48.0,
        longitude=36.5,
        sigma_m=60_000,
    ),
    Region(
        id="east",
        name={"en": "Eastland"},
        country="XX",
        admin1="02",
        latitude=48.0,
        longitude=37.5,
        sigma_m=60_000,
    ),
)


@dataclass(frozen=True, slots=True)
class Names:
    """A gazetteer of a few towns and two regions that meet at 37 degrees east."""

    towns: tuple[Town, ...] = TOWNS

    def region_of(self, latitude: float, longitude: float) -> Region | None:
        if not 46 < latitude < 50:
            return None
        return REGIONS[0] if longitude < 37 else REGIONS[1]

    def nearest(self, latitude: float, longitude: float) -> Town:
        return min(
            self.towns,
            key=lambda town: math.hypot(town.latitude - latitude, (town.longitude - longitude) * 0.67),
        )

    def towns_in(self, bounds: Bounds, minimum_population: int) -> Sequence[Town]:
        west, south, east, north = bounds
        return [
            town
            for town in self.towns
            if west <= town.longitude <= east
            and south <= town.latitude <= north
            and town.population >= minimum_population
        ]


def utc(day: int, hour: int, minute: int = 0) -> datetime:
    """Return an instant of April 2025."""
    return datetime(2025, 4, day, hour, minute, tzinfo=UTC)


def make_agreement(**changes: object) -> Agreement:
    """Return a small agreement, with ``changes`` to its fields."""
    clause = Clause(
        id="c1",
        title="All military activity ceases",
        text="All military activity ceases.",
        source="statement of 19 April 2025",
        binds=("aa", "bb"),
        kinds=(Kind.ATTACK_UNSPECIFIED,),
        valid=Validity(since=TRUCE.start, until=TRUCE.end),
    )
    always = Interval(utc(1, 0), None)
    base = Agreement(
        agreement_id="test-truce",
        title={"en": "Test truce of 2025"},
        summary="A made-up truce.",
        in_force=(TRUCE,),
        parties=(
            Party(id="aa", name={"en": "Aland"}, hue="#6b5b95"),
            Party(id="bb", name={"en": "Beeland"}, hue="#88746a"),
        ),
        actors=(),
        versions=(
            Version(id="v1", title="Statement", source="s", authoritative_language="en", clauses=(clause,)),
        ),
        zones=(
            Zone(
                "line",
                "Line of contact",
                "line",
                LineString([(36.0, 47.4), (36.8, 47.8), (37.3, 48.0), (37.6, 48.5)]),
                5_000,
                always,
                "Drawn by hand",
            ),
            Zone(
                "z1",
                "Quiet zone",
                "zone",
                Polygon([(36.9, 48.15), (37.2, 48.15), (37.2, 48.35), (36.9, 48.35)]),
                500,
                always,
                "Annex 1.",
            ),
        ),
        facts=(),
        commission=Commission(name="Commission"),
        remedies=(),
        guarantees=(),
        release_rules=(),
        reporting=Reporting(timezone="Europe/Kyiv", cut_off="24:00"),
        comparisons=(
            Comparison(
                id="totals",
                title="The two totals",
                claims=("PC-05", "PC-11"),
                sum_of={"PC-05": ("PC-25", "PC-26", "PC-29")},
                counts={
                    "PC-05": "shelling, assaults and drones on one day",
                    "PC-11": "all acts, borders added",
                },
                comparable=False,
                why="They count different things over different hours.",
            ),
        ),
        caveats=("The record rests on public reports.",),
        families=(
            SourceFamily(
                id="fa", name="Aland officials", independence_group="a", source_kind=SourceKind.PARTY
            ),
            SourceFamily(
                id="fb", name="Beeland officials", independence_group="b", source_kind=SourceKind.PARTY
            ),
            SourceFamily(id="fn", name="News agencies", independence_group="n", source_kind=SourceKind.NEWS),
            SourceFamily(id="fm", name="Monitors", independence_group="m", source_kind=SourceKind.PATROL),
        ),
        sources=(),
        places=Places(countries=("XX",), regions=REGIONS, level_sigma_m={}, bounds=(35.5, 47.0, 38.5, 49.0)),
        files=(),
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def make_observation(name: str, **changes: object) -> Observation:
    """Return an observation of 20 April at noon, with ``changes`` to its fields."""
    base = Observation(
        observation_id=name,
        source_id="A News",
        source_kind=SourceKind.NEWS,
        family="fn",
        when=Interval(utc(20, 9), utc(20, 10)),
        time_sigma_s=600.0,
        place=Ellipse(*MIDDLE, 2_000, 2_000),
        place_name="Aville",
        kind=Kind.ARTILLERY,
        count=Count(CountQualifier.ABOUT, 5, 5),
        received_at=utc(20, 12),
        details=(("note", "as printed"), ("url", "https://example.org/page")),
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def make_incident(name: str, members: Sequence[str], **changes: object) -> Incident:
    """Return an incident of 20 April at noon, with ``changes`` to its fields."""
    base = Incident(
        incident_id=name,
        place=Ellipse(*MIDDLE, 3_000, 1_500, 30),
        when=Interval(utc(20, 9), utc(20, 10)),
        kinds=((Kind.ARTILLERY, 0.75), (Kind.MORTAR, 0.25)),
        count_min=3,
        count_max=5,
        reports=len(members),
        independent_sources=1,
        probability_real=0.8,
        members=tuple(sorted(members)),
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def make_assessment(incident_id: str, status: Status = Status.ALLEGED, real: float = 0.8) -> Assessment:
    """Return an assessment against the one clause."""
    factors = (
        Factor("real", real, "one family reports it"),
        Factor("kind", 1.0, "artillery falls under attack"),
        Factor("place", 1.0, "the clause holds everywhere"),
        Factor("interval", 1.0, "wholly in the hours in force"),
        Factor("exception", 1.0, "no exception covers it"),
    )
    return Assessment(incident_id, "v1", "c1", factors, real, status)


def make_claim(name: str, **changes: object) -> PartyClaim:
    """Return a claim of one party for the whole of 20 April, with ``changes``."""
    base = PartyClaim(
        claim_id=name,
        claimant="aa",
        about="bb",
        period=Interval(utc(19, 21), utc(20, 21)),
        published_on=utc(21, 0),
        subject="shelling",
        count=Count(CountQualifier.EXACT, 2_935, 2_935),
        sources=("https://example.org/a", "https://example.org/b"),
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def exactly(number: int) -> Count:
    """Return an exact count."""
    return Count(CountQualifier.EXACT, number, number)


TOTALS = (
    make_claim("PC-05", subject="violation_all_kinds"),
    make_claim("PC-25", subject="ground_assault", count=exactly(96)),
    make_claim("PC-26", count=exactly(1_882)),
    make_claim("PC-29", subject="kamikaze_drone_use", count=exactly(957)),
    make_claim(
        "PC-11", claimant="bb", about="aa", period=TRUCE, subject="violation_all_kinds", count=exactly(4_900)
    ),
    make_claim(
        "PC-47", claimant="bb", about="aa", period=TRUCE, subject="violation_all_kinds",
        count=Count(CountQualifier.ALMOST, None, 5_000),
    ),
    make_claim(
        "PC-12", claimant="third_party:ISW", about="both", period=TRUCE, subject="fighting_subsided",
        count=Count(CountQualifier.UNCOUNTED),
    ),
)  # fmt: skip


def make_coverage(period: Interval, share: float | None = None) -> Coverage:
    """Return the coverage of a period; None: no watch was ever recorded."""
    hours = 0 if share is None else round(period.duration / timedelta(hours=1))
    by_hour = tuple(0.0 if hour % 6 == 5 else share or 0.0 for hour in range(hours))
    gaps = (
        ()
        if share is None
        else (Gap(Interval(utc(20, 2), utc(20, 4)), "Aville mast", "jammed", "no picture"),)
    )
    return Coverage(period, 230.0, share, 0 if share is None else 3, 0, gaps, by_hour)


DERIVATION = Derivation(
    mission_id="mission-1",
    origin="example.org/truce",
    tree_size=1_234,
    root="q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=",
    engine="density 1",
    settings=(("reach_m", 5_000.0), ("gap_s", 3_600.0)),
    pack_id="test-truce",
    exercise=False,
    program_version="0.1.0",
)


def make_inputs(**changes: object) -> ReportInputs:
    """Return the inputs of a small report for 20 April, with ``changes`` to them."""
    reporting = Reporting(timezone="Europe/Kyiv", cut_off="24:00")
    base = ReportInputs(
        agreement=make_agreement(),
        gazetteer=Names(),
        report_date=DAY,
        incidents=(
            make_incident("inc-1", ["o1", "o2"]),
            make_incident(
                "inc-2", ["o3"], when=Interval(utc(20, 20), utc(20, 22)), kinds=((Kind.UAV_STRIKE, 1.0),)
            ),
            make_incident("inc-0", ["o4"], when=Interval(utc(19, 3), utc(19, 4))),
        ),
        assessments=(
            make_assessment("inc-1", Status.CORROBORATED, 0.9),
            make_assessment("inc-2"),
        ),
        observations=(
            make_observation("o1", family="fa", source_id="Aland staff", origin_id="O-1"),
            make_observation("o2", origin_id="O-1"),
            make_observation("o3", when=Interval(utc(20, 20), utc(20, 22)), kind=Kind.UAV_STRIKE),
            make_observation("o4", when=Interval(utc(19, 3), utc(19, 4))),
            make_observation("o5", place=None, place_name="the whole front"),
        ),
        claims=TOTALS,
        coverage=make_coverage(report_period(reporting, DAY)),
        previous_coverage=make_coverage(previous_period(reporting, DAY)),
        derivation=DERIVATION,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def many_inputs(number: int, seed: int = 7, share: float | None = None) -> ReportInputs:
    """Return a made-up day of ``number`` incidents with three observations each."""
    chance = random.Random(seed)
    incidents, observations, assessments = [], [], []
    kinds = (Kind.ARTILLERY, Kind.UAV_STRIKE, Kind.MORTAR, Kind.GROUND_ASSAULT, Kind.EXPLOSION_UNDETERMINED)
    for row in range(number):
        along = chance.random()
        latitude = 47.4 + 1.1 * along + chance.gauss(0, 0.12)
        longitude = 36.0 + 1.6 * along + chance.gauss(0, 0.12)
        start = utc(19, 21) + timedelta(minutes=chance.randrange(-1_440, 1_440))
        when = Interval(start, start + timedelta(minutes=chance.choice((0, 20, 60, 360, 720))))
        sigma = chance.choice((800.0, 2_500.0, 4_000.0, 8_000.0, 25_000.0))
        place = Ellipse(latitude, longitude, sigma, sigma * chance.uniform(0.4, 1), chance.uniform(0, 180))
        kind, real = chance.choice(kinds), chance.uniform(0.2, 0.99)
        members = [f"o{row}-{one}" for one in range(3)]
        incidents.append(
            make_incident(
                f"inc-{row:08x}",
                members,
                when=when,
                place=place,
                probability_real=real,
                kinds=((kind, 0.8), (Kind.ATTACK_UNSPECIFIED, 0.2)),
                independent_sources=chance.choice((1, 1, 2)),
            )
        )
        for one, family in zip(members, ("fa", "fb", "fn"), strict=True):
            observations.append(make_observation(one, when=when, place=place, kind=kind, family=family))
        status = Status.CORROBORATED if incidents[-1].independent_sources > 1 else Status.ALLEGED
        assessments.append(make_assessment(incidents[-1].incident_id, status, real))
    reporting = Reporting(timezone="Europe/Kyiv", cut_off="24:00")
    watches = (
        Watch("w1", "mast", SourceKind.CAMERA, Interval(utc(20, 0), utc(20, 8)), Ellipse(47.9, 37.0, 50, 50),
              "Aville mast", 15_000.0, WatchState.OK),
    )  # fmt: skip
    return make_inputs(
        incidents=tuple(incidents),
        assessments=tuple(assessments),
        observations=(*observations, make_observation("lost", place=None, place_name="the whole front")),
        coverage=make_coverage(report_period(reporting, DAY), share),
        previous_coverage=make_coverage(previous_period(reporting, DAY), share),
        watches=watches if share is not None else (),
    )


@pytest.fixture
def inputs() -> Callable[..., ReportInputs]:
    """Build the inputs of a small report."""
    return make_inputs
