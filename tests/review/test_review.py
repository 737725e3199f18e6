# SPDX-License-Identifier: Apache-2.0
"""EXERCISE: who verifies what, by which rule, and what rulings on reports may not do."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.procedure.made import DUTY, HEAD, LIAISON_A, Course

from truceline.agreement import Rule
from truceline.errors import RuleViolation
from truceline.procedure import Capacity, Step, Who
from truceline.review import replay_reviews, rulings_of
from truceline.review.steps import (
    AskForEvidence,
    AttachFile,
    CannotLink,
    ConfirmStatus,
    DeclineStatus,
    LiftLink,
    MustLink,
    OpenInquiry,
    ProposeStatus,
    ReportBack,
    Supersede,
    TaskPatrol,
)
from truceline.vocabulary import Status

INCIDENT = "inc-0123456789abcdef"
FIRST = Who("first", Capacity.VERIFIER)
SECOND = Who("second", Capacity.VERIFIER)
ANALYST = Who("analyst", Capacity.ANALYST)
MONITOR = Who("monitor", Capacity.MONITOR)
REPORTS = ("obs-1", "obs-2")


def opened() -> Course:
    course = Course()
    course.take(DUTY, OpenInquiry(INCIDENT, "Two teams heard it.", observations=REPORTS))
    return course


def seen(course: Course) -> int:
    inquiry = course.state.review.inquiries.get(INCIDENT)
    return 0 if inquiry is None else inquiry.last


def proposal(course: Course, *authors: str, **changes: str) -> ProposeStatus:
    plain = {"outcome": "verified", "reason": "The crater was seen.", "standard": "reasonable-grounds"}
    fields = {**plain, **changes}
    return ProposeStatus(
        INCIDENT,
        fields["outcome"],  # type: ignore[arg-type]  # a word of the step's own
        fields["reason"],
        fields["standard"] or None,
        seen=seen(course),
        observations=REPORTS,
        authors=authors,
    )


def confirmation(course: Course, reason: str, *reports: str) -> ConfirmStatus:
    return ConfirmStatus(INCIDENT, reason, seen=seen(course), observations=reports or REPORTS)


def refused(course: Course, who: Who, step: Step) -> str:
    before = course.state
    with pytest.raises(RuleViolation) as refusal:
        course.take(who, step)
    assert course.state == before
    return refusal.value.rule


def status(course: Course) -> Status:
    return course.state.review.inquiries[INCIDENT].status


def test_two_people_make_a_status() -> None:
    course = opened()
    assert status(course) is Status.UNDER_INQUIRY
    course.take(FIRST, proposal(course))
    assert status(course) is Status.UNDER_INQUIRY
    course.take(SECOND, confirmation(course, "I saw the pictures."))
    assert status(course) is Status.VERIFIED
    decision = course.state.review.inquiries[INCIDENT].decision
    assert decision is not None
    assert (decision.proposal.person, decision.person) == ("first", "second")
    assert decision.proposal.standard == "reasonable-grounds"


def test_nobody_confirms_what_they_proposed_even_in_another_capacity() -> None:
    course = opened()
    course.take(FIRST, proposal(course))
    mine = confirmation(course, "Yes.")
    assert refused(course, FIRST, mine) == Rule.TWO_PEOPLE
    assert refused(course, Who("first", Capacity.HEAD_OF_MISSION), mine) == Rule.TWO_PEOPLE


def test_nobody_verifies_their_own_report() -> None:
    course = opened()
    assert refused(course, FIRST, proposal(course, "first")) == Rule.OWN_REPORT
    course.take(FIRST, proposal(course, "second"))
    assert refused(course, SECOND, confirmation(course, "Yes.")) == Rule.OWN_REPORT
    course.take(HEAD, confirmation(course, "I looked myself."))
    assert status(course) is Status.VERIFIED


def test_what_rests_on_other_reports_by_now_is_looked_at_again() -> None:
    course = opened()
    course.take(FIRST, proposal(course))
    assert refused(course, SECOND, confirmation(course, "Yes.", *REPORTS, "obs-3")) == Rule.SEEN
    course.take(SECOND, DeclineStatus(INCIDENT, "A third report came in.", seen=seen(course)))
    assert status(course) is Status.UNDER_INQUIRY


@pytest.mark.parametrize("who", [DUTY, ANALYST, MONITOR, LIAISON_A, Who("", Capacity.PUBLIC)])
def test_only_verifiers_propose(who: Who) -> None:
    course = opened()
    assert refused(course, who, proposal(course)) == Rule.CAPACITY


def test_the_second_of_two_at_once_sees_the_first_and_decides_again() -> None:
    course = opened()
    both_saw = seen(course)
    course.take(FIRST, proposal(course))
    late = ProposeStatus(INCIDENT, "not_verified", "No crater.", "reasonable-grounds", seen=both_saw)
    assert refused(course, SECOND, late) == Rule.SEEN
    course.take(SECOND, DeclineStatus(INCIDENT, "The picture is of another place.", seen=seen(course)))
    course.take(SECOND, proposal(course, outcome="not_verified", reason="No crater."))
    course.take(FIRST, confirmation(course, "True; I mixed up the places."))
    assert status(course) is Status.NOT_VERIFIED


def test_an_inquiry_opened_again_keeps_what_was_decided() -> None:
    course = opened()
    course.take(FIRST, proposal(course))
    course.take(SECOND, confirmation(course, "Yes."))
    assert refused(course, FIRST, proposal(course)) == Rule.INQUIRY
    course.take(DUTY, OpenInquiry(INCIDENT, "A new film.", seen=seen(course), observations=REPORTS))
    inquiry = course.state.review.inquiries[INCIDENT]
    assert inquiry.status is Status.UNDER_INQUIRY
    assert [one.proposal.outcome for one in inquiry.past] == [Status.VERIFIED]


def test_a_standard_of_the_agreement_is_named() -> None:
    course = opened()
    assert refused(course, FIRST, proposal(course, standard="")) == Rule.STANDARD_OF_PROOF
    assert refused(course, FIRST, proposal(course, standard="gut-feeling")) == Rule.STANDARD_OF_PROOF
    course.take(FIRST, proposal(course, outcome="unable_to_verify", standard=""))
    assert course.state.review.inquiries[INCIDENT].proposal is not None


def test_requests_tasks_and_files_are_kept_with_what_came_of_them() -> None:
    course = opened()
    asked = course.take(DUTY, AskForEvidence(INCIDENT, "A", "The radar log.", seen=seen(course)))
    task = course.take(DUTY, TaskPatrol(INCIDENT, "Look for craters at the ford.", seen=seen(course)))
    course.take(MONITOR, ReportBack(INCIDENT, task.leaf_index, "Two craters.", seen=seen(course)))
    course.take(MONITOR, AttachFile(INCIDENT, "a" * 64, "image/jpeg", 9, "A crater.", seen=seen(course)))
    again = AttachFile(INCIDENT, "a" * 64, "image/jpeg", 9, "The same.", seen=seen(course))
    assert refused(course, MONITOR, again) == Rule.ONCE
    twice = ReportBack(INCIDENT, task.leaf_index, "Three.", seen=seen(course))
    assert refused(course, MONITOR, twice) == Rule.ONCE
    unknown = ReportBack(INCIDENT, 3, "What?", seen=seen(course))
    assert refused(course, MONITOR, unknown) == Rule.KNOWN_MATTER
    inquiry = course.state.review.inquiries[INCIDENT]
    assert inquiry.requests[asked.leaf_index].result == ""
    assert inquiry.requests[task.leaf_index].result == "Two craters."
    assert list(inquiry.files) == ["a" * 64]


def test_there_is_no_step_without_an_inquiry() -> None:
    course = Course()
    assert refused(course, FIRST, confirmation(course, "Yes.")) == Rule.INQUIRY
    assert refused(course, DUTY, TaskPatrol(INCIDENT, "Go.")) == Rule.INQUIRY


def test_rulings_never_contradict_each_other() -> None:
    course = Course()
    course.take(ANALYST, MustLink("a", "b", "One plume."))
    course.take(ANALYST, CannotLink("b", "c", "Two hours between."))
    assert refused(course, ANALYST, CannotLink("a", "b", "No.")) == Rule.LINK
    assert refused(course, ANALYST, MustLink("a", "c", "Yes.")) == Rule.LINK
    assert refused(course, ANALYST, MustLink("b", "a", "Again.")) == Rule.ONCE
    assert refused(course, ANALYST, CannotLink("c", "a", "Again.")) == Rule.ONCE
    assert refused(course, ANALYST, MustLink("a", "a", "Itself.")) == Rule.LINK
    assert refused(course, MONITOR, MustLink("x", "y", "One.")) == Rule.CAPACITY
    ruled = rulings_of(course.state.review)
    assert (ruled.together, ruled.apart) == ((("a", "b"),), (("b", "c"),))


def test_a_ruling_is_lifted_by_its_record() -> None:
    course = Course()
    ruling = course.take(ANALYST, MustLink("a", "b", "One plume."))
    assert refused(course, ANALYST, LiftLink(ruling.leaf_index + 5, "No.")) == Rule.KNOWN_MATTER
    course.take(ANALYST, LiftLink(ruling.leaf_index, "Two plumes after all."))
    assert not rulings_of(course.state.review)
    course.take(ANALYST, CannotLink("a", "b", "Two plumes."))


def test_a_correction_supersedes_and_never_goes_in_a_circle() -> None:
    course = Course()
    course.take(DUTY, Supersede("obs-1", "Wrong bearing.", "obs-2"))
    assert refused(course, DUTY, Supersede("obs-2", "Back again.", "obs-1")) == Rule.CORRECTION
    assert refused(course, DUTY, Supersede("obs-1", "Again.", "obs-3")) == Rule.ONCE
    course.take(DUTY, Supersede("obs-2", "Withdrawn."))
    assert rulings_of(course.state.review).without == {"obs-1", "obs-2"}


def test_a_monitor_corrects_their_own_reports_alone() -> None:
    course = Course()
    assert refused(course, MONITOR, Supersede("obs-1", "No.", authors=("anna",))) == Rule.OWN_REPORT
    course.take(MONITOR, Supersede("obs-1", "My mistake.", authors=("monitor",)))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from([MustLink, CannotLink]), st.sampled_from("abcd"), st.sampled_from("abcd")),
        max_size=12,
    )
)
def test_whatever_is_ruled_can_be_heeded(drawn: list[tuple[type[MustLink | CannotLink], str, str]]) -> None:
    course = Course()
    entries = []
    for step, one, other in drawn:
        try:
            entries.append(course.take(ANALYST, step(one, other, "Drawn.")))
        except RuleViolation:
            continue
    review = course.state.review
    for link in review.links.values():
        assert (link.other in review.group_of(link.observation)) is link.together
    assert replay_reviews(entries, lambda _index: course.agreement) == review
