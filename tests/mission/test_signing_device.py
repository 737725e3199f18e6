# SPDX-License-Identifier: Apache-2.0
"""A device never uses a number twice and never goes back; its verbs lead from a key to a proof."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.mission.fielded import checkpoint, key, observation, verifier_key
from tests.mission.made import CLOCK, entropy

from truceline.errors import MechanismError, RejectedInput, StorageFailure
from truceline.evidence import Record, SigningKey, TreeEdge, append, leaf_hash, root, sign_checkpoint
from truceline.evidence.submission import submission_from_bytes
from truceline.mission import Mission
from truceline.mission.devices.signing_device import (
    Device,
    new_device,
    open_device,
    read_counter,
    read_rows,
    see,
    sign,
)
from truceline.vocabulary import Tier

PROGRAM = Path(sys.executable).with_name("truceline")
A = key(1).author
ORIGIN = "monitoring.example/log"
LOG_KEY = SigningKey.generate(entropy(77))


@pytest.fixture
def device(tmp_path: Path) -> Device:
    return new_device(tmp_path / "device", "Team 3", entropy(3), LOG_KEY.verifier_key(ORIGIN))


def seen(path: Path, size: int, *, signer: SigningKey = LOG_KEY, leaf: bytes = b"x") -> Path:
    top = root(append(TreeEdge(), [leaf_hash(leaf)] * size))
    path.write_bytes(sign_checkpoint(ORIGIN, size, top, signer))
    return path


def signed_by(device: Device, out: Path, *, rows: list[bytes] | None = None, seen_size: int = 0) -> Record:
    return sign(
        device,
        "observations",
        [observation(1)] if rows is None else rows,
        tier=Tier.COMMISSION,
        seen_size=seen_size,
        out=out,
        clock=CLOCK,
        entropy=entropy(5),
    )


# The device.


def test_a_device_numbers_what_it_signs_and_its_submission_can_be_taken(
    device: Device, tmp_path: Path
) -> None:
    for number in (1, 2, 3):
        out = tmp_path / f"{number}.sub"
        record = signed_by(device, out)
        assert record.leaf.author_seq == number
        assert submission_from_bytes(out.read_bytes(), "s") == record
    assert read_counter(open_device(device.folder)) == 3


CUT = """
import os, signal, sys
from pathlib import Path
from truceline.mission.devices import signing_device as it
from truceline.clock import SystemClock
from truceline.vocabulary import Tier
folder, out, row, moment = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3].encode(), sys.argv[4]
write = it.write_durably
def cut(path, content):
    if moment == "before" or path == out:
        os.kill(os.getpid(), signal.SIGKILL)
    write(path, content)
it.write_durably = cut
it.sign(it.open_device(folder), "observations", [row], tier=Tier.COMMISSION, seen_size=0, out=out,
        clock=SystemClock(), entropy=os.urandom)
