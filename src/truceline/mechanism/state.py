# SPDX-License-Identifier: Apache-2.0
"""The state of the mechanism, and how one recorded step leads to the next."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from truceline import parties, review
from truceline.agreement import Agreement, Rule
from truceline.ceasefire import Arrangements, Standing, arrangements, standing
from truceline.commission import Docket, composition, docket
from truceline.commission.composition import Composition, seats_of
from truceline.errors import RuleViolation
from truceline.guarantees import coalition, commitments, force, gates, support
from truceline.guarantees.coalition import Coalition
from truceline.guarantees.commitments import Commitments
from truceline.guarantees.force import Force
from truceline.guarantees.gates import Gates
from truceline.guarantees.ledger import Support
from truceline.mechanism import suspension
from truceline.mechanism.suspension import Suspension
from truceline.parties import Submissions
from truceline.procedure import Capacity, Entry, Irregular, Reader, Who, require
from truceline.review import Review


@dataclass(frozen=True, slots=True)
class Mechanism:
    """Everything that follows from the steps recorded so far.

    Attributes:
        composition: Who sits in the commission, and who holds which office.
        docket: The cases before the commission, and its findings.
        standing: How the agreement stands, and what is claimed of that.
        arrangements: Local ceasefires, corridors and the like under it.
        gates: Which conditions are recorded as met.
        commitments: How binding each is, and every obligation that was opened.
        force: The contingents and hubs of the multinational force.
        coalition: Who has which role in the coalition, beside what the pack gives.
        support: The support ledger, and the claims of delivery beside it.
        submissions: What parties submitted in confidence; ``parties.seen_by`` leaves what a reader may see.
        review: What people verified, and what they ruled on reports.
        suspension: Whether the mission runs, and who of its staff is accounted for.
        entries: Every step that took effect, in the order of the log.
        irregular: Every recorded step that the rules forbid; none of them took effect.
    """

    composition: Composition = field(default_factory=Composition)
    docket: Docket = field(default_factory=Docket)
    standing: Standing = field(default_factory=Standing)
    arrangements: Arrangements = field(default_factory=Arrangements)
    gates: Gates = field(default_factory=Gates)
    commitments: Commitments = field(default_factory=Commitments)
    force: Force = field(default_factory=Force)
    coalition: Coalition = field(default_factory=Coalition)
    support: Support = field(default_factory=Support)
    submissions: Submissions = field(default_factory=Submissions)
    review: Review = field(default_factory=Review)
    suspension: Suspension = field(default_factory=Suspension)
    entries: tuple[Entry, ...] = ()
    irregular: tuple[Irregular, ...] = ()


def take(state: Mechanism, entry: Entry, agreement: Agreement) -> Mechanism:
    """Return the mechanism's state after a step.

    Args:
        state: Before it.
        entry: The step, and who took it when.
        agreement: The pack in force when it is taken.

    Raises:
        RuleViolation: The step is forbidden.
    """
    if state.entries:
        require(
            entry.at >= state.entries[-1].at,
            agreement,
            Rule.ORDER_IN_TIME,
            "The clock is behind the step that was recorded last; set it right.",
        )
    require(
        entry.own_key or entry.step.name not in agreement.commission.procedure.own_signature,
        agreement,
        Rule.OWN_SIGNATURE,
        f"{entry.step.name} counts only under the person's own key; sign it with that.",
    )
    suspension.require_running(state.suspension, entry, agreement)
    after = _ROOMS[entry.step.kind](state, entry, agreement)
    return replace(after, entries=(*state.entries, entry))


def replay(
    entries: Iterable[Entry], agreement_at: Callable[[int], Agreement], state: Mechanism | None = None
) -> Mechanism:
    """Return the state that recorded entries lead to; what the rules forbid is named, and has no effect.

    Args:
        entries: In the order of the log.
        agreement_at: Returns the pack that a leaf index falls under.
        state: Where to begin; None: with nothing.
    """
    state = state or Mechanism()
    for entry in entries:
        try:
            state = take(state, entry, agreement_at(entry.leaf_index))
        except RuleViolation as error:
            state = replace(state, irregular=(*state.irregular, Irregular(entry, error.rule, error.summary)))
    return state


def reader_of(who: Who, state: Mechanism, agreement: Agreement, now: datetime) -> Reader:
    """Return somebody as a reader: with the party that they are of, or that appointed them.

    A member who does not sit now reads as the public does.
    """
    if who.capacity is Capacity.MEMBER:
        appointer = state.composition.appointer(who.person, now, seats_of(agreement))
        if appointer is None:
            return Reader(replace(who, capacity=Capacity.PUBLIC))
        return Reader(who, agreement.party_of(appointer) or "")
    return Reader(who, agreement.party_of(who.on_behalf_of) or "")


def _composition(state: Mechanism, entry: Entry, agreement: Agreement) -> Mechanism:
    return replace(state, composition=composition.take(state.composition, entry, agreement))


def _docket(state: Mechanism, entry: Entry, agreement: Agreement) -> Mechanism:
    return replace(state, docket=docket.take(state.docket, entry, agreement, state.composition))


def _coalition(state: Mechanism, entry: Entry, agreement: Agreement) -> Mechanism:
    return replace(state, coalition=coalition.take(state.coalition, entry, agreement))


def _support(state: Mechanism, entry: Entry, agreement: Agreement) -> Mechanism:
    return replace(state, support=support.take(state.support, entry, agreement))


def _submission(state: Mechanism, entry: Entry, agreement: Agreement) -> Mechanism:
    return replace(state, submissions=parties.take(state.submissions, entry, agreement))


def _review(state: Mechanism, entry: Entry, agreement: Agreement) -> Mechanism:
    return replace(state, review=review.take(state.review, entry, agreement))


def _suspension(state: Mechanism, entry: Entry, agreement: Agreement) -> Mechanism:
    return replace(state, suspension=suspension.take(state.suspension, entry, agreement))


def _standing(state: Mechanism, entry: Entry, agreement: Agreement) -> Mechanism:
    return replace(state, standing=standing.take(state.standing, entry, agreement))


def _arrangement(state: Mechanism, entry: Entry, agreement: Agreement) -> Mechanism:
    return replace(state, arrangements=arrangements.take(state.arrangements, entry, agreement))


def _guarantee(state: Mechanism, entry: Entry, agreement: Agreement) -> Mechanism:
    if isinstance(entry.step, gates.STEPS):
        return replace(state, gates=gates.take(state.gates, entry, agreement, state.composition))
    after = commitments.take(
        state.commitments,
        entry,
        agreement,
        state.composition,
        state.docket.findings,
        state.standing,
        state.gates,
    )
    return replace(state, commitments=after)


def _force(state: Mechanism, entry: Entry, agreement: Agreement) -> Mechanism:
    after = force.take(
        state.force, entry, agreement, state.composition, state.coalition, state.standing, state.gates
    )
    return replace(state, force=after)


_ROOMS: Mapping[str, Callable[[Mechanism, Entry, Agreement], Mechanism]] = {
    "composition": _composition,
    "docket": _docket,
    "standing": _standing,
    "arrangement": _arrangement,
    "guarantee": _guarantee,
    "force": _force,
    "coalition": _coalition,
    "support": _support,
    parties.SUBMISSION: _submission,
    review.REVIEW: _review,
    suspension.SUSPENSION: _suspension,
}
"""Which room takes the steps of each kind of record."""
