# SPDX-License-Identifier: Apache-2.0
"""The databases that missions in tests have, and what somebody with access to one can do to it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url, select, text, update
from tests.server import Server

from truceline.mission import Mission
from truceline.mission.recovery.bringing import brought
from truceline.storage import Database, DatabaseAddress, Store, database_of, schema

Change = Callable[[Store], int]
"""Changes a database behind a mission's back, and returns how many rows."""


@dataclass(frozen=True, slots=True)
class Backend:
    """Where a test's missions have their databases; ``server`` None: in files."""

    server: Server | None

    def url(self) -> str | None:
        """Return where a new mission's database goes: another place at each call."""
        return None if self.server is None else self.server.url(self.server.database())

    def made(self, folder: Path) -> Database:
        """Return a new database, without a mission."""
        url = self.url()
        database = database_of(folder, None if url is None else DatabaseAddress(url, "truceline_x"), "x")
        database.make()
        return database

    def copied(self, source: Path, folder: Path) -> Path:
        """Copy a mission whose database is a file; the copy has its database here."""
        shutil.copytree(source, folder)
        with brought(folder, self.url(), os.urandom):
            return folder

    def files(self, mission: Mission) -> list[Path]:
        """Return every file in which rows of a mission's database may stand, written out."""
        found = [path for path in mission.folder.rglob("*") if path.is_file()]
        address = mission.settings.database
        if self.server is not None and address is not None:
            found += self.server.files(str(make_url(address.url).database))
        return found


def asked(store: Store, statement: str, **values: object) -> list[tuple[object, ...]]:
    """Return what a query finds."""
    with store.read() as transaction:
        return [tuple(row) for row in transaction._connection.execute(text(statement), values)]


def sql(statement: str, **values: object) -> Change:
    """Change rows by a statement."""

    def change(store: Store) -> int:
        with store.write() as transaction:
            return transaction._connection.execute(text(statement), values).rowcount

    return change


def reworded(table: str, old: str, new: str, **where: str) -> Change:
    """Change what bodies say, in the rows that have these values."""
    model = schema.read_models.tables[table]
    keys = list(model.primary_key.columns)

    def change(store: Store) -> int:
        changed = 0
        with store.write() as transaction:
            found = transaction._connection.execute(
                select(model).where(*(model.c[name] == value for name, value in where.items()))
            )
            for row in found.mappings().all():
                body = bytes(row["body"]).replace(old.encode(), new.encode())
                if body != row["body"]:
                    one = (key == row[key.name] for key in keys)
                    transaction._connection.execute(update(model).where(*one).values(body=body))
                    changed += 1
        return changed

    return change


def edit(mission: Mission, change: Change) -> None:
    """Change a mission's database, as somebody with access to the machine could."""
    assert change(mission.store) > 0
