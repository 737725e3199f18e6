# SPDX-License-Identifier: Apache-2.0
"""The verbs of suspension: freeze, account for staff, hand over, destroy the keys, read afterwards."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, cast

import typer

from truceline.cli import show
from truceline.cli.acting_as import As, Json, KeyFile, MissionDir, Person, key_of, who_of
from truceline.errors import Fault, RejectedInput
from truceline.interval import as_utc, iso

if TYPE_CHECKING:  # loaded by the verbs that need them, so that --help is quick
    from truceline.mission.evacuation.accounting import Roll
    from truceline.mission.evacuation.destroying import Destroyed
    from truceline.mission.evacuation.suspending import MissionStanding
    from truceline.observation.codec import JSONValue

suspension_app = typer.Typer(
    help="Suspend a mission: freeze it, account for staff, hand it over, destroy its keys.",
    no_args_is_help=True,
)

StatusName = Literal["safe", "relocating", "not_reached", "missing", "injured", "detained", "deceased"]
"""The values of ``StaffStatus``, spelled out so that ``--help`` need not load the rooms."""

Ground = Annotated[str, typer.Option("--ground", metavar="TEXT", help="Why. It stays public.")]
HEAD: As = "head_of_mission"


@suspension_app.command("suspend")
def suspend(
    folder: MissionDir,
    person: Person,
    ground: Ground,
    orders: Annotated[
        str, typer.Option("--orders", metavar="TEXT", help="What everybody is to do; for the commission.")
    ],
    capacity: As = HEAD,
    key: KeyFile = None,
    as_json: Json = False,
) -> None:
    """Freeze the mission: nothing is recorded but its suspension, and what was signed at its source."""
    from truceline.mission import open_mission
    from truceline.mission.evacuation.suspending import suspend as freeze

    mission = open_mission(folder)
    who = who_of(person, capacity, "")
    entry = freeze(mission, who, ground=ground, orders=orders, key=key_of(key))
    mission.close()
    show.say_either(
        {"leaf_index": entry.leaf_index, "at": iso(entry.at)},
        [
            f"Record {entry.leaf_index}: the mission is suspended.",
            f"Next, who is accounted for: truceline suspension roll {folder} --person {person}",
        ],
        as_json=as_json,
    )


@suspension_app.command("staff")
def staff(
    folder: MissionDir,
    persons: Annotated[
        list[str], typer.Argument(metavar="ID...", help="Each person's own id in this mission.")
    ],
    person: Person,
    capacity: As = HEAD,
    key: KeyFile = None,
) -> None:
    """Say who belongs to the staff; while the mission is suspended, this adds to the list."""
    from truceline.mission import open_mission
    from truceline.mission.evacuation.accounting import expect_staff

    mission = open_mission(folder)
    entry = expect_staff(mission, who_of(person, capacity, ""), persons, key=key_of(key))
    mission.close()
    show.say(f"Record {entry.leaf_index}: {len(set(persons))} people are listed.")


@suspension_app.command("account")
def account(
    folder: MissionDir,
    status: Annotated[StatusName, typer.Argument(metavar="STATUS", help="What is known.")],
    persons: Annotated[
        list[str], typer.Argument(metavar="ID...", help="Of whom: each person's own id in this mission.")
    ],
    person: Person,
    at: Annotated[
        str | None, typer.Option("--at", metavar="T", help="As of when, with its zone; else now.")
    ] = None,
    note: Annotated[
        str, typer.Option("--note", metavar="TEXT", help="What else is known; for the commission.")
    ] = "",
    capacity: As = HEAD,
    key: KeyFile = None,
) -> None:
    """Say what is known of somebody."""
    from truceline.mechanism.suspension import StaffStatus
    from truceline.mission import open_mission
    from truceline.mission.evacuation.accounting import account_for

    moment = None if at is None else _moment(at)
    mission = open_mission(folder)
    who = who_of(person, capacity, "")
    entries = account_for(mission, who, persons, StaffStatus(status), at=moment, note=note, key=key_of(key))
    mission.close()
    for name, entry in zip(persons, entries, strict=True):
        show.say(f"Record {entry.leaf_index}: {name}: {status.replace('_', ' ')}.")


@suspension_app.command("roll")
def roll(folder: MissionDir, person: Person, capacity: As = HEAD, as_json: Json = False) -> None:
    """Show who is accounted for; whoever is not stands first."""
    from truceline.mission import open_mission
    from truceline.mission.evacuation.accounting import roll as read

    mission = open_mission(folder)
    found = read(mission, who_of(person, capacity, ""))
    mission.close()
    show.say_either(roll_document(found), roll_lines(found), as_json=as_json)


@suspension_app.command("hand-over")
def hand_over(
    folder: MissionDir,
    out: Annotated[Path, typer.Argument(metavar="FILE", help="The new backup file.")],
    person: Person,
    to: Annotated[str, typer.Option("--to", metavar="TEXT", help="To whom. Public: name an office.")],
    what: Annotated[
        str, typer.Option("--what", metavar="TEXT", help="What is handed over, and how; for the commission.")
    ],
    with_keys: Annotated[
        bool,
        typer.Option("--with-keys", help="The private keys too: who holds the file reads all, and can sign."),
    ] = False,
    capacity: As = HEAD,
    key: KeyFile = None,
    as_json: Json = False,
) -> None:
    """Write a backup, and record to whom it goes and its digest."""
    from truceline.mission import open_mission
    from truceline.mission.evacuation.handing_over import hand_over as give

    mission = open_mission(folder)
    who = who_of(person, capacity, "")
    done = give(mission, who, to, out, what=what, with_keys=with_keys, key=key_of(key))
    mission.close()
    show.say_either(
        {
            "file": str(done.path),
            "to": done.to,
            "tree_size": done.tree_size,
            "root": done.root,
            "sha256": done.sha256,
            "with_keys": done.with_keys,
            "leaf_index": done.leaf_index,
        },
        [
            f"{done.path}: {done.tree_size} records, "
            + ("with private keys." if done.with_keys else "WITHOUT private keys: it opens only with them."),
            f"SHA-256 {done.sha256}",
            f"Record {done.leaf_index} says so. To {done.to} goes the file, with a copy of {folder / 'log'}.",
        ],
        as_json=as_json,
    )


@suspension_app.command("destroy-keys")
def destroy_keys(
    folder: MissionDir,
    person: Person,
    second_key: Annotated[
        Path,
        typer.Option("--second-key", metavar="FILE", help="A second person's own key, enrolled, in PEM."),
    ],
    ground: Ground,
    yes_destroy: Annotated[
        str | None,
        typer.Option("--yes-destroy", metavar="MISSION_ID", help="The mission's id; else you are asked."),
    ] = None,
    capacity: As = HEAD,
    key: KeyFile = None,
    as_json: Json = False,
) -> None:
    """Destroy every private key that is here, for good; the mission can then only be read."""
    from truceline.evidence import SigningKey
    from truceline.mission import open_mission
    from truceline.mission.evacuation.destroying import destroy_keys as destroy

    second = SigningKey.load(second_key)
    mission = open_mission(folder)
    try:
        _confirm(mission.settings.mission_id, yes_destroy)
        remains = mission.store.remains
        with show.step_progress() as progress:
            done = destroy(
                mission,
                who_of(person, capacity, ""),
                second,
                ground=ground,
                key=key_of(key),
                progress=progress,
            )
    finally:
        mission.close()
    show.say_either(
        destroyed_document(done, remains), destroyed_lines(done, remains, folder), as_json=as_json
    )


@suspension_app.command("resume")
def resume(
    folder: MissionDir,
    person: Person,
    ground: Ground,
    capacity: As = HEAD,
    key: KeyFile = None,
    as_json: Json = False,
) -> None:
    """Go on with a mission that was suspended."""
    from truceline.mission import open_mission
    from truceline.mission.evacuation.suspending import resume as go_on

    mission = open_mission(folder)
    entry = go_on(mission, who_of(person, capacity, ""), ground=ground, key=key_of(key))
    mission.close()
    show.say_either(
        {"leaf_index": entry.leaf_index, "at": iso(entry.at)},
        [f"Record {entry.leaf_index}: the mission goes on."],
        as_json=as_json,
    )


@suspension_app.command("status")
def status(folder: MissionDir, as_json: Json = False) -> None:
    """Tell whether a mission runs, is suspended, or has no keys; this needs no key."""
    from truceline.mission import open_mission
    from truceline.mission.evacuation.suspending import standing

    mission = open_mission(folder)
    found = standing(mission)
    mission.close()
    show.say_either(standing_document(found), standing_lines(found), as_json=as_json)


@suspension_app.command("entries")
def entries(folder: MissionDir, as_json: Json = False) -> None:
    """List what every recorded step states in public; this needs no key."""
    from truceline.mission import open_mission
    from truceline.mission.evacuation.suspending import public_entries

    mission = open_mission(folder)
    found = public_entries(mission)
    mission.close()
    documents: list[JSONValue] = [
        {
            "leaf_index": one.leaf_index,
            "at": iso(one.at),
            "fields": cast("dict[str, JSONValue]", dict(one.fields)),
            "withheld": [tier.value for tier in one.withheld],
            "own_key": one.own_key,
        }
        for one in found
    ]
    lines = []
    for one in found:
        told = ", ".join(
            f"{name} {value}" for name, value in sorted(one.fields.items()) if name != "step" and value != ""
        )
        lines.append(show.printable(f"{one.leaf_index}  {iso(one.at)}  {one.fields['step']}: {told}"))
    show.say_either({"entries": documents}, lines or ["No step is recorded."], as_json=as_json)


def roll_document(found: Roll) -> dict[str, JSONValue]:
    """Return the roll as a JSON object."""
    return {
        "phase": found.phase.value,
        "suspended_at": None if found.since is None else iso(found.since),
        "counts": dict(found.counts()),
        "persons": [
            {
                "person": line.person,
                "expected": line.expected,
                "status": "not known" if line.latest is None else line.latest.status.value,
                "at": None if line.latest is None else iso(line.latest.at),
                "leaf_index": None if line.latest is None else line.latest.leaf_index,
                "accounts": line.accounts,
            }
            for line in found.lines
        ],
    }


def roll_lines(found: Roll) -> list[str]:
    """Return the roll as lines for people."""
    since = "" if found.since is None else f"; suspended last on {iso(found.since)}"
    lines = [f"The mission: {found.phase.value}{since}."]
    if not any(line.expected for line in found.lines):
        lines.append("ATTENTION: no staff is listed, so nobody can be missed: truceline suspension staff")
    lines.append(", ".join(f"{count} {name}" for name, count in found.counts().items() if count) or "Nobody.")
    for line in found.lines:
        beside = "" if line.expected else "  (not on the list of staff)"
        if line.latest is None:
            lines.append(f"  NOT KNOWN    {show.printable(line.person)}")
        else:
            word = line.latest.status.value.replace("_", " ")
            lines.append(f"  {word:<11}  {show.printable(line.person)}, as of {iso(line.latest.at)}{beside}")
    return lines


def destroyed_document(done: Destroyed, remains: str) -> dict[str, JSONValue]:
    """Return a destruction of keys as a JSON object."""
    return {
        "leaf_index": done.leaf_index,
        "at": iso(done.at),
        "keys": [*done.keys],
        "published": done.published,
        "finished": done.finished,
        "unsealed": done.unsealed,
        "left": [*done.left],
        "remains": remains,
    }


def destroyed_lines(done: Destroyed, remains: str, folder: Path) -> list[str]:
    """Return a destruction of keys as lines for people."""
    lines = [
        f"Destroyed: {', '.join(done.keys)}. Record {done.leaf_index} says so, signed by two.",
        f"The mission can only be read from now on: truceline suspension status {folder}",
        "Backups, copies of the keys and what left this folder are not reached.",
    ]
    if remains:
        lines.append(f"ATTENTION: {remains}")
    if done.left:
        lines.append(f"ATTENTION: not touched in keys/: {', '.join(done.left)}.")
    if done.unsealed:
        lines.append(
            f"ATTENTION: {done.unsealed} openings that are not public lie open in vault/, from before there "
            "was sealing. Destroy the vault too if they must not be read."
        )
    if not done.finished:
        lines.append(
            "ATTENTION: another program has the mission open, so traces may be left on the disk. Close it, "
            f"then: truceline rebuild {folder}"
        )
    if not done.published:
        lines.append(f"The published log is behind; bring it up to date: truceline log verify {folder}")
    return lines


def standing_document(found: MissionStanding) -> dict[str, JSONValue]:
    """Return how a mission stands as a JSON object."""
    return {
        "phase": found.phase.value,
        "suspended_at": None if found.suspended_at is None else iso(found.suspended_at),
        "ground": found.ground,
        "hand_overs": [
            {
                "leaf_index": one.leaf_index,
                "at": iso(one.at),
                "to": one.to,
                "tree_size": one.tree_size,
                "root": one.root,
                "sha256": one.sha256,
                "with_keys": one.with_keys,
            }
            for one in found.hand_overs
        ],
        "destroyed_at": None if found.destroyed_at is None else iso(found.destroyed_at),
        "destroyed": [*found.destroyed],
    }


def standing_lines(found: MissionStanding) -> list[str]:
    """Return how a mission stands as lines for people."""
    lines = [f"The mission: {found.phase.value}."]
    if found.suspended_at is not None:
        lines.append(f"Suspended last on {iso(found.suspended_at)}: {found.ground}")
    for one in found.hand_overs:
        keys = "with" if one.with_keys else "without"
        lines += [
            f"Handed over on {iso(one.at)} to {one.to}: {one.tree_size} records, {keys} private keys.",
            f"  SHA-256 {one.sha256}",
        ]
    if found.destroyed_at is not None:
        lines.append(f"Keys destroyed on {iso(found.destroyed_at)}: {', '.join(found.destroyed)}.")
    return [show.printable(line) for line in lines]


def _confirm(mission_id: str, given: str | None) -> None:
    """Make sure that the keys of this very mission are meant.

    Raises:
        RejectedInput: They are not.
    """
    asked = "This cannot be undone. Type the mission's id to destroy its keys"
    said = typer.prompt(asked, err=True) if given is None else given
    if said != mission_id:
        raise RejectedInput(
            f"The mission's id is another, so nothing was destroyed. It is {mission_id}.",
            [Fault("destroy-keys", "--yes-destroy", "is not the mission's id", said)],
        )


def _moment(text: str) -> datetime:
    try:
        return as_utc(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        raise RejectedInput(
            "A time needs date, clock and zone, such as 2025-04-20T06:00:00Z.",
            [Fault("suspension", "--at", "not such a time", text)],
        ) from None
