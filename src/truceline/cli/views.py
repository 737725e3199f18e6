# SPDX-License-Identifier: Apache-2.0
"""Verbs that show how the mechanism stands, to one reader and as of a moment."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from truceline.cli import show
from truceline.cli.acting_as import As, Json, MissionDir, Of, Person, who_of
from truceline.cli.step_groups import GROUPS
from truceline.errors import Fault, RejectedInput
from truceline.interval import as_utc

if TYPE_CHECKING:  # loaded by the verbs that need them, so that --help is quick
    from truceline.mission import Mission
    from truceline.observation.codec import JSONValue

At = Annotated[
    str | None,
    typer.Option("--at", metavar="DATE-TIME", help="As of when, RFC 3339 with zone; left out: now."),
]


def _shown(folder: Path, title: str, asked: Callable[[Mission], object], *, as_json: bool) -> None:
    """Open a mission, ask it something, and print the answer."""
    from pydantic import TypeAdapter

    from truceline.mission import open_mission

    mission = open_mission(folder)
    try:
        found = asked(mission)
    finally:
        mission.close()
    document: JSONValue = json.loads(TypeAdapter(object).dump_json(found, fallback=str))
    exercise = mission.settings.exercise
    lines = [show.printable(line) for line in _lines(document, 0)] or ["Nothing is recorded."]
    show.say_either(
        {"exercise": exercise, title: document},
        [*(["EXERCISE: this mission is for training."] if exercise else []), *lines],
        as_json=as_json,
    )


def _lines(value: JSONValue, depth: int) -> Iterator[str]:
    """Yield a document as indented lines: a name and what it is, a dash before each of several."""
    pad = "  " * depth
    if isinstance(value, dict):
        for name, one in value.items():
            if isinstance(one, dict | list) and one:
                yield f"{pad}{name}:"
                yield from _lines(one, depth + 1)
            else:
                yield f"{pad}{name}: {_plain(one)}"
    elif isinstance(value, list):
        for one in value:
            first, *more = list(_lines(one, 0)) or ["-"]
            yield f"{pad}- {first}"
            yield from (f"{pad}  {line}" for line in more)
    else:
        yield f"{pad}{_plain(value)}"


def _plain(value: JSONValue) -> str:
    return "none" if value in (None, [], {}, "") else str(value)


def _moment(mission: Mission, text: str | None) -> datetime:
    """Return the moment that somebody asks of, or now.

    Raises:
        RejectedInput: It is no moment with a zone.
    """
    if text is None:
        return mission.ledger.clock.now()
    try:
        return as_utc(datetime.fromisoformat(text)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise RejectedInput(
            "A moment needs date, clock and zone, such as 2031-03-04T09:00:00+02:00.",
            [Fault("as of", "--at", "not such a moment", text)],
        ) from None


@GROUPS["case"].command("show")
def cases(
    folder: MissionDir, person: Person, capacity: As, on_behalf_of: Of = "", as_json: Json = False
) -> None:
    """Show every case: what is due, what was said, what was found, as far as it is this reader's to see."""
    from truceline.mission import views

    who = who_of(person, capacity, on_behalf_of)
    _shown(folder, "cases", lambda mission: views.cases(mission, who), as_json=as_json)


@GROUPS["party"].command("show")
def submissions(
    folder: MissionDir, person: Person, capacity: As, on_behalf_of: Of = "", as_json: Json = False
) -> None:
    """Show what parties submitted, as far as it is this reader's to see."""
    from truceline.mission import views

    who = who_of(person, capacity, on_behalf_of)
    _shown(folder, "submissions", lambda mission: views.submissions(mission, who), as_json=as_json)


@GROUPS["state"].command("show")
def state(folder: MissionDir, at: At = None, as_json: Json = False) -> None:
    """Show how the agreement stands, how it came to that, and what is claimed of it."""
    from truceline.mission import views

    _shown(folder, "state", lambda mission: views.standing(mission, _moment(mission, at)), as_json=as_json)


@GROUPS["guarantee"].command("show")
def commitments(folder: MissionDir, as_json: Json = False) -> None:
    """Show each commitment: its gates, its obligations, and their clocks."""
    from truceline.mission import views

    _shown(folder, "commitments", views.commitments, as_json=as_json)


@GROUPS["guarantee"].command("outlook")
def outlook(
    folder: MissionDir,
    characterisations: Annotated[
        list[str] | None,
        typer.Option("--as", metavar="ID", help="What the breach would be called, by the pack's id."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show what a hypothetical finding of breach would open, and which gate is shut. Nothing is recorded."""
    from truceline.mission import views

    named = tuple(characterisations or ())
    _shown(folder, "outlook", lambda mission: views.outlook(mission, named), as_json=as_json)


@GROUPS["coalition"].command("show")
def coalition(folder: MissionDir, at: At = None, as_json: Json = False) -> None:
    """Show who has which role in the coalition."""
    from truceline.mission import views

    _shown(
        folder, "holdings", lambda mission: views.coalition(mission, _moment(mission, at)), as_json=as_json
    )


@GROUPS["coalition"].command("departure")
def departure(
    folder: MissionDir,
    actor: Annotated[str, typer.Option("--actor", metavar="ID", help="Who would leave.")],
    at: At = None,
    as_json: Json = False,
) -> None:
    """Show what would fall away if an actor left. Nothing is recorded."""
    from truceline.mission import views

    _shown(
        folder,
        "falls_away",
        lambda mission: views.departure(mission, actor, _moment(mission, at)),
        as_json=as_json,
    )


@GROUPS["force"].command("show")
def force(
    folder: MissionDir,
    person: Person,
    capacity: As,
    on_behalf_of: Of = "",
    at: At = None,
    as_json: Json = False,
) -> None:
    """Show contingents and hubs; places of hubs coarsely, but to those who read the commission's tier."""
    from truceline.mission import views

    who = who_of(person, capacity, on_behalf_of)
    _shown(folder, "force", lambda mission: views.force(mission, who, _moment(mission, at)), as_json=as_json)


@GROUPS["support"].command("show")
def support(folder: MissionDir, at: At = None, as_json: Json = False) -> None:
    """Show the support ledger: pledged, allocated, to be allocated, and that it balances."""
    from truceline.mission import views

    _shown(folder, "support", lambda mission: views.support(mission, _moment(mission, at)), as_json=as_json)


SHOWING = GROUPS
"""The groups, each with its verb that shows how things stand."""
