# SPDX-License-Identifier: Apache-2.0
"""EXERCISE: the service is killed under write load, again and again; what it acknowledged is there."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx2
import pyotp
import pytest
from starlette.testclient import TestClient
from tests.mission.made import COLUMNS, Row, entropy, row
from tests.procedure.made import VALLEY
from tests.service.people import ADMINISTRATOR, PASSWORD

from truceline.access import Desk, Permission, Role
from truceline.api import Room
from truceline.mission import init_mission, open_mission, verify_mission
from truceline.storage.accounts import AccountStore
from truceline.web import service

PROGRAM = Path(sys.executable).with_name("truceline")
ROUNDS = 3
WRITERS = 4
ENOUGH = 12
"""Acknowledged writes of one round, before the service is killed."""


def token_in(folder: Path) -> str:
    mission = init_mission(VALLEY, folder, entropy=entropy(4), exercise=True)
    desk = Desk(mission, AccountStore(mission.folder))
    invitation = desk.invite(ADMINISTRATOR, "officer", "Officer", Role.DUTY_OFFICER, "")
    welcome = desk.welcome(invitation)
    assert welcome is not None
    session = desk.accept(invitation, PASSWORD, pyotp.TOTP(welcome.totp_secret).now())
    visitor = desk.visitor_of_session(session)
    assert visitor is not None
    token = desk.make_token(visitor, "load", [Permission.TAKE_IN])
    desk.store.close()
    mission.close()
    return token


def send_one(client: httpx2.Client, token: str, held: Row) -> httpx2.Response:
    """Send one report."""
    table = ",".join(COLUMNS) + "\n" + ",".join(held[name] for name in COLUMNS) + "\n"
    return client.post(
        "/api/v1/imports",
        headers={"Authorization": f"Bearer {token}"},
        files={"file": ("one.csv", table)},
        data={"format": "table"},
    )


def write(address: str, token: str, names: Callable[[], int], acknowledged: list[str]) -> None:
    """Send one report after another until the service is gone; keep what it acknowledged."""
    with httpx2.Client(base_url=address, timeout=60) as client:
        while True:
            held = row(names())
            try:
                answer = send_one(client, token, held)
            except httpx2.HTTPError:
                return
            if answer.status_code == 429:
                return
            assert answer.status_code == 201, answer.text
            assert answer.json()["summary"]["accepted"] == 1
            acknowledged.append(held["observation_id"])


def test_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    folder = tmp_path / "mission"
    token = token_in(folder)
    acknowledged: list[str] = []
    counting = threading.Lock()
    next_name = iter(range(10_000))

    def names() -> int:
        with counting:
            return next(next_name)

    for _ in range(ROUNDS):
        server = subprocess.Popen(
            [str(PROGRAM), "serve", str(folder), "--port", "0"], stdout=subprocess.PIPE, text=True
        )
        assert server.stdout is not None
        found = re.search(r"http://127\.0\.0\.1:\d+", server.stdout.readline())
        assert found is not None
        before = len(acknowledged)
        writers = [
            threading.Thread(target=write, args=(found[0], token, names, acknowledged))
            for _ in range(WRITERS)
        ]
        for writer in writers:
            writer.start()
        while len(acknowledged) < before + ENOUGH and any(writer.is_alive() for writer in writers):
            writers[0].join(0.01)
        server.kill()
        for writer in writers:
            writer.join()
        server.wait()
        server.stdout.close()
        assert len(acknowledged) >= before + ENOUGH
        mission = open_mission(folder)
        with mission.store.read() as transaction:
            recorded = transaction.leaf_indexes("observations", acknowledged)
        assert sorted(recorded) == sorted(acknowledged)
        assert verify_mission(mission).checkpoint.size > len(acknowledged)
        mission.close()


def test_an_event_follows_its_commit(tmp_path: Path) -> None:
    folder = tmp_path / "mission"
    token = token_in(folder)
    server = subprocess.Popen(
        [str(PROGRAM), "serve", str(folder), "--port", "0"], stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    found = re.search(r"http://127\.0\.0\.1:\d+", server.stdout.readline())
    assert found is not None
    try:
        heard: list[int] = []
        with (
            httpx2.Client(base_url=found[0], timeout=60) as client,
            client.stream("GET", "/api/v1/events") as answer,
        ):
            for line in answer.iter_lines():
                if not line.startswith("data: "):
                    continue
                heard.append(json.loads(line.removeprefix("data: "))["tree_size"])
                mission = open_mission(folder)
                with mission.store.read() as transaction:
                    head = transaction.head()
                mission.close()
                assert head is not None
                assert head.tree_size >= heard[-1]
                if len(heard) == 3:
                    break
                assert send_one(client, token, row(len(heard))).status_code == 201
        assert heard == sorted(set(heard))
    finally:
        server.kill()
        server.wait()
        server.stdout.close()


def test_a_service_that_ends_no_longer_reads(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, ended = threading.Event(), threading.Event()

    def slowly(_room: Room) -> int:
        begun.set()
        time.sleep(0.3)
        ended.set()
        return 0

    monkeypatch.setattr(Room, "tree_size", slowly)
    with TestClient(service(room)):
        assert begun.wait(30)
        assert not ended.is_set()
    assert ended.is_set()
