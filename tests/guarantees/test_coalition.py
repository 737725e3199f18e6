# SPDX-License-Identifier: Apache-2.0
"""The coalition: who joins, leaves and changes as what, and what is told as of a date."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.guarantees.contributing import Joined, W, attempt
from tests.procedure.made import DUTY, HEAD, LIAISON_A, SECRETARY, START, Course, X, Y, Z

from truceline.agreement import Rule
from truceline.agreement.model import Actor, Role
from truceline.errors import RejectedInput, RuleViolation
from truceline.guarantees.coalition import (
    ChangeRole,
    CoalitionRole,
    Holding,
    Join,
    Leave,
    holdings,
    members,
    name_of,
    roles_of,
)
from truceline.procedure import Capacity, Step, Who, decode, encode, read_step

LEAD, MEMBER, OBSERVER = CoalitionRole.LEAD, CoalitionRole.MEMBER, CoalitionRole.OBSERVER
CONTRIBUTOR, GUARANTOR = CoalitionRole.CONTRIBUTOR, CoalitionRole.GUARANTOR
DAY = timedelta(days=1)
NAMES = {"en": "State W", "uk": "Держава W"}


def join(
    actor: str = "Z",
    role: CoalitionRole = MEMBER,
    since: datetime = START,
    names: dict[str, str] | None = None,
) -> Join:
    return Join(actor, role, since, "EXERCISE statement", names)


def leave(actor: str = "Z", role: CoalitionRole = MEMBER, at: datetime = START + 10 * DAY) -> Leave:
    return Leave(actor, role, at, "EXERCISE: a letter to the others")


def change(
    actor: str = "Z",
    before: CoalitionRole = OBSERVER,
    after: CoalitionRole = MEMBER,
    at: datetime = START + 10 * DAY,
) -> ChangeRole:
    return ChangeRole(actor, before, after, at, "EXERCISE statement")


def roles(made: Joined, actor: str, at: datetime = START) -> tuple[CoalitionRole, ...]:
    return roles_of(made.coalition, made.agreement, actor, at)


def refusal(made: Joined, who: Who, step: Step) -> RuleViolation:
    before = made.coalition
    with pytest.raises(RuleViolation) as refused:
        made.take(who, step)
    assert made.coalition == before
    assert refused.value.citation
    return refused.value


# What the pack gives.


def test_the_packs_roles_hold_without_any_record() -> None:
    made = Joined()
    assert roles(made, "X") == (LEAD, GUARANTOR)
    assert roles(made, "Y") == (CONTRIBUTOR, GUARANTOR)
    assert roles(made, "Z") == ()


def test_the_packs_roles_begin_when_the_pack_says() -> None:
    assert roles(Joined(), "X", datetime(2029, 12, 31, 23, 59, tzinfo=UTC)) == ()
    assert roles(Joined(), "X", datetime(2030, 1, 1, tzinfo=UTC)) == (LEAD, GUARANTOR)


def test_roles_that_are_none_of_the_coalition_are_not_told() -> None:
    made = Joined()
    assert roles(made, "B-government") == ()
    assert {one.actor for one in members(made.coalition, made.agreement, START)} == {"X", "Y"}


# Joining.


def test_a_state_that_joins_has_its_role_from_then_on() -> None:
    made = Joined()
    made.take(Z, join(since=START + DAY))
    assert roles(made, "Z", START + DAY - timedelta(seconds=1)) == ()
    assert roles(made, "Z", START + DAY) == (MEMBER,)
    assert roles(made, "Z", START + 900 * DAY) == (MEMBER,)


def test_the_mission_records_who_joins_by_what_a_source_says() -> None:
    for who in (HEAD, SECRETARY):
        made = Joined()
        made.take(who, join(since=START - 3 * DAY))
        assert roles(made, "Z", START - 2 * DAY) == (MEMBER,)


@pytest.mark.parametrize(
    ("who", "rule"),
    [
        (X, Rule.ON_BEHALF),
        (Who("envoy-z", Capacity.GUARANTOR), Rule.ON_BEHALF),
        (Who("secretary", Capacity.SECRETARY, "Z"), Rule.ON_BEHALF),
        (DUTY, Rule.CAPACITY),
        (LIAISON_A, Rule.CAPACITY),
        (Who("envoy-z", Capacity.LIAISON, "Z"), Rule.CAPACITY),
    ],
)
@pytest.mark.parametrize("step", [join(), leave(), change()])
def test_nobody_speaks_for_another_state(who: Who, rule: Rule, step: Step) -> None:
    assert refusal(Joined(), who, step).rule == rule


def test_a_state_that_nobody_knows_is_named_when_it_joins() -> None:
    made = Joined()
    assert refusal(made, W, join("W")).rule == Rule.MEMBERSHIP
    made.take(W, join("W", names=NAMES))
    assert roles(made, "W") == (MEMBER,)
    assert name_of(made.coalition, made.agreement, "W", "uk") == "Держава W"


def test_a_state_that_is_known_is_not_named_again() -> None:
    made = Joined()
    assert "named already" in refusal(made, Z, join(names={"en": "Another Z"})).summary
    made.take(W, join("W", names=NAMES))
    assert "named already" in refusal(made, W, join("W", OBSERVER, names=NAMES)).summary
    made.take(W, join("W", OBSERVER))
    assert roles(made, "W") == (MEMBER, OBSERVER)


def test_a_name_that_was_refused_is_not_kept() -> None:
    made = Joined()
    refusal(made, W, join("W", since=datetime(2300, 1, 1, tzinfo=UTC), names=NAMES))
    assert name_of(made.coalition, made.agreement, "W") == "W"


def test_a_party_does_not_join_under_its_partys_id() -> None:
    who = Who("envoy-a", Capacity.GUARANTOR, "A")
    assert refusal(Joined(), who, join("A", names={"en": "A"})).rule == Rule.MEMBERSHIP


def test_nobody_holds_the_same_role_twice_at_a_time() -> None:
    made = Joined()
    assert refusal(made, X, join("X", LEAD)).rule == Rule.MEMBERSHIP
    made.take(Z, join(since=START + 5 * DAY))
    for since in (START, START + 5 * DAY, START + 9 * DAY):
        assert refusal(made, Z, join(since=since)).rule == Rule.MEMBERSHIP


def test_an_actor_holds_several_roles() -> None:
    made = Joined()
    made.take(Y, join("Y", MEMBER))
    assert roles(made, "Y") == (MEMBER, CONTRIBUTOR, GUARANTOR)


@pytest.mark.parametrize("year", [1, 1899, 2200, 9999])
def test_a_date_that_is_a_slip_of_the_pen_is_refused(year: int) -> None:
    odd = datetime(year, 6, 1, tzinfo=UTC)
    assert refusal(Joined(), Z, join(since=odd)).rule == Rule.MEMBERSHIP
    assert refusal(Joined(), X, leave("X", LEAD, odd)).rule == Rule.MEMBERSHIP
    assert refusal(Joined(), X, change("X", LEAD, MEMBER, odd)).rule == Rule.MEMBERSHIP


# Leaving.


def test_who_leaves_has_the_role_until_then() -> None:
    made = Joined()
    made.take(Z, join())
    entry = made.take(Z, leave())
    assert roles(made, "Z", START + 10 * DAY - timedelta(seconds=1)) == (MEMBER,)
    assert roles(made, "Z", START + 10 * DAY) == ()
    (held,) = members(made.coalition, made.agreement, START, MEMBER)
    assert (held.until, held.end_leaf_index) == (START + 10 * DAY, entry.leaf_index)


def test_a_role_that_the_pack_gives_can_be_left() -> None:
    made = Joined()
    entry = made.take(X, leave("X", LEAD))
    assert roles(made, "X", START + 9 * DAY) == (LEAD, GUARANTOR)
    assert roles(made, "X", START + 10 * DAY) == (GUARANTOR,)
    lead = next(one for one in holdings(made.coalition, made.agreement) if one.role is LEAD)
    assert lead == Holding(
        "X",
        LEAD,
        datetime(2030, 1, 1, tzinfo=UTC),
        START + 10 * DAY,
        from_pack=True,
        leaf_index=None,
        end_leaf_index=entry.leaf_index,
    )


def test_a_role_that_an_amended_pack_gives_later_is_not_ended_by_what_was_recorded_before() -> None:
    made = Joined()
    made.take(X, leave("X", LEAD))
    again = Role.model_validate({"role": "lead", "valid": {"from": "2031-01-01T00:00:00Z"}})
    made.agreement = replace(
        made.agreement,
        actors=tuple(
            one.model_copy(update={"roles": (*one.roles, again)}) if one.id == "X" else one
            for one in made.agreement.actors
        ),
    )
    assert LEAD not in roles(made, "X", datetime(2030, 12, 31, tzinfo=UTC))
    assert LEAD in roles(made, "X", datetime(2031, 1, 1, tzinfo=UTC))


def test_nobody_leaves_what_they_do_not_hold() -> None:
    made = Joined()
    assert refusal(made, Z, leave()).rule == Rule.MEMBERSHIP
    made.take(Z, join(since=START + 20 * DAY))
    assert refusal(made, Z, leave()).rule == Rule.MEMBERSHIP
    assert refusal(made, Z, leave(role=OBSERVER, at=START + 30 * DAY)).rule == Rule.MEMBERSHIP


def test_a_role_begins_before_it_ends() -> None:
    made = Joined()
    made.take(Z, join())
    assert refusal(made, Z, leave(at=START)).rule == Rule.MEMBERSHIP
    assert refusal(made, X, leave("X", LEAD, datetime(2030, 1, 1, tzinfo=UTC))).rule == Rule.MEMBERSHIP


@pytest.mark.parametrize(("who", "actor", "role"), [(Z, "Z", MEMBER), (X, "X", LEAD)])
def test_an_announced_departure_can_come_sooner_and_not_later(
    who: Who, actor: str, role: CoalitionRole
) -> None:
    made = Joined()
    if who is Z:
        made.take(Z, join())
    made.take(who, leave(actor, role))
    assert refusal(made, who, leave(actor, role, START + 11 * DAY)).rule == Rule.MEMBERSHIP
    made.take(who, leave(actor, role, START + 5 * DAY))
    assert role not in roles(made, actor, START + 5 * DAY)


@pytest.mark.parametrize(("who", "actor", "role"), [(Z, "Z", MEMBER), (X, "X", LEAD)])
def test_what_ended_in_the_past_is_not_ended_again(who: Who, actor: str, role: CoalitionRole) -> None:
    made = Joined()
    if who is Z:
        made.take(Z, join())
    made.take(who, leave(actor, role))
    made.wait(10 * 24)
    assert "past stands" in refusal(made, who, leave(actor, role, START + 5 * DAY)).summary
    assert role in roles(made, actor, START + 9 * DAY)


@pytest.mark.parametrize(("who", "actor", "role"), [(Z, "Z", MEMBER), (X, "X", LEAD)])
def test_who_has_left_can_join_again(who: Who, actor: str, role: CoalitionRole) -> None:
    made = Joined()
    if who is Z:
        made.take(Z, join())
    made.take(who, leave(actor, role))
    assert refusal(made, who, join(actor, role, START + 9 * DAY)).rule == Rule.MEMBERSHIP
    made.take(who, join(actor, role, START + 10 * DAY))
    assert role in roles(made, actor, START + 10 * DAY)
    assert len([one for one in holdings(made.coalition, made.agreement) if one.actor == actor]) >= 2


# Changing.


def test_a_role_is_changed_without_a_gap() -> None:
    made = Joined()
    made.take(Z, join(role=OBSERVER))
    entry = made.take(Z, change())
    assert roles(made, "Z", START + 10 * DAY - timedelta(microseconds=1)) == (OBSERVER,)
    assert roles(made, "Z", START + 10 * DAY) == (MEMBER,)
    (held,) = members(made.coalition, made.agreement, START + 10 * DAY, MEMBER)
    assert held.leaf_index == entry.leaf_index


def test_a_change_that_cannot_end_begins_nothing() -> None:
    made = Joined()
    assert refusal(made, Z, change()).rule == Rule.MEMBERSHIP
    assert refusal(made, X, change("X", LEAD, GUARANTOR)).rule == Rule.MEMBERSHIP
    assert refusal(made, X, change("X", LEAD, LEAD)).rule == Rule.MEMBERSHIP
    assert roles(made, "X", START + 20 * DAY) == (LEAD, GUARANTOR)


# What is told.


def test_members_come_in_the_packs_order_then_by_joining() -> None:
    made = Joined()
    made.take(W, join("W", since=START + DAY, names=NAMES))
    made.take(Z, join(since=START))
    made.take(Y, join("Y", OBSERVER, START + 2 * DAY))
    at = START + 3 * DAY
    assert [(one.actor, one.role, one.from_pack) for one in members(made.coalition, made.agreement, at)] == [
        ("X", LEAD, True),
        ("X", GUARANTOR, True),
        ("Y", GUARANTOR, True),
        ("Y", CONTRIBUTOR, True),
        ("Z", MEMBER, False),
        ("W", MEMBER, False),
        ("Y", OBSERVER, False),
    ]
    assert [one.actor for one in members(made.coalition, made.agreement, at, MEMBER)] == ["Z", "W"]


def test_a_name_falls_back_to_english_and_then_to_the_id() -> None:
    made = Joined()
    made.take(W, join("W", names=NAMES))
    assert name_of(made.coalition, made.agreement, "W", "fr") == "State W"
    assert name_of(made.coalition, made.agreement, "X", "uk") == "State X"
    assert name_of(made.coalition, made.agreement, "nobody") == "nobody"


def test_a_pack_that_names_a_state_later_is_believed_first() -> None:
    made = Joined()
    made.take(W, join("W", names=NAMES))
    amended = replace(
        made.agreement, actors=(*made.agreement.actors, Actor(id="W", name={"en": "Republic of W"}))
    )
    assert name_of(made.coalition, amended, "W") == "Republic of W"
    assert roles_of(made.coalition, amended, "W", START) == (MEMBER,)


@pytest.mark.parametrize(
    "step", [join(), join("W", names=NAMES), leave(), change()], ids=["join", "names", "leave", "change"]
)
def test_a_step_that_is_written_and_read_again_is_equal_to_the_first(step: Step) -> None:
    stated = {name: value for held in encode(step, Z).values() for name, value in held.items()}
    assert decode({step.name: type(step)}, stated, "record 1") == (step, Z)


def test_a_name_without_english_is_rejected() -> None:
    with pytest.raises(RejectedInput, match="English"):
        read_step(
            Join,
            {
                "actor": "W",
                "role": "member",
                "since": "2030-01-14T09:00:00Z",
                "source": "EXERCISE",
                "names": {"fr": "État W"},
            },
            "join",
        )


# Laws.

moments = st.one_of(
    st.integers(-30, 60).map(lambda days: START + timedelta(days=days)), st.datetimes(timezones=st.just(UTC))
)
actors = st.sampled_from(["X", "Y", "Z", "W", "A", "B-government"])
the_roles = st.sampled_from(CoalitionRole)
words = st.text(min_size=1, max_size=5)
steps: st.SearchStrategy[Step] = st.one_of(
    st.builds(Join, actors, the_roles, moments, words, st.sampled_from([None, NAMES])),
    st.builds(Leave, actors, the_roles, moments, words),
    st.builds(ChangeRole, actors, the_roles, the_roles, moments, words),
)
people = st.sampled_from([X, Y, Z, W, SECRETARY, SECRETARY, SECRETARY, HEAD, DUTY])


@given(st.lists(st.tuples(people, steps, st.sampled_from([0, 24, 200])), max_size=25))
def test_whatever_is_recorded_no_role_is_held_twice_and_each_begins_before_it_ends(
    course: list[tuple[Who, Step, int]],
) -> None:
    made = Joined()
    for who, step, hours in course:
        made.wait(hours)
        attempt(made, who, step)
        held = holdings(made.coalition, made.agreement)
        for one in held:
            assert one.until is None or one.since < one.until
            others = [each for each in held if (each.actor, each.role) == (one.actor, one.role)]
            assert not any(each.term.overlaps(one.term) for each in others if each is not one)


def test_the_mechanism_takes_the_steps_of_the_coalition() -> None:
    course = Course()
    course.take(Z, join())
    assert roles_of(course.state.coalition, course.agreement, "Z", course.now) == (MEMBER,)
