# SPDX-License-Identifier: Apache-2.0
"""From records to read models: pure functions, so that state can be rebuilt.

The fold looks at one record and says which rows it adds; storage applies them.
Ingest and rebuild use the same fold, so a rebuilt read model equals the first.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence

from truceline.evidence import NOTHING, canonical
from truceline.interval import Interval
from truceline.mechanism import KINDS
from truceline.observation.codec import STATEMENT_KINDS, JSONValue, StatementKind, from_row, id_of
from truceline.observation.model import Observation, PartyClaim, Statement, Watch
from truceline.storage import ReadRow, Value, schema
from truceline.vocabulary import Tier

FOLD_VERSION = 2
"""Raise this when a read model changes; ``truceline rebuild`` then fills it anew."""

DIGEST_BYTES = 16
"""Of a row's SHA-256: enough to tell two rows with one id apart."""

FIELD_KINDS = frozenset({"import", "run", "erasure"})
"""The kinds of record that state named fields and have a read model each of their own."""

FOLDED_KINDS = frozenset({*STATEMENT_KINDS, "conflicts"}) | FIELD_KINDS | KINDS
"""All kinds that have rows in a read model."""

Opened = Mapping[Tier, Sequence[bytes | None]]
"""A record's items by tier, as far as they can be opened; None: withheld."""


def digest_of(row: bytes) -> bytes:
    """Return the short digest by which two versions of one row are told apart."""
    return hashlib.sha256(row).digest()[:DIGEST_BYTES]


def statement_row(kind: StatementKind, statement: Statement, body: bytes, leaf_index: int) -> ReadRow:
    """Return the read-model row of one accepted statement."""
    when, placed = _reach(statement)
    return ReadRow(
        schema.statements,
        {
            "kind": kind,
            "statement_id": id_of(statement),
            "leaf_index": leaf_index,
            "digest": digest_of(body),
            "from_s": when.start.timestamp(),
            "to_s": when.last.timestamp(),
            "placed": placed,
            "body": body,
        },
    )


def _reach(statement: Statement) -> tuple[Interval, bool]:
    match statement:
        case Observation():
            return statement.when, statement.place is not None
        case PartyClaim():
            return statement.period, False
        case Watch():
            return statement.when, statement.place is not None


def merge_tiers(payload: Opened, index: int) -> bytes | None:
    """Return one row of a batch with the fields of every opened tier put together.

    Exactly one tier of a row holds its fields; the others hold ``{}``.

    Returns:
        None: the row was erased, or is sealed for a key that is not here.
    """
    shut = False
    for items in payload.values():
        item = items[index]
        if item is not None and item != NOTHING:
            return item
        shut = shut or item is None
    return None if shut else NOTHING


def fields_of(payload: Opened) -> dict[str, JSONValue]:
    """Return the named fields of a single-statement record, over every opened tier."""
    fields: dict[str, JSONValue] = {}
    for items in payload.values():
        for item in items:
            if item is not None and item != NOTHING:
                pair = json.loads(item)
                fields[pair["name"]] = pair["value"]
    return fields


def fold(kind: str, leaf_index: int, payload: Opened) -> list[ReadRow]:
    """Return the read-model rows that a record adds.

    Args:
        kind: The record's kind.
        leaf_index: Where it stands in the log.
        payload: Its opened items by tier.
    """
    for statements_kind in STATEMENT_KINDS:
        if kind == statements_kind:
            return _fold_statements(statements_kind, leaf_index, payload)
    if kind == "conflicts":
        return _fold_conflicts(leaf_index, payload)
    if kind in KINDS:
        return _fold_act(kind, leaf_index, payload)
    return _fold_fields(kind, leaf_index, payload)


def _fold_fields(kind: str, leaf_index: int, payload: Opened) -> list[ReadRow]:
    """Return the row of a record that is a single statement."""
    if kind not in FIELD_KINDS:
        return []
    fields = fields_of(payload)
    if not fields:
        return []  # taken back from the published log, without its content
    values: dict[str, Value] = {"leaf_index": leaf_index, "body": canonical(fields)}
    match kind:
        case "run":
            return [ReadRow(schema.runs, values)]
        case "erasure":
            return [ReadRow(schema.erasures, {**values, "erased_leaf": int(str(fields["leaf_index"]))})]
    if "sha256" not in fields:
        return []  # what the import stated in public was erased
    return [ReadRow(schema.imports, {**values, "sha256": str(fields["sha256"])})]


def _fold_act(kind: str, leaf_index: int, payload: Opened) -> list[ReadRow]:
    """Return the row of a step of procedure; who counts on it must notice if a tier of it is shut."""
    fields = fields_of(payload)
    if not fields:
        return []
    return [ReadRow(schema.acts, {"leaf_index": leaf_index, "kind": kind, "body": canonical(fields)})]


def _fold_statements(kind: StatementKind, leaf_index: int, payload: Opened) -> list[ReadRow]:
    rows = []
    for index in range(len(next(iter(payload.values())))):
        body = merge_tiers(payload, index)
        if body is None:
            continue
        statement = from_row(kind, body, f"record {leaf_index} row {index}")
        rows.append(statement_row(kind, statement, body, leaf_index))
    return rows


def _fold_conflicts(leaf_index: int, payload: Opened) -> list[ReadRow]:
    rows = []
    for index in range(len(next(iter(payload.values())))):
        body = merge_tiers(payload, index)
        if body is None:
            continue
        conflict = json.loads(body)
        digest = digest_of(canonical(conflict["row"]))
        rows.append(
            ReadRow(
                schema.conflicts,
                {
                    "kind": conflict["kind"],
                    "statement_id": conflict["statement_id"],
                    "digest": digest,
                    "leaf_index": leaf_index,
                    "body": body,
                },
            )
        )
    return rows
