# SPDX-License-Identifier: Apache-2.0
"""Every submission is admitted once, or refused or kept with a reason; nothing that was signed is lost."""

from __future__ import annotations

import base64
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.mission.fielded import key, observation, sent, signed, size, verifier_key
from tests.mission.made import CLOCK, PACKS, MakeTable, entropy, row

from truceline.errors import StorageFailure
from truceline.evidence import NOTHING, Record, canonical, make_record, verify_proof
from truceline.evidence.submission import submission_to_bytes
from truceline.mission import (
    Mission,
    ingest,
    init_mission,
    mission_status,
    rebuild,
    recorded_observations,
    verify_mission,
)
from truceline.mission.devices.device_status import device_status
from truceline.mission.devices.enrolment import compromise, enrol, revoke, rotate
from truceline.mission.devices.receipts import Outcome, Receipt
from truceline.mission.devices.submitting import kept_records, submit, submit_files
from truceline.mission.fold import fields_of
from truceline.storage import schema
from truceline.vocabulary import Tier


@pytest.fixture
def fielded(mission: Mission) -> Mission:
    """Return a mission in which device 1 is enrolled."""
    enrol(mission, key(1).author, holder="Team 3", role="monitor")
    return mission


def send(mission: Mission, data: bytes) -> Receipt:
    return submit(mission, data, "s")


def ids(mission: Mission) -> list[str]:
    return [one.observation_id for one in recorded_observations(mission)]


def kept_fields(mission: Mission) -> dict[str, object]:
    with mission.store.read() as transaction:
        (row,) = transaction.records_of(["fork", "refusal"])
    return dict(fields_of(mission.ledger.open_payload(row)))


def test_a_submission_is_admitted_as_its_author_signed_it_with_a_proof(fielded: Mission) -> None:
    record = signed([observation(1), observation(2)], 1)
    receipt = send(fielded, submission_to_bytes(record))
    assert (receipt.outcome, receipt.taken, receipt.missing) == (Outcome.ADMITTED, True, None)
    assert receipt.proof is not None
    proved, _ = verify_proof(receipt.proof.encode(), verifier_key(fielded))
    assert proved == record.leaf
    assert ids(fielded) == ["mon-1", "mon-2"]


def test_the_same_submission_again_adds_nothing_and_gets_its_proof_again(fielded: Mission) -> None:
    first = send(fielded, sent(1))
    before = size(fielded)
    again = send(fielded, sent(1))
    assert (again.outcome, again.leaf_index, size(fielded)) == (Outcome.KNOWN, first.leaf_index, before)
    assert again.proof is not None


def test_what_was_admitted_stays_known_after_its_key_was_revoked(fielded: Mission) -> None:
    send(fielded, sent(1))
    revoke(fielded, key(1).author, ground="left the mission")
    assert send(fielded, sent(1)).outcome is Outcome.KNOWN


def test_what_a_stranger_signed_is_refused_and_not_kept(fielded: Mission) -> None:
    before = size(fielded)
    receipt = send(fielded, sent(1, device=2))
    assert (receipt.outcome, receipt.proof, size(fielded)) == (Outcome.REFUSED, None, before)
    assert "not enrolled" in receipt.reason


def test_what_is_no_submission_is_refused_and_not_kept(fielded: Mission) -> None:
    before = size(fielded)
    forged = bytearray(sent(1))
    forged[-1] ^= 1
    for data in (b"", b"truceline/submission/v1\n", bytes(forged)):
        receipt = send(fielded, data)
        assert (receipt.outcome, receipt.proof, size(fielded)) == (Outcome.REFUSED, None, before)
        assert receipt.reason


def test_a_gap_is_accepted_and_told(fielded: Mission) -> None:
    send(fielded, sent(1))
    receipt = send(fielded, sent(5, as_number=5))
    assert (receipt.outcome, receipt.missing) == (Outcome.ADMITTED, (2, 4))
    late = send(fielded, sent(3, as_number=3))
    assert (late.outcome, late.missing) == (Outcome.ADMITTED, None)
    (status,) = [one for one in device_status(fielded) if one.author == key(1).author]
    assert (status.numbers.missing, status.numbers.late) == (((2, 2), (4, 4)), (3,))


