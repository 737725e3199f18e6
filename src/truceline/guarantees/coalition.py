# SPDX-License-Identifier: Apache-2.0
"""The coalition: which states and organisations have which role, and from when until when.

The pack gives roles; records add to them and end them.  Everything is asked as of a
moment, from what is recorded by now.  All of it is public.

Invariants: a role begins before it ends, and nobody holds the same role twice at a time;
an actor that the pack does not know is named when it joins; what ended in the past is not
ended again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from truceline.agreement import Agreement, Rule
from truceline.agreement.terms import Id, Moment, Names, Words
from truceline.interval import EARLIEST, LATEST, Interval, iso
from truceline.procedure import Capacity, Entry, Step, require, require_capacity


class CoalitionRole(StrEnum):
    """What a state or an organisation is in the coalition."""

    LEAD = "lead"
    MEMBER = "member"
    OBSERVER = "observer"
    CONTRIBUTOR = "contributor"
    GUARANTOR = "guarantor"


@dataclass(frozen=True, slots=True)
class Join(Step):
    """Take a role in the coalition, now, in the past, or announced for the future.

    Attributes:
        actor: The id of who joins.
        role: As what.
        since: From when.
        source: What says so.
        names: Its name by language, where neither the pack nor an earlier record names it; else None.
    """

    kind: ClassVar[str] = "coalition"
    name: ClassVar[str] = "join"
    actor: Id
    role: CoalitionRole
    since: Moment
    source: Words
    names: Annotated[Names, Field(max_length=50)] | None = None


@dataclass(frozen=True, slots=True)
class Leave(Step):
    """Give up a role in the coalition, also one that the pack gives.

    Attributes:
        actor: The id of who leaves.
        role: Which role.
        at: When it ends.
        ground: Why, and what says so.
    """

    kind: ClassVar[str] = "coalition"
    name: ClassVar[str] = "leave"
    actor: Id
    role: CoalitionRole
    at: Moment
    ground: Words


@dataclass(frozen=True, slots=True)
class ChangeRole(Step):
    """Give up a role in the coalition and take another at the same moment.

    Attributes:
        actor: The id of whose role changes.
        from_role: What it was.
        to_role: What it becomes.
        at: When.
        source: What says so.
    """

    kind: ClassVar[str] = "coalition"
    name: ClassVar[str] = "change-role"
    actor: Id
    from_role: CoalitionRole
    to_role: CoalitionRole
    at: Moment
    source: Words


STEPS: tuple[type[Step], ...] = (Join, Leave, ChangeRole)


@dataclass(frozen=True, slots=True)
class Holding:
    """That an actor has a role.

    Attributes:
        actor: Who.
        role: Which.
        since: From when.
        until: Until when; None: until it is ended.
        from_pack: Whether the pack gives it.
        leaf_index: Where it is recorded; None: in the pack.
        end_leaf_index: Where its end is recorded; None: it has none, or the pack states it.
    """

    actor: str
    role: CoalitionRole
    since: datetime
    until: datetime | None
    from_pack: bool
    leaf_index: int | None
    end_leaf_index: int | None = None

    @property
    def term(self) -> Interval:
        """From when until when."""
        return Interval(self.since, self.until)


@dataclass(frozen=True, slots=True)
class Ending:
    """That a role which the pack gives was given up.

    Attributes:
        actor: Who.
        role: Which role.
        at: When it ends.
        leaf_index: Where that is recorded.
    """

    actor: str
    role: CoalitionRole
    at: datetime
    leaf_index: int


@dataclass(frozen=True, slots=True)
class Coalition:
    """What was recorded of roles, beside those that the pack gives.

    Attributes:
        joined: Every role that was taken, in the order of the log.
        endings: Every end of a role that the pack gives, in the order of the log.
        names: The names, by language, of the actors that the pack did not know when they joined.
    """

    joined: tuple[Holding, ...] = ()
    endings: tuple[Ending, ...] = ()
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def holdings(coalition: Coalition, agreement: Agreement) -> tuple[Holding, ...]:
    """Return every role that anybody has, had or will have: the pack's order, then by joining."""
    joined = sorted(coalition.joined, key=lambda one: (one.since, one.leaf_index or 0))
    return (*_of_pack(coalition, agreement), *joined)


def members(
    coalition: Coalition, agreement: Agreement, at: datetime, role: CoalitionRole | None = None
) -> tuple[Holding, ...]:
    """Return who has which role at a moment: the pack's order, then by joining.

    Args:
        coalition: As recorded.
        agreement: The pack.
        at: The moment.
        role: This role alone; None: every role.
    """
    return tuple(
        one
        for one in holdings(coalition, agreement)
        if one.term.holds(at) and (role is None or one.role is role)
    )


def roles_of(
    coalition: Coalition, agreement: Agreement, actor: str, at: datetime
) -> tuple[CoalitionRole, ...]:
    """Return the roles that an actor has at a moment, each once."""
    held = {one.role for one in members(coalition, agreement, at) if one.actor == actor}
    return tuple(role for role in CoalitionRole if role in held)


def is_known(coalition: Coalition, agreement: Agreement, actor: str) -> bool:
    """Tell whether the pack or a record names an actor."""
    return agreement.actor(actor) is not None or actor in coalition.names


def name_of(coalition: Coalition, agreement: Agreement, actor: str, language: str = "en") -> str:
    """Return an actor's name in a language, or else in English; one that is not known: its id.

    What the pack says comes before what was said on joining.
    """
    stated = agreement.actor(actor)
    names = stated.name if stated is not None else coalition.names.get(actor, {})
    return names.get(language) or names.get("en") or actor


