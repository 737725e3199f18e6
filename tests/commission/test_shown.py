# SPDX-License-Identifier: Apache-2.0
"""What each reader sees of a case."""

from __future__ import annotations

from tests.commission.cases import ADOPTING, CHAIR, adopted, answered, proposal, told, vote
from tests.procedure.made import LIAISON_A, LIAISON_B, SECRETARY, Course, member

from truceline.commission import Phase
from truceline.commission.shown import ShownCase, shown_case
from truceline.commission.steps import Recuse
from truceline.mechanism import reader_of
from truceline.procedure import Capacity, ClockState, Who

PUBLIC = Who("", Capacity.PUBLIC)


def as_seen_by(course: Course, who: Who) -> ShownCase:
    reader = reader_of(who, course.state, course.agreement, course.now)
    docket = course.state.docket
    calendar = course.agreement.calendar
    return shown_case(docket.cases["case-1"], docket, course.state.entries, reader, calendar, course.now)


def voting() -> Course:
    course = answered()
    course.take(CHAIR, proposal())
    vote(course, {"one": ADOPTING["one"]})
    return course


def test_an_open_vote_is_shown_to_the_commission_alone() -> None:
    course = voting()
    assert as_seen_by(course, SECRETARY).phase is Phase.VOTING
    assert as_seen_by(course, member("of-a")).votes[0].ballots == 1
    for who in (LIAISON_A, LIAISON_B, PUBLIC):
        case = as_seen_by(course, who)
        assert case.phase is Phase.DELIBERATING
        assert case.votes == ()
        assert not [clock for clock in case.clocks if clock.clock_id.startswith("vote:")]
        assert "proposal-1" not in str(case)


def test_a_declared_finding_is_shown_to_everybody_without_persons() -> None:
    case = as_seen_by(adopted(), PUBLIC)
    assert [finding.finding_id for finding in case.findings] == ["finding-1"]
    for person in ("of-a", "of-b", "'one'", "'two'", "'chair'"):
        assert person not in str(case)


def test_a_member_who_no_longer_sits_reads_as_the_public_does() -> None:
    course = voting()
    assert as_seen_by(course, member("stranger")).entries == as_seen_by(course, PUBLIC).entries


def test_who_stepped_aside_and_why_is_the_commissions() -> None:
    course = told()
    course.take(member("one"), Recuse("case-1", ground="A relative lives there."))
    assert "relative" in str(as_seen_by(course, SECRETARY))
    for who in (LIAISON_A, LIAISON_B, PUBLIC):
        assert "relative" not in str(as_seen_by(course, who))
        assert "'one'" not in str(as_seen_by(course, who))


def test_the_answer_of_a_party_stands_beside_what_is_alleged() -> None:
    course = answered()
    names = [entry.fields["step"] for entry in as_seen_by(course, LIAISON_B).entries]
    assert names == ["refer", "give-notice", "respond", "rebut"]
    answer = as_seen_by(course, LIAISON_B).answers[0]
    assert (answer.party, answer.silence) == ("A", None)
    assert answer.response is not None


def test_clocks_are_shown_with_what_is_due_and_how_they_stand() -> None:
    course = told()
    (clock,) = as_seen_by(course, PUBLIC).clocks
    assert (clock.owner, clock.state) == ("A", ClockState.RUNNING)
    assert clock.due is not None
    course.wait(days=9)
    (clock,) = as_seen_by(course, PUBLIC).clocks
    assert clock.state is ClockState.LAPSED
