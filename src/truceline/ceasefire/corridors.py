# SPDX-License-Identifier: Apache-2.0
"""Reads a table of humanitarian corridors (one row a proposed route) into steps.

The layout is that of PeaceRep's list of 2022: ``HC_ID``, ``date``, ``proposal``, ``status_result``,
``status_extra``, ``article_source_id``, ``From``, ``To``.  Nothing is guessed: a word that
is not in the table below is *not known*, and kept as it stands.  The table gives a day
only, so an arrangement's window is that local day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from truceline.ceasefire.arrangements import (
    AgreeArrangement,
    ClaimOutcome,
    Outcome,
    ProposeArrangement,
    Sort,
)
from truceline.errors import Fault, RejectedInput
from truceline.procedure import Step

COLUMNS = ("HC_ID", "date", "proposal", "status_result", "status_extra", "article_source_id", "From", "To")

OUTCOMES: Mapping[str, Outcome] = {
    "successful": Outcome.HELD,
    "disputed": Outcome.DISPUTED,
    "unsuccessful/disrupted": Outcome.NOT_HELD,
    "proposed route/outcome unknown": Outcome.NOT_KNOWN,
}
"""The file's word for what became of a route, and ours."""

AGREED = "Agreed"
"""The file's word, in ``proposal``, for a route that all sides are said to have agreed on."""


@dataclass(frozen=True, slots=True)
class Route:
    """One row: its arrangement's id and the steps that state it, in order."""

    arrangement_id: str
    steps: tuple[Step, ...]


def read_corridors(
    file: str,
    rows: Iterable[tuple[int, Mapping[str, str]]],
    sides: tuple[str, ...],
    source: str,
    zone: ZoneInfo,
) -> tuple[Route, ...]:
    """Return the routes of a table.

    Args:
        file: Its name, for messages.
        rows: Each row's number and its values by column.
        sides: The parties whose agreement a corridor needs.
        source: What the table is, whose, and of when.
        zone: The time zone of its days.

    Raises:
        RejectedInput: A row cannot be used: every fault at once.
    """
    routes: list[Route] = []
    faults: list[Fault] = []
    seen: dict[str, int] = {}
    for number, values in rows:
        where = f"{file} row {number}"
        missing = [name for name in ("HC_ID", "date", "proposal", "From") if not values.get(name, "").strip()]
        faults += [Fault(where, name, "is empty") for name in missing]
        if missing:
            continue
        name = values["HC_ID"].strip()
        if not name.isascii() or not name.isalnum() or len(name) > 40:
            faults.append(Fault(where, "HC_ID", "letters and digits only, at most 40", name))
            continue
        if name in seen:
            faults.append(Fault(where, "HC_ID", f"stands in row {seen[name]} already", name))
            continue
        seen[name] = number
        try:
            day = datetime.strptime(values["date"].strip(), "%Y-%m-%d").replace(tzinfo=zone)
        except ValueError:
            faults.append(Fault(where, "date", "must be a day such as 2030-03-05", values["date"]))
            continue
        routes.append(_route(name, day, values, sides, source))
    if faults:
        raise RejectedInput(f"{file} cannot be taken in. Nothing was recorded.", faults)
    return tuple(routes)


def _route(name: str, day: datetime, values: Mapping[str, str], sides: tuple[str, ...], source: str) -> Route:
    arrangement_id = f"corridor-{name}"
    article = f"{source}, {values.get('article_source_id', '').strip() or 'no article named'}"
    proposal, word = values["proposal"].strip(), values.get("status_result", "").strip()
    agreed = proposal == AGREED
    steps: list[Step] = [
        ProposeArrangement(
            arrangement_id,
            Sort.CORRIDOR,
            "said to be agreed by all sides" if agreed else proposal,
            sides,
            day,
            day + timedelta(days=1),
            values["From"].strip(),
            "A route for civilians; the source gives its day and no hours.",
            article,
            to_place=values.get("To", "").strip(),
        )
    ]
    if agreed:
        steps += [AgreeArrangement(arrangement_id, side, source=article) for side in sides]
    own_words = "; ".join(dict.fromkeys(one for one in (word, values.get("status_extra", "").strip()) if one))
    outcome = OUTCOMES.get(word, Outcome.NOT_KNOWN)
    steps.append(
        ClaimOutcome(arrangement_id, f"{arrangement_id}-1", source, outcome, article, note=own_words)
    )
    return Route(arrangement_id, tuple(steps))
