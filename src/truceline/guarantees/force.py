# SPDX-License-Identifier: Apache-2.0
"""The force: its contingents and hubs, and the gates that come before anything is deployed.

How many people a contingent has and where exactly a hub lies are kept in mappings of
their own, apart from all that is public and out of every representation: ``personnel``
for those who read the parties' tier, ``exact_places`` for those who read the commission's.

Invariants: nothing is deployed and no hub opens while a gate is shut for its contributor
or a builder; a gate that is shut later withdraws nothing by itself; a pack without a force
takes none of these steps.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from truceline.agreement import Agreement, ReleaseRule, Rule
from truceline.ceasefire.standing import Standing
from truceline.commission.composition import Composition
from truceline.guarantees import contingents, hubs
from truceline.guarantees.coalition import Coalition, is_known
from truceline.guarantees.contingents import (
    Advance,
    ApproveContingent,
    Contingent,
    ContingentStatus,
    DeployContingent,
    Domain,
    PledgeContingent,
    ReadyContingent,
    WithdrawContingent,
)
from truceline.guarantees.gates import Gates, ShutGate, shut_gates
from truceline.guarantees.hubs import (
    AgreeHub,
    BuildHub,
    CloseHub,
    CoarsePlace,
    Hub,
    HubStatus,
    OpenHub,
    PlanHub,
    Progress,
    Site,
    coarse_place,
    require_host,
)
from truceline.guarantees.stages import until
from truceline.procedure import (
    Capacity,
    Entry,
    Step,
    forbidden,
    require,
    require_capacity,
    require_own_side,
    speaks_for,
)

STEPS: tuple[type[Step], ...] = (*contingents.STEPS, *hubs.STEPS)


@dataclass(frozen=True, slots=True)
class Force:
    """Every contingent and hub that was recorded.

    Attributes:
        contingents: By id, in the order of the log.
        hubs: By id, in the order of the log.
        personnel: How many people a contingent has, where that is known: for the parties' tier.
        exact_places: Where a hub lies, where that is known: for the commission's tier alone.
    """

    contingents: Mapping[str, Contingent] = field(default_factory=dict)
    hubs: Mapping[str, Hub] = field(default_factory=dict)
    personnel: Mapping[str, int] = field(default_factory=dict, repr=False)
    exact_places: Mapping[str, Site] = field(default_factory=dict, repr=False)


class Part(StrEnum):
    """What of the force something is."""

    CONTINGENT = "contingent"
    HUB = "hub"


@dataclass(frozen=True, slots=True)
class BehindShutGates:
    """A contingent that is deployed, or a hub that is operational, while a gate is shut.

    Attributes:
        part: Which of the two.
        part_id: Its id.
        actors: Its contributor, or its builders.
        since: Since when it is deployed or operational.
        shut: Each gate that is shut, and why.
    """

    part: Part
    part_id: str
    actors: tuple[str, ...]
    since: datetime
    shut: tuple[ShutGate, ...]


@dataclass(frozen=True, slots=True)
class Count:
    """How many contingents of a domain have a status."""

    domain: Domain
    status: ContingentStatus
    contingents: int


@dataclass(frozen=True, slots=True)
class Strength:
    """How many people the contingents of a domain and a status have: for the parties' tier.

    Attributes:
        domain: Of which domain.
        status: With which status.
        contingents: How many contingents.
        personnel: The sum where it is known; None: it is known of none.
        not_known: Of how many contingents it is not known.
    """

    domain: Domain
    status: ContingentStatus
    contingents: int
    personnel: int | None
    not_known: int


@dataclass(frozen=True, slots=True)
class HubPlacedCoarsely:
    """A hub with its place as one audience may know it."""

    hub: Hub
    place: CoarsePlace


@dataclass(frozen=True, slots=True)
class HubPlacedExactly:
    """A hub with its exact place: the commission's; ``site`` None: not known."""

    hub: Hub
    site: Site | None


def contingents_at(force: Force, at: datetime) -> tuple[Contingent, ...]:
    """Return the contingents that were pledged by a moment, each as far as it had come then."""
    return tuple(
        replace(one, stages=stages)
        for one in force.contingents.values()
        if (stages := until(one.stages, at))
    )  # fmt: skip


def hubs_at(force: Force, at: datetime) -> tuple[Hub, ...]:
    """Return the hubs that were planned by a moment, each as far as it had come then."""
    return tuple(
        replace(one, stages=stages) for one in force.hubs.values() if (stages := until(one.stages, at))
    )


