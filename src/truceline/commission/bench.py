# SPDX-License-Identifier: Apache-2.0
"""The docket's state, and who may do what at a sitting: parties, members, the chair, the secretary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from truceline.agreement import Agreement, Rule
from truceline.agreement.mechanism import Seat
from truceline.commission.case import Case
from truceline.commission.composition import Composition, seats_of
from truceline.commission.finding import Finding
from truceline.procedure import Capacity, Entry, forbidden, require


@dataclass(frozen=True, slots=True)
class Docket:
    """Every case and every finding, by its number."""

    cases: Mapping[str, Case] = field(default_factory=dict)
    findings: Mapping[str, Finding] = field(default_factory=dict)

    def with_case(self, case: Case) -> Docket:
        """Return the docket with a case added or replaced."""
        return replace(self, cases={**self.cases, case.case_id: case})

    def with_finding(self, finding: Finding) -> Docket:
        """Return the docket with a finding added or replaced."""
        return replace(self, findings={**self.findings, finding.finding_id: finding})


@dataclass(frozen=True, slots=True)
class Sitting:
    """A step with all that decides whether it may be taken, other than the docket."""

    entry: Entry
    agreement: Agreement
    composition: Composition

    @property
    def now(self) -> datetime:
        """When the step is taken."""
        return self.entry.at

    def seat(self, person: str) -> Seat | None:
        """Return the seat in which somebody sits now, or None."""
        return seats_of(self.agreement).get(self.composition.seat_of(person, self.now) or "")


def require_plain_voice(at: Sitting) -> None:
    """Refuse a step that somebody of the mission or the commission takes in a side's name.

    What is stated in a side's name is that side's to read, so nobody else may lend it.
    """
    spoken_for = at.entry.who.capacity in {Capacity.LIAISON, Capacity.GUARANTOR}
    require(
        spoken_for or not at.entry.who.on_behalf_of,
        at.agreement,
        Rule.ON_BEHALF,
        f"A {at.entry.who.capacity.value.replace('_', ' ')} acts in nobody's name.",
    )


def require_party(at: Sitting) -> str:
    """Return the party that a liaison speaks for.

    Raises:
        RuleViolation: It is no liaison of a party.
    """
    who = at.entry.who
    party = at.agreement.party_of(who.on_behalf_of) if who.capacity is Capacity.LIAISON else None
    if party is None:
        raise forbidden(
            at.agreement,
            Rule.CAPACITY,
            f"Only a party's liaison can {at.entry.step.name}, on behalf of that party.",
        )
    return party


def require_sits(at: Sitting) -> Seat:
    """Return the seat of the member who acts.

    Raises:
        RuleViolation: They are no member who sits now.
    """
    who = at.entry.who
    seat = at.seat(who.person) if who.capacity is Capacity.MEMBER else None
    if seat is None:
        raise forbidden(at.agreement, Rule.SEATS, f"Only a member who sits now can {at.entry.step.name}.")
    return seat


def require_chair_or_secretary(at: Sitting) -> None:
    """Refuse a step of conduct to all but the secretary and the chair.

    Raises:
        RuleViolation: It is somebody else.
    """
    if at.entry.who.capacity is Capacity.SECRETARY:
        return
    seat = at.seat(at.entry.who.person) if at.entry.who.capacity is Capacity.MEMBER else None
    require(
        seat is not None and seat.chair,
        at.agreement,
        Rule.CAPACITY,
        f"Only the secretary or the chair can {at.entry.step.name}.",
    )
