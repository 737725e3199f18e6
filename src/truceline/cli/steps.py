# SPDX-License-Identifier: Apache-2.0
"""One verb for each step of procedure, made from the step's own class.

A verb's name is the step's; its options are the step's fields.  Besides these, each says
in which mission, who acts in which capacity and for whom, and under which key.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import Parameter, Signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, cast

import typer
from rich.markup import escape
from typer.main import get_group

from truceline.cli import show
from truceline.cli.acting_as import As, DryRun, Json, KeyFile, MissionDir, Of, Person, key_of, who_of
from truceline.cli.named_file import read_named
from truceline.cli.step_groups import WITH_OWN_VERB
from truceline.interval import iso
from truceline.mechanism import STEPS
from truceline.procedure import Entry, Step
from truceline.procedure.asked import Asked, asked_of, summary_of
from truceline.procedure.typed import Given, step_from

if TYPE_CHECKING:
    from typer._click import Command

    from truceline.observation.codec import JSONValue

_ACTING: Mapping[str, tuple[object, object]] = {
    "_folder": (MissionDir, Parameter.empty),
    "_person": (Person, Parameter.empty),
    "_capacity": (As, Parameter.empty),
    "_of": (Of, ""),
    "_key": (KeyFile, None),
    "_dry_run": (DryRun, False),
    "_json": (Json, False),
}
"""What every verb is told besides the step's fields, and what holds where it is not told."""


def verbs_of(kind: str, markup: Literal["markdown", "rich"] | None) -> dict[str, Command]:
    """Return the verbs that take the steps of a kind, by name.

    Args:
        kind: The kind of record.
        markup: How the group shows its help.
    """
    made = typer.Typer(rich_markup_mode=markup)
    for step in STEPS.values():
        if step.kind == kind and step.name not in WITH_OWN_VERB:
            made.command(step.name, help=_shown(summary_of(step), markup))(_verb(step, markup))
    return dict(get_group(made).commands)


def _shown(text: str, markup: str | None) -> str:
    """Return a text that shows as it is written, brackets and all."""
    return escape(text) if markup == "rich" else text


def _verb(step: type[Step], markup: str | None) -> Callable[..., None]:
    """Return the function that a verb calls, with the signature that its options are read off."""

    def verb(**told: object) -> None:
        _take(step, told)

    acting = [
        Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        for name, (annotation, default) in _ACTING.items()
    ]
    stated = [_parameter(asked, markup) for asked in asked_of(step)]
    verb.__signature__ = Signature([*acting, *stated])  # type: ignore[attr-defined]  # see inspect.signature
    verb.__annotations__ = {}  # those of the signature hold
    return verb


def _parameter(asked: Asked, markup: str | None) -> Parameter:
    option = typer.Option(
        asked.option,
        metavar=asked.metavar,
        help=_shown(asked.described, markup),
        rich_help_panel="What is stated",
    )
    kind = list[str] if asked.repeated else str
    return Parameter(
        asked.name,
        Parameter.KEYWORD_ONLY,
        default=Parameter.empty if asked.required else None,
        annotation=Annotated[kind if asked.required else kind | None, option],
    )


def _take(step_class: type[Step], told: Mapping[str, object]) -> None:
    """Take a step as it was told, or only say whether it would be taken."""
    from truceline.mission import open_mission
    from truceline.mission.acting import act, would_take

    given = {name: cast("Given", value) for name, value in told.items() if name not in _ACTING}
    who = who_of(str(told["_person"]), str(told["_capacity"]), str(told["_of"]))
    key, dry_run = key_of(cast("Path | None", told["_key"])), bool(told["_dry_run"])
    step = step_from(step_class, given, files=read_named)
    mission = open_mission(Path(str(told["_folder"])))
    try:
        entry = (would_take if dry_run else act)(mission, who, step, key=key)
        signer = (key or mission.ledger.author).author
    finally:
        mission.close()
    show.say_either(
        entry_document(entry, signer, recorded=not dry_run),
        [entry_line(entry, signer, recorded=not dry_run)],
        as_json=bool(told["_json"]),
    )


def entry_document(entry: Entry, signer: str, *, recorded: bool = True) -> dict[str, JSONValue]:
    """Return a step that was taken, or would be, as a JSON object."""
    return {
        "step": entry.step.name,
        "kind": entry.step.kind,
        "recorded": recorded,
        "leaf_index": entry.leaf_index if recorded else None,
        "at": iso(entry.at),
        "person": entry.who.person,
        "capacity": entry.who.capacity.value,
        "on_behalf_of": entry.who.on_behalf_of,
        "own_key": entry.own_key,
        "signed_by": signer,
    }


def entry_line(entry: Entry, signer: str, *, recorded: bool = True) -> str:
    """Return a step that was taken, or would be, as a line for people."""
    by = f"by {entry.who.person} as {entry.who}"
    if not recorded:
        return f"{entry.step.name} would be taken now, {by}. This was a dry run; nothing was recorded."
    whose = "their own key" if entry.own_key else "the operator for them"
    return f"Recorded at leaf {entry.leaf_index}: {entry.step.name}, {by}; signed by {whose}: {signer}"
