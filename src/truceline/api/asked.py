# SPDX-License-Identifier: Apache-2.0
"""What a request asks of the roll, read from its query: the same words for list, map and export."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, TypeVar
from urllib.parse import urlencode

from fastapi import Query

from truceline.errors import Fault, RejectedInput
from truceline.interval import as_utc
from truceline.mission.roll import Bounds, Filter
from truceline.vocabulary import Kind, Status

_Word = TypeVar("_Word", bound=StrEnum)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class AskedOfRoll:
    """The fields of a filter as typed; empty: any."""

    since: Annotated[str, Query(max_length=40, description="Begun then or later: a day, or RFC 3339.")] = ""
    until: Annotated[str, Query(max_length=40, description="Begun before: a day, or RFC 3339.")] = ""
    kind: Annotated[str, Query(max_length=40, description="A kind; narrower kinds count.")] = ""
    status: Annotated[str, Query(max_length=40, description="A status.")] = ""
    bounds: Annotated[str, Query(max_length=100, description="West,south,east,north in degrees.")] = ""

    def filter(self) -> Filter:
        """Return it as a filter.

        Raises:
            RejectedInput: A field cannot be read; each is told.
        """
        faults: list[Fault] = []
        made = Filter(
            _moment(self.since, "since", faults),
            _moment(self.until, "until", faults),
            _word(Kind, self.kind, "kind", faults),
            _word(Status, self.status, "status", faults),
            _bounds(self.bounds, faults),
        )
        if faults:
            raise RejectedInput("The filter cannot be read.", faults)
        return made

    def query(self, **more: str) -> str:
        """Return it as a query, without what is empty."""
        held = {
            "since": self.since,
            "until": self.until,
            "kind": self.kind,
            "status": self.status,
            "bounds": self.bounds,
            **more,
        }
        return urlencode({name: value for name, value in held.items() if value})


def _moment(typed: str, name: str, faults: list[Fault]) -> datetime | None:
    if not typed.strip():
        return None
    text = typed.strip()
    try:
        found = datetime.fromisoformat(text)
        if _DAY.fullmatch(text):
            found = found.replace(tzinfo=UTC)
        return as_utc(found)
    except (ValueError, OverflowError, RejectedInput):
        faults.append(Fault("filter", name, "write a day such as 2025-04-20, or a time with its zone", typed))
        return None


def _word(words: type[_Word], typed: str, name: str, faults: list[Fault]) -> _Word | None:
    if not typed:
        return None
    try:
        return words(typed)
    except ValueError:
        faults.append(Fault("filter", name, f"not one of {', '.join(words)}", typed))
        return None


def _bounds(typed: str, faults: list[Fault]) -> Bounds | None:
    if not typed:
        return None
    try:
        west, south, east, north = (float(part) for part in typed.split(","))
        if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
            raise ValueError(typed)  # noqa: TRY301 - one way out for every fault
    except ValueError:
        faults.append(Fault("filter", "bounds", "four degrees: west,south,east,north", typed))
        return None
    return west, south, east, north
