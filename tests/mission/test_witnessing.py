# SPDX-License-Identifier: Apache-2.0
"""The log is published with whatever it has; who vouches for it, and who does not, is told by name."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Lock, Thread

import pytest
from tests.mission.made import CLOCK, PACKS, MakeTable, entropy, row
from tests.mission.witnesses import NAMES, Wire, down
from typer.testing import CliRunner, Result

from truceline.cli.app import app
from truceline.clock import FixedClock
from truceline.errors import RejectedInput, StorageFailure
from truceline.evidence import SigningKey, VerificationError, sign_checkpoint, verify_log
from truceline.evidence.cosignature import cosign
from truceline.evidence.verify.__main__ import main as verifier
from truceline.evidence.verify.cosignature import parse_cosigner_key
from truceline.evidence.verify.note import parse_note
from truceline.evidence.verify.policy import attestation, verify_attested
from truceline.evidence.witness_desk import WitnessServer
from truceline.mission import Mission, ingest, init_mission, open_mission, verify_mission
from truceline.mission.witnesses.asking import Answer, WitnessState
from truceline.mission.witnesses.posting import MAX_REPLY, Reply, Unreachable, post
from truceline.mission.witnesses.witnessing import (
    collect,
    current_state,
    read_policy,
    reconcile,
    witness_standing,
)

TRUCELINE = Path(sys.executable).with_name("truceline")


@pytest.fixture
def wire(mission: Mission, tmp_path: Path) -> Iterator[Wire]:
    made = Wire(mission, tmp_path / "witnesses")
    (mission.folder / "policy.txt").write_text(made.policy())
    yield made
    made.close()


def more(mission: Mission, make_table: MakeTable, number: int) -> int:
    """Take in one more file; return the log's size."""
    ingest(mission, make_table([row(number)]), "table")
    return current_state(mission).size


def published(mission: Mission) -> bytes:
    return (mission.folder / "log" / "checkpoint").read_bytes()


def answers(states: tuple[WitnessState, ...] | list[WitnessState]) -> dict[str, Answer]:
    return {state.name: state.answer for state in states}


def test_cosignatures_are_kept_and_shown_below_the_unchanged_checkpoint(mission: Mission, wire: Wire) -> None:
    base = published(mission)
    found = collect(mission, send=wire)
    assert found.attestation.attested
    assert found.shown
    assert published(mission).startswith(base)
    assert len(parse_note(published(mission), "").signatures) == 4
    assert (mission.folder / "cosignatures" / f"{found.size}.txt").read_bytes() == published(mission)
    assert verify_attested(read_policy(mission), published(mission)) == found.attestation


def test_a_cosigned_log_still_verifies_and_publishing_again_keeps_the_cosignatures(
    mission: Mission, wire: Wire
) -> None:
    size = collect(mission, send=wire).size
    cosigned = published(mission)
    mission.ledger.publish()
    verify_mission(mission)
    assert verify_log(mission.folder / "log", wire.log_key).checkpoint.size == size
    assert published(mission) == cosigned


def test_a_log_that_grew_is_published_at_once_and_cosigned_at_the_next_collection(
    mission: Mission, wire: Wire, make_table: MakeTable
) -> None:
    first = collect(mission, send=wire).size
    size = more(mission, make_table, 1)
    assert len(parse_note(published(mission), "").signatures) == 1
    standing = witness_standing(mission)
    assert (standing.size, standing.attested_size, standing.attestation.attested) == (size, first, False)
    assert collect(mission, send=wire).attestation.attested
    assert witness_standing(mission).attested_size == size
    verify_mission(mission)


@pytest.mark.parametrize(("absent", "attested"), [("north", True), ("south", True), ("neutral", False)])
def test_a_witness_that_is_down_is_named_and_holds_nothing_back(
    mission: Mission, wire: Wire, absent: str, attested: bool
) -> None:
    wire.instead[absent] = down
    found = collect(mission, send=wire)
    state = next(state for state in found.states if state.name == absent)
    assert (state.answer, state.reason) == (Answer.UNREACHABLE, "no answer: connection refused")
    assert found.attestation.attested is attested
    assert found.attestation.missing == (absent,)
    assert found.shown
    assert len(parse_note(published(mission), "").signatures) == 3


