# SPDX-License-Identifier: Apache-2.0
"""The daily report from the service: the file that the command writes, for those who may see all of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.procedure.made import START

from truceline.access import Role
from truceline.api import Room
from truceline.api import reports as api_reports
from truceline.mission.reporting import write_report
from truceline.mission.roll import sees_everything
from truceline.procedure import Capacity, Who
from truceline.vocabulary import Tier

DAY = (START - timedelta(days=1)).date()
ADDRESS = f"/api/v1/reports/daily?day={DAY.isoformat()}"
MISSION = {
    Role.HEAD_OF_MISSION, Role.DUTY_OFFICER, Role.MONITOR, Role.ANALYST, Role.VERIFIER, Role.SECRETARY,
    Role.MEMBER,
}  # fmt: skip


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.usefixtures("incidents")
@pytest.mark.parametrize("form", ["html", "json", "geojson", "csv"])
def test_it_is_the_file_that_the_command_writes(
    client: TestClient, room: Room, tokens: dict[Role, str], tmp_path: Path, form: str
) -> None:
    answer = client.get(f"{ADDRESS}&format={form}", headers=bearer(tokens[Role.DUTY_OFFICER]))
    assert answer.status_code == 200, answer.text
    assert f'filename="daily-{DAY.isoformat()}.{form}"' in answer.headers["content-disposition"]
    written = {path.suffix: path.read_bytes() for path in write_report(room.mission, DAY, tmp_path / "r")}
    assert answer.content == written[f".{form}"]
    assert b"EXERCISE" in answer.content or b"exercise" in answer.content


@pytest.mark.usefixtures("incidents")
@pytest.mark.parametrize("role", list(Role))
def test_it_is_for_those_who_may_see_all_that_it_shows(
    client: TestClient, tokens: dict[Role, str], role: Role
) -> None:
    headers = bearer(tokens[role]) if role in tokens else {}
    answer = client.get(ADDRESS, headers=headers)
    assert answer.status_code == (200 if role in MISSION else 403)
    assert ("/api/v1/reports/daily" in client.get("/", headers=headers).text) == (role in MISSION)


def test_nobody_outside_a_compartment_has_a_report_of_it(room: Room) -> None:
    agreement = room.mission.agreement
    first, *others = agreement.families
    kept = replace(agreement, families=(first.model_copy(update={"compartment": "FR"}), *others))
    sealed = replace(agreement, families=(first.model_copy(update={"tier": Tier.SEALED}), *others))
    analyst, head = Who("ada", Capacity.ANALYST), Who("hal", Capacity.HEAD_OF_MISSION)
    assert sees_everything(agreement, analyst)
    assert not sees_everything(kept, analyst)
    assert sees_everything(kept, replace(analyst, organisation="FR"))
    assert sees_everything(kept, head)
    assert not sees_everything(sealed, head)


def test_before_anything_was_run_it_says_so(client: TestClient, tokens: dict[Role, str]) -> None:
    answer = client.get(ADDRESS, headers=bearer(tokens[Role.ANALYST]))
    assert 400 <= answer.status_code < 500
    assert "no run" in answer.text


@pytest.mark.usefixtures("incidents")
def test_what_is_no_day_is_refused_and_one_is_made_at_a_time(
    client: TestClient, tokens: dict[Role, str]
) -> None:
    headers = bearer(tokens[Role.ANALYST])
    assert client.get("/api/v1/reports/daily?day=2030-02-30", headers=headers).status_code == 422
    with api_reports._making:
        assert client.get(ADDRESS, headers=headers).status_code == 503
    assert client.get(ADDRESS, headers=headers).status_code == 200
