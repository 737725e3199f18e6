# SPDX-License-Identifier: Apache-2.0
"""Verbs over procedure as a whole: every step there is, what was recorded, evidence, amendments."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from truceline.cli import show
from truceline.cli.acting_as import As, Json, KeyFile, MissionDir, Of, Person, key_of, who_of
from truceline.cli.step_groups import GROUPS, KIND_OF, WITH_OWN_VERB, group_of
from truceline.errors import Fault, RejectedInput
from truceline.interval import iso

if TYPE_CHECKING:  # loaded by the verbs that need them, so that --help is quick
    from truceline.evidence import JSON
    from truceline.mission.acts_shown import ShownAct
    from truceline.observation.codec import JSONValue
    from truceline.procedure import Step

_SHOWN_FIRST = frozenset({"step", "capacity", "on_behalf_of", "person"})
"""Fields that say who took which step: an entry's first line says them."""

Kind = Annotated[
    str | None,
    typer.Argument(metavar="KIND", help="A kind of record, or the group of its verbs; else all."),
]


def steps(kind: Kind = None, as_json: Json = False) -> None:
    """List every step of procedure there is, with its fields and who reads each."""
    from truceline.mechanism import STEPS

    asked = None if kind is None else _kind(kind, "steps")
    listed = [step for step in STEPS.values() if asked in (None, step.kind)]
    listed.sort(key=lambda step: step.kind)
    show.say_either(
        {"steps": [step_document(step) for step in listed]},
        [line for step in listed for line in step_lines(step)],
        as_json=as_json,
    )


def _kind(name: str, verb: str) -> str:
    """Return the kind of record that somebody names by itself or by the group of its verbs.

    Raises:
        RejectedInput: There is no such kind.
    """
    from truceline.mechanism import KINDS

    kind = KIND_OF.get(name, name)
    if kind not in KINDS:
        known = ", ".join(sorted({*KINDS, *(group for group, one in KIND_OF.items() if one in KINDS)}))
        raise RejectedInput(
            "There are no steps of that kind.", [Fault(verb, "KIND", f"not one of {known}", name)]
        )
    return kind


def step_document(step: type[Step]) -> dict[str, JSONValue]:
    """Return what a step is and asks for, as a JSON object."""
    from truceline.procedure.asked import asked_of, summary_of

    return {
        "step": step.name,
        "kind": step.kind,
        "verb": _verb_of(step),
        "help": summary_of(step),
        "tier": step.tier.value,
        "fields": [
            {
                "name": one.name,
                "option": one.option,
                "sort": one.sort.value,
                "choices": [*one.choices],
                "shape": one.shape,
                "list": one.repeated,
                "required": one.required,
                "tier": one.tier.value,
                "help": one.help,
            }
            for one in asked_of(step)
        ],
    }


def _verb_of(step: type[Step]) -> str | None:
    """Return the verb that takes a step; None: one of those of its kind that are written by hand."""
    group = group_of(step.kind)
    return WITH_OWN_VERB.get(step.name) or (f"{group} {step.name}" if group else None)


def step_lines(step: type[Step]) -> list[str]:
    """Return what a step is and asks for, as lines for people."""
    from truceline.procedure.asked import asked_of, summary_of

    lines = [f"{_verb_of(step) or f'{step.kind} {step.name}'} ({step.kind}): {summary_of(step)}"]
    by_hand = group_of(step.kind) is None or step.name in WITH_OWN_VERB
    for one in asked_of(step):
        written = one.metavar + (" ..." if one.repeated else "")
        needed = "" if one.required else ", may be left out"
        lines.append(
            f"  {one.name if by_hand else one.option} {written} ({one.tier.value}{needed}): {one.said}"
        )
    return lines


def recorded(
    folder: MissionDir,
    person: Person,
    capacity: As,
    on_behalf_of: Of = "",
    kind: Annotated[
        str | None, typer.Option("--kind", metavar="KIND", help="Only steps of this kind; else all.")
    ] = None,
    as_json: Json = False,
) -> None:
    """List every step that was recorded, as far as it is this reader's to see."""
    from truceline.mission import open_mission
    from truceline.mission.acts_shown import entries_for

    asked = None if kind is None else _kind(kind, "procedure")
    mission = open_mission(folder)
    try:
        acts = entries_for(mission, who_of(person, capacity, on_behalf_of), asked)
    finally:
        mission.close()
    show.say_either(
        {"exercise": mission.settings.exercise, "entries": [act_document(one) for one in acts]},
        [
            *(["EXERCISE: this mission is for training."] if mission.settings.exercise else []),
            *(line for one in acts for line in act_lines(one)),
            *([] if acts else ["No step is recorded that this reader may see."]),
        ],
        as_json=as_json,
    )


def act_document(act: ShownAct) -> dict[str, JSONValue]:
    """Return a recorded step as a JSON object."""
    return {
        "leaf_index": act.entry.leaf_index,
        "at": iso(act.entry.at),
        "kind": act.kind,
        "fields": json.loads(json.dumps(act.entry.fields)),
        "withheld": [tier.value for tier in act.entry.withheld],
        "own_key": act.entry.own_key,
        "irregular": bool(act.rule),
        "rule": act.rule,
        "reason": act.reason,
    }


