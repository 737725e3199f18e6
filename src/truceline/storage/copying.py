# SPDX-License-Identifier: Apache-2.0
"""Copies all rows of a mission from one database into another: for backups, and for moving."""

from __future__ import annotations

from sqlalchemy import Connection, Table, func, insert, select

from truceline.errors import StorageFailure
from truceline.storage import schema

CHUNK = 500
"""Rows at a time: bodies are long, and a copy must not fill the memory."""


def copy_rows(source: Connection, target: Connection) -> None:
    """Copy every table, row for row, in the order of its key.

    Args:
        source: Inside a transaction that sees one state.
        target: Inside a write transaction, its tables there and empty.

    Raises:
        StorageFailure: Not all that was read arrived.
    """
    for table in (*schema.metadata.sorted_tables, *schema.read_models.sorted_tables):
        rows = source.execute(
            select(table).order_by(*table.primary_key.columns), execution_options={"yield_per": CHUNK}
        )
        for chunk in rows.mappings().partitions():
            target.execute(insert(table), [dict(row) for row in chunk])
        if _count(source, table) != _count(target, table):
            raise StorageFailure(f"The table {table.name} was not copied whole. Nothing was kept; try again.")


def _count(connection: Connection, table: Table) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()
