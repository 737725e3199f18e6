# SPDX-License-Identifier: Apache-2.0
"""A witness never cosigns two checkpoints that contradict each other, whatever it is sent."""

from __future__ import annotations

import http.client
import random
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from truceline.clock import FixedClock
from truceline.errors import RejectedInput, StorageFailure
from truceline.evidence import (
    SigningKey,
    TreeEdge,
    VerificationError,
    append,
    consistency_proof,
    leaf_hash,
    root,
    sign_checkpoint,
)
from truceline.evidence import witness_desk as desk_module
from truceline.evidence.cosignature import cosign, cosigner_key
from truceline.evidence.publish import write_whole
from truceline.evidence.verify import merkle_root
from truceline.evidence.verify.cosignature import parse_cosigner_key, verify_cosignatures
from truceline.evidence.verify.note import Checkpoint, parse_checkpoint, parse_note, parse_verifier_key
from truceline.evidence.witness import (
    MAX_REQUEST,
    SIZE_TYPE,
    Response,
    Witness,
    add_checkpoint,
    parse_submission,
    submission_bytes,
)
from truceline.evidence.witness_desk import Desk, WitnessServer, make_witness

ORIGIN = "monitoring.example/log"
NAME = "witness.example/north"
NOW = datetime(2025, 4, 20, 6, tzinfo=UTC)
LOG_KEY = SigningKey.generate(bytes([1]).__mul__)
LOG_VKEY = LOG_KEY.verifier_key(ORIGIN)


class Killed(BaseException):
    """The process is gone."""


class Story:
    """One history of a log; two stories share their beginning up to where they fork."""

    def __init__(self, fork_at: int = 10**9, length: int = 40) -> None:
        entries = [b"true %d" % at if at < fork_at else b"other %d" % at for at in range(length)]
        self.hashes = [leaf_hash(entry) for entry in entries]

    def checkpoint(self, size: int, key: SigningKey = LOG_KEY, origin: str = ORIGIN) -> bytes:
        return sign_checkpoint(origin, size, root(append(TreeEdge(), self.hashes[:size])), key)

    def request(self, old_size: int, size: int) -> bytes:
        def read(level: int, index: int) -> bytes:
            return merkle_root(self.hashes[index << level : (index + 1) << level])

        proof = consistency_proof(old_size, size, read) if old_size <= size else ()
        return submission_bytes(old_size, proof, self.checkpoint(size))


TRUE = Story()


