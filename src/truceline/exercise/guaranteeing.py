# SPDX-License-Identifier: Apache-2.0
"""Guarantees in an exercise: gates, the force and its hubs, a new member, support, and what is owed.

Each part is played where the pack has it.  No obligation opens but by the sign-off of an
office, after the finding; one office is left to sign, for those who train.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

import numpy as np

from truceline.agreement import Agreement
from truceline.ceasefire.standing import ClaimState, DetermineState, State
from truceline.commission.composition import AppointOffice
from truceline.exercise.cast import ANALYST, HEAD, Cue, Scene, cue, envoy, holder
from truceline.exercise.staging import MARK
from truceline.geodesy import from_plane
from truceline.guarantees.coalition import CoalitionRole, Join
from truceline.guarantees.contingents import (
    ApproveContingent,
    DeployContingent,
    Domain,
    PledgeContingent,
    ReadyContingent,
    WithdrawContingent,
)
from truceline.guarantees.gates import OpenGate
from truceline.guarantees.hubs import AgreeHub, BuildHub, OpenHub, PlanHub, Site
from truceline.guarantees.ledger import Amounts, Category, Movement
from truceline.guarantees.obligations import RecordConsultation, RecordResponse, Sort
from truceline.guarantees.sign_off import SignOff
from truceline.guarantees.support import ClaimDelivery, CorrectMovement, RecordMovement
from truceline.procedure import Step, Who

SOURCE: Final = f"{MARK}. A letter made up for training."
MILLION: Final = 100_000_000
"""Minor units in a million of a currency with cents."""


def guarantors_of(agreement: Agreement) -> tuple[str, ...]:
    """Return who guarantees something, each once, without those of a party; bearers of the role first."""
    named = {one for guarantee in agreement.guarantees for one in guarantee.guarantors}
    bearers = [one.id for one in agreement.actors if any(role.role == "guarantor" for role in one.roles)]
    ordered = [*bearers, *(one.id for one in agreement.actors)]
    return tuple(
        dict.fromkeys(one for one in ordered if one in named and agreement.party_of(one) is None)
    )  # fmt: skip


def backers_of(agreement: Agreement) -> tuple[str, ...]:
    """Return who gives contingents and support: those who bear the role of a guarantor, or all guarantors."""
    found = [
        one
        for one in guarantors_of(agreement)
        if any(
            actor.id == one and any(role.role == "guarantor" for role in actor.roles)
            for actor in agreement.actors
        )
    ]
    return tuple(found) or guarantors_of(agreement)


def office_holder(agreement: Agreement, office: str) -> Who:
    """Return who holds an office, speaking for its state, organisation or party."""
    of = next(one.of for one in agreement.offices if one.id == office)
    return Who(holder(office), envoy(agreement, of).capacity, of)


def offices(agreement: Agreement, at: datetime) -> Iterator[Cue]:
    """Yield the appointment to every office, by the actor whose office it is."""
    for office in agreement.offices:
        step = AppointOffice(office.id, at, holder=holder(office.id))
        yield cue(at, f"the office {office.id}", envoy(agreement, office.of), step)


def gates(agreement: Agreement, at: datetime) -> Iterator[Cue]:
    """Yield the opening of every recorded gate; the last guarantor's own stays shut."""
    ground = f"{MARK}. The condition is met."
    asked = guarantors_of(agreement)
    for gate in agreement.gates:
        if gate.office is not None:
            who = office_holder(agreement, gate.office)
            yield cue(at, f"the gate {gate.id}", who, OpenGate(gate.id, ground, SOURCE))
        elif gate.each:
            for number, actor in enumerate(asked[:-1] if len(asked) > 1 else asked):
                step = OpenGate(gate.id, ground, SOURCE, actor=actor)
                when = at + timedelta(days=number / 4)
                yield cue(when, f"the gate {gate.id} of {actor}", envoy(agreement, actor), step)


def newcomer(agreement: Agreement, at: datetime) -> str | None:
    """Return an actor that has no role in the coalition by then and is of no party; None: there is none."""
    free = [
        actor.id
        for actor in agreement.actors
        if actor.party is None and not any(role.valid.interval.holds(at) for role in actor.roles)
    ]
    return free[0] if free and agreement.guarantees else None


def joining(agreement: Agreement, at: datetime) -> Iterator[Cue]:
    """Yield that somebody joins the coalition, as a member and a day later as a contributor."""
    actor = newcomer(agreement, at)
    if actor is not None:
        for days, role in ((0, CoalitionRole.MEMBER), (1, CoalitionRole.CONTRIBUTOR)):
            when = at + timedelta(days=days)
            yield cue(when, f"{actor} joins", envoy(agreement, actor), Join(actor, role, when, SOURCE))


