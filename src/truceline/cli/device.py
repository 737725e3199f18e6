# SPDX-License-Identifier: Apache-2.0
"""The verbs of devices: making one, signing with it, enrolling its key, submitting what it signed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from truceline.cli import show
from truceline.clock import SystemClock
from truceline.errors import Fault, RejectedInput

if TYPE_CHECKING:
    from truceline.mission.devices.device_status import AuthorStatus
    from truceline.mission.devices.enrolment import Bounds
    from truceline.mission.devices.receipts import Receipt
    from truceline.observation.codec import JSONValue

device_app = typer.Typer(
    help="Keys that sign where things are seen, and who holds them.", no_args_is_help=True
)

MissionDir = Annotated[Path, typer.Argument(metavar="MISSION", help="The mission's folder.")]
DeviceDir = Annotated[Path, typer.Argument(metavar="DIR", help="The device's folder.")]
Author = Annotated[
    str, typer.Argument(metavar="AUTHOR", help="The key's id, ed25519:..., as its device shows it.")
]
Ground = Annotated[str, typer.Option("--ground", help="Why, in words; for the commission.")]
LogKey = Annotated[str | None, typer.Option("--key", help="The log's verifier key, had from elsewhere.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Word = TypeVar("Word", bound=str)


@device_app.command("new")
def device_new(
    folder: DeviceDir,
    name: Annotated[str, typer.Option("--name", help="What people call it.")],
    key: LogKey = None,
    as_json: Json = False,
) -> None:
    """Make a device: its key, and its count of what it signed."""
    from truceline.mission.devices.signing_device import new_device

    device = new_device(folder, name, os.urandom, key)
    show.say_either(
        {"device": str(folder), "name": name, "author": device.author},
        [
            f"Device {name} is ready in {folder}. It signs as:",
            f"  {device.author}",
            "Have the mission enrol that. Never copy the folder: two copies would count as two devices.",
        ],
        as_json=as_json,
    )


@device_app.command("sign")
def device_sign(
    folder: DeviceDir,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="One JSON statement a line.")],
    kind: Annotated[str, typer.Option("--as-kind", metavar="KIND", help="observations, claims or watches.")],
    out: Annotated[Path, typer.Option("--out", metavar="SUBMISSION", help="The new submission file.")],
    seen: Annotated[
        Path | None,
        typer.Option("--seen", metavar="CHECKPOINT", help="The log's latest; else the one seen last."),
    ] = None,
    tier: Annotated[
        str, typer.Option("--tier", help="Whom it may be released to: public, parties, commission or sealed.")
    ] = "commission",
    key: LogKey = None,
    as_json: Json = False,
) -> None:
    """Sign statements as one record, with no network and no mission."""
    from truceline.mission.devices.signing_device import open_device, read_rows, see, sign
    from truceline.observation.codec import STATEMENT_KINDS
    from truceline.vocabulary import Tier

    chosen = _choice("--as-kind", kind, STATEMENT_KINDS)
    released = Tier(_choice("--tier", tier, tuple(one.value for one in Tier)))
    device = open_device(folder)
    record = sign(
        device,
        chosen,
        read_rows(file),
        tier=released,
        seen_size=see(device, seen, key),
        out=out,
        clock=SystemClock(),
        entropy=os.urandom,
    )
    leaf = record.leaf
    show.say_either(
        {
            "submission": str(out),
            "record": leaf.record_id,
            "author_seq": leaf.author_seq,
            "items": leaf.items,
            "seen_size": leaf.seen_size,
        },
        [f"{out}: {leaf.items} {kind}, signed by {device.name} as its number {leaf.author_seq}."],
        as_json=as_json,
    )


@device_app.command("enrol")
def device_enrol(
    folder: MissionDir,
    author: Author,
    holder: Annotated[str, typer.Option("--holder", help="Who holds it, in words; for the commission.")],
    role: Annotated[str, typer.Option("--role", help="As what, e.g. monitor.")],
    since: Annotated[
        str | None, typer.Option("--from", metavar="T", help="From when on; else from now on.")
    ] = None,
) -> None:
    """Record who holds a key."""
    from truceline.mission import open_mission
    from truceline.mission.devices.enrolment import enrol

    moment = None if since is None else _moment("--from", since)
    mission = open_mission(folder)
    index = enrol(mission, author, holder=holder, role=role, since=moment)
    mission.close()
    show.say(f"Record {index}: {author} is enrolled.")


@device_app.command("rotate")
def device_rotate(
    folder: MissionDir,
    old: Annotated[str, typer.Argument(metavar="OLD", help="The key that ends.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The same holder's new key.")],
) -> None:
    """Record that a holder goes over to a new key."""
    from truceline.mission import open_mission
    from truceline.mission.devices.enrolment import rotate

    mission = open_mission(folder)
    index = rotate(mission, old, new)
    mission.close()
    show.say(f"Record {index}: {new} takes the place of {old}.")


@device_app.command("revoke")
def device_revoke(folder: MissionDir, author: Author, ground: Ground) -> None:
    """Record that a key may sign no more."""
    from truceline.mission import open_mission
    from truceline.mission.devices.enrolment import revoke

    mission = open_mission(folder)
    index = revoke(mission, author, ground=ground)
    mission.close()
    show.say(f"Record {index}: {author} is revoked. What it signed before stays.")


@device_app.command("compromise")
def device_compromise(
    folder: MissionDir,
    author: Author,
    since: Annotated[str, typer.Option("--since", metavar="T", help="Since when others may have used it.")],
    ground: Ground,
) -> None:
    """Record since when others may have used a key; what it signed since is marked in doubt."""
    from truceline.mission import open_mission
    from truceline.mission.devices.enrolment import compromise

    moment = _moment("--since", since)
    mission = open_mission(folder)
    index = compromise(mission, author, since=moment, ground=ground)
    mission.close()
    show.say(f"Record {index}: {author} is compromised since {since}. What it signed stays, marked in doubt.")


@device_app.command("status")
def device_status(folder: MissionDir, as_json: Json = False) -> None:
    """Tell of each author who holds its key, what is missing, and what is in doubt."""
    from truceline.mission import open_mission
    from truceline.mission.devices.device_status import device_status as tell
    from truceline.mission.witnesses.witnessing import attested_times

    mission = open_mission(folder)
    authors = tell(mission, attested_times(mission))
    mission.close()
    show.say_either(
        {"authors": [_author_document(one) for one in authors]},
        [line for one in authors for line in _author_lines(one)],
        as_json=as_json,
    )


def submit(
    folder: MissionDir,
    submissions: Annotated[
        list[Path], typer.Argument(metavar="SUBMISSION...", help="Files that devices signed.")
    ],
    proofs: Annotated[
        Path | None,
        typer.Option("--proofs", metavar="DIR", help="Where the proofs go; else beside each file."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Take what devices signed into the log; write a proof for each."""
    from truceline.mission import open_mission
    from truceline.mission.devices.submitting import submit_files
    from truceline.storage import write_durably

    mission = open_mission(folder)
    receipts = []
    for receipt in submit_files(mission, submissions):
        receipts.append(receipt)
        if receipt.proof is not None:
            file = Path(receipt.name)
            place = (file.parent if proofs is None else proofs) / f"{file.name}.tlog-proof"
            write_durably(place, receipt.proof.encode())
        if not as_json:
            for line in _receipt_lines(receipt):
                show.say(line)
    mission.close()
    if as_json:
        show.say_json({"submissions": [_receipt_document(one) for one in receipts]})
    if not all(receipt.taken for receipt in receipts):
        raise typer.Exit(1)


