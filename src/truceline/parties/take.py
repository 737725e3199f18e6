# SPDX-License-Identifier: Apache-2.0
"""How a submission changes what is submitted, or which rule forbids it.

A party must not learn from a refusal what another submitted: an id that is another's
and an id that nobody used are refused in the same words.  That an id is taken is all
that shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from truceline.agreement import Agreement, Clause, ClauseException, Notice, Rule
from truceline.commission.steps import ClauseRef
from truceline.interval import Interval
from truceline.parties.state import (
    Acknowledgement,
    Complaint,
    Consent,
    Made,
    Notification,
    OwnReport,
    Submissions,
)
from truceline.parties.steps import (
    Acknowledge,
    Complain,
    GiveConsent,
    Notify,
    SelfReport,
    WithdrawConsent,
    WithdrawNotice,
)
from truceline.procedure import Capacity, Entry, forbidden, require, require_capacity
from truceline.vocabulary import falls_under


def take(state: Submissions, entry: Entry, agreement: Agreement) -> Submissions:
    """Return what is submitted after a step.

    Raises:
        RuleViolation: The step is forbidden.
    """
    if isinstance(entry.step, Acknowledge):
        return _acknowledge(state, entry, entry.step, agreement)
    party = _party(entry, agreement)
    match entry.step:
        case Complain():
            return _complain(state, entry, entry.step, agreement, party)
        case SelfReport():
            return _self_report(state, entry, entry.step, agreement, party)
        case Notify() | WithdrawNotice():
            return _notices(state, entry, entry.step, agreement, party)
        case GiveConsent() | WithdrawConsent():
            return _consents(state, entry, entry.step, agreement, party)
        case other:
            raise TypeError(f"{other.name} is no submission")


def _notices(
    state: Submissions, entry: Entry, step: Notify | WithdrawNotice, agreement: Agreement, party: str
) -> Submissions:
    match step:
        case Notify():
            return _notify(state, entry, step, agreement, party)
        case WithdrawNotice():
            return _withdraw_notice(state, entry, step, agreement, party)


def _consents(
    state: Submissions, entry: Entry, step: GiveConsent | WithdrawConsent, agreement: Agreement, party: str
) -> Submissions:
    match step:
        case GiveConsent():
            return _give_consent(state, entry, step, agreement, party)
        case WithdrawConsent():
            return _withdraw_consent(state, entry, step, agreement, party)


def _complain(
    state: Submissions, entry: Entry, step: Complain, agreement: Agreement, party: str
) -> Submissions:
    _require_new(state, step.complaint_id, agreement)
    require(
        step.against in agreement.party_ids(),
        agreement,
        Rule.KNOWN_MATTER,
        f"The agreement has no party {step.against}.",
    )
    require(
        step.against != party,
        agreement,
        Rule.SUBMISSION,
        "A complaint is of another party; what one's own side did is a self-report.",
    )
    _require_bound(step.clauses, step.against, agreement)
    when = _happened(step.since, step.until, entry, agreement)
    made = Complaint(step.complaint_id, party, step.against, step.clauses, when, entry.at, entry.leaf_index)
    return replace(state, complaints={**state.complaints, made.complaint_id: made})


def _self_report(
    state: Submissions, entry: Entry, step: SelfReport, agreement: Agreement, party: str
) -> Submissions:
    _require_new(state, step.report_id, agreement)
    _require_bound(step.clauses, party, agreement)
    when = _happened(step.since, step.until, entry, agreement)
    made = OwnReport(step.report_id, party, step.clauses, when, entry.at, entry.leaf_index)
    return replace(state, own_reports={**state.own_reports, made.report_id: made})


def _notify(state: Submissions, entry: Entry, step: Notify, agreement: Agreement, party: str) -> Submissions:
    _require_new(state, step.notice_id, agreement)
    clause = agreement.clause(step.version, step.clause)
    exception = _exception(clause, step.exception)
    if clause is None or exception is None:
        raise forbidden(
            agreement,
            Rule.NOTIFICATION,
            f"The clause {step.clause} of {step.version} has no exception {step.exception}.",
        )
    require(
        party in clause.binds,
        agreement,
        Rule.NOTIFICATION,
        f"The clause {step.clause} does not bind {party}, which needs no exception from it.",
    )
    require(step.since < step.until, agreement, Rule.NOTIFICATION, "The notice ends before it begins.")
    require(
        not exception.needs_notice or entry.at <= step.since,
        agreement,
        Rule.NOTIFICATION,
        f"The exception {step.exception} needs notice before it begins; this one has begun already. "
        "What was done without notice can be told in a self-report.",
    )
    outside = [
        kind.value
        for kind in step.kinds
        if exception.kinds and not any(falls_under(kind, allowed) for allowed in exception.kinds)
    ]
    require(
        not outside,
        agreement,
        Rule.NOTIFICATION,
        f"The exception {step.exception} does not speak of: {', '.join(outside)}.",
    )
    interval = Interval(step.since, step.until)
    require(
        step.zone is None or _is_area(step.zone, interval, agreement),
        agreement,
        Rule.NOTIFICATION,
        f"The agreement has no area {step.zone} in force at that time.",
    )
    notice = Notice(
        party,
        step.version,
        step.clause,
        step.exception,
        interval,
        step.kinds,
        step.zone,
        step.circle,
        entry.leaf_index,
    )
    made = Notification(step.notice_id, notice, entry.at)
    return replace(state, notices={**state.notices, made.notice_id: made})


def _withdraw_notice(
    state: Submissions, entry: Entry, step: WithdrawNotice, agreement: Agreement, party: str
) -> Submissions:
    found = _own(state.notices, step.notice_id, party)
    if found is None:
        raise forbidden(agreement, Rule.NOTIFICATION, f"{party} made no notice {step.notice_id}.")
    require(
        found.withdrawn_at is None, agreement, Rule.ONCE, f"The notice {step.notice_id} is withdrawn already."
    )
    require(
        entry.at < found.notice.interval.last,
        agreement,
        Rule.NOTIFICATION,
        f"The notice {step.notice_id} has ended; there is nothing left to withdraw.",
    )
    cut = replace(found, withdrawn_at=entry.at)
    return replace(state, notices={**state.notices, step.notice_id: cut})


def _give_consent(
    state: Submissions, entry: Entry, step: GiveConsent, agreement: Agreement, party: str
) -> Submissions:
    _require_new(state, step.consent_id, agreement)
    require(
        step.until is None or step.since < step.until,
        agreement,
        Rule.CONSENT,
        "The consent ends before it begins.",
    )
    require(
        step.until is None or entry.at < step.until,
        agreement,
        Rule.CONSENT,
        "The time of this consent is over; nobody consents after the fact.",
    )
    when = Interval(step.since, step.until)
    made = Consent(step.consent_id, party, step.subject, when, entry.at, entry.leaf_index)
    return replace(state, consents={**state.consents, made.consent_id: made})


def _withdraw_consent(
    state: Submissions, entry: Entry, step: WithdrawConsent, agreement: Agreement, party: str
) -> Submissions:
    found = _own(state.consents, step.consent_id, party)
    if found is None:
        raise forbidden(agreement, Rule.CONSENT, f"{party} gave no consent {step.consent_id}.")
    at = entry.at if step.at is None else step.at
    require(
        at >= entry.at,
        agreement,
        Rule.CONSENT,
        "Consent is not withdrawn in the past: what was done under it was done with consent.",
    )
    require(
        found.withdrawn_at is None or at < found.withdrawn_at,
        agreement,
        Rule.ONCE,
        f"The consent {step.consent_id} is withdrawn from that time already.",
    )
    require(
        found.when.end is None or at < found.when.end,
        agreement,
        Rule.CONSENT,
        f"The consent {step.consent_id} has ended by then; there is nothing left to withdraw.",
    )
    cut = replace(found, withdrawn_at=at)
    return replace(state, consents={**state.consents, step.consent_id: cut})


def _acknowledge(state: Submissions, entry: Entry, step: Acknowledge, agreement: Agreement) -> Submissions:
    require_capacity(entry, agreement, Capacity.SECRETARY, Capacity.DUTY_OFFICER)
    require(
        not entry.who.on_behalf_of,
        agreement,
        Rule.ON_BEHALF,
        "The mission acknowledges in its own name; the step says for whose file.",
    )
    # In whose file it lies decides who reads it (procedure.sight): it must be the right one.
    require(
        state.party_of(step.submission_id) == step.party,
        agreement,
        Rule.KNOWN_MATTER,
        f"{step.party} made no submission {step.submission_id}.",
    )
    require(
        step.submission_id not in state.acknowledged,
        agreement,
        Rule.ONCE,
        f"The submission {step.submission_id} is acknowledged already.",
    )
    made = Acknowledgement(step.submission_id, step.party, entry.at, entry.leaf_index)
    return replace(state, acknowledged={**state.acknowledged, step.submission_id: made})


def _party(entry: Entry, agreement: Agreement) -> str:
    """Return the party that submits something.

    Raises:
        RuleViolation: Somebody else than its liaison acts, or for no party of the agreement.
    """
    require_capacity(entry, agreement, Capacity.LIAISON)
    party = entry.who.on_behalf_of
    require(
        party in agreement.party_ids(),
        agreement,
        Rule.SUBMISSION,
        f"{party or 'Nobody'} is no party of this agreement; submissions are made in a party's own name.",
    )
    return party


def _require_new(state: Submissions, submission_id: str, agreement: Agreement) -> None:
    require(
        state.party_of(submission_id) is None,
        agreement,
        Rule.ONCE,
        f"The id {submission_id} is taken in this mission; choose another.",
    )


def _require_bound(clauses: tuple[ClauseRef, ...], party: str, agreement: Agreement) -> None:
    """Refuse what names a clause that there is not, or that does not bind a party."""
    for one in clauses:
        clause = agreement.clause(one.version, one.clause)
        if clause is None:
            raise forbidden(
                agreement, Rule.KNOWN_MATTER, f"The version {one.version} has no clause {one.clause}."
            )
        require(
            party in clause.binds,
            agreement,
            Rule.SUBMISSION,
            f"The clause {one.clause} of {one.version} does not bind {party}.",
        )


def _happened(since: datetime, until: datetime | None, entry: Entry, agreement: Agreement) -> Interval:
    """Return when an event was that somebody tells of; a moment where no end is told."""
    last = since if until is None else until
    require(since <= last, agreement, Rule.SUBMISSION, "The event ends before it begins.")
    require(since <= entry.at, agreement, Rule.SUBMISSION, "The event lies in the future.")
    return Interval(since, last)


def _exception(clause: Clause | None, exception_id: str) -> ClauseException | None:
    excepted = () if clause is None else clause.exceptions
    return next((one for one in excepted if one.id == exception_id), None)


def _is_area(zone_id: str, interval: Interval, agreement: Agreement) -> bool:
    """Tell whether the pack has a zone with an inside that is in force at some time in an interval."""
    return any(
        zone.zone_id == zone_id
        and zone.geometry.geom_type in ("Polygon", "MultiPolygon")
        and zone.valid.overlaps(interval)
        for zone in agreement.zones
    )


def _own(made: Mapping[str, Made], submission_id: str, party: str) -> Made | None:
    """Return what a party submitted under an id; None: nothing, whatever another did."""
    found = made.get(submission_id)
    return found if found is not None and found.party == party else None