def size_said(response: Response) -> int:
    assert response.status == HTTPStatus.CONFLICT
    assert response.content_type == SIZE_TYPE
    return int(response.body.removesuffix(b"\n"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_witness(tmp_path / "witness", NAME, bytes([2]).__mul__)
    return tmp_path / "witness"


@pytest.fixture
def desk(folder: Path) -> Iterator[Desk]:
    with closing(Desk(folder, [LOG_VKEY], FixedClock(NOW))) as made:
        yield made


def test_a_first_checkpoint_is_cosigned_with_a_time(desk: Desk) -> None:
    response = desk.answer(TRUE.request(0, 5))
    assert response.status == HTTPStatus.OK
    note = parse_note(TRUE.checkpoint(5) + response.body, "test")
    assert verify_cosignatures(note, parse_cosigner_key(desk.witness.verifier_key), "test") == NOW


def test_each_continuation_is_cosigned(desk: Desk) -> None:
    old = 0
    for size in (0, 1, 1, 2, 7, 8, 33, 40):
        assert desk.answer(TRUE.request(old, size)).status == HTTPStatus.OK
        old = size
    assert desk.last(ORIGIN) == parse_checkpoint(parse_note(TRUE.checkpoint(40), ""), "")


def test_a_wrong_old_size_gets_the_right_one(desk: Desk) -> None:
    assert size_said(desk.answer(TRUE.request(3, 5))) == 0
    desk.answer(TRUE.request(0, 5))
    for old in (0, 4, 6):
        assert size_said(desk.answer(TRUE.request(old, 9))) == 5


def test_of_two_trees_of_one_size_the_second_is_refused_and_kept(desk: Desk, folder: Path) -> None:
    desk.answer(TRUE.request(0, 9))
    split = Story(fork_at=4).request(9, 9)
    for _ in range(3):
        assert size_said(desk.answer(split)) == 9
    kept = list((folder / "disputed").iterdir())
    assert [path.read_bytes() for path in kept] == [Story(fork_at=4).checkpoint(9)]


def test_a_fork_cannot_be_continued(desk: Desk, folder: Path) -> None:
    desk.answer(TRUE.request(0, 9))
    assert desk.answer(Story(fork_at=4).request(9, 12)).status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert len(list((folder / "disputed").iterdir())) == 1
    assert desk.answer(TRUE.request(9, 12)).status == HTTPStatus.OK


def test_a_rollback_is_refused(desk: Desk) -> None:
    desk.answer(TRUE.request(0, 9))
    assert size_said(desk.answer(TRUE.request(5, 5))) == 9
    assert size_said(desk.answer(TRUE.request(0, 5))) == 9
    assert desk.answer(TRUE.request(9, 5)).status == HTTPStatus.BAD_REQUEST
    last = desk.last(ORIGIN)
    assert last is not None
    assert last.size == 9


def test_a_log_that_is_not_known_is_not_found_and_a_strangers_signature_forbidden(desk: Desk) -> None:
    other = TRUE.checkpoint(5, origin="other.example")
    assert desk.answer(submission_bytes(0, (), other)).status == HTTPStatus.NOT_FOUND
    stranger = TRUE.checkpoint(5, SigningKey.generate(bytes([9]).__mul__))
    assert desk.answer(submission_bytes(0, (), stranger)).status == HTTPStatus.FORBIDDEN
    assert desk.last(ORIGIN) is None


def test_signatures_by_others_on_a_submission_are_left_alone(desk: Desk) -> None:
    text = parse_note(TRUE.checkpoint(5), "").text
    others = cosign(text, "witness.example/south", SigningKey.generate(bytes([3]).__mul__), NOW)
    assert desk.answer(submission_bytes(0, (), TRUE.checkpoint(5) + others)).status == HTTPStatus.OK


def test_a_log_with_two_keys_is_known_by_either(folder: Path) -> None:
    new = SigningKey.generate(bytes([4]).__mul__)
    with closing(Desk(folder, [LOG_VKEY, new.verifier_key(ORIGIN)], FixedClock(NOW))) as desk:
        assert desk.answer(submission_bytes(0, (), TRUE.checkpoint(5, new))).status == HTTPStatus.OK
        assert desk.answer(TRUE.request(5, 6)).status == HTTPStatus.OK


def test_a_proof_from_an_empty_tree_must_be_empty(desk: Desk) -> None:
    body = submission_bytes(0, (bytes(32),), TRUE.checkpoint(5))
    assert desk.answer(body).status == HTTPStatus.UNPROCESSABLE_ENTITY


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"old 0\n",
        b"old 00\n\n" + TRUE.checkpoint(5),
        b"old -1\n\n" + TRUE.checkpoint(5),
        b"old  0\n\n" + TRUE.checkpoint(5),
        b"OLD 0\n\n" + TRUE.checkpoint(5),
        b"0\n\n" + TRUE.checkpoint(5),
        b"old 0\nAAAA\n\n" + TRUE.checkpoint(5),
        b"old 0\n\n" + TRUE.checkpoint(5)[:-1],
        b"old 0\r\n\r\n" + TRUE.checkpoint(5),
        submission_bytes(0, [bytes(32)] * 64, TRUE.checkpoint(5)),
    ],
)
def test_a_malformed_request_is_a_bad_request(desk: Desk, body: bytes) -> None:
    assert desk.answer(body).status == HTTPStatus.BAD_REQUEST
    assert desk.last(ORIGIN) is None


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 200), st.integers(0, 20))
def test_whatever_is_sent_gets_an_answer_and_no_cosignature_over_it(data: bytes, at: int, gone: int) -> None:
    whole = TRUE.request(3, 9)
    body = whole[:at] + data + whole[at + gone :]
    witness = Witness(NAME, SigningKey.generate(bytes([2]).__mul__), {ORIGIN: [parse_verifier_key(LOG_VKEY)]})
    last = parse_checkpoint(parse_note(TRUE.checkpoint(3), ""), "")
    try:
        decision = add_checkpoint(witness, parse_submission(body), last, NOW)
    except VerificationError:
        return
    if decision.keep is not None:
        assert parse_note(decision.keep, "").text == parse_note(TRUE.checkpoint(9), "").text


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 40), st.integers(0, 40)), max_size=25),
    st.integers(0, 40),
)
def test_all_that_is_ever_cosigned_is_one_growing_story(
    attempts: list[tuple[bool, int, int]], fork_at: int
) -> None:
    # An operator with two stories, who asks in any order and with any old size.
    witness = Witness(NAME, SigningKey.generate(bytes([2]).__mul__), {ORIGIN: [parse_verifier_key(LOG_VKEY)]})
    stories = (TRUE, Story(fork_at))
    last: Checkpoint | None = None
    cosigned: list[Checkpoint] = []
    for other, old_size, size in attempts:
        request = parse_submission(stories[other].request(old_size, size))
        # What it was last told is tried as well, as an honest client would.
        for submission in (request, parse_submission(stories[other].request(last.size if last else 0, size))):
            decision = add_checkpoint(witness, submission, last, NOW)
            if decision.keep is not None:
                last = submission.checkpoint
                cosigned.append(last)
    sizes = [checkpoint.size for checkpoint in cosigned]
    assert sizes == sorted(sizes)
    assert any(
        all(checkpoint.root == merkle_root(story.hashes[: checkpoint.size]) for checkpoint in cosigned)
        for story in stories
    )


