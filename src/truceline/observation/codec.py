# SPDX-License-Identifier: Apache-2.0
"""Statements as JSON rows and back, without loss.

The row is what is committed to in the log: field names and units are those of
``observation.model``.  Reading a row gives a statement equal to the one written.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, cast

from pydantic import TypeAdapter, ValidationError

from truceline.errors import Fault, RejectedInput
from truceline.observation.model import Observation, PartyClaim, Statement, Watch

StatementKind = Literal["observations", "claims", "watches"]
"""The record kinds that hold statements, one sort a record."""

STATEMENT_KINDS: tuple[StatementKind, ...] = ("observations", "claims", "watches")

JSONValue = None | bool | int | float | str | list["JSONValue"] | dict[str, "JSONValue"]

_OBSERVATION = TypeAdapter(Observation)
_CLAIM = TypeAdapter(PartyClaim)
_WATCH = TypeAdapter(Watch)
_READERS: Mapping[StatementKind, TypeAdapter[Observation] | TypeAdapter[PartyClaim] | TypeAdapter[Watch]] = {
    "observations": _OBSERVATION,
    "claims": _CLAIM,
    "watches": _WATCH,
}


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
        return _READERS[kind].validate_json(row)
    except ValidationError as error:
        faults = [
            Fault(where, ".".join(str(step) for step in one["loc"]), one["msg"])
            for one in error.errors(include_url=False)
        ]
        raise RejectedInput("A recorded row cannot be read as a statement.", faults) from error
