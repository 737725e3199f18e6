# SPDX-License-Identifier: Apache-2.0
"""Loading a pack: whole or not at all, with every fault told."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from truceline.agreement import PACK_FILES, load_files, load_pack
from truceline.errors import RejectedInput

PACKS = Path(__file__).parents[2] / "packs"


def faults(files: dict[str, bytes]) -> set[tuple[str, str]]:
    with pytest.raises(RejectedInput) as caught:
        load_files(files)
    return {(fault.where, fault.path) for fault in caught.value.faults}


def changed(files: dict[str, bytes], name: str, old: str, new: str) -> dict[str, bytes]:
    text = files[name].decode()
    assert old in text
    return files | {name: text.replace(old, new, 1).encode()}


def zoned(files: dict[str, bytes], *edits: tuple[int, str, object]) -> dict[str, bytes]:
    """Set members of features: index, dotted path, value."""
    document = json.loads(files["zones.geojson"])
    for index, path, value in edits:
        target = document["features"][index]
        *steps, last = path.split(".")
        for step in steps:
            target = target[step]
        target[last] = value
    return files | {"zones.geojson": json.dumps(document).encode()}


def test_a_sound_pack_loads_with_its_times_in_utc(small: dict[str, bytes]) -> None:
    agreement = load_files(small)
    assert agreement.in_force[0].start == datetime(2025, 4, 19, 15, tzinfo=UTC)
    assert agreement.party_ids() == ("A", "B")
    assert [zone.zone_id for zone in agreement.zones] == ["area", "line"]
    assert agreement.reporting.cut_off == "19:30"


def test_what_nothing_uses_yet_is_kept(small: dict[str, bytes]) -> None:
    agreement = load_files(small)
    assert agreement.remedies[0].deadline_hours == 24
    assert agreement.guarantees[0].clocks_hours == (24, 72)
    assert agreement.release_rules[0].cell_km == 5


def test_an_agreement_loads_again_from_its_recorded_bytes(small: dict[str, bytes]) -> None:
    agreement = load_files(small)
    assert load_files(dict(agreement.files)) == agreement
    assert dict(agreement.files) == small


def test_a_folder_loads_as_its_files_do(small: dict[str, bytes], tmp_path: Path) -> None:
    for name, content in small.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "README.md").write_text("for people")
    assert load_pack(tmp_path) == load_files(small)


def test_a_missing_folder_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(RejectedInput, match="There is no such pack"):
        load_pack(tmp_path / "nowhere")


def test_every_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(RejectedInput) as caught:
        load_pack(tmp_path)
    assert {fault.where for fault in caught.value.faults} == set(PACK_FILES)


def test_a_foreign_file_among_recorded_ones_is_told(small: dict[str, bytes]) -> None:
    assert faults(small | {"extra.yaml": b""}) == {("extra.yaml", "file")}


@pytest.mark.parametrize(
    ("name", "old", "new", "path"),
    [
        ("agreement.yaml", "binds: [A, B]", "binds: [A, C]", "versions.0.clauses.0.binds.1"),
        ("agreement.yaml", "binds: [A, B]", "binds: [A, A]", "versions.0.clauses.0.binds.1"),
        ("agreement.yaml", "zone: area", "zone: nowhere", "versions.0.clauses.0.zone"),
        ("agreement.yaml", "line: line", "line: nowhere", "versions.0.clauses.1.distance.line"),
        ("agreement.yaml", "line: line", "line: area", "versions.0.clauses.1.distance.line"),
        ("agreement.yaml", "{mlrs: 35}", "{tank: 35}", "versions.0.clauses.1.distance.minimum_km.tank"),
        ("agreement.yaml", "{mlrs: 35}", "{mlrs: -1}", "versions.0.clauses.1.distance.minimum_km.mlrs"),
        ("agreement.yaml", "{claim: one", "{claim: three", "facts.0.resolution.claim"),
        ("agreement.yaml", "{id: two, by", "{id: one, by", "facts.0.claims.1.id"),
        ("agreement.yaml", "guarantors: [M]", "guarantors: [N]", "guarantees.0.guarantors.0"),
        ("agreement.yaml", "id: weapons", "id: fire", "versions.0.clauses.1.id"),
        ("agreement.yaml", "{id: B,", "{id: A,", "parties.1.id"),
        ("agreement.yaml", "#7C6034", "brown", "parties.1.hue"),
        ("agreement.yaml", "Europe/Kyiv", "Europe/Nowhere", "reporting.timezone"),
        ("agreement.yaml", "Europe/Kyiv", "../etc/passwd", "reporting.timezone"),
        ("agreement.yaml", "19:30", "25:30", "reporting.cut_off"),
        ("agreement.yaml", "attack_unspecified", "loud_noise", "versions.0.clauses.0.kinds.0"),
        ("agreement.yaml", "{en: A small truce}", "{uk: Тиша}", "title"),
        ("agreement.yaml", "summary:", "sumary:", "sumary"),
        (
            "agreement.yaml",
            '"2025-04-19T18:00:00+03:00", until',
            "2025-04-19T18:00:00, until",
            "in_force.0.from",
        ),
        ("agreement.yaml", '"2025-04-19T18:00:00+03:00", until', "2025-04-19, until", "in_force.0.from"),
        ("agreement.yaml", '"2025-04-19T18:00:00+03:00", until', "1745074800, until", "in_force.0.from"),
        ("agreement.yaml", "2025-04-21T00:00:00", "2025-04-18T00:00:00", "in_force.0"),
        ("sources.yaml", "family: monitors", "family: party", "sources.0.family"),
        ("sources.yaml", "source_kind: patrol", "source_kind: rumour", "families.0.source_kind"),
        ("sources.yaml", "range_m: 5000", "range_m: .inf", "sources.0.range_m"),
        ("places.yaml", "[UA]", "[UA, UA]", "countries.1"),
        ("places.yaml", "[22, 44, 41, 53]", "[41, 44, 22, 53]", "file"),
        ("places.yaml", "[22, 44, 41, 53]", "[22, 44, 41, 153]", "bounds.3"),
    ],
)
def test_a_fault_is_told_with_file_and_path(
    small: dict[str, bytes], name: str, old: str, new: str, path: str
) -> None:
    assert (name, path) in faults(changed(small, name, old, new))


@pytest.mark.parametrize(
    ("edit", "path"),
    [
        ((0, "geometry.coordinates", [[[36, 47], [38, 49], [38, 47], [36, 49], [36, 47]]]), "geometry"),
        (
            (0, "geometry.coordinates", [[[36, 47], [38, 47], [38, 49], [36, 49]]]),
            "geometry.Polygon.coordinates.0",
        ),
        ((0, "geometry.coordinates", [[[47, 36], [47, 38], [49, 38], [47, 36]]]), "geometry"),
        ((1, "geometry.coordinates", [[37, 47], [37, 91]]), "geometry.LineString.coordinates.1.1"),
        ((1, "geometry.coordinates", [[37, 47], [181, 47]]), "geometry.LineString.coordinates.1.0"),
        ((1, "geometry.coordinates", [[37, 47]]), "geometry.LineString.coordinates"),
        ((1, "geometry", {"type": "Circle"}), "geometry"),
        ((1, "properties.role", "area"), "geometry.type"),
        ((1, "properties.until", "2025-01-01T00:00:00Z"), "properties"),
        ((1, "properties.from", "2025-04-19"), "properties.from"),
        ((1, "properties.colour", "blue"), "properties.colour"),
        ((1, "properties.through", ["Pokrovsk"]), "properties.through"),
        ((1, "properties.sigma_m", -1), "properties.sigma_m"),
    ],
)
def test_a_zone_that_cannot_be_is_told(
    small: dict[str, bytes], edit: tuple[int, str, object], path: str
) -> None:
    assert ("zones.geojson", f"features.{edit[0]}.{path}") in faults(zoned(small, edit))


def test_two_zones_of_one_id_may_follow_each_other_and_not_overlap(small: dict[str, bytes]) -> None:
    document = json.loads(small["zones.geojson"])
    later = json.loads(json.dumps(document["features"][1]))
    later["properties"]["from"] = "2025-06-01T00:00:00Z"
    document["features"].append(later)
    overlapping = small | {"zones.geojson": json.dumps(document).encode()}
    assert faults(overlapping) == {("zones.geojson", "features.2.properties.from")}

    document["features"][1]["properties"]["until"] = "2025-06-01T00:00:00Z"
    agreement = load_files(small | {"zones.geojson": json.dumps(document).encode()})
    before = agreement.zone_at("line", datetime(2025, 5, 1, tzinfo=UTC))
    after = agreement.zone_at("line", datetime(2025, 7, 1, tzinfo=UTC))
    assert before is agreement.zones[1]
    assert after is agreement.zones[2]


def test_faults_of_all_files_are_told_together(small: dict[str, bytes]) -> None:
    broken = changed(small, "agreement.yaml", "binds: [A, B]", "binds: [A, C]")
    broken = changed(broken, "agreement.yaml", "#7C6034", "brown")
    broken = changed(broken, "agreement.yaml", "commission:", "comission:")
    broken = changed(broken, "sources.yaml", "family: monitors", "family: party")
    broken = zoned(broken, (0, "properties.role", "line"), (1, "geometry.coordinates", [[37, 47], [37, 91]]))
    broken |= {"places.yaml": b"countries: ]"}
    assert faults(broken) >= {
        ("agreement.yaml", "versions.0.clauses.0.binds.1"),
        ("agreement.yaml", "parties.1.hue"),
        ("agreement.yaml", "comission"),
        ("agreement.yaml", "commission"),
        ("sources.yaml", "sources.0.family"),
        ("zones.geojson", "features.0.geometry.type"),
        ("zones.geojson", "features.1.geometry.LineString.coordinates.1.1"),
        ("places.yaml", "line 1"),
    }


def test_a_zone_with_a_fault_of_its_own_still_counts_as_known(small: dict[str, bytes]) -> None:
    broken = zoned(small, (0, "properties.sigma_m", -1))
    assert faults(broken) == {("zones.geojson", "features.0.properties.sigma_m")}


def test_the_message_names_file_path_reason_and_value(small: dict[str, bytes]) -> None:
    with pytest.raises(RejectedInput) as caught:
        load_files(changed(small, "agreement.yaml", "zone: area", "zone: nowhere"))
    assert "agreement.yaml: versions.0.clauses.0.zone: names no zone of this pack (given: 'nowhere')" in str(
        caught.value
    )


def test_a_pack_may_not_overlap_itself_in_force(small: dict[str, bytes]) -> None:
    twice = changed(small, "agreement.yaml", "in_force:\n", 'in_force:\n  - {from: "2025-04-20T00:00:00Z"}\n')
    assert faults(twice) == {("agreement.yaml", "in_force.1")}


@settings(max_examples=60, deadline=None)
@given(
    name=st.sampled_from(PACK_FILES), content=st.binary(max_size=200) | st.text(max_size=200).map(str.encode)
)
def test_any_bytes_are_refused_and_never_crash(name: str, content: bytes) -> None:
    files = {file: (PACKS / "blank" / file).read_bytes() for file in PACK_FILES}
    with pytest.raises(RejectedInput) as caught:
        load_files(files | {name: content})
    assert name in {fault.where for fault in caught.value.faults}


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_damaged_pack_loads_or_is_refused(data: st.DataObject) -> None:
    files = {file: (PACKS / "minsk" / file).read_bytes() for file in PACK_FILES}
    name = data.draw(st.sampled_from(PACK_FILES))
    at = data.draw(st.integers(0, len(files[name]) - 1))
    cut = data.draw(st.integers(0, 40))
    damaged = files[name][:at] + data.draw(st.binary(max_size=8)) + files[name][at + cut :]
    try:
        agreement = load_files(files | {name: damaged})
    except RejectedInput as error:
        told = error.faults
    else:
        told = ()
        assert dict(agreement.files)[name] == damaged
    assert all(fault.reason for fault in told)