"""


@pytest.mark.parametrize(("moment", "used"), [("before", 0), ("between", 1)])
def test_a_kill_between_counter_and_file_skips_a_number_and_never_uses_one_twice(
    device: Device, tmp_path: Path, moment: str, used: int
) -> None:
    out = tmp_path / "cut.sub"
    done = subprocess.run(
        [sys.executable, "-c", CUT, str(device.folder), str(out), observation(1).decode(), moment],
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    assert not out.exists()
    assert signed_by(device, out).leaf.author_seq == used + 1


def test_a_submission_is_never_overwritten_and_a_refused_row_uses_no_number(
    device: Device, tmp_path: Path
) -> None:
    out = tmp_path / "s.sub"
    signed_by(device, out)
    before = out.read_bytes()
    with pytest.raises(RejectedInput, match="overwritten"):
        signed_by(device, out)
    with pytest.raises(RejectedInput, match="row 2"):
        signed_by(device, tmp_path / "t.sub", rows=[observation(1), b'{"observation_id":"x"}'])
    with pytest.raises(RejectedInput, match="stands twice"):
        signed_by(device, tmp_path / "t.sub", rows=[observation(1)] * 2)
    with pytest.raises(RejectedInput, match="10,000"):
        signed_by(device, tmp_path / "t.sub", rows=[])
    assert (out.read_bytes(), read_counter(device)) == (before, 1)


@pytest.mark.parametrize("damage", [b"", b"7", b"-1\n", b"07\n", b"seven\n", None])
def test_a_lost_or_damaged_counter_is_never_guessed(
    device: Device, tmp_path: Path, damage: bytes | None
) -> None:
    path = device.folder / "counter"
    if damage is None:
        path.unlink()
    else:
        path.write_bytes(damage)
    with pytest.raises(StorageFailure, match="Do not guess"):
        signed_by(device, tmp_path / "s.sub")


def test_a_device_believes_the_logs_key_alone_and_never_goes_back(device: Device, tmp_path: Path) -> None:
    with pytest.raises(RejectedInput, match="no checkpoint yet"):
        see(device, None)
    assert see(device, seen(tmp_path / "5", 5)) == 5
    assert see(device, None) == 5
    assert see(device, seen(tmp_path / "9", 9)) == 9
    for bad, says in (
        (seen(tmp_path / "5", 5), "does not continue"),
        (seen(tmp_path / "other", 9, leaf=b"y"), "does not continue"),
        (seen(tmp_path / "stranger", 20, signer=key(8)), "not the log's word"),
        (tmp_path / "nowhere", "cannot be read"),
    ):
        with pytest.raises(RejectedInput, match=says):
            see(device, bad)
    with pytest.raises(RejectedInput, match="another log's key"):
        see(device, None, key(8).verifier_key(ORIGIN))
    assert see(device, None) == 9


def test_a_device_without_the_logs_key_asks_for_it(tmp_path: Path) -> None:
    made = new_device(tmp_path / "device", "Team 3", entropy(3))
    path = seen(tmp_path / "5", 5)
    with pytest.raises(RejectedInput, match="--key"):
        see(made, path)
    with pytest.raises(RejectedInput, match="verifier key"):
        see(made, path, "not a key")
    assert see(made, path, LOG_KEY.verifier_key(ORIGIN)) == 5


def test_a_device_is_never_made_over_another(device: Device, tmp_path: Path) -> None:
    for folder, name, log_key in (
        (device.folder, "Team 4", None),
        (tmp_path / "new", " ", None),
        (tmp_path / "new", "Team 4", "not a key"),
    ):
        with pytest.raises(MechanismError):
            new_device(folder, name, entropy(4), log_key)
    assert not (tmp_path / "new").exists()
    with pytest.raises(RejectedInput, match="not a device"):
        open_device(tmp_path)


def test_a_file_of_statements_is_read_line_by_line(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(observation(1) + b"\n\n" + observation(2) + b"\n")
    assert read_rows(path) == [observation(1), observation(2)]


# The verbs.


def call(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(PROGRAM), *(str(one) for one in arguments)], capture_output=True, text=True, check=False
    )


def test_the_verbs_lead_from_a_new_device_to_a_proof(mission: Mission, tmp_path: Path) -> None:
    folder, rows, out = tmp_path / "tablet", tmp_path / "rows.jsonl", tmp_path / "one.sub"
    rows.write_bytes(observation(1) + b"\n")
    shown = checkpoint(mission, tmp_path / "checkpoint")
    made = call("device", "new", folder, "--name", "Team 3", "--key", verifier_key(mission), "--json")
    author = json.loads(made.stdout)["author"]
    done = call("device", "sign", folder, rows, "--as-kind", "observations", "--seen", shown, "--out", out)
    assert "number 1" in done.stdout, done.stderr
    stranger = call("submit", mission.folder, out)
    assert (stranger.returncode, "not enrolled" in stranger.stdout) == (1, True)
    enrolled = call("device", "enrol", mission.folder, author, "--holder", "Team 3", "--role", "monitor")
    assert enrolled.returncode == 0, enrolled.stderr
    taken = call("submit", mission.folder, out, tmp_path / "nowhere.sub", "--json")
    told = json.loads(taken.stdout)["submissions"]
    assert [one["outcome"] for one in told] == ["admitted", "refused"]
    assert taken.returncode == 1
    proof = out.with_name("one.sub.tlog-proof")
    checked = subprocess.run(
        [sys.executable, "-m", "truceline.evidence.verify", proof, "--key", verifier_key(mission)],
        check=False,
    )
    assert checked.returncode == 0
    lost = call(
        "device", "compromise", mission.folder, author, "--since", "2025-04-01T00:00:00Z", "--ground", "x"
    )
    assert lost.returncode == 0, lost.stderr
    said = call("device", "status", mission.folder).stdout
    assert "Team 3 (monitor); compromised since 2025-04-01T00:00:00Z (x); 1 records" in said
    assert said.count("in doubt: rec-") == 1
    document = json.loads(call("device", "status", mission.folder, "--json").stdout)
    assert [one["records"] for one in document["authors"] if one["author"] == author] == [1]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("sign", "nowhere", "x", "--as-kind", "observations", "--out", "y"), "not a device"),
        (("sign", "nowhere", "x", "--as-kind", "rumours", "--out", "y"), "observations, claims, watches"),
        (("enrol", "nowhere", A, "--holder", "x", "--role", "y", "--from", "noon"), "2025-04-19T15:00:00Z"),
        (("status", "nowhere"), "not a mission"),
    ],
)
def test_a_wrong_call_is_answered_and_not_with_a_traceback(arguments: tuple[str, ...], says: str) -> None:
    done = call("device", *arguments)
    assert done.returncode == 1
    assert says in done.stderr
    assert "Traceback" not in done.stderr
