# SPDX-License-Identifier: Apache-2.0
"""What a PostgreSQL server's refusals mean, and what to do about each.

Its details are left out: they quote the values of rows, which are what people testified.
"""

from __future__ import annotations

from typing import Final

import psycopg
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from truceline.storage.address import ELSEWHERE

IS_BUSY: Final = frozenset({"55P03", "40P01"})
"""Lock not available; deadlock detected."""
IS_OFF: Final = frozenset({"57P01", "57P02", "57P03", "25P03"})
"""The server is being stopped or started, or ended our session."""
IS_FORBIDDEN: Final = "42501"
NOTHING_KEPT: Final = "Nothing of this step was kept."


def sqlstate(error: DBAPIError) -> str:
    """Return the server's five-character code of an error; empty: the server said nothing."""
    return (error.orig.sqlstate or "") if isinstance(error.orig, psycopg.Error) else ""


def refusal(error: SQLAlchemyError, server: str) -> str:
    """Say in sentences what was refused and what to do.

    Args:
        error: As SQLAlchemy raised it.
        server: Which server and database, for people.
    """
    if not isinstance(error, DBAPIError) or not isinstance(error.orig, psycopg.Error):
        return f"The database {server} could not be used: {type(error).__name__}. {NOTHING_KEPT}"
    code, orig = sqlstate(error), error.orig
    if code in IS_BUSY:
        return (
            f"Another program is at work in the database {server}. {NOTHING_KEPT} "
            "Wait until it has ended and try again."
        )
    if error.connection_invalidated or code in IS_OFF or code.startswith("08"):
        return (
            f"The connection to the database {server} was lost. This step was kept whole or not at all: "
            "before you repeat it, see which with truceline status."
        )
    if isinstance(orig, psycopg.OperationalError) and not code:
        return _no_connection(orig, server)
    said = f"{_first_line(orig.diag.message_primary or type(orig).__name__)} ({code or 'no code'})"
    if code.startswith("22"):
        said = f"a value that it cannot hold ({code})"  # the message would quote it
    if code == IS_FORBIDDEN:
        said += "; have the role given CREATE and TEMPORARY on the database"
    return f"The database {server} refused: {said}. {NOTHING_KEPT}"


def _no_connection(error: psycopg.Error, server: str) -> str:
    """Say why no connection came about; the server's own words are in its own language."""
    said, attempt = _first_line(str(error)), error.pgconn
    if attempt is not None and attempt.needs_password:
        return f"The database {server} asks for a password and none was found; {ELSEWHERE}. {NOTHING_KEPT}"
    if attempt is not None and attempt.used_password:
        return (
            f"The database {server} did not let us in with the password that was found: {said}. "
            f"{NOTHING_KEPT} Check the user and the password in PGPASSWORD, ~/.pgpass or the service file."
        )
    return (
        f"The database {server} cannot be reached, or does not let us in: {said}. {NOTHING_KEPT} "
        "Check that it runs, the URL under [database] in mission.toml, and who may connect (pg_hba.conf)."
    )


def _first_line(words: str) -> str:
    return (words.strip().splitlines() or [""])[0].rstrip(".")
