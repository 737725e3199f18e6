# SPDX-License-Identifier: Apache-2.0
"""Who takes part in an exercise, and the cues by which they act.

The people follow from the pack: a liaison for each party, an envoy for each state or
organisation, a member for each place in the commission, a holder for each office.  A cue
says when somebody acts; what they do may depend on how things stand by then.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from truceline.agreement import Agreement
from truceline.commission.steps import ClauseRef, Evidence
from truceline.exercise.truth import TrueEvent
from truceline.mechanism import Mechanism
from truceline.procedure import Capacity, Step, Who

HEAD: Final = Who("EXERCISE-head", Capacity.HEAD_OF_MISSION)
DUTY: Final = Who("EXERCISE-duty-officer", Capacity.DUTY_OFFICER)
SECRETARY: Final = Who("EXERCISE-secretary", Capacity.SECRETARY)
ANALYST: Final = Who("EXERCISE-analyst", Capacity.ANALYST)
VERIFIERS: Final = (
    Who("EXERCISE-verifier-1", Capacity.VERIFIER),
    Who("EXERCISE-verifier-2", Capacity.VERIFIER),
)


@dataclass(frozen=True, slots=True)
class Member:
    """One who sits in the commission: the seat, and who appoints to it."""

    person: str
    seat: str
    appointed_by: str
    votes: bool

    @property
    def who(self) -> Who:
        """The member, acting as such."""
        return Who(self.person, Capacity.MEMBER)


@dataclass(frozen=True, slots=True)
class Matter:
    """What a case can be about: a true event, and the incident that was made of reports of it."""

    event: TrueEvent
    incident: str

    @property
    def clause(self) -> ClauseRef:
        """The clause that speaks of it."""
        return ClauseRef(self.event.version, self.event.clause)


class Scene(Protocol):
    """How things stand when a cue comes."""

    @property
    def now(self) -> datetime:
        """The exercise's present."""

    @property
    def agreement(self) -> Agreement:
        """The agreement, as staged."""

    @property
    def state(self) -> Mechanism:
        """How the mechanism stands, all of it."""

    @property
    def known(self) -> dict[str, str]:
        """What earlier cues found out, such as a case's number."""

    def matter(self, accused: str, staged: str) -> Matter | None:
        """Return something to bring before the commission, not yet brought; None: there is nothing."""

    def freeze(self, incident: str) -> Evidence:
        """Freeze the records behind an incident."""

    def may_vote(self, case_id: str, person: str) -> bool:
        """Tell whether a member may vote on the open proposal of a case."""


@dataclass(frozen=True, slots=True)
class Cue:
    """That somebody acts at a moment.

    Attributes:
        at: When.
        matter: What it belongs to, in words; once a cue of it is refused, its later ones are left out.
        who: Who acts.
        step: Returns what they do as things stand; None: nothing.
    """

    at: datetime
    matter: str
    who: Who
    step: Callable[[Scene], Step | None]


def cue(at: datetime, matter: str, who: Who, step: Step) -> Cue:
    """Return a cue for a step that does not depend on how things stand."""
    return Cue(at, matter, who, lambda _scene: step)


def liaison(party: str) -> Who:
    """Return the liaison officer of a party."""
    return Who(f"EXERCISE-liaison-{party}", Capacity.LIAISON, party)


def envoy(agreement: Agreement, actor: str) -> Who:
    """Return who speaks for a state or organisation: a party's liaison, or a guarantor's envoy."""
    if agreement.party_of(actor) is not None:
        return Who(f"EXERCISE-liaison-{agreement.party_of(actor)}", Capacity.LIAISON, actor)
    return Who(f"EXERCISE-envoy-{actor}", Capacity.GUARANTOR, actor)


def members_of(agreement: Agreement) -> tuple[Member, ...]:
    """Return who sits in the commission: every place of every seat is filled."""
    return tuple(
        Member(f"EXERCISE-member-{seat.id}-{place}", seat.id, seat.appointed_by, seat.votes)
        for seat in agreement.commission.seats
        for place in range(1, seat.count + 1)
    )


def holder(office: str) -> str:
    """Return who holds an office."""
    return f"EXERCISE-holder-{office}"


def others(parties: Sequence[str], party: str) -> tuple[str, ...]:
    """Return the parties but one."""
    return tuple(one for one in parties if one != party)