def test_a_witness_that_was_down_is_asked_again_and_the_others_are_not(mission: Mission, wire: Wire) -> None:
    wire.instead["north"] = down
    collect(mission, send=wire)
    del wire.instead["north"], wire.asked[:]
    assert collect(mission, send=wire).attestation.missing == ()
    assert set(wire.asked) == {"north"}


def test_a_mission_with_all_witnesses_down_is_published_all_the_same(mission: Mission, wire: Wire) -> None:
    wire.instead = dict.fromkeys(NAMES, down)
    found = collect(mission, send=wire)
    assert not found.attestation.attested
    assert verify_mission(mission).checkpoint.size == found.size


def forged(mission: Mission, name: str, **changes: datetime) -> Reply:
    """Answer with a cosignature that another key made, or at another time."""
    text = parse_note(current_state(mission).checkpoint, "").text
    key = SigningKey.generate(bytes([2 + NAMES.index(name)]).__mul__)
    line = cosign(text, f"witness.example/{name}", key, changes.get("at", CLOCK.now()))
    if "at" not in changes:
        line = line[:-20] + (b"A" if line[-20:-19] != b"A" else b"B") + line[-19:]
    return Reply(200, "text/plain", line)


def test_a_forged_cosignature_is_neither_kept_nor_shown(mission: Mission, wire: Wire) -> None:
    wire.instead["north"] = lambda *_: forged(mission, "north")
    found = collect(mission, send=wire)
    assert "does not verify" in found.states[0].reason
    assert found.attestation.missing == ("north",)
    assert b"witness.example/north" not in published(mission)


@pytest.mark.parametrize(("days", "what"), [(-2, "before the last record"), (2, "in the future")])
def test_a_cosignature_of_an_impossible_time_is_refused(
    mission: Mission, wire: Wire, days: int, what: str
) -> None:
    # Logged on 1 May: nobody can have seen it two days before.
    wire.instead["north"] = lambda *_: forged(mission, "north", at=CLOCK.now() + timedelta(days=days))
    found = collect(mission, send=wire)
    assert what in found.states[0].reason
    assert found.attestation.missing == ("north",)


def test_a_cosignature_by_another_witnesss_key_counts_for_nobody(mission: Mission, wire: Wire) -> None:
    wire.instead["north"] = lambda _url, _type, body: wire.honest("south", body)
    found = collect(mission, send=wire)
    assert "without a cosignature by its key" in found.states[0].reason
    assert found.attestation.missing == ("north",)


def test_an_answer_that_would_change_the_signed_text_is_refused(mission: Mission, wire: Wire) -> None:
    # The empty line makes checkpoint and answer a note of a longer text, which is truly signed.
    base = current_state(mission).checkpoint.decode()
    key = SigningKey.generate(bytes([2]).__mul__)
    line = cosign(base + "more\n", "witness.example/north", key, CLOCK.now())
    wire.instead["north"] = lambda *_: Reply(200, "text/plain", b"more\n\n" + line)
    found = collect(mission, send=wire)
    assert "more than signature lines" in found.states[0].reason
    assert witness_standing(mission).attestation == found.attestation


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, "text/plain", b""),
        Reply(200, "text/plain", b"\xff" * 100),
        Reply(200, "text/plain", "\u2014 a b\n".encode() * 100),
        Reply(403, "text/plain", b"\x1b[2J no"),
        Reply(404, "text/plain", b""),
        Reply(409, "text/x.tlog.size", b"many\n"),
        Reply(409, "text/x.tlog.size", b"1\n"),
        Reply(500, "text/html", b"<html>"),
        Reply(302, "text/plain", b""),
    ],
)
def test_nonsense_from_a_witness_is_a_refusal_that_is_told(
    mission: Mission, wire: Wire, reply: Reply
) -> None:
    wire.instead["north"] = lambda *_: reply
    found = collect(mission, send=wire)
    assert answers(found.states)["north"] is Answer.REFUSED
    assert found.states[0].reason.isprintable()
    assert found.attestation.attested


