# SPDX-License-Identifier: Apache-2.0
"""The console's templates, compiled once for each language with its texts in place.

Templates escape all that they show, and what anybody wrote passes ``words.plain`` first:
no text of a source, a party or a member can act on a reader's machine or reorder the words
beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from types import SimpleNamespace
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from markupsafe import Markup

from truceline.reports import marks, words
from truceline.web.languages import Language, language

_CALL: Final = ("name", "lparen", "string", "rparen")


class _Texts(Extension):
    """Puts the language's text in the place of each ``_("text")``, so that no page looks it up."""

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        """Yield the tokens of a template in the environment's language."""
        tongue: Callable[[str], str] = self.environment.tongue  # type: ignore[attr-defined]
        waiting: list[Token] = []
        for token in stream:
            waiting.append(token)
            if waiting[0].value != "_" or token.type != _CALL[len(waiting) - 1]:
                yield from waiting
                waiting = []
            elif len(waiting) == len(_CALL):
                yield Token(waiting[0].lineno, "string", tongue(waiting[2].value))
                waiting = []
        yield from waiting


def _finalize(value: object) -> object:
    return words.plain(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _dated(said: Callable[..., str], tongue: Language) -> Callable[..., str]:
    return said if tongue.code == "en" else lambda *given, **named: tongue.dated(said(*given, **named))


def _words_in(tongue: Language) -> SimpleNamespace:
    """Return ``reports.words`` with its dates in a language."""
    dates = (words.day, words.moment, words.hours, words.short_hours)
    return SimpleNamespace(**vars(words) | {one.__name__: _dated(one, tongue) for one in dates})


@cache
def templates_in(code: str) -> Environment:
    """Return the templates in a language."""
    made = Environment(
        loader=PackageLoader("truceline.web", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=[_Texts],
    )
    tongue = language(code)
    made.extend(tongue=tongue)
    made.globals["_"] = tongue
    made.globals["words"] = _words_in(tongue)
    # What long lists say in every row: Jinja calls a filter at once, a function by way of its context.
    made.filters |= {
        "hours": _dated(words.short_hours, tongue),
        "in_language": tongue,
        "counted": tongue.counted,
        "kind_words": words.kind,
        "mark": marks.mark,
        "probability": words.probability,
        "status_words": words.status,
    }
    return made
