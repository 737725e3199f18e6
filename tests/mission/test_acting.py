# SPDX-License-Identifier: Apache-2.0
"""Taking a step: it is allowed and recorded, or refused and leaves nothing behind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.backends import Backend, Change, edit, reworded, sql
from tests.mission.made import entropy
from tests.mission.procedural import MovingClock, valley_mission
from tests.procedure.made import DUTY, LIAISON_A, START, X, Y, member

from truceline.commission.composition import AppointMember, EndMembership
from truceline.commission.steps import PauseClock
from truceline.errors import RejectedInput, RuleViolation
from truceline.evidence import SigningKey, parse_leaf
from truceline.evidence.verify import VerificationError
from truceline.mission import Mission, mission_status, open_mission, rebuild, verify_mission
from truceline.mission.acting import LONGEST_TEXT, act, act_all, would_take
from truceline.mission.acts_shown import entries_for
from truceline.mission.devices.enrolment import enrol
from truceline.mission.ledger import RESTORED
from truceline.mission.replaying import mechanism
from truceline.procedure import Capacity, Who
from truceline.vocabulary import Tier

pytestmark = pytest.mark.over_both

CHAIR = AppointMember("chair", START, member="chair")
SEAT_A = AppointMember("seat-A", START, member="of-a")


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock()


@pytest.fixture
def valley(tmp_path: Path, clock: MovingClock, backend: Backend) -> Iterator[Mission]:
    made = valley_mission(tmp_path / "valley", clock, backend.url())
    yield made
    made.close()


def own_key(mission: Mission, person: str, seed: int = 50) -> SigningKey:
    """Return a key that is enrolled for a person."""
    key = SigningKey.generate(entropy(seed))
    enrol(mission, key.author, holder=person, role="member")
    return key


def size(mission: Mission) -> int:
    return mission_status(mission).tree_size


def test_a_refused_step_leaves_no_record(valley: Mission) -> None:
    before = size(valley), len(list((valley.folder / "vault").rglob("*")))
    with pytest.raises(RuleViolation) as refused:
        act(valley, DUTY, CHAIR)
    assert refused.value.rule == "capacity"
    assert (size(valley), len(list((valley.folder / "vault").rglob("*")))) == before
    assert mechanism(valley).entries == ()


def test_a_step_is_checked_against_everything_recorded_before_it(valley: Mission) -> None:
    act(valley, X, CHAIR)
    with pytest.raises(RuleViolation) as refused:
        act(valley, X, AppointMember("chair", START, member="another"))
    assert refused.value.rule == "seats"


def test_what_is_returned_is_what_is_read_again(valley: Mission) -> None:
    entry = act(valley, X, CHAIR)
    assert mechanism(valley).entries == (entry,)
    assert entry.leaf_index == size(valley) - 1


def test_several_steps_are_taken_all_or_none(valley: Mission) -> None:
    before = size(valley)
    with pytest.raises(RuleViolation):
        act_all(valley, X, [CHAIR, SEAT_A])  # the seat of A is not theirs to fill
    assert size(valley) == before
    assert mechanism(valley).composition.memberships == ()


def test_each_of_several_steps_is_checked_against_those_before_it(valley: Mission) -> None:
    end = EndMembership("chair", START + timedelta(days=1), ground="Recalled.", member="chair")
    taken = act_all(valley, X, [CHAIR, end])
    assert [entry.leaf_index for entry in taken] == [size(valley) - 2, size(valley) - 1]
    with pytest.raises(RuleViolation):
        act_all(valley, X, [end, CHAIR])


@pytest.mark.parametrize("length", [LONGEST_TEXT + 1, 10 * LONGEST_TEXT])
def test_a_text_over_the_limit_is_refused(valley: Mission, length: int) -> None:
    before = size(valley)
    end = EndMembership("chair", START, ground="x" * length, member="chair")
    with pytest.raises(RejectedInput) as refused:
        act(valley, X, end)
    assert [(fault.where, fault.path) for fault in refused.value.faults] == [("end-membership", "ground")]
    assert size(valley) == before


def test_a_text_at_the_limit_is_taken(valley: Mission) -> None:
    act(valley, X, CHAIR)
    act(valley, X, EndMembership("chair", START, ground="x" * LONGEST_TEXT, member="chair"))


def test_nobody_in_particular_takes_no_step(valley: Mission) -> None:
    with pytest.raises(RejectedInput, match="who takes the step"):
        act(valley, Who(" ", Capacity.GUARANTOR, "X"), CHAIR)


def test_a_step_under_a_persons_own_key_is_signed_by_it(valley: Mission) -> None:
    key = own_key(valley, X.person)
    entry = act(valley, X, CHAIR, key=key)
    with valley.store.read() as transaction:
        row = transaction.record_at(entry.leaf_index)
    assert row is not None
    assert parse_leaf(row.leaf, "the step").author == row.author == key.author
    assert mechanism(valley).entries[0].own_key
    verify_mission(valley)


def test_a_step_that_the_operator_signs_says_so(valley: Mission) -> None:
    act(valley, X, CHAIR)
    assert not mechanism(valley).entries[0].own_key


def test_a_key_that_is_not_enrolled_signs_nothing(valley: Mission) -> None:
    before = size(valley)
    with pytest.raises(RuleViolation) as refused:
        act(valley, X, CHAIR, key=SigningKey.generate(entropy(51)))
    assert refused.value.rule == "own_signature"
    assert size(valley) == before


def test_a_key_enrolled_for_one_person_signs_for_no_other(valley: Mission) -> None:
    key = own_key(valley, X.person)
    with pytest.raises(RuleViolation) as refused:
        act(valley, Y, AppointMember("guarantors", START, member="one"), key=key)
    assert refused.value.rule == "own_signature"


def test_a_dry_run_says_what_would_be_recorded_and_records_nothing(valley: Mission) -> None:
    before = size(valley)
    would = would_take(valley, X, CHAIR)
    assert size(valley) == before
    assert act(valley, X, CHAIR) == would


@pytest.mark.parametrize("who", [DUTY, LIAISON_A, member("chair")])
def test_a_dry_run_is_refused_by_the_same_rule(valley: Mission, who: Who) -> None:
    with pytest.raises(RuleViolation) as dry:
        would_take(valley, who, CHAIR)
    with pytest.raises(RuleViolation) as wet:
        act(valley, who, CHAIR)
    assert (dry.value.rule, str(dry.value)) == (wet.value.rule, str(wet.value))


def test_a_dry_run_checks_the_key_too(valley: Mission) -> None:
    with pytest.raises(RuleViolation) as refused:
        would_take(valley, X, CHAIR, key=SigningKey.generate(entropy(51)))
    assert refused.value.rule == "own_signature"
    assert would_take(valley, X, CHAIR, key=own_key(valley, X.person)).own_key


def test_nothing_would_be_taken_in_a_mission_that_was_restored(valley: Mission) -> None:
    (valley.folder / RESTORED).write_text("EXERCISE")
    with pytest.raises(RuleViolation, match="reconcile"):
        would_take(valley, X, CHAIR)


def test_a_clock_that_is_behind_is_refused(valley: Mission, clock: MovingClock) -> None:
    clock.wait(hours=1)
    act(valley, X, CHAIR)
    clock.wait(hours=-1)
    with pytest.raises(RuleViolation) as refused:
        act(valley, LIAISON_A, SEAT_A)
    assert refused.value.rule == "order_in_time"


def test_a_replay_after_rebuild_gives_the_identical_state(valley: Mission, clock: MovingClock) -> None:
    act(valley, X, CHAIR, key=own_key(valley, X.person))
    clock.wait(hours=3)
    act(valley, LIAISON_A, SEAT_A)
    before = mechanism(valley)
    assert rebuild(valley).changed == ()
    assert mechanism(valley) == before


def test_a_mission_that_is_opened_again_stands_as_it_stood(valley: Mission) -> None:
    act(valley, X, CHAIR)
    again = open_mission(valley.folder)
    assert mechanism(again) == mechanism(valley)
    again.close()


@pytest.mark.parametrize(
    "change",
    [
        reworded("acts", "of-a", "of-b"),
        sql("DELETE FROM acts WHERE leaf_index = (SELECT max(leaf_index) FROM acts)"),
    ],
)
def test_an_act_edited_in_the_database_is_noticed(valley: Mission, change: Change) -> None:
    act(valley, LIAISON_A, SEAT_A)
    verify_mission(valley)
    before = mechanism(valley)
    edit(valley, change)
    with pytest.raises(VerificationError, match="does not show what the record states"):
        verify_mission(valley)
    assert rebuild(valley).changed == ("acts",)
    assert mechanism(valley) == before


def test_an_act_that_nobody_recorded_is_noticed(valley: Mission) -> None:
    act(valley, LIAISON_A, SEAT_A)
    edit(valley, sql("INSERT INTO acts SELECT 0, kind, body FROM acts"))
    with pytest.raises(VerificationError):
        verify_mission(valley)


def test_a_reader_sees_an_act_as_far_as_it_is_theirs(valley: Mission) -> None:
    act(valley, LIAISON_A, SEAT_A)
    (public,) = entries_for(valley, Who("anybody", Capacity.PUBLIC))
    assert public.entry.fields["seat"] == "seat-A"
    assert "member" not in public.entry.fields
    assert public.entry.withheld == (Tier.COMMISSION,)
    (own,) = entries_for(valley, LIAISON_A)
    assert own.entry.fields["member"] == "of-a"
    assert own.entry.withheld == ()


def test_acts_are_listed_by_kind(valley: Mission) -> None:
    act(valley, X, CHAIR)
    assert len(entries_for(valley, X, "composition")) == 1
    assert entries_for(valley, X, "docket") == ()
    with pytest.raises(RejectedInput, match="such a kind"):
        entries_for(valley, X, "gossip")


def test_an_irregular_act_is_listed_and_marked(valley: Mission, monkeypatch: pytest.MonkeyPatch) -> None:
    """An operator who records what the rules forbid is seen to have done so."""
    act(valley, X, CHAIR)
    with monkeypatch.context() as patched:
        patched.setattr("truceline.mission.acting.take", lambda state, _entry, _agreement: state)
        act(valley, X, AppointMember("chair", START, member="another"))
    first, second = entries_for(valley, Who("anybody", Capacity.PUBLIC))
    assert (first.rule, second.rule) == ("", "seats")
    assert second.reason == ""  # it may name the member, whom the public does not see
    assert "taken" in entries_for(valley, DUTY)[1].reason
    assert [one.entry.leaf_index for one in mechanism(valley).irregular] == [second.entry.leaf_index]


def test_an_unknown_matter_is_refused_and_never_a_crash(valley: Mission) -> None:
    with pytest.raises(RuleViolation):
        act(valley, DUTY, PauseClock("case-1", "response:A", ground="Flood."))
