# SPDX-License-Identifier: Apache-2.0
"""One row being read: it hands out checked values and collects every fault.

A value that cannot be used is noted as a fault, and a stand-in of the right type is
handed out, so that the rest of the row is checked too.  Stand-ins never leave intake:
whoever built a statement from the row asks ``faults`` first, and a row with any fault
becomes a ``Refusal``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import date, datetime, time
from math import isfinite
from typing import TypeVar
from zoneinfo import ZoneInfo

from truceline.errors import Fault
from truceline.intake import moments
from truceline.intake.model import UNSHOWABLE, Refusal, Row, shown
from truceline.intake.moments import Wrong
from truceline.interval import EARLIEST, Interval
from truceline.observation.model import Count
from truceline.observation.words import QUALIFIERS, count_of_words
from truceline.vocabulary import CountQualifier

LONGEST_ID = 200
"""Characters in an id or a name of a source at most."""

LONGEST_TEXT = 20_000
"""Characters in any other text at most: a record's row must stay small."""

LARGEST_COUNT = 1_000_000_000
"""A count beyond this is a typing error."""

_CONTROL_BUT_LINES = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d{1,18}(\.0*)?", re.ASCII)

Word = TypeVar("Word")


class Fields:
    """The checked values of one row."""

    __slots__ = ("_file", "_row", "_values", "faults")

    def __init__(self, file: str, row: Row) -> None:
        self._file = file
        self._row = row
        self._values = row.values
        self.faults: list[Fault] = list(row.faults)

    def refusal(self) -> Refusal:
        """Return the row as refused, with its faults."""
        given = tuple((shown(name, 60), shown(value)) for name, value in self._values.items() if value)
        return Refusal(self._row.number, tuple(dict.fromkeys(self.faults)), given)

    def fault(self, name: str, reason: str) -> None:
        """Note that the value of ``name`` cannot be used."""
        value = self._values.get(name)
        self.faults.append(
            Fault(
                f"{self._file} row {self._row.number}",
                shown(name, 60),
                reason,
                None if value is None else shown(value),
            )
        )

    def faulty(self, *names: str) -> bool:
        """Tell whether any of these columns has a fault: then nothing follows from their values."""
        return any(fault.path in names for fault in self.faults)

    def given(self, name: str) -> str:
        """Return the text as given; empty: none."""
        return self._values.get(name, "")

    def rest(self, taken: Collection[str]) -> dict[str, str]:
        """Return everything that no rule of the format takes, as text."""
        left = self._values.keys() - taken
        return {name: self.text(name) for name in left if self._values[name]}

    def identity(self, name: str) -> str:
        """Return an id or a source's name: there, short, and of visible characters."""
        text = self._values.get(name, "")
        if text and len(text) <= LONGEST_ID and text.isprintable() and not text.isspace():
            return text
        if not text.strip():
            self.fault(name, "is empty; every row needs one")
        elif len(text) > LONGEST_ID:
            self.fault(name, f"is longer than {LONGEST_ID} characters; shorten it")
        elif UNSHOWABLE.search(text):
            self.fault(name, "holds a control character; remove it")
        return text

    def text(self, name: str) -> str:
        """Return a text, which may be empty or have several lines."""
        text = self._values.get(name, "")
        if len(text) > LONGEST_TEXT:
            self.fault(name, f"is longer than {LONGEST_TEXT} characters; shorten it")
        elif not text.isprintable() and _CONTROL_BUT_LINES.search(text):
            self.fault(name, "holds a control character; remove it")
        return text

    def number(self, name: str, least: float, most: float, unit: str = "") -> float:
        """Return a number between two bounds."""
        text = self._values.get(name, "")
        if _NUMBER.fullmatch(text):
            value = float(text)
            if least <= value <= most:
                return value
            self.fault(name, f"must be between {least:g} and {most:g} {unit}".rstrip())
            return least
        self.fault(name, _why_no_number(text))
        return least

    def number_or_none(self, name: str, least: float, most: float, unit: str = "") -> float | None:
        """Return a number between two bounds; None: not given."""
        return self.number(name, least, most, unit) if self._values.get(name) else None

    def whole(self, name: str) -> int | None:
        """Return a count's number, 0 or more; None: not given."""
        text = self._values.get(name, "")
        if not text:
            return None
        if not _WHOLE.fullmatch(text):
            self.fault(name, "is not a whole number; write digits only")
            return None
        value = int(text.partition(".")[0])
        if value < 0:
            self.fault(name, "is negative; a count is 0 or more")
        elif value > LARGEST_COUNT:
            self.fault(name, f"is more than {LARGEST_COUNT:,}; correct it")
        return value

    def count(self, qualifier_name: str, name: str) -> Count:
        """Return a count with its qualifier, as its source puts it."""
        qualifier = self.choice(qualifier_name, QUALIFIERS, CountQualifier.UNCOUNTED)
        stated = self.whole(name)
        matched = (stated is None) is (qualifier is CountQualifier.UNCOUNTED)
        if not matched and not self.faulty(qualifier_name, name):
            state = "is empty" if stated is None else "is given"
            self.fault(name, f"{state}, though its qualifier says {self.given(qualifier_name)}")
        return count_of_words(qualifier, stated)

    def choice(self, name: str, words: Mapping[str, Word], stand_in: Word) -> Word:
        """Return what a word of a closed list stands for."""
        word = self._values.get(name, "")
        if word in words:
            return words[word]
        known = ", ".join(sorted(words))
        self.fault(name, f"is {'not a known word' if word else 'empty'}; use one of: {known}")
        return stand_in

    def instant(self, name: str, zone: ZoneInfo | None = None) -> datetime:
        """Return an instant in UTC; ``zone`` is that of times that state none."""
        return self._or_fault(name, moments.instant(self._values.get(name, ""), zone), EARLIEST)

    def day(self, name: str) -> date:
        """Return a date."""
        return self._or_fault(name, moments.day(self._values.get(name, "")), EARLIEST.date())

    def clock(self, name: str) -> time:
        """Return a time of day."""
        return self._or_fault(name, moments.clock(self._values.get(name, "")), time())

    def interval(self, first: str, last: str, zone: ZoneInfo | None = None) -> Interval:
        """Return the interval between two columns' instants."""
        start, end = self.instant(first, zone), self.instant(last, zone)
        return self.ordered(start, end, first, last)

    def ordered(self, start: datetime, end: datetime, first: str, last: str) -> Interval:
        """Return the interval between two instants that were read from two columns."""
        if end >= start:
            return Interval(start, end)
        if not self.faulty(first, last):
            self.fault(last, f"is before {first}; swap or correct them")
        return Interval(start, start)

    def published(self, name: str, otherwise: datetime, zone: ZoneInfo) -> datetime:
        """Return when something was published; a bare date is the last second of it.

        Args:
            name: The column.
            otherwise: What holds where the column is empty.
            zone: Whose days dates are.
        """
        text = self._values.get(name, "")
        if not text:
            return otherwise
        if len(text) <= 10:
            return moments.last_second(self.day(name), zone)
        return self.instant(name)

    def _or_fault(self, name: str, found: Word | Wrong, stand_in: Word) -> Word:
        if not isinstance(found, Wrong):
            return found
        self.fault(name, found.reason if self._values.get(name) else "is empty; a time is needed")
        return stand_in


def _why_no_number(text: str) -> str:
    """Say why a text is not a number that can be used."""
    if not text:
        return "is empty; a number is needed"
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        return "is not a number"
    if not isfinite(value):
        return "is not a finite number; leave the row out or give the value"
    return "is not written plainly; use digits and a point, such as 48.05"