def take(state: Coalition, entry: Entry, agreement: Agreement) -> Coalition:
    """Return the coalition after a step.

    Args:
        state: Before it.
        entry: The step, and who took it when.
        agreement: The pack in force when it is taken.

    Raises:
        RuleViolation: The step is forbidden.
    """
    match entry.step:
        case Join():
            return _join(state, entry, entry.step, agreement)
        case Leave():
            step = entry.step
            _require_speaks(entry, step.actor, agreement)
            return _ended(state, entry, agreement, step.actor, step.role, step.at)
        case ChangeRole():
            return _change(state, entry, entry.step, agreement)
        case other:
            raise TypeError(f"{other.name} is no step of the coalition")


def _join(state: Coalition, entry: Entry, step: Join, agreement: Agreement) -> Coalition:
    _require_speaks(entry, step.actor, agreement)
    known = is_known(state, agreement, step.actor)
    require(
        known or step.names is not None,
        agreement,
        Rule.MEMBERSHIP,
        f"Neither the agreement nor a record names {step.actor}; give its names.",
    )
    require(
        not known or step.names is None,
        agreement,
        Rule.MEMBERSHIP,
        f"{step.actor} is named already; leave out the names.",
    )
    require(
        known or step.actor not in agreement.party_ids(),
        agreement,
        Rule.MEMBERSHIP,
        f"{step.actor} is a party of the agreement; name the state or body that joins.",
    )
    named = state if step.names is None else replace(state, names={**state.names, step.actor: step.names})
    return _begun(named, entry, agreement, step.actor, step.role, step.since)


def _change(state: Coalition, entry: Entry, step: ChangeRole, agreement: Agreement) -> Coalition:
    _require_speaks(entry, step.actor, agreement)
    require(
        step.from_role is not step.to_role,
        agreement,
        Rule.MEMBERSHIP,
        f"{step.actor} changes from {step.from_role} to {step.to_role}: that is no change.",
    )
    without = _ended(state, entry, agreement, step.actor, step.from_role, step.at)
    return _begun(without, entry, agreement, step.actor, step.to_role, step.at)


def _begun(
    state: Coalition, entry: Entry, agreement: Agreement, actor: str, role: CoalitionRole, since: datetime
) -> Coalition:
    """Return the coalition with a role that begins."""
    _require_plausible(since, agreement)
    term = Interval(since)
    held = [
        one
        for one in holdings(state, agreement)
        if (one.actor, one.role) == (actor, role) and one.term.overlaps(term)
    ]
    require(
        not held,
        agreement,
        Rule.MEMBERSHIP,
        f"{actor} has the role {role} then, or will have it later.",
    )
    begun = Holding(actor, role, since, None, from_pack=False, leaf_index=entry.leaf_index)
    return replace(state, joined=(*state.joined, begun))


def _ended(
    state: Coalition, entry: Entry, agreement: Agreement, actor: str, role: CoalitionRole, at: datetime
) -> Coalition:
    """Return the coalition with a role that ends."""
    _require_plausible(at, agreement)
    held = [
        one
        for one in holdings(state, agreement)
        if (one.actor, one.role) == (actor, role) and one.since < at and one.term.holds(at)
    ]
    require(
        bool(held),
        agreement,
        Rule.MEMBERSHIP,
        f"{actor} does not have the role {role} at {iso(at)}, or only begins to have it then.",
    )
    one = held[0]
    require(
        one.until is None or one.until > entry.at,
        agreement,
        Rule.MEMBERSHIP,
        f"The role {role} of {actor} has ended already; what is past stands.",
    )
    if one.from_pack:
        ending = Ending(actor, role, at, entry.leaf_index)
        return replace(state, endings=(*state.endings, ending))
    ended = replace(one, until=at, end_leaf_index=entry.leaf_index)
    return replace(state, joined=tuple(ended if each == one else each for each in state.joined))


def _of_pack(coalition: Coalition, agreement: Agreement) -> Iterator[Holding]:
    """Yield the roles that the pack gives, cut where a record ends them."""
    coalition_roles = set(CoalitionRole)
    for actor in agreement.actors:
        for role in actor.roles:
            if role.role not in coalition_roles:
                continue
            given, since, until = CoalitionRole(role.role), role.valid.since, role.valid.until
            ends = [
                (one.at, one.leaf_index)
                for one in coalition.endings
                if (one.actor, one.role) == (actor.id, given) and since < one.at < role.valid.interval.last
            ]
            at, leaf_index = min(ends, default=(until, None))
            yield Holding(actor.id, given, since, at, True, None, leaf_index)


def _require_speaks(entry: Entry, actor: str, agreement: Agreement) -> None:
    """Refuse a step to all but the actor itself, and those of the mission who record what a source says."""
    require_capacity(
        entry, agreement, Capacity.GUARANTOR, Capacity.HEAD_OF_MISSION, Capacity.SECRETARY
    )  # fmt: skip
    itself = actor if entry.who.capacity is Capacity.GUARANTOR else ""
    require(
        entry.who.on_behalf_of == itself,
        agreement,
        Rule.ON_BEHALF,
        f"{entry.who} cannot {entry.step.name} for {actor}: "
        "each speaks for itself, and those of the mission in nobody's name.",
    )


def _require_plausible(moment: datetime, agreement: Agreement) -> None:
    require(
        EARLIEST <= moment < LATEST,
        agreement,
        Rule.MEMBERSHIP,
        f"A role begins and ends between {EARLIEST.year} and {LATEST.year}; check the year.",
    )
