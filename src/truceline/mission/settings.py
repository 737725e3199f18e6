# SPDX-License-Identifier: Apache-2.0
"""``mission.toml``: what a mission is called and how it keeps its record."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path

from truceline.errors import Fault, RejectedInput
from truceline.storage.address import SCHEMA, DatabaseAddress, url_faults

FILE_NAME = "mission.toml"
MISSION_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


@dataclass(frozen=True, slots=True)
class MissionSettings:
    """The settings of one mission.

    Attributes:
        mission_id: Lower-case letters, digits and hyphens.
        origin: The log's name, the first line of every checkpoint.
        exercise: True for training: marked on every page and report.
        database: The server that its records are on; None: a file in its folder.
    """

    mission_id: str
    origin: str
    exercise: bool = False
    database: DatabaseAddress | None = None

    def at_home(self) -> MissionSettings:
        """Return the settings of the same mission with its database in its folder."""
        return replace(self, database=None)

    def to_toml(self) -> str:
        """Return the text of ``mission.toml``."""
        return (
            "# One Truceline mission. The records in its database and the vault are what counts;\n"
            "# this file only says what the mission is called.\n"
            f'id = "{self.mission_id}"\n'
            f"exercise = {'true' if self.exercise else 'false'}\n"
            "\n[log]\n"
            f'origin = "{self.origin}"\n'
            f"{'' if self.database is None else _database_toml(self.database)}"
        )


def _database_toml(address: DatabaseAddress) -> str:
    return (
        "\n[database]\n"
        "# Never a password: PGPASSWORD, ~/.pgpass or a service file has it.\n"
        f"url = {json.dumps(address.url)}\n"
        f"schema = {json.dumps(address.schema)}\n"
    )


def read_settings(folder: Path) -> MissionSettings:
    """Read the settings of the mission in ``folder``.

    Raises:
        RejectedInput: There is no mission there, or its settings are broken.
    """
    path = folder / FILE_NAME
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RejectedInput(
            f"{folder} is not a mission: it has no {FILE_NAME}. Make one with: truceline init PACK DIR"
        ) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RejectedInput(f"{path} cannot be read.", [Fault(str(path), "file", str(error))]) from error
    log, database = document.get("log", {}), document.get("database")
    mission_id, exercise = document.get("id"), document.get("exercise", False)
    origin = log.get("origin") if isinstance(log, dict) else None
    faults = [
        Fault(str(path), name, reason)
        for name, good, reason in (
            (
                "id",
                isinstance(mission_id, str) and MISSION_ID.fullmatch(mission_id),
                "lower-case text needed",
            ),
            ("exercise", isinstance(exercise, bool), "true or false needed"),
            ("log.origin", isinstance(origin, str) and origin, "text needed"),
        )
        if not good
    ]
    address = None if database is None else _address(database, path, faults)
    if faults:
        raise RejectedInput(f"{FILE_NAME} has faults; mend them and try again.", faults)
    return MissionSettings(str(mission_id), str(origin), exercise is True, address)


def _address(table: object, path: Path, faults: list[Fault]) -> DatabaseAddress:
    """Read where the server is, and note what is wrong with that."""
    found = table if isinstance(table, dict) else {}
    url, name = found.get("url"), found.get("schema")
    if isinstance(url, str):
        faults += url_faults(url, str(path))
    else:
        faults.append(Fault(str(path), "database.url", "text needed"))
    if not isinstance(name, str) or SCHEMA.fullmatch(name) is None:
        faults.append(Fault(str(path), "database.schema", "lower-case text needed"))
    return DatabaseAddress(str(url), str(name))
