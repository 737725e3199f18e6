# SPDX-License-Identifier: Apache-2.0
"""Transcribed public reports, and parties' claims."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.intake.conftest import CLAIM_ROW, REPORT_ROW, Ingest, claim, observation, refusal, write_csv

from truceline.geodesy import Ellipse
from truceline.observation.model import Count, Observation
from truceline.vocabulary import CountQualifier, Kind, SourceKind

NO_POSITION = {"latitude": "", "longitude": "", "sigma_m": ""}


def report(tmp_path: Path, ingest: Ingest, **change: str) -> Observation:
    """Read one report that differs from the ordinary one."""
    return observation(ingest(write_csv(tmp_path / "a.csv", [REPORT_ROW | change]), "reports"))


def test_independence_goes_by_who_first_said_it(tmp_path: Path, ingest: Ingest) -> None:
    relay = report(tmp_path, ingest)
    assert (relay.source_id, relay.source_kind, relay.family) == ("Outlet", SourceKind.NEWS, "officials")
    assert relay.origin_id == "O-1"


def test_outlets_family_holds_where_the_pack_does_not_know_the_speaker(
    tmp_path: Path, ingest: Ingest
) -> None:
    assert report(tmp_path, ingest, original_speaker="Somebody").family == "media"


def test_report_time_is_not_event_time(tmp_path: Path, ingest: Ingest) -> None:
    relay = report(tmp_path, ingest, published_at="2025-04-20T10:42+03:00")
    assert relay.received_at == datetime(2025, 4, 20, 7, 42, tzinfo=UTC)
    assert relay.when.last == datetime(2025, 4, 19, 21, tzinfo=UTC)


def test_date_of_publication_is_the_last_second_of_that_day_locally(tmp_path: Path, ingest: Ingest) -> None:
    assert report(tmp_path, ingest).received_at == datetime(2025, 4, 20, 20, 59, 59, tzinfo=UTC)


def test_without_a_publication_the_end_of_the_event_serves(tmp_path: Path, ingest: Ingest) -> None:
    relay = report(tmp_path, ingest, published_at="")
    assert relay.received_at == relay.when.last


def test_settlement_has_its_rows_uncertainty_else_its_levels(tmp_path: Path, ingest: Ingest) -> None:
    assert report(tmp_path, ingest).place == Ellipse(49.982, 36.255, 8_000, 8_000)
    assert report(tmp_path, ingest, sigma_m="").place == Ellipse(49.982, 36.255, 5_000, 5_000)


def test_front_sector_has_its_own_uncertainty(tmp_path: Path, ingest: Ingest) -> None:
    assert report(tmp_path, ingest, place_level="front_sector", sigma_m="").place == Ellipse(
        49.982, 36.255, 25_000, 25_000
    )


def test_oblast_is_the_agreements_region(tmp_path: Path, ingest: Ingest) -> None:
    found = report(tmp_path, ingest, place="Donetsk oblast", place_level="oblast", **NO_POSITION)
    assert found.place == Ellipse(48.05, 37.67, 50_000, 50_000)
    unknown = report(tmp_path, ingest, place="Nowhere oblast", place_level="oblast", **NO_POSITION)
    assert unknown.place is None
    assert unknown.detail("unplaced") == "the agreement lists no region of that name"


def test_raion_stands_around_the_only_town_that_it_is_named_after(tmp_path: Path, ingest: Ingest) -> None:
    found = report(tmp_path, ingest, place="Chuhuiv raion", place_level="raion", **NO_POSITION)
    assert found.place is not None
    assert found.place.sigma_major_m == 18_000
    assert "the only Chuhuiv known" in (found.detail("place_basis") or "")


def test_name_that_several_places_share_is_not_guessed(tmp_path: Path, ingest: Ingest) -> None:
    found = report(tmp_path, ingest, place="Mykolayivka", **NO_POSITION)
    assert found.place is None
    assert "places of that name" in (found.detail("unplaced") or "")


def test_place_that_the_transcriber_did_not_find_is_not_looked_up_again(
    tmp_path: Path, ingest: Ingest
) -> None:
    note = "Shelling; FLAG no_coordinates (not guessed)"
    assert report(tmp_path, ingest, note=note, **NO_POSITION).place is None
    assert report(tmp_path, ingest, place="Chuhuiv", **NO_POSITION).place is not None


def test_country_is_kept_and_never_put_on_the_map(tmp_path: Path, ingest: Ingest) -> None:
    found = report(tmp_path, ingest, place="Front line (whole)", place_level="country", **NO_POSITION)
    assert found.place is None
    assert found.place_name == "Front line (whole)"


@pytest.mark.parametrize("level", ["oblast", "front_sector", "country"])
@pytest.mark.parametrize(("qualifier", "count"), [("exact", "18"), ("more_than", "40"), ("at_least", "1")])
def test_total_over_a_wide_place_is_not_one_event(
    tmp_path: Path, ingest: Ingest, level: str, qualifier: str, count: str
) -> None:
    found = report(tmp_path, ingest, place_level=level, count_qualifier=qualifier, count=count)
    assert found.place is None
    assert "total" in (found.detail("unplaced") or "")


def test_one_event_over_an_oblast_is_an_event(tmp_path: Path, ingest: Ingest) -> None:
    assert (
        report(tmp_path, ingest, place_level="oblast", count_qualifier="exact", count="1").place is not None
    )


@pytest.mark.parametrize("change", [{"kind": "lull"}, {"count_qualifier": "exact", "count": "0"}])
def test_statement_of_absence_is_kept_and_never_fused(
    tmp_path: Path, ingest: Ingest, change: dict[str, str]
) -> None:
    found = report(tmp_path, ingest, **change)
    assert found.place is None
    assert found.kind is Kind(change.get("kind", "artillery"))
    assert "absence" in (found.detail("unplaced") or "")


@pytest.mark.parametrize(
    ("qualifier", "count", "kept"),
    [
        ("exact", "3", Count(CountQualifier.EXACT, 3, 3)),
        ("about", "3", Count(CountQualifier.ABOUT, 3, 3)),
        ("nearly", "3", Count(CountQualifier.ALMOST, 3, 3)),
        ("at_least", "3", Count(CountQualifier.AT_LEAST, 3, None)),
        ("more_than", "3", Count(CountQualifier.MORE_THAN, 3, None)),
        ("uncounted", "", Count(CountQualifier.UNCOUNTED)),
    ],
)
def test_counts_keep_their_qualifier(
    tmp_path: Path, ingest: Ingest, qualifier: str, count: str, kept: Count
) -> None:
    assert report(tmp_path, ingest, count_qualifier=qualifier, count=count).count == kept


def test_everything_else_is_kept_as_given(tmp_path: Path, ingest: Ingest) -> None:
    found = report(tmp_path, ingest, killed="2", note="As said", attributed_by_source_to="B")
    assert dict(found.details) == {
        "attributed_by_source_to": "B",
        "killed": "2",
        "language": "en",
        "note": "As said",
        "original_speaker": "Spokesperson",
        "place_level": "settlement",
        "published_at": "2025-04-20",
        "source_family": "media",
        "time_basis": "stated",
        "url": "https://example.org/1",
    }


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"time_basis": "guess"}, "time_basis"),
        ({"place_level": "village"}, "place_level"),
        ({"killed": "many"}, "killed"),
        ({"count_qualifier": "exact", "count": ""}, "count"),
        ({"count_qualifier": "uncounted", "count": "4"}, "count"),
        ({"published_at": "20.04.2025"}, "published_at"),
        ({"published_at": "2025-04-20T10:42"}, "published_at"),
        ({"source_family": ""}, "source_family"),
        ({"latitude": "36.255", "longitude": "49.982"}, "latitude"),
    ],
)
def test_report_with_a_fault_is_refused(
    tmp_path: Path, ingest: Ingest, change: dict[str, str], field: str
) -> None:
    refused = refusal(ingest(write_csv(tmp_path / "a.csv", [REPORT_ROW | change]), "reports"))
    assert [fault.path for fault in refused.faults] == [field]


def test_claim_stays_a_claim(tmp_path: Path, ingest: Ingest) -> None:
    row = CLAIM_ROW | {"count_qualifier": "nearly", "count": "5000", "claimant": "third_party:Institute"}
    found = claim(ingest(write_csv(tmp_path / "a.csv", [row]), "party-claims"))
    assert found.count == Count(CountQualifier.ALMOST, 5_000, 5_000)
    assert found.claimant == "third_party:Institute"
    assert found.published_on == datetime(2025, 4, 20, 20, 59, 59, tzinfo=UTC)
    assert found.sources == ("https://example.org/1", "https://example.org/2")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"published_on": ""}, "published_on"),
        ({"period_to_utc": "2025-04-19T14:00:00Z"}, "period_to_utc"),
        ({"claimant": ""}, "claimant"),
        ({"count": "-3"}, "count"),
    ],
)
def test_claim_with_a_fault_is_refused(
    tmp_path: Path, ingest: Ingest, change: dict[str, str], field: str
) -> None:
    refused = refusal(ingest(write_csv(tmp_path / "a.csv", [CLAIM_ROW | change]), "party-claims"))
    assert [fault.path for fault in refused.faults] == [field]


@pytest.mark.parametrize(
    ("note", "marked"),
    [("CONTRADICTS: says that it was staged", "yes"), ("Relay (contradicts the hour)", None), ("", None)],
)
def test_contradiction_is_marked_and_its_note_kept(
    tmp_path: Path, ingest: Ingest, note: str, marked: str | None
) -> None:
    found = report(tmp_path, ingest, note=note)
    assert found.detail("contradicts") == marked
    assert (found.detail("note") or "") == note


def test_the_packs_word_on_an_outlet_stands_over_the_rows_where_nobody_is_named(
    tmp_path: Path, ingest: Ingest
) -> None:
    found = report(tmp_path, ingest, source_name="Spokesperson", source_family="media", original_speaker="")
    assert (found.family, found.source_kind) == ("officials", SourceKind.PARTY)
    named = report(tmp_path, ingest, source_name="heard", source_family="media")
    assert named.family == "officials"
