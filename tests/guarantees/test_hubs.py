# SPDX-License-Identifier: Apache-2.0
"""Hubs: agreed by the host, opened behind open gates, and never placed exactly but for the commission."""

from __future__ import annotations

import json
import math
from dataclasses import fields, replace
from datetime import timedelta

import h3
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.guarantees.contributing import (
    AGREE,
    BUILD,
    CLOSE,
    OPEN,
    PLAN,
    REFUSED_X,
    SITE,
    Joined,
    W,
    plan,
)
from tests.guarantees.promised import HOST, approval, ended
from tests.procedure.made import DUTY, LIAISON_A, LIAISON_B, SECRETARY, START, X, Y, Z

from truceline.agreement import ReleaseRule, Rule
from truceline.agreement.model import Actor, Role
from truceline.errors import RejectedInput, RuleViolation
from truceline.evidence import JSON
from truceline.geodesy import EARTH_RADIUS_M, hexagon_over
from truceline.guarantees.coalition import CoalitionRole, Join
from truceline.guarantees.force import Part, behind_shut_gates, coarse_hubs, exact_hubs, hubs_at
from truceline.guarantees.hubs import Hub, HubStatus, PlanHub, Site, coarse_place
from truceline.procedure import Capacity, Entry, Reader, Step, Who, decode, encode, read_step, shown, tiers_of
from truceline.vocabulary import Tier

PLANNED, AGREED, BUILDING, OPERATIONAL, CLOSED = HubStatus
PUBLIC = ReleaseRule(audience="public", tiers=(Tier.PUBLIC,), delay_hours=24, cell_km=5)
NO_CELL = ReleaseRule(audience="public", tiers=(Tier.PUBLIC,))


def refusal(made: Joined, who: Who, step: Step) -> RuleViolation:
    before = made.force
    with pytest.raises(RuleViolation) as refused:
        made.take(who, step)
    assert made.force == before
    assert refused.value.citation
    return refused.value


def status(made: Joined) -> HubStatus:
    return made.force.hubs["hub-1"].status


# Planning.


def test_a_builder_plans_a_hub_in_a_region() -> None:
    made = Joined()
    entry = made.take(X, PLAN)
    (hub,) = hubs_at(made.force, made.now)
    assert (hub.hub_id, hub.builders, hub.region) == ("hub-1", ("X", "Y"), "east")
    (stage,) = hub.stages
    assert (stage.status, stage.since, stage.leaf_index) == (PLANNED, entry.at, entry.leaf_index)


@pytest.mark.parametrize(
    ("who", "rule"), [(Z, Rule.ON_BEHALF), (HOST, Rule.CAPACITY), (SECRETARY, Rule.CAPACITY)]
)
def test_nobody_plans_builds_opens_or_closes_anothers_hub(who: Who, rule: Rule) -> None:
    made = Joined()
    assert refusal(made, who, PLAN).rule == rule
    made.take(X, PLAN)
    for step in (BUILD, OPEN, CLOSE):
        assert refusal(made, who, step).rule == rule


def test_a_hub_lies_in_a_region_that_the_pack_has() -> None:
    refused = refusal(Joined(), X, PlanHub("hub-1", ("X",), "nowhere", "EXERCISE"))
    assert (refused.rule, "nowhere" in refused.summary) == (Rule.HUB, True)


def test_a_hub_names_its_builders_once_and_they_are_known() -> None:
    made = Joined()
    assert refusal(made, X, plan(builders=("X", "X"))).rule == Rule.HUB
    assert refusal(made, X, plan(builders=("X", "W"))).rule == Rule.KNOWN_MATTER
    assert refusal(made, X, plan(builders=())).rule == Rule.ON_BEHALF
    made.take(W, Join("W", CoalitionRole.CONTRIBUTOR, START, "EXERCISE", {"en": "State W"}))
    made.take(X, plan(builders=("X", "W")))
    made.take(W, plan("hub-2", builders=("W",)))


