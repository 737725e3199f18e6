# SPDX-License-Identifier: Apache-2.0
"""The steps of review.

All of them lie with the commission: what an inquiry asks, and whom, could endanger those
who answer.  What came of it is shown to each audience with the incident itself.

``seen`` makes sure that nobody decides on an older picture than they think: it names the
latest step on the incident that its author had before them.  If somebody else was
quicker, the step is refused, and its author looks again and decides again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field

from truceline.agreement.terms import Id, Moment, Words
from truceline.procedure import Step, completed
from truceline.vocabulary import Status, Tier

REVIEW: Final = "review"

LeafIndex = Annotated[int, Field(ge=0, lt=2**53)]
IncidentId = Annotated[str, Field(pattern=r"^inc-[0-9a-f]{16}$")]
Statement = Annotated[str, Field(min_length=1, max_length=400)]
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Outcome = Literal["verified", "not_verified", "unable_to_verify"]

OUTCOMES: Final[Mapping[Outcome, Status]] = {
    "verified": Status.VERIFIED,
    "not_verified": Status.NOT_VERIFIED,
    "unable_to_verify": Status.UNABLE_TO_VERIFY,
}


@dataclass(frozen=True, slots=True)
class OnIncident(Step):
    """Base of the steps on one incident.

    Attributes:
        incident_id: Which incident.
        seen: The record of the latest step on this incident that you saw; 0: there was none.
    """

    kind: ClassVar[str] = REVIEW
    tier: ClassVar[Tier] = Tier.COMMISSION
    incident_id: IncidentId
    seen: LeafIndex = field(default=0, kw_only=True)


@dataclass(frozen=True, slots=True)
class OpenInquiry(OnIncident):
    """Open an inquiry into an incident, or open it again when there is something new.

    Attributes:
        ground: Why it is looked into now.
        observations: The reports that it rests on; the mission states them.
    """

    name: ClassVar[str] = "open-inquiry"
    ground: Words
    observations: tuple[Statement, ...] = field(default=(), metadata=completed(), kw_only=True)


@dataclass(frozen=True, slots=True)
class AskForEvidence(OnIncident):
    """Ask somebody for evidence.

    Attributes:
        asked_of: Who is asked. A party's id: that party reads this request.
        question: What is asked for.
        due: Until when; None: no time was set.
    """

    name: ClassVar[str] = "ask-for-evidence"
    asked_of: Words
    question: Words
    due: Moment | None = None

    @property
    def addressee(self) -> str:
        """The party that is asked."""
        return self.asked_of


@dataclass(frozen=True, slots=True)
class TaskPatrol(OnIncident):
    """Ask a patrol to go and look.

    Attributes:
        task: What to look at, and what to look for.
        due: Until when; None: no time was set.
    """

    name: ClassVar[str] = "task-patrol"
    task: Words
    due: Moment | None = None


@dataclass(frozen=True, slots=True)
class ReportBack(OnIncident):
    """Say what came of a request or a patrol.

    Attributes:
        request: The record of the request or task.
        result: What came of it; that nothing came is a result.
    """

    name: ClassVar[str] = "report-back"
    request: LeafIndex
    result: Words


@dataclass(frozen=True, slots=True)
class AttachFile(OnIncident):
    """Attach a file as evidence. The file itself lies in the vault, sealed.

    Attributes:
        sha256: The file's SHA-256, in hexadecimal.
        media_type: What sort of file its content is.
        size: Its length in bytes.
        described: What it shows, who made it and when, and who may be harmed if it is seen.
        kept_as: The SHA-256 of the sealed file in the vault; the mission states it.
        file_key: The key that opens it, in base64; the mission states it.
    """

    name: ClassVar[str] = "attach-file"
    sha256: Hash
    media_type: Words
    size: LeafIndex
    described: Words
    kept_as: str = field(default="", metadata=completed(), kw_only=True)
    file_key: str = field(default="", metadata=completed(), kw_only=True)


@dataclass(frozen=True, slots=True)
class ProposeStatus(OnIncident):
    """Propose what an inquiry came to. It counts once another person has confirmed it.

    Attributes:
        outcome: Verified, not verified, or unable to verify.
        reason: On what ground.
        standard: By which standard of proof of the agreement; None: it names none.
        observations: The reports that it rests on; the mission states them.
        authors: The people who made these reports; the mission states them.
    """

    name: ClassVar[str] = "propose-status"
    outcome: Outcome
    reason: Words
    standard: Id | None = None
    observations: tuple[Statement, ...] = field(default=(), metadata=completed(), kw_only=True)
    authors: tuple[Statement, ...] = field(default=(), metadata=completed(), kw_only=True)


@dataclass(frozen=True, slots=True)
class ConfirmStatus(OnIncident):
    """Confirm what another person proposed; it is then the incident's status.

    Attributes:
        reason: On what ground; your own look, not only theirs.
        observations: The reports that it rests on by now; the mission states them.
        authors: The people who made these reports; the mission states them.
    """

    name: ClassVar[str] = "confirm-status"
    reason: Words
    observations: tuple[Statement, ...] = field(default=(), metadata=completed(), kw_only=True)
    authors: tuple[Statement, ...] = field(default=(), metadata=completed(), kw_only=True)


@dataclass(frozen=True, slots=True)
class DeclineStatus(OnIncident):
    """Decline what another person proposed; the inquiry goes on.

    Attributes:
        reason: Why.
    """

    name: ClassVar[str] = "decline-status"
    reason: Words


@dataclass(frozen=True, slots=True)
class OnReports(Step):
    """Base of the steps on two reports.

    Attributes:
        observation: The id of a report.
        other: The id of the other report.
        reason: Why.
    """

    kind: ClassVar[str] = REVIEW
    tier: ClassVar[Tier] = Tier.COMMISSION
    observation: Statement
    other: Statement
    reason: Words


@dataclass(frozen=True, slots=True)
class MustLink(OnReports):
    """Rule that two reports tell of the same event, whatever the program thinks."""

    name: ClassVar[str] = "must-link"


@dataclass(frozen=True, slots=True)
class CannotLink(OnReports):
    """Rule that two reports tell of different events, whatever the program thinks."""

    name: ClassVar[str] = "cannot-link"


@dataclass(frozen=True, slots=True)
class LiftLink(Step):
    """Lift a ruling on two reports; the program decides again.

    Attributes:
        ruling: The record of the ruling.
        reason: Why.
    """

    kind: ClassVar[str] = REVIEW
    name: ClassVar[str] = "lift-link"
    tier: ClassVar[Tier] = Tier.COMMISSION
    ruling: LeafIndex
    reason: Words


@dataclass(frozen=True, slots=True)
class Supersede(Step):
    """Correct a report: another takes its place, or it is withdrawn. Both stay on record.

    Attributes:
        observation: The id of the report that no longer counts.
        by: The id of the report that takes its place; None: it is withdrawn.
        reason: What was wrong with it.
        authors: The people who made the report; the mission states them.
    """

    kind: ClassVar[str] = REVIEW
    name: ClassVar[str] = "supersede"
    tier: ClassVar[Tier] = Tier.COMMISSION
    observation: Statement
    reason: Words
    by: Statement | None = None
    authors: tuple[Statement, ...] = field(default=(), metadata=completed(), kw_only=True)


STEPS: Final[tuple[type[Step], ...]] = (
    OpenInquiry,
    AskForEvidence,
    TaskPatrol,
    ReportBack,
    AttachFile,
    ProposeStatus,
    ConfirmStatus,
    DeclineStatus,
    MustLink,
    CannotLink,
    LiftLink,
    Supersede,
)
