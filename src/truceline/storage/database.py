# SPDX-License-Identifier: Apache-2.0
"""What a mission's tables need of the database that they lie in, whichever it is.

Statements are the same for all (``store``, ``erasing``).  What is not, each database answers
here for itself: how a transaction begins, who waits for whom, how a copy is taken, how what was
deleted is removed for good, and what its refusals mean.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError


class Database(Protocol):
    """One mission's tables, in a file or in a schema on a server."""

    @property
    def place(self) -> str:
        """Where it is, for people."""

    @property
    def remains(self) -> str:
        """What deleted rows leave behind where nobody here can reach it, in a sentence; empty: nothing."""

    def make(self) -> None:
        """Make the place for the tables.

        Raises:
            StorageFailure: It is there already, or cannot be made.
        """

    def find(self) -> None:
        """Check that the place is there and is this mission's.

        Raises:
            StorageFailure: It is not.
        """

    def discard(self) -> None:
        """Remove the place with all that is in it: only for what ``make`` has just made."""

    def defining(self) -> AbstractContextManager[Connection]:
        """Begin a transaction in which tables that are missing are made."""

    def writing(self) -> AbstractContextManager[Connection]:
        """Begin the one write transaction: a second one waits, or is refused."""

    def reading(self) -> AbstractContextManager[Connection]:
        """Begin a transaction that sees one state from its beginning to its end."""

    def shut_out(self, connection: Connection) -> None:
        """Keep readers from a write transaction that makes tables anew, if they would see them empty."""

    def hold(self) -> AbstractContextManager[bool]:
        """Be the only program at work on this mission; False: another one is.

        This comes on top of the lock in the mission's folder, for what lies outside of it.
        """

    def snapshot(self, path: Path) -> None:
        """Write all tables, as they are now, to a new SQLite file."""

    def scrub(self) -> bool:
        """Write the tables anew from what they still hold; False: another program reads them."""

    def failure(self, error: SQLAlchemyError) -> str:
        """Say in sentences what was refused and what to do; nothing of what people testified."""

    def close(self) -> None:
        """Let go of it."""
