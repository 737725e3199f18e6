# SPDX-License-Identifier: Apache-2.0
"""What falls away if an actor leaves: told from the record, and nothing is changed by asking."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from tests.guarantees.contributing import (
    APPROVE,
    ASKED,
    CLOSE,
    PLAN,
    PLEDGE,
    REFUSED_X,
    WITHDRAW,
    Joined,
    W,
    plan,
    pledge,
)
from tests.guarantees.promised import HOST, MINISTER_X, sign_off, with_guarantee
from tests.procedure.made import START, X, Y, Z

from truceline.agreement.model import Actor
from truceline.guarantees.coalition import CoalitionRole, Join, Leave
from truceline.guarantees.contingents import ContingentStatus, Domain, WithdrawContingent
from truceline.guarantees.departure import CommitmentAtStake, FallsAway, GateAtStake, falls_away
from truceline.guarantees.hubs import HubStatus
from truceline.guarantees.obligations import CloseObligation


def told(
    made: Joined, actor: str, at: datetime | None = None, to_be_allocated: dict[str, int] | None = None
) -> FallsAway:
    return falls_away(
        actor,
        at or made.now,
        made.agreement,
        made.coalition,
        commitments=made.commitments,
        gates=made.gates,
        force=made.force,
        to_be_allocated=to_be_allocated or {},
    )


def test_an_actor_without_any_part_leaves_nothing_behind() -> None:
    made = Joined()
    assert told(made, "nobody") == FallsAway("nobody", made.now, (), (), (), (), (), (), (), {})


def test_roles_are_those_of_that_moment() -> None:
    made = Joined()
    made.take(X, Join("X", CoalitionRole.CONTRIBUTOR, START + timedelta(days=5), "EXERCISE"))
    made.take(X, Leave("X", CoalitionRole.LEAD, START + timedelta(days=10), "EXERCISE"))
    roles = [{one.role for one in told(made, "X", START + timedelta(days=days)).roles} for days in (0, 5, 10)]
    lead, guarantor, contributor = CoalitionRole.LEAD, CoalitionRole.GUARANTOR, CoalitionRole.CONTRIBUTOR
    assert roles == [{lead, guarantor}, {lead, guarantor, contributor}, {guarantor, contributor}]


def test_commitments_say_whether_anybody_else_guarantees_them() -> None:
    made = Joined()
    assert told(made, "Y").commitments == (
        CommitmentAtStake("renewed-attack", only_guarantor=False, obligations=()),
        CommitmentAtStake("long-term", only_guarantor=True, obligations=()),
    )
    assert [one.commitment for one in told(made, "X").commitments] == ["renewed-attack"]


def test_a_guarantor_that_is_named_twice_is_still_the_only_one() -> None:
    made = Joined(with_guarantee(guarantors=("X", "X"), sign_off=("x-government",)))
    assert [one.only_guarantor for one in told(made, "X").commitments] == [True]


def test_open_obligations_are_told_while_they_are_open() -> None:
    made = Joined()
    made.approved().wait(1).take(MINISTER_X, sign_off())
    opened = made.now
    made.wait(1).take(X, CloseObligation("obligation-1", "EXERCISE"))
    told_at = [
        told(made, "X", at).commitments[0].obligations
        for at in (opened - timedelta(seconds=1), opened, made.now)
    ]
    assert told_at == [(), ("obligation-1",), ()]
    assert told(made, "Y", opened).commitments[0].obligations == ()


def test_seats_and_offices_are_those_of_the_actor() -> None:
    made = Joined()
    assert (told(made, "X").seats, told(made, "X").offices) == (("chair",), ("x-government",))
    assert told(made, "Y").seats == ("guarantors",)
    assert (told(made, "Z").seats, told(made, "Z").offices) == (("observer",), ())


def test_the_seats_of_a_party_are_its_only_actors() -> None:
    made = Joined()
    assert told(made, "B-government").seats == ("seat-B",)
    assert told(made, "B-government").offices == ("host-government",)
    another = Actor(id="B-army", name={"en": "Army of B"}, party="B")
    made.agreement = replace(made.agreement, actors=(*made.agreement.actors, another))
    assert told(made, "B-government").seats == ()
    assert told(made, "B-army").seats == ()


def test_a_gate_that_nobody_else_opens_falls_away() -> None:
    made = Joined().open_gates()
    assert told(made, "X").gates == (GateAtStake("approval", "", opened=True),)
    assert told(made, "B-government").gates == (GateAtStake("host-request", "host-government", opened=True),)
    made.wait(1).take(X, REFUSED_X)
    assert told(made, "X").gates == (GateAtStake("approval", "", opened=False),)
    assert told(made, "X", START).gates == (GateAtStake("approval", "", opened=True),)


def test_a_gate_of_which_nothing_is_recorded_is_not_known() -> None:
    made = Joined()
    assert told(made, "X").gates == (GateAtStake("approval", "", opened=None),)
    assert told(made, "B-government").gates == (GateAtStake("host-request", "host-government", opened=None),)
    assert told(made, "Z").gates == ()


def test_a_part_in_the_force_asks_for_ones_own_gate() -> None:
    made = Joined()
    made.take(Z, pledge("land-1", "Z", Domain.LAND))
    assert told(made, "Z").gates == (GateAtStake("approval", "", opened=None),)


def test_contingents_are_told_with_their_status_until_they_are_withdrawn() -> None:
    made = Joined()
    for step in (PLEDGE, APPROVE, WITHDRAW):
        made.wait(1).take(X, step)
    made.take(Y, pledge("sea-1", "Y", Domain.SEA))
    statuses = [
        [one.contingent.status for one in told(made, "X", START + timedelta(hours=hours)).contingents]
        for hours in (0, 1, 2, 3)
    ]
    assert statuses == [[], [ContingentStatus.PLEDGED], [ContingentStatus.APPROVED], []]
    assert [one.contingent.contingent_id for one in told(made, "Y").contingents] == ["sea-1"]


def test_a_domain_that_nobody_else_serves_is_a_gap() -> None:
    made = Joined()
    made.take(X, PLEDGE)
    made.take(X, pledge("air-2"))
    assert [one.only_in_domain for one in told(made, "X").contingents] == [True, True]
    made.take(Y, pledge("air-3", "Y"))
    assert [one.only_in_domain for one in told(made, "X").contingents] == [False, False]
    made.wait(1).take(Y, WithdrawContingent("air-3", "EXERCISE"))
    assert [one.only_in_domain for one in told(made, "X").contingents] == [True, True]


def test_hubs_say_whether_anybody_else_builds_them() -> None:
    made = Joined()
    made.take(X, PLAN)
    made.take(X, plan("hub-2", ("X",)))
    assert [(one.hub.hub_id, one.only_builder) for one in told(made, "X").hubs] == [
        ("hub-1", False),
        ("hub-2", True),
    ]
    assert [one.hub.status for one in told(made, "Y").hubs] == [HubStatus.PLANNED]
    made.wait(1).take(X, CLOSE)
    assert told(made, "Y").hubs == ()
    assert [one.hub.hub_id for one in told(made, "Y", START).hubs] == ["hub-1"]


def test_support_still_to_be_allocated_is_told_by_currency_and_never_added_up() -> None:
    amounts = {"USD": 500, "EUR": -20, "GBP": 0}
    assert told(Joined(), "Y", to_be_allocated=amounts).to_be_allocated == {"EUR": -20, "USD": 500}


def test_an_actor_that_joined_by_a_record_is_told_like_any_other() -> None:
    made = Joined()
    made.take(W, Join("W", CoalitionRole.CONTRIBUTOR, START, "EXERCISE", {"en": "State W"}))
    made.take(W, pledge("land-1", "W", Domain.LAND))
    asked = told(made, "W")
    assert [one.role for one in asked.roles] == [CoalitionRole.CONTRIBUTOR]
    assert [one.only_in_domain for one in asked.contingents] == [True]


@pytest.mark.parametrize("actor", ["X", "Y", "Z", "A-government", "nobody"])
def test_asking_changes_nothing_and_gives_away_no_figure_and_no_place(actor: str) -> None:
    made = Joined().operational()
    made.take(X, PLEDGE)
    before = (made.coalition, made.commitments, made.gates, made.force)
    said = repr(told(made, actor))
    assert (made.coalition, made.commitments, made.gates, made.force) == before
    assert "1200" not in said
    assert "48.12" not in said


def test_the_host_has_no_gate_of_its_own_but_its_offices() -> None:
    made = Joined()
    made.appointed().take(HOST, ASKED)
    assert [one.office for one in told(made, "B-government").gates] == ["host-government"]
