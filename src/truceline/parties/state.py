# SPDX-License-Identifier: Apache-2.0
"""What follows from the parties' submissions: by id, with times and places in the log.

All of it is stated in confidence.  Before any of it is shown, ``seen_by`` leaves what
its reader may see.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol, TypeVar

from truceline.agreement import Notice
from truceline.commission.steps import ClauseRef
from truceline.interval import Interval
from truceline.parties.steps import ConsentSubject
from truceline.procedure import Reader
from truceline.vocabulary import Tier


class OfAParty(Protocol):
    """Something that one party submitted."""

    @property
    def party(self) -> str:
        """Who submitted it."""


Made = TypeVar("Made", bound=OfAParty)


@dataclass(frozen=True, slots=True)
class Complaint:
    """That a party complained of another.

    Attributes:
        complaint_id: Its id.
        party: Who complained.
        against: Of whom.
        clauses: Which clauses are said to be breached.
        when: When the event was; a moment, or an interval.
        at: When the complaint was made.
        leaf_index: Where it is recorded.
    """

    complaint_id: str
    party: str
    against: str
    clauses: tuple[ClauseRef, ...]
    when: Interval
    at: datetime
    leaf_index: int


@dataclass(frozen=True, slots=True)
class OwnReport:
    """That a party reported an act of its own side.

    Attributes:
        report_id: Its id.
        party: Who reported.
        clauses: Which clauses may be breached.
        when: When the event was; a moment, or an interval.
        at: When the report was made.
        leaf_index: Where it is recorded.
    """

    report_id: str
    party: str
    clauses: tuple[ClauseRef, ...]
    when: Interval
    at: datetime
    leaf_index: int


@dataclass(frozen=True, slots=True)
class Notification:
    """That a party notified an exception.

    Attributes:
        notice_id: Its id.
        notice: What was notified, as it was notified.
        at: When it was notified.
        withdrawn_at: From when it covers nothing more; None: it was not withdrawn.
    """

    notice_id: str
    notice: Notice
    at: datetime
    withdrawn_at: datetime | None = None

    @property
    def party(self) -> str:
        """Who notified it."""
        return self.notice.party

    @property
    def standing(self) -> Notice | None:
        """The notice as cut by a withdrawal; None: it was withdrawn before it began."""
        until = self.withdrawn_at
        if until is None or until >= self.notice.interval.last:
            return self.notice
        if until <= self.notice.interval.start:
            return None
        return replace(self.notice, interval=Interval(self.notice.interval.start, until))


@dataclass(frozen=True, slots=True)
class Consent:
    """That a party consented to something.

    Attributes:
        consent_id: Its id.
        party: Who consented.
        subject: To what sort of thing.
        when: From when until when, as stated.
        at: When it was given.
        leaf_index: Where it is recorded.
        withdrawn_at: From when it is withdrawn; None: it is not.
    """

    consent_id: str
    party: str
    subject: ConsentSubject
    when: Interval
    at: datetime
    leaf_index: int
    withdrawn_at: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Tell whether the party consents at a moment: never before it did, nor after a withdrawal."""
        given = self.at <= at and self.when.holds(at)
        return given and (self.withdrawn_at is None or at < self.withdrawn_at)


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """That the mission acknowledged a submission, in the file of the party that made it."""

    submission_id: str
    party: str
    at: datetime
    leaf_index: int


@dataclass(frozen=True, slots=True)
class Submissions:
    """Everything that parties submitted, by id; no two submissions have the same."""

    complaints: Mapping[str, Complaint] = field(default_factory=dict)
    own_reports: Mapping[str, OwnReport] = field(default_factory=dict)
    notices: Mapping[str, Notification] = field(default_factory=dict)
    consents: Mapping[str, Consent] = field(default_factory=dict)
    acknowledged: Mapping[str, Acknowledgement] = field(default_factory=dict)

    def party_of(self, submission_id: str) -> str | None:
        """Return who made a submission, or None if there is no such."""
        for made in (self.complaints, self.own_reports, self.notices, self.consents):
            if submission_id in made:
                return made[submission_id].party
        return None


def seen_by(state: Submissions, reader: Reader) -> Submissions:
    """Return what of the submissions a reader may see: nobody of one party sees another's."""
    return Submissions(
        _seen(state.complaints, reader),
        _seen(state.own_reports, reader),
        _seen(state.notices, reader),
        _seen(state.consents, reader),
        _seen(state.acknowledged, reader),
    )


def _seen(made: Mapping[str, Made], reader: Reader) -> Mapping[str, Made]:
    return {name: one for name, one in made.items() if reader.sees(Tier.SEALED, one.party)}


def notices(state: Submissions) -> tuple[Notice, ...]:
    """Return every notice in the order of the log, as cut by withdrawals."""
    standing = (one.standing for one in state.notices.values())
    return tuple(sorted((one for one in standing if one is not None), key=lambda notice: notice.leaf_index))


def notices_in_force(state: Submissions, at: datetime) -> tuple[Notice, ...]:
    """Return the notices that hold at a moment, in the order of the log."""
    return tuple(notice for notice in notices(state) if notice.interval.holds(at))


def consents_at(state: Submissions, at: datetime) -> tuple[Consent, ...]:
    """Return the consents that hold at a moment, in the order of the log."""
    held = (one for one in state.consents.values() if one.holds(at))
    return tuple(sorted(held, key=lambda consent: consent.leaf_index))