def _receipt_lines(receipt: Receipt) -> list[str]:
    where = "" if receipt.leaf_index is None else f", record {receipt.leaf_index}"
    lines = [f"{receipt.name}: {receipt.outcome}{where}" + (f": {receipt.reason}" if receipt.reason else "")]
    if receipt.missing is not None:
        lines.append(f"  {receipt.author} has not submitted {_ranges([receipt.missing])} yet: ask for it.")
    return lines


def _receipt_document(receipt: Receipt) -> JSONValue:
    return {
        "submission": receipt.name,
        "outcome": receipt.outcome.value,
        "reason": receipt.reason,
        "author": receipt.author,
        "author_seq": receipt.author_seq,
        "missing": None if receipt.missing is None else list(receipt.missing),
        "leaf_index": receipt.leaf_index,
    }


def _author_lines(one: AuthorStatus) -> list[str]:
    held = "held by nobody that is recorded"
    if one.holding is not None:
        role = f" ({one.holding.role})" if one.holding.role else ""
        held = f"{one.holding.holder or 'holder not open to us'}{role}"
    lines = [one.author, f"  {held}; {one.standing}; {one.records:,} records"]
    if one.first is not None and one.last is not None:
        lines.append(f"  first made {_bounds_text(one.first)}; last {_bounds_text(one.last)}")
    told = (
        ("missing", _ranges(one.numbers.missing)),
        ("used for two records", _numbers(one.forks)),
        ("kept, not admitted", _numbers(one.kept)),
        ("late", _numbers(one.numbers.late)),
    )
    lines += [f"  numbers {word}: {numbers}" for word, numbers in told if numbers]
    lines += [f"  in doubt: {record_id}: {why}" for record_id, why in one.doubts[: show.SHOWN_REFUSALS]]
    if len(one.doubts) > show.SHOWN_REFUSALS:
        lines.append(f"  and {len(one.doubts) - show.SHOWN_REFUSALS:,} more in doubt; --json lists them all.")
    return lines


