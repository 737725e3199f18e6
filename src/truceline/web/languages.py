# SPDX-License-Identifier: Apache-2.0
"""The languages of the console: gettext catalogues, read when the service starts.

English is written in the templates.  A text without a translation stays English; what
sources said is never translated.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Final

from babel import Locale
from babel.messages.pofile import read_po
from fastapi import Request

from truceline.reports import words

NAMES: Final = {"en": "English", "uk": "Українська", "fr": "Français", "ru": "Русский"}
OFFERED: Final = ("en", "uk")
"""Those whose catalogue is whole; the others are prepared."""

FORMS: Final = ("one", "few", "many", "other")
"""The plural forms (CLDR) in the order in which catalogues give them; a language has the first of these."""

LANGUAGE_COOKIE: Final = "truceline_language"


MONTHS: Final = tuple(dict.fromkeys((*words.MONTHS, *(name[:3] for name in words.MONTHS))))
"""As they stand in dates, in full and short."""

_MONTH: Final = re.compile(rf"\b(?:{'|'.join(MONTHS)})\b")


@dataclass(frozen=True, slots=True)
class Language:
    """One language of the console."""

    code: str
    texts: Mapping[str, str]
    plurals: Mapping[str, tuple[str, ...]]

    def __call__(self, text: str) -> str:
        """Return a text in this language."""
        return self.texts.get(text) or self.plurals.get(text, (text,))[0]

    def some(self, value: int, one: str, many: str) -> str:
        """Return how many of something there are: ``1 record``, ``2,935 records``."""
        form = FORMS.index(Locale.parse(self.code).plural_form(value))
        forms = self.plurals.get(one, ()) or (one, many)
        return f"{words.number(value)} {forms[min(form, len(forms) - 1)]}"

    def term(self, name: str) -> str:
        """Return a step's, a field's or a kind's name in words: of ``asked_of``, ``Asked of``."""
        return self(in_words(name).capitalize())

    def dated(self, text: str) -> str:
        """Return a date in words with its month in this language."""
        return _MONTH.sub(lambda found: self(found[0]), text)

    def counted(self, text: str) -> str:
        """Return what a report says of a number, its qualifier in this language."""
        qualifier, _, number = text.rpartition(" ")
        if text in self.texts:
            return self.texts[text]
        return f"{self(qualifier)} {number}" if qualifier in self.texts else text

    def named(self, names: dict[str, str]) -> str:
        """Return the name of something that has one in several languages."""
        return names.get(self.code) or names.get("en") or names[min(names)]


def in_words(name: str) -> str:
    """Return a name such as ``appoint-member`` or ``asked_of`` with blanks."""
    return name.replace("-", " ").replace("_", " ")


@cache
def language(code: str) -> Language:
    """Return a language; English for one that is not known."""
    if code == "en" or code not in NAMES:
        return Language("en", {}, {})
    return catalogue(code)


def catalogue(code: str) -> Language:
    """Return a language from its catalogue, without what is empty or uncertain."""
    content = (files("truceline.web") / "locale" / f"{code}.po").read_bytes()
    texts: dict[str, str] = {}
    plurals: dict[str, tuple[str, ...]] = {}
    for one in read_po(BytesIO(content), locale=code):
        if not one.id or one.fuzzy:
            continue
        if isinstance(one.id, str):
            texts |= {one.id: str(one.string)} if one.string else {}
        elif isinstance(one.string, tuple) and all(one.string):
            plurals[one.id[0]] = one.string
    return Language(code, texts, plurals)


def language_of(request: Request) -> Language:
    """Return the language that somebody chose, or that their browser asks for first."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    if chosen in OFFERED:
        return language(chosen)
    for part in request.headers.get("accept-language", "").split(","):
        code = part.partition(";")[0].strip().lower().partition("-")[0]
        if code in OFFERED:
            return language(code)
    return language("en")
