# SPDX-License-Identifier: Apache-2.0
"""EXERCISE: synthetic reports of synthetic incidents, with the truth, to measure fusion against.

Nothing here is real, and every id begins with ``exercise-``.  The laws, on purpose not
those of the engine:

- Incidents happen around two dozen settlements along an arc.  Half of them come alone at
  any hour, half in bursts: a first one, then others within minutes and a few kilometres.
- A place is misjudged by a Student t with four degrees of freedom, so that large errors
  happen; declared sigmas are right on average and off by up to a third for each source.
- Patrols hear a direction better than a distance.  Microphones and cameras are sharp.  A
  satellite passes four times a day and sees heat since its last pass.  News name a
  settlement and an hour, or only a day.
- One news statement in three is repeated by other outlets under its ``origin_id``.
- Each source has false reports, and there are lulls and deliveries that are no attack.

Run as ``python -m benchmarks.generate REPORTS FOLDER [SEED]``: writes
``observations.parquet`` and ``truth.parquet`` (observation_id, incident_id).
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet
from numpy.typing import NDArray

from truceline.geodesy import Ellipse, from_plane
from truceline.interval import Interval
from truceline.observation.model import Count, Observation
from truceline.observation.table import ObservationTable, write_table
from truceline.vocabulary import CountQualifier, Kind, SourceKind

START = datetime(2031, 5, 1, tzinfo=UTC)
_KINDS = (Kind.MORTAR, Kind.ARTILLERY, Kind.SMALL_ARMS, Kind.HEAVY_MG, Kind.UAV_STRIKE, Kind.TANK)
_GUNS = (Kind.SMALL_ARMS, Kind.HEAVY_MG)
_FOUNDING = (SourceKind.PATROL, SourceKind.ACOUSTIC, SourceKind.CAMERA, SourceKind.NEWS, SourceKind.SATELLITE)
_OFTEN = (0.28, 0.30, 0.15, 0.17, 0.10)
_TEAMS = {
    SourceKind.PATROL: 40,
    SourceKind.ACOUSTIC: 300,
    SourceKind.CAMERA: 25,
    SourceKind.NEWS: 30,
    SourceKind.SATELLITE: 2,
}


@dataclass(frozen=True, slots=True)
class Event:
    """One true incident: where (degrees), when, what, near which settlement."""

    latitude: float
    longitude: float
    at: datetime
    kind: Kind
    town: tuple[float, float]


@dataclass(slots=True)
class Exercise:
    """Reports under way, and the true incident of each."""

    rng: np.random.Generator
    observations: list[Observation] = field(default_factory=list)
    truth: list[int] = field(default_factory=list)

    def report(self, event: Event, source: SourceKind, truth: int) -> None:
        """Let one source tell of an event; a news statement may be repeated by others."""
        rng = self.rng
        place, when, sigma_s, delay_s = self._seen(event, source)
        copies = int(rng.integers(1, 4)) if source is SourceKind.NEWS and rng.random() < 1 / 3 else 0
        origin = f"exercise-statement-{len(self.truth)}" if copies else None
        word = self._word(event.kind, source)
        heard = int(rng.integers(1, 12)) if source is SourceKind.PATROL else None
        for copy in range(copies + 1):
            team = int(rng.integers(_TEAMS[source]))
            received = max(when.last, event.at) + timedelta(seconds=delay_s + 900 * copy)
            self.observations.append(
                Observation(
                    f"exercise-{len(self.truth):07d}",
                    f"exercise-{source.value}-{team}",
                    source,
                    source.value,
                    when,
                    sigma_s,
                    place,
                    "",
                    word,
                    Count(CountQualifier.UNCOUNTED if heard is None else CountQualifier.ABOUT, heard, heard),
                    received,
                    origin,
                )
            )
            self.truth.append(truth)

    def _seen(self, event: Event, source: SourceKind) -> tuple[Ellipse, Interval, float, float]:
        """Return the place, the interval, its sigma and the delay, both in seconds."""
        rng = self.rng
        hour = event.at.replace(minute=0, second=0, microsecond=0)
        if source is SourceKind.PATROL:
            far = rng.uniform(1_000, 6_000)
            place = self._misjudged(event, far * 0.25, far * 0.08, rng.uniform(0, 180))
            return place, self._instant(event, 90), 90.0, rng.exponential(5_400)
        if source is SourceKind.NEWS:
            place = Ellipse(*event.town, 4_000.0, 4_000.0)
            day = event.at.replace(hour=0, minute=0, second=0, microsecond=0)
            named = Interval(day, day + timedelta(days=1)) if rng.random() < 0.35 else None
            return place, named or Interval(hour, hour + timedelta(hours=1)), 600.0, rng.exponential(10_800)
        if source is SourceKind.SATELLITE:
            since = hour.replace(hour=hour.hour // 6 * 6)
            place = self._misjudged(event, 400, 400, 0)
            return place, Interval(since, since + timedelta(hours=6)), 0.0, 7_200.0
        sigma_m, sigma_s = (450.0, 4.0) if source is SourceKind.ACOUSTIC else (250.0, 15.0)
        place = self._misjudged(event, sigma_m, sigma_m, 0)
        return place, self._instant(event, sigma_s), sigma_s, rng.exponential(60)

    def _misjudged(self, event: Event, major: float, minor: float, azimuth: float) -> Ellipse:
        """Return where a source puts an event, with the sigmas that it declares."""
        # A t with four degrees of freedom has the variance 2.
        along, across = self.rng.standard_t(4, 2) / math.sqrt(2) * (major, minor)
        turn = math.radians(azimuth)
        x = along * math.sin(turn) + across * math.cos(turn)
        y = along * math.cos(turn) - across * math.sin(turn)
        off = self.rng.uniform(0.75, 1.33)
        at = from_plane(x, y, (event.latitude, event.longitude))
        return Ellipse(*at, major * off, minor * off, azimuth)

    def _instant(self, event: Event, sigma_s: float) -> Interval:
        moment = event.at + timedelta(seconds=float(self.rng.normal(0, sigma_s)))
        return Interval(moment, moment)

    def _word(self, kind: Kind, source: SourceKind) -> Kind:
        """Return what a source calls an event: the kind, a vaguer word, or a wrong one."""
        if source is SourceKind.SATELLITE:
            return Kind.THERMAL_HOTSPOT
        draw = self.rng.random()
        sure = {SourceKind.CAMERA: 0.8, SourceKind.PATROL: 0.6, SourceKind.ACOUSTIC: 0.3}.get(source, 0.45)
        if kind not in _KINDS or draw < sure:
            return kind
        if draw < 0.93:
            vague = Kind.GUNFIRE_UNDETERMINED if kind in _GUNS else Kind.EXPLOSION_UNDETERMINED
            return Kind.ATTACK_UNSPECIFIED if source is SourceKind.NEWS else vague
        return _KINDS[int(self.rng.integers(len(_KINDS)))]


def generate(reports: int, seed: int, days: float = 30.0) -> tuple[ObservationTable, NDArray[np.int64]]:
    """Return an exercise of about ``reports`` reports, and the true incident of each row.

    Args:
        reports: About how many reports.
        seed: The same seed gives the same exercise.
        days: Over how long.
    """
    rng = np.random.default_rng(seed)
    towns = [(48.0 + 0.09 * i + rng.normal(0, 0.05), 36.0 + 1.2 * math.sin(i / 9.0)) for i in range(24)]
    busy = rng.dirichlet(np.full(len(towns), 0.6))
    exercise, incident = Exercise(rng), 0
    while len(exercise.truth) < reports:
        town = towns[int(rng.choice(len(towns), p=busy))]
        first = _event(rng, town, rng.uniform(0, days * 86_400), (0.0, 0.0))
        burst = [first]
        if rng.random() < 0.25:
            centre = (float(rng.normal(0, 2_500)), float(rng.normal(0, 2_500)))
            since = rng.uniform(0, days * 86_400)
            steps = np.cumsum(rng.exponential(700, int(rng.integers(2, 8))))
            burst += [_event(rng, town, since + float(step), centre) for step in steps]
        for event in burst:
            tellers = 1 + int(rng.negative_binomial(2, 0.5)) if event.kind in _KINDS else 1
            for teller in rng.choice(len(_FOUNDING), size=tellers, p=_OFTEN):
                exercise.report(event, _FOUNDING[int(teller)], incident)
            incident += 1
    rows = rng.permutation(len(exercise.truth))
    table = ObservationTable.from_observations([exercise.observations[row] for row in rows])
    return table, np.array(exercise.truth, dtype=np.int64)[rows]


def _event(
    rng: np.random.Generator, town: tuple[float, float], second: float, off: tuple[float, float]
) -> Event:
    """Return an incident near a town; one in twelve is no attack."""
    x, y = rng.normal(0, 2_000, 2) + off
    kind = _KINDS[int(rng.integers(len(_KINDS)))]
    if rng.random() < 1 / 12:
        kind = Kind.LULL if rng.random() < 0.5 else Kind.HUMANITARIAN
    return Event(*from_plane(float(x), float(y), town), START + timedelta(seconds=second), kind, town)


def main() -> None:
    """Write an exercise to a folder."""
    reports, folder = int(sys.argv[1]), Path(sys.argv[2])
    table, truth = generate(reports, int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    folder.mkdir(parents=True, exist_ok=True)
    write_table(table, folder / "observations.parquet")
    answers = pa.table({"observation_id": pa.array(table.observation_id, pa.string()), "incident_id": truth})
    pyarrow.parquet.write_table(answers, folder / "truth.parquet")
    print(f"EXERCISE: {len(table):,} reports of {len(np.unique(truth)):,} incidents in {folder}")


if __name__ == "__main__":
    main()
