# SPDX-License-Identifier: Apache-2.0
"""How the mechanism stands, as one reader may see it and as of a moment.

Every function takes who reads, and shows no more than their tier holds: text by entry
(``acts_shown``), exact places of hubs and strengths to those who may know them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from truceline.agreement import Agreement, ReleaseRule
from truceline.ceasefire.standing import Determined, State, StateClaim, contested, history, state_at
from truceline.commission.shown import ShownCase, shown_case
from truceline.guarantees.balances import (
    DonorCurrency,
    balances,
    negative_movements,
    to_be_allocated,
    totals,
    trial_balance,
)
from truceline.guarantees.coalition import Holding, members
from truceline.guarantees.contingents import Contingent
from truceline.guarantees.departure import FallsAway, falls_away
from truceline.guarantees.force import (
    BehindShutGates,
    Count,
    HubPlacedCoarsely,
    HubPlacedExactly,
    Strength,
    behind_shut_gates,
    coarse_hubs,
    contingents_at,
    counts_at,
    exact_hubs,
    strengths_at,
)
from truceline.guarantees.ledger import Amounts
from truceline.guarantees.outlook import CommitmentAhead, CommitmentState, hypothetical, overview
from truceline.mechanism import Mechanism, reader_of
from truceline.mission.audit.disclosure import PUBLIC_RULE
from truceline.mission.mission import Mission, require_read_models
from truceline.mission.replaying import as_committed, mechanism
from truceline.mission.reviewing import inquiries_by_incident
from truceline.parties import Submissions, seen_by
from truceline.procedure import Reader, ShownEntry, Who, shown
from truceline.review import Inquiry, Link
from truceline.review.state import EvidenceFile
from truceline.review.steps import OnIncident
from truceline.storage import schema
from truceline.vocabulary import Tier


@dataclass(frozen=True, slots=True)
class StandingView:
    """How the agreement stands: its state, how it came to that, every claim, and those contested."""

    state: State
    history: tuple[Determined, ...]
    claims: tuple[StateClaim, ...]
    contested: tuple[StateClaim, ...]


@dataclass(frozen=True, slots=True)
class ForceView:
    """The force as of a moment; ``strengths`` and exact hubs only for those who may know them."""

    contingents: tuple[Contingent, ...]
    counts: tuple[Count, ...]
    strengths: tuple[Strength, ...]
    hubs: tuple[HubPlacedCoarsely, ...] | tuple[HubPlacedExactly, ...]
    behind_shut_gates: tuple[BehindShutGates, ...]


@dataclass(frozen=True, slots=True)
class SupportView:
    """The ledger as of a day: totals, each donor's balance, debits and credits, negative movements."""

    totals: Mapping[str, Amounts]
    donors: Mapping[DonorCurrency, Amounts]
    debits: Mapping[str, int]
    credits: Mapping[str, int]
    negative_movements: int


@dataclass(frozen=True, slots=True)
class ReviewView:
    """What people did about one incident.

    Attributes:
        inquiry: None: nobody opened one.
        entries: Every step on it, in the order of the log.
        links: The rulings that name one of its reports.
        superseded: Its reports that count no more from the next run on, and by what they are replaced.
    """

    inquiry: Inquiry | None
    entries: tuple[ShownEntry, ...]
    links: tuple[Link, ...]
    superseded: Mapping[str, str]


def cases(mission: Mission, who: Who) -> tuple[ShownCase, ...]:
    """Return every case as a reader may see it, in their numbers' order."""
    state, reader, now = _opened(mission, who)
    calendar = mission.agreement.calendar
    return tuple(
        shown_case(case, state.docket, state.entries, reader, calendar, now)
        for case in state.docket.cases.values()
    )


def submissions(mission: Mission, who: Who) -> Submissions:
    """Return what parties submitted, as far as a reader may see it."""
    state, reader, _ = _opened(mission, who)
    return seen_by(state.submissions, reader)


def inquiry(mission: Mission, who: Who, incident_id: str) -> ReviewView | None:
    """Return what people did about an incident, for those who may know; None: it is not theirs to see."""
    require_read_models(mission)
    with mission.store.read() as transaction:
        state = as_committed(mission, transaction)
        reader = reader_of(who, state, mission.agreement, mission.ledger.clock.now())
        if not reader.sees(Tier.COMMISSION, ""):
            return None
        found = inquiries_by_incident(transaction, state.review).get(incident_id)
        bodies = transaction.bodies(schema.memberships, ids=("incident_id", [incident_id]))
        members = {str(json.loads(body)["observation_id"]) for body in bodies}
    name = "" if found is None else found.incident_id
    entries = (
        shown(entry, reader)
        for entry in state.entries
        if isinstance(entry.step, OnIncident) and entry.step.incident_id == name
    )
    links = [link for link in state.review.links.values() if {link.observation, link.other} & members]
    return ReviewView(
        found,
        tuple(entry for entry in entries if entry is not None),
        tuple(links),
        {name: by for name, by in state.review.superseded.items() if name in members},
    )


