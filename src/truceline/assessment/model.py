# SPDX-License-Identifier: Apache-2.0
"""Assessments and coverage: how probable a breach is, and how much was watched.

An assessment multiplies stated factors and shows each with its ground.  Its status
is ``alleged`` or ``corroborated`` at most: *verified* is a person's word.
Attribution is never computed.
"""

from __future__ import annotations

from dataclasses import dataclass

from truceline.interval import Interval
from truceline.vocabulary import Status


@dataclass(frozen=True, slots=True)
class Factor:
    """One factor of an assessment: its name, its probability and its ground."""

    name: str
    probability: float
    ground: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """One incident against one clause.

    Attributes:
        incident_id: Which incident.
        version_id: Which version of the agreement.
        clause_id: Which clause of it.
        factors: real, kind, place, interval, exception: in that order.
        probability: Their product: that the incident is a breach of the clause,
            by whomever.
        status: Alleged or corroborated.
    """

    incident_id: str
    version_id: str
    clause_id: str
    factors: tuple[Factor, ...]
    probability: float
    status: Status


@dataclass(frozen=True, slots=True)
class Gap:
    """Hours in which a watch was lost, and why."""

    when: Interval
    place_name: str
    state: str
    note: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a line was watched in an interval.

    Attributes:
        interval: The hours asked about.
        line_km: Length of the line then in force, kilometres; 0: no line.
        share: Share of line-hours within reach of a working watch, 0 to 1; None:
            there is no line, or no watch was ever recorded, so it is not known.
        watches: Working watches that overlap the interval.
        unplaced: Of these, how many could not be put on a map.
        gaps: Watches that were denied, delayed, jammed or down.
        by_hour: The share for each successive hour of the interval.
    """

    interval: Interval
    line_km: float
    share: float | None
    watches: int
    unplaced: int
    gaps: tuple[Gap, ...]
    by_hour: tuple[float, ...]
