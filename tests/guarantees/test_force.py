# SPDX-License-Identifier: Apache-2.0
"""The force: contingents come step by step, and nothing is deployed while a gate is shut."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.guarantees.contributing import (
    AGREE,
    APPROVE,
    ASKED,
    BUILD,
    CLOSE,
    DEPLOY,
    OPEN,
    PLAN,
    PLEDGE,
    READY,
    REFUSED_X,
    TAKEN_BACK,
    WITHDRAW,
    Joined,
    W,
    attempt,
    plan,
    pledge,
)
from tests.guarantees.promised import HOST, approval, ended
from tests.procedure.made import DUTY, LIAISON_A, LIAISON_B, SECRETARY, START, X, Y, Z

from truceline.agreement import Rule
from truceline.errors import RejectedInput, RuleViolation
from truceline.evidence import JSON
from truceline.guarantees.coalition import CoalitionRole, Join
from truceline.guarantees.contingents import (
    ApproveContingent,
    Contingent,
    ContingentStatus,
    DeployContingent,
    Domain,
    PledgeContingent,
    ReadyContingent,
    WithdrawContingent,
)
from truceline.guarantees.force import (
    STEPS,
    Count,
    Part,
    Strength,
    behind_shut_gates,
    contingents_at,
    counts_at,
    hubs_at,
    shut_for,
    strengths_at,
)
from truceline.guarantees.gates import OpenGate, ShutGate, ShutGateStep
from truceline.guarantees.hubs import AgreeHub, BuildHub, CloseHub, HubStatus, OpenHub
from truceline.procedure import Capacity, Step, Who, encode, read_step, tiers_of
from truceline.vocabulary import Tier

PLEDGED, APPROVED, IS_READY, DEPLOYED, WITHDRAWN = ContingentStatus


def refusal(made: Joined, who: Who, step: Step) -> RuleViolation:
    before = made.force
    with pytest.raises(RuleViolation) as refused:
        made.take(who, step)
    assert made.force == before
    assert refused.value.citation
    return refused.value


def status(made: Joined, contingent_id: str = "air-1") -> ContingentStatus:
    return made.force.contingents[contingent_id].status


# Pledging.


def test_a_contributor_pledges_a_contingent_of_its_own() -> None:
    made = Joined()
    entry = made.take(X, PLEDGE)
    (held,) = contingents_at(made.force, made.now)
    assert (held.contingent_id, held.contributor, held.domain) == ("air-1", "X", Domain.AIR)
    (stage,) = held.stages
    assert (stage.status, stage.since, stage.leaf_index) == (PLEDGED, entry.at, entry.leaf_index)


@pytest.mark.parametrize(
    ("who", "rule"),
    [
        (Y, Rule.ON_BEHALF),
        (Who("envoy-x", Capacity.GUARANTOR), Rule.ON_BEHALF),
        (SECRETARY, Rule.CAPACITY),
        (DUTY, Rule.CAPACITY),
        (Who("envoy-x", Capacity.LIAISON, "X"), Rule.CAPACITY),
    ],
)
def test_nobody_pledges_or_moves_anothers_contingent(who: Who, rule: Rule) -> None:
    made = Joined()
    assert refusal(made, who, PLEDGE).rule == rule
    made.take(X, PLEDGE)
    for step in (APPROVE, READY, DEPLOY, WITHDRAW):
        assert refusal(made, who, step).rule == rule


def test_a_state_that_nobody_knows_joins_before_it_pledges() -> None:
    made = Joined()
    assert refusal(made, W, pledge(contributor="W")).rule == Rule.KNOWN_MATTER
    made.take(W, Join("W", CoalitionRole.CONTRIBUTOR, START, "EXERCISE", {"en": "State W"}))
    made.take(W, pledge(contributor="W"))
    assert status(made) is PLEDGED


def test_an_id_is_taken_once() -> None:
    made = Joined()
    made.take(X, PLEDGE)
    assert refusal(made, Y, pledge(contributor="Y")).rule == Rule.ONCE
    assert refusal(made, X, PLEDGE).rule == Rule.ONCE


def test_a_force_takes_contingents_of_its_own_domains() -> None:
    made = Joined()
    assert made.agreement.force is not None
    land_only = made.agreement.force.model_copy(update={"domains": ("land",)})
    made.agreement = replace(made.agreement, force=land_only)
    assert refusal(made, X, PLEDGE).rule == Rule.DEPLOYMENT
    made.take(X, pledge(domain=Domain.LAND))


@pytest.mark.parametrize(
    ("who", "step"), [(X, PLEDGE), (X, PLAN), (X, DEPLOY), (LIAISON_B, AGREE), (X, WITHDRAW), (DUTY, CLOSE)]
)
def test_a_pack_without_a_force_takes_none_of_its_steps(who: Who, step: Step) -> None:
    made = Joined().deployed()
    made.agreement = replace(made.agreement, force=None)
    refused = refusal(made, who, step)
    assert refused.rule == Rule.DEPLOYMENT
    assert "no force" in refused.summary


@pytest.mark.parametrize("exact", [1_234, 101, 999_999])
def test_an_exact_strength_is_not_taken_and_not_repeated(exact: int) -> None:
    refused = refusal(Joined(), X, pledge(personnel=exact))
    assert refused.rule == Rule.DEPLOYMENT
    assert str(exact) not in str(refused)


@pytest.mark.parametrize("round_figure", [None, 1, 12, 450, 1_200, 30_000, 1_000_000])
def test_a_round_figure_is_taken(round_figure: int | None) -> None:
    made = Joined()
    made.take(X, pledge(personnel=round_figure))
    assert made.force.personnel.get("air-1") == round_figure


@pytest.mark.parametrize("personnel", [0, -100, 1_000_001, 2**60, 1.5, True])
def test_a_figure_that_is_none_is_rejected_when_it_is_entered(personnel: float) -> None:
    stated: dict[str, JSON] = {
        "contingent_id": "air-1",
        "contributor": "X",
        "domain": "air",
        "source": "EXERCISE",
        "personnel": personnel,
    }
    with pytest.raises(RejectedInput):
        read_step(PledgeContingent, stated, "pledge-contingent")


# Who reads what.


def test_figures_and_descriptions_are_the_parties_and_the_rest_is_public() -> None:
    tiers = tiers_of(PledgeContingent)
    assert {name for name, tier in tiers.items() if tier is not Tier.PUBLIC} == {"personnel", "description"}
    assert tiers["personnel"] is tiers["description"] is Tier.PARTIES
    assert "1200" not in str(encode(PLEDGE, X)[Tier.PUBLIC])


def test_what_is_public_of_a_contingent_has_no_figure_and_no_place() -> None:
    assert [each.name for each in fields(Contingent)] == ["contingent_id", "contributor", "domain", "stages"]
    made = Joined()
    made.take(X, PLEDGE)
    assert "1200" not in repr(made.force)


# Step by step.


def test_a_contingent_is_pledged_approved_ready_deployed_and_withdrawn() -> None:
    made = Joined().deployed()
    made.wait(1).take(X, WITHDRAW)
    assert [one.status for one in made.force.contingents["air-1"].stages] == list(ContingentStatus)
    assert [one.since for one in made.force.contingents["air-1"].stages] == [
        START + timedelta(hours=hours) for hours in (1, 2, 3, 4, 5)
    ]


@pytest.mark.parametrize(
    ("done", "allowed"),
    [
        ((), {APPROVE, WITHDRAW}),
        ((APPROVE,), {READY, WITHDRAW}),
        ((APPROVE, READY), {DEPLOY, WITHDRAW}),
        ((APPROVE, READY, DEPLOY), {WITHDRAW}),
        ((WITHDRAW,), set()),
        ((APPROVE, READY, DEPLOY, WITHDRAW), set()),
    ],
)
def test_nothing_is_skipped_and_nothing_goes_back(done: tuple[Step, ...], allowed: set[Step]) -> None:
    for step in (APPROVE, READY, DEPLOY, WITHDRAW):
        made = Joined().open_gates()
        made.take(X, PLEDGE)
        for earlier in done:
            made.take(X, earlier)
        if step in allowed:
            made.take(X, step)
        else:
            assert refusal(made, X, step).rule == Rule.DEPLOYMENT


@pytest.mark.parametrize("step", [APPROVE, READY, DEPLOY, WITHDRAW])
def test_a_contingent_that_nobody_pledged_cannot_be_moved(step: Step) -> None:
    assert refusal(Joined(), X, step).rule == Rule.KNOWN_MATTER


def test_how_far_a_contingent_had_come_is_told_as_of_a_moment() -> None:
    made = Joined().deployed()
    assert contingents_at(made.force, START) == ()
    assert [
        one.status
        for hours in (1, 2, 3.5, 4)
        for one in contingents_at(made.force, START + timedelta(hours=hours))
    ] == [PLEDGED, APPROVED, IS_READY, DEPLOYED]
    (then,) = contingents_at(made.force, START + timedelta(hours=2))
    assert len(then.stages) == 2


# Gates.


def test_nothing_is_deployed_while_a_gate_is_shut_and_each_is_named() -> None:
    made = Joined(ended())
    for step in (PLEDGE, APPROVE, READY):
        made.take(X, step)
    refused = refusal(made, X, DEPLOY)
    assert refused.rule == Rule.DEPLOYMENT
    assert "in-force: the agreement is not in force" in refused.summary
    assert "host-request: nothing is recorded of it by the office host-government" in refused.summary
    assert "approval of X: nothing is recorded of it by X" in refused.summary


@pytest.mark.parametrize("step", [REFUSED_X, TAKEN_BACK])
def test_one_gate_that_was_shut_again_is_enough(step: ShutGateStep) -> None:
    made = Joined().open_gates()
    for earlier in (PLEDGE, APPROVE, READY):
        made.take(X, earlier)
    made.take(X if step is REFUSED_X else HOST, step)
    refused = refusal(made, X, DEPLOY)
    assert refused.rule == Rule.DEPLOYMENT
    assert refused.summary.count(":") == 1
    assert step.gate in refused.summary


def test_anothers_approval_opens_nothing() -> None:
    made = Joined().open_gates()
    for step in (pledge("sea-1", "Z", Domain.SEA), ApproveContingent("sea-1", "EXERCISE", "EXERCISE")):
        made.take(Z, step)
    made.take(Z, ReadyContingent("sea-1"))
    assert "approval of Z" in refusal(made, Z, DeployContingent("sea-1")).summary
    made.take(Z, approval("Z"))
    made.take(Z, DeployContingent("sea-1"))
    assert status(made, "sea-1") is DEPLOYED


def test_a_gate_that_is_shut_later_withdraws_nothing_and_is_pointed_out() -> None:
    made = Joined().deployed()
    since = made.now
    told = behind_shut_gates(made.force, made.agreement, made.gates, made.standing, made.now)
    assert told == ()
    made.wait(1).take(HOST, TAKEN_BACK)
    assert status(made) is DEPLOYED
    (one,) = behind_shut_gates(made.force, made.agreement, made.gates, made.standing, made.now)
    assert (one.part, one.part_id, one.actors, one.since) == (Part.CONTINGENT, "air-1", ("X",), since)
    assert one.shut == (ShutGate("host-request", "", "shut by the office host-government"),)
    assert behind_shut_gates(made.force, made.agreement, made.gates, made.standing, since) == ()


def test_what_was_withdrawn_is_pointed_out_no_more() -> None:
    made = Joined().deployed()
    made.take(HOST, TAKEN_BACK)
    made.take(X, WITHDRAW)
    assert behind_shut_gates(made.force, made.agreement, made.gates, made.standing, made.now) == ()


# Totals.


def test_totals_are_told_by_domain_and_status_as_of_a_moment() -> None:
    made = Joined().deployed()
    made.take(Y, pledge("air-2", "Y", personnel=None))
    made.take(Y, pledge("air-3", "Y", personnel=300))
    made.take(Y, pledge("sea-1", "Y", Domain.SEA, None))
    assert counts_at(made.force, made.now) == (
        Count(Domain.AIR, PLEDGED, 2),
        Count(Domain.AIR, DEPLOYED, 1),
        Count(Domain.SEA, PLEDGED, 1),
    )
    assert strengths_at(made.force, made.now) == (
        Strength(Domain.AIR, PLEDGED, 2, 300, 1),
        Strength(Domain.AIR, DEPLOYED, 1, 1_200, 0),
        Strength(Domain.SEA, PLEDGED, 1, None, 1),
    )
    assert counts_at(made.force, START + timedelta(hours=2)) == (Count(Domain.AIR, APPROVED, 1),)
    assert counts_at(made.force, START) == ()


# Laws.

people = st.sampled_from([X, X, Y, Z, W, HOST, LIAISON_B, LIAISON_A, DUTY, SECRETARY])
contingent_ids = st.sampled_from(["air-1", "sea-1"])
hub_ids = st.sampled_from(["hub-1", "hub-2"])
contributors = st.sampled_from(["X", "Y", "Z", "W"])
words = st.text(min_size=1, max_size=5)
gate_ids = st.sampled_from(["in-force", "host-request", "approval", "none"])
gate_actors = st.sampled_from(["", "X", "Y", "Z"])
drawn: st.SearchStrategy[Step] = st.one_of(
    st.builds(
        pledge, contingent_ids, contributors, st.sampled_from(Domain), st.sampled_from([None, 1_200, -7])
    ),
    st.builds(ApproveContingent, contingent_ids, words, words),
    st.builds(ReadyContingent, contingent_ids),
    st.builds(DeployContingent, contingent_ids),
    st.builds(WithdrawContingent, contingent_ids, words),
    st.builds(
        plan, hub_ids, st.lists(contributors, max_size=3).map(tuple), st.just(None)
    ),
    st.builds(AgreeHub, hub_ids, words),
    st.builds(BuildHub, hub_ids),
    st.builds(OpenHub, hub_ids),
    st.builds(CloseHub, hub_ids, words),
    st.builds(OpenGate, gate_ids, words, words, actor=gate_actors),
    st.builds(ShutGateStep, gate_ids, words, words, actor=gate_actors),
)  # fmt: skip
REFUSED_Y = ShutGateStep("approval", "EXERCISE", "EXERCISE", actor="Y")
LIKELY: list[tuple[Who, Step]] = [
    (X, PLEDGE), (X, APPROVE), (X, READY), (X, DEPLOY), (X, DEPLOY), (X, PLAN), (LIAISON_B, AGREE),
    (X, BUILD), (X, OPEN), (X, OPEN), (HOST, ASKED), (HOST, TAKEN_BACK), (X, approval("X")), (X, REFUSED_X),
    (Y, approval("Y")), (Y, REFUSED_Y), (X, WITHDRAW), (Y, CLOSE),
]  # fmt: skip
"""What people are likely to do: drawn more often, so that things do get deployed."""

AHEAD = [(X, PLEDGE), (X, APPROVE), (X, READY), (X, PLAN), (LIAISON_B, AGREE), (X, BUILD)]
acts = st.one_of(st.sampled_from(LIKELY), st.sampled_from(LIKELY), st.tuples(people, drawn))
courses = st.lists(
    st.tuples(acts, st.sampled_from([0, 1, 30])).map(lambda one: (*one[0], one[1])), min_size=6, max_size=30
)


def begun(*, in_force: bool, prepared: bool) -> Joined:
    made = Joined(None if in_force else ended())
    made.appointed()
    if prepared:
        for who, step in AHEAD:
            made.take(who, step)
    return made


def tried(made: Joined, who: Who, step: Step) -> bool:
    before = made.force
    refused = attempt(made, who, step)
    assert refused is None or (refused.citation and made.force == before)
    return refused is None


@given(st.booleans(), st.booleans(), courses)
def test_nothing_is_ever_deployed_or_operational_while_a_gate_is_shut(
    in_force: bool, prepared: bool, course: list[tuple[Who, Step, int]]
) -> None:
    made = begun(in_force=in_force, prepared=prepared)
    for who, step, hours in course:
        made.wait(hours)
        tried(made, who, step)
    assert made.agreement.force is not None
    came: list[tuple[int, tuple[str, ...]]] = [
        (stage.leaf_index, (one.contributor,))
        for one in made.force.contingents.values()
        for stage in one.stages
        if stage.status is DEPLOYED
    ]
    came += [
        (stage.leaf_index, one.builders)
        for one in made.force.hubs.values()
        for stage in one.stages
        if stage.status is HubStatus.OPERATIONAL
    ]
    for leaf_index, actors in came:
        assert in_force
        assert open_before(made, "host-request", "", leaf_index)
        assert all(open_before(made, "approval", actor, leaf_index) for actor in actors)


def open_before(made: Joined, gate: str, actor: str, leaf_index: int) -> bool:
    """Tell whether a gate was open before a record, from the entries alone."""
    marks = [
        isinstance(entry.step, OpenGate)
        for entry in made.entries
        if isinstance(entry.step, OpenGate | ShutGateStep)
        and (entry.step.gate, entry.step.actor) == (gate, actor)
        and entry.leaf_index < leaf_index
    ]
    return bool(marks) and marks[-1]


@given(st.booleans(), courses)
def test_a_gate_that_is_shut_when_a_step_is_taken_is_never_passed(
    prepared: bool, course: list[tuple[Who, Step, int]]
) -> None:
    made = begun(in_force=True, prepared=prepared)
    for who, step, hours in course:
        made.wait(hours)
        if not isinstance(step, DeployContingent | OpenHub):
            tried(made, who, step)
            continue
        actors = actors_of(made, step)
        shut = shut_for(actors, made.agreement, made.gates, made.standing, made.now)
        if tried(made, who, step):
            assert actors
            assert shut == ()


def actors_of(made: Joined, step: DeployContingent | OpenHub) -> tuple[str, ...]:
    if isinstance(step, OpenHub):
        hub = made.force.hubs.get(step.hub_id)
        return () if hub is None else hub.builders
    contingent = made.force.contingents.get(step.contingent_id)
    return () if contingent is None else (contingent.contributor,)


@given(st.booleans(), courses)
def test_statuses_never_go_back_and_nothing_is_skipped(
    prepared: bool, course: list[tuple[Who, Step, int]]
) -> None:
    made = begun(in_force=True, prepared=prepared)
    for who, step, hours in course:
        made.wait(hours)
        before = made.force
        tried(made, who, step)
        for one in before.contingents.values():
            after = made.force.contingents[one.contingent_id]
            assert after.stages[: len(one.stages)] == one.stages
            assert len(after.stages) <= len(one.stages) + 1
        for hub in before.hubs.values():
            assert made.force.hubs[hub.hub_id].stages[: len(hub.stages)] == hub.stages
    for contingent in contingents_at(made.force, made.now):
        check_order([one.status for one in contingent.stages], list(ContingentStatus))
        assert contingent == made.force.contingents[contingent.contingent_id]
    for hub in hubs_at(made.force, made.now):
        check_order([one.status for one in hub.stages], list(HubStatus))


def check_order(
    come: list[ContingentStatus] | list[HubStatus], order: list[ContingentStatus] | list[HubStatus]
) -> None:
    *on_the_way, last = come
    if last is order[-1]:
        assert on_the_way == order[: len(on_the_way)]
        assert on_the_way
    else:
        assert come == order[: len(come)]


def test_every_step_of_the_force_is_of_one_kind() -> None:
    assert {step.kind for step in STEPS} == {"force"}
    assert len({step.name for step in STEPS}) == len(STEPS)
