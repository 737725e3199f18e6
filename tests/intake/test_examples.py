# SPDX-License-Identifier: Apache-2.0
"""The examples that ship, read against the packs that ship."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

import pytest

from truceline.agreement import Gazetteer, load_pack
from truceline.intake import IntakeContext, Refusal, read
from truceline.observation.model import Observation, PartyClaim, Statement, Watch
from truceline.vocabulary import CountQualifier, Kind, WatchState

ROOT = Path(__file__).parents[2]
FILES = [
    ("easter-truce-2025", "reports.csv", "reports", 463),
    ("easter-truce-2025", "party_claims.csv", "party-claims", 52),
    ("minsk", "observations.jsonl", "smm", 211),
    ("minsk", "observations_2015_2020_sample.jsonl", "smm", 25),
    ("minsk", "watches.csv", "smm", 42),
    ("minsk", "restrictions.csv", "smm", 63),
]


@pytest.fixture(scope="module")
def contexts() -> dict[str, IntakeContext]:
    """Each example's own agreement."""
    packs = {name: load_pack(ROOT / "packs" / name) for name in ("easter-truce-2025", "minsk")}
    return {name: IntakeContext(pack, Gazetteer.load(pack.places)) for name, pack in packs.items()}


def taken(contexts: dict[str, IntakeContext], folder: str, file: str, form: str) -> list[Statement | Refusal]:
    """Read one of the examples' files."""
    return list(read(ROOT / "examples" / folder / file, form, contexts[folder]))


@pytest.mark.parametrize(("folder", "file", "form", "rows"), FILES)
def test_every_row_of_the_examples_is_taken(
    contexts: dict[str, IntakeContext], folder: str, file: str, form: str, rows: int
) -> None:  # fmt: skip
    found = taken(contexts, folder, file, form)
    assert [one for one in found if isinstance(one, Refusal)] == []
    assert len(found) == rows


@pytest.mark.parametrize(("folder", "file", "form"), [row[:3] for row in FILES])
def test_ids_are_unique_and_the_same_in_every_run(
    contexts: dict[str, IntakeContext], folder: str, file: str, form: str
) -> None:
    once, again = (taken(contexts, folder, file, form) for _ in range(2))
    assert once == again
    assert len(set(map(repr, once))) == len(once)


def test_no_total_and_no_absence_of_the_easter_truce_can_become_an_incident(
    contexts: dict[str, IntakeContext],
) -> None:
    placed = [
        one
        for one in taken(contexts, "easter-truce-2025", "reports.csv", "reports")
        if isinstance(one, Observation) and one.place is not None
    ]
    assert len(placed) == 249
    assert "country" not in {one.detail("place_level") for one in placed}
    assert Kind.LULL not in {one.kind for one in placed}
    assert all(one.count.minimum != 0 for one in placed)
    wide = [one for one in placed if one.detail("place_level") in ("oblast", "front_sector")]
    assert {one.count.minimum for one in wide} == {None, 1}


def test_every_easter_report_keeps_its_family_and_its_origin(contexts: dict[str, IntakeContext]) -> None:
    found = taken(contexts, "easter-truce-2025", "reports.csv", "reports")
    known = {family.id for family in contexts["easter-truce-2025"].agreement.families}
    assert {one.family for one in found if isinstance(one, Observation)} <= known
    with (ROOT / "examples/easter-truce-2025/reports.csv").open(encoding="utf-8", newline="") as file:
        stated = {row["origin_id"] for row in csv.DictReader(file)}
    assert {one.origin_id or "" for one in found if isinstance(one, Observation)} == stated


def test_claims_of_both_sides_stand_side_by_side_unaveraged(contexts: dict[str, IntakeContext]) -> None:
    found = taken(contexts, "easter-truce-2025", "party_claims.csv", "party-claims")
    totals = {
        (one.claimant, one.count.minimum)
        for one in found
        if isinstance(one, PartyClaim) and one.count.minimum in (2_935, 4_900)
    }
    assert totals == {("UA", 2_935), ("RU", 4_900)}


def test_smm_counts_add_up_to_what_the_file_states_without_parts(contexts: dict[str, IntakeContext]) -> None:
    found = taken(contexts, "minsk", "observations.jsonl", "smm")
    text = (ROOT / "examples/minsk/observations.jsonl").read_text(encoding="utf-8")
    rows = [json.loads(line) for line in text.splitlines()]
    stated = sum(row["count"] or 0 for row in rows if "previous" not in row["count_qualifier"])
    assert sum(one.count.minimum or 0 for one in found if isinstance(one, Observation)) == stated
    uncounted = [
        one
        for one in found
        if isinstance(one, Observation) and one.count.qualifier is CountQualifier.UNCOUNTED
    ]
    assert len(uncounted) == 7 + 5 + 1


def test_every_smm_observation_has_a_position_and_an_ellipse(contexts: dict[str, IntakeContext]) -> None:
    found = taken(contexts, "minsk", "observations.jsonl", "smm")
    assert all(one.place and one.sighting for one in found if isinstance(one, Observation))


def test_restrictions_are_gaps_or_observed_fire(contexts: dict[str, IntakeContext]) -> None:
    found = taken(contexts, "minsk", "restrictions.csv", "smm")
    assert Counter(one.state if isinstance(one, Watch) else "fire" for one in found) == {
        WatchState.DELAYED: 53,
        WatchState.DENIED: 4,
        "fire": 6,
    }


def test_no_relay_of_a_side_passes_for_an_international_voice(contexts: dict[str, IntakeContext]) -> None:
    found = taken(contexts, "easter-truce-2025", "reports.csv", "reports")
    rows = {one.observation_id: one for one in found if isinstance(one, Observation)}
    families = {name: rows[name].family for name in ("ETR-267", "ETR-276", "ETR-280", "ETR-335", "ETR-336")}
    assert families == {
        "ETR-267": "unidentified_channel",
        "ETR-276": "RU_media",
        "ETR-280": "BY_media",
        "ETR-335": "BY_media",
        "ETR-336": "BY_media",
    }
    agreement = contexts["easter-truce-2025"].agreement
    groups = {one.id: one.independence_group for one in agreement.families}
    assert {groups[family] for family in families.values()} == {"RU", "none"}
    spoke_for_themselves = {one.source_id for one in rows.values() if one.family == "international_media"}
    relayed = {one.source_id for one in rows.values() if one.detail("source_family") == "international_media"}
    assert spoke_for_themselves < relayed


def test_a_denial_in_the_easter_record_is_marked(contexts: dict[str, IntakeContext]) -> None:
    found = taken(contexts, "easter-truce-2025", "reports.csv", "reports")
    marked = [one for one in found if isinstance(one, Observation) and one.detail("contradicts")]
    assert [one.observation_id for one in marked] == ["ETR-281"]
