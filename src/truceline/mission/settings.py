# SPDX-License-Identifier: Apache-2.0
"""``mission.toml``: what a mission is called and how it keeps its record."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from truceline.errors import Fault, RejectedInput

FILE_NAME = "mission.toml"
MISSION_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


@dataclass(frozen=True, slots=True)
class MissionSettings:
    """The settings of one mission.

    Attributes:
        mission_id: Lower-case letters, digits and hyphens.
        origin: The log's name, the first line of every checkpoint.
        exercise: True for training: marked on every page and report.
    """

    mission_id: str
    origin: str
    exercise: bool = False

    def to_toml(self) -> str:
        """Return the text of ``mission.toml``."""
        return (
            "# One Truceline mission. The records in truceline.db and the vault are what counts;\n"
            "# this file only says what the mission is called.\n"
            f'id = "{self.mission_id}"\n'
            f"exercise = {'true' if self.exercise else 'false'}\n"
            "\n[log]\n"
            f'origin = "{self.origin}"\n'
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
    log = document.get("log", {})
    found = {
        "id": document.get("id"),
        "exercise": document.get("exercise", False),
        "log.origin": log.get("origin") if isinstance(log, dict) else None,
    }
    mission_id, exercise, origin = found["id"], found["exercise"], found["log.origin"]
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
    if faults:
        raise RejectedInput(f"{FILE_NAME} has faults; mend them and try again.", faults)
    return MissionSettings(str(mission_id), str(origin), exercise is True)
