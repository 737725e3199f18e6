# SPDX-License-Identifier: Apache-2.0
"""Gates: who opens and shuts them, and what is said of one that is shut."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.guarantees.promised import HOST, MINISTER_X, Promises, approval, ended
from tests.procedure.made import DUTY, LIAISON_A, START, X, Y, Z

from truceline.agreement import Rule
from truceline.ceasefire.standing import Determined, Standing, State
from truceline.errors import RuleViolation
from truceline.guarantees.gates import OpenGate, ShutGate, ShutGateStep, gate_states, shut_gates
from truceline.procedure import Capacity, Who

ASKED = OpenGate("host-request", "EXERCISE: the host asked in a note", "EXERCISE note 1")
TAKEN_BACK = ShutGateStep("host-request", "EXERCISE: the host took it back", "EXERCISE note 2")
REFUSED = ShutGateStep("approval", "EXERCISE: the vote was against it", "EXERCISE gazette", actor="X")


def shut(made: Promises, *names: str, actor: str = "") -> tuple[ShutGate, ...]:
    return shut_gates(made.gates, names, made.agreement, made.standing, made.now, actor)


def test_a_gate_of_which_nothing_is_recorded_is_shut_and_says_so() -> None:
    (only,) = shut(Promises(), "host-request")
    assert (only.gate, only.actor) == ("host-request", "")
    assert "nothing is recorded" in only.why
    assert "host-government" in only.why


def test_who_holds_the_office_opens_and_shuts_its_gate() -> None:
    made = Promises().appointed()
    made.take(HOST, ASKED)
    assert shut(made, "host-request") == ()
    made.wait(1).take(HOST, TAKEN_BACK)
    (only,) = shut(made, "host-request")
    assert only.why == "shut by the office host-government"


@pytest.mark.parametrize(
    ("who", "rule"),
    [
        (Who("somebody-else", Capacity.LIAISON, "B-government"), Rule.GATE),
        (Who("premier-b", Capacity.LIAISON, "A"), Rule.ON_BEHALF),
        (Who("premier-b", Capacity.HEAD_OF_MISSION), Rule.CAPACITY),
        (MINISTER_X, Rule.ON_BEHALF),
    ],
)
def test_nobody_else_opens_an_offices_gate(who: Who, rule: Rule) -> None:
    made = Promises().appointed()
    with pytest.raises(RuleViolation) as refused:
        made.take(who, ASKED)
    assert refused.value.rule == rule
    assert shut(made, "host-request")


def test_an_office_opens_nothing_before_somebody_holds_it() -> None:
    with pytest.raises(RuleViolation) as refused:
        Promises().take(HOST, ASKED)
    assert refused.value.rule == Rule.GATE


def test_each_guarantor_opens_its_own_gate_and_nobody_elses() -> None:
    made = Promises()
    made.take(X, approval("X"))
    assert shut(made, "approval", actor="X") == ()
    assert [one.actor for one in shut(made, "approval", actor="Y")] == ["Y"]
    with pytest.raises(RuleViolation) as refused:
        made.take(X, approval("Y"))
    assert refused.value.rule == Rule.ON_BEHALF


@pytest.mark.parametrize("who", [DUTY, LIAISON_A, Who("envoy-x", Capacity.MEMBER, "X")])
def test_a_guarantors_own_gate_is_opened_by_a_guarantor(who: Who) -> None:
    with pytest.raises(RuleViolation) as refused:
        Promises().take(who, approval("X"))
    assert refused.value.rule == Rule.CAPACITY


def test_an_actor_that_is_no_guarantor_yet_opens_its_own_gate_too() -> None:
    made = Promises()
    made.take(Z, approval("Z"))
    assert shut(made, "approval", actor="Z") == ()


@pytest.mark.parametrize("gate", ["in-force", "entered"])
@pytest.mark.parametrize("step", [OpenGate, ShutGateStep])
def test_nobody_opens_or_shuts_a_gate_that_follows_the_ceasefire(
    gate: str, step: type[OpenGate | ShutGateStep]
) -> None:
    made = Promises().appointed()
    for who in (HOST, X, DUTY):
        with pytest.raises(RuleViolation) as refused:
            made.take(who, step(gate, "EXERCISE: it is said", "EXERCISE"))
        assert refused.value.rule == Rule.GATE


def test_a_gate_that_follows_the_ceasefire_is_shut_while_nothing_is_in_force() -> None:
    assert shut(Promises(), "in-force", "entered") == ()
    shut_now = shut(Promises(ended()), "in-force", "entered")
    assert [one.why for one in shut_now] == [
        "the agreement is not in force",
        "the agreement has never entered into force",
    ]


def test_a_gate_that_the_agreement_does_not_name_is_shut() -> None:
    made = Promises().approved()
    assert shut(made, "approval", "no-such-gate", actor="X") == (
        ShutGate("no-such-gate", "", "the agreement names no such gate"),
    )


def test_a_guarantors_own_gate_is_shut_for_nobody_in_particular() -> None:
    made = Promises().approved()
    assert [one.gate for one in shut(made, "approval")] == ["approval"]


@pytest.mark.parametrize(
    "step",
    [
        OpenGate("no-such-gate", "EXERCISE", "EXERCISE"),
        OpenGate("approval", "EXERCISE", "EXERCISE"),
        OpenGate("approval", "EXERCISE", "EXERCISE", actor="Nobody"),
        OpenGate("host-request", "EXERCISE", "EXERCISE", actor="B-government"),
    ],
    ids=["unknown gate", "no actor", "unknown actor", "an actor too many"],
)
def test_a_gate_is_named_as_the_agreement_has_it(step: OpenGate) -> None:
    with pytest.raises(RuleViolation) as refused:
        Promises().appointed().take(HOST, step)
    assert refused.value.rule == Rule.GATE
    assert "rule of procedure gate" in refused.value.citation


def test_a_gate_that_is_open_is_not_opened_again() -> None:
    made = Promises()
    made.take(X, approval("X"))
    with pytest.raises(RuleViolation, match="recorded as open already"):
        made.take(X, approval("X"))
    made.take(X, REFUSED)
    with pytest.raises(RuleViolation, match="recorded as shut already"):
        made.take(X, REFUSED)


def test_that_a_gate_was_asked_for_and_refused_is_recorded_too() -> None:
    made = Promises()
    made.take(X, REFUSED)
    (only,) = shut(made, "approval", actor="X")
    assert only.why == "shut by X"


def test_what_held_of_a_gate_at_an_earlier_moment_is_still_told() -> None:
    made = Promises()
    made.wait(1).take(X, approval("X"))
    made.wait(1).take(X, REFUSED)
    mark = made.gates.mark
    assert mark("approval", "X", START) is None
    assert [
        one.opens for hours in (1, 2) if (one := mark("approval", "X", START.replace(hour=9 + hours)))
    ] == [
        True,
        False,
    ]


def test_an_office_that_the_agreement_no_longer_has_opens_nothing() -> None:
    made = Promises().appointed()
    made.agreement = replace(made.agreement, offices=())
    with pytest.raises(RuleViolation) as refused:
        made.take(HOST, ASKED)
    assert refused.value.rule == Rule.GATE


def test_gates_are_shown_with_since_when_and_where_that_is_recorded() -> None:
    made = Promises()
    entry = made.wait(2).take(Y, approval("Y"))
    made.take(Z, approval("Z"))
    states = {
        (one.gate, one.actor): one for one in gate_states(made.gates, made.agreement, made.standing, made.now)
    }
    assert list(states) == [
        ("in-force", ""),
        ("entered", ""),
        ("host-request", ""),
        ("approval", "X"),
        ("approval", "Y"),
        ("approval", "Z"),
    ]
    assert states["approval", "Y"].opened
    assert (states["approval", "Y"].since, states["approval", "Y"].leaf_index) == (entry.at, entry.leaf_index)
    assert not states["approval", "X"].opened
    assert states["approval", "X"].since is None


def determined(*states: tuple[State, int, int | None]) -> Standing:
    return Standing(
        determinations=tuple(
            Determined(state, START + timedelta(hours=hours), leaf_index)
            for state, hours, leaf_index in states
        )
    )


def test_a_gate_that_follows_the_ceasefire_says_since_when_and_by_what() -> None:
    made = Promises().wait(10)
    made.standing = determined((State.IN_FORCE, 1, 30), (State.SUSPENDED, 2, 31), (State.IN_FORCE, 4, 32))
    in_force, entered, *_ = gate_states(made.gates, made.agreement, made.standing, made.now)
    assert (in_force.since, in_force.leaf_index) == (START + timedelta(hours=4), 32)
    assert (entered.since, entered.leaf_index) == (datetime(2030, 1, 1, tzinfo=UTC), None)
    earlier, *_ = gate_states(made.gates, made.agreement, made.standing, START + timedelta(hours=3))
    assert (earlier.opened, earlier.since, earlier.leaf_index) == (False, START + timedelta(hours=2), 31)


def test_a_determination_that_confirms_the_pack_does_not_move_since_when() -> None:
    made = Promises().wait(10)
    made.standing = determined((State.IN_FORCE, 1, 30))
    in_force, *_ = gate_states(made.gates, made.agreement, made.standing, made.now)
    assert in_force.since == datetime(2030, 1, 1, tzinfo=UTC)


def test_suspension_shuts_the_gate_in_force_and_not_the_gate_entered() -> None:
    made = Promises().wait(10)
    made.standing = determined((State.SUSPENDED, 2, 31))
    assert [one.gate for one in shut(made, "in-force", "entered")] == ["in-force"]


def test_a_gate_that_was_never_otherwise_has_no_since() -> None:
    made = Promises(ended())
    states = gate_states(made.gates, made.agreement, made.standing, made.now)[:2]
    assert [(one.opened, one.since) for one in states] == [(False, None), (False, None)]
