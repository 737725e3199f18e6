# SPDX-License-Identifier: Apache-2.0
"""The languages of the console: gettext catalogues, read when the service starts.

English is written in the templates.  A text without a translation stays English; what
sources said is never translated.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Final

from babel.messages.pofile import read_po
from fastapi import Request

NAMES: Final = {"en": "English", "uk": "Українська", "fr": "Français", "ru": "Русский"}
OFFERED: Final = ("en", "uk")
"""Those whose catalogue is whole; the others are prepared."""

LANGUAGE_COOKIE: Final = "truceline_language"


@dataclass(frozen=True, slots=True)
class Language:
    """One language of the console."""

    code: str
    texts: dict[str, str]

    def __call__(self, text: str) -> str:
        """Return a text in this language."""
        return self.texts.get(text) or text

    def named(self, names: dict[str, str]) -> str:
        """Return the name of something that has one in several languages."""
        return names.get(self.code) or names.get("en") or names[min(names)]


@cache
def language(code: str) -> Language:
    """Return a language; English for one that is not known."""
    if code == "en" or code not in NAMES:
        return Language("en", {})
    return Language(code, catalogue(code))


def catalogue(code: str) -> dict[str, str]:
    """Return the translations of one language, without those that are empty or uncertain."""
    content = (files("truceline.web") / "locale" / f"{code}.po").read_bytes()
    return {
        str(one.id): str(one.string)
        for one in read_po(BytesIO(content), locale=code)
        if one.id and one.string and not one.fuzzy
    }


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
