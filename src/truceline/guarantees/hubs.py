# SPDX-License-Identifier: Apache-2.0
"""Hubs: protected places that builders set up in the host's country, with the host's consent.

A hub's region is public; what it protects is for the parties, in general terms; where it
lies is for the commission.

Invariants: a hub goes from planned to agreed to building to operational, nothing is
skipped and nothing goes back; it can be closed at any time, for good; it is agreed by the
host alone; outside the commission's tier its place is no finer than the release rule's
cell, and where the rule gives no cell it is the region alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from truceline.agreement import Agreement, ReleaseRule, Rule
from truceline.agreement.terms import Id, Latitude, Longitude, Words
from truceline.commission.composition import SPEAKERS, Composition
from truceline.geodesy import hexagon_over
from truceline.guarantees.stages import Stage, may_follow
from truceline.procedure import Capacity, Entry, Step, require, require_capacity, speaks_for, within
from truceline.vocabulary import Tier

Builders = Annotated[tuple[Id, ...], Field(min_length=1, max_length=50)]


class HubStatus(StrEnum):
    """How far a hub has come, in order."""

    PLANNED = "planned"
    AGREED = "agreed"
    BUILDING = "building"
    OPERATIONAL = "operational"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Site:
    """Where a hub lies, WGS 84 degrees: the commission's alone."""

    latitude: Latitude
    longitude: Longitude


@dataclass(frozen=True, slots=True)
class PlanHub(Step):
    """Plan a hub.

    Attributes:
        hub_id: Unique over the force; it says nothing of the place.
        builders: The ids of those who will build it.
        region: The id of a region of the pack.
        source: What says so.
        protects: What it is to protect, in general terms; empty: not said.
        site: Where exactly; None: not known yet.
    """

    kind: ClassVar[str] = "force"
    name: ClassVar[str] = "plan-hub"
    hub_id: Id
    builders: Builders
    region: Id
    source: Words
    protects: str = field(default="", metadata=within(Tier.PARTIES), kw_only=True)
    site: Site | None = field(default=None, metadata=within(Tier.COMMISSION), kw_only=True)


@dataclass(frozen=True, slots=True)
class AgreeHub(Step):
    """Give the host's consent to a hub.

    Attributes:
        hub_id: Which hub.
        source: What says so.
    """

    kind: ClassVar[str] = "force"
    name: ClassVar[str] = "agree-hub"
    hub_id: Id
    source: Words


@dataclass(frozen=True, slots=True)
class BuildHub(Step):
    """Record that building has begun.

    Attributes:
        hub_id: Which hub.
    """

    kind: ClassVar[str] = "force"
    name: ClassVar[str] = "build-hub"
    hub_id: Id


@dataclass(frozen=True, slots=True)
class OpenHub(Step):
    """Record that a hub is operational; every gate of the force must be open for each builder.

    Attributes:
        hub_id: Which hub.
    """

    kind: ClassVar[str] = "force"
    name: ClassVar[str] = "open-hub"
    hub_id: Id


@dataclass(frozen=True, slots=True)
class CloseHub(Step):
    """Record that a hub is closed, or given up before it was built.

    Attributes:
        hub_id: Which hub.
        ground: Why.
    """

    kind: ClassVar[str] = "force"
    name: ClassVar[str] = "close-hub"
    hub_id: Id
    ground: Words


Progress = AgreeHub | BuildHub | OpenHub | CloseHub
"""A step on a hub that was planned."""

STEPS: tuple[type[Step], ...] = (PlanHub, AgreeHub, BuildHub, OpenHub, CloseHub)


@dataclass(frozen=True, slots=True)
class Hub:
    """A hub, as far as it is public: it does not hold its exact place.

    Attributes:
        hub_id: Its id.
        builders: Who builds it, in the order in which they were named.
        region: The id of the region of the pack that it lies in.
        stages: Every status that it came to, in order; the first is the plan.
    """

    hub_id: str
    builders: tuple[str, ...]
    region: str
    stages: tuple[Stage[HubStatus], ...]

    @property
    def status(self) -> HubStatus:
        """How far it has come by now."""
        return self.stages[-1].status


