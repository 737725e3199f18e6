# SPDX-License-Identifier: Apache-2.0
"""Map, list and page of incidents: one filter for all, so that they never disagree."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from truceline.api.acting import Runner
from truceline.api.asked import AskedOfRoll
from truceline.api.reading import Here, require_incident
from truceline.mission import Mission, run, views
from truceline.mission.days import hours_of
from truceline.mission.roll import ShownIncident, shown, shown_watches
from truceline.reports import words
from truceline.vocabulary import Kind, Status
from truceline.web.drawing import draw_link, draw_selection, frame_of, moved, nearest, working
from truceline.web.islands import tell_map, tell_timeline
from truceline.web.languages import Language, language_of
from truceline.web.pages import assets_of, page
from truceline.web.review import may_attach, may_rule, offers
from truceline.web.situation import Reader

router = APIRouter(include_in_schema=False)

PER_PAGE: Final = 50
MOVES: Final = (
    ("In", 0.0, 0.0, 0.5),
    ("Out", 0.0, 0.0, 2.0),
    ("North", 0.0, 0.4, 1.0),
    ("South", 0.0, -0.4, 1.0),
    ("West", -0.4, 0.0, 1.0),
    ("East", 0.4, 0.0, 1.0),
)
Asked = Annotated[AskedOfRoll, Depends()]


@router.get("/incidents")
def incidents(
    request: Request,
    room: Here,
    visitor: Reader,
    asked: Asked,
    after: Annotated[str, Query(max_length=80)] = "",
) -> HTMLResponse:
    """List incidents, latest first."""
    selection = room.selection(visitor.who, asked.filter())
    part = None if selection is None else selection.page(after, PER_PAGE)
    listed = () if part is None else shown(room.mission, part)
    more = part is not None and selection is not None and len(part) > 0 and part.last_id != selection.last_id
    return page(
        request,
        visitor,
        "incidents.html",
        "Incidents",
        listed=[(one, _where(room.mission, one, language_of(request))) for one in listed],
        total=None if selection is None else len(selection),
        asked=asked,
        kinds=list(Kind),
        statuses=list(Status),
        after=part.last_id if part is not None and more else "",
        first=not after,
        rule=None if selection is None else selection.rule,
        told_timeline=tell_timeline(language_of(request)),
    )


def _where(mission: Mission, one: ShownIncident, tongue: Language) -> str:
    return words.place(one.incident.place, nearest(mission.gazetteer, one.incident.place), tongue)


@router.get("/map")
def incident_map(request: Request, room: Here, visitor: Reader, asked: Asked) -> HTMLResponse:
    """Draw incidents over the zones, and what was watched."""
    chosen = asked.filter()
    selection = room.selection(visitor.who, chosen)
    bounds = chosen.bounds or (
        room.mission.agreement.places.bounds if selection is None else frame_of(room.mission, selection)
    )
    drawn = None
    if selection is not None:
        hours = hours_of(chosen, selection)
        at = room.now if hours is None else hours.last - timedelta(seconds=1)
        watched = [] if hours is None else shown_watches(room.mission, visitor.who, hours, room.now)
        drawn = draw_selection(room.mission, selection, bounds, at, working(watched))
    return page(
        request,
        visitor,
        "map.html",
        "Map",
        drawn=drawn,
        total=None if selection is None else len(selection),
        asked=asked,
        kinds=list(Kind),
        statuses=list(Status),
        moves=[
            (name, asked.query(bounds=moved(bounds, across, up, scale))) for name, across, up, scale in MOVES
        ],
        rule=None if selection is None else selection.rule,
        told_map=tell_map(assets_of(request), bounds, language_of(request)),
        told_timeline=tell_timeline(language_of(request)),
    )


@router.get("/incidents/{incident_id}")
def incident(request: Request, room: Here, visitor: Reader, incident_id: str) -> HTMLResponse:
    """Show one incident, and all that it rests on."""
    found = require_incident(room, visitor, incident_id)
    review, tongue = views.inquiry(room.mission, visitor.who, incident_id), language_of(request)
    links = {link.observation_id: link for link in found.memberships}
    return page(
        request,
        visitor,
        "incident.html",
        f"{tongue('Incident')} {incident_id}",
        found=found,
        where=_where(room.mission, found.shown, tongue),
        links=links,
        draw_link=draw_link,
        clauses={
            (version.id, clause.id): clause
            for version in room.mission.agreement.versions
            for clause in version.clauses
        },
        families={family.id: family.name for family in room.mission.agreement.families},
        review=review,
        standards={one.id: one.title for one in room.mission.agreement.commission.standards},
        offers=offers(review, visitor, incident_id),
        may_attach=may_attach(visitor, review),
        may_rule=may_rule(visitor),
        cases=[case for case in views.cases(room.mission, visitor.who) if incident_id in case.incidents],
    )


@router.post("/run")
def run_engine(room: Here, _visitor: Runner) -> RedirectResponse:
    """Fuse what is recorded into incidents, and lead back to the list."""
    with room.writing() as mission:
        run(mission)
    return RedirectResponse("/incidents", 303)