def test_an_id_is_taken_once() -> None:
    made = Joined()
    made.take(X, PLAN)
    assert refusal(made, Y, plan(builders=("Y",))).rule == Rule.ONCE


@pytest.mark.parametrize(
    "site", [{"latitude": 91, "longitude": 0}, {"latitude": float("nan"), "longitude": 0}, {"latitude": 1}]
)
def test_a_place_that_is_none_is_rejected_when_it_is_entered(site: dict[str, float]) -> None:
    stated: dict[str, JSON] = {
        "hub_id": "h",
        "builders": ["X"],
        "region": "east",
        "source": "EXERCISE",
        "site": dict(site),
    }
    with pytest.raises(RejectedInput):
        read_step(PlanHub, stated, "plan-hub")


# The host's consent.


@pytest.mark.parametrize("who", [LIAISON_B, HOST, Who("another", Capacity.LIAISON, "B-government")])
def test_the_liaison_of_the_hosts_party_agrees(who: Who) -> None:
    made = Joined()
    made.take(X, PLAN)
    made.take(who, AGREE)
    assert status(made) is AGREED


@pytest.mark.parametrize(
    ("who", "rule"),
    [
        (X, Rule.ON_BEHALF),
        (LIAISON_A, Rule.ON_BEHALF),
        (Who("premier-b", Capacity.LIAISON), Rule.ON_BEHALF),
        (Who("stranger", Capacity.GUARANTOR, "B-government"), Rule.ON_BEHALF),
        (Who("premier-b", Capacity.SECRETARY), Rule.CAPACITY),
        (DUTY, Rule.CAPACITY),
    ],
)
def test_nobody_agrees_for_the_host(who: Who, rule: Rule) -> None:
    made = Joined()
    made.appointed().take(X, PLAN)
    assert refusal(made, who, AGREE).rule == rule


def test_who_holds_an_office_of_the_host_agrees_in_whatever_name_they_speak() -> None:
    made = Joined()
    made.appointed().take(X, PLAN)
    made.take(Who(HOST.person, Capacity.GUARANTOR, "B-government"), AGREE)
    assert status(made) is AGREED


def test_where_the_pack_names_no_host_nobody_agrees() -> None:
    made = Joined()
    made.take(X, PLAN)
    without = tuple(Actor(id=one.id, name=one.name, party=one.party) for one in made.agreement.actors)
    made.agreement = replace(made.agreement, actors=without)
    assert refusal(made, LIAISON_B, AGREE).rule == Rule.HUB


def test_who_is_host_no_more_does_not_agree() -> None:
    made = Joined()
    made.take(X, PLAN)
    over = Role.model_validate(
        {"role": "host", "valid": {"from": "2030-01-01T00:00:00Z", "until": "2030-01-02T00:00:00Z"}}
    )
    made.agreement = replace(
        made.agreement,
        actors=tuple(
            one.model_copy(update={"roles": (over,)}) if one.party == "B" else one
            for one in made.agreement.actors
        ),
    )
    assert refusal(made, LIAISON_B, AGREE).rule == Rule.HUB


# Step by step.


def test_a_hub_is_planned_agreed_building_operational_and_closed() -> None:
    made = Joined().operational()
    made.wait(1).take(Y, CLOSE)
    assert [one.status for one in made.force.hubs["hub-1"].stages] == list(HubStatus)
    assert [
        one.status
        for hours in (1, 2, 3, 4.5, 5)
        for one in hubs_at(made.force, START + timedelta(hours=hours))
    ] == list(HubStatus)
    assert hubs_at(made.force, START) == ()


