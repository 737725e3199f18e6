# SPDX-License-Identifier: Apache-2.0
"""The rules of procedure: each has a name, so that a refusal can say which one forbids a step.

A pack cites where its own agreement states a rule (``rules`` in ``agreement.yaml``).
Where it cites nothing, the rule is the program's own, as written here and explained in
``docs/procedure.md``.
"""

from __future__ import annotations

from enum import StrEnum


class Rule(StrEnum):
    """A rule of procedure, by name."""

    # Who acts, and when.
    CAPACITY = "capacity"
    ON_BEHALF = "on_behalf"
    OWN_SIGNATURE = "own_signature"
    ORDER_IN_TIME = "order_in_time"
    KNOWN_MATTER = "known_matter"
    ONCE = "once"
    # Composition.
    SEATS = "seats"
    OFFICES = "offices"
    # Cases.
    REFERRAL = "referral"
    EVIDENCE = "evidence"
    NOTICE = "notice"
    RESPONSE = "response"
    REBUTTAL = "rebuttal"
    SILENCE = "silence"
    HEARING = "hearing"
    RECUSAL = "recusal"
    PROPOSAL = "proposal"
    STANDARD_OF_PROOF = "standard_of_proof"
    ATTRIBUTION = "attribution"
    VOTE = "vote"
    EXCLUSION = "exclusion"
    QUORUM = "quorum"
    MAJORITY = "majority"
    DISSENT = "dissent"
    REMEDY = "remedy"
    COMPLIANCE = "compliance"
    APPEAL = "appeal"
    CLOSING = "closing"
    CLOCKS = "clocks"
    # Parties.
    SUBMISSION = "submission"
    NOTIFICATION = "notification"
    CONSENT = "consent"
    # Review.
    INQUIRY = "inquiry"
    SEEN = "seen"
    OWN_REPORT = "own_report"
    LINK = "link"
    CORRECTION = "correction"
    # State of the agreement, and arrangements under it.
    STATE = "state"
    ARRANGEMENT = "arrangement"
    # Guarantees.
    LEGAL_STATUS = "legal_status"
    GATE = "gate"
    TRIGGER = "trigger"
    SIGN_OFF = "sign_off"
    OBLIGATION = "obligation"
    # Coalition, force and hubs.
    MEMBERSHIP = "membership"
    DEPLOYMENT = "deployment"
    HUB = "hub"
    # Support.
    BALANCE = "balance"
    DELIVERY = "delivery"
    # Suspension and evacuation.
    SUSPENSION = "suspension"
    TWO_PEOPLE = "two_people"


DEFAULT_TEXTS: dict[Rule, str] = {
    Rule.CAPACITY: "a step is taken by those whose task it is",
    Rule.ON_BEHALF: "nobody acts for a party, a state or an office that is not their own",
    Rule.OWN_SIGNATURE: "some steps count only under the key of the person who takes them",
    Rule.ORDER_IN_TIME: "a step is never dated before the one that was recorded last",
    Rule.KNOWN_MATTER: "a step names something that is recorded, or that the agreement states",
    Rule.ONCE: "what is done is not done again",
    Rule.SEATS: "a seat is filled by whom the agreement names, for a term, and by nobody twice",
    Rule.OFFICES: "an office is held by one person at a time, named by the actor whose office it is",
    Rule.REFERRAL: "a matter comes before the commission by a referral that names incidents and clauses",
    Rule.EVIDENCE: "evidence is frozen by its place in the log and the log's root",
    Rule.NOTICE: "a party is told what is alleged before anything is decided",
    Rule.RESPONSE: "a party that was told may respond, once, before a proposal is made",
    Rule.REBUTTAL: "a party may answer the other's response, once, before a proposal is made",
    Rule.SILENCE: "silence is recorded after the deadline, and is never assent",
    Rule.HEARING: "hearings are held and noted before a proposal is made",
    Rule.RECUSAL: "a member who steps aside from a case takes no part in deciding it",
    Rule.PROPOSAL: "a finding is proposed once every party that was told has answered or kept silent",
    Rule.STANDARD_OF_PROOF: "a breach is found by a standard of proof that the agreement names",
    Rule.ATTRIBUTION: "a breach is attributed to a party that the clause binds, or found not attributable",
    Rule.VOTE: "a member votes once on a proposal, while its vote is open",
    Rule.EXCLUSION: "a member does not vote on what the agreement excludes",
    Rule.QUORUM: "a vote counts if enough members cast one",
    Rule.MAJORITY: "a proposal is adopted by the majority that the agreement names",
    Rule.DISSENT: "a member who did not vote for a finding may dissent, in time",
    Rule.REMEDY: "a remedy comes from the agreement's catalogue, with an owner and a deadline",
    Rule.COMPLIANCE: "compliance with a remedy is checked by somebody other than its owner",
    Rule.APPEAL: "a party to the case may appeal against a finding, once and in time",
    Rule.CLOSING: "a case is closed once nothing in it is open",
    Rule.CLOCKS: "a running clock is paused, resumed or extended by decision only",
    Rule.SUBMISSION: "a party speaks for itself alone",
    Rule.NOTIFICATION: "an exception is notified before it begins, where its clause asks for notice",
    Rule.CONSENT: "only the party that consented can withdraw its consent",
    Rule.INQUIRY: "an incident is verified, or not, at the end of an inquiry that is open",
    Rule.SEEN: "nobody decides on a picture that somebody else has changed meanwhile",
    Rule.OWN_REPORT: "nobody verifies, or not, what rests on their own report",
    Rule.LINK: "rulings on which reports tell of one event never contradict each other",
    Rule.CORRECTION: "a correction never edits: another report takes the place of the first",
    Rule.STATE: "proposed, signed, in force; suspended, in force again; ended: in this order and no other",
    Rule.ARRANGEMENT: "a local arrangement holds once every side of it has agreed",
    Rule.LEGAL_STATUS: "a commitment's legal status goes forward, by its guarantor's own statement",
    Rule.GATE: "a gate is opened and shut by the office that the agreement names",
    Rule.TRIGGER: "a commitment is triggered by an adopted finding of the kind that it names",
    Rule.SIGN_OFF: "no obligation opens without the sign-off of the office that the agreement names",
    Rule.OBLIGATION: "steps are recorded against an open obligation, by its guarantor",
    Rule.MEMBERSHIP: "a role begins before it ends, and nobody holds it twice at a time",
    Rule.DEPLOYMENT: "nothing is deployed while a gate is shut",
    Rule.HUB: "a hub goes from planned to agreed to building to operational",
    Rule.BALANCE: "pledged equals allocated and to be allocated, movement by movement",
    Rule.DELIVERY: "what was delivered is a claim of its own and moves no account",
    Rule.SUSPENSION: "a suspended mission records its hand-over and its staff, and nothing else",
    Rule.TWO_PEOPLE: "what cannot be undone takes two people",
}
"""What each rule says where the agreement itself does not state it."""
