# SPDX-License-Identifier: Apache-2.0
"""The agreement as a pack states it: versioned, with every account of every fact.

A pack is read into these models once, at the edge, and trusted from then on.
Everything that changes over time carries a validity interval, so that an old
incident is judged against the line, the clauses and the roles then in force.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from shapely.geometry.base import BaseGeometry

from truceline.interval import Interval
from truceline.vocabulary import Kind, SourceKind, Tier


class Stated(BaseModel):
    """Base of everything that a pack states: frozen, no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Validity(Stated):
    """From when until when something holds; ``until`` None: still."""

    since: datetime = Field(alias="from")
    until: datetime | None = None
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    @property
    def interval(self) -> Interval:
        """The same as an ``Interval``."""
        return Interval(self.since, self.until)


class Party(Stated):
    """One side of the agreement.

    ``name`` maps language codes to names; ``en`` is always there.  ``adjective``
    and ``hue`` are for pages: two neutral hues of equal weight.
    """

    id: str
    name: dict[str, str]
    hue: str


class Role(Stated):
    """What an actor is, and from when until when."""

    role: Literal[
        "party", "guarantor", "lead", "member", "observer", "contributor", "host", "monitor", "claimant"
    ]
    valid: Validity


class Actor(Stated):
    """A state, organisation or body that has a part in the agreement."""

    id: str
    name: dict[str, str]
    party: str | None = None
    roles: tuple[Role, ...] = ()


class DistanceRule(Stated):
    """Weapons of a class must stay at least so far from a line."""

    line: str
    minimum_km: dict[str, float]


class ClauseException(Stated):
    """An act that the clause does not forbid."""

    id: str
    text: str
    kinds: tuple[Kind, ...] = ()
    zone: str | None = None
    needs_notice: bool = True


class Clause(Stated):
    """One rule: who must not do what, with which weapons, where and when.

    ``zone`` None means everywhere that the agreement reaches.  ``distance`` is for
    clauses that depend on the weapon class.  ``kinds`` are forbidden with all
    narrower kinds.
    """

    id: str
    title: str
    text: str
    source: str
    binds: tuple[str, ...]
    kinds: tuple[Kind, ...]
    weapon_classes: tuple[str, ...] = ()
    zone: str | None = None
    distance: DistanceRule | None = None
    valid: Validity
    exceptions: tuple[ClauseException, ...] = ()


class Version(Stated):
    """One version of the agreement's text."""

    id: str
    title: str
    source: str
    authoritative_language: str
    signed_on: str | None = None
    valid: Validity | None = None
    clauses: tuple[Clause, ...] = ()
    note: str = ""


class Claim(Stated):
    """What one source says about a fact."""

    id: str
    by: str
    says: str
    source: str
    url: str | None = None


class Resolution(Stated):
    """Which claim holds and on what ground; a fact has at most one."""

    claim: str
    ground: str


class Fact(Stated):
    """A question about the agreement, every answer to it, and what settles it."""

    id: str
    question: str
    claims: tuple[Claim, ...]
    resolution: Resolution | None = None


class Seat(Stated):
    """One seat of the commission."""

    id: str
    appointed_by: str
    count: int = 1
    votes: bool = True


class Commission(Stated):
    """Who decides on breaches and by what majority."""

    name: str
    seats: tuple[Seat, ...] = ()
    quorum: int | None = None
    majority: str | None = None
    standards: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    note: str = ""


class Remedy(Stated):
    """A consequence that the commission can determine."""

    id: str
    title: str
    owner: str
    deadline_hours: int | None = None
    check: str = ""


class Guarantee(Stated):
    """What a guarantor promised: gates, trigger and clocks."""

    id: str
    guarantors: tuple[str, ...]
    text: str
    source: str
    legal_status: Literal["declared", "signed", "ratified", "in_force"]
    gates: tuple[str, ...] = ()
    trigger: str | None = None
    sign_off: str | None = None
    clocks_hours: tuple[int, ...] = ()


class ReleaseRule(Stated):
    """What one audience sees: which tiers, how late, how coarse."""

    audience: str
    tiers: tuple[Tier, ...]
    delay_hours: int = 0
    cell_km: float = 0.0


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

    ``claims`` are claim ids; ``sum_of`` shows which claims a total adds up from.
    """

    id: str
    title: str
    claims: tuple[str, ...]
    sum_of: dict[str, tuple[str, ...]] = {}
    counts: dict[str, str] = {}
    comparable: bool
    why: str


class SourceFamily(Stated):
    """Sources that speak with one voice or from one interest.

    Two families corroborate each other only if their ``independence_group``
    differs.
    """

    id: str
    name: str
    independence_group: str
    source_kind: SourceKind
    tier: Tier = Tier.PUBLIC


class Source(Stated):
    """A named source or speaker and the family that it belongs to."""

    id: str
    family: str
    position_sigma_m: float | None = None
    range_m: float | None = None


class Region(Stated):
    """A first-order region: its names, its GeoNames code, its extent as a Gaussian."""

    id: str
    name: dict[str, str]
    country: str
    admin1: str
    also: tuple[str, ...] = ()
    latitude: float
    longitude: float
    sigma_m: float


class Places(Stated):
    """The pack's gazetteer: which countries, which regions, levels' uncertainty."""

    countries: tuple[str, ...]
    regions: tuple[Region, ...]
    level_sigma_m: dict[str, float]
    bounds: tuple[float, float, float, float]
    also: dict[str, str] = {}


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
    """

    zone_id: str
    name: str
    role: str
    geometry: BaseGeometry
    sigma_m: float
    valid: Interval
    source: str


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

    def party_ids(self) -> tuple[str, ...]:
        """The parties' ids in the pack's order: the same order everywhere."""
        return tuple(party.id for party in self.parties)
