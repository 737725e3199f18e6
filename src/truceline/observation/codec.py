# SPDX-License-Identifier: Apache-2.0
"""Statements as JSON rows and back, without loss.

The row is what is committed to in the log: field names and units are those of
``observation.model``.  Reading a row gives a statement equal to the one written.
What nothing could be computed with is refused when it is read: a moment without a zone, a
number that is not finite, a count that the log's integers cannot hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from math import isfinite
from typing import Literal, cast

from pydantic import TypeAdapter, ValidationError

from truceline.errors import Fault, RejectedInput
from truceline.geodesy import Ellipse
from truceline.observation.model import Count, Observation, PartyClaim, Statement, Watch

StatementKind = Literal["observations", "claims", "watches"]
"""The record kinds that hold statements, one sort a record."""

STATEMENT_KINDS: tuple[StatementKind, ...] = ("observations", "claims", "watches")

JSONValue = None | bool | int | float | str | list["JSONValue"] | dict[str, "JSONValue"]

LARGEST_COUNT = 2**53 - 1
"""Beyond this a JSON number is not the same integer everywhere; the log's leaves end here too."""

_OBSERVATION = TypeAdapter(Observation)
_CLAIM = TypeAdapter(PartyClaim)
_WATCH = TypeAdapter(Watch)
_READERS: Mapping[StatementKind, TypeAdapter[Observation] | TypeAdapter[PartyClaim] | TypeAdapter[Watch]] = {
    "observations": _OBSERVATION,
    "claims": _CLAIM,
    "watches": _WATCH,
}

_UNREADABLE = "A recorded row cannot be read as a statement."


def kind_of(statement: Statement) -> StatementKind:
    """Return the kind of record that the statement belongs in."""
    match statement:
        case Observation():
            return "observations"
        case PartyClaim():
            return "claims"
        case Watch():
            return "watches"


def id_of(statement: Statement) -> str:
    """Return the statement's own id."""
    match statement:
        case Observation():
            return statement.observation_id
        case PartyClaim():
            return statement.claim_id
        case Watch():
            return statement.watch_id


def to_row(statement: Statement) -> dict[str, JSONValue]:
    """Return the statement as a JSON object."""
    match statement:
        case Observation():
            row = _OBSERVATION.dump_python(statement, mode="json")
        case PartyClaim():
            row = _CLAIM.dump_python(statement, mode="json")
        case Watch():
            row = _WATCH.dump_python(statement, mode="json")
    return cast("dict[str, JSONValue]", row)


def from_row(kind: StatementKind, row: bytes, where: str) -> Statement:
    """Return the statement that a JSON row holds.

    Args:
        kind: The kind of the record that holds it.
        row: The JSON text, UTF-8.
        where: The record and row, for the message.

    Raises:
        RejectedInput: The row is not such a statement.
    """
    try:
        statement = _READERS[kind].validate_json(row)
    except ValidationError as error:
        faults = [
            Fault(where, ".".join(str(step) for step in one["loc"]), one["msg"])
            for one in error.errors(include_url=False)
        ]
        raise RejectedInput(_UNREADABLE, faults) from error
    faults = [Fault(where, path, reason) for path, reason in _unusable(statement)]
    if faults:
        raise RejectedInput(_UNREADABLE, faults)
    return statement


def _unusable(statement: Statement) -> Iterator[tuple[str, str]]:
    """Yield each field that nothing could be computed with, and why."""
    match statement:
        case Observation():
            yield from _naive("received_at", statement.received_at)
            yield from _uncountable(statement.count)
            yield from _endless("time_sigma_s", statement.time_sigma_s)
            yield from _nowhere("place", statement.place)
            if statement.sighting is not None:
                yield from _nowhere("sighting.position", statement.sighting.position)
                yield from _endless("sighting.distance_min_m", statement.sighting.distance_min_m)
                yield from _endless("sighting.distance_max_m", statement.sighting.distance_max_m)
        case PartyClaim():
            yield from _naive("published_on", statement.published_on)
            yield from _uncountable(statement.count)
        case Watch():
            yield from _nowhere("place", statement.place)
            yield from _endless("range_m", statement.range_m)


def _naive(path: str, moment: datetime) -> Iterator[tuple[str, str]]:
    if moment.tzinfo is None:
        yield path, "has no time zone"


def _uncountable(count: Count) -> Iterator[tuple[str, str]]:
    for path, end in (("count.minimum", count.minimum), ("count.maximum", count.maximum)):
        if end is not None and not 0 <= end <= LARGEST_COUNT:
            yield path, f"must be 0 to {LARGEST_COUNT}"


def _nowhere(path: str, place: Ellipse | None) -> Iterator[tuple[str, str]]:
    if place is not None:
        yield from _endless(f"{path}.latitude", place.latitude)
        yield from _endless(f"{path}.longitude", place.longitude)
        yield from _endless(f"{path}.sigma_major_m", place.sigma_major_m)
        yield from _endless(f"{path}.sigma_minor_m", place.sigma_minor_m)
        yield from _endless(f"{path}.azimuth_deg", place.azimuth_deg)


def _endless(path: str, number: float | None) -> Iterator[tuple[str, str]]:
    if number is not None and not isfinite(number):
        yield path, "is not a finite number"
