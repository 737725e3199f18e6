# SPDX-License-Identifier: Apache-2.0
"""Verbs that take a file of arrangements or of support into the record."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from truceline.cli import show
from truceline.cli.acting_as import As, Json, MissionDir, Person, who_of
from truceline.cli.step_groups import GROUPS

File = Annotated[Path, typer.Argument(metavar="FILE", help="The file, CSV.")]
Source = Annotated[str, typer.Option("--source", help="What the file is, whose, and of when.")]


@GROUPS["arrangement"].command("import")
def corridors(
    folder: MissionDir, file: File, source: Source, person: Person, capacity: As, as_json: Json = False
) -> None:
    """Take in a table of corridors, each route with who agreed and what became of it."""
    from truceline.mission import open_mission
    from truceline.mission.corridors import import_corridors

    mission = open_mission(folder)
    try:
        done = import_corridors(mission, who_of(person, capacity, ""), file, source=source)
    finally:
        mission.close()
    show.say_either({**asdict(done), "conflicts": list(done.conflicts)}, [str(done)], as_json=as_json)
    if done.conflicts:
        raise typer.Exit(1)


@GROUPS["support"].command("import")
def support(
    folder: MissionDir, file: File, source: Source, person: Person, capacity: As, as_json: Json = False
) -> None:
    """Book a tracker's file of support; a later edition adds what is new and restates what changed."""
    from truceline.mission import open_mission
    from truceline.mission.support import import_support

    mission = open_mission(folder)
    try:
        with show.row_progress(f"reading {show.safe(file.name)}") as progress:
            done = import_support(
                mission, who_of(person, capacity, ""), file, source=source, progress=progress
            )
    finally:
        mission.close()
    show.say_either({**asdict(done), "leaf_indexes": list(done.leaf_indexes)}, [str(done)], as_json=as_json)


TAKING = GROUPS
"""The groups, with their verbs that take files in."""
