# SPDX-License-Identifier: Apache-2.0
"""What a pack states of the mechanism: calendar, commission, remedies, gates, guarantees, force.

How the commission and the guarantors proceed is configuration: the rooms that
proceed by it (``commission``, ``parties``, ``guarantees``) know no agreement.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from truceline.agreement.stated import Stated
from truceline.agreement.terms import Id, Words

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
CapacityName = Literal[
    "head_of_mission", "duty_officer", "monitor", "analyst", "verifier", "secretary",
    "commission_member", "party_liaison", "guarantor",
]  # fmt: skip
"""Capacities that a pack may give a task to (``procedure.Capacity`` has them all)."""


class Term(Stated):
    """How long a clock runs: hours on end, or working days of the pack's calendar."""

    hours: Annotated[int, Field(ge=1, le=87_600)] | None = None
    working_days: Annotated[int, Field(ge=1, le=3_650)] | None = None

    @model_validator(mode="after")
    def _one_of_the_two(self) -> Self:
        if (self.hours is None) == (self.working_days is None):
            raise ValueError("give hours or working_days, one of the two")
        return self

    def __str__(self) -> str:
        """Say it in words."""
        return f"{self.hours} h" if self.hours is not None else f"{self.working_days} working days"


class Calendar(Stated):
    """The days that count for terms in working days; hours run on every day."""

    timezone: str = "UTC"
    working_days: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri")
    holidays: tuple[date, ...] = ()

    @model_validator(mode="after")
    def _has_a_working_day(self) -> Self:
        if not self.working_days:
            raise ValueError("needs at least one working day a week")
        return self


class Office(Stated):
    """An office whose holder opens gates or signs off; ``of`` is the actor or party it belongs to."""

    id: Id
    title: Words
    of: str


class Gate(Stated):
    """A condition that must be met first.

    ``in_force``: the agreement is in force now.  ``entered_into_force``: it has been, at
    any time.  ``recorded``: an ``office`` has recorded that it is met; with ``each``, every
    guarantor or contributor has a gate of its own, opened by itself.
    """

    id: Id
    title: Words
    test: Literal["in_force", "entered_into_force", "recorded"]
    office: str | None = None
    each: bool = False

    @model_validator(mode="after")
    def _somebody_opens_it(self) -> Self:
        recorded = self.test == "recorded"
        if recorded and (self.office is None) != self.each:
            raise ValueError("a recorded gate names its office, or is each guarantor's own (each: true)")
        if not recorded and (self.office is not None or self.each):
            raise ValueError("only a recorded gate has an office or is each guarantor's own")
        return self


class Seat(Stated):
    """One kind of seat of the commission: who appoints to it, how many sit, who votes and chairs."""

    id: Id
    appointed_by: str
    count: Annotated[int, Field(ge=1)] = 1
    votes: bool = True
    chair: bool = False


class Standard(Stated):
    """A standard of proof; the commission's list goes from the weaker to the stronger."""

    id: Id
    title: Words


class Characterisation(Stated):
    """What the commission can call a breach, beyond naming its clause; triggers refer to it."""

    id: Id
    title: Words


class Procedure(Stated):
    """How a case proceeds: who refers, how long the clocks run, what needs the actor's own key.

    ``own_signature`` names steps.  An ``appeal`` left out: there is none.
    """

    referral_by: tuple[CapacityName, ...] = ("duty_officer", "party_liaison", "commission_member")
    response: Term = Term(working_days=5)
    rebuttal: Term = Term(working_days=3)
    vote: Term = Term(working_days=3)
    dissent: Term = Term(working_days=3)
    appeal: Term | None = None
    appeal_stays_remedies: bool = False
    own_signature: tuple[Id, ...] = ()


Majority = Literal["simple", "absolute", "two_thirds", "three_quarters", "consensus"]


class Commission(Stated):
    """Who decides on breaches, by what quorum, majority and standards.

    ``quorum`` left out: every voting seat.  ``excluded``: a member whom a party appointed
    does not vote on a breach that party is said to have made (``own_conduct``), or on what
    that party referred (``own_complaint``).  ``standard_for`` maps a clause to the weakest
    standard by which its breach may be found; for all others any standard will do.
    """

    name: Words
    seats: tuple[Seat, ...] = ()
    quorum: Annotated[int, Field(ge=1)] | None = None
    majority: Majority | None = None
    standards: tuple[Standard, ...] = ()
    standard_for: dict[str, str] = Field(default_factory=dict)
    characterisations: tuple[Characterisation, ...] = ()
    excluded: tuple[Literal["own_conduct", "own_complaint"], ...] = ()
    procedure: Procedure = Procedure()
    note: str = ""

    def seat(self, seat_id: str) -> Seat | None:
        """Return the seat with this id, or None."""
        return next((seat for seat in self.seats if seat.id == seat_id), None)


class Remedy(Stated):
    """A consequence that the commission can determine."""

    id: Id
    title: Words
    owner: str
    deadline_hours: Annotated[int, Field(ge=0)] | None = None
    check: str = ""


class Trigger(Stated):
    """What opens a commitment: an adopted finding of breach with this characterisation."""

    finding: str
    text: Words


class Guarantee(Stated):
    """What a guarantor promised: gates, trigger, sign-off and clocks.

    ``sign_off`` names offices: each opens the obligation of its own actor, or of every
    guarantor if its actor is none of them.  ``zero`` is where the clocks start: when the
    finding was adopted, at the sign-off, or at the first breach as the sign-off states it.
    """

    id: Id
    guarantors: tuple[str, ...] = Field(min_length=1)
    text: Words
    source: Words
    legal_status: Literal["declared", "signed", "ratified", "in_force"]
    gates: tuple[str, ...] = ()
    trigger: Trigger | None = None
    sign_off: tuple[str, ...] = ()
    zero: Literal["finding", "sign_off", "first_breach"] = "finding"
    clocks_hours: tuple[Annotated[int, Field(ge=1)], ...] = ()

    @model_validator(mode="after")
    def _a_person_signs_off(self) -> Self:
        if self.trigger is not None and not self.sign_off:
            raise ValueError("a trigger needs a sign_off: no program opens an obligation")
        return self


class Force(Stated):
    """The multinational force: its domains and the gates before anything of it is deployed."""

    name: Words
    domains: tuple[Literal["air", "sea", "land", "regeneration"], ...] = (
        "air", "sea", "land", "regeneration",
    )  # fmt: skip
    gates: tuple[str, ...] = ()
