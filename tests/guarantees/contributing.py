# SPDX-License-Identifier: Apache-2.0
"""A coalition and its force under the agreement of the valley (EXERCISE)."""

from __future__ import annotations

from tests.guarantees.promised import HOST, Promises
from tests.procedure.made import LIAISON_B, X, Y

from truceline.agreement import Agreement
from truceline.errors import RuleViolation
from truceline.guarantees import coalition, force
from truceline.guarantees.coalition import Coalition
from truceline.guarantees.contingents import (
    ApproveContingent,
    DeployContingent,
    Domain,
    PledgeContingent,
    ReadyContingent,
    WithdrawContingent,
)
from truceline.guarantees.force import Force
from truceline.guarantees.gates import OpenGate, ShutGateStep
from truceline.guarantees.hubs import AgreeHub, BuildHub, CloseHub, OpenHub, PlanHub, Site
from truceline.procedure import Capacity, Entry, Step, Who

W = Who("envoy-w", Capacity.GUARANTOR, "W")
"""Speaks for a state that the pack does not know."""

ASKED = OpenGate("host-request", "EXERCISE: the host asked in a note", "EXERCISE note 1")
TAKEN_BACK = ShutGateStep("host-request", "EXERCISE: the host took it back", "EXERCISE note 2")
REFUSED_X = ShutGateStep("approval", "EXERCISE: the vote was against it", "EXERCISE gazette", actor="X")

SITE = Site(48.1234567, 37.7654321)


class Joined(Promises):
    """Gates, commitments, coalition and force in the course of events, as the mechanism folds them."""

    def __init__(self, agreement: Agreement | None = None) -> None:
        """Begin with nothing recorded."""
        super().__init__(agreement)
        self.coalition = Coalition()
        self.force = Force()

    def take(self, who: Who, step: Step) -> Entry:
        """Take a step now; a refusal leaves everything as it was."""
        if step.kind not in {"coalition", "force"}:
            return super().take(who, step)
        entry = Entry(self.leaf_index, self.now, who, step)
        if step.kind == "coalition":
            self.coalition = coalition.take(self.coalition, entry, self.agreement)
        else:
            self.force = force.take(
                self.force,
                entry,
                self.agreement,
                self.composition,
                self.coalition,
                self.standing,
                self.gates,
            )
        self.leaf_index += 1
        self.entries.append(entry)
        return entry

    def open_gates(self) -> Joined:
        """Have every gate of the force open for X and Y."""
        self.approved()
        self.take(HOST, ASKED)
        return self

    def deployed(self) -> Joined:
        """Have a contingent of X deployed, an hour from each step to the next."""
        self.open_gates()
        for step in (PLEDGE, APPROVE, READY, DEPLOY):
            self.wait(1)
            self.take(X, step)
        return self

    def operational(self) -> Joined:
        """Have a hub of X and Y operational, an hour from each step to the next."""
        self.open_gates()
        for who, step in ((X, PLAN), (LIAISON_B, AGREE), (Y, BUILD), (X, OPEN)):
            self.wait(1)
            self.take(who, step)
        return self


def attempt(made: Joined, who: Who, step: Step) -> RuleViolation | None:
    """Try a step; return why it was refused, or None."""
    try:
        made.take(who, step)
    except RuleViolation as refused:
        return refused
    return None


def pledge(
    contingent_id: str = "air-1",
    contributor: str = "X",
    domain: Domain = Domain.AIR,
    personnel: int | None = 1_200,
) -> PledgeContingent:
    """Return the pledge of a contingent."""
    return PledgeContingent(
        contingent_id,
        contributor,
        domain,
        "EXERCISE statement",
        personnel=personnel,
        description="EXERCISE: patrols in the air",
    )


def plan(hub_id: str = "hub-1", builders: tuple[str, ...] = ("X", "Y"), site: Site | None = SITE) -> PlanHub:
    """Return the plan of a hub."""
    return PlanHub(hub_id, builders, "east", "EXERCISE plan", protects="EXERCISE: equipment", site=site)


PLEDGE = pledge()
APPROVE = ApproveContingent("air-1", "EXERCISE: a vote of parliament", "EXERCISE gazette")
READY = ReadyContingent("air-1")
DEPLOY = DeployContingent("air-1")
WITHDRAW = WithdrawContingent("air-1", "EXERCISE: its term is over")
PLAN = plan()
AGREE = AgreeHub("hub-1", "EXERCISE note 3")
BUILD = BuildHub("hub-1")
OPEN = OpenHub("hub-1")
CLOSE = CloseHub("hub-1", "EXERCISE: it is needed no more")