@pytest.mark.parametrize(
    ("done", "allowed"),
    [
        ((), {AGREE, CLOSE}),
        ((AGREE,), {BUILD, CLOSE}),
        ((AGREE, BUILD), {OPEN, CLOSE}),
        ((AGREE, BUILD, OPEN), {CLOSE}),
        ((CLOSE,), set()),
    ],
)
def test_nothing_is_skipped_and_nothing_goes_back(done: tuple[Step, ...], allowed: set[Step]) -> None:
    for step in (AGREE, BUILD, OPEN, CLOSE):
        made = Joined().open_gates()
        made.take(X, PLAN)
        for earlier in done:
            made.take(LIAISON_B if earlier is AGREE else X, earlier)
        who = LIAISON_B if step is AGREE else X
        if step in allowed:
            made.take(who, step)
        else:
            assert refusal(made, who, step).rule == Rule.HUB


@pytest.mark.parametrize("step", [AGREE, BUILD, OPEN, CLOSE])
def test_a_hub_that_nobody_planned_cannot_be_moved(step: Step) -> None:
    assert refusal(Joined(), X, step).rule == Rule.KNOWN_MATTER


# Gates.


@pytest.mark.parametrize("builders", [("X", "Y"), ("Y", "X")])
def test_a_hub_opens_once_every_gate_is_open_for_each_builder(builders: tuple[str, ...]) -> None:
    made = Joined().open_gates()
    for who, step in ((X, plan(builders=builders)), (LIAISON_B, AGREE), (Y, BUILD), (X, REFUSED_X)):
        made.take(who, step)
    refused = refusal(made, Y, OPEN)
    assert refused.rule == Rule.DEPLOYMENT
    assert "approval of X: shut by X" in refused.summary
    made.take(X, approval("X"))
    made.take(Y, OPEN)
    assert status(made) is OPERATIONAL


def test_a_shut_gate_that_is_nobodys_own_is_named_once() -> None:
    made = Joined(ended())
    for who, step in ((X, PLAN), (LIAISON_B, AGREE), (Y, BUILD)):
        made.take(who, step)
    assert refusal(made, X, OPEN).summary.count("in-force") == 1


def test_a_gate_that_is_shut_later_closes_nothing_and_is_pointed_out() -> None:
    made = Joined().operational()
    made.wait(1).take(X, REFUSED_X)
    (one,) = behind_shut_gates(made.force, made.agreement, made.gates, made.standing, made.now)
    assert (one.part, one.part_id, one.actors) == (Part.HUB, "hub-1", ("X", "Y"))
    assert [(gate.gate, gate.actor) for gate in one.shut] == [("approval", "X")]
    assert status(made) is OPERATIONAL


@pytest.mark.parametrize("done", [(AGREE,), (AGREE, BUILD), (AGREE, BUILD, CLOSE), (CLOSE,)])
def test_only_a_hub_that_is_operational_is_pointed_out(done: tuple[Step, ...]) -> None:
    made = Joined()
    made.take(X, PLAN)
    for step in done:
        made.take(LIAISON_B if step is AGREE else X, step)
    assert behind_shut_gates(made.force, made.agreement, made.gates, made.standing, made.now) == ()


# Where a hub lies.


def test_the_place_is_the_commissions_and_what_it_protects_the_parties() -> None:
    tiers = tiers_of(PlanHub)
    assert (tiers["site"], tiers["protects"]) == (Tier.COMMISSION, Tier.PARTIES)
    assert set(tiers.values()) - {Tier.PUBLIC} == {Tier.COMMISSION, Tier.PARTIES}
    entry = Entry(1, START, X, PLAN)
    for capacity in (Capacity.PUBLIC, Capacity.GUARANTOR, Capacity.AUDITOR, Capacity.LIAISON):
        seen = shown(entry, Reader(Who("", capacity), "B"))
        assert seen is not None
        assert "site" not in seen.fields
        assert "48.12" not in json.dumps(dict(seen.fields))


def test_a_place_that_is_written_and_read_again_is_equal_to_the_first() -> None:
    stated = {name: value for held in encode(PLAN, X).values() for name, value in held.items()}
    assert decode({PLAN.name: PlanHub}, json.loads(json.dumps(stated)), "record 1") == (PLAN, X)


