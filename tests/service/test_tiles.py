# SPDX-License-Identifier: Apache-2.0
"""Map tiles hold what the list holds: for every query, every audience and every zoom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import mapbox_vector_tile
import numpy as np
import pytest
from shapely.geometry import LineString, shape
from starlette.testclient import TestClient
from tests.mission.made import MakeTable, Row, row
from tests.procedure.made import START
from tests.service.people import Person

from truceline.access import Role
from truceline.agreement.model import Zone
from truceline.api import Room
from truceline.geodesy import distance_m, to_world
from truceline.interval import Interval
from truceline.mission import ingest, run
from truceline.mission.tiling import FEW

QUERIES = (
    "",
    "kind=indirect_fire",
    "kind=uav_strike",
    "status=corroborated",
    "since=2030-01-05T00:00:00Z&until=2030-01-09T07:00:00Z",
    "bounds=37,48,37.4,48.2",
    "since=2029-01-01&until=2029-02-01",
)


def many(count: int) -> list[Row]:
    """Return EXERCISE observations far enough apart that each is an incident of its own."""
    made = []
    for number in range(count):
        began = (START - timedelta(days=12) + timedelta(minutes=17 * number)).isoformat()
        made.append(
            row(
                number,
                event_from=began,
                event_to=began,
                # Of every seventh, no one knows the source, so it stays with the commission.
                source_id="nobody known" if number % 7 == 0 else "monitors",
                latitude=f"{47.4 + 0.031 * (number % 41):.4f}",
                longitude=f"{36.5 + 0.043 * (number % 37):.4f}",
                kind=("artillery", "uav_strike", "small_arms")[number % 3],
            )
        )
    return made


@pytest.fixture
def mission_of_many(room: Room, make_table: MakeTable) -> Room:
    ingest(room.mission, make_table(many(620)), "table")
    run(room.mission)
    return room


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def tiles(
    client: TestClient, zoom: int, query: str, headers: dict[str, str]
) -> Iterator[dict[str, dict[str, list[dict[str, dict[str, object]]]]]]:
    """Yield every tile of a zoom that a place of the test can be on, and all of the world at low zooms."""
    side = 2**zoom
    across, down = to_world(np.array([48.8, 47.2]), np.array([36.4, 38.2]))
    # A hexagon's tile is that of its centre, which may be beside that of what it counts.
    columns, rows = (
        range(side) if zoom < 3 else range(int(first * side) - 1, int(last * side) + 2)
        for first, last in (across, down)
    )
    for x in columns:
        for y in rows:
            answer = client.get(f"/api/v1/tiles/{zoom}/{x}/{y}?{query}", headers=headers)
            assert answer.status_code == 200, answer.text
            assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
            yield mapbox_vector_tile.decode(answer.content)


def counted(found: Iterator[dict[str, dict[str, list[dict[str, dict[str, object]]]]]]) -> int:
    total = 0
    for tile in found:
        total += len(tile.get("incidents", {}).get("features", []))
        for one in tile.get("counts", {}).get("features", []):
            least, most = one["properties"]["least"], one["properties"]["most"]
            assert isinstance(least, int)
            assert isinstance(most, int)
            assert 0 <= least <= most
            total += most
    return total


@pytest.mark.usefixtures("mission_of_many")
@pytest.mark.parametrize("role", [Role.PUBLIC, Role.ANALYST, Role.LIAISON])
def test_tiles_add_up_to_the_list(client: TestClient, tokens: dict[Role, str], role: Role) -> None:
    headers = bearer(tokens[role]) if role in tokens else {}
    totals = set()
    for query in QUERIES:
        listed = client.get(f"/api/v1/incidents?limit=1&{query}", headers=headers)
        assert listed.status_code == 200, (query, listed.text)
        total = listed.json()["total"]
        totals.add(total)
        for zoom in (0, 2, 5, 8, 9):
            assert counted(tiles(client, zoom, query, headers)) == total, (query, zoom)
    assert max(totals) > (0 if role is Role.PUBLIC else FEW)
    assert len(totals) > 2, "the filters must tell something apart"


@pytest.mark.usefixtures("mission_of_many")
def test_many_are_counted_far_out_and_shown_each_close_by(
    client: TestClient, tokens: dict[Role, str]
) -> None:
    headers = bearer(tokens[Role.ANALYST])
    far = mapbox_vector_tile.decode(client.get("/api/v1/tiles/3/4/2", headers=headers).content)
    assert set(far) == {"hexagons", "counts"}
    close = [tile for tile in tiles(client, 9, "", headers) if tile]
    assert {name for tile in close for name in tile} == {"ellipses", "incidents"}
    known = next(tile for tile in close if "incidents" in tile)["incidents"]["features"][0]["properties"]
    assert known["exercise"] is True
    assert float(str(known["sigma_major_m"])) > float(str(known["sigma_minor_m"])) > 0


@pytest.mark.usefixtures("incidents")
def test_a_few_are_shown_each_however_far_out(client: TestClient, tokens: dict[Role, str]) -> None:
    content = client.get("/api/v1/tiles/0/0/0", headers=bearer(tokens[Role.ANALYST])).content
    assert len(mapbox_vector_tile.decode(content)["incidents"]["features"]) == 1


@pytest.mark.usefixtures("mission_of_many")
def test_the_public_gets_no_place_that_the_list_would_not_give(
    client: TestClient, tokens: dict[Role, str]
) -> None:
    def ellipses(headers: dict[str, str]) -> set[tuple[bool, float]]:
        return {
            (bool(one["properties"]["coarse"]), float(str(one["properties"]["sigma_major_m"])))
            for tile in tiles(client, 9, "", headers)
            for one in tile.get("incidents", {}).get("features", [])
        }

    public = ellipses({})
    assert len(public) == 1, "a cell is as wide as any other, whatever is in it"
    assert next(iter(public))[0]
    assert {coarse for coarse, _ in ellipses(bearer(tokens[Role.ANALYST]))} == {False}


@pytest.mark.parametrize("path", ["1/2/0", "0/0/1", "19/0/0", "3/-1/0", "x/0/0"])
@pytest.mark.usefixtures("incidents")
def test_there_is_no_such_tile(client: TestClient, path: str) -> None:
    assert client.get(f"/api/v1/tiles/{path}").status_code in {404, 422}


@pytest.mark.usefixtures("incidents")
def test_ground_has_zones_and_says_when_coverage_is_not_released(
    client: TestClient, room: Room, tokens: dict[Role, str]
) -> None:
    drawn = LineString([(37.0, 48.0), (38.0, 48.5)])
    began = Interval(START - timedelta(days=30), None)
    line = Zone("front", "The line", "line", drawn, 500.0, began, "Drawn for this test.")
    room.mission = replace(room.mission, agreement=replace(room.mission.agreement, zones=(line,)))
    inside = client.get("/api/v1/ground", headers=bearer(tokens[Role.ANALYST])).json()
    assert inside["exercise"] is True
    assert inside["coverage"] == "released"
    layers = [one["properties"]["layer"] for one in inside["features"]]
    assert layers == ["line", "band", "gap", "gap-band"], "nobody watched, and the map says so"
    band = shape(inside["features"][1]["geometry"])
    assert band.contains(drawn)
    west, south, _, _ = band.bounds
    assert distance_m((48.0, west), (48.0, 37.0)) == pytest.approx(500, rel=0.01)
    assert distance_m((south, 37.0), (48.0, 37.0)) == pytest.approx(500, rel=0.01)
    assert 'class="band-unwatched"' in client.get("/map", headers=bearer(tokens[Role.ANALYST])).text
    drawn_for_all = client.get("/map").text
    assert 'class="band"' in drawn_for_all
    assert 'class="band-unwatched"' not in drawn_for_all
    public = client.get("/api/v1/ground").json()
    assert public["coverage"] == "not released to you"
    assert not {one["properties"]["layer"] for one in public["features"]} & {"gap", "watched"}


@pytest.mark.usefixtures("mission_of_many")
def test_days_hold_what_the_list_holds(client: TestClient, tokens: dict[Role, str]) -> None:
    headers = bearer(tokens[Role.ANALYST])
    held = client.get("/api/v1/days?kind=uav_strike", headers=headers).json()
    assert held["coverage"] == "released"
    assert client.get("/api/v1/days").json()["coverage"] == "not released to you"
    days = held["days"]
    assert {one["watched"] for one in days} <= {0, None}, "nobody watched"
    total = client.get("/api/v1/incidents?kind=uav_strike&limit=1", headers=headers).json()["total"]
    assert sum(one["least"] for one in days) <= total <= sum(one["most"] for one in days)
    for one in days[:4]:
        begun = f"since={one['day']}&until={one['day']}T23:59:59.999Z"
        query = f"/api/v1/incidents?kind=uav_strike&limit=1&{begun}"
        assert client.get(query, headers=headers).json()["total"] == one["most"]


@pytest.mark.usefixtures("incidents")
def test_a_look_at_the_map_is_noted_once(
    client: TestClient, room: Room, tokens: dict[Role, str], people: dict[Role, Person]
) -> None:
    headers = bearer(tokens[Role.ANALYST])
    for x in range(4):
        client.get(f"/api/v1/tiles/2/{x}/1", headers=headers)
    noted = [one.path for one in room.visits.latest(most=50) if one.person == people[Role.ANALYST].person]
    assert noted == ["GET /api/v1/tiles/2/0/1"]
