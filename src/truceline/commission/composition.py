# SPDX-License-Identifier: Apache-2.0
"""Composition: who sits in the commission and who holds which office, over time.

A seat is filled by whom the pack names, for a term, and membership may change while
a case is pending.  An office (of a guarantor, of the host) is held by one person at a
time.  Persons are known to the commission alone; seats are public.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import ClassVar

from truceline.agreement import Agreement, Rule
from truceline.agreement.mechanism import Seat
from truceline.agreement.terms import Id, Moment, Words
from truceline.interval import Interval
from truceline.procedure import (
    Capacity,
    Entry,
    Step,
    forbidden,
    require,
    require_capacity,
    require_own_side,
    within,
)
from truceline.vocabulary import Tier

SPEAKERS = (Capacity.LIAISON, Capacity.GUARANTOR)
"""Those who speak for a party, a state or an organisation."""


@dataclass(frozen=True, slots=True)
class AppointMember(Step):
    """Fill a seat of the commission.

    Attributes:
        seat: The seat's id in the pack.
        member: The person's own id in this mission.
        since: From when.
        until: Until when; None: until it is ended.
    """

    kind: ClassVar[str] = "composition"
    name: ClassVar[str] = "appoint-member"
    seat: Id
    since: Moment
    until: Moment | None = None
    member: Words = field(metadata=within(Tier.COMMISSION), kw_only=True)


@dataclass(frozen=True, slots=True)
class EndMembership(Step):
    """End a member's term.

    Attributes:
        seat: The seat's id in the pack.
        member: The person's own id in this mission.
        at: When it ends.
        ground: Why: resigned, recalled, died.
    """

    kind: ClassVar[str] = "composition"
    name: ClassVar[str] = "end-membership"
    seat: Id
    at: Moment
    ground: Words
    member: Words = field(metadata=within(Tier.COMMISSION), kw_only=True)


@dataclass(frozen=True, slots=True)
class AppointOffice(Step):
    """Say who holds an office; whoever held it before does so no more.

    Attributes:
        office: The office's id in the pack.
        since: From when.
        holder: The person's own id in this mission.
    """

    kind: ClassVar[str] = "composition"
    name: ClassVar[str] = "appoint-office"
    office: Id
    since: Moment
    holder: Words = field(metadata=within(Tier.COMMISSION), kw_only=True)


STEPS: tuple[type[Step], ...] = (AppointMember, EndMembership, AppointOffice)


@dataclass(frozen=True, slots=True)
class Membership:
    """Who sits in which seat, when."""

    seat: str
    person: str
    term: Interval


@dataclass(frozen=True, slots=True)
class Tenure:
    """Who holds which office, when."""

    office: str
    person: str
    term: Interval


@dataclass(frozen=True, slots=True)
class Composition:
    """Every membership and tenure that was recorded, in order."""

    memberships: tuple[Membership, ...] = ()
    tenures: tuple[Tenure, ...] = ()

    def seated(self, at: datetime) -> tuple[Membership, ...]:
        """Return who sits at a moment."""
        return tuple(one for one in self.memberships if one.term.holds(at))

    def seat_of(self, person: str, at: datetime) -> str | None:
        """Return the seat in which somebody sits at a moment, or None."""
        return next((one.seat for one in self.seated(at) if one.person == person), None)

    def holds(self, person: str, office: str, at: datetime) -> bool:
        """Tell whether somebody holds an office at a moment."""
        return any(
            one.office == office and one.person == person and one.term.holds(at) for one in self.tenures
        )

    def appointer(self, person: str, at: datetime, seats: Mapping[str, Seat]) -> str | None:
        """Return who appointed a member who sits at a moment; None: they do not sit."""
        seat = seats.get(self.seat_of(person, at) or "")
        return None if seat is None else seat.appointed_by


def seats_of(agreement: Agreement) -> dict[str, Seat]:
    """Return the pack's seats by id."""
    return {seat.id: seat for seat in agreement.commission.seats}


