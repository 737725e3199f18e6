# SPDX-License-Identifier: Apache-2.0
"""The agreement as a pack states it: versioned, with every account of every fact.

A pack is read into these models once, at the edge, and trusted from then on.
Everything that changes over time carries a validity interval, so that an old
incident is judged against the line, the clauses and the roles then in force.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from shapely.geometry.base import BaseGeometry

from truceline.agreement.mechanism import Calendar, Commission, Force, Gate, Guarantee, Office, Remedy
from truceline.agreement.rulebook import DEFAULT_TEXTS, Rule
from truceline.agreement.stated import Stated
from truceline.agreement.terms import Id, Latitude, Longitude, Metres, Moment, Names, Words
from truceline.interval import Interval
from truceline.vocabulary import Kind, SourceKind, Tier


class Validity(Stated):
    """From when until when something holds; ``until`` None: still."""

    since: Moment = Field(alias="from")
    until: Moment | None = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.until is not None and self.until < self.since:
            raise ValueError("until comes before from; swap or correct them")
        return self

    @property
    def interval(self) -> Interval:
        """The same as an ``Interval``."""
        return Interval(self.since, self.until)


class Party(Stated):
    """One side of the agreement.

    ``name`` maps language codes to names; ``en`` is always there.  ``hue`` is for
    pages, as ``#RRGGBB``: neutral hues of equal weight, neither red nor green.
    """

    id: Id
    name: Names
    hue: str = Field(pattern=r"^#[0-9A-Fa-f]{6}$")


class Role(Stated):
    """What an actor is, and from when until when."""

    role: Literal[
        "party", "guarantor", "lead", "member", "observer", "contributor", "host", "monitor", "claimant"
    ]
    valid: Validity


class Actor(Stated):
    """A state, organisation or body that has a part in the agreement."""

    id: Id
    name: Names
    party: str | None = None
    roles: tuple[Role, ...] = ()


class DistanceRule(Stated):
    """Weapons of a class must stay at least so far from a line.

    ``minimum_km`` maps each weapon class to kilometres, measured from the line.
    """

    line: str
    minimum_km: dict[str, Annotated[float, Field(gt=0, le=1000)]] = Field(min_length=1)


class ClauseException(Stated):
    """An act that the clause does not forbid."""

    id: Id
    text: Words
    kinds: tuple[Kind, ...] = ()
    zone: str | None = None
    needs_notice: bool = True


class Clause(Stated):
    """One rule: who must not do what, with which weapons, where and when.

    ``zone`` None means everywhere that the agreement reaches.  ``distance`` is for
    clauses that depend on the weapon class.  ``kinds`` are forbidden with all
    narrower kinds.
    """

    id: Id
    title: Words
    text: Words
    source: Words
    binds: tuple[str, ...]
    kinds: tuple[Kind, ...]
    weapon_classes: tuple[str, ...] = ()
    zone: str | None = None
    distance: DistanceRule | None = None
    valid: Validity
    exceptions: tuple[ClauseException, ...] = ()


class Version(Stated):
    """One version of the agreement's text."""

    id: Id
    title: Words
    source: Words
    authoritative_language: str
    signed_on: str | None = None
    valid: Validity | None = None
    clauses: tuple[Clause, ...] = ()
    note: str = ""


class Claim(Stated):
    """What one source says about a fact."""

    id: Id
    by: Words
    says: Words
    source: Words
    url: str | None = None


class Resolution(Stated):
    """Which claim holds and on what ground; a fact has at most one."""

    claim: str
    ground: Words


class Fact(Stated):
    """A question about the agreement, every answer to it, and what settles it."""

    id: Id
    question: Words
    claims: tuple[Claim, ...] = Field(min_length=1)
    resolution: Resolution | None = None


class ReleaseRule(Stated):
    """What one audience sees: which tiers, how late, how coarse."""

    audience: str
    tiers: tuple[Tier, ...]
    delay_hours: Annotated[int, Field(ge=0)] = 0
    cell_km: Annotated[float, Field(ge=0)] = 0.0


class Reporting(Stated):
    """How the daily report is cut.

    ``cut_off`` is local time in ``timezone``: a report for date D covers the 24
    hours up to ``cut_off`` on D; ``24:00`` is the end of D.
    """

    timezone: str
    cut_off: str = Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$")
    languages: tuple[str, ...] = ("en",)


class Comparison(Stated):
    """Why parties' totals can or cannot be compared, said in the pack's words.

    ``claims`` are claim ids; ``sum_of`` maps a total to the claims that it adds up
    from; ``counts`` maps a claim to what it really counts.
    """

    id: Id
    title: Words
    claims: tuple[str, ...]
    sum_of: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    counts: dict[str, str] = Field(default_factory=dict)
    comparable: bool
    why: Words


NO_GROUP = "none"
"""The independence group of sources whose interest is not known: they corroborate nobody."""


class SourceFamily(Stated):
    """Sources that speak with one voice or from one interest.

    Two families corroborate each other only if their ``independence_group``
    differs; ``none`` is the group of those who corroborate nobody.

    ``compartment`` is the actor to whose people the service shows what this family reports, beside the
    head of mission and the secretary; empty: to everybody whom its tier allows.
    """

    id: Id
    name: Words
    independence_group: str
    source_kind: SourceKind
    tier: Tier = Tier.PUBLIC
    compartment: str = ""


