# SPDX-License-Identifier: Apache-2.0
"""The console in the reader's language: the Ukrainian catalogue is whole, the others are prepared."""

from __future__ import annotations

import re
from importlib.resources import files
from io import BytesIO

import pytest
from babel.messages.pofile import read_po
from starlette.testclient import TestClient
from tests.service.texts import plurals, texts

from truceline.access import Role
from truceline.agreement.gazetteer import Town
from truceline.geodesy import Ellipse
from truceline.mechanism import STEPS
from truceline.reports import words
from truceline.web.languages import NAMES, OFFERED, catalogue, language
from truceline.web.procedure import NOT_BY_FORM

PAGES = (
    "/", "/map", "/incidents", "/agreement", "/cases", "/guarantees", "/coalition", "/support", "/sources",
    "/log", "/sign-in",
)  # fmt: skip


@pytest.mark.parametrize("code", [code for code in OFFERED if code != "en"])
def test_an_offered_language_says_every_text(code: str) -> None:
    held = catalogue(code)
    assert sorted(texts() - set(held.texts)) == []
    assert sorted(one for one, _ in plurals() if one not in held.plurals) == []


@pytest.mark.parametrize("code", [code for code in NAMES if code != "en"])
def test_a_catalogue_asks_translators_for_every_text_and_no_other(code: str) -> None:
    content = (files("truceline.web") / "locale" / f"{code}.po").read_bytes()
    listed = {
        one.id if isinstance(one.id, str) else tuple(one.id) for one in read_po(BytesIO(content)) if one.id
    }
    assert listed == texts() | plurals()


@pytest.mark.parametrize("code", OFFERED)
def test_a_translation_keeps_what_is_filled_in(code: str) -> None:
    for text, said in language(code).texts.items():
        assert re.findall(r"{\w+}", text) == re.findall(r"{\w+}", said), text


def test_numbers_take_the_form_of_the_language() -> None:
    ukrainian = language("uk")
    said = [ukrainian.some(value, "record", "records") for value in (0, 1, 2, 5, 11, 21, 2935)]
    assert said == [
        "0 записів", "1 запис", "2 записи", "5 записів", "11 записів", "21 запис", "2,935 записів",
    ]  # fmt: skip
    assert [language("en").some(value, "watch", "watches") for value in (1, 2)] == ["1 watch", "2 watches"]
    assert ukrainian.counted("more than 5") == "понад 5"
    assert ukrainian.counted("not counted") == "не пораховано"
    assert ukrainian.counted(words.span(41, 58)) == words.span(41, 58)


def test_dates_are_said_in_the_language() -> None:
    ukrainian = language("uk")
    assert ukrainian.dated("20 April 2025, 15:00") == "20 квітня 2025, 15:00"
    assert ukrainian.dated("1 May 09:00 \u2013 2 Nov 10:00") == "1 травня 09:00 \u2013 2 лист. 10:00"
    assert language("en").dated("20 April 2025") == "20 April 2025"


def test_a_place_is_said_in_the_language() -> None:
    town, tongue = Town(1, "Kharkiv", (), 50.0, 36.25, 1_400_000, "UA", "07"), language("uk")
    off = Ellipse(50.1, 36.25, 400.0, 200.0)
    assert words.place(off, town) == "about 11 km N of Kharkiv, \u00b1 400 m"
    assert words.place(off, town, tongue) == "близько 11 km на північ від: Kharkiv, \u00b1 400 m"
    at = Ellipse(50.0, 36.25, 400.0, 200.0)
    assert words.place(at, town, tongue) == f"{tongue(words.NEAR).format(town='Kharkiv')}, \u00b1 400 m"


def test_no_month_stays_english_on_a_ukrainian_page(client: TestClient) -> None:
    for path in PAGES:
        shown = client.get(path, headers={"Accept-Language": "uk"}).text
        assert not re.search(rf"\d (?:{'|'.join(words.MONTHS)}) \d", shown), path


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_ukrainian_for_whoever_asks_for_it(client: TestClient, path: str) -> None:
    answer = client.get(path, headers={"Accept-Language": "uk-UA,uk;q=0.9,en;q=0.5"})
    assert '<html lang="uk">' in answer.text
    assert "Обстановка" in answer.text
    heading = re.findall(r"<h1>(.*?)</h1>", answer.text)
    assert re.search("[\u0430-\u044f]", " ".join(heading))


@pytest.mark.usefixtures("incidents")
def test_a_choice_of_language_stays(client: TestClient, tokens: dict[Role, str]) -> None:
    client.get("/language/uk", params={"back": "/incidents"})
    page = client.get("/incidents", headers={"Authorization": f"Bearer {tokens[Role.ANALYST]}"})
    assert "артилерія" in page.text
    assert "стверджується" in page.text


@pytest.mark.parametrize("name", [name for name in STEPS if name not in NOT_BY_FORM])
def test_a_form_of_a_step_is_ukrainian_to_its_last_hint(
    client: TestClient, tokens: dict[Role, str], name: str
) -> None:
    headers = {"Authorization": f"Bearer {tokens[Role.DUTY_OFFICER]}", "Accept-Language": "uk"}
    page = client.get(f"/steps/{name}", headers=headers)
    assert page.status_code == 200, page.text
    said = re.findall(r"<label[^>]*>([^<]+)|<span class=\"hint\"[^>]*>([^<]+)|<h1>([^<]+)", page.text)
    assert said
    for parts in said:
        assert re.search("[\u0430-\u044f\u0456\u0457\u0454]", "".join(parts)) or "SHA" in "".join(parts), (
            parts
        )
