# SPDX-License-Identifier: Apache-2.0
"""A small agreement made by hand, and rows written as files."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from truceline.agreement import (
    Agreement,
    Commission,
    Gazetteer,
    Places,
    Region,
    Reporting,
    Source,
    SourceFamily,
)
from truceline.intake import IntakeContext, Refusal, read
from truceline.observation.model import Observation, PartyClaim, Statement, Watch
from truceline.vocabulary import SourceKind

Ingest = Callable[[Path, str], list[Statement | Refusal]]


@pytest.fixture(scope="session")
def context() -> IntakeContext:
    """What rows are read against: two regions, two families, two sources."""
    places = Places(
        countries=("UA",),
        regions=(
            Region(
                id="ua-donetsk",
                name={"en": "Donetsk oblast"},
                also=("Donetska oblast",),
                country="UA",
                admin1="05",
                latitude=48.05,
                longitude=37.67,
                sigma_m=50_000,
            ),
        ),
        level_sigma_m={"settlement": 5_000, "raion": 18_000, "front_sector": 25_000, "oblast": 50_000},
        bounds=(22.0, 44.0, 44.5, 54.0),
    )
    agreement = Agreement(
        agreement_id="small",
        title={"en": "A small agreement"},
        summary="",
        in_force=(),
        parties=(),
        actors=(),
        versions=(),
        zones=(),
        facts=(),
        commission=Commission(name="Commission"),
        remedies=(),
        guarantees=(),
        release_rules=(),
        reporting=Reporting(timezone="Europe/Kyiv", cut_off="24:00"),
        comparisons=(),
        caveats=(),
        families=(
            SourceFamily(
                id="officials", name="Officials", independence_group="A", source_kind=SourceKind.PARTY
            ),
            SourceFamily(id="media", name="Media", independence_group="B", source_kind=SourceKind.NEWS),
            SourceFamily(id="patrols", name="Patrols", independence_group="C", source_kind=SourceKind.PATROL),
        ),
        sources=(
            Source(id="Spokesperson", family="officials"),
            Source(id="heard", family="patrols", position_sigma_m=700),
            Source(id="patrol", family="patrols", range_m=9_000),
        ),
        places=places,
        files=(),
    )
    return IntakeContext(agreement, Gazetteer.load(places))


@pytest.fixture
def ingest(context: IntakeContext) -> Ingest:
    """Read a whole file."""
    return lambda path, format_name: list(read(path, format_name, context))


def write_csv(
    path: Path, rows: Sequence[Mapping[str, str]], encoding: str = "utf-8", end: str = "\n"
) -> Path:
    """Write rows as CSV."""
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator=end)
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_jsonl(path: Path, rows: Sequence[Mapping[str, object]]) -> Path:
    """Write rows as one JSON object a line."""
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def observation(found: Sequence[Statement | Refusal]) -> Observation:
    """Return the one row, which must be an observation."""
    (only,) = found
    assert isinstance(only, Observation), only
    return only


def watch(found: Sequence[Statement | Refusal]) -> Watch:
    """Return the one row, which must be a watch."""
    (only,) = found
    assert isinstance(only, Watch), only
    return only


def claim(found: Sequence[Statement | Refusal]) -> PartyClaim:
    """Return the one row, which must be a claim."""
    (only,) = found
    assert isinstance(only, PartyClaim), only
    return only


def refusal(found: Sequence[Statement | Refusal]) -> Refusal:
    """Return the one row, which must be refused."""
    (only,) = found
    assert isinstance(only, Refusal), only
    return only


TABLE_ROW = {
    "observation_id": "o-1",
    "source_id": "patrol 7",
    "source_kind": "patrol",
    "event_from": "2025-04-19T15:00:00Z",
    "event_to": "2025-04-19T15:10:00Z",
    "time_sigma_s": "60",
    "latitude": "48.1",
    "longitude": "37.8",
    "sigma_major_m": "900",
    "sigma_minor_m": "300",
    "azimuth_deg": "45",
    "kind": "mortar",
    "count_min": "3",
    "count_max": "5",
    "received_at": "2025-04-19T16:00:00Z",
    "origin_id": "",
}

REPORT_ROW = {
    "report_id": "R-1",
    "published_at": "2025-04-20",
    "event_from_utc": "2025-04-19T15:00:00Z",
    "event_to_utc": "2025-04-19T21:00:00Z",
    "time_basis": "stated",
    "place": "Kharkiv",
    "place_level": "settlement",
    "latitude": "49.982",
    "longitude": "36.255",
    "sigma_m": "8000",
    "kind": "artillery",
    "count_qualifier": "uncounted",
    "count": "",
    "killed": "",
    "injured": "",
    "attributed_by_source_to": "",
    "source_name": "Outlet",
    "source_family": "media",
    "original_speaker": "Spokesperson",
    "origin_id": "O-1",
    "language": "en",
    "url": "https://example.org/1",
    "note": "",
}

CLAIM_ROW = {
    "claim_id": "C-1",
    "claimant": "A",
    "about": "B",
    "period_from_utc": "2025-04-19T15:00:00Z",
    "period_to_utc": "2025-04-20T21:00:00Z",
    "published_on": "2025-04-20",
    "what": "shelling",
    "count_qualifier": "exact",
    "count": "387",
    "source_url": "https://example.org/1|https://example.org/2",
}

SMM_ROW: dict[str, object] = {
    "date_from": "2016-03-28",
    "time_from": "10:14",
    "date_to": "2016-03-28",
    "time_to": "15:18",
    "position": "3km west of Yasynuvata",
    "position_control": None,
    "position_ref": None,
    "means": "heard",
    "count": 5,
    "count_qualifier": "exact",
    "event": "explosion",
    "description": "undetermined",
    "weapon": None,
    "calibre_mm": None,
    "dist_min_km": 3,
    "dist_max_km": 5,
    "bearing": "NW",
    "flight_from": None,
    "flight_to": None,
    "obs_id": "S-01.1",
    "sentence_id": "S-01",
    "url": "https://example.org/smm",
    "report_issued": "2016-03-30",
    "position_lat": 48.12,
    "position_lon": 37.81,
    "position_sigma_m": 200,
    "note": "",
}
