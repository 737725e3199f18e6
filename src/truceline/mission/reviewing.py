# SPDX-License-Identifier: Apache-2.0
"""What the mission adds to a step of review, and what reviews say of the incidents of a run.

The mission states on which reports an inquiry rests and who made them, so that nobody
can verify their own by leaving it out.  Somebody made a report if their key signed its
record, or if it names them as its source or its observer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from pydantic_core import from_json

from truceline.assessment import Assessment
from truceline.errors import Fault, RejectedInput
from truceline.evidence import parse_leaf
from truceline.mission.devices.enrolment import author_events, holding_of
from truceline.mission.evidence_files import require_kept
from truceline.mission.mission import Mission
from truceline.mission.reading import observations
from truceline.observation import Observation
from truceline.procedure import Step
from truceline.review import Inquiry, Review
from truceline.review.steps import AttachFile, ConfirmStatus, OnReports, OpenInquiry, ProposeStatus, Supersede
from truceline.storage import Transaction, schema
from truceline.vocabulary import Status

OBSERVER = "observer"
"""The detail in which a report names the person who observed."""


def grounded(mission: Mission, transaction: Transaction, review: Review, step: Step) -> Step:
    """Return a step with what the mission states of it; a step of another room as it is.

    Args:
        mission: Where it is taken.
        transaction: In which.
        review: What was reviewed before it.
        step: As its author gave it.

    Raises:
        RejectedInput: It names an incident, a report or a file that is not there.
    """
    match step:
        case OpenInquiry():
            return replace(step, observations=_members(transaction, review, step))
        case ProposeStatus() | ConfirmStatus():
            members = _members(transaction, review, step)
            return replace(
                step, observations=members, authors=_authors(mission, transaction, step.name, members)
            )
        case Supersede():
            others = [] if step.by is None else [step.by]
            _authors(mission, transaction, step.name, others)
            return replace(step, authors=_authors(mission, transaction, step.name, [step.observation]))
        case OnReports():
            _authors(mission, transaction, step.name, [step.observation, step.other])
        case AttachFile():
            require_kept(mission, step)
    return step


def _members(
    transaction: Transaction, review: Review, step: OpenInquiry | ProposeStatus | ConfirmStatus
) -> tuple[str, ...]:
    """Return the reports that an incident rests on in the last run, whatever its id is there."""
    held = inquiries_by_incident(transaction, review)
    now = next((name for name, one in held.items() if one.incident_id == step.incident_id), step.incident_id)
    bodies = list(transaction.bodies(schema.incidents, ids=("incident_id", [now])))
    if not bodies:
        raise RejectedInput(
            "The last run has no such incident.",
            [Fault(step.name, "incident_id", "is in no incident list now", step.incident_id)],
        )
    return tuple(str(one) for one in from_json(bodies[0])["members"])


def _authors(mission: Mission, transaction: Transaction, where: str, names: Sequence[str]) -> tuple[str, ...]:
    """Return the people who made reports.

    Raises:
        RejectedInput: A report is not on record.
    """
    places = transaction.leaf_indexes("observations", names)
    missing = [name for name in names if name not in places]
    if missing:
        raise RejectedInput(
            "A report is not on record.",
            [Fault(where, "observation", "no such report", name) for name in missing],
        )
    people: set[str] = set()
    for one in observations(transaction, ids=names):
        people |= set(_named(one))
    events = author_events(transaction, mission.ledger)
    for index in sorted(set(places.values())):
        row = transaction.record_at(index)
        author = "" if row is None else parse_leaf(row.leaf, f"record {index}").author
        holding = None if author == mission.ledger.author.author else holding_of(author, events)
        if holding is not None:
            people.add(holding.holder)
    return tuple(sorted(people))


def _named(one: Observation) -> Iterator[str]:
    yield one.source_id
    observer = one.detail(OBSERVER)
    if observer:
        yield observer


def inquiries_by_incident(transaction: Transaction, review: Review) -> Mapping[str, Inquiry]:
    """Return the inquiries by the id that their incident has in the last run.

    An incident's id goes by its earliest report, so a ruling or a late report may change it; the inquiry
    stays with the reports that it was about.  Of two that come to one incident, the later stands.
    """
    names = {name for one in review.inquiries.values() for name in one.observations}
    held: dict[str, str] = {}
    for body in transaction.bodies(schema.memberships, ids=("observation_id", sorted(names))):
        link = from_json(body)
        held[str(link["observation_id"])] = str(link["incident_id"])
    found: dict[str, Inquiry] = {}
    for one in sorted(review.inquiries.values(), key=lambda inquiry: inquiry.last):
        homes = [held[name] for name in one.observations if name in held]
        if homes:
            found[one.incident_id if one.incident_id in homes else max(sorted(homes), key=homes.count)] = one
    return found


def statuses(transaction: Transaction, review: Review) -> Mapping[str, Status]:
    """Return the status that people gave to incidents of the last run; others are left out."""
    return {name: one.status for name, one in inquiries_by_incident(transaction, review).items()}


def reviewed(assessments: Sequence[Assessment], given: Mapping[str, Status]) -> list[Assessment]:
    """Return assessments with the status that people gave their incident, where they gave one."""
    return [
        replace(one, status=given[one.incident_id]) if one.incident_id in given else one
        for one in assessments
    ]


def rulings_on(review: Review, names: Sequence[str]) -> Mapping[str, list[int]]:
    """Return the records of the rulings that name any of some reports, by report."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    for index, link in review.links.items():
        for name in (link.observation, link.other):
            if name in names:
                found[name].append(index)
    return found
