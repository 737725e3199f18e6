# SPDX-License-Identifier: Apache-2.0
"""How one step of review leads to the next state, and what the rules forbid.

Invariants: a status needs two people, neither of whom made one of the reports; nobody
decides on a picture that somebody else has changed meanwhile; rulings never contradict
each other; nothing is ever taken back, only superseded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from truceline.agreement import Agreement, Rule
from truceline.errors import RuleViolation
from truceline.procedure import Capacity, Entry, Step, forbidden, require, require_capacity
from truceline.review.state import Decision, EvidenceFile, Inquiry, Link, Proposal, Request, Review
from truceline.review.steps import (
    OUTCOMES,
    AskForEvidence,
    AttachFile,
    CannotLink,
    ConfirmStatus,
    DeclineStatus,
    LiftLink,
    MustLink,
    OnIncident,
    OnReports,
    OpenInquiry,
    ProposeStatus,
    ReportBack,
    Supersede,
    TaskPatrol,
)

_INQUIRERS = (Capacity.VERIFIER, Capacity.DUTY_OFFICER, Capacity.ANALYST)


def take(state: Review, entry: Entry, agreement: Agreement) -> Review:
    """Return the state of review after a step.

    Raises:
        RuleViolation: The step is forbidden.
    """
    step = entry.step
    match step:
        case OnIncident():
            before = state.inquiries.get(step.incident_id)
            _require_seen(before, step, agreement)
            after = replace(_on_incident(before, entry, step, agreement), last=entry.leaf_index)
            return replace(state, inquiries={**state.inquiries, step.incident_id: after})
        case OnReports():
            return _ruled(state, entry, step, agreement)
        case LiftLink():
            require_capacity(entry, agreement, *_INQUIRERS)
            require(
                step.ruling in state.links,
                agreement,
                Rule.KNOWN_MATTER,
                f"Record {step.ruling} is no ruling on reports that holds.",
            )
            return replace(
                state, links={index: one for index, one in state.links.items() if index != step.ruling}
            )
        case Supersede():
            return _superseded(state, entry, step, agreement)
    raise TypeError(f"{type(step).__name__} is no step of review")


def replay_reviews(entries: Iterable[Entry], agreement_at: Callable[[int], Agreement]) -> Review:
    """Return the state that recorded steps of review lead to; what the rules forbid has no effect.

    Args:
        entries: In the order of the log, and no other steps.
        agreement_at: Returns the pack that a leaf index falls under.
    """
    state = Review()
    for entry in entries:
        try:
            state = take(state, entry, agreement_at(entry.leaf_index))
        except RuleViolation:
            continue
    return state


def _require_seen(inquiry: Inquiry | None, step: OnIncident, agreement: Agreement) -> None:
    last = 0 if inquiry is None else inquiry.last
    require(
        step.seen == last,
        agreement,
        Rule.SEEN,
        f"Somebody else has acted on {step.incident_id} meanwhile, in record {last}. "
        "Look at what they did, and decide again.",
    )


def _on_incident(before: Inquiry | None, entry: Entry, step: OnIncident, agreement: Agreement) -> Inquiry:
    if isinstance(step, OpenInquiry):
        return _opened(before, entry, step, agreement)
    if before is None:
        raise forbidden(
            agreement, Rule.INQUIRY, f"There is no inquiry into {step.incident_id}; open one first."
        )
    return _STEPS[type(step)](before, entry, step, agreement)


def _opened(before: Inquiry | None, entry: Entry, step: OpenInquiry, agreement: Agreement) -> Inquiry:
    require_capacity(entry, agreement, *_INQUIRERS, Capacity.HEAD_OF_MISSION)
    if before is None:
        return Inquiry(step.incident_id, step.ground, step.observations)
    if before.decision is None:
        raise forbidden(agreement, Rule.ONCE, f"An inquiry into {step.incident_id} is open already.")
    return replace(
        before,
        ground=step.ground,
        observations=step.observations,
        decision=None,
        past=(*before.past, before.decision),
    )


def _require_open(before: Inquiry, agreement: Agreement) -> None:
    require(
        before.decision is None,
        agreement,
        Rule.INQUIRY,
        f"The inquiry into {before.incident_id} has come to its end; open it again first.",
    )


def _asked(before: Inquiry, entry: Entry, step: Step, agreement: Agreement) -> Inquiry:
    require_capacity(entry, agreement, *_INQUIRERS)
    _require_open(before, agreement)
    match step:
        case AskForEvidence():
            made = Request(entry.leaf_index, step.asked_of, step.question, step.due)
        case TaskPatrol():
            made = Request(entry.leaf_index, "", step.task, step.due)
        case _:
            raise TypeError(type(step).__name__)
    return replace(before, requests={**before.requests, made.leaf_index: made})


def _reported(before: Inquiry, entry: Entry, step: Step, agreement: Agreement) -> Inquiry:
    if not isinstance(step, ReportBack):
        raise TypeError(type(step).__name__)
    require_capacity(entry, agreement, *_INQUIRERS, Capacity.MONITOR)
    found = before.requests.get(step.request)
    if found is None:
        raise forbidden(
            agreement,
            Rule.KNOWN_MATTER,
            f"Record {step.request} is no request or task in the inquiry into {step.incident_id}.",
        )
    require(not found.result, agreement, Rule.ONCE, f"The result of record {step.request} is told already.")
    answered = replace(found, result=step.result)
    return replace(before, requests={**before.requests, step.request: answered})


def _attached(before: Inquiry, entry: Entry, step: Step, agreement: Agreement) -> Inquiry:
    if not isinstance(step, AttachFile):
        raise TypeError(type(step).__name__)
    require_capacity(entry, agreement, *_INQUIRERS, Capacity.MONITOR)
    _require_open(before, agreement)
    require(
        step.sha256 not in before.files, agreement, Rule.ONCE, f"The file {step.sha256} is attached already."
    )
    made = EvidenceFile(
        step.sha256,
        step.media_type,
        step.size,
        step.described,
        entry.leaf_index,
        step.kept_as,
        step.file_key,
    )
    return replace(before, files={**before.files, step.sha256: made})


def _proposed(before: Inquiry, entry: Entry, step: Step, agreement: Agreement) -> Inquiry:
    if not isinstance(step, ProposeStatus):
        raise TypeError(type(step).__name__)
    require_capacity(entry, agreement, Capacity.VERIFIER)
    _require_open(before, agreement)
    require(
        before.proposal is None,
        agreement,
        Rule.ONCE,
        f"A proposal on {step.incident_id} waits for a second person: confirm or decline it.",
    )
    _require_not_author(entry, step.authors, agreement)
    known = {one.id for one in agreement.commission.standards}
    if step.standard is None:
        require(
            not known or step.outcome == "unable_to_verify",
            agreement,
            Rule.STANDARD_OF_PROOF,
            f"Say by which standard: {', '.join(sorted(known))}.",
        )
    else:
        require(
            step.standard in known,
            agreement,
            Rule.STANDARD_OF_PROOF,
            f"The agreement has no standard {step.standard}; it has {', '.join(sorted(known)) or 'none'}.",
        )
    made = Proposal(
        entry.who.person,
        OUTCOMES[step.outcome],
        step.standard or "",
        step.reason,
        step.observations,
        step.authors,
        entry.leaf_index,
    )
    return replace(before, observations=step.observations, proposal=made)


def _settled(before: Inquiry, entry: Entry, step: Step, agreement: Agreement) -> Inquiry:
    require_capacity(entry, agreement, Capacity.VERIFIER, Capacity.HEAD_OF_MISSION)
    proposal = before.proposal
    if proposal is None:
        raise forbidden(agreement, Rule.INQUIRY, f"Nothing is proposed on {before.incident_id}.")
    if isinstance(step, DeclineStatus):
        return replace(before, proposal=None)
    if not isinstance(step, ConfirmStatus):
        raise TypeError(type(step).__name__)
    require(
        entry.who.person != proposal.person,
        agreement,
        Rule.TWO_PEOPLE,
        "You proposed this yourself; another person confirms it.",
    )
    _require_not_author(entry, (*proposal.authors, *step.authors), agreement)
    require(
        set(step.observations) == set(proposal.observations),
        agreement,
        Rule.SEEN,
        f"{before.incident_id} rests on other reports since this was proposed. Decline it, and look again.",
    )
    made = Decision(proposal, entry.who.person, step.reason, entry.at, entry.leaf_index)
    return replace(before, proposal=None, decision=made)


def _require_not_author(entry: Entry, authors: Iterable[str], agreement: Agreement) -> None:
    require(
        entry.who.person not in authors,
        agreement,
        Rule.OWN_REPORT,
        "This incident rests on a report of your own; somebody else verifies it.",
    )


def _ruled(state: Review, entry: Entry, step: OnReports, agreement: Agreement) -> Review:
    require_capacity(entry, agreement, *_INQUIRERS)
    one, other = step.observation, step.other
    require(one != other, agreement, Rule.LINK, "A report cannot be ruled on against itself.")
    group = state.group_of(one)
    together = isinstance(step, MustLink)
    if together:
        require(
            other not in group, agreement, Rule.ONCE, f"{one} and {other} are ruled to be one event already."
        )
        against = _between(state, group, state.group_of(other))
        require(
            against is None,
            agreement,
            Rule.LINK,
            f"Record {against} rules that they tell of different events; lift that first.",
        )
    elif isinstance(step, CannotLink):
        require(
            other not in group,
            agreement,
            Rule.LINK,
            f"It is ruled that {one} and {other} tell of the same event; lift that first.",
        )
        against = _between(state, group, state.group_of(other))
        require(against is None, agreement, Rule.ONCE, f"Record {against} rules that they are apart already.")
    link = Link(one, other, together, step.reason, entry.leaf_index)
    return replace(state, links={**state.links, entry.leaf_index: link})


def _between(state: Review, group: frozenset[str], others: frozenset[str]) -> int | None:
    """Return a ruling that holds two groups apart, by its record; None: there is none."""
    for index, link in state.links.items():
        pair = (link.observation, link.other)
        if not link.together and any(a in group and b in others for a, b in (pair, pair[::-1])):
            return index
    return None


def _superseded(state: Review, entry: Entry, step: Supersede, agreement: Agreement) -> Review:
    require_capacity(entry, agreement, *_INQUIRERS, Capacity.MONITOR)
    require(
        entry.who.capacity is not Capacity.MONITOR or entry.who.person in step.authors,
        agreement,
        Rule.OWN_REPORT,
        "A monitor corrects their own reports; ask the duty officer for others.",
    )
    require(
        step.observation not in state.superseded,
        agreement,
        Rule.ONCE,
        f"{step.observation} counts no more already.",
    )
    # A report in the place of another must itself count, so that corrections never go in a circle.
    require(
        step.by is None or (step.by != step.observation and step.by not in state.superseded),
        agreement,
        Rule.CORRECTION,
        f"{step.by} cannot take its place: it counts no more itself.",
    )
    return replace(state, superseded={**state.superseded, step.observation: step.by or ""})


_STEPS: Mapping[type[OnIncident], Callable[[Inquiry, Entry, Step, Agreement], Inquiry]] = {
    AskForEvidence: _asked,
    TaskPatrol: _asked,
    ReportBack: _reported,
    AttachFile: _attached,
    ProposeStatus: _proposed,
    ConfirmStatus: _settled,
    DeclineStatus: _settled,
}