def take(state: Composition, entry: Entry, agreement: Agreement) -> Composition:
    """Return the composition after a step.

    Raises:
        RuleViolation: The step is forbidden.
    """
    match entry.step:
        case AppointMember():
            return _appoint(state, entry, entry.step, agreement)
        case EndMembership():
            return _end(state, entry, entry.step, agreement)
        case AppointOffice():
            return _appoint_office(state, entry, entry.step, agreement)
        case other:
            raise TypeError(f"{other.name} is no step of the composition")


def _appoint(state: Composition, entry: Entry, step: AppointMember, agreement: Agreement) -> Composition:
    seat = agreement.commission.seat(step.seat)
    if seat is None:
        raise forbidden(agreement, Rule.SEATS, f"The commission has no seat {step.seat}.")
    require_capacity(entry, agreement, *SPEAKERS)
    require_own_side(entry, agreement, seat.appointed_by)
    if step.until is not None and step.until <= step.since:
        raise forbidden(agreement, Rule.SEATS, "The term ends before it begins.")
    term = Interval(step.since, step.until)
    sitting = [one for one in state.memberships if one.term.overlaps(term)]
    require(
        all(one.person != step.member for one in sitting),
        agreement,
        Rule.SEATS,
        f"{step.member} sits in the commission already in that time.",
    )
    require(
        _most_at_once(sitting, step.seat, term) < seat.count,
        agreement,
        Rule.SEATS,
        f"All {seat.count} places of the seat {step.seat} are taken in that time.",
    )
    return replace(state, memberships=(*state.memberships, Membership(step.seat, step.member, term)))


def _most_at_once(sitting: list[Membership], seat: str, term: Interval) -> int:
    """Return how many sit in a seat at the busiest moment of a term."""
    same = [one for one in sitting if one.seat == seat]
    moments = [term.start, *(one.term.start for one in same if one.term.start >= term.start)]
    return max(sum(one.term.holds(moment) for one in same) for moment in moments)


def _end(state: Composition, entry: Entry, step: EndMembership, agreement: Agreement) -> Composition:
    seat = agreement.commission.seat(step.seat)
    if seat is None:
        raise forbidden(agreement, Rule.SEATS, f"The commission has no seat {step.seat}.")
    require_capacity(entry, agreement, *SPEAKERS)
    require_own_side(entry, agreement, seat.appointed_by)
    found = [
        at
        for at, one in enumerate(state.memberships)
        if (one.seat, one.person) == (step.seat, step.member) and one.term.holds(step.at)
    ]
    require(bool(found), agreement, Rule.SEATS, f"{step.member} does not sit in {step.seat} at that time.")
    require(
        step.at >= entry.at,
        agreement,
        Rule.SEATS,
        "A membership is not ended in the past: what was voted until now stands.",
    )
    members = list(state.memberships)
    before = members[found[0]]
    members[found[0]] = replace(before, term=Interval(before.term.start, step.at))
    return replace(state, memberships=tuple(members))


def _appoint_office(
    state: Composition, entry: Entry, step: AppointOffice, agreement: Agreement
) -> Composition:
    office = next((one for one in agreement.offices if one.id == step.office), None)
    if office is None:
        raise forbidden(agreement, Rule.OFFICES, f"The agreement names no office {step.office}.")
    require_capacity(entry, agreement, *SPEAKERS)
    require_own_side(entry, agreement, office.of)
    held = [one for one in state.tenures if one.office == step.office]
    require(
        all(one.term.start < step.since for one in held) and (not held or step.since >= entry.at),
        agreement,
        Rule.OFFICES,
        f"The office {step.office} is held at that time; its next holder begins later.",
    )
    return replace(
        state,
        tenures=(
            *_until(state.tenures, step.office, step.since),
            Tenure(step.office, step.holder, Interval(step.since)),
        ),
    )


def _until(tenures: tuple[Tenure, ...], office: str, moment: datetime) -> Iterator[Tenure]:
    """Yield the tenures, those of one office ended by a moment."""
    for one in tenures:
        ends = one.office == office and one.term.holds(moment)
        yield replace(one, term=Interval(one.term.start, moment)) if ends else one
