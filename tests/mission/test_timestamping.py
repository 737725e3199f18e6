# SPDX-License-Identifier: Apache-2.0
"""A stamp is kept and published with the checkpoint that it is over, and only if it verifies."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from tests.evidence.authority import LocalAuthority
from tests.mission.made import PACKS, MakeTable, entropy, row

from truceline.clock import FixedClock
from truceline.errors import RejectedInput
from truceline.evidence import VerificationError, verify_log
from truceline.evidence.timestamp import REPLY_TYPE, Authority, make_request, read_authority
from truceline.mission import Mission, ingest, init_mission, verify_mission
from truceline.mission.witnesses.posting import Reply, Unreachable
from truceline.mission.witnesses.timestamping import keep_token, publish_timestamps, stamp
from truceline.mission.witnesses.witnessing import current_state

URL = "http://tsa.example/"


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> LocalAuthority:
    return LocalAuthority(tmp_path_factory.mktemp("tsa") / "local")


@pytest.fixture
def authority(local: LocalAuthority) -> Authority:
    return read_authority(local.root)


@pytest.fixture
def today(tmp_path: Path) -> Iterator[Mission]:
    """A mission whose clock agrees with the authority's."""
    made = at_time(tmp_path / "today", datetime.now(UTC))
    yield made
    made.close()


def at_time(folder: Path, now: datetime) -> Mission:
    return init_mission(PACKS / "easter-truce-2025", folder, clock=FixedClock(now), entropy=entropy(1))


def test_a_stamp_and_its_checkpoint_are_published_and_a_party_verifies_them_with_openssl(
    today: Mission, local: LocalAuthority, authority: Authority
) -> None:
    stamped = stamp(
        today, URL, authority, send=lambda _url, _type, body: Reply(200, REPLY_TYPE, local.reply(body))
    )
    folder = today.folder / "log" / "timestamps"
    token, data = folder / f"{stamped.size}.tsr", folder / f"{stamped.size}.checkpoint"
    assert data.read_bytes() == current_state(today).checkpoint
    assert local.verify(token, data).returncode == 0
    assert token.read_bytes() == stamped.token.read_bytes()
    assert verify_mission(today).checkpoint.size == stamped.size


def test_a_log_that_grew_continues_the_checkpoint_that_was_stamped(
    today: Mission, local: LocalAuthority, authority: Authority, make_table: MakeTable
) -> None:
    stamped = keep_token(today, local.reply(make_request(current_state(today).checkpoint).data), authority)
    ingest(today, make_table([row(1)]), "table")
    kept = (today.folder / "log" / "timestamps" / f"{stamped.size}.checkpoint").read_bytes()
    report = verify_log(today.folder / "log", earlier=kept)
    assert report.earlier is not None
    assert report.earlier.size == stamped.size < report.checkpoint.size


def test_a_token_got_elsewhere_is_kept_for_the_checkpoint_it_is_over(
    today: Mission, local: LocalAuthority, authority: Authority, make_table: MakeTable
) -> None:
    state = current_state(today)
    token = local.reply(make_request(state.checkpoint).data)
    ingest(today, make_table([row(1)]), "table")
    with pytest.raises(VerificationError, match="Mismatch"):
        keep_token(today, token, authority)
    assert keep_token(today, token, authority, state.size).size == state.size
    with pytest.raises(RejectedInput, match="no checkpoint of size 999"):
        keep_token(today, token, authority, 999)
    with pytest.raises(RejectedInput, match="stamped already"):
        keep_token(today, token, authority, state.size)


def test_stamps_come_back_when_the_published_folder_is_made_anew(
    today: Mission, local: LocalAuthority, authority: Authority
) -> None:
    stamped = keep_token(today, local.reply(make_request(current_state(today).checkpoint).data), authority)
    shutil.rmtree(today.folder / "log")
    today.ledger.publish()
    publish_timestamps(today)
    assert (today.folder / "log" / "timestamps" / f"{stamped.size}.tsr").is_file()


@pytest.mark.parametrize(
    ("reply", "what"),
    [
        (Unreachable("no answer: timed out"), "timed out"),
        (Reply(500, REPLY_TYPE, b""), "status 500"),
        (Reply(200, "text/html", b"<html>"), "type 'text/html'"),
        (Reply(200, REPLY_TYPE, b"nonsense"), "no time-stamp response"),
    ],
)
def test_an_authority_that_fails_is_told_of_and_nothing_is_kept(
    today: Mission, authority: Authority, reply: Reply | Unreachable, what: str
) -> None:
    with pytest.raises(VerificationError, match=what):
        stamp(today, URL, authority, send=lambda *_: reply)
    assert not (today.folder / "timestamps").exists()


def test_the_stamp_that_answers_an_earlier_request_is_refused(
    today: Mission, local: LocalAuthority, authority: Authority
) -> None:
    earlier = local.reply(make_request(current_state(today).checkpoint).data)
    with pytest.raises(VerificationError, match="Nonce mismatch"):
        stamp(today, URL, authority, send=lambda *_: Reply(200, REPLY_TYPE, earlier))


@pytest.mark.parametrize("days", [-2, 2])
def test_a_stamp_from_before_the_last_record_or_from_the_future_is_refused(
    tmp_path: Path, local: LocalAuthority, authority: Authority, days: int
) -> None:
    mission = at_time(tmp_path / "elsewhen", datetime.now(UTC) + timedelta(days=days))
    with pytest.raises(VerificationError, match="before the checkpoint's last record, or in the future"):
        keep_token(mission, local.reply(make_request(current_state(mission).checkpoint).data), authority)
    mission.close()


def test_the_verb_asks_over_a_real_connection(today: Mission, local: LocalAuthority) -> None:
    class Stamping(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = local.reply(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Type", REPLY_TYPE)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    server = HTTPServer(("127.0.0.1", 0), Stamping)
    thread = Thread(target=server.handle_request)
    thread.start()
    done = subprocess.run(
        [Path(sys.executable).with_name("truceline"), "timestamp", str(today.folder), "--tsa",
         f"http://127.0.0.1:{server.server_port}/", "--authority", str(local.root)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    thread.join()
    server.server_close()
    assert done.returncode == 0, done.stderr
    state = current_state(today)
    assert f"The first {state.size} entries existed by" in done.stdout
    digest = hashlib.sha256(state.checkpoint).digest()
    assert digest in (today.folder / "timestamps" / f"{state.size}.tsr").read_bytes()
