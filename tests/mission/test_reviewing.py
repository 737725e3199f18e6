# SPDX-License-Identifier: Apache-2.0
"""EXERCISE: review in a mission: what is recorded, what runs heed, what reports and rolls then show."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from tests.mission.disclosing import given_to, verdicts
from tests.mission.made import MakeTable, entropy, row
from tests.mission.procedural import MovingClock
from tests.procedure.made import DUTY, START, VALLEY

from truceline.errors import RejectedInput, RuleViolation, StorageFailure
from truceline.evidence import SigningKey
from truceline.fusion import ENGINE, ENGINE_WITH_RULINGS
from truceline.mission import Mission, ingest, init_mission, make_daily_report, rebuild, run, verify_mission
from truceline.mission.acting import act
from truceline.mission.audit.disclosed import Verdict
from truceline.mission.devices.enrolment import enrol
from truceline.mission.evidence_files import attachment, content_of
from truceline.mission.replaying import mechanism
from truceline.mission.roll import STATUSES, read_roll, with_reviews
from truceline.mission.run import last_run
from truceline.procedure import Capacity, Who
from truceline.review.steps import (
    AttachFile,
    CannotLink,
    ConfirmStatus,
    MustLink,
    OpenInquiry,
    ProposeStatus,
    Supersede,
)
from truceline.storage import schema
from truceline.vocabulary import Status

FIRST, SECOND = Who("first", Capacity.VERIFIER), Who("second", Capacity.VERIFIER)
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(64)
BEGAN = START - timedelta(days=1)


@pytest.fixture
def valley(tmp_path: Path, make_table: MakeTable) -> Iterator[Mission]:
    """Return a mission with one incident of three reports, whose court is given every tier."""
    pack = shutil.copytree(VALLEY, tmp_path / "pack")
    text = (pack / "agreement.yaml").read_text(encoding="utf-8")
    court = "release_rules:\n  - {audience: court, tiers: [public, parties, commission, sealed]}"
    (pack / "agreement.yaml").write_text(text.replace("release_rules:", court), encoding="utf-8")
    made = init_mission(pack, tmp_path / "valley", clock=MovingClock(), entropy=entropy(4), exercise=True)
    moment = BEGAN.isoformat()
    rows = [
        row(number, event_from=moment, event_to=moment, latitude="48.5", longitude="37.9")
        for number in range(3)
    ]
    ingest(made, make_table(rows), "table")
    run(made)
    yield made
    made.close()


def incidents(mission: Mission) -> dict[str, list[str]]:
    with mission.store.read() as transaction:
        held = [json.loads(body) for body in transaction.bodies(schema.incidents)]
    return {one["incident_id"]: one["members"] for one in held}


def last_step(mission: Mission) -> int:
    return max((one.last for one in mechanism(mission).review.inquiries.values()), default=0)


def verify(mission: Mission, incident: str) -> None:
    act(mission, DUTY, OpenInquiry(incident, "Three teams heard it.", seen=last_step(mission)))
    proposed = ProposeStatus(incident, "verified", "A crater.", "reasonable-grounds", seen=last_step(mission))
    act(mission, FIRST, proposed)
    act(mission, SECOND, ConfirmStatus(incident, "Seen it, too.", seen=last_step(mission)))


def test_what_two_people_verified_shows_at_once_in_the_roll_and_after_a_run_in_the_report(
    valley: Mission,
) -> None:
    (incident,) = incidents(valley)
    verify(valley, incident)
    base = read_roll(valley)
    assert base is not None
    roll = with_reviews(valley, base)
    assert [STATUSES[code] for code in roll.status] == [Status.VERIFIED]
    day = date(2030, 1, 13)
    assert {entry.status for entry in make_daily_report(valley, day).entries} == {Status.ALLEGED}
    run(valley)
    assert {entry.status for entry in make_daily_report(valley, day).entries} == {Status.VERIFIED}


def test_the_mission_states_the_reports_and_who_made_them(valley: Mission) -> None:
    key = SigningKey.generate(entropy(9))
    enrol(valley, key.author, holder="first", role="verifier")
    (incident,) = incidents(valley)
    act(valley, DUTY, OpenInquiry(incident, "Heard."))
    own = ProposeStatus(
        incident, "verified", "Yes.", "reasonable-grounds", seen=last_step(valley), authors=()
    )
    with pytest.raises(RuleViolation, match="a report of your own"):
        act(valley, Who("team-1", Capacity.VERIFIER), own)
    entry = act(valley, FIRST, own)
    assert isinstance(entry.step, ProposeStatus)
    assert entry.step.observations == tuple(incidents(valley)[incident])
    assert entry.step.authors == ("team-0", "team-1", "team-2")


def test_a_ruling_that_keeps_reports_apart_feeds_the_next_run_and_its_audit(valley: Mission) -> None:
    before = incidents(valley)
    verify(valley, next(iter(before)))
    assert run(valley).engine == ENGINE
    act(valley, DUTY, CannotLink("obs-00000", "obs-00002", "Two plumes on the film."))
    done = run(valley)
    assert (done.engine, done.incidents, done.observations) == (ENGINE_WITH_RULINGS, 2, 3)
    assert not any({"obs-00000", "obs-00002"} <= set(members) for members in incidents(valley).values())
    assert verdicts(given_to(valley, "court"), "run") == {Verdict.HOLDS}
    assert Verdict.NOT_SEEN in verdicts(given_to(valley, "public"), "run")
    verify_mission(valley)
    rebuild(valley)
    with valley.store.read() as transaction:
        again = last_run(transaction)
    assert again is not None
    assert again.results_sha256 == done.results_sha256


def test_the_verified_status_stays_with_its_reports_when_the_incidents_id_changes(valley: Mission) -> None:
    (incident,) = incidents(valley)
    verify(valley, incident)
    act(valley, DUTY, Supersede("obs-00000", "It was filed twice."))
    done = run(valley)
    assert done.observations == 3
    ((changed, members),) = incidents(valley).items()
    assert members == ["obs-00001", "obs-00002"]
    assert changed != incident
    base = read_roll(valley)
    assert base is not None
    roll = with_reviews(valley, base)
    assert [STATUSES[code] for code in roll.status] == [Status.VERIFIED]


def test_an_inquiry_goes_on_though_a_correction_changed_the_incidents_id(valley: Mission) -> None:
    (incident,) = incidents(valley)
    act(valley, DUTY, OpenInquiry(incident, "Heard."))
    act(valley, Who("team-0", Capacity.MONITOR), Supersede("obs-00000", "My own mistake."))
    run(valley)
    assert incident not in incidents(valley)
    proposed = ProposeStatus(incident, "verified", "A crater.", "reasonable-grounds", seen=last_step(valley))
    entry = act(valley, FIRST, proposed)
    assert isinstance(entry.step, ProposeStatus)
    assert entry.step.observations == ("obs-00001", "obs-00002")


def test_nobody_confirms_what_rests_on_a_report_that_they_made_meanwhile(
    valley: Mission, make_table: MakeTable
) -> None:
    (incident,) = incidents(valley)
    act(valley, DUTY, OpenInquiry(incident, "Heard."))
    proposed = ProposeStatus(incident, "verified", "A crater.", "reasonable-grounds", seen=last_step(valley))
    act(valley, FIRST, proposed)
    moment = BEGAN.isoformat()
    mine = row(9, event_from=moment, event_to=moment, latitude="48.5", longitude="37.9", source_id="second")
    ingest(valley, make_table([mine]), "table")
    run(valley)
    assert "obs-00009" in incidents(valley)[incident]
    with pytest.raises(RuleViolation, match="a report of your own"):
        act(valley, SECOND, ConfirmStatus(incident, "Yes.", seen=last_step(valley)))
    with pytest.raises(RuleViolation, match="other reports since"):
        act(valley, Who("third", Capacity.VERIFIER), ConfirmStatus(incident, "Yes.", seen=last_step(valley)))


def test_a_correction_takes_the_place_of_the_first_report(valley: Mission, make_table: MakeTable) -> None:
    moment = (BEGAN + timedelta(hours=6)).isoformat()
    right = row(7, event_from=moment, event_to=moment, latitude="48.52", longitude="37.95")
    ingest(valley, make_table([right]), "table")
    act(valley, DUTY, Supersede("obs-00001", "The hour was wrong.", "obs-00007"))
    run(valley)
    held = sorted(incidents(valley).values())
    assert held == [["obs-00000", "obs-00002"], ["obs-00007"]]
    with valley.store.read() as transaction:
        assert transaction.leaf_indexes("observations", ["obs-00001"])


def test_reports_ruled_one_event_are_one_after_the_run(valley: Mission, make_table: MakeTable) -> None:
    later = (BEGAN + timedelta(hours=3)).isoformat()
    ingest(valley, make_table([row(8, event_from=later, event_to=later, latitude="48.5")]), "table")
    run(valley)
    assert len(incidents(valley)) == 2
    act(valley, DUTY, MustLink("obs-00000", "obs-00008", "One barrage; the clock was wrong."))
    run(valley)
    assert any({"obs-00000", "obs-00008"} <= set(members) for members in incidents(valley).values())


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (OpenInquiry("inc-0000000000000000", "Heard."), "no such incident"),
        (MustLink("obs-00000", "obs-99999", "One."), "not on record"),
        (Supersede("obs-99999", "Wrong."), "not on record"),
        (Supersede("obs-00000", "Wrong.", "obs-99999"), "not on record"),
    ],
)
def test_what_is_not_there_is_refused(
    valley: Mission, step: OpenInquiry | MustLink | Supersede, words: str
) -> None:
    with pytest.raises(RejectedInput, match=words):
        act(valley, DUTY, step)


def test_a_file_lies_sealed_in_the_vault_and_opens_with_its_record_alone(valley: Mission) -> None:
    (incident,) = incidents(valley)
    act(valley, DUTY, OpenInquiry(incident, "Heard."))
    absent = AttachFile(incident, "b" * 64, "image/jpeg", 5, "A crater.", seen=last_step(valley))
    with pytest.raises(RejectedInput, match="together with its content"):
        act(valley, DUTY, absent)
    step = attachment(valley, "crater.png", PNG, incident, "A crater.", seen=last_step(valley))
    entry = act(valley, DUTY, step)
    (file,) = mechanism(valley).review.inquiries[incident].files.values()
    assert content_of(valley, file) == PNG
    assert file.file_key not in repr(file)
    for path in valley.ledger.vault.folder.rglob("*"):
        assert path.is_dir() or PNG not in path.read_bytes()
    with pytest.raises(StorageFailure, match="cannot be opened"):
        content_of(valley, replace(file, file_key="AAAA"))
    kept = valley.ledger.vault.folder / file.kept_as[:2] / file.kept_as
    kept.write_bytes(kept.read_bytes()[:-1] + b"x")
    with pytest.raises(StorageFailure, match="changed on disk"):
        content_of(valley, file)
    assert entry.step == step


def test_a_file_under_another_name_or_length_is_refused(valley: Mission) -> None:
    (incident,) = incidents(valley)
    act(valley, DUTY, OpenInquiry(incident, "Heard."))
    step = attachment(valley, "crater.png", PNG, incident, "A crater.", seen=last_step(valley))
    with pytest.raises(RejectedInput, match="another length"):
        act(valley, DUTY, replace(step, size=3))
    with pytest.raises(RejectedInput, match="together with its content"):
        act(valley, DUTY, replace(step, sha256="0" * 64))
