# SPDX-License-Identifier: Apache-2.0
"""A mission is frozen, handed over, and shut by two people; what was public can be read ever after."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.backends import Backend
from tests.mission.erasing import PowerCutError, cut, latest
from tests.mission.evacuating import (
    CANARIES,
    DEPUTY,
    DEVICE,
    GROUND,
    OWN,
    Office,
    destroy,
    freeze,
    holding,
    office,
    secrets_of,
    write_claims,
)
from tests.mission.fielded import key, sent
from tests.mission.made import MakeTable, entropy, row
from tests.mission.witnesses import Wire
from tests.procedure.made import DUTY, HEAD, START, X

from truceline.commission.composition import AppointMember
from truceline.errors import RejectedInput, RuleViolation, StorageFailure
from truceline.evidence import SigningKey, fields_payload
from truceline.evidence.keyfile import destroy_key
from truceline.evidence.verify import verify_log, verify_proof
from truceline.mechanism.suspension import Phase, StaffStatus
from truceline.mission import (
    Mission,
    ingest,
    make_daily_report,
    mission_status,
    open_mission,
    prove_record,
    rebuild,
    recorded_observations,
    run,
    verify_mission,
    write_report,
)
from truceline.mission.acting import act, would_take
from truceline.mission.audit.checks import audit
from truceline.mission.audit.disclosure import disclose
from truceline.mission.devices.enrolment import enrol
from truceline.mission.devices.receipts import Outcome
from truceline.mission.devices.submitting import submit
from truceline.mission.erasure.erase import erase
from truceline.mission.evacuation import destroying, shutting
from truceline.mission.evacuation.accounting import account_for, expect_staff, roll
from truceline.mission.evacuation.destroying import destroy_keys
from truceline.mission.evacuation.handing_over import hand_over
from truceline.mission.evacuation.suspending import public_entries, resume, standing
from truceline.mission.ledger import Draft, Ledger
from truceline.mission.proving import disclose_item
from truceline.mission.recovery.backup import back_up, unpack
from truceline.mission.recovery.settle import settle
from truceline.mission.replaying import mechanism
from truceline.mission.sealing import TierKeys
from truceline.mission.witnesses.asking import Answer
from truceline.mission.witnesses.witnessing import POLICY_FILE, collect
from truceline.procedure import encode
from truceline.storage import Store
from truceline.storage.accounts import AccountStore, Row, account_files, visits
from truceline.vocabulary import Tier

pytestmark = pytest.mark.over_both

DAY = (START - timedelta(days=1)).date()


@pytest.fixture
def running(tmp_path: Path, make_table: MakeTable, backend: Backend) -> Iterator[Office]:
    claims = write_claims(tmp_path / "claims.csv")
    made = office(tmp_path / "mission", make_table, claims, backend.url())
    yield made
    made.mission.close()


@pytest.fixture
def suspended(running: Office) -> Office:
    freeze(running)
    return running


@pytest.fixture
def shut(suspended: Office) -> Office:
    destroy(suspended)
    suspended.reopened()
    return suspended


def size(mission: Mission) -> int:
    return mission_status(mission).tree_size


# While it is suspended.


def test_a_frozen_mission_records_nothing_else_and_says_by_which_rule(
    running: Office, make_table: MakeTable
) -> None:
    mission = running.mission
    ingest(mission, make_table([row(50)]), "table")
    freeze(running)
    before = size(mission)
    file, changed = make_table([row(51)]), make_table([row(50, count_max="9")])
    stranger, seen = SigningKey.generate(entropy(600)).author, latest(mission, "observations").record_id
    attempts: dict[str, Callable[[], object]] = {
        "ingest": lambda: ingest(mission, file, "table"),
        "conflicts alone": lambda: ingest(mission, changed, "table"),
        "run": lambda: run(mission),
        "erase": lambda: erase(mission, seen, authority="A", ground="B", second=DEPUTY),
        "enrol": lambda: enrol(mission, stranger, holder="somebody", role="monitor"),
        "act": lambda: act(mission, X, AppointMember("chair", START, member="someone")),
        "would_take": lambda: would_take(mission, X, AppointMember("chair", START, member="someone")),
    }
    for name, attempt in attempts.items():
        with pytest.raises(RuleViolation) as refusal:
            attempt()
        assert (name, refusal.value.rule) == (name, "suspension")
        assert "rule of procedure suspension" in str(refusal.value)
    assert size(mission) == before
    verify_mission(mission)


def test_a_frozen_mission_stays_frozen_when_it_is_opened_again(
    suspended: Office, make_table: MakeTable
) -> None:
    rebuild(suspended.mission)
    again = suspended.reopened()
    with pytest.raises(RuleViolation, match="is suspended"):
        ingest(again, make_table([row(51)]), "table")


def test_a_mission_that_was_resumed_records_again(suspended: Office, make_table: MakeTable) -> None:
    resume(suspended.mission, HEAD, ground="EXERCISE: it is over")
    assert ingest(suspended.mission, make_table([row(51)]), "table").accepted == 1
    assert standing(suspended.mission).phase is Phase.RUNNING


def test_what_was_signed_at_its_source_is_taken_in_while_suspended(running: Office) -> None:
    """Evidence is not lost because nobody may work on it; what cannot stand is kept for a person."""
    enrol(running.mission, key(DEVICE).author, holder="team", role="monitor")
    freeze(running)
    first = submit(running.mission, sent(1, device=DEVICE), "first")
    fork = submit(running.mission, sent(2, device=DEVICE, draw=1), "fork")
    conflict = submit(running.mission, sent(1, as_number=2, count=9, device=DEVICE), "conflict")
    assert [one.outcome for one in (first, fork, conflict)] == [
        Outcome.ADMITTED,
        Outcome.FORK,
        Outcome.CONFLICT,
    ]
    verify_mission(running.mission)


# The roll.


def test_the_roll_shows_who_is_not_accounted_for_first(suspended: Office) -> None:
    suspended.clock.wait(minutes=10)
    account_for(suspended.mission, DUTY, ["carla"], StaffStatus.SAFE)
    account_for(suspended.mission, DUTY, ["driver"], StaffStatus.MISSING, note="EXERCISE")
    found = roll(suspended.mission, HEAD)
    assert [line.person for line in found.lines] == ["ben", "canary-anna", "driver", "carla"]
    assert found.not_known == ("ben", "canary-anna")
    assert found.counts()["not known"] == 2
    assert found.counts()["safe"] == found.counts()["missing"] == 1
    assert found.counts()["deceased"] == 0


def test_people_are_accounted_for_all_or_none(suspended: Office) -> None:
    with pytest.raises(RejectedInput):
        account_for(suspended.mission, DUTY, ["ben", ""], StaffStatus.SAFE)
    assert "ben" in roll(suspended.mission, HEAD).not_known


def test_the_roll_is_not_for_a_guarantor_to_read(suspended: Office) -> None:
    with pytest.raises(RuleViolation) as refusal:
        roll(suspended.mission, X)
    assert refusal.value.rule == "capacity"
    assert "ben" not in str(refusal.value)


def test_nothing_of_the_roll_is_public_in_the_record(suspended: Office) -> None:
    expect_staff(suspended.mission, HEAD, ["dora"])
    account_for(suspended.mission, DUTY, ["ben"], StaffStatus.DETAINED)
    assert [one.fields["step"] for one in public_entries(suspended.mission, {"suspension"})] == ["suspend"]


# The hand-over.


def test_a_hand_over_names_the_very_file_and_the_log_that_it_holds(suspended: Office, tmp_path: Path) -> None:
    out = tmp_path / "hand-over.tar"
    done = hand_over(suspended.mission, HEAD, "EXERCISE Office", out, what="One disk, by courier.")
    recorded = standing(suspended.mission).hand_overs[-1]
    assert recorded.sha256 == done.sha256 == hashlib.sha256(out.read_bytes()).hexdigest()
    with suspended.mission.store.read() as transaction:
        head = transaction.head_at(recorded.tree_size)
    assert head is not None
    assert recorded.root == head.root.hex()
    assert (recorded.leaf_index, recorded.to) == (done.leaf_index, "EXERCISE Office")
    assert recorded.tree_size == done.leaf_index


def test_a_hand_over_restores_to_a_suspended_mission_that_can_be_resumed(
    suspended: Office, tmp_path: Path
) -> None:
    out = tmp_path / "hand-over.tar"
    hand_over(suspended.mission, HEAD, "EXERCISE Office", out, what="One disk.", with_keys=True)
    unpack(out, tmp_path / "again")
    again = open_mission(tmp_path / "again", clock=suspended.clock, entropy=entropy(9))
    verify_mission(again)
    assert standing(again).phase is Phase.SUSPENDED
    assert roll(again, HEAD).not_known == roll(suspended.mission, HEAD).not_known
    suspended.mission.ledger.publish()
    # The record of the hand-over itself comes back from the published log.
    assert settle(again, log_copy=suspended.folder / "log", alone=True).adopted == 1
    resume(again, HEAD, ground="EXERCISE: it is over")
    verify_mission(again)
    again.close()


def test_a_mission_that_runs_is_not_handed_over_and_no_file_is_left(running: Office, tmp_path: Path) -> None:
    out = tmp_path / "hand-over.tar"
    with pytest.raises(RuleViolation) as refusal:
        hand_over(running.mission, HEAD, "EXERCISE Office", out, what="One disk.")
    assert refusal.value.rule == "suspension"
    assert not out.exists()


def test_a_file_whose_hand_over_is_not_recorded_does_not_stay(
    suspended: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("truceline.mission.evacuation.handing_over.act", cut)
    with pytest.raises(PowerCutError):
        hand_over(suspended.mission, HEAD, "EXERCISE Office", tmp_path / "out.tar", what="One disk.")
    assert list(tmp_path.glob("*out.tar*")) == []


def test_a_hand_over_does_not_stay_in_the_missions_folder(suspended: Office) -> None:
    with pytest.raises(RejectedInput, match="leaves the mission's folder"):
        hand_over(suspended.mission, HEAD, "Office", suspended.folder / "keys" / "out.tar", what="One disk.")


# The destruction of the keys.


def test_no_private_key_is_left_below_the_folder(suspended: Office, backend: Backend) -> None:
    secrets = secrets_of(suspended)
    assert len(secrets) == 10
    assert len(holding(backend.files(suspended.mission), *secrets)) == 5
    done = destroy(suspended)
    assert done.finished
    assert set(done.keys) == {"author", "log", "tier-parties", "tier-commission", "tier-sealed"}
    assert holding(backend.files(suspended.mission), *secrets, b"PRIVATE KEY") == []
    suspended.reopened()
    assert holding(backend.files(suspended.mission), *secrets, b"PRIVATE KEY") == []


def test_nothing_that_was_not_public_can_be_read_in_any_file(suspended: Office, backend: Backend) -> None:
    assert holding(backend.files(suspended.mission), *CANARIES) != []
    assert [text for text in CANARIES if not holding(backend.files(suspended.mission), text)] == []
    destroy(suspended)
    assert holding(backend.files(suspended.mission), *CANARIES) == []
    suspended.reopened()
    assert holding(backend.files(suspended.mission), *CANARIES) == []
    assert holding(backend.files(suspended.mission), b"public-claim-1") != []


def test_the_log_verifies_afterwards(shut: Office) -> None:
    report = verify_mission(shut.mission)
    assert report.checkpoint.size == size(shut.mission)
    alone = verify_log(shut.folder / "log", report.key)
    assert alone.checkpoint.root == report.checkpoint.root


def test_what_was_public_can_be_read_proved_and_audited_afterwards(shut: Office, tmp_path: Path) -> None:
    mission = shut.mission
    report = make_daily_report(mission, DAY)
    assert [entry.claim.claim_id for entry in report.claims] == ["public-claim-1"]
    assert all(path.is_file() for path in write_report(mission, DAY, tmp_path / "report"))
    row_of_claim = latest(mission, "claims")
    proof = prove_record(mission, row_of_claim.record_id)
    verify_proof(
        proof.encode(), mission.ledger.log_key.verifier_key(mission.ledger.origin), row_of_claim.leaf
    )
    assert b"public-claim-1" in disclose_item(mission, row_of_claim.record_id, Tier.PUBLIC, 0)
    disclose(mission, "public", tmp_path / "public.zip")
    shut.clock.wait(days=2)
    disclose(mission, "parties", tmp_path / "parties.zip")
    assert audit(shut.folder / "log", tmp_path / "parties.zip").sound
    assert dict(mission_status(mission).statements) == {"claims": 1}
    assert recorded_observations(mission) == []


def test_how_it_ended_can_be_read_afterwards(shut: Office) -> None:
    found = standing(shut.mission)
    assert found.phase is Phase.KEYS_DESTROYED
    assert found.ground == GROUND
    assert found.destroyed_at == shut.clock.now()
    assert set(found.destroyed) == {"author", "log", "tier-parties", "tier-commission", "tier-sealed"}


def test_the_public_part_of_each_step_reads_the_same_before_and_after(suspended: Office) -> None:
    before = public_entries(suspended.mission)
    destroy(suspended)
    after = public_entries(suspended.reopened())
    assert after[:-1] == before
    assert after[-1].fields["step"] == "destroy-keys"
    assert "person" not in str([one.fields.keys() for one in after])


def test_nothing_is_recorded_afterwards(shut: Office, make_table: MakeTable) -> None:
    mission, before = shut.mission, size(shut.mission)
    stranger, seen = SigningKey.generate(entropy(600)).author, latest(mission, "claims").record_id
    for attempt in (
        lambda: ingest(mission, make_table([row(51)]), "table"),
        lambda: erase(mission, seen, authority="A", ground="B", second=DEPUTY),
        lambda: enrol(mission, stranger, holder="somebody", role="monitor"),
        lambda: resume(mission, HEAD, ground="EXERCISE"),
        lambda: act(mission, X, AppointMember("chair", START, member="someone"), key=OWN),
        lambda: mission.ledger.log_key.sign(b"anything"),
        lambda: mission.ledger.author.save(shut.folder / "keys" / "author.pem"),
    ):
        with pytest.raises(RuleViolation, match=r"were destroyed on 2030-01-14") as refusal:
            attempt()
        assert refusal.value.rule == "suspension"
    assert size(mission) == before
    assert not (shut.folder / "keys" / "author.pem").exists()


def test_no_submission_is_taken_in_afterwards(running: Office) -> None:
    enrol(running.mission, key(DEVICE).author, holder="team", role="monitor")
    freeze(running)
    destroy(running)
    with pytest.raises(RuleViolation, match="destroyed"):
        submit(running.reopened(), sent(1, device=DEVICE), "late")


def test_a_program_that_still_has_the_keys_in_memory_signs_nothing(
    suspended: Office, make_table: MakeTable
) -> None:
    other = open_mission(suspended.folder, clock=suspended.clock, entropy=entropy(9))
    destroy(suspended)
    with pytest.raises(RuleViolation, match="destroyed"):
        ingest(other, make_table([row(51)]), "table")
    other.close()


def test_how_the_mechanism_stood_cannot_be_told_and_this_is_said(shut: Office) -> None:
    for attempt in (lambda: mechanism(shut.mission), lambda: roll(shut.mission, HEAD)):
        with pytest.raises(RuleViolation, match="truceline suspension entries"):
            attempt()


def test_a_tier_key_that_is_brought_back_opens_its_tier_and_is_left_alone(
    suspended: Office, tmp_path: Path
) -> None:
    kept = tmp_path / "tier-commission.pem"
    shutil.copy(suspended.folder / "keys" / "tier-commission.pem", kept)
    destroy(suspended)
    suspended.mission.close()
    shutil.copy(kept, suspended.folder / "keys" / "tier-commission.pem")
    again = suspended.reopened()
    rebuild(again)
    assert "canary-source" in {one.source_id for one in recorded_observations(again)}
    assert (suspended.folder / "keys" / "tier-commission.pem").exists()


def test_witnesses_can_still_attest_the_last_checkpoint(suspended: Office, tmp_path: Path) -> None:
    wire = Wire(suspended.mission, tmp_path, suspended.clock)
    (suspended.folder / POLICY_FILE).write_text(wire.policy())
    destroy(suspended)
    collected = collect(suspended.reopened(), send=wire)
    assert {one.answer for one in collected.states} == {Answer.COSIGNED}
    assert collected.size == size(suspended.mission)
    wire.close()


def test_a_backup_of_what_is_left_restores_and_can_be_read(shut: Office, tmp_path: Path) -> None:
    back_up(shut.mission, tmp_path / "left.tar", with_keys=True)
    unpack(tmp_path / "left.tar", tmp_path / "again")
    again = open_mission(tmp_path / "again")
    assert standing(again).phase is Phase.KEYS_DESTROYED
    verify_mission(again)
    assert dict(rebuild(again).statements) == {"claims": 1}
    again.close()


# Two people.


def refused(office: Office, second: SigningKey) -> str:
    """Return the rule that forbids it; nothing has changed, and every key is there."""
    before, keys = size(office.mission), secrets_of(office)
    with pytest.raises(RuleViolation) as refusal:
        destroy_keys(office.mission, HEAD, second, ground=GROUND)
    assert (size(office.mission), secrets_of(office)) == (before, keys)
    return refusal.value.rule


def test_one_person_alone_destroys_no_keys(suspended: Office) -> None:
    assert refused(suspended, suspended.mission.ledger.author) == "two_people"
    assert refused(suspended, OWN) == "two_people"


def test_a_second_key_that_is_enrolled_for_nobody_does_not_count(suspended: Office) -> None:
    assert refused(suspended, SigningKey.generate(entropy(700))) == "two_people"


def test_the_keys_of_a_mission_that_runs_are_not_destroyed(running: Office) -> None:
    assert refused(running, DEPUTY) == "suspension"


def test_a_duty_officer_destroys_no_keys(suspended: Office) -> None:
    with pytest.raises(RuleViolation) as refusal:
        destroy_keys(suspended.mission, DUTY, DEPUTY, ground=GROUND)
    assert refusal.value.rule == "capacity"


def test_keys_that_are_missing_with_no_record_of_it_are_a_fault(suspended: Office) -> None:
    (suspended.folder / "keys" / "log.pem").unlink()
    with pytest.raises(StorageFailure, match=r"log\.pem"):
        suspended.reopened()


def test_who_worked_in_the_service_goes_with_the_keys(suspended: Office, backend: Backend) -> None:
    store = AccountStore(suspended.folder)
    row: Row = {"at": 1, "person": "olena", "role": "monitor", "permission": "read", "path": "/incidents"}
    with store.write() as transaction:
        transaction.add(visits, row)
    assert holding(backend.files(suspended.mission), b"olena") != []
    destroy(suspended)
    store.close()
    assert account_files(suspended.folder) == []
    assert holding(backend.files(suspended.mission), b"olena") == []


# Cut off in between.


@pytest.mark.parametrize(
    "step", ["publishing", "first key", "third key", "emptying", "scrubbing", "rebuilding"]
)
def test_a_destruction_that_is_cut_off_is_finished_at_the_next_opening(
    backend: Backend, step: str, suspended: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = secrets_of(suspended)
    destroyed: list[Path] = []

    def third(path: Path) -> None:
        destroyed.append(path)
        if len(destroyed) == 3:
            raise PowerCutError
        path.unlink()

    match step:
        case "publishing":
            monkeypatch.setattr(Ledger, "_publish", cut)
        case "first key":
            monkeypatch.setattr(shutting, "destroy_key", cut)
        case "third key":
            monkeypatch.setattr(shutting, "destroy_key", third)
        case "emptying":
            monkeypatch.setattr(shutting, "_public_acts", cut)
        case "scrubbing":
            monkeypatch.setattr(Store, "scrub", cut)
        case _:
            monkeypatch.setattr(destroying, "rebuild", cut)
    with pytest.raises(PowerCutError):
        destroy(suspended)
    monkeypatch.undo()
    again = suspended.reopened()
    assert holding(backend.files(suspended.mission), *secrets, b"PRIVATE KEY", *CANARIES) == []
    verify_mission(again)
    assert standing(again).phase is Phase.KEYS_DESTROYED
    assert dict(mission_status(again).statements) == {"claims": 1}


def test_a_destruction_that_is_cut_off_before_its_commit_has_not_begun(
    suspended: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = secrets_of(suspended)
    monkeypatch.setattr(destroying, "mark_pending", cut)
    with pytest.raises(PowerCutError):
        destroy(suspended)
    monkeypatch.undo()
    again = suspended.reopened()
    assert secrets_of(suspended) == secrets
    assert standing(again).phase is Phase.SUSPENDED


def test_a_log_that_cannot_be_published_does_not_save_the_keys(
    backend: Backend, suspended: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_ledger: Ledger) -> None:
        raise StorageFailure("No space is left.")

    secrets = secrets_of(suspended)
    monkeypatch.setattr(destroying, "rebuild", lambda _mission: None)
    monkeypatch.setattr(Ledger, "_publish", full)
    done = destroy(suspended)
    monkeypatch.undo()
    assert not done.published
    assert holding(backend.files(suspended.mission), *secrets) == []


def test_a_key_that_cannot_be_destroyed_is_told_and_saves_no_other(
    backend: Backend, suspended: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stuck(path: Path) -> None:
        if path.name == "log.pem":
            raise StorageFailure(f"The key file {path} cannot be destroyed: it is stuck.")
        destroy_key(path)

    monkeypatch.setattr(shutting, "destroy_key", stuck)
    with pytest.raises(StorageFailure, match=r"log\.pem cannot be destroyed"):
        destroy(suspended)
    with pytest.raises(StorageFailure, match=r"log\.pem cannot be destroyed"):
        suspended.reopened()
    assert [path.name for path in (suspended.folder / "keys").glob("*.pem")] == ["log.pem"]
    assert holding(backend.files(suspended.mission), *CANARIES) == []
    monkeypatch.undo()
    suspended.reopened()
    assert list((suspended.folder / "keys").glob("*.pem")) == []


def test_what_is_public_and_damaged_does_not_save_the_keys(suspended: Office, backend: Backend) -> None:
    secrets = secrets_of(suspended)
    digest = dict(latest(suspended.mission, "claims").openings)["public"]
    (suspended.folder / "vault" / digest[:2] / digest).write_bytes(b"damaged")
    with pytest.raises(StorageFailure, match="The keys are destroyed") as failure:
        destroy(suspended)
    assert digest in str(failure.value)
    again = suspended.reopened()
    assert holding(backend.files(suspended.mission), *secrets, *CANARIES) == []
    with pytest.raises(StorageFailure, match="truceline rebuild"):
        make_daily_report(again, DAY)


# What cannot be reached is told.


def test_a_key_that_lies_elsewhere_is_destroyed_where_it_lies(suspended: Office, tmp_path: Path) -> None:
    here, elsewhere = suspended.folder / "keys" / "tier-sealed.pem", tmp_path / "stick.pem"
    here.rename(elsewhere)
    here.symlink_to(elsewhere)
    destroy(suspended)
    assert set(elsewhere.read_bytes()) == {0}
    assert not here.is_symlink()


def test_other_files_beside_the_keys_are_told_and_not_touched(suspended: Office) -> None:
    stray = suspended.folder / "keys" / "author.pem.old"
    stray.write_text("EXERCISE")
    assert destroy(suspended).left == ("author.pem.old",)
    assert stray.exists()


def test_what_was_never_sealed_is_told(running: Office, make_table: MakeTable) -> None:
    """As in a mission made before there was sealing."""
    mission = running.mission
    old = replace(mission, ledger=replace(mission.ledger, tier_keys=TierKeys()))
    ingest(old, make_table([row(61)]), "table")
    freeze(running)
    assert destroy(running).unsealed == 2  # the observations, and what the import says for the commission


def test_a_record_that_was_not_signed_by_two_destroys_nothing(suspended: Office) -> None:
    """Somebody records it around the program, with other words than the second person signed."""
    mission, state = suspended.mission, mechanism(suspended.mission)
    with mission.ledger.writing() as writer:
        step = destroying._signed(mission, writer, state, DEPUTY, GROUND)
        forged = encode(replace(step, ground="EXERCISE: other words"), HEAD)
        writer.append(Draft("suspension", fields_payload(forged)))
    again = suspended.reopened()
    assert len(secrets_of(suspended)) == 10
    assert standing(again).phase is Phase.SUSPENDED
    assert [one.rule for one in mechanism(again).irregular] == ["two_people"]
    resume(again, HEAD, ground="EXERCISE: it is over")