def _author_document(one: AuthorStatus) -> JSONValue:
    return {
        "author": one.author,
        "holder": None if one.holding is None else one.holding.holder,
        "role": None if one.holding is None else one.holding.role,
        "state": one.standing.state.value,
        "since": None if one.standing.since is None else _text(one.standing.since),
        "records": one.records,
        "missing": [list(gap) for gap in one.numbers.missing],
        "forks": list(one.forks),
        "kept": list(one.kept),
        "late": list(one.numbers.late),
        "first": None if one.first is None else _bounds_document(one.first),
        "last": None if one.last is None else _bounds_document(one.last),
        "doubts": [{"record": record_id, "reason": why} for record_id, why in one.doubts],
    }


def _bounds_text(bounds: Bounds) -> str:
    after = "" if bounds.not_before is None else f"after {_text(bounds.not_before)} and "
    return f"{after}by {_text(bounds.not_after)}" + (" (vouched for outside)" if bounds.vouched else "")


def _bounds_document(bounds: Bounds) -> JSONValue:
    return {
        "not_before": None if bounds.not_before is None else _text(bounds.not_before),
        "not_after": _text(bounds.not_after),
        "vouched": bounds.vouched,
    }


def _ranges(ranges: Sequence[tuple[int, int]]) -> str:
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in ranges)


def _numbers(numbers: Sequence[int]) -> str:
    return ", ".join(str(number) for number in numbers)


def _text(moment: datetime) -> str:
    from truceline.interval import iso

    return iso(moment)


def _choice(option: str, given: str, known: tuple[Word, ...]) -> Word:
    for one in known:
        if one == given:
            return one
    raise RejectedInput(
        f"{option} is one of {', '.join(known)}.", [Fault("device", option, "unknown", given)]
    )


def _moment(option: str, text: str) -> datetime:
    from truceline.interval import as_utc

    try:
        return as_utc(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        raise RejectedInput(
            f"{option} is a moment in UTC, e.g. 2025-04-19T15:00:00Z.",
            [Fault("device", option, "not such a moment", text)],
        ) from None
