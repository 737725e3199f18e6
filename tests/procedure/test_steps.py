# SPDX-License-Identifier: Apache-2.0
"""Steps as records: written and read again, in their tiers, for those who may see them."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.commission.cases import FIRE, FROZEN
from tests.procedure.made import LIAISON_A, LIAISON_B, SECRETARY, START, member

from truceline.commission.composition import AppointMember
from truceline.commission.steps import Ballot, NoteHearing, Refer, Respond, Vote
from truceline.errors import RejectedInput
from truceline.evidence import JSON, canonical
from truceline.mechanism import KINDS, STEPS
from truceline.procedure import (
    Capacity,
    Entry,
    Reader,
    Step,
    Who,
    decode,
    encode,
    read_step,
    shown,
    tiers_of,
)
from truceline.procedure.step import RESERVED
from truceline.vocabulary import Tier

REFERRAL = Refer("case-1", (FIRE,), ("inc-1",), FROZEN, statement="They fired.", confidential="Witness K.")


def stored(step: Step, who: Who) -> dict[str, JSON]:
    """Return what a record of the step states, as it comes back from storage."""
    together = {name: value for held in encode(step, who).values() for name, value in held.items()}
    return json.loads(canonical(together))  # type: ignore[no-any-return]


@given(st.text(min_size=1), st.text(), st.text(min_size=1))
def test_a_step_that_is_written_and_read_again_is_the_same(statement: str, secret: str, person: str) -> None:
    try:
        canonical([statement, secret, person])
    except RejectedInput:
        return  # a lone surrogate is no text
    step = Refer("case-1", (FIRE,), ("inc-1",), FROZEN, statement=statement, confidential=secret)
    who = Who(person, Capacity.LIAISON, "B")
    assert decode(STEPS, stored(step, who), "record 9") == (step, who)


def test_every_step_has_a_name_of_its_own_a_help_text_and_no_reserved_field() -> None:
    for name, step in STEPS.items():
        assert step.name == name
        assert step.kind in KINDS
        assert step.__doc__ is not None
        assert not RESERVED & {field.name for field in fields(step)}
        said = "".join(base.__doc__ or "" for base in step.__mro__)
        assert all(f"        {field.name}: " in said for field in fields(step)), name


def test_what_a_party_adds_in_confidence_lies_in_the_sealed_tier() -> None:
    assert encode(REFERRAL, LIAISON_B)[Tier.SEALED] == {"confidential": "Witness K."}
    assert tiers_of(Vote) == dict.fromkeys(("case_id", "proposal_id", "ballot"), Tier.COMMISSION)


def test_persons_are_never_public() -> None:
    for step in STEPS.values():
        closer = {Tier.COMMISSION, Tier.SEALED}
        assert {step.tier, Tier.COMMISSION} & closer
    stated = encode(AppointMember("chair", START, member="chair-person"), LIAISON_A)
    assert "chair-person" not in json.dumps([stated[Tier.PUBLIC], stated.get(Tier.PARTIES, {})])
    assert LIAISON_A.person not in json.dumps(stated[Tier.PUBLIC])


def test_unknown_missing_and_malformed_fields_are_all_told() -> None:
    with pytest.raises(RejectedInput) as refusal:
        read_step(
            NoteHearing, {"case_id": "case 1!", "held_at": "yesterday", "notes": "", "extra": 1}, "here"
        )
    assert {fault.path for fault in refusal.value.faults} >= {"case_id", "held_at", "notes", "present"}


def test_a_moment_without_a_zone_is_refused() -> None:
    values: dict[str, JSON] = {
        "case_id": "case-1", "held_at": "2030-01-14T10:00:00", "present": "All.", "notes": "Heard.",
    }  # fmt: skip
    with pytest.raises(RejectedInput, match="zone"):
        read_step(NoteHearing, values, "here")


@pytest.mark.parametrize("broken", ["step", "person", "capacity"])
def test_a_record_without_who_or_what_is_refused(broken: str) -> None:
    stated = stored(REFERRAL, LIAISON_B)
    del stated[broken]
    with pytest.raises(RejectedInput):
        decode(STEPS, stated, "record 9")


def test_an_unknown_capacity_is_refused() -> None:
    with pytest.raises(RejectedInput, match="capacity"):
        decode(STEPS, {**stored(REFERRAL, LIAISON_B), "capacity": "king"}, "record 9")


ENTRY = Entry(9, START, LIAISON_B, REFERRAL)


def seen(who: Who, party: str = "") -> set[str]:
    """Return the names of the fields that a reader sees of B's referral."""
    entry = shown(ENTRY, Reader(who, party))
    return set() if entry is None else set(entry.fields)


def test_the_other_party_sees_what_is_alleged_and_nothing_that_is_confidential() -> None:
    assert {"statement"} <= seen(LIAISON_A, "A")
    assert not {"confidential", "person"} & seen(LIAISON_A, "A")


def test_a_party_sees_all_that_it_stated() -> None:
    assert {"statement", "confidential", "person"} <= seen(LIAISON_B, "B")


def test_a_member_whom_the_other_party_appointed_does_not_see_what_is_confidential() -> None:
    assert "confidential" not in seen(member("of-a"), "A")
    assert "confidential" in seen(member("chair"))
    assert "confidential" in seen(member("of-b"), "B")


def test_the_public_sees_that_there_is_a_case_and_not_what_is_said() -> None:
    assert seen(Who("", Capacity.PUBLIC)) >= {"case_id", "clauses"}
    assert not {"statement", "confidential", "person"} & seen(Who("", Capacity.PUBLIC))


@pytest.mark.parametrize("capacity", list(Capacity))
@pytest.mark.parametrize("tier", list(Tier))
def test_nobody_of_one_party_sees_the_sealed_tier_of_another(capacity: Capacity, tier: Tier) -> None:
    if capacity in {Capacity.SECRETARY, Capacity.HEAD_OF_MISSION}:
        return  # of no party, by their office
    reader = Reader(Who("somebody", capacity, "A"), "A")
    assert reader.sees(tier, "B") is (
        tier is Tier.PUBLIC
        or (tier is Tier.PARTIES and capacity not in {Capacity.PUBLIC, Capacity.ADMINISTRATOR})
        or (
            tier is Tier.COMMISSION
            and capacity
            in {
                Capacity.MEMBER,
                Capacity.MONITOR,
                Capacity.ANALYST,
                Capacity.VERIFIER,
                Capacity.DUTY_OFFICER,
            }
        )
    )


def test_a_ballot_is_the_commissions() -> None:
    cast = Entry(9, datetime.fromisoformat("2030-01-14T09:00:00+00:00"), member("one"), REFERRAL)
    assert shown(cast, Reader(SECRETARY)) is not None
    ballot = Entry(9, START, member("one"), Vote("case-1", "proposal-1", Ballot.FOR))
    assert shown(ballot, Reader(LIAISON_A, "A")) is None


def test_an_answer_names_its_withheld_tiers() -> None:
    answer = Entry(9, START, LIAISON_A, Respond("case-1", statement="No.", confidential="Source."))
    entry = shown(answer, Reader(LIAISON_B, "B"))
    assert entry is not None
    assert entry.withheld == (Tier.COMMISSION, Tier.SEALED)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_a_moment_beyond_the_calendar_is_refused_as_any_other_fault(text: str) -> None:
    values: dict[str, JSON] = {"case_id": "case-1", "held_at": text, "present": "All.", "notes": "Heard."}
    with pytest.raises(RejectedInput, match="calendar"):
        read_step(NoteHearing, values, "here")
