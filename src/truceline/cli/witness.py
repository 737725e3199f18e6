# SPDX-License-Identifier: Apache-2.0
"""The verbs of witnesses and time-stamps: for those who witness, and for the mission."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from truceline.cli import show
from truceline.errors import Fault, RejectedInput

if TYPE_CHECKING:
    from truceline.evidence.verify.policy import Attestation
    from truceline.observation.codec import JSONValue

witness_app = typer.Typer(help="Witness a log, or have a mission's log witnessed.", no_args_is_help=True)

WitnessDir = Annotated[Path, typer.Argument(metavar="DIR", help="The witness's own folder.")]
MissionDir = Annotated[Path, typer.Argument(metavar="MISSION", help="The mission's folder.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@witness_app.command("init")
def witness_init(
    folder: WitnessDir,
    name: Annotated[str, typer.Option("--name", help="Its name, like witness.example/north.")],
    as_json: Json = False,
) -> None:
    """Make a witness: its key and an empty memory."""
    import os

    from truceline.evidence.witness_desk import make_witness

    key = make_witness(folder, name, os.urandom)
    show.say_either(
        {"witness": name, "folder": str(folder), "key": key},
        [
            f"The witness {name} is ready in {folder}. Its key, to be given to the mission and the parties:",
            f"  {key}",
            "Keep the folder: a witness that has lost it must stop, and start under a new key.",
        ],
        as_json=as_json,
    )


@witness_app.command("serve")
def witness_serve(
    folder: WitnessDir,
    logs: Annotated[list[str], typer.Option("--log", metavar="VKEY", help="A log's verifier key.")],
    listen: Annotated[str, typer.Option("--listen", metavar="HOST:PORT")] = "127.0.0.1:8350",
) -> None:
    """Answer logs that ask for a cosignature (C2SP tlog-witness), until interrupted."""
    from truceline.clock import SystemClock
    from truceline.evidence.witness_desk import Desk, WitnessServer

    host, _, port = listen.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65_535:
        raise RejectedInput(
            "Name a host and a port.", [Fault("witness serve", "--listen", "not HOST:PORT", listen)]
        )
    desk = Desk(folder, logs, SystemClock())
    server = WitnessServer((host, int(port)), desk, show.complain)
    show.say(f"{desk.witness.name} answers at http://{host}:{server.server_port}/add-checkpoint")
    for origin in desk.witness.logs:
        last = desk.last(origin)
        show.say(f"  {origin}: {'nothing seen yet' if last is None else f'{last.size} entries seen'}")
    sys.stdout.flush()
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        show.complain("Stopped.")
    finally:
        server.server_close()
        desk.close()


@witness_app.command("collect")
def witness_collect(folder: MissionDir, as_json: Json = False) -> None:
    """Ask the witnesses of MISSION/policy.txt for cosignatures, and publish what comes."""
    from truceline.mission import open_mission
    from truceline.mission.witnesses.asking import Answer
    from truceline.mission.witnesses.witnessing import collect

    mission = open_mission(folder)
    try:
        found = collect(mission)
    finally:
        mission.close()
    show.say_either(
        {
            "size": found.size,
            "shown": found.shown,
            "witnesses": [
                {
                    "name": _shown(each.name),
                    "answer": each.answer.value,
                    "size": each.size,
                    "why": each.reason,
                }
                for each in found.states
            ],
            **_attestation_document(found.attestation),
        },
        [
            f"Checkpoint of {found.size} entries: {_attested(found.attestation)}.",
            *(
                f"  {_shown(each.name)}: {each.answer.value}{': ' + each.reason if each.reason else ''}"
                for each in found.states
            ),
            *([] if found.shown else ["A later checkpoint is published by now; collect again."]),
        ],
        as_json=as_json,
    )
    if any(each.answer in (Answer.AHEAD, Answer.FORKED) for each in found.states):
        show.complain("A witness has seen another log than this. Stop, and find out which is right.")
        raise typer.Exit(1)


@witness_app.command("status")
def witness_status(folder: MissionDir, as_json: Json = False) -> None:
    """Tell how far a mission's log is attested, asking nobody."""
    from truceline.mission import open_mission
    from truceline.mission.witnesses.witnessing import witness_standing

    mission = open_mission(folder)
    try:
        found = witness_standing(mission)
    finally:
        mission.close()
    lines = [f"Latest checkpoint, {found.size} entries: {_attested(found.attestation)}."]
    lines += [f"  {_shown(name)}: cosigned {at.isoformat()}" for name, at in found.attestation.by]
    lines += [f"  {_shown(name)}: not yet" for name in found.attestation.missing]
    if found.attested_size is None:
        lines.append("No checkpoint is attested yet.")
    elif found.attested_size < found.size:
        lines.append(f"Attested up to {found.attested_size} of {found.size} entries.")
    show.say_either(
        {
            "size": found.size,
            "attested_size": found.attested_size,
            **_attestation_document(found.attestation),
        },
        lines,
        as_json=as_json,
    )


def timestamp(
    folder: MissionDir,
    certificates: Annotated[
        Path,
        typer.Option("--authority", metavar="PEM", help="The authority's certificates, with its root."),
    ],
    url: Annotated[str | None, typer.Option("--tsa", metavar="URL", help="Ask this authority.")] = None,
    token: Annotated[
        Path | None, typer.Option("--token", metavar="FILE", help="Take this response (.tsr), got elsewhere.")
    ] = None,
    size: Annotated[
        int | None, typer.Option("--size", help="Which checkpoint the token is over; else the latest.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Have the latest checkpoint time-stamped (RFC 3161), and publish the stamp."""
    from truceline.evidence.timestamp import MAX_TOKEN, read_authority
    from truceline.evidence.verify.tiles import read_file
    from truceline.mission import open_mission
    from truceline.mission.witnesses.timestamping import keep_token, stamp

    if (url is None) == (token is None) or (size is not None and token is None):
        raise RejectedInput("Give either --tsa URL, or --token FILE and, if need be, its --size.")
    authority = read_authority(certificates)
    mission = open_mission(folder)
    try:
        if url is not None:
            stamped = stamp(mission, url, authority)
        elif token is not None:
            stamped = keep_token(mission, read_file(token, MAX_TOKEN), authority, size)
    finally:
        mission.close()
    show.say_either(
        {"size": stamped.size, "stamped_at": stamped.stamped_at.isoformat(), "token": str(stamped.token)},
        [
            f"The first {stamped.size} entries existed by {stamped.stamped_at.isoformat()}.",
            f"  {stamped.token}",
        ],
        as_json=as_json,
    )


def _shown(name: str) -> str:
    """Return a policy's name such that any terminal can print it: its octets are opaque."""
    return name.encode("utf-8", "backslashreplace").decode()


def _attested(found: Attestation) -> str:
    known = len(found.by) + len(found.missing)
    return (
        f"{'attested' if found.attested else 'NOT attested'}, {len(found.by)} of {known} witnesses cosigned"
    )


def _attestation_document(found: Attestation) -> dict[str, JSONValue]:
    return {
        "attested": found.attested,
        "by": {_shown(name): at.isoformat() for name, at in found.by},
        "missing": [_shown(name) for name in found.missing],
    }