class Source(Stated):
    """A named source or speaker and the family that it belongs to.

    ``id`` is the name exactly as rows carry it.  ``range_m`` is how far its watch
    reaches, ``position_sigma_m`` how well its own position is known.
    """

    id: Words
    family: str
    position_sigma_m: Metres | None = None
    range_m: Metres | None = None


class Region(Stated):
    """A first-order region: its names, its GeoNames code, its extent as a Gaussian."""

    id: Id
    name: Names
    country: str = Field(pattern=r"^[A-Z]{2}$")
    admin1: Words
    also: tuple[str, ...] = ()
    latitude: Latitude
    longitude: Longitude
    sigma_m: Metres


class Places(Stated):
    """The pack's gazetteer: which countries, which regions, levels' uncertainty.

    ``bounds`` is the map's frame as west, south, east, north in degrees.  ``also``
    maps other spellings of place names to names that the gazetteer has; to nothing,
    where it has only a namesake elsewhere.
    """

    countries: tuple[Annotated[str, Field(pattern=r"^[A-Z]{2}$")], ...]
    regions: tuple[Region, ...] = ()
    level_sigma_m: dict[str, Metres] = Field(default_factory=dict)
    bounds: tuple[Longitude, Latitude, Longitude, Latitude]
    also: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _bounds_in_order(self) -> Self:
        west, south, east, north = self.bounds
        if west >= east or south >= north:
            raise ValueError("bounds must be west, south, east, north, in degrees")
        return self


@dataclass(frozen=True, slots=True)
class Zone:
    """A line or an area with its validity and how coarse it is drawn.

    Attributes:
        zone_id: Unique among zones valid at the same time.
        name: For people.
        role: ``line`` of contact, ``area`` of application, ``zone``, ``site``.
        geometry: WGS 84, longitude then latitude.
        sigma_m: How far the drawn geometry may be off, one sigma, metres.
        valid: From when until when.
        source: Where it comes from and how it was drawn.
        through: The gazetteer's names of the places it is drawn through, vertex by
            vertex for a line; empty: drawn otherwise, as ``source`` says.
    """

    zone_id: str
    name: str
    role: str
    geometry: BaseGeometry
    sigma_m: float
    valid: Interval
    source: str
    through: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Agreement:
    """One pack, loaded.

    ``files`` holds the pack's files byte for byte, name to content: they are what
    is recorded, and what the agreement can be loaded from again.
    """

    agreement_id: str
    title: dict[str, str]
    summary: str
    in_force: tuple[Interval, ...]
    parties: tuple[Party, ...]
    actors: tuple[Actor, ...]
    versions: tuple[Version, ...]
    zones: tuple[Zone, ...]
    facts: tuple[Fact, ...]
    commission: Commission
    remedies: tuple[Remedy, ...]
    guarantees: tuple[Guarantee, ...]
    release_rules: tuple[ReleaseRule, ...]
    reporting: Reporting
    comparisons: tuple[Comparison, ...]
    caveats: tuple[str, ...]
    families: tuple[SourceFamily, ...]
    sources: tuple[Source, ...]
    places: Places
    files: tuple[tuple[str, bytes], ...]
    calendar: Calendar = field(default_factory=Calendar)
    offices: tuple[Office, ...] = ()
    gates: tuple[Gate, ...] = ()
    force: Force | None = None
    state_by: tuple[str, ...] = ("head_of_mission",)
    rules: Mapping[Rule, str] = field(default_factory=dict)

    def clauses_on(self, interval: Interval) -> tuple[tuple[Version, Clause], ...]:
        """Return every clause whose validity overlaps ``interval``, in the pack's order."""
        return tuple(
            (version, clause)
            for version in self.versions
            for clause in version.clauses
            if clause.valid.interval.overlaps(interval)
        )

    def zone_at(self, zone_id: str, moment: datetime) -> Zone | None:
        """Return the zone with this id that is in force at ``moment``, or None."""
        for zone in self.zones:
            if zone.zone_id == zone_id and zone.valid.holds(moment):
                return zone
        return None

    def family(self, family_id: str) -> SourceFamily | None:
        """Return the source family with this id, or None."""
        return next((family for family in self.families if family.id == family_id), None)

    def citation(self, rule: Rule) -> str:
        """Return where a rule of procedure stands: the pack's own words, or the program's rule."""
        return self.rules.get(rule) or f"rule of procedure {rule.value}: {DEFAULT_TEXTS[rule]}"

    def clause(self, version_id: str, clause_id: str) -> Clause | None:
        """Return a clause of a version, or None."""
        return next(
            (
                clause
                for version in self.versions
                if version.id == version_id
                for clause in version.clauses
                if clause.id == clause_id
            ),
            None,
        )

    def actor(self, actor_id: str) -> Actor | None:
        """Return the actor with this id, or None."""
        return next((actor for actor in self.actors if actor.id == actor_id), None)

    def party_of(self, name: str) -> str | None:
        """Return the party that a party's or an actor's id stands for; None: it is of no party."""
        if name in self.party_ids():
            return name
        actor = self.actor(name)
        return None if actor is None else actor.party

    def party_ids(self) -> tuple[str, ...]:
        """The parties' ids in the pack's order: the same order everywhere."""
        return tuple(party.id for party in self.parties)
