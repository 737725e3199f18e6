# SPDX-License-Identifier: Apache-2.0
"""``truceline exercise``: a mission made up for training, from any pack."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from truceline.cli import show
from truceline.cli.serve import Port, serve_mission
from truceline.clock import SystemClock
from truceline.errors import Fault, RejectedInput

if TYPE_CHECKING:
    from truceline.exercise import Made


def exercise(
    pack: Annotated[Path, typer.Argument(metavar="PACK", help="The agreement pack's folder.")],
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where it goes; a folder of its own.")],
    days: Annotated[int, typer.Option("--days", help="How many days it spans.")] = 30,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same exercise.")] = 1,
    until: Annotated[
        str | None,
        typer.Option("--until", metavar="DATE-TIME", help="When it ends, with a zone; left out: now."),
    ] = None,
    serve: Annotated[bool, typer.Option("--serve", help="Serve it afterwards.")] = False,
    port: Port = 8000,
) -> None:
    """Make a training mission, marked EXERCISE: made-up events, reports, cases and all that follows."""
    from truceline.exercise import Asked, make_exercise

    now = SystemClock().now()
    asked = Asked(days, seed, now if until is None else _moment(until, now))
    show.say(f"EXERCISE. Making {days} days that end on {asked.until:%d %B %Y, %H:%M} UTC.")
    with show.step_progress() as progress:
        made = make_exercise(pack, folder, asked, progress)
    for line in lines(made):
        show.say(line)
    if serve:
        serve_mission(made.mission, "127.0.0.1", port, None)


def lines(made: Made) -> list[str]:
    """Say what was made, what was left out, where the truth lies and how to serve it."""
    steps = sum(made.steps.values())
    counted = (
        f"{made.events} true events, {made.reports} reports of them and of what never was, "
        f"{made.watches} watches; {made.incidents} incidents; {steps} steps of procedure; "
        f"{made.records} records."
    )
    return [
        counted,
        *(f"  {case}: {stage}" for case, stage in made.cases.items()),
        *(f"Left out: {reason}." for reason in made.left_out),
        f"EXERCISE truth, for trainers alone: {made.truth}",
        f"Daily reports: {made.folder / 'reports'}",
        f"Serve it: truceline serve {made.mission}",
    ]


def _moment(text: str, now: datetime) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise RejectedInput(
            "The end needs date, clock and zone, such as 2026-05-31T18:00:00Z.",
            [Fault("exercise", "--until", "not such a moment", text)],
        )
    if moment > now:
        raise RejectedInput(
            "An exercise cannot end in the future: nothing done afterwards could be dated after it.",
            [Fault("exercise", "--until", "later than now", text)],
        )
    return moment.astimezone(UTC).replace(microsecond=0)