def coarse_hubs(force: Force, at: datetime, rule: ReleaseRule) -> tuple[HubPlacedCoarsely, ...]:
    """Return the hubs as of a moment, each placed as a release rule allows and never exactly.

    Args:
        force: As recorded.
        at: The moment; a rule's delay is the caller's to take off.
        rule: The audience's.
    """
    return tuple(
        HubPlacedCoarsely(one, coarse_place(one, force.exact_places.get(one.hub_id), rule))
        for one in hubs_at(force, at)
    )


def exact_hubs(force: Force, at: datetime) -> tuple[HubPlacedExactly, ...]:
    """Return the hubs as of a moment with their exact places: for the commission's tier alone."""
    return tuple(HubPlacedExactly(one, force.exact_places.get(one.hub_id)) for one in hubs_at(force, at))


def counts_at(force: Force, at: datetime) -> tuple[Count, ...]:
    """Return how many contingents had which status as of a moment, by domain; nothing for none."""
    return tuple(Count(domain, status, len(held)) for (domain, status), held in _by_domain(force, at).items())


def strengths_at(force: Force, at: datetime) -> tuple[Strength, ...]:
    """Return how many people had which status as of a moment, by domain: for the parties' tier."""
    found = []
    for (domain, status), held in _by_domain(force, at).items():
        known = [force.personnel[one] for one in held if one in force.personnel]
        found.append(
            Strength(domain, status, len(held), sum(known) if known else None, len(held) - len(known))
        )
    return tuple(found)


def behind_shut_gates(
    force: Force, agreement: Agreement, gates: Gates, standing: Standing, at: datetime
) -> tuple[BehindShutGates, ...]:
    """Return what is deployed or operational at a moment while a gate is shut.

    Each needs a person now: nothing is withdrawn or closed by itself.
    """
    placed = [
        *(
            (Part.CONTINGENT, one.contingent_id, (one.contributor,), one.stages[-1].since)
            for one in contingents_at(force, at)
            if one.status is ContingentStatus.DEPLOYED
        ),
        *(
            (Part.HUB, one.hub_id, one.builders, one.stages[-1].since)
            for one in hubs_at(force, at)
            if one.status is HubStatus.OPERATIONAL
        ),
    ]
    return tuple(
        BehindShutGates(part, part_id, actors, since, shut)
        for part, part_id, actors, since in placed
        if (shut := shut_for(actors, agreement, gates, standing, at))
    )


def shut_for(
    actors: Iterable[str], agreement: Agreement, gates: Gates, standing: Standing, at: datetime
) -> tuple[ShutGate, ...]:
    """Return the gates of the force that are shut for any of some actors at a moment, each once."""
    names = () if agreement.force is None else agreement.force.gates
    found = [
        one for actor in actors for one in shut_gates(gates, names, agreement, standing, at, actor)
    ]  # fmt: skip
    return tuple(dict.fromkeys(found))


def take(
    state: Force,
    entry: Entry,
    agreement: Agreement,
    composition: Composition,
    coalition: Coalition,
    standing: Standing,
    gates: Gates,
) -> Force:
    """Return the force after a step.

    Args:
        state: Before it.
        entry: The step, and who took it when.
        agreement: The pack in force when it is taken.
        composition: Who holds which office.
        coalition: Who has joined.
        standing: How the ceasefire stands.
        gates: What was recorded of the gates.

    Raises:
        RuleViolation: The step is forbidden.
    """
    require(agreement.force is not None, agreement, Rule.DEPLOYMENT, "The agreement sets up no force.")
    match entry.step:
        case PledgeContingent():
            return _pledge(state, entry, entry.step, agreement, coalition)
        case ApproveContingent() | ReadyContingent() | DeployContingent() | WithdrawContingent():
            return _advance(state, entry, entry.step, agreement, standing, gates)
        case PlanHub():
            return _plan(state, entry, entry.step, agreement, coalition)
        case AgreeHub() | BuildHub() | OpenHub() | CloseHub():
            return _progress(state, entry, entry.step, agreement, composition, standing, gates)
        case other:
            raise TypeError(f"{other.name} is no step of the force")