@dataclass(frozen=True, slots=True)
class CoarsePlace:
    """A hub's place as it may be shown outside the commission's tier.

    The region stands beside the cell, so where a cell lies across a border the two say
    more together than the cell alone; a pack's ``cell_km`` must be wide enough for that.

    Attributes:
        region: The id of the region of the pack.
        cell: The H3 cell that the hub lies in; None: the region alone.
    """

    region: str
    cell: str | None = None


def coarse_place(hub: Hub, site: Site | None, rule: ReleaseRule) -> CoarsePlace:
    """Return a hub's place as a release rule gives it to those who may not know it exactly.

    Args:
        hub: The hub.
        site: Where it lies; None: not known.
        rule: Whose ``cell_km`` says how wide a cell must be at least; zero: it gives no cell.
    """
    if site is None or rule.cell_km <= 0:
        return CoarsePlace(hub.region)
    return CoarsePlace(hub.region, hexagon_over(site.latitude, site.longitude, rule.cell_km * 1000))


def planned(entry: Entry, step: PlanHub, agreement: Agreement) -> Hub:
    """Return a hub as it is planned; who plans it, and its builders, have been checked.

    Raises:
        RuleViolation: It lies in no region of the pack, or names a builder twice.
    """
    require(
        any(region.id == step.region for region in agreement.places.regions),
        agreement,
        Rule.HUB,
        f"The agreement has no region {step.region}; name one of its places.",
    )
    require(
        len(set(step.builders)) == len(step.builders),
        agreement,
        Rule.HUB,
        f"{step.hub_id} names a builder twice.",
    )
    return Hub(
        step.hub_id,
        step.builders,
        step.region,
        (Stage(HubStatus.PLANNED, entry.at, entry.leaf_index),),
    )


def progressed(hub: Hub, entry: Entry, step: Progress, agreement: Agreement) -> Hub:
    """Return a hub after a step on it; who takes it, and the gates, have been checked.

    Raises:
        RuleViolation: The step is out of order.
    """
    status = status_after(step)
    require(
        may_follow(hub.status, status),
        agreement,
        Rule.HUB,
        f"{hub.hub_id} is {hub.status}; a hub is planned, agreed, building, operational, in this order "
        "and once, and closed for good.",
    )
    return replace(hub, stages=(*hub.stages, Stage(status, entry.at, entry.leaf_index)))


def status_after(step: Progress) -> HubStatus:
    """Return the status to which a step brings a hub."""
    match step:
        case AgreeHub():
            return HubStatus.AGREED
        case BuildHub():
            return HubStatus.BUILDING
        case OpenHub():
            return HubStatus.OPERATIONAL
        case CloseHub():
            return HubStatus.CLOSED


def require_host(entry: Entry, agreement: Agreement, composition: Composition) -> None:
    """Refuse the host's consent by anybody but its party's liaison, or who holds an office of the host.

    Raises:
        RuleViolation: They do not act for the host, or the agreement names none.
    """
    hosts = [
        actor.id
        for actor in agreement.actors
        if any(role.role == "host" and role.valid.interval.holds(entry.at) for role in actor.roles)
    ]
    require(bool(hosts), agreement, Rule.HUB, "The agreement names no host that could agree to a hub now.")
    require_capacity(entry, agreement, *SPEAKERS)
    liaison = entry.who.capacity is Capacity.LIAISON
    require(
        any(
            speaks_for(entry.who, agreement, host)
            and (liaison or _holds_office_of(host, entry, agreement, composition))
            for host in hosts
        ),
        agreement,
        Rule.ON_BEHALF,
        f"{entry.who} cannot {entry.step.name}: that is for the liaison of the host's party, "
        "or for who holds an office of the host.",
    )


def _holds_office_of(host: str, entry: Entry, agreement: Agreement, composition: Composition) -> bool:
    """Tell whether who acts holds an office of a host, or of its party."""
    party = agreement.party_of(host)
    return any(
        composition.holds(entry.who.person, office.id, entry.at)
        for office in agreement.offices
        if office.of == host or (party is not None and agreement.party_of(office.of) == party)
    )
