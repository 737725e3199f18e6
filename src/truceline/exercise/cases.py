# SPDX-License-Identifier: Apache-2.0
"""The commission's cases in an exercise: one for every stage that a case can be left at.

Each plan has an age, in days before the exercise ends, and says hour by hour what is done.
Where the agreement does not say how its commission decides, the plans end at the hearing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from truceline.agreement import Agreement, Term
from truceline.commission.bench import Sitting
from truceline.commission.composition import AppointMember
from truceline.commission.deciding import result_of
from truceline.commission.docket import next_case_id
from truceline.commission.finding import Attribution, Outcome, Ruling
from truceline.commission.steps import (
    Appeal,
    Ballot,
    CheckCompliance,
    ClauseRef,
    CloseCase,
    ComplianceResult,
    DeclareResult,
    Disposal,
    Dissent,
    GiveNotice,
    NoteHearing,
    Propose,
    ProposeOnAppeal,
    Rebut,
    RecordSilence,
    Refer,
    RemedyOrder,
    ReportCompliance,
    Respond,
    Vote,
)
from truceline.exercise.cast import (
    DUTY,
    SECRETARY,
    Cue,
    Member,
    Scene,
    cue,
    envoy,
    liaison,
    members_of,
    others,
)
from truceline.exercise.staging import MARK
from truceline.procedure import Capacity, Entry, Step, Who

BREACH: Final = "breach"
NOT_ATTRIBUTABLE: Final = "not attributable"
NO_BREACH: Final = "no breach"


@dataclass(frozen=True, slots=True)
class Plan:
    """How far one case is to come, when it begins, and what is done in it.

    Attributes:
        stage: The stage at which it stands in the end, in words.
        age_days: How long before the end it is referred, days.
        decides: Whether the commission decides in it.
        play: Yields its cues.
        staged: Of what it is about, where that is staged; empty: of anything.
    """

    stage: str
    age_days: float
    decides: bool
    play: Callable[[Docketed], Iterator[Cue]]
    staged: str = ""


@dataclass(frozen=True, slots=True)
class Docketed:
    """One case as it is played.

    Attributes:
        agreement: The agreement.
        matter: The case, in words.
        began: When it is referred.
        accused: The party that it is brought against.
        staged: Of what it is about; empty: of anything.
        members: Who sits in the commission.
        parties: The agreement's parties.
    """

    agreement: Agreement
    matter: str
    began: datetime
    accused: str
    staged: str
    members: tuple[Member, ...] = ()
    parties: tuple[str, ...] = field(default=())

    def at(self, hours: float) -> datetime:
        """Return a moment so many hours after the referral."""
        return self.began + timedelta(hours=hours)

    def by(self, hours: float, who: Who, step: Callable[[Scene, str], Step | None]) -> Cue:
        """Return a cue whose step needs the case's number."""

        def made(scene: Scene) -> Step | None:
            case_id = scene.known.get(self.matter)
            return None if case_id is None else step(scene, case_id)

        return Cue(self.at(hours), self.matter, who, made)

    def referred(self) -> Iterator[Cue]:
        """Yield its referral, by the other side's liaison if the agreement lets parties refer."""
        allowed = self.agreement.commission.procedure.referral_by
        rivals = others(self.parties, self.accused)
        partial = bool(rivals) and Capacity.LIAISON.value in allowed
        who = liaison(rivals[0]) if partial else DUTY

        def refer(scene: Scene) -> Step | None:
            found = scene.matter(self.accused, self.staged)
            if found is None:
                return None
            scene.known[self.matter] = next_case_id(scene.state.docket)
            scene.known[f"{self.matter}:version"] = found.clause.version
            scene.known[f"{self.matter}:clause"] = found.clause.clause
            scene.known[f"{self.matter}:breach"] = found.event.at.isoformat()
            return Refer(
                scene.known[self.matter], (found.clause,), (found.incident,), scene.freeze(found.incident),
                statement=f"{MARK}. {_words(found.event.kind.value)} on {found.event.at:%d %B}, as reported.",
                confidential=f"{MARK}. A witness made up for training.",
            )  # fmt: skip

        yield Cue(self.began, self.matter, who, refer)

    def noticed(self, hours: float) -> Iterator[Cue]:
        """Yield the notice to the accused."""
        said = f"{MARK}. What is alleged is in the referral."
        yield self.by(
            hours, SECRETARY, lambda _scene, case: GiveNotice(case, self.accused, allegation=said)
        )  # fmt: skip

    def answered(self, hours: float) -> Iterator[Cue]:
        """Yield the response of the accused."""
        said, more = f"{MARK}. Nothing of the kind was done by us.", f"{MARK}. Our own inquiry is attached."
        yield self.by(
            hours,
            liaison(self.accused),
            lambda _scene, case: Respond(case, statement=said, confidential=more),
        )

    def rebutted(self, hours: float) -> Iterator[Cue]:
        """Yield the rebuttals: by each who may answer the response."""
        said = f"{MARK}. The response does not speak of the hour in question."
        for party in others(self.parties, self.accused):

            def rebut(scene: Scene, case: str, party: str = party) -> Step | None:
                name = f"rebuttal:{party}:{self.accused}"
                open_to = name in scene.state.docket.cases[case].unanswered
                return Rebut(case, self.accused, statement=said) if open_to else None

            yield self.by(hours, liaison(party), rebut)

    def silent(self, hours: float) -> Iterator[Cue]:
        """Yield the record of the accused's silence."""
        yield self.by(
            hours, SECRETARY, lambda _scene, case: RecordSilence(case, f"response:{self.accused}")
        )  # fmt: skip

    def heard(self, hours: float) -> Iterator[Cue]:
        """Yield the note of a hearing that ended the hour before."""
        held = self.at(hours - 1.0)
        yield self.by(
            hours,
            SECRETARY,
            lambda _scene, case: NoteHearing(
                case, held, present=f"{MARK}. Both sides.", notes=f"{MARK}. Each side repeated its account."
            ),
        )

    def proposed(
        self, hours: float, outcome: str, remedy: int | None = None, characterised: str = ""
    ) -> Iterator[Cue]:
        """Yield a proposal by the chair, or by the first who votes.

        Args:
            hours: When.
            outcome: Breach, not attributable, or no breach.
            remedy: Which remedy of the pack's list is ordered; None: none.
            characterised: What the breach is called beyond its clause; empty: nothing.
        """
        chair = self._chair()
        if chair is None:
            return
        catalogue = self.agreement.remedies
        standards = self.agreement.commission.standards
        orders: tuple[RemedyOrder, ...] = ()
        if remedy is not None and catalogue:
            chosen = catalogue[remedy % len(catalogue)]
            orders = (RemedyOrder("order-1", chosen.id, self.accused, Term(hours=72)),)

        def propose(scene: Scene, case: str) -> Step | None:
            clause = ClauseRef(scene.known[f"{self.matter}:version"], scene.known[f"{self.matter}:clause"])
            ruling = _ruling(clause, outcome, self.accused, standards[-1].id)
            number = f"proposal-{len(scene.state.docket.cases[case].proposals) + 1}"
            called = (characterised,) if characterised else ()
            return Propose(case, number, (ruling,), f"{MARK}. Reasons made up for training.", called, orders)

        yield self.by(hours, chair.who, propose)

    def voted(self, hours: float, *, against: int = 0, cast: int | None = None) -> Iterator[Cue]:
        """Yield the votes, half an hour apart.

        Args:
            hours: When the first is cast.
            against: How many of those whom no party appointed are not for it.
            cast: How many vote at all; None: everybody who may.
        """
        consensus = self.agreement.commission.majority == "consensus"
        no = Ballot.ABSTAIN if consensus else Ballot.AGAINST
        doubters = {one.person for one in self._neutral()[-against:]} if against else set()
        for number, member in enumerate(self.members[:cast]):

            def vote(scene: Scene, case: str, member: Member = member) -> Step | None:
                proposal = scene.state.docket.cases[case].open_proposal
                if proposal is None or not scene.may_vote(case, member.person):
                    return None
                ballot = no if member.person in doubters else Ballot.FOR
                return Vote(case, proposal.proposal_id, ballot)

            yield self.by(hours + number / 2, member.who, vote)

    def declared(self, hours: float) -> Iterator[Cue]:
        """Yield the declaration of the result, as the ballots give it."""

        def declare(scene: Scene, case_id: str) -> Step | None:
            docket = scene.state.docket
            case = docket.cases[case_id]
            if case.open_proposal is None:
                return None
            placeholder = Entry(2**40, scene.now, SECRETARY, RecordSilence(case_id, "response"))
            at = Sitting(placeholder, scene.agreement, scene.state.composition)
            result: DeclareResult = result_of(docket, case, case.open_proposal, at)
            if result.finding_id:
                scene.known[f"{self.matter}:finding"] = result.finding_id
            return result

        yield self.by(hours, SECRETARY, declare)

    def dissented(self, hours: float) -> Iterator[Cue]:
        """Yield the dissent of the member who did not vote for it."""
        neutral = self._neutral()
        if neutral:
            said = f"{MARK}. One kind of source alone is not enough."
            yield self.by(
                hours, neutral[-1].who, self._on_finding(lambda case, one: Dissent(case, one, opinion=said))
            )

    def reported(self, hours: float) -> Iterator[Cue]:
        """Yield the accused's own report on the remedy."""
        said = f"{MARK}. The account was handed over."
        yield self.by(
            hours,
            liaison(self.accused),
            lambda _scene, case: ReportCompliance(case, "order-1", statement=said),
        )

    def checked(self, hours: float, result: ComplianceResult) -> Iterator[Cue]:
        """Yield the mission's check of the remedy."""
        said = f"{MARK}. Checked by the duty officer."
        yield self.by(
            hours, DUTY, lambda _scene, case: CheckCompliance(case, "order-1", result, basis=said)
        )  # fmt: skip

    def appealed(self, hours: float) -> Iterator[Cue]:
        """Yield the accused's appeal, where the agreement knows one."""
        if self.agreement.commission.procedure.appeal is not None:
            said = f"{MARK}. A report that was not heard."
            made = self._on_finding(lambda case, one: Appeal(case, one, grounds=said))
            yield self.by(hours, liaison(self.accused), made)

    def disposed(self, hours: float, disposal: Disposal) -> Iterator[Cue]:
        """Yield the decision on the appeal: proposal, votes, result."""
        chair = self._chair()
        if chair is None or self.agreement.commission.procedure.appeal is None:
            return

        def propose(scene: Scene, case: str) -> Step | None:
            number = f"proposal-{len(scene.state.docket.cases[case].proposals) + 1}"
            finding = scene.known.get(f"{self.matter}:finding")
            reasons = f"{MARK}. The report that came late changes the picture."
            return None if finding is None else ProposeOnAppeal(case, number, finding, disposal, reasons)

        yield self.by(hours, chair.who, propose)
        yield from self.voted(hours + 1)
        yield from self.declared(hours + 12)

    def closed(self, hours: float) -> Iterator[Cue]:
        """Yield the closing of the case."""
        said = f"{MARK}. Decided; the remedy was carried out, and the time for an appeal has run out."
        yield self.by(hours, SECRETARY, lambda _scene, case: CloseCase(case, said))

    def _on_finding(self, step: Callable[[str, str], Step]) -> Callable[[Scene, str], Step | None]:
        def made(scene: Scene, case: str) -> Step | None:
            finding = scene.known.get(f"{self.matter}:finding")
            return None if finding is None else step(case, finding)

        return made

    def _neutral(self) -> list[Member]:
        """Return the voting members whom no party appointed."""
        return [
            one for one in self.members if one.votes and self.agreement.party_of(one.appointed_by) is None
        ]

    def _chair(self) -> Member | None:
        chairs = [seat.id for seat in self.agreement.commission.seats if seat.chair]
        found = [one for one in self.members if one.seat in chairs] or self._neutral() or [*self.members]
        return found[0] if found else None


