# SPDX-License-Identifier: Apache-2.0
"""The verb that destroys what opens a part of a record, with two people's keys."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from truceline.cli import show
from truceline.vocabulary import Tier


def erase(
    folder: Annotated[Path, typer.Argument(metavar="MISSION", help="The mission's folder.")],
    record: Annotated[str, typer.Argument(metavar="RECORD", help="The record's id or leaf index.")],
    authority: Annotated[
        str, typer.Option("--authority", metavar="TEXT", help="Who decided it. Public: name an office.")
    ],
    ground: Annotated[
        str, typer.Option("--ground", metavar="TEXT", help="Why. Public: give nothing of the content away.")
    ],
    second_key: Annotated[
        Path, typer.Option("--second-key", metavar="FILE", help="A second person's key, in PEM.")
    ],
    tier: Annotated[Tier | None, typer.Option("--tier", help="Only this tier; else all of them.")] = None,
    row: Annotated[int | None, typer.Option("--row", help="Only this row of a batch, from 0.")] = None,
    field: Annotated[
        str | None, typer.Option("--field", metavar="NAME", help="Only this field of a single statement.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Destroy what opens a record, or a part of it, for good; the log still verifies."""
    from truceline.evidence import SigningKey
    from truceline.mission import open_mission
    from truceline.mission.erasure.erase import erase as destroy

    second = SigningKey.load(second_key)
    mission = open_mission(folder)
    with show.step_progress() as progress:
        done = destroy(
            mission,
            record,
            authority=authority,
            ground=ground,
            second=second,
            tier=tier,
            row=row,
            field=field,
            progress=progress,
        )
    mission.close()
    erased = done.erasure
    part = "" if erased.index is None else f", item {erased.index}"
    lines = [
        f"Erased: record {erased.leaf_index} ({erased.record_id}), {', '.join(erased.tiers)}{part}.",
        f"Recorded at leaf {done.erased_by}, signed by {erased.first} and {erased.second}.",
        "Backups, exports and reports that left this mission are not reached: erase there too.",
    ]
    if mission.store.remains:
        lines.append(mission.store.remains)
    if done.last_run is not None:
        lines.append(f"The last run had read it. Next: truceline run {folder}")
    if not done.finished:
        lines.append(
            "Another program has the mission open, so traces may be left on the disk. "
            f"Close it, then: truceline rebuild {folder}"
        )
    show.say_either(
        {
            "record": erased.record_id,
            "leaf_index": erased.leaf_index,
            "tiers": [one.value for one in erased.tiers],
            "index": erased.index,
            "erased_by": done.erased_by,
            "signers": [erased.first, erased.second],
            "finished": done.finished,
            "remains": mission.store.remains,
        },
        lines,
        as_json=as_json,
    )
