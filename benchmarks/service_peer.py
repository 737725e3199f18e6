# SPDX-License-Identifier: Apache-2.0
"""Datasette beside the service: the same incidents as a table, with indexes on what is asked for.

Datasette (Apache-2.0) publishes SQLite tables as pages, JSON and CSV.  It knows no accounts, no release
rules and no map; what it shares with the service are lists, filters and exports, and they are compared.
Its suggestions of facets are off, for the list here has none.
"""

from __future__ import annotations

import csv
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAM = Path(sys.executable).with_name("datasette")
LISTS = (
    "/peer/incidents?_size=50&_sort_desc=begun_from",
    "/peer/incidents?_size=50&_sort_desc=begun_from&kind=mortar",
    "/peer/incidents?_size=50&_sort_desc=begun_from&begun_from__gte=2026-06-01&begun_from__lt=2026-06-03",
)
"""The peer's addresses for what ``service.LISTS`` asks for."""

EXPORT = "/peer/incidents.csv?_stream=on&_size=max"
OFF = ("suggest_facets", "off"), ("max_csv_mb", "0"), ("sql_time_limit_ms", "60000")
BATCH = 10_000


def fill(path: Path, lines: Iterable[str]) -> None:
    """Put the lines of the service's own export into a table.

    Args:
        path: The new SQLite file.
        lines: CSV, with names.
    """
    rows = csv.reader(lines)
    names = next(rows)
    with sqlite3.connect(path) as database:
        database.execute(f"CREATE TABLE incidents ({', '.join(names)})")
        marks = ", ".join("?" for _ in names)
        database.executemany(f"INSERT INTO incidents VALUES ({marks})", rows)  # noqa: S608 - marks alone
        for column in ("begun_from", "kind", "incident_id"):
            database.execute(f"CREATE INDEX by_{column} ON incidents ({column})")
    database.close()


@contextmanager
def serving(path: Path) -> Iterator[str]:
    """Serve a file by Datasette, and yield its address; it ends with the block.

    Raises:
        RuntimeError: It names no address.
    """
    settings = [part for name, value in OFF for part in ("--setting", name, value)]
    server = subprocess.Popen(
        [str(PROGRAM), "serve", "--immutable", str(path), "--port", "0", *settings],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        if server.stderr is None:
            raise RuntimeError("the peer says nothing")
        for line in server.stderr:
            found = re.search(r"http://127\.0\.0\.1:\d+", line)
            if found is not None:
                yield found[0]
                return
        raise RuntimeError("the peer named no address")
    finally:
        server.terminate()
        server.wait()