def appointments(agreement: Agreement, at: datetime) -> Iterator[Cue]:
    """Yield the appointment of every member, by whom the pack names."""
    for member in members_of(agreement):
        who = envoy(agreement, member.appointed_by)
        yield cue(at, f"the seat {member.seat}", who, AppointMember(member.seat, at, member=member.person))


def decides(agreement: Agreement) -> str:
    """Return why the commission can decide nothing, in words; empty: it can."""
    commission = agreement.commission
    lacking = [
        word
        for word, there in (
            ("who sits in it", commission.seats),
            ("a majority", commission.majority),
            ("a standard of proof", commission.standards),
        )
        if not there
    ]
    return f"the agreement does not state {', '.join(lacking)}" if lacking else ""


def _ruling(clause: ClauseRef, outcome: str, accused: str, standard: str) -> Ruling:
    match outcome:
        case "breach":
            found, attribution, party = Outcome.BREACH, Attribution.TO_PARTY, accused
        case "not attributable":
            found, attribution, party = Outcome.BREACH, Attribution.NOT_ATTRIBUTABLE, ""
        case _:
            found, attribution, party = Outcome.NO_BREACH, Attribution.NONE, ""
    return Ruling(clause.version, clause.clause, found, attribution, party, standard)


def _words(kind: str) -> str:
    return kind.replace("_", " ").capitalize()
