# SPDX-License-Identifier: Apache-2.0
"""The log, a record and its proof, sources and coverage."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from truceline.api.problems import Refused
from truceline.api.reading import Here
from truceline.assessment import coverage
from truceline.errors import RejectedInput
from truceline.evidence import parse_leaf
from truceline.interval import Interval
from truceline.mission.mission import Mission
from truceline.mission.reading import find_record, watches
from truceline.mission.reporting import line_at
from truceline.mission.roll import may_read, rule_for
from truceline.mission.run import last_run
from truceline.storage import RecordRow, schema
from truceline.web.languages import language_of
from truceline.web.pages import page
from truceline.web.situation import Reader

router = APIRouter(include_in_schema=False)

LATEST = 50


@router.get("/log")
def log(
    request: Request,
    room: Here,
    visitor: Reader,
    before: Annotated[int | None, Query(ge=0, le=2**40)] = None,
) -> HTMLResponse:
    """Show the log's head, its latest records, and how to check them."""
    mission = room.mission
    size = room.tree_size()
    top = size if before is None else min(before, size)
    with mission.store.read() as transaction:
        head, ran = transaction.head(), last_run(transaction)
        rows = transaction.records_before(top, LATEST)
    return page(
        request,
        visitor,
        "log.html",
        "Log",
        checkpoint="" if head is None else head.checkpoint,
        root="" if head is None else head.root.hex(),
        key=mission.ledger.log_key.verifier_key(mission.settings.origin),
        rows=[(row, parse_leaf(row.leaf, f"record {row.leaf_index}")) for row in rows],
        before=rows[-1].leaf_index if rows and rows[-1].leaf_index > 0 else None,
        ran=ran,
    )


@router.get("/records/of/{statement_id:path}")
def record_of(room: Here, visitor: Reader, statement_id: str) -> RedirectResponse:
    """Lead from an observation to the record that holds it, for those who may know that there is one."""
    if not may_read(room.mission, visitor.who, statement_id):
        raise Refused(404, "There is no such record.", "The log's page lists them.")
    with room.mission.store.read() as transaction:
        found = transaction.leaf_indexes("observations", [statement_id])
    if statement_id not in found:
        raise Refused(404, "There is no such record.", "The log's page lists them.")
    return RedirectResponse(f"/records/{found[statement_id]}", 303)


@router.get("/records/{name}")
def record(request: Request, room: Here, visitor: Reader, name: str) -> HTMLResponse:
    """Show one record's leaf: what everybody may know of it, and how to prove it."""
    row = _found(room.mission, name)
    return page(
        request,
        visitor,
        "record.html",
        f"{language_of(request)('Record')} {row.leaf_index}",
        row=row,
        leaf=parse_leaf(row.leaf, f"record {row.leaf_index}"),
        key=room.mission.ledger.log_key.verifier_key(room.mission.settings.origin),
    )


def _found(mission: Mission, name: str) -> RecordRow:
    try:
        with mission.store.read() as transaction:
            return find_record(transaction, name)
    except RejectedInput as error:
        raise Refused(404, "There is no such record.", "The log's page lists them.") from error


@router.get("/sources")
def sources(request: Request, room: Here, visitor: Reader) -> HTMLResponse:
    """Show who reports, which of them are independent, and what was watched."""
    mission = room.mission
    with mission.store.read() as transaction:
        counted = transaction.counts(schema.statements, "kind")
        watched = list(watches(transaction))
    ends = [one.when.last for one in watched]
    until = max(ends, default=room.now)
    day = Interval(until - timedelta(days=1), until)
    return page(
        request,
        visitor,
        "sources.html",
        "Sources and coverage",
        counted=counted,
        coverage=coverage(line_at(mission, day), watched, day),
        places=rule_for(mission.agreement, visitor.who).cell_km == 0,
        any_watch=bool(watched),
    )
