# SPDX-License-Identifier: Apache-2.0
"""``truceline disclose`` and ``truceline audit``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from truceline.cli import show
from truceline.interval import iso

if TYPE_CHECKING:  # loaded by the verbs that need them, so that --help is quick
    from truceline.mission.audit.checks import AuditReport
    from truceline.mission.audit.disclosure import DisclosureSummary
    from truceline.observation.codec import JSONValue

VERDICT_WIDTH = len("NOT SEEN")

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def disclose(
    folder: Annotated[Path, typer.Argument(metavar="MISSION", help="The mission's folder.")],
    audience: Annotated[
        str, typer.Option("--audience", metavar="A", help="One that the pack's release rules name.")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The disclosure.")],
    as_json: Json = False,
) -> None:
    """Write one file by which an audience can check the log and compute its results again."""
    from truceline.mission import open_mission
    from truceline.mission.audit.disclosure import disclose as write

    mission = open_mission(folder)
    summary = write(mission, audience, out)
    mission.close()
    show.say_either(disclose_document(summary, out), disclose_lines(summary, out), as_json=as_json)


def audit(
    log: Annotated[Path, typer.Argument(metavar="LOG", help="The published log's folder.")],
    disclosure: Annotated[Path, typer.Argument(metavar="DISCLOSURE", help="The file you were given.")],
    key: Annotated[
        str | None, typer.Option("--key", metavar="VKEY", help="The log's verifier key, had from elsewhere.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Check a log and what was disclosed of it, and compute its runs again.

    The exit code is 0 only if nothing differs.
    """
    from truceline.mission.audit.checks import audit as check

    with show.step_progress() as progress:
        report = check(log, disclosure, key, progress=progress)
    show.say_either(audit_document(report), audit_lines(report), as_json=as_json)
    if not report.sound:
        raise typer.Exit(1)


def disclose_document(summary: DisclosureSummary, out: Path) -> dict[str, JSONValue]:
    """Return a disclosure as a JSON object."""
    manifest = cast("dict[str, JSONValue]", summary.manifest.model_dump(mode="json"))
    return {
        "file": str(out),
        "manifest": manifest,
        "openings": summary.openings,
        "items_opened": summary.opened,
        "items_withheld": summary.withheld,
    }


def disclose_lines(summary: DisclosureSummary, out: Path) -> list[str]:
    """Return a disclosure as lines for people."""
    manifest = summary.manifest
    items = f"{summary.opened:,} items opened, {summary.withheld:,} withheld"
    lines = [
        f"{out}: for {manifest.audience}, at {manifest.size} records.",
        f"  {summary.openings} openings ({', '.join(manifest.tiers)}): {items}.",
    ]
    if manifest.delayed:
        late = f"logged within the last {manifest.delay_hours} hours"
        lines.append(f"  {len(manifest.delayed)} records left out: {late}.")
    if manifest.coarsened:
        lines.append(
            f"  {len(manifest.coarsened)} records with their rows withheld: no exact places for "
            f"{manifest.audience}."
        )
    if manifest.unavailable:
        lines.append(f"  {len(manifest.unavailable)} records of which a tier was erased or cannot be read.")
    return lines


def audit_document(report: AuditReport) -> dict[str, JSONValue]:
    """Return an audit as a JSON object."""
    manifest, log = report.manifest, report.log
    return {
        "sound": report.sound,
        "log": None if log is None else {
            "origin": log.checkpoint.origin,
            "size": log.checkpoint.size,
            "root": log.checkpoint.root.hex(),
            "key": log.key,
            "key_given": log.key_given,
        },
        "disclosure": {
            "mission": manifest.mission,
            "exercise": manifest.exercise,
            "size": manifest.size,
            "audience": manifest.audience,
            "made_at": iso(manifest.made_at),
        },
        "checks": [
            {"name": one.name, "verdict": one.verdict.value, "ground": one.ground, "place": one.place}
            for one in report.checks
        ],
        "not_seen": [
            {"kind": one.kind, "tiers": [*one.tiers], "records": one.records, "items": one.items}
            for one in report.unseen
        ],
        "recorded": {one.kind: {"records": one.records, "items": one.items} for one in report.recorded},
        "imports": asdict(report.imports),
    }  # fmt: skip


def audit_lines(report: AuditReport) -> list[str]:
    """Return an audit as lines for people."""
    manifest, width = report.manifest, VERDICT_WIDTH
    lines = ["EXERCISE: this mission is for training."] if manifest.exercise else []
    lines.append(
        f"Audit of {manifest.origin}, by the disclosure to {manifest.audience} of {iso(manifest.made_at)}."
    )
    for one in report.checks:
        first, *rest = one.ground.splitlines()
        lines.append(f"  {one.verdict.upper():{width}}  {one.name}: {first}")
        lines += [f"  {'':{width}}  {line}" for line in rest]
        if one.verdict != "holds" or one.name == "run":
            lines.append(f"  {'':{width}}  at {one.place}")
    if report.unseen:
        lines.append("Could not be seen:")
        lines += [
            f"  {one.items:,} items of {one.kind}, tier {' or '.join(one.tiers)}, in {one.records:,} records"
            for one in report.unseen
        ]
    if report.recorded:
        recorded = {one.kind: one for one in report.recorded}
        conflicts, erasures, rows = recorded.get("conflicts"), recorded.get("erasure"), report.imports
        waiting, gone = conflicts.items if conflicts else 0, erasures.records if erasures else 0
        fates = (
            f"{rows.accepted:,} accepted, {rows.known:,} known already, {rows.refused:,} refused, "
            f"{rows.conflicts:,} in conflict"
        )
        lines += [
            f"Recorded: {', '.join(f'{one.records:,} {one.kind}' for one in report.recorded)}.",
            f"  conflicts waiting for a person: {waiting:,}; erasures: {gone:,}",
            f"  rows of imported files: {rows.rows:,}: {fates}",
        ]
    return [show.printable(line) for line in (*lines, _conclusion(report))]


def _conclusion(report: AuditReport) -> str:
    differing, open_checks = len(report.differing), len(report.not_seen)
    if differing:
        return f"{differing} checks DIFFER. Do not rely on this record until each is explained."
    hidden = sum(one.items for one in report.unseen)
    if open_checks or hidden:
        return f"Nothing differs. {open_checks} checks and {hidden:,} items are NOT SEEN, as listed above."
    return "Nothing differs, and everything was seen."