def force(agreement: Agreement, begins: datetime, span: timedelta, rng: np.random.Generator) -> Iterator[Cue]:
    """Yield contingents, one left at each of their stages, and hubs, one left at each of theirs.

    Args:
        agreement: The agreement.
        begins: The exercise's first moment.
        span: How long it lasts.
        rng: Draws round figures and regions.
    """
    if agreement.force is None:
        return
    domains = [one for one in Domain if one in agreement.force.domains]
    contributors = backers_of(agreement)
    if domains and contributors:
        yield from _contingents(agreement, contributors, domains, begins, span, rng)
        yield from _hubs(agreement, contributors[:2], begins, span, rng)


def _contingents(
    agreement: Agreement,
    contributors: Sequence[str],
    domains: Sequence[Domain],
    begins: datetime,
    span: timedelta,
    rng: np.random.Generator,
) -> Iterator[Cue]:
    for number in range(6):
        actor, domain = contributors[number % len(contributors)], domains[number % len(domains)]
        name = f"EXERCISE-{actor.lower()}-{number + 1}"
        steps: list[Step] = [
            PledgeContingent(
                name, actor, domain, SOURCE, personnel=100 * int(rng.integers(2, 21)),
                description=f"{MARK}. Made up for training.",
            ),
            ApproveContingent(name, f"{MARK}. A vote of parliament.", SOURCE),
            ReadyContingent(name),
            DeployContingent(name),
            WithdrawContingent(name, f"{MARK}. Relieved."),
        ]  # fmt: skip
        # The first two deploy; the others stop where they are, one at each stage before; the last leaves.
        reached = (4, 4, 1, 2, 3)[number] if number < 5 else None
        taken = steps[:reached] if reached is not None else [steps[0], steps[4]]
        for stage, step in enumerate(taken):
            at = begins + span * (0.06 + 0.02 * number + 0.09 * stage)
            yield cue(at, f"the contingent {name}", envoy(agreement, actor), step)


def _hubs(
    agreement: Agreement, builders: Sequence[str], begins: datetime, span: timedelta, rng: np.random.Generator
) -> Iterator[Cue]:
    hosts = [one for one in agreement.actors if any(role.role == "host" for role in one.roles)]
    regions = agreement.places.regions
    if not hosts or not regions:
        return
    at_home = [one for one in regions if one.country == hosts[0].id] or list(regions)
    for number, reached in enumerate((4, 3, 2, 1)):
        region = at_home[int(rng.integers(len(at_home)))]
        east, north = rng.uniform(-15_000, 15_000), rng.uniform(-15_000, 15_000)
        latitude, longitude = from_plane(east, north, (region.latitude, region.longitude))
        name, host = f"EXERCISE-hub-{number + 1}", envoy(agreement, hosts[0].id)
        builder = envoy(agreement, builders[number % len(builders)])
        site = Site(round(latitude, 3), round(longitude, 3))
        steps: list[tuple[Who, Step]] = [
            (
                builder,
                PlanHub(
                    name, tuple(builders), region.id, SOURCE,
                    protects=f"{MARK}. Stores, workshops.", site=site,
                ),
            ),
            (host, AgreeHub(name, SOURCE)),
            (builder, BuildHub(name)),
            (builder, OpenHub(name)),
        ]  # fmt: skip
        for stage, (who, step) in enumerate(steps[:reached]):
            at = begins + span * (0.1 + 0.03 * number + 0.15 * stage)
            yield cue(at, f"the hub {name}", who, step)


