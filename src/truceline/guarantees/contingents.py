# SPDX-License-Identifier: Apache-2.0
"""Contingents: what a contributor pledges to the force, in general terms, and how far it has come.

Invariants: a contingent is pledged, approved, ready and deployed in this order, nothing is
skipped and nothing goes back; it can be withdrawn at any time, for good; none has a place
or a unit's name; how many people it has is kept apart from all that is public.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Annotated, ClassVar, Final

from pydantic import Field

from truceline.agreement import Agreement, Rule
from truceline.agreement.terms import Id, Words
from truceline.guarantees.stages import Stage, may_follow
from truceline.procedure import Entry, Step, require, within
from truceline.vocabulary import Tier

MOST_PEOPLE: Final = 1_000_000
"""People in one contingent at most: what is above is a slip of the pen."""

Personnel = Annotated[int, Field(strict=True, ge=1, le=MOST_PEOPLE)]


class Domain(StrEnum):
    """Where a contingent gives reassurance, or that it helps the host to rebuild its forces."""

    AIR = "air"
    SEA = "sea"
    LAND = "land"
    REGENERATION = "regeneration"


class ContingentStatus(StrEnum):
    """How far a contingent has come, in order."""

    PLEDGED = "pledged"
    APPROVED = "approved"
    READY = "ready"
    DEPLOYED = "deployed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class PledgeContingent(Step):
    """Pledge a contingent to the force.

    Attributes:
        contingent_id: Unique over the force; not a unit's name.
        contributor: The id of whose it is.
        domain: For what.
        source: What says so.
        personnel: How many people, as a round figure; None: not known, or not said.
        description: What it is, in general terms; empty: not said.
    """

    kind: ClassVar[str] = "force"
    name: ClassVar[str] = "pledge-contingent"
    contingent_id: Id
    contributor: Id
    domain: Domain
    source: Words
    personnel: Personnel | None = field(default=None, metadata=within(Tier.PARTIES), kw_only=True)
    description: str = field(default="", metadata=within(Tier.PARTIES), kw_only=True)


@dataclass(frozen=True, slots=True)
class ApproveContingent(Step):
    """Record that the contributor's own decision on a contingent has been taken.

    Attributes:
        contingent_id: Which contingent.
        by_what: By what it was decided, e.g. a vote of parliament.
        source: What says so.
    """

    kind: ClassVar[str] = "force"
    name: ClassVar[str] = "approve-contingent"
    contingent_id: Id
    by_what: Words
    source: Words


@dataclass(frozen=True, slots=True)
class ReadyContingent(Step):
    """Record that a contingent is ready to be deployed.

    Attributes:
        contingent_id: Which contingent.
    """

    kind: ClassVar[str] = "force"
    name: ClassVar[str] = "ready-contingent"
    contingent_id: Id


@dataclass(frozen=True, slots=True)
class DeployContingent(Step):
    """Record that a contingent is deployed; every gate of the force must be open for its contributor.

    Attributes:
        contingent_id: Which contingent.
    """

    kind: ClassVar[str] = "force"
    name: ClassVar[str] = "deploy-contingent"
    contingent_id: Id


@dataclass(frozen=True, slots=True)
class WithdrawContingent(Step):
    """Record that a contingent is withdrawn, or that its pledge is taken back.

    Attributes:
        contingent_id: Which contingent.
        ground: Why.
    """

    kind: ClassVar[str] = "force"
    name: ClassVar[str] = "withdraw-contingent"
    contingent_id: Id
    ground: Words


Advance = ApproveContingent | ReadyContingent | DeployContingent | WithdrawContingent
"""A step on a contingent that was pledged."""

STEPS: tuple[type[Step], ...] = (
    PledgeContingent, ApproveContingent, ReadyContingent, DeployContingent, WithdrawContingent,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Contingent:
    """A contingent, as far as it is public.

    Attributes:
        contingent_id: Its id.
        contributor: Whose it is.
        domain: For what.
        stages: Every status that it came to, in order; the first is the pledge.
    """

    contingent_id: str
    contributor: str
    domain: Domain
    stages: tuple[Stage[ContingentStatus], ...]

    @property
    def status(self) -> ContingentStatus:
        """How far it has come by now."""
        return self.stages[-1].status


def pledged(entry: Entry, step: PledgeContingent, agreement: Agreement) -> Contingent:
    """Return a contingent as it is pledged; who pledges it has been checked.

    Raises:
        RuleViolation: It is no contingent of this force, or its figure is no round one.
    """
    force = agreement.force
    require(
        force is not None and step.domain in force.domains,
        agreement,
        Rule.DEPLOYMENT,
        f"The force has no part in the domain {step.domain}.",
    )
    require(
        step.personnel is None or _is_round(step.personnel),
        agreement,
        Rule.DEPLOYMENT,
        "The number of people is a round figure, two digits and noughts, such as 450 or 1,200: "
        "exact strengths are not for the record.",
    )
    stage = Stage(ContingentStatus.PLEDGED, entry.at, entry.leaf_index)
    return Contingent(step.contingent_id, step.contributor, step.domain, (stage,))


def advanced(contingent: Contingent, entry: Entry, step: Advance, agreement: Agreement) -> Contingent:
    """Return a contingent after a step on it; who takes it, and the gates, have been checked.

    Raises:
        RuleViolation: The step is out of order.
    """
    status = status_after(step)
    require(
        may_follow(contingent.status, status),
        agreement,
        Rule.DEPLOYMENT,
        f"{contingent.contingent_id} is {contingent.status}; a contingent is pledged, approved, ready, "
        "deployed, in this order and once, and withdrawn for good.",
    )
    stage = Stage(status, entry.at, entry.leaf_index)
    return replace(contingent, stages=(*contingent.stages, stage))


def status_after(step: Advance) -> ContingentStatus:
    """Return the status to which a step brings a contingent."""
    match step:
        case ApproveContingent():
            return ContingentStatus.APPROVED
        case ReadyContingent():
            return ContingentStatus.READY
        case DeployContingent():
            return ContingentStatus.DEPLOYED
        case WithdrawContingent():
            return ContingentStatus.WITHDRAWN


def _is_round(number: int) -> bool:
    """Tell whether all but the first two digits of a number are noughts."""
    return not str(abs(number))[2:].strip("0")
