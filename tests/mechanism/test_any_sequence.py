# SPDX-License-Identifier: Apache-2.0
"""Any sequence of any step by anybody: no illegal state, no lost clock, no vote counted twice.

The machine takes steps that make sense next, so that it comes far, and any step at all
with ids that may or may not fit, so that it tries what nobody should.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from hypothesis import event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tests.commission.cases import CHAIR, FIRE, FROZEN, NO_BREACH, NOT_ATTRIBUTABLE, ORDER, commission, ruling
from tests.mechanism.drawing import steps
from tests.procedure.made import (
    DUTY,
    HEAD,
    LIAISON_A,
    LIAISON_B,
    SECRETARY,
    Course,
    X,
    Y,
    Z,
    member,
)

from truceline.commission import Case
from truceline.commission.bench import Sitting
from truceline.commission.composition import AppointOffice
from truceline.commission.deciding import carried, quorate, result_of
from truceline.commission.steps import (
    Appeal,
    Ballot,
    CheckCompliance,
    ComplianceResult,
    Disposal,
    GiveNotice,
    Propose,
    ProposeOnAppeal,
    Rebut,
    RecordSilence,
    Refer,
    Respond,
    Vote,
)
from truceline.errors import RuleViolation
from truceline.evidence import canonical
from truceline.guarantees.gates import OpenGate
from truceline.guarantees.sign_off import SignOff
from truceline.mechanism import STEPS, replay
from truceline.procedure import Capacity, Clock, Entry, Step, Who, decode, encode

MINISTER_X = Who("minister-x", Capacity.GUARANTOR, "X")
EVERYBODY = [
    HEAD, DUTY, SECRETARY, LIAISON_A, LIAISON_B, X, Y, Z,
    *(member(name) for name in ("chair", "of-a", "of-b", "one", "two", "observer", "stranger")),
    MINISTER_X, Who("minister-y", Capacity.GUARANTOR, "Y"),
    Who("host", Capacity.LIAISON, "B-government"), Who("auditor", Capacity.AUDITOR),
    Who("administrator", Capacity.ADMINISTRATOR), Who("", Capacity.PUBLIC), Who("monitor", Capacity.MONITOR),
    Who("verifier", Capacity.VERIFIER), Who("impostor", Capacity.LIAISON, "X"),
    Who("impostor", Capacity.GUARANTOR, "A"), Who("impostor", Capacity.SECRETARY, "A"),
]  # fmt: skip


class AnySequence(RuleBasedStateMachine):
    """A mechanism under everything that anybody can do to it."""

    @initialize()
    def begin(self) -> None:
        self.course = commission()
        self.attempts: list[Entry] = list(self.course.state.entries)
        self.clocks: dict[tuple[str, str], Clock] = {}

    def attempt(self, who: Who, step: Step) -> None:
        """Try a step; a refusal leaves everything as it was, and names its rule."""
        before = self.course.state
        self.attempts.append(Entry(self.course.leaf_index, self.course.now, who, step))
        refusal: RuleViolation | None = None
        try:
            self.course.take(who, step)
        except RuleViolation as error:
            refusal = error
        if refusal is not None:
            self.course.leaf_index += 1
            assert self.course.state is before
            assert refusal.rule
            assert refusal.citation

    @rule(hours=st.one_of(st.integers(0, 100), st.integers(0, 1_000)))
    def time_goes_by(self, hours: int) -> None:
        self.course.wait(hours=hours)

    @rule(who=st.sampled_from(EVERYBODY), step=steps())
    def anybody_does_anything(self, who: Who, step: Step | None) -> None:
        if step is not None:
            self.attempt(who, step)

    @rule(data=st.data(), most=st.integers(1, 8), hours=st.integers(0, 200))
    def what_comes_next_is_done(self, data: st.DataObject, most: int, hours: int) -> None:
        for _ in range(most):
            who, step = data.draw(st.sampled_from(list(sensible(self.course))))
            self.attempt(who, step)
        self.course.wait(hours=hours)

    @invariant()
    def no_clock_is_lost_or_rewound(self) -> None:
        now: dict[tuple[str, str], Clock] = {}
        for case in self.course.state.docket.cases.values():
            now |= {(case.case_id, name): clock for name, clock in case.clocks.items()}
        for key, before in self.clocks.items():
            after = now[key]
            assert (after.zero, after.term, after.owner) == (before.zero, before.term, before.owner)
            assert len(after.pauses) >= len(before.pauses)
            assert after.extensions[: len(before.extensions)] == before.extensions
            if before.ended:
                assert after == before
        self.clocks = now

    @invariant()
    def no_vote_is_counted_twice(self) -> None:
        for case in self.course.state.docket.cases.values():
            for proposal in case.proposals.values():
                persons = [cast.person for cast in proposal.ballots]
                assert len(set(persons)) == len(persons)
                for seat in self.course.agreement.commission.seats:
                    assert sum(cast.seat == seat.id for cast in proposal.ballots) <= seat.count
                if "A" in case.notices:
                    assert "of-a" not in persons
                if proposal.result is not None:
                    tally = proposal.result.tally
                    assert tally.votes_for + tally.votes_against + tally.abstained == len(persons)

    @invariant()
    def every_finding_was_carried_and_heard(self) -> None:
        docket = self.course.state.docket
        for finding in docket.findings.values():
            case = docket.cases[finding.case_id]
            assert finding.finding_id in case.findings
            assert {ruling.party for ruling in finding.rulings if ruling.party} <= set(case.notices)
        for case in docket.cases.values():
            for proposal in case.proposals.values():
                if proposal.result is not None and proposal.result.adopted:
                    assert quorate(proposal.result.tally, self.course.agreement)
                    assert carried(proposal.result.tally, self.course.agreement)
            if case.proposals:
                assert not case.unanswered or case.decided is False
            if case.closed_at is not None:
                assert all(clock.ended for clock in case.clocks.values())

    @invariant()
    def every_obligation_rests_on_a_finding_and_a_sign_off(self) -> None:
        signed = {
            (entry.step.commitment, entry.step.finding_id)
            for entry in self.course.state.entries
            if isinstance(entry.step, SignOff)
        }
        for one in self.course.state.commitments.obligations.values():
            assert one.finding_id in self.course.state.docket.findings
            assert (one.commitment, one.finding_id) in signed

    def teardown(self) -> None:
        if not hasattr(self, "course"):
            return
        event(f"obligations: {len(self.course.state.commitments.obligations)}")
        event(f"findings: {len(self.course.state.docket.findings)}")
        # 1. The entries, written and read again, lead to the same state.
        again = replay(read_again(self.course.state.entries), lambda _index: self.course.agreement)
        assert again == self.course.state
        # 2. Refused steps in the log change nothing, and each is named.
        everything = replay(self.attempts, lambda _index: self.course.agreement)
        assert everything.entries == self.course.state.entries
        assert everything.docket == self.course.state.docket
        assert len(everything.irregular) == len(self.attempts) - len(everything.entries)


def read_again(entries: tuple[Entry, ...]) -> Iterator[Entry]:
    """Yield entries as they come back from their records."""
    for entry in entries:
        stated = {
            name: value for held in encode(entry.step, entry.who).values() for name, value in held.items()
        }
        step, who = decode(STEPS, json.loads(canonical(stated)), f"record {entry.leaf_index}")
        yield Entry(entry.leaf_index, entry.at, who, step, entry.own_key)


def sensible(course: Course) -> Iterator[tuple[Who, Step]]:
    """Yield what could come next, by those whose task it is."""
    docket = course.state.docket
    yield (
        LIAISON_B,
        Refer(f"case-{len(docket.cases) + 1}", (FIRE,), ("inc-1",), FROZEN, statement="They fired."),
    )
    yield X, AppointOffice("x-government", course.now, holder="minister-x")
    for case in docket.cases.values():
        if case.closed_at is None:
            yield from _in_case(course, case)


def _in_case(course: Course, case: Case) -> Iterator[tuple[Who, Step]]:
    name = case.case_id
    if "A" not in case.notices:
        yield SECRETARY, GiveNotice(name, "A", allegation="Fire.")
    yield LIAISON_A, Respond(name, statement="No.", confidential="Source K.")
    yield LIAISON_B, Rebut(name, "A", statement="Yes.")
    for clock in case.unanswered:
        yield SECRETARY, RecordSilence(name, clock)
    number = f"proposal-{len(case.proposals) + 1}"
    order = type(ORDER)(f"order-{len(case.orders) + 1}", "inquiry", "A")
    yield CHAIR, Propose(name, number, (ruling(),), "Because.", ("armed-attack",), (order,))
    yield CHAIR, Propose(name, number, (NO_BREACH,), "Because.")
    yield CHAIR, Propose(name, number, (NOT_ATTRIBUTABLE,), "Because.")
    for finding in case.findings:
        yield LIAISON_A, Appeal(name, finding, grounds="New facts.")
        yield CHAIR, ProposeOnAppeal(name, number, finding, Disposal.SET_ASIDE, "Because.")
        yield CHAIR, ProposeOnAppeal(name, number, finding, Disposal.UPHOLD, "Because.")
        yield MINISTER_X, SignOff("renewed-attack", finding, "x-government", "Armed attack.")
        yield X, OpenGate("approval", "The parliament agreed.", "Its vote.", actor="X")
    for order_id in case.orders:
        yield DUTY, CheckCompliance(name, order_id, ComplianceResult.NOT_COMPLIED, basis="Nothing.")
    proposal = case.open_proposal
    if proposal is not None:
        for person in ("chair", "one", "two", "of-b"):
            yield member(person), Vote(name, proposal.proposal_id, Ballot.FOR)
        yield member("of-b"), Vote(name, proposal.proposal_id, Ballot.AGAINST)
        entry = Entry(course.leaf_index, course.now, SECRETARY, course.state.entries[-1].step)
        at = Sitting(entry, course.agreement, course.state.composition)
        yield SECRETARY, result_of(course.state.docket, case, proposal, at)


AnySequence.TestCase.settings = settings(max_examples=60, stateful_step_count=50, deadline=None)
TestAnySequence = AnySequence.TestCase