def test_what_was_cosigned_outlives_the_program(folder: Path) -> None:
    with closing(Desk(folder, [LOG_VKEY], FixedClock(NOW))) as desk:
        desk.answer(TRUE.request(0, 9))
    with closing(Desk(folder, [LOG_VKEY], FixedClock(NOW))) as again:
        assert size_said(again.answer(Story(fork_at=4).request(9, 9))) == 9
        assert size_said(again.answer(TRUE.request(0, 9))) == 9


def test_a_witness_killed_before_keeping_has_cosigned_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dying(_folder: Path, _name: str, _data: bytes) -> None:
        raise Killed

    with closing(Desk(folder, [LOG_VKEY], FixedClock(NOW))) as desk:
        with monkeypatch.context() as patch:
            patch.setattr(desk_module, "write_whole", dying)
            with pytest.raises(Killed):
                desk.answer(TRUE.request(0, 9))
        assert desk.answer(Story(fork_at=4).request(0, 9)).status == HTTPStatus.OK


def test_a_witness_killed_after_keeping_cosigns_when_asked_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = write_whole

    def dying(where: Path, name: str, data: bytes) -> None:
        keep(where, name, data)
        raise Killed

    with closing(Desk(folder, [LOG_VKEY], FixedClock(NOW))) as desk:
        monkeypatch.setattr(desk_module, "write_whole", dying)
        with pytest.raises(Killed):
            desk.answer(TRUE.request(0, 9))
    monkeypatch.setattr(desk_module, "write_whole", keep)
    with closing(Desk(folder, [LOG_VKEY], FixedClock(NOW))) as again:
        assert size_said(again.answer(TRUE.request(0, 9))) == 9
        assert again.answer(TRUE.request(9, 9)).status == HTTPStatus.OK


def test_a_witness_that_cannot_keep_does_not_cosign(desk: Desk, folder: Path) -> None:
    (folder / "seen").write_text("a file stands in the way")
    with pytest.raises(StorageFailure, match="could not keep"):
        desk.answer(TRUE.request(0, 9))


def test_a_damaged_memory_is_not_taken_for_an_empty_one(desk: Desk, folder: Path) -> None:
    desk.answer(TRUE.request(0, 9))
    for path in (folder / "seen").iterdir():
        path.write_bytes(path.read_bytes()[:20])
    with pytest.raises(StorageFailure, match="is damaged"):
        desk.answer(TRUE.request(9, 9))


def test_two_programs_do_not_serve_one_witness(desk: Desk, folder: Path) -> None:
    assert desk.witness.name == NAME
    with pytest.raises(StorageFailure, match="Another program"):
        Desk(folder, [LOG_VKEY], FixedClock(NOW))


