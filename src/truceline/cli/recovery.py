# SPDX-License-Identifier: Apache-2.0
"""Back a mission up, restore it, and let it sign again once nobody has seen more of its log."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from truceline.cli import show

MissionDir = Annotated[Path, typer.Argument(metavar="MISSION", help="The mission's folder.")]
Database = Annotated[
    str | None,
    typer.Option(
        "--database",
        metavar="URL",
        help="The records go to this PostgreSQL server, not to a file: postgresql+psycopg://USER@HOST/NAME. "
        "Never with a password: PGPASSWORD, ~/.pgpass or a service file has it.",
    ),
]


def backup(
    folder: MissionDir,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The new backup file.")],
    with_keys: Annotated[
        bool, typer.Option("--with-keys", help="The signing keys too: who holds the file can then sign.")
    ] = False,
) -> None:
    """Write everything that a mission needs into one file."""
    from truceline.mission import open_mission
    from truceline.mission.recovery.backup import back_up

    mission = open_mission(folder)
    done = back_up(mission, file, with_keys=with_keys)
    mission.close()
    keys = "with" if done.with_keys else "without"
    show.say(f"{done.path}: {done.members} members at tree size {done.tree_size}, {keys} keys.")
    if not done.with_keys:
        show.say("Keep the folder keys/ apart and safe: without it a restored mission cannot go on.")


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A backup.")],
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The new mission's folder.")],
    keys: Annotated[
        Path | None, typer.Option("--keys", metavar="DIR", help="The keys, if the backup is without.")
    ] = None,
    database: Database = None,
) -> None:
    """Unpack a backup into a mission that can be read, and that signs nothing yet."""
    from truceline.mission.recovery.backup import unpack

    size = unpack(file, folder, keys=keys, database_url=database)
    show.say(
        f"Restored to tree size {size} in {folder}. It signs nothing until: truceline reconcile {folder}"
    )


def reconcile(
    folder: MissionDir,
    log: Annotated[
        Path | None,
        typer.Option("--log", metavar="LOG", help="A copy of the published log, if it is longer."),
    ] = None,
    alone: Annotated[bool, typer.Option("--alone", help="The mission has no witnesses.")] = False,
    without: Annotated[
        list[str] | None, typer.Option("--without", metavar="NAME", help="Go on without this witness.")
    ] = None,
    ground: Annotated[str, typer.Option("--ground", help="Why; it is recorded.")] = "",
) -> None:
    """Ask every witness what it last saw; a restored mission signs again when none saw more."""
    from truceline.mission import open_mission
    from truceline.mission.recovery.settle import settle

    mission = open_mission(folder)
    done = settle(mission, log_copy=log, alone=alone, without=without or (), ground=ground)
    mission.close()
    if done.adopted:
        show.say(f"{done.adopted} leaves were taken back from {log}; what they committed to is lost here.")
    for state in done.states:
        seen = "did not say" if state.size is None else f"{state.size}"
        why = f"; {state.reason}" if state.reason else ""
        show.say(f"  {state.name}: {state.answer.value}, last size {seen}{why}")
    if not done.may_sign:
        show.say(
            "It signs nothing yet. Where a witness is ahead, bring the published log with --log; "
            "one that is gone for good can be left out with --without NAME --ground TEXT."
        )
        raise typer.Exit(1)
    show.say("Nobody has seen more of this log: the mission signs again.")
