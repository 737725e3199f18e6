# SPDX-License-Identifier: Apache-2.0
"""What parties submit in confidence, and how the mission acknowledges it.

Every step here is sealed whole: the log shows that a submission was made, and not by
which party or of which sort.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from truceline.agreement import Circle
from truceline.agreement.terms import Id, Moment, Words
from truceline.commission.steps import ClauseRef
from truceline.procedure import Step
from truceline.vocabulary import Kind, Tier

SUBMISSION = "submission"
"""The kind of record that holds all of these."""

Clauses = Annotated[tuple[ClauseRef, ...], Field(min_length=1, max_length=100)]


class ConsentSubject(StrEnum):
    """What a party consents to."""

    SENSOR = "sensor"
    FLIGHT = "flight"
    INSPECTION = "inspection"
    PATROL = "patrol"


@dataclass(frozen=True, slots=True)
class Submission(Step):
    """Base of all steps of this room."""

    kind: ClassVar[str] = SUBMISSION
    tier: ClassVar[Tier] = Tier.SEALED


@dataclass(frozen=True, slots=True)
class Complain(Submission):
    """Complain of another party.

    Attributes:
        complaint_id: Unique among all submissions of the mission.
        against: The other party's id.
        clauses: Which clauses it is said to have breached; all of them bind it.
        since: When the event began.
        until: When it ended; None: it is told as a moment.
        place: Where, in words.
        statement: What happened.
        witnesses: Who saw it, and what else must not go further; empty: nothing.
    """

    name: ClassVar[str] = "complain"
    complaint_id: Id
    against: Id
    clauses: Clauses
    since: Moment
    place: Words
    statement: Words
    until: Moment | None = None
    witnesses: str = ""


@dataclass(frozen=True, slots=True)
class SelfReport(Submission):
    """Report an act of one's own side.

    Attributes:
        report_id: Unique among all submissions of the mission.
        clauses: Which clauses it may have breached; all of them bind the party.
        since: When the event began.
        until: When it ended; None: it is told as a moment.
        statement: What happened.
        measures: What was done about it; empty: not said.
    """

    name: ClassVar[str] = "self-report"
    report_id: Id
    clauses: Clauses
    since: Moment
    statement: Words
    until: Moment | None = None
    measures: str = ""


@dataclass(frozen=True, slots=True)
class Notify(Submission):
    """Notify an act that a clause excepts.

    Attributes:
        notice_id: Unique among all submissions of the mission.
        version: The version's id in the pack.
        clause: The clause's id.
        exception: The id of that clause's exception.
        since: When it begins.
        until: When it ends; a notice always ends.
        statement: What will be done.
        kinds: Of what kinds; empty: all that the exception names.
        zone: The id of a zone of the pack, or None.
        circle: A centre and a radius, or None.
    """

    name: ClassVar[str] = "notify"
    notice_id: Id
    version: Id
    clause: Id
    exception: Id
    since: Moment
    until: Moment
    statement: Words
    kinds: Annotated[tuple[Kind, ...], Field(max_length=len(Kind))] = ()
    zone: Id | None = None
    circle: Circle | None = None


@dataclass(frozen=True, slots=True)
class WithdrawNotice(Submission):
    """Withdraw a notice: from now on it covers nothing more; what it covered until now stays covered.

    Attributes:
        notice_id: The notice's id.
        ground: Why.
    """

    name: ClassVar[str] = "withdraw-notice"
    notice_id: Id
    ground: Words


@dataclass(frozen=True, slots=True)
class GiveConsent(Submission):
    """Consent to a sensor, flight, inspection or patrol.

    Attributes:
        consent_id: Unique among all submissions of the mission.
        subject: What sort of thing.
        what: What exactly, in words.
        since: From when.
        until: Until when; None: until it is withdrawn.
        conditions: On what conditions; empty: none.
    """

    name: ClassVar[str] = "give-consent"
    consent_id: Id
    subject: ConsentSubject
    what: Words
    since: Moment
    until: Moment | None = None
    conditions: str = ""


@dataclass(frozen=True, slots=True)
class WithdrawConsent(Submission):
    """Withdraw one's consent.

    Attributes:
        consent_id: The consent's id.
        ground: Why.
        at: From when, not in the past; None: at once.
    """

    name: ClassVar[str] = "withdraw-consent"
    consent_id: Id
    ground: Words
    at: Moment | None = None


@dataclass(frozen=True, slots=True)
class Acknowledge(Submission):
    """Acknowledge a submission, in the mission's own name and in the file of the party that made it.

    Attributes:
        submission_id: The complaint's, report's, notice's or consent's id.
        party: Who made it, and reads this; nobody of another party does.
        words: What the party is told; empty: that it was received.
    """

    name: ClassVar[str] = "acknowledge"
    submission_id: Id
    party: Id
    words: str = ""

    @property
    def addressee(self) -> str:
        """The party that made the submission."""
        return self.party


STEPS: tuple[type[Step], ...] = (
    Complain, SelfReport, Notify, WithdrawNotice, GiveConsent, WithdrawConsent, Acknowledge,
)  # fmt: skip