def support(
    agreement: Agreement, begins: datetime, span: timedelta, rng: np.random.Generator
) -> Iterator[Cue]:
    """Yield pledges, allocations, a draw-down, a correction, and two claims of one delivery that differ."""
    donors = backers_of(agreement)
    for number, donor in enumerate(donors):
        who = envoy(agreement, donor)
        pledged = int(rng.integers(20, 200)) * MILLION
        moved = (
            Amounts(financial=pledged // 4, military=pledged // 4, to_be_allocated=pledged // 2),
            Amounts(humanitarian=pledged // 8, to_be_allocated=-(pledged // 8)),
            Amounts(military=pledged // 5, to_be_allocated=-(pledged // 5)),
        )
        for part, amounts in enumerate(moved):
            at = begins + span * (0.1 + 0.25 * part + 0.02 * number)
            movement = Movement(
                f"EXERCISE-{donor}-{part + 1}", donor, f"{at:%Y-%m}", "EUR", amounts,
                item=f"{MARK} - vehicles" if part == 2 else "", quantity=20 if part == 2 else None,
                unit="each" if part == 2 else "",
            )  # fmt: skip
            yield cue(at, f"support of {donor}", who, RecordMovement(movement, SOURCE))
    if not donors:
        return
    late, donor = begins + span * 0.9, donors[0]
    ground = f"{MARK}. Booked twice."
    who = envoy(agreement, donor)
    yield cue(
        late, f"support of {donor}", who, CorrectMovement(f"EXERCISE-{donor}-2", ground)
    )  # fmt: skip
    for number, (teller, said_by, amount) in enumerate(
        ((who, "the donor", 20), (ANALYST, "an audit office", 14))
    ):
        claim = ClaimDelivery(
            f"EXERCISE-delivery-{number + 1}", donor, Category.MILITARY, f"{MARK} - vehicles",
            f"{MARK} - {said_by}", SOURCE, quantity=amount, unit="each",
        )  # fmt: skip
        yield cue(late + timedelta(hours=1 + number), "a delivery that is contested", teller, claim)


def owed(agreement: Agreement, case: str, at: datetime) -> Iterator[Cue]:
    """Yield sign-offs after a finding, all but the last office's, and the first steps under what they open.

    Args:
        agreement: The agreement.
        case: The case with the finding, in words.
        at: When the first office signs off, UTC.
    """
    for guarantee in agreement.guarantees:
        if guarantee.trigger is None:
            continue
        signing = guarantee.sign_off[:-1] if len(guarantee.sign_off) > 1 else guarantee.sign_off
        for number, office in enumerate(signing):

            def sign(scene: Scene, office: str = office, commitment: str = guarantee.id) -> Step | None:
                return _sign_off(scene, case, commitment, office)

            when = at + timedelta(minutes=20 * number)
            yield Cue(when, f"the sign-off of {office}", office_holder(agreement, office), sign)
        for guarantor in guarantee.guarantors:
            yield from _answered(agreement, guarantee.id, guarantor, at)
            break


def _sign_off(scene: Scene, case: str, commitment: str, office: str) -> Step | None:
    finding = scene.known.get(f"{case}:finding")
    zero = next(one.zero for one in scene.agreement.guarantees if one.id == commitment)
    if finding is None:
        return None
    breach = datetime.fromisoformat(scene.known[f"{case}:breach"]) if zero == "first_breach" else None
    ground = f"{MARK}. The hour at which the first reports say that it began." if breach else ""
    return SignOff(
        commitment, finding, office, f"{MARK}. The finding stands.", zero=breach, ground_of_zero=ground
    )  # fmt: skip


def _answered(agreement: Agreement, commitment: str, guarantor: str, at: datetime) -> Iterator[Cue]:
    def found(scene: Scene) -> str | None:
        return next(
            (
                one.obligation_id
                for one in scene.state.commitments.obligations.values()
                if (one.commitment, one.guarantor) == (commitment, guarantor)
            ),
            None,
        )

    def consulted(scene: Scene) -> Step | None:
        name = found(scene)
        with_whom = f"{MARK}. The other guarantors."
        return None if name is None else RecordConsultation(name, with_whom, scene.now)

    def responded(scene: Scene) -> Step | None:
        name = found(scene)
        hours = next((one.clocks_hours for one in agreement.guarantees if one.id == commitment), ())
        if name is None:
            return None
        return RecordResponse(name, Sort.DIPLOMATIC, scene.now, min(hours, default=None))

    who, matter = envoy(agreement, guarantor), f"what {guarantor} owes"
    yield Cue(at + timedelta(minutes=30), matter, who, consulted)
    yield Cue(at + timedelta(minutes=45), matter, who, responded)


def standing(agreement: Agreement, begins: datetime) -> Iterator[Cue]:
    """Yield two claims on when the agreement entered into force, and its determination by the head."""
    for number, party in enumerate(agreement.party_ids()[:2]):
        at = begins + timedelta(hours=number)
        claim = ClaimState(f"EXERCISE-claim-{number + 1}", State.IN_FORCE, at, f"{MARK} - {party}", SOURCE)
        yield cue(begins + timedelta(hours=2), "the state of the agreement", ANALYST, claim)
    ground = f"{MARK}. The text gives the hour."
    determined = DetermineState(State.IN_FORCE, begins, ground, ("EXERCISE-claim-1",))
    yield cue(begins + timedelta(hours=3), "the state of the agreement", HEAD, determined)
