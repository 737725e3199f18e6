# SPDX-License-Identifier: Apache-2.0
"""A commission that sits, and cases as far as a test needs them."""

from __future__ import annotations

from tests.procedure.made import (
    LIAISON_A,
    LIAISON_B,
    SECRETARY,
    START,
    Course,
    X,
    Y,
    Z,
    member,
)

from truceline.commission import Attribution, Case, Outcome, Ruling
from truceline.commission.bench import Sitting
from truceline.commission.composition import AppointMember
from truceline.commission.deciding import result_of
from truceline.commission.steps import (
    Ballot,
    ClauseRef,
    DeclareResult,
    Evidence,
    GiveNotice,
    Propose,
    Rebut,
    Refer,
    RemedyOrder,
    Respond,
    Vote,
)
from truceline.procedure import Entry

FIRE = ClauseRef("first", "fire")
A_ONLY = ClauseRef("first", "a-only")
FROZEN = Evidence(8, "ab" * 32, (3, 5))

CHAIR, OF_A, OF_B, ONE, TWO, OBSERVER = (
    member(name) for name in ("chair", "of-a", "of-b", "one", "two", "observer")
)


def commission() -> Course:
    """Return a course in which the commission sits: chair, A's and B's members, two of Y, an observer."""
    course = Course()
    for who, seat, person in (
        (X, "chair", "chair"),
        (LIAISON_A, "seat-A", "of-a"),
        (LIAISON_B, "seat-B", "of-b"),
        (Y, "guarantors", "one"),
        (Y, "guarantors", "two"),
        (Z, "observer", "observer"),
    ):
        course.take(who, AppointMember(seat, START, member=person))
    return course


def refer(course: Course, *clauses: ClauseRef) -> Case:
    """Refer the next case as B's liaison."""
    number = f"case-{len(course.state.docket.cases) + 1}"
    course.take(LIAISON_B, Refer(number, clauses or (FIRE,), ("inc-1",), FROZEN, statement="They fired."))
    return course.state.docket.cases[number]


def told(*clauses: ClauseRef) -> Course:
    """Return a course with case-1 referred by B and A told."""
    course = commission()
    refer(course, *clauses)
    course.take(SECRETARY, GiveNotice("case-1", "A", allegation="Fire on the 14th."))
    return course


def answered(*clauses: ClauseRef) -> Course:
    """Return a course in which A has responded and B has rebutted."""
    course = told(*clauses).wait(hours=30)
    course.take(LIAISON_A, Respond("case-1", statement="It was not us.", confidential="Source K."))
    course.wait(hours=5)
    course.take(LIAISON_B, Rebut("case-1", "A", statement="It was."))
    return course


def ruling(
    outcome: Outcome = Outcome.BREACH,
    attribution: Attribution = Attribution.TO_PARTY,
    party: str = "A",
    standard: str = "reasonable-grounds",
    clause: ClauseRef = FIRE,
) -> Ruling:
    """Return a ruling: unless said otherwise, that A breached the clause on fire."""
    return Ruling(clause.version, clause.clause, outcome, attribution, party, standard)


NO_BREACH = ruling(Outcome.NO_BREACH, Attribution.NONE, "")
NOT_ATTRIBUTABLE = ruling(attribution=Attribution.NOT_ATTRIBUTABLE, party="")
ORDER = RemedyOrder("order-1", "inquiry", "A")


def proposal(*rulings: Ruling, orders: tuple[RemedyOrder, ...] = (), number: int = 1) -> Propose:
    """Return a proposal in case-1."""
    return Propose("case-1", f"proposal-{number}", rulings or (ruling(),), "Because.", orders=orders)


def vote(course: Course, ballots: dict[str, Ballot], number: int = 1) -> None:
    """Let members vote on a proposal in case-1."""
    for person, ballot in ballots.items():
        course.take(member(person), Vote("case-1", f"proposal-{number}", ballot))


def result(course: Course, number: int = 1) -> DeclareResult:
    """Return the result that the ballots give now."""
    case = course.state.docket.cases["case-1"]
    entry = Entry(course.leaf_index, course.now, SECRETARY, proposal())
    at = Sitting(entry, course.agreement, course.state.composition)
    return result_of(course.state.docket, case, case.proposals[f"proposal-{number}"], at)


FOR, AGAINST, ABSTAIN = Ballot.FOR, Ballot.AGAINST, Ballot.ABSTAIN
ADOPTING = {"chair": FOR, "one": FOR, "two": FOR, "of-b": AGAINST}


def adopted(*rulings: Ruling, orders: tuple[RemedyOrder, ...] = (ORDER,)) -> Course:
    """Return a course in which finding-1 is adopted in case-1, three to one."""
    course = answered().wait(hours=1)
    course.take(CHAIR, proposal(*rulings, orders=orders))
    vote(course, ADOPTING)
    course.take(SECRETARY, result(course))
    return course
