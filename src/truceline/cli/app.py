# SPDX-License-Identifier: Apache-2.0
"""The verbs.  Each opens what it needs, calls one service and prints the result.

Rooms are imported inside the verbs that need them, so that ``--help`` is quick.
"""

from __future__ import annotations

import gc
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from truceline import __version__
from truceline.cli import audit, imports, procedure, show, views
from truceline.cli.device import device_app, submit
from truceline.cli.erasure import erase
from truceline.cli.evacuation import suspension_app
from truceline.cli.exercise import exercise
from truceline.cli.recovery import Database, backup, reconcile, restore
from truceline.cli.serve import Port, serve
from truceline.cli.witness import timestamp, witness_app
from truceline.errors import Fault, MechanismError, RejectedInput
from truceline.evidence.verify import VerificationError
from truceline.interval import EARLIEST, LATEST
from truceline.observation.codec import JSONValue
from truceline.vocabulary import Tier

app = typer.Typer(
    name="truceline",
    help="Ceasefire monitoring and verification in a record that mistrusting parties can check.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
log_app = typer.Typer(help="Check the published log, and prove a record from it.", no_args_is_help=True)
pack_app = typer.Typer(help="Work on agreement packs.", no_args_is_help=True)
app.add_typer(log_app, name="log")
app.add_typer(pack_app, name="pack")
app.command()(audit.disclose)
app.command()(audit.audit)
app.add_typer(device_app, name="device")
app.command("submit")(submit)
app.command("erase")(erase)
app.add_typer(suspension_app, name="suspension")
app.command("backup")(backup)
app.command("restore")(restore)
app.command("reconcile")(reconcile)
app.add_typer(witness_app, name="witness")
app.command("timestamp")(timestamp)
app.command("serve")(serve)
app.command("exercise")(exercise)
app.command("steps")(procedure.steps)
app.command("procedure")(procedure.recorded)
app.command("amend")(procedure.amend)
app.command("attach")(procedure.attach)
for group in (views.SHOWING | imports.TAKING).values():
    app.add_typer(group)

MissionDir = Annotated[Path, typer.Argument(metavar="MISSION", help="The mission's folder.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def main() -> None:
    """Run the command line; refusals become a message and exit code 1."""
    # One verb makes many objects and ends: looking for cycles among them all the while costs a quarter
    # of a long import or report, and finds none.
    gc.set_threshold(100_000, 50, 100)
    try:
        app()
    except (MechanismError, VerificationError, OSError) as error:
        for line in show.refusal_lines(error):
            show.complain(line)
        if "--json" in sys.argv:
            show.say_json(show.refusal_document(error))
        sys.exit(1)
    finally:
        gc.freeze()  # nor is there anything to find among what is let go of at the end


def _version(value: bool) -> None:
    if value:
        show.say(f"truceline {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    _version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


@app.command()
def init(
    pack: Annotated[Path, typer.Argument(metavar="PACK", help="The agreement pack's folder.")],
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The new mission's folder.")],
    mission_id: Annotated[str | None, typer.Option("--id", help="The mission's id; else the pack's.")] = None,
    exercise: Annotated[
        bool, typer.Option("--exercise", help="For training: mark everything EXERCISE.")
    ] = False,
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Make a mission under an agreement."""
    from truceline.mission import init_mission

    mission = init_mission(pack, folder, mission_id=mission_id, exercise=exercise, database_url=database)
    title, place = mission.agreement.title["en"], mission.store.place
    show.say_either(
        {
            "mission": mission.settings.mission_id,
            "folder": str(folder),
            "origin": mission.settings.origin,
            "database": place,
        },
        [
            f"Mission {mission.settings.mission_id} is ready in {folder}, under: {title}.",
            *([] if database is None else [f"Its records are in {place}."]),
        ],
        as_json=as_json,
    )
    mission.close()


@app.command()
def ingest(
    folder: MissionDir,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="The files to take in.")],
    format_name: Annotated[
        str,
        typer.Option(
            "--as",
            metavar="FORMAT",
            help="table, reports, smm, watches, party-claims, viina, firms or air-alerts.",
        ),
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would become of each row.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Take files of reports into the record, each whole or not at all."""
    from truceline.cli.summaries import import_document, import_lines
    from truceline.mission import ingest as take
    from truceline.mission import open_mission

    mission = open_mission(folder)
    documents: list[JSONValue] = []
    clean = True
    for file in files:
        try:
            with show.row_progress(f"reading {show.safe(file.name)}") as progress:
                summary = take(mission, file, format_name, dry_run=dry_run, progress=progress)
        except RejectedInput as error:
            # One file that cannot be read stops no other: each is whole or absent by itself.
            clean = False
            documents.append({"file": show.safe(file.name), **show.refusal_document(error)})
            show.complain(str(error))
            continue
        clean = clean and summary.clean
        documents.append(import_document(summary))
        if not as_json:
            for line in import_lines(summary):
                show.say(line)
    mission.close()
    if as_json:
        show.say_json({"imports": documents})
    if not clean:
        raise typer.Exit(1)


@app.command()
def run(folder: MissionDir, as_json: Json = False) -> None:
    """Fuse what is recorded into incidents and assess them against the clauses."""
    from truceline.cli.summaries import run_document, run_lines
    from truceline.mission import open_mission
    from truceline.mission import run as fuse_and_assess

    mission = open_mission(folder)
    with show.step_progress() as progress:
        summary = fuse_and_assess(mission, progress=progress)
    mission.close()
    show.say_either(run_document(summary), run_lines(summary), as_json=as_json)


@app.command()
def fuse(
    observations: Annotated[Path, typer.Argument(metavar="OBSERVATIONS", help="Parquet or CSV table.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the two tables go.")],
    as_json: Json = False,
) -> None:
    """Fuse an observation table without a mission."""
    from truceline.fusion import fuse as fuse_table
    from truceline.fusion import write_fusion
    from truceline.observation.table import read_table

    with show.step_progress() as progress:
        progress(f"reading {observations.name}")
        table = read_table(observations)
        progress(f"fusing {len(table):,} observations")
        result = fuse_table(table)
    paths = write_fusion(result, out)
    show.say_either(
        {
            "observations": len(table),
            "incidents": len(result.incidents),
            "engine": result.engine,
            "files": [str(path) for path in paths],
        },
        [
            f"{len(table):,} observations, {len(result.incidents):,} incidents ({result.engine}).",
            *(f"  {path}" for path in paths),
        ],
        as_json=as_json,
    )


def _day(text: str) -> date:
    try:
        day = datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a calendar date has no zone
    except ValueError:
        day = None
    if day is None or not EARLIEST.date() < day < LATEST.date():
        raise RejectedInput(
            "A report's date is written year-month-day, e.g. 2025-04-20, from 1900 to 2199.",
            [Fault("report", "--date", "not such a date", text)],
        )
    return day


@app.command()
def report(
    folder: MissionDir,
    day: Annotated[str, typer.Option("--date", metavar="D", help="The report's date, e.g. 2025-04-20.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the files go.")],
    as_json: Json = False,
) -> None:
    """Write the daily report for a date."""
    from truceline.mission import open_mission, write_report

    mission = open_mission(folder)
    asked = _day(day)
    paths = write_report(mission, asked, out)
    mission.close()
    show.say_either(
        {"date": asked.isoformat(), "files": [str(path) for path in paths]},
        [f"Daily report for {asked}:", *(f"  {path}" for path in paths)],
        as_json=as_json,
    )


@app.command()
def rebuild(folder: MissionDir, as_json: Json = False) -> None:
    """Recreate every read model from the records, and compare the last run."""
    from truceline.mission import open_mission
    from truceline.mission import rebuild as recreate

    mission = open_mission(folder)
    with show.row_progress("replaying records") as progress:
        summary = recreate(mission, progress=progress)
    mission.close()
    run_line = "No run is recorded yet."
    if summary.run is not None:
        run_line = (
            f"The run at tree size {summary.run.tree_size} reproduces: {summary.run.results_sha256[:16]}."
        )
        if summary.run.unlike:
            run_line = (
                f"The run at tree size {summary.run.tree_size} cannot come out again. {summary.run.unlike}"
            )
    show.say_either(
        {
            "records": summary.records,
            "statements": dict(summary.statements),
            "results_sha256": None if summary.run is None else summary.run.results_sha256,
            "unlike": "" if summary.run is None else summary.run.unlike,
            "changed": list(summary.changed),
        },
        [
            f"{summary.records:,} records replayed.",
            run_line,
            *(
                f"ATTENTION: {name} had shown something else than what was recorded."
                for name in summary.changed
            ),
        ],
        as_json=as_json,
    )


@app.command()
def status(folder: MissionDir, as_json: Json = False) -> None:
    """Tell how a mission stands."""
    from truceline.cli.summaries import status_document, status_lines
    from truceline.mission import mission_status, open_mission

    mission = open_mission(folder)
    standing = mission_status(mission)
    mission.close()
    show.say_either(status_document(standing), status_lines(standing), as_json=as_json)


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where it goes; made anew.")] = Path("demo"),
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="Serve it afterwards.")] = True,
    port: Port = 8000,
) -> None:
    """Show the whole way on the Easter truce of 2025: facts reported in public."""
    from truceline.cli.demo import run_demo
    from truceline.cli.serve import serve_mission

    run_demo(folder)
    if serve:
        serve_mission(folder / "mission", "127.0.0.1", port, None)


@pack_app.command("check")
def pack_check(
    folder: Annotated[Path, typer.Argument(metavar="PACK", help="The pack's folder.")], as_json: Json = False
) -> None:
    """Check a pack and list all its faults."""
    from truceline.agreement import load_pack

    agreement = load_pack(folder)
    counts = {
        "parties": len(agreement.parties),
        "versions": len(agreement.versions),
        "clauses": sum(len(version.clauses) for version in agreement.versions),
        "zones": len(agreement.zones),
        "facts": len(agreement.facts),
        "sources": len(agreement.sources),
    }
    words = ", ".join(f"{count} {name}" for name, count in counts.items())
    show.say_either(
        {"pack": agreement.agreement_id, **counts},
        [f"{agreement.agreement_id} is sound: {words}."],
        as_json=as_json,
    )


@log_app.command("verify")
def log_verify(
    place: Annotated[Path, typer.Argument(metavar="LOG|MISSION", help="A published log or a mission.")],
    key: Annotated[
        str | None, typer.Option("--key", help="The log's verifier key, had from elsewhere.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Check every tile, leaf and signature of a log."""
    from truceline.cli.summaries import log_document, log_lines, verify_place

    checked, note = verify_place(place, key)
    show.say_either(log_document(checked), log_lines(checked, note), as_json=as_json)


@log_app.command("prove")
def log_prove(
    folder: MissionDir,
    record_id: Annotated[str, typer.Argument(metavar="RECORD", help="The record's id or leaf index.")],
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write the proof here.")] = None,
) -> None:
    """Print a proof that a record is in the log (C2SP tlog-proof)."""
    from truceline.mission import open_mission, prove_record

    mission = open_mission(folder)
    proof = prove_record(mission, record_id)
    mission.close()
    if out is None:
        sys.stdout.write(proof)
    else:
        out.write_text(proof, encoding="utf-8")
        show.say(f"Proof of {record_id}: {out}")


@log_app.command("open")
def log_open(
    folder: MissionDir,
    record_id: Annotated[str, typer.Argument(metavar="RECORD", help="The record's id or leaf index.")],
    tier: Annotated[Tier, typer.Option("--tier", help="The tier that the item stands in.")] = Tier.PUBLIC,
    index: Annotated[int, typer.Option("--index", help="Which field or row, from 0.")] = 0,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write it here.")] = None,
) -> None:
    """Print what opens one field or row of a record, and nothing else of it."""
    from truceline.mission import disclose_item, open_mission

    mission = open_mission(folder)
    opened = disclose_item(mission, record_id, tier, index).decode()
    mission.close()
    if out is None:
        show.say(opened)
    else:
        out.write_text(opened + "\n", encoding="utf-8")
        show.say(f"Item {index} of the {tier.value} tier of {record_id}: {out}")