def test_the_exact_place_stands_in_a_mapping_of_its_own_and_shows_nowhere_else() -> None:
    made = Joined()
    made.take(X, PLAN)
    assert made.force.exact_places == {"hub-1": SITE}
    assert [each.name for each in fields(Hub)] == ["hub_id", "builders", "region", "stages"]
    for told in (made.force, hubs_at(made.force, made.now), coarse_hubs(made.force, made.now, PUBLIC)):
        assert "48.12" not in repr(told)
        assert "37.76" not in repr(told)


def test_the_commission_reads_the_exact_place() -> None:
    made = Joined()
    made.take(X, PLAN)
    made.take(X, plan("hub-2", site=None))
    assert [(one.hub.hub_id, one.site) for one in exact_hubs(made.force, made.now)] == [
        ("hub-1", SITE),
        ("hub-2", None),
    ]
    assert exact_hubs(made.force, START - timedelta(seconds=1)) == ()


def test_others_read_a_cell_or_the_region_alone() -> None:
    made = Joined()
    made.take(X, PLAN)
    made.take(X, plan("hub-2", site=None))
    in_cell, unplaced = coarse_hubs(made.force, made.now, PUBLIC)
    assert in_cell.place.region == "east"
    assert in_cell.place.cell == hexagon_over(SITE.latitude, SITE.longitude, 5_000)
    assert unplaced.place.cell is None
    assert [one.place.cell for one in coarse_hubs(made.force, made.now, NO_CELL)] == [None, None]
    assert coarse_hubs(made.force, START - timedelta(seconds=1), PUBLIC) == ()


def test_a_cell_wider_than_any_leaves_the_region() -> None:
    made = Joined()
    made.take(X, PLAN)
    wide = PUBLIC.model_copy(update={"cell_km": 50_000.0})
    assert coarse_place(made.force.hubs["hub-1"], SITE, wide).cell is None


latitudes, longitudes = st.floats(-90, 90), st.floats(-180, 180)


@given(latitudes, longitudes, st.floats(0.05, 300))
def test_a_cell_holds_the_place_and_is_as_wide_as_the_rule_asks(
    latitude: float, longitude: float, cell_km: float
) -> None:
    hub = Hub("hub-1", ("X",), "east", ())
    rule = PUBLIC.model_copy(update={"cell_km": cell_km})
    cell = coarse_place(hub, Site(latitude, longitude), rule).cell
    assert cell is not None
    assert h3.latlng_to_cell(latitude, longitude, h3.get_resolution(cell)) == cell
    centre = unit(h3.cell_to_latlng(cell))
    corners = [unit(corner) for corner in h3.cell_to_boundary(cell)]
    shares = np.linspace(0, 1, 41)[:, None]
    for start, end in zip(corners, (*corners[1:], corners[0]), strict=True):
        # Measured another way: point by point along each side.
        side = start * (1 - shares) + end * shares
        side /= np.linalg.norm(side, axis=1)[:, None]
        nearest = 2 * np.arcsin(np.linalg.norm(side - centre, axis=1).min() / 2) * EARTH_RADIUS_M
        assert 2 * nearest >= cell_km * 1000 * (1 - 1e-6)


def unit(point: tuple[float, float]) -> NDArray[np.float64]:
    north, east = np.radians(point)
    return np.array([np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)])


@given(latitudes, longitudes, st.floats(0.05, 300))
def test_a_cell_is_no_coarser_than_it_has_to_be(latitude: float, longitude: float, cell_km: float) -> None:
    cell = hexagon_over(latitude, longitude, cell_km * 1000)
    assert cell is not None
    # One resolution has seven cells to one of the next, and cells of one resolution differ by half.
    assert h3.cell_area(cell, unit="km^2") < 7 * 1.5 * 1.5 * math.pi * cell_km**2 / 4