def test_a_witness_killed_between_keeping_and_answering_cosigns_when_asked_again(
    mission: Mission, wire: Wire
) -> None:
    def dying(_url: str, _type: str, body: bytes) -> Reply | Unreachable:
        reply = wire.honest("north", body)
        return Unreachable("no answer: connection reset") if reply.status == 200 else reply

    wire.instead["north"] = dying
    assert collect(mission, send=wire).attestation.missing == ("north",)
    last = wire.desks["north"].last(mission.settings.origin)
    assert last is not None
    assert last.size == current_state(mission).size
    del wire.instead["north"]
    assert collect(mission, send=wire).attestation.missing == ()


def test_two_who_collect_at_once_are_both_served(mission: Mission, wire: Wire) -> None:
    cut_in = [True]

    def beaten(_url: str, _type: str, body: bytes) -> Reply:
        reply = wire.honest("north", body)
        if cut_in and cut_in.pop():  # between our two questions another collector asks
            wire.honest("north", b"old 0\n\n" + current_state(mission).checkpoint)
        return reply

    wire.instead["north"] = beaten
    assert collect(mission, send=wire).attestation.missing == ()


def test_a_mission_killed_between_keeping_and_showing_shows_them_at_the_next_collection(
    mission: Mission, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """The process is gone."""

    def dying(*_: object) -> bool:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("truceline.mission.witnesses.witnessing.publish_cosigned", dying)
        with pytest.raises(Killed):
            collect(mission, send=wire)
    assert len(parse_note(published(mission), "").signatures) == 1
    del wire.asked[:]
    assert collect(mission, send=wire).shown
    assert wire.asked == []
    assert len(parse_note(published(mission), "").signatures) == 4


def test_cosignatures_come_back_when_the_published_folder_is_made_anew(mission: Mission, wire: Wire) -> None:
    collect(mission, send=wire)
    before = published(mission)
    shutil.rmtree(mission.folder / "log")
    collect(mission, send=wire)
    assert published(mission) == before


def test_records_that_come_while_witnesses_are_asked_are_not_taken_back(
    mission: Mission, wire: Wire, make_table: MakeTable
) -> None:
    size, growing = current_state(mission).size, Lock()

    def meanwhile(url: str, content_type: str, body: bytes) -> Reply | Unreachable:
        with growing:
            if current_state(mission).size == size:
                more(mission, make_table, 1)
        return wire(url, content_type, body)

    found = collect(mission, send=meanwhile)
    assert (found.size, found.shown, found.attestation.attested) == (size, False, True)
    assert current_state(mission).size > size
    assert published(mission) == current_state(mission).checkpoint
    assert verify_mission(mission).checkpoint.size > size
    assert witness_standing(mission).attested_size == size


def test_an_old_backup_is_told_by_the_witnesses_who_are_ahead(
    mission: Mission, wire: Wire, make_table: MakeTable, tmp_path: Path
) -> None:
    shutil.copytree(mission.folder, tmp_path / "backup")
    more(mission, make_table, 1)
    wire.instead["south"] = down
    size = collect(mission, send=wire).size
    del wire.instead["south"]
    restored = open_mission(tmp_path / "backup", clock=CLOCK)
    before = current_state(restored)
    states = reconcile(restored, send=wire)
    assert answers(states) == {"north": Answer.AHEAD, "south": Answer.COSIGNED, "neutral": Answer.AHEAD}
    assert [state.size for state in states] == [size, before.size, size]
    assert current_state(restored) == before
    restored.close()


def test_a_restored_mission_that_went_on_is_a_fork_and_told_as_one(
    mission: Mission, wire: Wire, make_table: MakeTable, tmp_path: Path
) -> None:
    shutil.copytree(mission.folder, tmp_path / "backup")
    more(mission, make_table, 1)
    collect(mission, send=wire)
    restored = open_mission(tmp_path / "backup", clock=CLOCK)
    more(restored, make_table, 2)  # the same size, another tree
    assert set(answers(reconcile(restored, send=wire)).values()) == {Answer.FORKED}
    more(restored, make_table, 3)  # larger, but no continuation
    found = collect(restored, send=wire)
    assert set(answers(found.states).values()) == {Answer.FORKED}
    assert not found.attestation.attested
    assert "does not continue" in found.states[0].reason
    restored.close()


def test_a_mission_that_is_whole_is_matched_by_every_witness(
    mission: Mission, wire: Wire, make_table: MakeTable
) -> None:
    collect(mission, send=wire)
    assert set(answers(reconcile(mission, send=wire)).values()) == {Answer.COSIGNED}
    size = more(mission, make_table, 1)
    states = reconcile(mission, send=wire)
    assert {state.size for state in states} == {size}


def test_a_split_view_gets_one_side_attested_only(mission: Mission, wire: Wire, tmp_path: Path) -> None:
    # An operator with two trees of one size; the quorum must meet in the neutral witness.
    collect(mission, send=wire)
    state = current_state(mission)
    other = sign_checkpoint(mission.settings.origin, state.size, bytes(32), mission.ledger.log_key)
    for name in NAMES:
        reply = wire.honest(name, b"old %d\n\n" % state.size + other)
        assert (reply.status, reply.body) == (409, b"%d\n" % state.size)
    assert not attestation(read_policy(mission), other).attested
    for name in NAMES:
        assert len(list((tmp_path / "witnesses" / name / "disputed").iterdir())) == 1


def test_a_kept_cosignature_that_was_altered_is_caught(mission: Mission, wire: Wire) -> None:
    size = collect(mission, send=wire).size
    path = mission.folder / "cosignatures" / f"{size}.txt"
    whole = path.read_bytes()
    path.write_bytes(whole[:-10] + bytes([whole[-10] ^ 1]) + whole[-9:])
    with pytest.raises(VerificationError):
        witness_standing(mission)
    path.write_bytes(whole.replace(b"\n%d\n" % size, b"\n99\n"))
    with pytest.raises(StorageFailure, match="another checkpoint"):
        collect(mission, send=wire)


def test_a_mission_without_a_policy_or_with_anothers_is_told_so(mission: Mission, wire: Wire) -> None:
    path = mission.folder / "policy.txt"
    other = SigningKey.generate(bytes([9]).__mul__).verifier_key(mission.settings.origin)
    path.write_text(wire.policy().replace(wire.log_key, other))
    with pytest.raises(VerificationError, match="does not list this mission"):
        collect(mission, send=wire)
    path.unlink()
    with pytest.raises(RejectedInput, match=r"has no policy\.txt"):
        witness_standing(mission)


def test_a_witness_without_an_address_is_told_of(mission: Mission, wire: Wire) -> None:
    (mission.folder / "policy.txt").write_text(wire.policy().replace(" http://north.example", ""))
    assert collect(mission, send=wire).states[0].reason == "the policy gives no address for it"


@pytest.mark.parametrize(
    "url",
    ["ftp://127.0.0.1/", "http:///x", "witness", "http://[::1", "http://127.0.0.1:99999/", "http://\u00e9/"],
)
def test_what_is_no_web_address_is_unreachable(url: str) -> None:
    assert isinstance(post(url, "text/plain", b""), Unreachable)


def test_nobody_listening_is_unreachable() -> None:
    server = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    port = server.server_port
    server.server_close()
    assert isinstance(post(f"http://127.0.0.1:{port}/", "text/plain", b""), Unreachable)


def test_an_endless_answer_is_cut_off() -> None:
    class Endless(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"x" * (MAX_REPLY + 1))

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    server = HTTPServer(("127.0.0.1", 0), Endless)
    thread = Thread(target=server.handle_request)
    thread.start()
    reply = post(f"http://127.0.0.1:{server.server_port}/", "text/plain", b"")
    thread.join()
    server.server_close()
    assert reply == Unreachable("the answer is too long")


def truceline(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def test_the_verbs_work_over_real_connections(tmp_path: Path) -> None:
    mission = init_mission(PACKS / "easter-truce-2025", tmp_path / "m", entropy=entropy(1))
    wire = Wire(mission, tmp_path / "witnesses", FixedClock(datetime.now(UTC)))
    mission.close()
    server = WitnessServer(("127.0.0.1", 0), wire.desks["neutral"], lambda _line: None)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    text = wire.policy("quorum neutral\n")
    text = text.replace("http://neutral.example", f"http://127.0.0.1:{server.server_port}/")
    text = text.replace(" http://north.example", "").replace(" http://south.example", "")
    (tmp_path / "m" / "policy.txt").write_text(text)
    before = truceline("witness", "status", str(tmp_path / "m"))
    asked = truceline("witness", "collect", str(tmp_path / "m"))
    server.shutdown()
    thread.join()
    server.server_close()
    after = truceline("witness", "status", str(tmp_path / "m"))
    wire.close()
    assert "NOT attested, 0 of 3" in before.output
    assert asked.exit_code == 0, asked.output
    assert ": attested, 1 of 3" in asked.output
    assert "north: unreachable: the policy gives no address for it" in asked.output
    assert "neutral: cosigned" in after.output


def test_the_verbs_of_a_witness_say_its_key_and_what_was_wrong(mission: Mission, tmp_path: Path) -> None:
    log_key = mission.ledger.log_key.verifier_key(mission.settings.origin)
    made = truceline("witness", "init", str(tmp_path / "w"), "--name", "witness.example/w", "--json")
    parse_cosigner_key(json.loads(made.output)["key"])
    refused = truceline("witness", "serve", str(tmp_path / "w"), "--log", log_key, "--listen", "nowhere")
    assert isinstance(refused.exception, RejectedInput)
    assert "HOST:PORT" in str(refused.exception)


def test_the_verb_fails_when_a_witness_has_seen_another_log(
    mission: Mission, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "truceline.mission.witnesses.witnessing.collect.__kwdefaults__",
        {"send": lambda *_: Reply(409, "text/x.tlog.size", b"999\n")},
    )
    done = truceline("witness", "collect", str(mission.folder))
    assert done.exit_code == 1
    assert "was an old backup restored?" in done.output
    assert wire.asked == []


@contextmanager
def serving(folder: Path, log_key: str) -> Iterator[str]:
    """Serve a witness in a process of its own, and kill that without warning."""
    command = [str(TRUCELINE), "witness", "serve", str(folder), "--log", log_key, "--listen", "127.0.0.1:0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().split(" answers at ")[1].strip()
        process.kill()


def test_a_served_witness_that_is_killed_still_knows_what_it_cosigned(
    mission: Mission, tmp_path: Path
) -> None:
    key = mission.ledger.log_key
    log_key = key.verifier_key(mission.settings.origin)
    assert truceline("witness", "init", str(tmp_path / "w"), "--name", "witness.example/w").exit_code == 0
    first, other = (sign_checkpoint(mission.settings.origin, 9, bytes([root] * 32), key) for root in (1, 2))
    with serving(tmp_path / "w", log_key) as url:
        reply = post(url, "text/plain", b"old 0\n\n" + first)
        assert isinstance(reply, Reply)
        assert reply.status == 200
    with serving(tmp_path / "w", log_key) as url:
        split = post(url, "text/plain", b"old 0\n\n" + other)
        assert split == Reply(409, "text/x.tlog.size", b"9\n")
        assert post(url, "text/plain", b"old 9\n\n" + other) == split
        again = post(url, "text/plain", b"old 9\n\n" + first)
        assert isinstance(again, Reply)
        assert again.status == 200


def test_the_verifiers_program_says_who_attested_and_fails_where_too_few_did(
    mission: Mission,
    wire: Wire,
    make_table: MakeTable,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    collect(mission, send=wire)
    policy = tmp_path / "policy"
    policy.write_text(wire.policy())
    log = str(mission.folder / "log")
    assert verifier([log, "--key", wire.log_key, "--policy", str(policy)]) == 0
    assert "attested: seen by neutral" in capsys.readouterr().out
    policy.write_text(wire.policy("group all all north south neutral\nquorum all\n"))
    wire.instead["south"] = down
    more(mission, make_table, 1)
    collect(mission, send=wire)
    assert verifier([log, "--key", wire.log_key, "--policy", str(policy)]) == 1
    assert "south" in capsys.readouterr().out