def test_a_witness_is_made_once_and_gives_its_key(tmp_path: Path) -> None:
    key = SigningKey.generate(bytes([2]).__mul__)
    assert make_witness(tmp_path / "new", NAME, bytes([2]).__mul__) == cosigner_key(NAME, key)
    with pytest.raises(RejectedInput, match="not empty"):
        make_witness(tmp_path / "new", NAME, bytes([2]).__mul__)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "\ud800", "x" * 256])
def test_a_name_that_fits_no_key_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(RejectedInput, match="no plus signs"):
        make_witness(tmp_path / "new", name, bytes([2]).__mul__)
    assert not (tmp_path / "new").exists()


@pytest.fixture
def server(desk: Desk) -> Iterator[WitnessServer]:
    serving = WitnessServer(("127.0.0.1", 0), desk, lambda _line: None)
    thread = Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield serving
    serving.shutdown()
    thread.join()
    serving.server_close()


def ask(
    connection: http.client.HTTPConnection, body: bytes, path: str = "/add-checkpoint", method: str = "POST"
) -> tuple[int, str | None, bytes]:
    connection.request(method, path, body)
    response = connection.getresponse()
    return response.status, response.getheader("Content-Type"), response.read()


def test_the_server_speaks_the_protocol_over_one_connection(server: WitnessServer) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=5)) as connection:
        status, _, body = ask(connection, TRUE.request(0, 9))
        assert status == 200
        parse_note(TRUE.checkpoint(9) + body, "test")
        assert ask(connection, TRUE.request(4, 12)) == (409, SIZE_TYPE, b"9\n")
        assert ask(connection, Story(fork_at=4).request(9, 12))[0] == 422
        assert ask(connection, TRUE.request(9, 12))[0] == 200


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/", b"x", 404),
        ("POST", "/add-checkpoint/", b"x", 404),
        ("GET", "/add-checkpoint", b"", 501),
        ("POST", "/add-checkpoint", b"x" * (MAX_REQUEST + 1), 413),
        ("POST", "/add-checkpoint", b"nonsense", 400),
    ],
)
def test_the_server_refuses_what_is_no_request(
    server: WitnessServer, method: str, path: str, body: bytes, status: int
) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=5)) as connection:
        assert ask(connection, body, path, method)[0] == status


@pytest.mark.parametrize(
    ("length", "status"), [(None, 411), ("-1", 411), ("x", 411), ("0" * 20 + "99999999", 413)]
)
def test_the_server_refuses_a_length_that_is_none(
    server: WitnessServer, length: str | None, status: int
) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=5)) as connection:
        connection.putrequest("POST", "/add-checkpoint")
        if length is not None:
            connection.putheader("Content-Length", length)
        connection.endheaders()
        assert connection.getresponse().status == status


def test_a_witness_that_cannot_keep_its_state_answers_500_and_tells_its_operator(
    desk: Desk, folder: Path, server: WitnessServer
) -> None:
    told: list[str] = []
    server.report = told.append
    (folder / "seen").write_text("a file stands in the way")
    with closing(http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=5)) as connection:
        assert ask(connection, TRUE.request(0, 9))[0] == 500
    assert "could not keep" in told[0]
    assert desk.witness.name == NAME


def test_of_many_who_ask_at_once_with_two_stories_one_story_wins(server: WitnessServer, desk: Desk) -> None:
    stories = (TRUE, Story(fork_at=0))
    answers: list[tuple[int, int]] = []

    def insist(number: int) -> None:
        draw = random.Random(number)
        with closing(http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)) as connection:
            said = 0
            for _ in range(8):
                size = draw.randint(max(said, 1), 40)
                status, _, body = ask(connection, stories[number % 2].request(said, size))
                said = int(body) if status == 409 else said
                if status == 200:
                    answers.append((number % 2, size))
                    said = size

    threads = [Thread(target=insist, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers
    assert len({story for story, _ in answers}) == 1
    last = desk.last(ORIGIN)
    assert last is not None
    assert last.size == max(size for _, size in answers)
