# SPDX-License-Identifier: Apache-2.0
"""The steps of a case, from its referral to its closing.

That there is a case, its clauses, its clocks and what was found is public.  What is
alleged and answered is for the parties; how members deliberate and vote is for the
commission; what a party adds in confidence is for the commission, and for nobody whom
another party appointed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from truceline.agreement import Term
from truceline.agreement.terms import Id, Moment, Words
from truceline.commission.finding import Ruling
from truceline.procedure import Step, within
from truceline.vocabulary import Tier

PARTIES, COMMISSION = within(Tier.PARTIES), within(Tier.COMMISSION)

LeafIndex = Annotated[int, Field(ge=0, lt=2**53)]
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


@dataclass(frozen=True, slots=True)
class ClauseRef:
    """A clause of the agreement: the version's id and the clause's own."""

    version: Id
    clause: Id


@dataclass(frozen=True, slots=True)
class Evidence:
    """Records as they stood in the log at one size of it: nobody can change them afterwards unseen.

    Attributes:
        tree_size: How many records the log had.
        root: The root over them, in hexadecimal.
        records: The leaf indexes of the records that are evidence.
        results_sha256: The digest of the run whose incidents were referred; empty: none was.
    """

    tree_size: LeafIndex
    root: Hash
    records: Annotated[tuple[LeafIndex, ...], Field(max_length=10_000)]
    results_sha256: Hash | None = None


class Ballot(StrEnum):
    """How a member votes."""

    FOR = "for"
    AGAINST = "against"
    ABSTAIN = "abstain"


class Disposal(StrEnum):
    """What becomes of a finding on appeal."""

    UPHOLD = "uphold"
    SET_ASIDE = "set_aside"


class ComplianceResult(StrEnum):
    """What a check of a remedy came to."""

    COMPLIED = "complied"
    PARTLY = "partly"
    NOT_COMPLIED = "not_complied"
    UNABLE_TO_CHECK = "unable_to_check"


@dataclass(frozen=True, slots=True)
class RemedyOrder:
    """A remedy as the commission orders it.

    Attributes:
        order_id: Its own id within the case, e.g. ``order-1``.
        remedy: The remedy's id in the pack's catalogue.
        owner: The party or actor who must carry it out.
        term: By when, from the adoption; None: as the catalogue says, or no deadline.
    """

    order_id: Id
    remedy: Id
    owner: Id
    term: Term | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """How a vote went: ballots cast, and how many members could have cast one."""

    votes_for: int
    votes_against: int
    abstained: int
    entitled: int


@dataclass(frozen=True, slots=True)
class Refer(Step):
    """Bring a matter before the commission; its evidence is frozen as the log stands.

    Attributes:
        case_id: The next number: case-1, case-2 and so on.
        clauses: The clauses that are said to be breached.
        incidents: The ids of the incidents concerned.
        evidence: The records behind them, frozen by leaf index and root.
        statement: What is alleged, and why it is referred.
        confidential: What only the commission may read.
    """

    kind: ClassVar[str] = "docket"
    name: ClassVar[str] = "refer"
    case_id: Id
    clauses: Annotated[tuple[ClauseRef, ...], Field(min_length=1, max_length=100)]
    incidents: Annotated[tuple[Id, ...], Field(max_length=1_000)]
    evidence: Evidence
    statement: Words = field(metadata=PARTIES, kw_only=True)
    confidential: str = field(default="", metadata=within(Tier.SEALED), kw_only=True)


@dataclass(frozen=True, slots=True)
class AddEvidence(Step):
    """Add records to a case's evidence, frozen as the log now stands.

    Attributes:
        case_id: The case.
        evidence: The records, frozen by leaf index and root.
        note: What they show.
    """

    kind: ClassVar[str] = "docket"
    name: ClassVar[str] = "add-evidence"
    case_id: Id
    evidence: Evidence
    note: str = field(default="", metadata=PARTIES, kw_only=True)


@dataclass(frozen=True, slots=True)
class GiveNotice(Step):
    """Tell a party what is alleged; its time to respond begins.

    Attributes:
        case_id: The case.
        party: The party that is told.
        allegation: What is alleged against it.
    """

    kind: ClassVar[str] = "docket"
    name: ClassVar[str] = "give-notice"
    case_id: Id
    party: Id
    allegation: Words = field(metadata=PARTIES, kw_only=True)


@dataclass(frozen=True, slots=True)
class Respond(Step):
    """Answer what is alleged, as the party that was told.

    Attributes:
        case_id: The case.
        statement: The party's answer; the other side reads it.
        confidential: What only the commission may read.
    """

    kind: ClassVar[str] = "docket"
    name: ClassVar[str] = "respond"
    case_id: Id
    statement: Words = field(metadata=PARTIES, kw_only=True)
    confidential: str = field(default="", metadata=within(Tier.SEALED), kw_only=True)


@dataclass(frozen=True, slots=True)
class Rebut(Step):
    """Answer another party's response.

    Attributes:
        case_id: The case.
        response_of: The party whose response is answered.
        statement: The answer; the other side reads it.
        confidential: What only the commission may read.
    """

    kind: ClassVar[str] = "docket"
    name: ClassVar[str] = "rebut"
    case_id: Id
    response_of: Id
    statement: Words = field(metadata=PARTIES, kw_only=True)
    confidential: str = field(default="", metadata=within(Tier.SEALED), kw_only=True)


@dataclass(frozen=True, slots=True)
class RecordSilence(Step):
    """Record that a party did not answer in time; this is never assent.

    Attributes:
        case_id: The case.
        clock: The clock that lapsed, e.g. response:UA.
    """

    kind: ClassVar[str] = "docket"
    name: ClassVar[str] = "record-silence"
    case_id: Id
    clock: Words


@dataclass(frozen=True, slots=True)
class NoteHearing(Step):
    """Note that a hearing was held.

    Attributes:
        case_id: The case.
        held_at: When.
        present: Who was there, in words.
        notes: What was said.
    """

    kind: ClassVar[str] = "docket"
    name: ClassVar[str] = "note-hearing"
    case_id: Id
    held_at: Moment
    present: Words = field(metadata=COMMISSION, kw_only=True)
    notes: Words = field(metadata=COMMISSION, kw_only=True)


@dataclass(frozen=True, slots=True)
class Recuse(Step):
    """Step aside from a case, as a member.

    Attributes:
        case_id: The case.
        ground: Why.
    """

    kind: ClassVar[str] = "docket"
    name: ClassVar[str] = "recuse"
    case_id: Id
    ground: Words = field(metadata=COMMISSION, kw_only=True)


@dataclass(frozen=True, slots=True)
class Propose(Step):
    """Propose a finding; the vote on it is open from then on.

    Attributes:
        case_id: The case.
        proposal_id: The next number in the case: proposal-1, proposal-2 and so on.
        rulings: What is found of each clause of the case.
        characterisations: What the breach is called beyond its clause, by the pack's ids.
        orders: The remedies.
        reasons: Why.
    """

    kind: ClassVar[str] = "docket"
    name: ClassVar[str] = "propose"
    tier: ClassVar[Tier] = Tier.COMMISSION
    case_id: Id
    proposal_id: Id
    rulings: Annotated[tuple[Ruling, ...], Field(max_length=100)]
    reasons: Words
    characterisations: tuple[Id, ...] = ()
    orders: Annotated[tuple[RemedyOrder, ...], Field(max_length=100)] = ()


@dataclass(frozen=True, slots=True)
class ProposeOnAppeal(Step):
    """Propose what becomes of a finding under appeal; the vote on it is open from then on.

    Attributes:
        case_id: The case.
        proposal_id: The next number in the case.
        finding_id: The finding.
        disposal: Whether it is upheld or set aside.
        reasons: Why.
    """

    kind: ClassVar[str] = "docket"
    name: ClassVar[str] = "propose-on-appeal"
    tier: ClassVar[Tier] = Tier.COMMISSION
    case_id: Id
    proposal_id: Id
    finding_id: Id
    disposal: Disposal
    reasons: Words


@dataclass(frozen=True, slots=True)
class Vote(Step):
    """Vote on an open proposal, as a member.

    Attributes:
        case_id: The case.
        proposal_id: The proposal.
        ballot: For, against, or abstain.
    """

    kind: ClassVar[str] = "docket"
    name: ClassVar[str] = "vote"
    tier: ClassVar[Tier] = Tier.COMMISSION
    case_id: Id
    proposal_id: Id
    ballot: Ballot


@dataclass(frozen=True, slots=True)
class DeclareResult(Step):
    """Declare how a vote came out; what was adopted is stated as it was proposed.

    Attributes:
        case_id: The case.
        proposal_id: The proposal.
        adopted: Whether it reached quorum and majority.
        tally: The ballots.
        finding_id: For an adopted finding its number: finding-1, finding-2 and so on; else empty.
        rulings: Of an adopted finding.
        characterisations: Of an adopted finding.
        orders: Of an adopted finding.
        reasons: Of what was adopted.
    """

    kind: ClassVar[str] = "docket"
    name: ClassVar[str] = "declare-result"
    case_id: Id
    proposal_id: Id
    adopted: bool
    tally: Tally
    finding_id: str = ""
    rulings: tuple[Ruling, ...] = ()
    characterisations: tuple[Id, ...] = ()
    orders: tuple[RemedyOrder, ...] = ()
    reasons: str = field(default="", metadata=PARTIES, kw_only=True)


@dataclass(frozen=True, slots=True)
class Dissent(Step):
    """Give a dissenting opinion on a finding, as a member who did not vote for it.

    Attributes:
        case_id: The case.
        finding_id: The finding.
        opinion: Why.
    """

    kind: ClassVar[str] = "docket"
    name: ClassVar[str] = "dissent"
    case_id: Id
    finding_id: Id
    opinion: Words = field(metadata=PARTIES, kw_only=True)


@dataclass(frozen=True, slots=True)
class ReportCompliance(Step):
    """Tell what was done to carry a remedy out, as its owner.

    Attributes:
        case_id: The case.
        order_id: The order.
        statement: What was done.
        confidential: What only the commission may read.
    """

    kind: ClassVar[str] = "docket"
    name: ClassVar[str] = "report-compliance"
    case_id: Id
    order_id: Id
    statement: Words = field(metadata=PARTIES, kw_only=True)
    confidential: str = field(default="", metadata=within(Tier.SEALED), kw_only=True)


@dataclass(frozen=True, slots=True)
class CheckCompliance(Step):
    """Record whether a remedy was carried out; the last check counts, all stay.

    Attributes:
        case_id: The case.
        order_id: The order.
        result: What the check came to.
        basis: What it rests on.
    """

    kind: ClassVar[str] = "docket"
    name: ClassVar[str] = "check-compliance"
    case_id: Id
    order_id: Id
    result: ComplianceResult
    basis: Words = field(metadata=PARTIES, kw_only=True)


@dataclass(frozen=True, slots=True)
class Appeal(Step):
    """Appeal against a finding, as a party to the case.

    Attributes:
        case_id: The case.
        finding_id: The finding.
        grounds: Why.
        confidential: What only the commission may read.
    """

    kind: ClassVar[str] = "docket"
    name: ClassVar[str] = "appeal"
    case_id: Id
    finding_id: Id
    grounds: Words = field(metadata=PARTIES, kw_only=True)
    confidential: str = field(default="", metadata=within(Tier.SEALED), kw_only=True)


@dataclass(frozen=True, slots=True)
class PauseClock(Step):
    """Stop a clock of a case for a while.

    Attributes:
        case_id: The case.
        clock: The clock.
        ground: Why.
    """

    kind: ClassVar[str] = "docket"
    name: ClassVar[str] = "pause-clock"
    case_id: Id
    clock: Words
    ground: Words


@dataclass(frozen=True, slots=True)
class ResumeClock(Step):
    """Let a paused clock run again.

    Attributes:
        case_id: The case.
        clock: The clock.
    """

    kind: ClassVar[str] = "docket"
    name: ClassVar[str] = "resume-clock"
    case_id: Id
    clock: Words


@dataclass(frozen=True, slots=True)
class ExtendClock(Step):
    """Give more time on a clock.

    Attributes:
        case_id: The case.
        clock: The clock.
        term: How much more.
        ground: Why.
    """

    kind: ClassVar[str] = "docket"
    name: ClassVar[str] = "extend-clock"
    case_id: Id
    clock: Words
    term: Term
    ground: Words


@dataclass(frozen=True, slots=True)
class CloseCase(Step):
    """Close a case in which nothing is open; without a finding, say why there is none.

    Attributes:
        case_id: The case.
        ground: Why.
    """

    kind: ClassVar[str] = "docket"
    name: ClassVar[str] = "close-case"
    case_id: Id
    ground: Words


STEPS: tuple[type[Step], ...] = (
    Refer, AddEvidence, GiveNotice, Respond, Rebut, RecordSilence, NoteHearing, Recuse, Propose,
    ProposeOnAppeal, Vote, DeclareResult, Dissent, ReportCompliance, CheckCompliance, Appeal, PauseClock,
    ResumeClock, ExtendClock, CloseCase,
)  # fmt: skip
