# SPDX-License-Identifier: Apache-2.0
"""A service over a mission of the valley, in which time goes on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.backends import Backend
from tests.mission.made import MakeTable
from tests.mission.procedural import MovingClock, take_in, valley_mission
from tests.service.people import OF, Person, enter, token_of

from truceline.access import Desk, Role
from truceline.api import Room
from truceline.storage.accounts import AccountStore
from truceline.web import service

ADDRESS = "http://testserver"


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock()


@pytest.fixture
def room(tmp_path: Path, clock: MovingClock, backend: Backend) -> Iterator[Room]:
    mission = valley_mission(tmp_path / "mission", clock, backend.url())
    made = Room(mission, Desk(mission, AccountStore(mission.folder)), ADDRESS)
    yield made
    made.close()


@pytest.fixture
def incidents(room: Room, make_table: MakeTable) -> list[str]:
    return take_in(room.mission, make_table)


@pytest.fixture
def client(room: Room) -> Iterator[TestClient]:
    with TestClient(service(room), base_url=ADDRESS, raise_server_exceptions=False) as made:
        yield made


@pytest.fixture
def people(room: Room, clock: MovingClock) -> dict[Role, Person]:
    found: dict[Role, Person] = {}
    for role in Role:
        if role is not Role.PUBLIC:
            found[role] = enter(room.desk, clock, role.value.replace(" ", "-"), role, OF.get(role, ""))
    return found


@pytest.fixture
def tokens(room: Room, people: dict[Role, Person]) -> dict[Role, str]:
    return {role: token_of(room.desk, person) for role, person in people.items()}
