# SPDX-License-Identifier: Apache-2.0
"""Where a mission's database lies, if that is a server: its URL, without a password, and the schema."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from truceline.errors import Fault, RejectedInput

SCHEMES: Final = frozenset({"postgresql", "postgresql+psycopg"})
PARAMETERS: Final = frozenset(
    {
        "channel_binding",
        "connect_timeout",
        "gssencmode",
        "host",
        "krbsrvname",
        "passfile",
        "port",
        "service",
        "sslcert",
        "sslcrl",
        "sslkey",
        "sslmode",
        "sslrootcert",
        "target_session_attrs",
    }
)
"""What a URL may say to the client library: how to find the server and be sure of it, no secret."""

LONGEST_SCHEMA: Final = 63
"""In bytes: PostgreSQL cuts longer names off."""
SCHEMA: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")
ELSEWHERE: Final = "give it in PGPASSWORD, in ~/.pgpass, or name a service file with ?service=NAME"


@dataclass(frozen=True, slots=True)
class DatabaseAddress:
    """The place of one mission's tables on a server.

    Attributes:
        url: As ``check_url`` allows it.
        schema: The schema that is this mission's alone.
    """

    url: str
    schema: str


def schema_name(mission_id: str, suffix: str) -> str:
    """Return the name of a mission's schema: readable by its id, unique by its suffix.

    Args:
        mission_id: Lower-case letters, digits and hyphens.
        suffix: Hexadecimal digits.
    """
    front = f"truceline_{mission_id.replace('-', '_')}"
    return f"{front[: LONGEST_SCHEMA - len(suffix) - 1]}_{suffix}"


def url_faults(url: str, where: str) -> list[Fault]:
    """Return what is wrong with a database's URL; no fault shows the URL, which may hold a password.

    Args:
        url: As a person gave it.
        where: What they gave it in, such as ``init``.
    """
    try:
        parts = make_url(url)
    except (ArgumentError, ValueError):
        return [Fault(where, "database", "is no URL")]
    wrong = (
        (parts.drivername not in SCHEMES, "must begin with postgresql+psycopg://"),
        (parts.password is not None or "password" in parts.query, f"must hold no password; {ELSEWHERE}"),
        (not url.isprintable(), "holds a control character"),
        (not parts.database and "service" not in parts.query, "names no database: //USER@HOST/DATABASE"),
        (
            not parts.query.keys() <= PARAMETERS | {"password"},
            f"has a parameter that is not taken; these are: {', '.join(sorted(PARAMETERS))}",
        ),
    )
    return [Fault(where, "database", reason) for is_wrong, reason in wrong if is_wrong]


def check_url(url: str, where: str) -> None:
    """Refuse a URL that is none of PostgreSQL's, or that holds a password.

    Raises:
        RejectedInput: With every fault.
    """
    faults = url_faults(url, where)
    if faults:
        raise RejectedInput("The database's URL cannot be taken; nothing was made.", faults)
