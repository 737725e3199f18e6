# SPDX-License-Identifier: Apache-2.0
"""The five packs that ship: what they say, and that it adds up."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from shapely.geometry import LineString, shape

from truceline.agreement import Agreement, Gazetteer, line_length_m, load_files, load_pack, probability_inside
from truceline.agreement.model import NO_GROUP, Fact, Zone
from truceline.geodesy import Ellipse, distance_m
from truceline.vocabulary import Kind

PACKS = Path(__file__).parents[2] / "packs"
EXAMPLE = PACKS.parent / "examples" / "easter-truce-2025"
NAMES = ("blank", "easter-truce-2025", "lebanon-2024", "minsk", "paris-2026")

STATUS_HUES = ("#E69F00", "#56B4E9", "#0072B2", "#009E73", "#999999", "#CC79A7", "#D55E00")


def pack(name: str) -> Agreement:
    return load_pack(PACKS / name)


def rows(name: str) -> list[dict[str, str]]:
    with (EXAMPLE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def fact(agreement: Agreement, fact_id: str) -> Fact:
    return next(found for found in agreement.facts if found.id == fact_id)


def luminance(hue: str) -> float:
    """Return WCAG 2 relative luminance, 0 to 1."""
    channels = [int(hue[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("name", NAMES)
def test_a_pack_that_ships_loads_and_loads_again_from_its_bytes(name: str) -> None:
    agreement = pack(name)
    assert agreement.agreement_id == name
    assert load_files(dict(agreement.files)) == agreement


def test_only_these_packs_ship() -> None:
    assert tuple(sorted(folder.name for folder in PACKS.iterdir() if folder.is_dir())) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_parties_hues_are_of_equal_weight_and_no_status(name: str) -> None:
    hues = [party.hue for party in pack(name).parties]
    assert len(set(hues)) == len(hues)
    for hue in hues:
        assert hue.upper() not in STATUS_HUES
        assert (1.0 + 0.05) / (luminance(hue) + 0.05) > 4.5  # legible on white, WCAG 2 AA
        red, green, blue = (int(hue[at : at + 2], 16) for at in (1, 3, 5))
        assert red < 2 * max(green, blue)
        assert green < 1.2 * max(red, blue)
    weights = [luminance(hue) for hue in hues]
    assert max(weights) / min(weights) < 1.15


@pytest.mark.parametrize("name", NAMES[1:])
def test_parties_have_names_in_four_languages_in_alphabetical_order(name: str) -> None:
    parties = pack(name).parties
    assert all(set(party.name) >= {"en", "uk", "ru", "fr"} for party in parties)
    assert [party.name["en"] for party in parties] == sorted(party.name["en"] for party in parties)


@pytest.mark.parametrize("name", NAMES)
def test_every_clause_and_guarantee_cites_its_source(name: str) -> None:
    agreement = pack(name)
    cited = [clause.source for version in agreement.versions for clause in version.clauses]
    assert all(len(source) > 3 for source in cited + [promise.source for promise in agreement.guarantees])


def off_by_m(gazetteer: Gazetteer, name: str, longitude: float, latitude: float) -> float:
    towns = gazetteer.find(name)
    assert towns, f"the gazetteer has no {name}"
    return min(distance_m((latitude, longitude), (town.latitude, town.longitude)) for town in towns)


@pytest.mark.parametrize("name", NAMES)
def test_a_line_runs_through_the_places_it_names(name: str) -> None:
    agreement = pack(name)
    gazetteer = Gazetteer.load(agreement.places)
    for zone in agreement.zones:
        if zone.role == "line":
            assert isinstance(zone.geometry, LineString)
            assert len(zone.through) == len(zone.geometry.coords)
            for place, (longitude, latitude) in zip(zone.through, zone.geometry.coords, strict=True):
                assert off_by_m(gazetteer, place, longitude, latitude) < 3_000, place


@pytest.mark.parametrize("name", NAMES)
def test_a_site_lies_by_the_place_it_names(name: str) -> None:
    agreement = pack(name)
    gazetteer = Gazetteer.load(agreement.places)
    for zone in agreement.zones:
        if zone.role in {"zone", "site"}:
            centre = zone.geometry.centroid
            assert [off_by_m(gazetteer, place, centre.x, centre.y) < 10_000 for place in zone.through] == [
                True
            ]


@pytest.mark.parametrize("name", NAMES)
def test_every_zone_says_how_coarse_it_is(name: str) -> None:
    for zone in pack(name).zones:
        assert zone.sigma_m >= 1_000
        assert "coarse" in zone.name
        assert "off (one sigma)" in zone.source


def test_lines_take_no_great_leap() -> None:
    """A vertex put at a namesake elsewhere would make one."""
    for name in ("easter-truce-2025", "lebanon-2024", "minsk"):
        for zone in pack(name).zones:
            if zone.role == "line":
                steps = list(zip(zone.geometry.coords, zone.geometry.coords[1:], strict=False))
                longest = max(distance_m(a[::-1], b[::-1]) for a, b in steps)
                assert longest < 90_000
                assert 0.05 < longest / line_length_m(zone) < 0.25


class TestEasterTruce:
    def test_it_holds_for_thirty_hours_from_six_in_the_evening(self) -> None:
        (held,) = pack("easter-truce-2025").in_force
        assert held.start == datetime(2025, 4, 19, 15, tzinfo=UTC)
        assert held.duration == timedelta(hours=30)

    def test_one_clause_forbids_every_attack_to_both(self) -> None:
        agreement = pack("easter-truce-2025")
        ((_, clause),) = agreement.clauses_on(agreement.in_force[0])
        assert clause.kinds == (Kind.ATTACK_UNSPECIFIED,)
        assert clause.binds == agreement.party_ids()

    @pytest.mark.parametrize(
        ("latitude", "longitude"),
        # Kyiv, Odesa, Horlivka, Simferopol, Belgorod, Kursk, Voronezh
        [
            (50.45, 30.52),
            (46.49, 30.74),
            (48.3, 38.0),
            (44.95, 34.1),
            (50.6, 36.59),
            (51.73, 36.19),
            (51.66, 39.2),
        ],
    )
    def test_its_area_covers_ukraine_and_the_border_regions(self, latitude: float, longitude: float) -> None:
        agreement = pack("easter-truce-2025")
        area = agreement.zone_at("area-of-application", agreement.in_force[0].start)
        assert area is not None
        assert probability_inside(Ellipse(latitude, longitude, 8000, 8000), area) > 0.95

    def test_every_region_has_its_centre_in_the_area(self) -> None:
        agreement = pack("easter-truce-2025")
        area = zone_of(agreement, "area-of-application")
        for region in agreement.places.regions:
            assert probability_inside(Ellipse(region.latitude, region.longitude, 5000, 5000), area) > 0.9

    def test_moscow_and_warsaw_lie_outside_its_area(self) -> None:
        area = zone_of(pack("easter-truce-2025"), "area-of-application")
        for latitude, longitude in ((55.75, 37.62), (52.23, 21.01)):
            assert probability_inside(Ellipse(latitude, longitude, 8000, 8000), area) < 1e-3

    def test_no_total_can_be_compared_and_each_says_what_it_counts(self) -> None:
        comparisons = pack("easter-truce-2025").comparisons
        assert {"PC-05", "PC-11", "PC-47", "PC-07"} == {c for found in comparisons for c in found.claims}
        for comparison in comparisons:
            assert not comparison.comparable
            assert set(comparison.counts) == set(comparison.claims)

    def test_the_totals_add_up_from_the_claims_that_the_record_holds(self) -> None:
        stated = {row["claim_id"]: row for row in rows("party_claims.csv")}
        sums = {
            total: sum(int(stated[part]["count"]) for part in parts)
            for found in pack("easter-truce-2025").comparisons
            for total, parts in found.sum_of.items()
        }
        assert sums == {"PC-05": 2935, "PC-11": 4900, "PC-07": 1344}
        assert stated["PC-05"]["count"] == "2935"
        assert stated["PC-11"]["count"] == "4900"
        assert (stated["PC-07"]["count_qualifier"], stated["PC-07"]["count"]) == ("more_than", "1300")
        assert (stated["PC-47"]["count_qualifier"], stated["PC-47"]["count"]) == ("nearly", "5000")

    def test_every_speaker_has_a_family_but_residents_whose_carrier_decides(self) -> None:
        agreement = pack("easter-truce-2025")
        speakers = {row["original_speaker"] for row in rows("reports.csv")} - {""}
        assert speakers - {source.id for source in agreement.sources} == {"Residents"}
        outlets = {row["source_family"] for row in rows("reports.csv")}
        assert outlets <= {family.id for family in agreement.families}

    def test_every_region_and_district_of_the_record_is_known_by_name(self) -> None:
        gazetteer = Gazetteer.load(pack("easter-truce-2025").places)
        named = {(row["place_level"], row["place"]) for row in rows("reports.csv")}
        assert all(gazetteer.region(name) for level, name in named if level == "oblast")
        assert all(len(gazetteer.find(name)) == 1 for level, name in named if level == "raion")

    def test_each_sides_voices_are_one_group(self) -> None:
        agreement = pack("easter-truce-2025")
        groups: dict[str, set[str]] = {}
        for family in agreement.families:
            groups.setdefault(family.independence_group, set()).add(family.id)
        assert groups["UA"] == {
            "UA_official", "UA_media", "UA_monitor", "UA_volunteer", "UA_alerts", "news_archive",
        }  # fmt: skip
        assert groups["RU"] == {"RU_official", "RU_media", "occupation_authority", "BY_media"}
        assert groups[NO_GROUP] == {"unidentified_channel"}
        assert groups["international"] == {"international_media"}
        speakers = {source.id: source.family for source in agreement.sources}
        assert speakers["DeepState"] == "UA_monitor"
        assert speakers["Zelensky citing Syrskyi"] == "UA_official"
        assert speakers["Kiper; Trukhanov"] == "UA_official"
        assert speakers["Saldo"] == "occupation_authority"

    def test_compliance_is_a_question_without_a_resolution(self) -> None:
        found = fact(pack("easter-truce-2025"), "compliance")
        assert {claim.id for claim in found.claims} == {"RU", "UA", "ISW"}
        assert found.resolution is None


class TestParis:
    def test_it_is_not_in_force(self) -> None:
        agreement = pack("paris-2026")
        assert agreement.in_force == ()
        assert all(version.valid is None and not version.clauses for version in agreement.versions)

    def test_the_date_keeps_every_claim_and_one_resolution_with_its_ground(self) -> None:
        date = fact(pack("paris-2026"), "date")
        says = {claim.id: claim.says for claim in date.claims}
        assert "6 January" in says["A"]
        assert "7 January" in says["B"]
        assert date.resolution is not None
        assert date.resolution.claim == "C"
        assert "weekday" in date.resolution.ground

    def test_what_could_be_is_a_claim_and_not_a_role(self) -> None:
        actors = {actor.id: actor for actor in pack("paris-2026").actors}
        assert actors["DE"].roles == ()
        assert [role.role for role in actors["US"].roles] == ["lead"]

    def test_guarantees_wait_for_their_gates_and_one_has_press_reported_clocks(self) -> None:
        promises = {promise.id: promise for promise in pack("paris-2026").guarantees}
        # A renewed attack may end the ceasefire: that promise asks whether it ever entered into force.
        assert all(
            "ceasefire_in_force" in promises[name].gates for name in promises if name != "renewed-attack"
        )
        assert "ceasefire_entered" in promises["renewed-attack"].gates
        assert "host_request" in promises["force"].gates
        assert promises["renewed-attack"].clocks_hours == (24, 72)
        assert "press" in promises["renewed-attack"].text
        assert promises["renewed-attack"].sign_off

    def test_the_commission_says_that_its_composition_is_not_published(self) -> None:
        commission = pack("paris-2026").commission
        assert commission.seats == ()
        assert "not published" in commission.note


class TestMinsk:
    def test_three_versions_take_effect_one_after_another(self) -> None:
        starts = [version.valid.since for version in pack("minsk").versions if version.valid]
        assert starts == [
            datetime(2015, 2, 14, 22, tzinfo=UTC),
            datetime(2016, 9, 20, 21, tzinfo=UTC),
            datetime(2020, 7, 26, 21, 1, tzinfo=UTC),
        ]

    def test_it_ends_on_24_february_2022_and_the_end_is_contested(self) -> None:
        agreement = pack("minsk")
        assert agreement.in_force[0].end == datetime(2022, 2, 23, 22, tzinfo=UTC)
        assert fact(agreement, "end").resolution is None
        assert len(fact(agreement, "end").claims) > 1

    def test_each_weapon_class_keeps_half_of_its_zones_width(self) -> None:
        clauses = {clause.id: clause for version in pack("minsk").versions for clause in version.clauses}
        weapons = clauses["heavy-weapons"]
        assert weapons.distance is not None
        assert sorted(2 * km for km in weapons.distance.minimum_km.values()) == [50, 70, 140]
        assert all(width in weapons.text for width in ("50 km", "70 km", "140 km"))

    def test_disengagement_areas_are_two_kilometres_square(self) -> None:
        areas = [zone for zone in pack("minsk").zones if zone.zone_id.startswith("disengagement-")]
        assert len(areas) == 3
        for area in areas:
            (west, south, east, north) = shape(area.geometry).bounds
            assert distance_m((south, west), (north, west)) == pytest.approx(2000, rel=0.02)
            assert distance_m((south, west), (south, east)) == pytest.approx(2000, rel=0.02)

    def test_smm_means_are_of_one_organisation(self) -> None:
        groups = {f.independence_group for f in pack("minsk").families if f.id.startswith("smm_")}
        assert groups == {"smm"}
        reach = {source.id: source.range_m for source in pack("minsk").sources}
        assert reach["heard"] == 10_000
        assert reach["camera"] == 5_000


class TestLebanon:
    def test_it_holds_from_four_in_the_morning_and_its_end_is_contested(self) -> None:
        agreement = pack("lebanon-2024")
        (held,) = agreement.in_force
        assert held.start == datetime(2024, 11, 27, 2, tzinfo=UTC)
        assert len(fact(agreement, "end").claims) == 4
        assert fact(agreement, "end").resolution is None

    def test_each_sides_operations_have_a_clause_of_their_own(self) -> None:
        agreement = pack("lebanon-2024")
        found = {clause.id: clause for _, clause in agreement.clauses_on(agreement.in_force[0])}
        assert found["offensive-operations"].binds == ("IL",)
        assert found["operations-against-israel"].binds == ("LB",)
        assert found["offensive-operations"].kinds == found["operations-against-israel"].kinds

    @pytest.mark.parametrize(
        ("place", "zone_id"),
        [("Tyre", "south-litani"), ("Beirut", "lebanon"), ("Safed", "northern-israel")],
    )
    def test_towns_lie_in_the_areas_they_are_known_for(self, place: str, zone_id: str) -> None:
        agreement = pack("lebanon-2024")
        town = Gazetteer.load(agreement.places).find(place)[0]
        zone = zone_of(agreement, zone_id)
        assert probability_inside(Ellipse(town.latitude, town.longitude, 2000, 2000), zone) > 0.7

    def test_how_its_mechanism_decides_is_not_published(self) -> None:
        commission = pack("lebanon-2024").commission
        assert len(commission.seats) == 5
        assert (commission.quorum, commission.majority) == (None, None)
        assert "not published" in commission.note


def zone_of(agreement: Agreement, zone_id: str) -> Zone:
    return next(zone for zone in agreement.zones if zone.zone_id == zone_id)