def _pledge(
    state: Force, entry: Entry, step: PledgeContingent, agreement: Agreement, coalition: Coalition
) -> Force:
    require_capacity(entry, agreement, Capacity.GUARANTOR)
    require_own_side(entry, agreement, step.contributor)
    _require_known(step.contributor, agreement, coalition)
    require(
        step.contingent_id not in state.contingents,
        agreement,
        Rule.ONCE,
        f"There is a contingent {step.contingent_id} already; take another id.",
    )
    pledged = contingents.pledged(entry, step, agreement)
    people = {} if step.personnel is None else {step.contingent_id: step.personnel}
    return replace(
        state,
        contingents={**state.contingents, step.contingent_id: pledged},
        personnel={**state.personnel, **people},
    )


def _advance(
    state: Force, entry: Entry, step: Advance, agreement: Agreement, standing: Standing, gates: Gates
) -> Force:
    before = state.contingents.get(step.contingent_id)
    if before is None:
        raise forbidden(
            agreement, Rule.KNOWN_MATTER, f"No contingent {step.contingent_id} is recorded."
        )  # fmt: skip
    require_capacity(entry, agreement, Capacity.GUARANTOR)
    require_own_side(entry, agreement, before.contributor)
    after = contingents.advanced(before, entry, step, agreement)
    if isinstance(step, DeployContingent):
        _require_open((before.contributor,), entry, agreement, standing, gates)
    return replace(state, contingents={**state.contingents, step.contingent_id: after})


def _plan(state: Force, entry: Entry, step: PlanHub, agreement: Agreement, coalition: Coalition) -> Force:
    _require_builder(entry, step.builders, agreement)
    for builder in step.builders:
        _require_known(builder, agreement, coalition)
    require(
        step.hub_id not in state.hubs,
        agreement,
        Rule.ONCE,
        f"There is a hub {step.hub_id} already; take another id.",
    )
    planned = hubs.planned(entry, step, agreement)
    places = {} if step.site is None else {step.hub_id: step.site}
    return replace(
        state,
        hubs={**state.hubs, step.hub_id: planned},
        exact_places={**state.exact_places, **places},
    )


def _progress(
    state: Force,
    entry: Entry,
    step: Progress,
    agreement: Agreement,
    composition: Composition,
    standing: Standing,
    gates: Gates,
) -> Force:
    before = state.hubs.get(step.hub_id)
    if before is None:
        raise forbidden(agreement, Rule.KNOWN_MATTER, f"No hub {step.hub_id} is recorded.")
    if isinstance(step, AgreeHub):
        require_host(entry, agreement, composition)
    else:
        _require_builder(entry, before.builders, agreement)
    after = hubs.progressed(before, entry, step, agreement)
    if isinstance(step, OpenHub):
        _require_open(before.builders, entry, agreement, standing, gates)
    return replace(state, hubs={**state.hubs, step.hub_id: after})


def _require_builder(entry: Entry, builders: tuple[str, ...], agreement: Agreement) -> None:
    require_capacity(entry, agreement, Capacity.GUARANTOR)
    require(
        any(speaks_for(entry.who, agreement, builder) for builder in builders if builder),
        agreement,
        Rule.ON_BEHALF,
        f"{entry.who} cannot {entry.step.name}: that is for a builder of the hub ({', '.join(builders)}).",
    )


def _require_known(actor: str, agreement: Agreement, coalition: Coalition) -> None:
    require(
        is_known(coalition, agreement, actor),
        agreement,
        Rule.KNOWN_MATTER,
        f"Neither the agreement nor the coalition's record names {actor}; it joins first.",
    )


def _require_open(
    actors: tuple[str, ...], entry: Entry, agreement: Agreement, standing: Standing, gates: Gates
) -> None:
    shut = shut_for(actors, agreement, gates, standing, entry.at)
    said = "; ".join(f"{one.gate}{f' of {one.actor}' if one.actor else ''}: {one.why}" for one in shut)
    require(not shut, agreement, Rule.DEPLOYMENT, f"Gates are shut. {said}.")


def _by_domain(force: Force, at: datetime) -> Mapping[tuple[Domain, ContingentStatus], tuple[str, ...]]:
    """Return the ids of the contingents as of a moment by domain and status, in their order."""
    held = contingents_at(force, at)
    grouped = {
        (domain, status): tuple(
            one.contingent_id for one in held if (one.domain, one.status) == (domain, status)
        )
        for domain in Domain
        for status in ContingentStatus
    }
    return {key: ids for key, ids in grouped.items() if ids}
