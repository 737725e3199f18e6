# SPDX-License-Identifier: Apache-2.0
"""Cases, a party's portal, and a form for every step: made from the step itself, as the verbs are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile

from truceline.access import Permission, Visitor
from truceline.api.acting import Actor, taken, taken_in
from truceline.api.doors import CSRF_FIELD, Door
from truceline.api.problems import Problem, Refused, problem_of
from truceline.api.reading import Here
from truceline.errors import RejectedInput, RuleViolation
from truceline.intake import FORMATS
from truceline.mechanism import STEPS
from truceline.mission import views
from truceline.mission.acts_shown import entries_for
from truceline.procedure import Entry, Step
from truceline.procedure.asked import Sort, asked_of, summary_of
from truceline.review.steps import REVIEW, AskForEvidence, OnIncident
from truceline.web.languages import in_words, language_of
from truceline.web.pages import page
from truceline.web.situation import Reader

router = APIRouter(include_in_schema=False)

Liaison = Annotated[Visitor, Depends(Door(Permission.SEE_PORTAL))]
Taker = Annotated[Visitor, Depends(Door(Permission.TAKE_IN))]

GIVEN_BY_PAGES = ("incident_id", "seen", "case_id", "ruling", "request", "observation")
"""Fields that the page behind a link fills in; whoever follows it need not read them."""

NOT_BY_FORM = frozenset({"amend-agreement", "attach-file"})
"""Steps that come with files: an amendment is the operator's, evidence has a form of its own."""


@router.get("/cases")
def cases(request: Request, room: Here, visitor: Reader) -> HTMLResponse:
    """List the cases of the commission."""
    return page(request, visitor, "cases.html", "Cases", cases=views.cases(room.mission, visitor.who))


@router.get("/cases/{case_id}")
def case(request: Request, room: Here, visitor: Reader, case_id: str) -> HTMLResponse:
    """Show one case, as its reader may see it."""
    found = next((one for one in views.cases(room.mission, visitor.who) if one.case_id == case_id), None)
    if found is None:
        raise Refused(404, "There is no such case, or it is not released to you.", "The list has them all.")
    agreement = room.mission.agreement
    return page(
        request,
        visitor,
        "case.html",
        f"{language_of(request)('Case')} {case_id}",
        case=found,
        entries={entry.leaf_index: entry for entry in found.entries},
        clauses={
            (version.id, clause.id): clause for version in agreement.versions for clause in version.clauses
        },
        remedies={remedy.id: remedy for remedy in agreement.remedies},
        standards={standard.id: standard.title for standard in agreement.commission.standards},
        steps=[step for step in STEPS.values() if step.kind == "docket"],
    )


@router.get("/portal")
def portal(request: Request, room: Here, visitor: Liaison) -> HTMLResponse:
    """Show a party what it submitted, and what is asked of it; nobody else's."""
    party = visitor.who.on_behalf_of
    return page(
        request,
        visitor,
        "portal.html",
        "Party portal",
        party=party,
        submissions=views.submissions(room.mission, visitor.who),
        acts=entries_for(room.mission, visitor.who, "submission"),
        asked=[
            act
            for act in entries_for(room.mission, visitor.who, REVIEW)
            if act.entry.fields.get("step") == AskForEvidence.name
            and act.entry.fields.get("asked_of")
            in (party, *(() if party else room.mission.agreement.party_ids()))
        ],
        cases=[
            one
            for one in views.cases(room.mission, visitor.who)
            if not party or one.complainant == party or any(answer.party == party for answer in one.answers)
        ],
        steps=[step for step in STEPS.values() if step.kind == "submission"],
    )


@router.get("/steps")
def steps(request: Request, room: Here, visitor: Actor) -> HTMLResponse:
    """List the steps of procedure."""
    del room
    kinds: dict[str, list[tuple[str, str]]] = {}
    for name, step in STEPS.items():
        if name not in NOT_BY_FORM:
            kinds.setdefault(step.kind, []).append((name, summary_of(step)))
    return page(request, visitor, "steps.html", "Take a step", kinds=kinds)