def act_lines(act: ShownAct) -> list[str]:
    """Return a recorded step as lines for people."""
    entry, said = act.entry, act.entry.fields
    of = f" of {said['on_behalf_of']}" if said["on_behalf_of"] else ""
    person = f" ({said['person']})" if "person" in said else ""
    by = f"{str(said['capacity']).replace('_', ' ')}{of}{person}"
    key = "own key" if entry.own_key else "operator's key"
    lines = [f"{entry.leaf_index}  {iso(entry.at)}  {act.kind}  {said['step']}, by {by}; {key}"]
    if act.rule:
        why = f": {act.reason}" if act.reason else ""
        lines.append(f"  IRREGULAR, without effect. Forbidden by the rule {act.rule}{why}")
    for name, value in said.items():
        if name not in _SHOWN_FIRST:
            first, *more = _written(value).splitlines() or [""]
            lines += [f"  {name}: {first}", *(f"    {line}" for line in more)]
    if entry.withheld:
        lines.append(f"  withheld: {', '.join(tier.value for tier in entry.withheld)}")
    return [show.printable(line) for line in lines]


def _written(value: JSON) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


@GROUPS["case"].command("evidence")
def evidence(
    folder: MissionDir,
    incidents: Annotated[
        list[str] | None, typer.Option("--incident", metavar="ID", help="An incident of the last run.")
    ] = None,
    records: Annotated[
        list[str] | None, typer.Option("--record", metavar="RECORD", help="A record's id or leaf index.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write it here.")] = None,
) -> None:
    """Print records as the log now has them, in JSON: the --evidence of a step."""
    from pydantic import TypeAdapter

    from truceline.commission.steps import Evidence
    from truceline.mission import open_mission
    from truceline.mission.freezing import freeze

    mission = open_mission(folder)
    try:
        frozen = freeze(mission, incidents or [], records or [])
    finally:
        mission.close()
    document = TypeAdapter(Evidence).dump_json(frozen, indent=2).decode()
    if out is None:
        show.say(document)
    else:
        out.write_text(document + "\n", encoding="utf-8")
        show.say(f"{len(frozen.records)} records at tree size {frozen.tree_size}: {out}")


def amend(
    folder: MissionDir,
    pack: Annotated[Path, typer.Argument(metavar="PACK", help="The amended pack's folder.")],
    person: Person,
    capacity: As,
    ground: Annotated[str, typer.Option("--ground", metavar="TEXT", help="By what it was amended. Public.")],
    on_behalf_of: Of = "",
    key: KeyFile = None,
    as_json: Json = False,
) -> None:
    """Put an amended agreement in force; what was recorded before it stays under the old one."""
    from truceline.cli.steps import entry_document, entry_line
    from truceline.mission import open_mission
    from truceline.mission.amending import amend as put_in_force

    own_key = key_of(key)
    mission = open_mission(folder)
    try:
        entry = put_in_force(
            mission, who_of(person, capacity, on_behalf_of), pack, ground=ground, key=own_key
        )
        signer = (own_key or mission.ledger.author).author
    finally:
        mission.close()
    show.say_either(
        {**entry_document(entry, signer), "agreement_leaf": entry.leaf_index + 1},
        [
            entry_line(entry, signer),
            f"The agreement as amended is recorded at leaf {entry.leaf_index + 1}, and holds from there on.",
            f"Next: truceline run {folder}",
        ],
        as_json=as_json,
    )


def attach(
    folder: MissionDir,
    incident: Annotated[str, typer.Argument(metavar="INCIDENT", help="The incident's id.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A picture, film, sound or PDF, to 64 MiB.")],
    person: Person,
    capacity: As,
    described: Annotated[
        str,
        typer.Option("--described", metavar="TEXT", help="What it shows, and who may be harmed by it."),
    ],
    seen: Annotated[
        int, typer.Option("--seen", metavar="LEAF", help="The latest step on the incident that you saw.")
    ] = 0,
    key: KeyFile = None,
    as_json: Json = False,
) -> None:
    """Attach a file as evidence to the inquiry into an incident; it is sealed for the commission's tier."""
    from truceline.cli.steps import entry_document, entry_line
    from truceline.mission import open_mission
    from truceline.mission.acting import act
    from truceline.mission.evidence_files import attachment

    try:
        content = file.read_bytes()
    except OSError as error:
        raise RejectedInput(
            "The file cannot be read.", [Fault("attach", "FILE", str(error.strerror), str(file))]
        ) from error
    own_key = key_of(key)
    mission = open_mission(folder)
    try:
        step = attachment(mission, file.name, content, incident, described, seen=seen)
        entry = act(mission, who_of(person, capacity, ""), step, key=own_key)
        signer = (own_key or mission.ledger.author).author
    finally:
        mission.close()
    show.say_either(entry_document(entry, signer), [entry_line(entry, signer)], as_json=as_json)