def test_a_number_used_for_two_records_is_a_fork_and_both_leaves_are_kept(fielded: Mission) -> None:
    first, second = signed([observation(1)], 1), signed([observation(2)], 1, draw=1)
    send(fielded, submission_to_bytes(first))
    receipt = send(fielded, submission_to_bytes(second))
    assert receipt.outcome is Outcome.FORK
    assert receipt.proof is not None
    assert ids(fielded) == ["mon-1"]
    fields = kept_fields(fielded)
    assert base64.b64decode(str(fields["beside"])) == first.leaf_bytes
    assert base64.b64decode(str(fields["leaf"])) == second.leaf_bytes
    assert base64.b64decode(str(fields["submission"])) == submission_to_bytes(second)
    before = size(fielded)
    again = send(fielded, submission_to_bytes(second))
    assert (again.outcome, again.leaf_index, size(fielded)) == (Outcome.FORK, receipt.leaf_index, before)


def test_a_fork_of_what_was_kept_and_not_admitted_is_a_fork_too(fielded: Mission) -> None:
    refused = signed([b"{}"], 1)
    assert send(fielded, submission_to_bytes(refused)).outcome is Outcome.KEPT
    receipt = send(fielded, sent(1, draw=1))
    assert receipt.outcome is Outcome.FORK
    assert ids(fielded) == []


def test_an_id_that_is_recorded_with_other_content_keeps_the_whole_submission(
    fielded: Mission,
) -> None:
    send(fielded, sent(1))
    receipt = send(fielded, sent(1, 2, as_number=2, count=9))
    assert (receipt.outcome, ids(fielded)) == (Outcome.CONFLICT, ["mon-1"])
    assert "mon-1" in receipt.reason
    assert mission_status(fielded).conflicts == 1
    assert base64.b64decode(str(kept_fields(fielded)["submission"])) == sent(1, 2, as_number=2, count=9)
    before = size(fielded)
    assert send(fielded, sent(1, 2, as_number=2, count=9)).outcome is Outcome.CONFLICT
    assert size(fielded) == before


def test_a_conflict_with_an_imported_row_is_one_too(fielded: Mission, make_table: MakeTable) -> None:
    ingest(fielded, make_table([row(1, observation_id="mon-1")]), "table")
    assert send(fielded, sent(1)).outcome is Outcome.CONFLICT


def test_statements_that_are_recorded_already_are_kept_and_explain_the_gap(fielded: Mission) -> None:
    send(fielded, sent(1))
    assert send(fielded, sent(1, as_number=2)).outcome is Outcome.KEPT
    assert send(fielded, sent(2, as_number=3)).missing is None
    (status,) = [one for one in device_status(fielded) if one.author == key(1).author]
    assert (status.numbers.missing, status.kept, status.records) == ((), (2,), 2)


def refusable() -> dict[str, Callable[[Mission], Record]]:
    """Return records under an enrolled key that may not be admitted, by what their reason says."""
    public = observation(1)
    return {
        "had seen 99 entries": lambda _: signed([public], 1, seen_size=99),
        "more widely": lambda _: signed([public], 1, tier=Tier.PUBLIC),
        "not enrolment": lambda _: signed(
            [canonical({"name": "holder", "value": "me"})], 1, kind="enrolment"
        ),
        "stands twice": lambda _: signed([public, public], 1),
        "exactly one tier": lambda _: signed([NOTHING], 1),
        "one spelling": lambda _: signed([public.replace(b'"kind"', b' "kind"')], 1),
        "cannot be signed or taken": lambda _: signed([b'{"observation_id":"x"}'], 1),
        "told in UTC": lambda _: signed(
            [public.replace(b"2025-04-20T06:01:00Z", b"0001-01-01T00:00:00+23:00")], 1
        ),
        "another record has the id": _with_a_known_id,
    }


