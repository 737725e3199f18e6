# SPDX-License-Identifier: Apache-2.0
"""Pages: each is there for whom it is, says what the API says, and shows what was written as text."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from starlette.testclient import TestClient
from tests.mission.made import MakeTable, row
from tests.mission.procedural import MovingClock, refer_and_answer, seat
from tests.procedure.made import START
from tests.service.conftest import ADDRESS
from tests.service.people import PASSWORD, Person, code

from truceline.access import Desk, Role
from truceline.api import Room
from truceline.api.doors import SESSION_COOKIE
from truceline.mission import ingest, run
from truceline.mission.roll import Filter, shown
from truceline.procedure import Capacity, Who
from truceline.web import service

PAGES = (
    "/", "/map", "/incidents", "/agreement", "/cases", "/guarantees", "/coalition", "/support", "/sources",
    "/log", "/records/0",
)  # fmt: skip
EVIL = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<svg/onload=alert(1)>Загроза",
    "\u202e<script>кінець</script>خطر",
    "{{ 7*7 }}危険<b>",
)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_whole_before_anything_is_recorded(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.text.rstrip().endswith("</html>")
    assert "EXERCISE" in answer.text


@pytest.mark.usefixtures("incidents")
@pytest.mark.parametrize("path", PAGES)
def test_a_page_weighs_less_than_a_hundred_kilobytes(
    client: TestClient, tokens: dict[Role, str], path: str
) -> None:
    answer = client.get(path, headers=bearer(tokens[Role.HEAD_OF_MISSION]))
    drawn = sum(len(one) for one in re.findall(r"<svg.*?</svg>", answer.text, re.DOTALL))
    assert len(answer.content) - drawn < 100_000


@pytest.mark.over_both
def test_map_list_and_export_hold_the_same(
    client: TestClient, tokens: dict[Role, str], incidents: list[str]
) -> None:
    headers = bearer(tokens[Role.ANALYST])
    query = "since=2030-01-13&kind=indirect_fire"
    listed = client.get(f"/incidents?{query}", headers=headers).text
    drawn = client.get(f"/map?{query}", headers=headers).text
    exported = csv.DictReader(io.StringIO(client.get(f"/api/v1/incidents.csv?{query}", headers=headers).text))
    found = {one["incident_id"] for one in exported}
    assert found == set(incidents)
    for incident in incidents:
        assert f'href="/incidents/{incident}"' in listed
        assert f'href="/incidents/{incident}"' in drawn
    none = client.get("/incidents?until=2029-01-01", headers=headers).text
    assert "No incident fits" in none


@pytest.mark.over_both
def test_the_public_sees_late_and_coarse_what_the_mission_sees_now(
    client: TestClient, room: Room, clock: MovingClock, tokens: dict[Role, str], make_table: MakeTable
) -> None:
    at = clock.now().isoformat()
    ingest(room.mission, make_table([row(1, event_from=at, event_to=at, source_id="monitors")]), "table")
    run(room.mission)
    rule = next(one for one in room.mission.agreement.release_rules if one.audience == "public")
    assert rule.cell_km > 0 or rule.delay_hours > 0, "the valley's rule must hold something back"
    mission = client.get("/api/v1/incidents", headers=bearer(tokens[Role.ANALYST])).json()
    assert mission["total"] == 1
    assert not mission["incidents"][0]["place_is_coarse"]
    clock.wait(hours=rule.delay_hours, minutes=-1)
    assert client.get("/api/v1/incidents").json()["total"] == 0
    clock.wait(minutes=2)
    public = client.get("/api/v1/incidents").json()
    assert public["total"] == 1
    for one in public["incidents"]:
        assert one["place_is_coarse"]
        exact = room.selection(Who("x", Capacity.ANALYST), Filter())
        assert exact is not None
        places = {
            (two.incident.place.latitude, two.incident.place.longitude) for two in shown(room.mission, exact)
        }
        assert (one["latitude"], one["longitude"]) not in places


@pytest.mark.over_both
def test_what_rests_on_a_closer_tier_is_not_there_for_the_public(
    client: TestClient, room: Room, tokens: dict[Role, str], make_table: MakeTable
) -> None:
    families = {family.id: family.tier.value for family in room.mission.agreement.families}
    began = "2030-01-10T06:00:00+00:00"
    ingest(
        room.mission,
        make_table([row(1, source_id="somebody unknown", event_from=began, event_to=began)]),
        "table",
    )
    run(room.mission)
    assert "somebody unknown" not in families
    inside = client.get("/api/v1/incidents", headers=bearer(tokens[Role.ANALYST])).json()
    assert inside["total"] == 1
    assert client.get("/api/v1/incidents").json()["total"] == 0
    name = inside["incidents"][0]["incident_id"]
    assert client.get(f"/incidents/{name}").status_code == 404
    assert client.get(f"/api/v1/incidents/{name}").status_code == 404


@pytest.mark.over_both
def test_nobody_reads_what_another_party_said_in_confidence(
    client: TestClient, room: Room, tokens: dict[Role, str], incidents: list[str]
) -> None:
    seat(room.mission)
    refer_and_answer(room.mission, incidents, confidential="Source K. of the valley.")
    for role, token in tokens.items():
        sees = role in {Role.LIAISON, Role.SECRETARY, Role.HEAD_OF_MISSION}
        text = client.get("/cases/case-1", headers=bearer(token)).text
        assert ("Source K. of the valley." in text) is sees, role
    assert "Source K." not in client.get("/cases/case-1").text
    assert "Source K." not in client.get("/api/v1/procedure").text


@pytest.mark.over_both
def test_a_step_by_form_is_recorded_and_a_refused_one_comes_back_as_it_was(
    client: TestClient, room: Room, people: dict[Role, Person]
) -> None:
    person = people[Role.LIAISON]
    visitor = room.desk.visitor_of_session(person.session)
    assert visitor is not None
    client.cookies.set(SESSION_COOKIE, person.session)
    form = client.get("/steps/complain")
    assert form.status_code == 200
    typed = {
        "csrf": visitor.csrf,
        "complaint_id": "complaint-1",
        "against": "B",
        "clauses": '[{"version": "first", "clause": "fire"}]',
        "since": "2030-01-13T09:00:00Z",
        "until": "2030-01-13T10:00:00Z",
        "place": "By the mill",
        "statement": "Fire <b>at night</b>.",
    }
    size = room.tree_size()
    answer = client.post("/steps/complain", data={**typed, "against": "nowhere"}, follow_redirects=False)
    assert answer.status_code in {409, 422}
    assert "Fire &lt;b&gt;at night&lt;/b&gt;." in answer.text
    assert room.tree_size() == size
    answer = client.post("/steps/complain", data=typed, follow_redirects=False)
    assert answer.status_code == 303, answer.text[:3000]
    assert room.tree_size() == size + 1
    assert "Fire &lt;b&gt;at night&lt;/b&gt;." in client.get("/portal").text


@pytest.mark.parametrize("text", EVIL)
def test_what_somebody_wrote_is_text(
    client: TestClient, room: Room, tokens: dict[Role, str], make_table: MakeTable, text: str
) -> None:
    began = START.isoformat()
    ingest(
        room.mission,
        make_table([row(1, observation_id=f"o-{text}", source_id=text, event_from=began, event_to=began)]),
        "table",
    )
    run(room.mission)
    headers = bearer(tokens[Role.ANALYST])
    (one,) = client.get("/api/v1/incidents", headers=headers).json()["incidents"]
    page = client.get(f"/incidents/{one['incident_id']}", headers=headers).text
    assert text not in page
    assert "<script>a" not in page
    assert "\u202e" not in page
    assert "49危険" not in page


@pytest.mark.usefixtures("incidents")
def test_a_spreadsheet_executes_nothing(client: TestClient, tokens: dict[Role, str]) -> None:
    text = client.get("/api/v1/incidents.csv", headers=bearer(tokens[Role.ANALYST])).text
    for line in csv.reader(io.StringIO(text)):
        assert not [cell for cell in line if cell[:1] in "=+@\t\r" and cell[:1]]


def test_signing_in_by_form_and_out_again(
    client: TestClient, people: dict[Role, Person], clock: MovingClock
) -> None:
    clock.wait(minutes=1)
    person = people[Role.MONITOR]
    typed = {"person": person.person, "password": PASSWORD, "code": code(person.totp, clock)}
    answer = client.post("/sign-in", data=typed, follow_redirects=False)
    assert answer.status_code == 303
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    page = client.get("/account").text
    csrf = re.search(r'name="csrf" value="([^"]+)"', page)
    assert csrf is not None
    client.post("/sign-out", data={"csrf": csrf[1]})
    assert client.get("/account").status_code == 401


def test_errors_are_problems_for_programs_and_pages_for_people(client: TestClient) -> None:
    program = client.get("/api/v1/incidents/none")
    assert program.headers["content-type"] == "application/problem+json"
    assert program.json()["status"] == 404
    person = client.get("/nowhere", headers={"Accept": "text/html"})
    assert person.status_code == 404
    assert "There is no such page." in person.text


def test_the_situation_of_something_that_goes_on_is_not_said_to_be_over(room: Room) -> None:
    class Ticking:
        """A clock that never shows one instant twice, as real ones do."""

        def __init__(self, instant: datetime) -> None:
            self.instant = instant

        def now(self) -> datetime:
            self.instant += timedelta(microseconds=1)
            return self.instant

    mission = replace(room.mission, ledger=replace(room.mission.ledger, clock=Ticking(START)))
    ticking = Room(mission, Desk(mission, room.desk.store), ADDRESS)
    answer = TestClient(service(ticking), base_url=ADDRESS).get("/")
    assert answer.status_code == 200
    assert "This is over" not in answer.text
