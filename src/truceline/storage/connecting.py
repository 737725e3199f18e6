# SPDX-License-Identifier: Apache-2.0
"""How every connection to a mission's database behaves, and where its transactions begin."""

from __future__ import annotations

from typing import Protocol

from sqlalchemy import Connection, Engine, event

PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "busy_timeout=10000",
    "temp_store=MEMORY",
    "secure_delete=ON",  # what is deleted is overwritten; ``erasing.scrub`` does the rest
)


class _DriverConnection(Protocol):
    """The two things that we use of the driver's own connection."""

    isolation_level: str | None

    def execute(self, statement: str, /) -> object:
        """Run one statement."""


def prepare(engine: Engine) -> None:
    """Take transaction control from the driver, whose own is too eager for one writer.

    Execution options: ``writes`` begins a write transaction at once, ``no_transaction`` none.
    """

    def connect(connection: _DriverConnection, _record: object) -> None:
        connection.isolation_level = None
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if not options.get("no_transaction", False):
            connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writes", False) else "BEGIN")

    event.listen(engine, "connect", connect)
    event.listen(engine, "begin", begin)
