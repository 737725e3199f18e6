# SPDX-License-Identifier: Apache-2.0
"""Proposals, votes, findings, dissent, remedies and appeals."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.commission.cases import (
    A_ONLY,
    ABSTAIN,
    ADOPTING,
    AGAINST,
    CHAIR,
    FIRE,
    FOR,
    NO_BREACH,
    NOT_ATTRIBUTABLE,
    OBSERVER,
    OF_A,
    OF_B,
    ONE,
    ORDER,
    TWO,
    adopted,
    answered,
    proposal,
    result,
    ruling,
    vote,
)
from tests.commission.test_case import refused
from tests.procedure.made import DUTY, LIAISON_A, LIAISON_B, SECRETARY, Course, X, Y, member, valley

from truceline.agreement.mechanism import Majority
from truceline.commission import FindingStanding, Phase
from truceline.commission.composition import AppointMember, EndMembership
from truceline.commission.deciding import carried
from truceline.commission.steps import (
    Appeal,
    CheckCompliance,
    CloseCase,
    ComplianceResult,
    Disposal,
    Dissent,
    Propose,
    ProposeOnAppeal,
    Recuse,
    RemedyOrder,
    ReportCompliance,
    Tally,
    Vote,
)
from truceline.errors import RuleViolation
from truceline.procedure import ClockState, state_of


def voting() -> Course:
    """Return a course in which the vote on proposal-1 is open."""
    course = answered()
    course.take(CHAIR, proposal(orders=(ORDER,)))
    return course


def test_a_proposal_with_quorum_and_majority_becomes_a_finding() -> None:
    course = adopted()
    finding = course.state.docket.findings["finding-1"]
    assert finding.breach
    assert finding.stands
    assert finding.rulings == (ruling(),)
    assert course.state.docket.cases["case-1"].phase is Phase.DECIDED


@pytest.mark.parametrize("what", [NO_BREACH, NOT_ATTRIBUTABLE])
def test_no_breach_and_not_attributable_are_findings(what: object) -> None:
    course = adopted(what, orders=())  # type: ignore[arg-type]
    assert course.state.docket.findings["finding-1"].rulings == (what,)


def test_a_member_votes_once() -> None:
    course = voting()
    vote(course, {"one": FOR})
    assert refused(course, ONE, Vote("case-1", "proposal-1", AGAINST)) == "vote"


def test_a_place_votes_once_though_its_member_changes() -> None:
    course = voting()
    vote(course, {"of-b": FOR})
    course.wait(hours=1)
    course.take(LIAISON_B, EndMembership("seat-B", course.now, "Recalled.", member="of-b"))
    course.take(LIAISON_B, AppointMember("seat-B", course.now, member="next-b"))
    assert refused(course, member("next-b"), Vote("case-1", "proposal-1", FOR)) == "vote"


def test_a_member_who_joins_in_mid_case_votes() -> None:
    course = voting().wait(hours=1)
    course.take(Y, EndMembership("guarantors", course.now, "Resigned.", member="two"))
    course.take(Y, AppointMember("guarantors", course.now, member="three"))
    vote(course, {"three": FOR})
    assert refused(course, TWO, Vote("case-1", "proposal-1", FOR)) == "seats"


def test_a_member_of_the_accused_party_does_not_vote() -> None:
    assert refused(voting(), OF_A, Vote("case-1", "proposal-1", AGAINST)) == "exclusion"


def test_a_seat_without_a_vote_and_a_recused_member_do_not_vote() -> None:
    course = answered()
    course.take(ONE, Recuse("case-1", ground="A relative."))
    course.take(CHAIR, proposal())
    assert refused(course, OBSERVER, Vote("case-1", "proposal-1", FOR)) == "vote"
    assert refused(course, ONE, Vote("case-1", "proposal-1", FOR)) == "recusal"


@pytest.mark.parametrize("who", [LIAISON_A, SECRETARY, DUTY, X])
def test_only_members_vote(who: object) -> None:
    assert refused(voting(), who, Vote("case-1", "proposal-1", FOR)) == "seats"  # type: ignore[arg-type]


def test_the_result_waits_for_all_votes_or_for_the_deadline() -> None:
    course = voting()
    vote(course, {"chair": FOR, "one": FOR, "two": FOR})
    assert refused(course, SECRETARY, result(course)) == "vote"
    course.wait(days=9)
    course.take(SECRETARY, result(course))
    assert "finding-1" in course.state.docket.findings


def test_a_false_result_is_refused() -> None:
    course = voting()
    vote(course, {"chair": AGAINST, "one": AGAINST, "two": FOR, "of-b": FOR})
    true = result(course)
    assert not true.adopted
    false = replace(true, adopted=True, finding_id="finding-1", rulings=(ruling(),))
    assert refused(course, SECRETARY, false) == "majority"
    softened = replace(true, tally=Tally(4, 0, 0, 4))
    assert refused(course, SECRETARY, softened) == "majority"
    course.take(SECRETARY, true)
    assert course.state.docket.findings == {}
    assert course.state.docket.cases["case-1"].phase is Phase.DELIBERATING


def test_what_is_declared_is_what_was_proposed() -> None:
    course = voting()
    vote(course, ADOPTING)
    altered = replace(result(course), rulings=(NOT_ATTRIBUTABLE,))
    assert refused(course, SECRETARY, altered) == "majority"


def test_without_quorum_nothing_is_adopted() -> None:
    course = voting()
    vote(course, {"chair": FOR, "one": FOR})
    course.wait(days=9)
    true = result(course)
    with pytest.raises(RuleViolation, match="article 12") as refusal:
        course.take(SECRETARY, replace(true, adopted=True, finding_id="finding-1", rulings=(ruling(),)))
    assert refusal.value.rule == "quorum"
    course.take(SECRETARY, true)
    assert course.state.docket.findings == {}


@pytest.mark.parametrize(
    ("majority", "tally", "expected"),
    [
        ("simple", Tally(2, 1, 2, 5), True),
        ("simple", Tally(2, 2, 1, 5), False),
        ("absolute", Tally(3, 1, 1, 5), True),
        ("absolute", Tally(2, 0, 3, 5), False),
        ("two_thirds", Tally(2, 1, 0, 5), True),
        ("two_thirds", Tally(3, 2, 0, 5), False),
        ("two_thirds", Tally(0, 0, 5, 5), False),
        ("three_quarters", Tally(3, 1, 1, 5), True),
        ("three_quarters", Tally(2, 1, 0, 5), False),
        ("consensus", Tally(1, 0, 4, 5), True),
        ("consensus", Tally(4, 1, 0, 5), False),
        ("consensus", Tally(0, 0, 5, 5), False),
        (None, Tally(5, 0, 0, 5), False),
    ],
)
def test_majorities_count_as_they_are_called(majority: Majority | None, tally: Tally, expected: bool) -> None:
    pack = valley()
    commission = pack.commission.model_copy(update={"majority": majority})
    assert carried(tally, replace(pack, commission=commission)) is expected


def test_a_finding_rules_on_every_clause_of_its_case_and_no_other() -> None:
    course = answered(FIRE, A_ONLY)
    assert refused(course, CHAIR, proposal(ruling())) == "proposal"
    both = proposal(ruling(), ruling(clause=A_ONLY, standard="clear-and-convincing"))
    course.take(CHAIR, both)


def test_a_breach_needs_the_standard_that_the_pack_asks_for_its_clause() -> None:
    course = answered(A_ONLY)
    assert refused(course, CHAIR, proposal(ruling(clause=A_ONLY))) == "standard_of_proof"
    assert refused(course, CHAIR, proposal(ruling(clause=A_ONLY, standard="hunch"))) == "standard_of_proof"
    course.take(CHAIR, proposal(ruling(clause=A_ONLY, standard="clear-and-convincing")))


def test_nothing_is_attributed_to_a_party_that_was_not_told_or_is_not_bound() -> None:
    assert refused(answered(), CHAIR, proposal(ruling(party="B"))) == "notice"
    course = answered(FIRE, A_ONLY)
    wrong = ruling(clause=A_ONLY, party="B", standard="clear-and-convincing")
    assert refused(course, CHAIR, proposal(ruling(), wrong)) == "attribution"


@pytest.mark.parametrize(
    "wrong",
    [
        replace(NO_BREACH, party="A"),
        replace(NOT_ATTRIBUTABLE, party="A"),
        replace(NO_BREACH, attribution=ruling().attribution, party="A"),
        replace(ruling(), attribution=NO_BREACH.attribution, party=""),
    ],
)
def test_outcome_and_attribution_fit_each_other(wrong: object) -> None:
    assert refused(answered(), CHAIR, proposal(wrong)) == "attribution"  # type: ignore[arg-type]


def test_remedies_and_characterisations_come_from_the_pack_and_need_a_breach() -> None:
    course = answered()
    assert refused(course, CHAIR, proposal(orders=(RemedyOrder("order-1", "prison", "A"),))) == "remedy"
    assert refused(course, CHAIR, proposal(orders=(RemedyOrder("order-1", "inquiry", "nobody"),))) == "remedy"
    assert refused(course, CHAIR, proposal(NO_BREACH, orders=(ORDER,))) == "proposal"
    odd = Propose("case-1", "proposal-1", (ruling(),), "Because.", ("genocide",))
    assert refused(course, CHAIR, odd) == "known_matter"


def test_a_second_proposal_waits_for_the_first() -> None:
    assert refused(voting(), ONE, proposal(number=2)) == "proposal"


def test_a_member_who_did_not_vote_for_it_dissents_in_time() -> None:
    course = adopted()
    opinion = Dissent("case-1", "finding-1", opinion="The evidence is thin.")
    assert refused(course, ONE, opinion) == "dissent"
    course.take(OF_B, opinion)
    assert refused(course, OF_B, opinion) == "once"


def test_a_late_dissent_is_refused() -> None:
    course = adopted().wait(hours=49)
    assert refused(course, OF_B, Dissent("case-1", "finding-1", opinion="Too late.")) == "dissent"


def test_a_remedy_has_an_owner_and_a_deadline_and_is_checked_by_another() -> None:
    course = adopted().wait(hours=10)
    done = ReportCompliance("case-1", "order-1", statement="The report is filed.")
    assert refused(course, LIAISON_B, done) == "compliance"
    course.take(LIAISON_A, done)
    check = CheckCompliance("case-1", "order-1", ComplianceResult.COMPLIED, basis="Read.")
    assert refused(course, LIAISON_A, check) == "capacity"
    course.take(DUTY, check)
    case = course.state.docket.cases["case-1"]
    assert case.orders["order-1"].result is ComplianceResult.COMPLIED
    clock = case.clocks["remedy:order-1"]
    assert state_of(clock, course.agreement.calendar, course.now) is ClockState.MET


def test_nobody_has_failed_a_remedy_before_it_is_due() -> None:
    course = adopted().wait(hours=10)
    failed = CheckCompliance("case-1", "order-1", ComplianceResult.NOT_COMPLIED, basis="Nothing came.")
    assert refused(course, DUTY, failed) == "compliance"
    course.wait(hours=40)
    course.take(DUTY, failed)
    assert course.state.docket.cases["case-1"].orders["order-1"].result is ComplianceResult.NOT_COMPLIED


def test_an_appeal_is_made_by_a_party_once_and_in_time() -> None:
    course = adopted()
    appeal = Appeal("case-1", "finding-1", grounds="New facts.")
    assert refused(course, X, appeal) == "capacity"
    course.take(LIAISON_A, appeal)
    assert course.state.docket.findings["finding-1"].standing is FindingStanding.UNDER_APPEAL
    assert refused(course, LIAISON_A, appeal) == "appeal"
    late = adopted().wait(days=30)
    assert refused(late, LIAISON_A, appeal) == "appeal"


def appealed(disposal: Disposal) -> Course:
    """Return a course in which an appeal is decided."""
    course = adopted().wait(hours=1)
    course.take(LIAISON_A, Appeal("case-1", "finding-1", grounds="New facts."))
    course.wait(days=5)
    course.take(CHAIR, ProposeOnAppeal("case-1", "proposal-2", "finding-1", disposal, "Because."))
    vote(course, ADOPTING, 2)
    course.take(SECRETARY, result(course, 2))
    return course


def test_an_appeal_stays_the_remedies_until_it_is_decided() -> None:
    course = appealed(Disposal.UPHOLD)
    case = course.state.docket.cases["case-1"]
    assert course.state.docket.findings["finding-1"].standing is FindingStanding.UPHELD
    assert (
        state_of(case.clocks["remedy:order-1"], course.agreement.calendar, course.now) is ClockState.RUNNING
    )


def test_a_finding_set_aside_leaves_the_case_open_for_another() -> None:
    course = appealed(Disposal.SET_ASIDE)
    finding = course.state.docket.findings["finding-1"]
    assert not finding.stands
    assert not course.state.docket.cases["case-1"].decided
    course.take(CHAIR, proposal(NOT_ATTRIBUTABLE, number=3))
    vote(course, ADOPTING, 3)
    course.take(SECRETARY, result(course, 3))
    assert set(course.state.docket.findings) == {"finding-1", "finding-2"}
    assert course.state.docket.cases["case-1"].phase is Phase.DECIDED


def test_a_case_is_closed_when_nothing_in_it_is_open() -> None:
    course = adopted()
    closing = CloseCase("case-1", "All done.")
    assert refused(course, SECRETARY, closing) == "closing"
    course.wait(hours=60)
    course.take(DUTY, CheckCompliance("case-1", "order-1", ComplianceResult.NOT_COMPLIED, basis="Nothing."))
    assert refused(course, SECRETARY, closing) == "closing"  # the time for an appeal has not run out
    course.wait(days=20)
    course.take(SECRETARY, closing)
    assert course.state.docket.cases["case-1"].phase is Phase.CLOSED


def test_abstentions_make_a_quorum_and_no_majority() -> None:
    course = voting()
    vote(course, {"chair": ABSTAIN, "one": ABSTAIN, "two": ABSTAIN, "of-b": ABSTAIN})
    course.take(SECRETARY, result(course))
    assert course.state.docket.findings == {}