@router.get("/steps/{name}")
def step_form(request: Request, room: Here, visitor: Actor, name: str) -> HTMLResponse:
    """Show the form of one step; what the address gives is filled in."""
    del room
    given = {key: request.query_params.getlist(key) for key in request.query_params}
    return _form(request, visitor, _step(name), given)


@router.post("/steps/{name}", response_model=None)
async def take_step(
    request: Request, room: Here, visitor: Actor, name: str
) -> HTMLResponse | RedirectResponse:
    """Take a step from its form; a refused one comes back as it was filled in, with the reason."""
    step, form = _step(name), await request.form()
    given = _typed(form)
    fields = _fields(step, given)
    try:
        entry = await run_in_threadpool(taken, room, visitor, name, fields)
    except (RejectedInput, RuleViolation) as error:
        return _form(request, visitor, step, given, problem_of(error))
    return RedirectResponse(_after(entry), 303)


def _after(entry: Entry) -> str:
    """Return where somebody goes who has taken a step: back to what it was about, else to its record."""
    match entry.step:
        case OnIncident():
            return f"/incidents/{entry.step.incident_id}#review"
        case _ if entry.step.kind == "docket":
            return f"/cases/{getattr(entry.step, 'case_id', '')}"
    return f"/records/{entry.leaf_index}"


def _step(name: str) -> type[Step]:
    if name not in STEPS or name in NOT_BY_FORM:
        raise Refused(404, "There is no such step.", "The list has them all.")
    return STEPS[name]


def _typed(form: FormData) -> dict[str, list[str]]:
    """Return what was typed, by field."""
    found: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        if name != CSRF_FIELD and not isinstance(value, UploadFile):
            found.setdefault(name, []).append(value)
    return found


def _fields(step: type[Step], given: Mapping[str, Sequence[str]]) -> dict[str, str | list[str]]:
    """Return the fields of a step from a form: an empty one is not given; of a list, each line is one."""
    fields: dict[str, str | list[str]] = {}
    for asked in asked_of(step):
        typed = "\n".join(given.get(asked.name, ())).replace("\r\n", "\n").strip()
        if not typed:
            continue
        fields[asked.name] = [line for line in typed.split("\n") if line.strip()] if asked.repeated else typed
    return fields


def _form(
    request: Request,
    visitor: Visitor,
    step: type[Step],
    given: Mapping[str, Sequence[str]],
    problem: Problem | None = None,
) -> HTMLResponse:
    fixed = [name for name in GIVEN_BY_PAGES if "".join(given.get(name, ()))]
    faults = {fault.path.partition(".")[0]: fault for fault in (problem.faults if problem else ())}
    return page(
        request,
        visitor,
        "step.html",
        in_words(step.name).capitalize(),
        status=200 if problem is None else problem.status,
        step=step,
        summary=summary_of(step),
        asked=asked_of(step),
        fixed=[name for name in fixed if name not in faults],
        given={name: "\n".join(values) for name, values in given.items()},
        long={Sort.TEXT, Sort.JSON},
        problem=problem,
        faults=faults,
    )


@router.get("/take-in")
def take_in_form(request: Request, visitor: Taker) -> HTMLResponse:
    """Show the form that takes in a file of reports."""
    return page(request, visitor, "take_in.html", "Take in reports", formats=FORMATS, summary=None)


@router.post("/take-in")
async def take_in(request: Request, room: Here, visitor: Taker) -> HTMLResponse:
    """Take in a file of reports, and say what became of each row."""
    form = await request.form()
    file, format_name = form.get("file"), form.get("format")
    if not isinstance(file, UploadFile) or not isinstance(format_name, str) or not file.filename:
        raise Refused(422, "No file was chosen.", "Choose a file and its format. Nothing was taken in.")
    summary = await run_in_threadpool(taken_in, room, file, format_name)
    return page(request, visitor, "take_in.html", "Take in reports", formats=FORMATS, summary=summary)
