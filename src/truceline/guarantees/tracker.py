# SPDX-License-Identifier: Apache-2.0
"""Reads a tracker of support: one row a donor and month, in billions of euros.

The layout has ``country, iso, year, month, total, financial, humanitarian, military,
commitments, to_be_allocated``; further columns (a gross domestic product, a share of it)
are no movements and are not read.  ``commitments`` is what is pledged and ``total`` what
is allocated.

Invariants: every figure is read exactly, to the cent; a row whose figures do not add up
(``total = financial + humanitarian + military``, ``commitments = total + to_be_allocated``)
is refused with the difference, and nothing is posted to make it fit; all faults of a file
come together, and a file with any fault gives nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from truceline.agreement import Agreement
from truceline.errors import Fault, RejectedInput
from truceline.guarantees.ledger import Amounts, Movement
from truceline.guarantees.money import exact, written
from truceline.guarantees.support import SourceDonor
from truceline.intake.fields import Fields
from truceline.intake.model import Row

COLUMNS: Final = (
    "country", "iso", "year", "month", "total", "financial", "humanitarian", "military", "commitments",
    "to_be_allocated",
)  # fmt: skip
"""The columns that are read."""

CURRENCY: Final = "EUR"
CENTS_PER_BILLION: Final = 11
"""As a power of ten."""

MOST_ROWS: Final = 100_000
MOST_FAULTS: Final = 1_000
"""Faults that a refusal lists; further ones are only counted."""

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}", re.ASCII)
_YEAR = re.compile(r"(19|20|21)\d\d", re.ASCII)
_MONTH = re.compile(r"0?[1-9]|1[0-2]", re.ASCII)
_MONEY: Final = ("financial", "humanitarian", "military", "to_be_allocated", "total", "commitments")


@dataclass(frozen=True, slots=True)
class Tracked:
    """What a file states.

    Attributes:
        movements: One a row, in the file's order.
        donors: How the file writes each donor, and its id in the ledger.
    """

    movements: tuple[Movement, ...]
    donors: tuple[SourceDonor, ...]


def donor_ids(agreement: Agreement, given: Mapping[str, str]) -> Callable[[str, str], str]:
    """Return a function from a source's code and name of a donor to its id in the ledger.

    What is given holds.  Otherwise it is the actor of the agreement that has just this
    English name, if there is one; otherwise the source's code.
    """
    actors = {actor.name["en"]: actor.id for actor in agreement.actors}

    def donor_of(code: str, name: str) -> str:
        return given.get(code) or actors.get(name) or code

    return donor_of


def read_tracker(
    file: str,
    columns: Sequence[str],
    rows: Iterable[Row],
    donor_of: Callable[[str, str], str],
    progress: Callable[[int], None] = lambda _rows: None,
) -> Tracked:
    """Return the movements of a file.

    Args:
        file: Its name, for messages.
        columns: Those that its header names.
        rows: Its rows, numbered.
        donor_of: See ``donor_ids``.
        progress: Called now and then with the number of rows read so far.

    Raises:
        RejectedInput: Anything in it cannot be used; all faults at once.
    """
    missing = [name for name in COLUMNS if name not in columns]
    if missing:
        raise RejectedInput(
            f"{file} is not in the tracker's layout; it needs the columns {', '.join(COLUMNS)}.",
            [Fault(file, name, "column is missing") for name in missing],
        )
    reading, count = _Reading(donor_of), 0
    for count, row in enumerate(rows, start=1):
        if count > MOST_ROWS:
            raise RejectedInput(f"{file} has more than {MOST_ROWS:,} rows; split it into several files.")
        reading.take(Fields(file, row), row.number)
        if count % 1_000 == 0:
            progress(count)
    progress(count)
    return reading.result(file)


class _Reading:
    """A file in the reading: its movements, and everything wrong with it."""

    def __init__(self, donor_of: Callable[[str, str], str]) -> None:
        self._donor_of = donor_of
        self._movements: list[Movement] = []
        self._row_of: dict[str, int] = {}
        self._donors: dict[str, SourceDonor] = {}
        self._faults: list[Fault] = []
        self._fault_count = 0

    def take(self, fields: Fields, number: int) -> None:
        """Read one row."""
        movement = None if fields.faults else self._movement(fields, number)
        if movement is not None and not fields.faults:
            self._movements.append(movement)
        self._fault_count += len(fields.faults)
        self._faults += fields.faults[: MOST_FAULTS - len(self._faults)]

    def result(self, file: str) -> Tracked:
        """Return what was read.

        Raises:
            RejectedInput: Something was wrong, or there was nothing.
        """
        if self._faults:
            more = self._fault_count - len(self._faults)
            listed = f" The first {MOST_FAULTS:,} of {self._fault_count:,} faults:" if more else ""
            raise RejectedInput(f"{file} cannot be booked; nothing of it was.{listed}", self._faults)
        if not self._movements:
            raise RejectedInput(f"{file} has no rows; there is nothing to book.")
        return Tracked(tuple(self._movements), tuple(self._donors.values()))

    def _movement(self, fields: Fields, number: int) -> Movement | None:
        donor = self._donor(fields)
        period = _period(fields)
        money = {name: _cents(fields, name) for name in _MONEY}
        if fields.faults or donor is None:
            return None
        amounts = _balanced(fields, {name: cents or 0 for name, cents in money.items()})
        movement_id = f"tracker.{donor.code}.{period}"
        before = self._row_of.setdefault(movement_id, number)
        if before != number:
            fields.fault("iso", f"has a row for {period} already, row {before}; keep one")
        if amounts is None:
            return None
        return Movement(
            movement_id,
            donor.donor,
            period,
            CURRENCY,
            amounts,
            stated_pledged=money["commitments"],
            stated_allocated=money["total"],
            row=number,
        )

    def _donor(self, fields: Fields) -> SourceDonor | None:
        name, code = fields.identity("country"), fields.given("iso")
        if not _CODE.fullmatch(code):
            fields.fault("iso", "is no code; use up to 32 letters and digits, such as FRA")
        if fields.faults:
            return None
        found = self._donors.setdefault(code, SourceDonor(code, name, self._donor_of(code, name)))
        if found.name != name:
            fields.fault("country", f"is another name for {code}, which was {found.name} before")
        return found


def _period(fields: Fields) -> str:
    year, month = fields.given("year"), fields.given("month")
    if not _YEAR.fullmatch(year):
        fields.fault("year", "is not a year from 1900 to 2199")
    if not _MONTH.fullmatch(month):
        fields.fault("month", "is not a month from 1 to 12")
    return f"{year}-{month:0>2}"


def _cents(fields: Fields, name: str) -> int | None:
    try:
        return exact(fields.given(name), CENTS_PER_BILLION)
    except ValueError as error:
        fields.fault(name, str(error))
        return None


def _balanced(fields: Fields, money: Mapping[str, int]) -> Amounts | None:
    """Return a row's amounts; None: its figures do not add up, which is noted."""
    allocated = money["financial"] + money["humanitarian"] + money["military"]
    pledged = money["total"] + money["to_be_allocated"]
    for name, made, of in (
        ("total", allocated, "financial + humanitarian + military"),
        ("commitments", pledged, "total + to_be_allocated"),
    ):
        if money[name] != made:
            apart = written(money[name] - made, CURRENCY)
            fields.fault(name, f"is {apart} apart from {of}, which make {written(made, CURRENCY)}")
    if fields.faults:
        return None
    return Amounts(money["financial"], money["humanitarian"], money["military"], money["to_be_allocated"])
