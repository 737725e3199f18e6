# SPDX-License-Identifier: Apache-2.0
"""Reads recorded statements back as the things that they state."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from truceline.errors import Fault, RejectedInput
from truceline.interval import Interval
from truceline.mission.mission import Mission, require_read_models
from truceline.observation.codec import from_row
from truceline.observation.model import Observation, PartyClaim, Watch
from truceline.storage import RecordRow, Transaction, schema

Span = tuple[float, float]
"""From and until, in seconds since 1970 UTC."""

WHERE = "the statements' read model"


def span_of(interval: Interval) -> Span:
    """Return an interval as the span that rows are searched by."""
    return interval.start.timestamp(), interval.last.timestamp()


def observations(
    transaction: Transaction,
    *,
    touching: Span | None = None,
    ids: Sequence[str] | None = None,
    below: int | None = None,
) -> Iterator[Observation]:
    """Yield recorded observations in the order of their ids.

    Args:
        transaction: What to read in.
        touching: Only those whose interval touches this span.
        ids: Only these; None: all.
        below: Only those recorded at a leaf index below this.
    """
    bodies = transaction.bodies(
        schema.statements,
        kind="observations",
        overlapping=touching,
        ids=None if ids is None else ("statement_id", ids),
        below=below,
    )
    for body in bodies:
        statement = from_row("observations", body, WHERE)
        if isinstance(statement, Observation):
            yield statement


def claims(
    transaction: Transaction, *, touching: Span | None = None, below: int | None = None
) -> Iterator[PartyClaim]:
    """Yield recorded claims in the order of their ids."""
    for body in transaction.bodies(schema.statements, kind="claims", overlapping=touching, below=below):
        statement = from_row("claims", body, WHERE)
        if isinstance(statement, PartyClaim):
            yield statement


def watches(
    transaction: Transaction, *, touching: Span | None = None, below: int | None = None
) -> Iterator[Watch]:
    """Yield recorded watches in the order of their ids."""
    for body in transaction.bodies(schema.statements, kind="watches", overlapping=touching, below=below):
        statement = from_row("watches", body, WHERE)
        if isinstance(statement, Watch):
            yield statement


def recorded_observations(mission: Mission, interval: Interval | None = None) -> list[Observation]:
    """Return every recorded observation, or those whose interval touches ``interval``."""
    require_read_models(mission)
    with mission.store.read() as transaction:
        return list(observations(transaction, touching=None if interval is None else span_of(interval)))


def find_record(transaction: Transaction, name: str) -> RecordRow:
    """Return the record of this id or leaf index.

    Raises:
        RejectedInput: There is no such record.
    """
    row = transaction.record(name)
    if row is None and name.isdecimal():
        row = transaction.record_at(int(name))
    if row is None:
        raise RejectedInput(
            "There is no such record; truceline status shows how many there are.",
            [Fault("record", "RECORD", "neither a record's id nor a leaf index", name)],
        )
    return row
