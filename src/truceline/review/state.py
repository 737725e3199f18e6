# SPDX-License-Identifier: Apache-2.0
"""What follows from the steps of review: inquiries by incident, rulings on reports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from truceline.fusion import Rulings
from truceline.vocabulary import Status


@dataclass(frozen=True, slots=True)
class Request:
    """A request for evidence or a patrol's task.

    Attributes:
        leaf_index: Where it is recorded; its name in later steps.
        asked_of: Who was asked; empty: a patrol.
        text: What was asked for.
        due: Until when; None: no time was set.
        result: What came of it; empty: nothing yet.
    """

    leaf_index: int
    asked_of: str
    text: str
    due: datetime | None
    result: str = ""


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """A file that was attached.

    Attributes:
        sha256: Its digest, in hexadecimal.
        media_type: What sort of file its content is.
        size: Its length in bytes.
        described: What it shows.
        leaf_index: Where it is recorded.
        kept_as: The sealed file in the vault.
        file_key: The key that opens it, in base64.
    """

    sha256: str
    media_type: str
    size: int
    described: str
    leaf_index: int
    kept_as: str
    file_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What one person proposed, and on which reports.

    ``authors`` made those reports: none of them may propose or confirm.
    """

    person: str
    outcome: Status
    standard: str
    reason: str
    observations: tuple[str, ...]
    authors: tuple[str, ...]
    leaf_index: int


@dataclass(frozen=True, slots=True)
class Decision:
    """A proposal that another person confirmed, with their reason."""

    proposal: Proposal
    person: str
    reason: str
    at: datetime
    leaf_index: int


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What people did about one incident.

    Attributes:
        incident_id: Which incident, by its id when the inquiry was opened.
        ground: Why it was last opened.
        observations: The reports that the incident rested on when it was last opened or proposed on.
        requests: By the record that made them.
        files: By digest.
        proposal: What waits for a second person; None: nothing does.
        decision: What holds; None: the inquiry goes on.
        past: Decisions that an inquiry opened again has set aside, in order.
        last: The record of the latest step.
    """

    incident_id: str
    ground: str
    observations: tuple[str, ...]
    requests: Mapping[int, Request] = field(default_factory=dict)
    files: Mapping[str, EvidenceFile] = field(default_factory=dict)
    proposal: Proposal | None = None
    decision: Decision | None = None
    past: tuple[Decision, ...] = ()
    last: int = 0

    @property
    def status(self) -> Status:
        """The incident's status by this inquiry."""
        return Status.UNDER_INQUIRY if self.decision is None else self.decision.proposal.outcome


@dataclass(frozen=True, slots=True)
class Link:
    """A ruling on two reports: that they must, or cannot, tell of one event."""

    observation: str
    other: str
    together: bool
    reason: str
    leaf_index: int


@dataclass(frozen=True, slots=True)
class Review:
    """Everything that people reviewed.

    Attributes:
        inquiries: By incident.
        links: The rulings that hold, by the record that made them.
        superseded: The reports that no longer count, each with the one in its place; empty: withdrawn.
    """

    inquiries: Mapping[str, Inquiry] = field(default_factory=dict)
    links: Mapping[int, Link] = field(default_factory=dict)
    superseded: Mapping[str, str] = field(default_factory=dict)

    def group_of(self, observation: str) -> frozenset[str]:
        """Return the reports that are ruled to tell of the same event as one, itself among them."""
        group = {observation}
        waiting = [observation]
        while waiting:
            for neighbour in self._bound_to(waiting.pop()):
                if neighbour not in group:
                    group.add(neighbour)
                    waiting.append(neighbour)
        return frozenset(group)

    def _bound_to(self, observation: str) -> Iterator[str]:
        for link in self.links.values():
            if link.together and observation in (link.observation, link.other):
                yield link.other if link.observation == observation else link.observation


def rulings_of(review: Review) -> Rulings:
    """Return what fusion must heed of a review."""
    pairs = {True: set[tuple[str, str]](), False: set[tuple[str, str]]()}
    for link in review.links.values():
        first, second = sorted((link.observation, link.other))
        pairs[link.together].add((first, second))
    return Rulings(tuple(sorted(pairs[True])), tuple(sorted(pairs[False])), frozenset(review.superseded))