def _with_a_known_id(mission: Mission) -> Record:
    with mission.store.read() as transaction:
        known = next(transaction.records()).record_id
    drawn = iter([bytes(32), bytes.fromhex(known.removeprefix("rec-"))])
    return make_record(
        "observations",
        1,
        {Tier.COMMISSION: [observation(1)]},
        key=key(1),
        author_seq=1,
        made_at=CLOCK.now(),
        seen_size=0,
        entropy=lambda _length: next(drawn),
    )


@pytest.mark.parametrize("reason", sorted(refusable()))
def test_what_may_not_be_admitted_is_kept_once_with_its_reason(fielded: Mission, reason: str) -> None:
    data = submission_to_bytes(refusable()[reason](fielded))
    receipt = send(fielded, data)
    assert (receipt.outcome, ids(fielded)) == (Outcome.KEPT, [])
    assert reason in receipt.reason
    fields = kept_fields(fielded)
    assert base64.b64decode(str(fields["submission"])) == data
    assert fields["reason"] == receipt.reason
    before = size(fielded)
    again = send(fielded, data)
    assert (again.outcome, again.leaf_index, size(fielded)) == (Outcome.KEPT, receipt.leaf_index, before)


def test_what_was_kept_is_admitted_once_nothing_stands_against_it(fielded: Mission) -> None:
    ahead = submission_to_bytes(signed([observation(1)], 1, seen_size=size(fielded) + 2))
    assert send(fielded, ahead).outcome is Outcome.KEPT
    send(fielded, sent(2, as_number=2))
    assert [send(fielded, ahead).outcome for _ in range(2)] == [Outcome.ADMITTED, Outcome.KNOWN]
    (status,) = [one for one in device_status(fielded) if one.author == key(1).author]
    assert (status.records, status.kept, status.numbers.repeated, status.numbers.missing) == (2, (), (), ())


def test_the_reason_and_the_content_of_what_is_kept_are_not_public(fielded: Mission) -> None:
    send(fielded, sent(1, 1))
    with fielded.store.read() as transaction:
        (kept,) = transaction.records_of(["refusal"])
    public = b"".join(item or b"" for item in fielded.ledger.open_payload(kept)[Tier.PUBLIC])
    assert b"mon-1" not in public
    assert b'"submission"' not in public


def test_a_revoked_or_compromised_key_submits_no_more_and_what_it_sends_is_kept(fielded: Mission) -> None:
    enrol(fielded, key(2).author, holder="Team 4", role="monitor")
    revoke(fielded, key(1).author, ground="lost")
    compromise(fielded, key(2).author, since=CLOCK.now(), ground="seized")
    for device, word in ((1, "revoked"), (2, "compromised")):
        receipt = send(fielded, sent(device, device=device))
        assert receipt.outcome is Outcome.KEPT
        assert word in receipt.reason
    assert ids(fielded) == []


def test_after_a_rotation_only_a_device_that_had_not_heard_of_it_may_use_the_old_key(
    fielded: Mission,
) -> None:
    rotation = rotate(fielded, key(1).author, key(2).author)
    unaware = signed([observation(1)], 1, seen_size=rotation)
    aware = signed([observation(2)], 2, seen_size=rotation + 1)
    assert send(fielded, submission_to_bytes(unaware)).outcome is Outcome.ADMITTED
    assert send(fielded, submission_to_bytes(aware)).outcome is Outcome.KEPT
    assert send(fielded, sent(3, device=2)).outcome is Outcome.ADMITTED
    old = next(one for one in device_status(fielded) if one.author == key(1).author)
    assert [record_id for record_id, _ in old.doubts] == [unaware.leaf.record_id]
    assert "rotation" in old.doubts[0][1]