def inquiries(mission: Mission, who: Who) -> Mapping[str, Inquiry]:
    """Return the inquiries that go on, by the id that their incident has now, for those who may know."""
    require_read_models(mission)
    with mission.store.read() as transaction:
        state = as_committed(mission, transaction)
        if not reader_of(who, state, mission.agreement, mission.ledger.clock.now()).sees(Tier.COMMISSION, ""):
            return {}
        found = inquiries_by_incident(transaction, state.review)
    return {name: one for name, one in found.items() if one.decision is None}


def evidence_file(mission: Mission, who: Who, sha256: str) -> tuple[str, EvidenceFile] | None:
    """Return an attached file with its incident's id, for those who may know; None: there is none."""
    require_read_models(mission)
    with mission.store.read() as transaction:
        state = as_committed(mission, transaction)
        if not reader_of(who, state, mission.agreement, mission.ledger.clock.now()).sees(Tier.COMMISSION, ""):
            return None
        held = inquiries_by_incident(transaction, state.review)
    found = ((name, one.files[sha256]) for name, one in held.items() if sha256 in one.files)
    return next(found, None)


def standing(mission: Mission, at: datetime) -> StandingView:
    """Return how the agreement stands at a moment; all of it is public."""
    state = mechanism(mission).standing
    claims = tuple(state.claims.values())
    return StandingView(
        state_at(state, mission.agreement, at), history(state, mission.agreement), claims, contested(state)
    )


def commitments(mission: Mission) -> tuple[CommitmentState, ...]:
    """Return how each commitment stands now, with its obligations and their clocks; all of it is public."""
    state, now = mechanism(mission), mission.ledger.clock.now()
    return overview(
        mission.agreement, state.commitments, state.gates, state.standing, state.docket.findings, now
    )


def outlook(mission: Mission, characterisations: Sequence[str]) -> tuple[CommitmentAhead, ...]:
    """Return what a hypothetical finding of breach would open now, and which gate is shut."""
    state, now = mechanism(mission), mission.ledger.clock.now()
    return hypothetical(
        mission.agreement,
        state.commitments,
        state.gates,
        state.composition,
        state.standing,
        characterisations=characterisations,
        at=now,
    )


def coalition(mission: Mission, at: datetime) -> tuple[Holding, ...]:
    """Return who has which role in the coalition at a moment; all of it is public."""
    return members(mechanism(mission).coalition, mission.agreement, at)


def departure(mission: Mission, actor: str, at: datetime) -> FallsAway:
    """Return what would fall away if an actor left at a moment."""
    state = mechanism(mission)
    return falls_away(
        actor,
        at,
        mission.agreement,
        state.coalition,
        commitments=state.commitments,
        gates=state.gates,
        force=state.force,
        to_be_allocated=to_be_allocated(state.support, actor, at),
    )


def force(mission: Mission, who: Who, at: datetime) -> ForceView:
    """Return the force as of a moment, its hubs as exactly as a reader may know them."""
    state, reader, _ = _opened(mission, who)
    exact = reader.sees(Tier.COMMISSION, "")
    rule = _rule(mission.agreement, reader)
    return ForceView(
        contingents_at(state.force, at),
        counts_at(state.force, at),
        strengths_at(state.force, at) if reader.sees(Tier.PARTIES, "") else (),
        exact_hubs(state.force, at) if exact else coarse_hubs(state.force, at, rule),
        behind_shut_gates(state.force, mission.agreement, state.gates, state.standing, at),
    )


def support(mission: Mission, at: datetime) -> SupportView:
    """Return the support ledger as of a day; all of it is public."""
    ledger, day = mechanism(mission).support, at.date()
    trial = trial_balance(ledger, day)
    return SupportView(
        totals(ledger, day),
        balances(ledger, day),
        {currency: one.debits for currency, one in trial.items()},
        {currency: one.credits for currency, one in trial.items()},
        len(negative_movements(ledger, day)),
    )


def _opened(mission: Mission, who: Who) -> tuple[Mechanism, Reader, datetime]:
    state, now = mechanism(mission), mission.ledger.clock.now()
    return state, reader_of(who, state, mission.agreement, now), now


def _rule(agreement: Agreement, reader: Reader) -> ReleaseRule:
    """Return the release rule of those who read a tier no closer than the parties'."""
    audience = "parties" if reader.sees(Tier.PARTIES, "") else "public"
    found = next((one for one in agreement.release_rules if one.audience == audience), None)
    return found or PUBLIC_RULE