def test_submissions_taken_together_are_answered_each_on_its_own_merits(
    fielded: Mission, tmp_path: Path
) -> None:
    sent_together = [
        sent(1),
        sent(1),  # the same again
        sent(2, draw=1),  # a fork of the first
        b"noise",
        sent(1, as_number=2, count=9),  # the first one's id with other content
        sent(1, as_number=3, count=9),  # and once more: the same row in conflict
        sent(3, as_number=4),
    ]
    paths = [tmp_path / f"{number}.sub" for number in range(len(sent_together))]
    for path, data in zip(paths, sent_together, strict=True):
        path.write_bytes(data)
    receipts = list(submit_files(fielded, [*paths, tmp_path / "nowhere"]))
    answers = {receipt.name: receipt for receipt in receipts}
    assert [answers[str(path)].outcome.value for path in [*paths, tmp_path / "nowhere"]] == [
        "admitted", "known", "fork", "refused", "conflict", "conflict", "admitted", "refused",
    ]  # fmt: skip
    for receipt in receipts:
        if receipt.proof is not None:
            verify_proof(receipt.proof.encode(), verifier_key(fielded))
    assert ids(fielded) == ["mon-1", "mon-3"]
    assert mission_status(fielded).conflicts == 1


def test_a_crash_after_the_commit_is_made_good_by_submitting_again(
    fielded: Mission, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(*_arguments: object, **_options: object) -> None:
        raise StorageFailure("power cut")

    with monkeypatch.context() as patch:
        patch.setattr("truceline.mission.ledger.publish", cut)
        with pytest.raises(StorageFailure):
            send(fielded, sent(1))
    again = send(fielded, sent(1))
    assert again.outcome is Outcome.KNOWN
    assert again.proof is not None
    verify_proof(again.proof.encode(), verifier_key(fielded))


def _plans() -> st.SearchStrategy[list[tuple[int, int, int, int]]]:
    """Give submissions by (device, number, observation, content); device 3 is a stranger."""
    one = st.tuples(st.integers(1, 3), st.integers(1, 4), st.integers(1, 5), st.integers(1, 2))
    return st.lists(one, min_size=1, max_size=12)


@given(_plans(), st.sets(st.integers(0, 11), max_size=3))
@settings(max_examples=12, deadline=None)
def test_whatever_comes_in_whatever_order_nothing_signed_is_lost_and_nothing_is_taken_twice(
    plan: list[tuple[int, int, int, int]], damaged: set[int]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        mission = init_mission(PACKS / "blank", Path(folder) / "m", clock=CLOCK, entropy=entropy(9))
        for device in (1, 2):
            enrol(mission, key(device).author, holder=f"Team {device}", role="monitor")
        records = [
            signed([observation(number, count=content)], seq, device=device, draw=10 * number + content)
            for device, seq, number, content in plan
        ]
        for at, record in enumerate(records):
            data = bytearray(submission_to_bytes(record))
            if at in damaged:
                data[len(data) // 2] ^= 1
            receipt = send(mission, bytes(data))
            assert receipt.taken or receipt.reason
            assert (receipt.proof is None) == (receipt.outcome is Outcome.REFUSED)
            assert (receipt.outcome is Outcome.REFUSED) == (at in damaged or plan[at][0] == 3)
        before = size(mission)
        held = _held(mission)
        whole = {
            record.leaf_bytes
            for at, record in enumerate(records)
            if at not in damaged and record.leaf.author != key(3).author
        }
        assert sorted(held) == sorted(whole)  # each once: admitted, or kept
        for at in reversed(range(len(records))):
            if records[at].leaf_bytes in whole:
                send(mission, submission_to_bytes(records[at]))
        assert (size(mission), _held(mission)) == (before, held)
        _require_same_after_rebuild(mission)
        verify_mission(mission)
        mission.close()


def _held(mission: Mission) -> list[bytes]:
    devices = {key(1).author, key(2).author, key(3).author}
    with mission.store.read() as transaction:
        admitted = [row.leaf for row in transaction.records() if row.author in devices]
        return admitted + [one.leaf for one in kept_records(transaction, mission.ledger)]


def _require_same_after_rebuild(mission: Mission) -> None:
    def models() -> list[list[bytes]]:
        with mission.store.read() as transaction:
            return [list(transaction.bodies(table)) for table in (schema.statements, schema.conflicts)]

    before = models()
    rebuild(mission)
    assert models() == before
