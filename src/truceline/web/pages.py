# SPDX-License-Identifier: Apache-2.0
"""How pages are made: what each template knows, and how an error looks."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import HTMLResponse

from truceline.access import Permission, Visitor
from truceline.agreement import Agreement
from truceline.api.doors import room_of, visitor_of
from truceline.api.problems import Problem, Refused
from truceline.errors import MechanismError
from truceline.reports import marks, words
from truceline.reports.period import reporting_zone
from truceline.web.assets import Assets
from truceline.web.languages import NAMES, OFFERED, Language, language_of
from truceline.web.rendering import templates_in

SECTIONS: Final = (
    ("/", "Situation"),
    ("/map", "Map"),
    ("/incidents", "Incidents"),
    ("/agreement", "Agreement"),
    ("/cases", "Cases"),
    ("/guarantees", "Guarantees"),
    ("/coalition", "Coalition, force and hubs"),
    ("/support", "Support ledger"),
    ("/sources", "Sources and coverage"),
    ("/log", "Log"),
)
"""What everybody finds; what is there for some stands behind it."""


OWN_SECTIONS: Final = (
    (Permission.SEE_PORTAL, "/portal", "Party portal"),
    (Permission.TAKE_STEPS, "/steps", "Take a step"),
    (Permission.TAKE_IN, "/take-in", "Take in reports"),
    (Permission.SEE_VISITS, "/visits", "Who looked at what"),
    (Permission.MANAGE_PEOPLE, "/people", "People"),
)
"""What is there for those who pass a door."""


def page(
    request: Request, visitor: Visitor, template: str, heading: str, *, status: int = 200, **shown: object
) -> HTMLResponse:
    """Return a page.

    Args:
        request: For which request.
        visitor: Who reads it.
        template: Its template.
        heading: What stands above it, in English.
        status: Of HTTP.
        shown: What the template shows, by name.
    """
    room, tongue, assets = room_of(request), language_of(request), assets_of(request)
    agreement = room.mission.agreement
    text = (
        templates_in(tongue.code)
        .get_template(template)
        .render(
            heading=heading,
            mark=marks.mark,
            definitions=marks.definitions(),
            visitor=visitor,
            sections=(*SECTIONS, *own_sections(visitor)),
            path=request.url.path,
            asset=assets.address,
            built=assets.built,
            mission=room.mission.settings,
            agreement=agreement,
            names=names_of(agreement, tongue),
            title_of=tongue.named(agreement.title),
            languages=[(code, NAMES[code]) for code in OFFERED],
            moment=lambda value: moment_words(value, agreement, tongue),
            tree_size=room.tree_size(),
            now=room.now,
            place=room.place,
            providers=room.providers,
            **shown,
        )
    )
    return HTMLResponse(text, status)


def assets_of(request: Request) -> Assets:
    """Return the files that a browser fetches beside pages."""
    assets = request.app.state.assets
    if not isinstance(assets, Assets):
        raise TypeError("the service was started without assets")
    return assets


def own_sections(visitor: Visitor) -> list[tuple[str, str]]:
    """Return the pages that are there for this visitor beside everybody's."""
    return [(path, name) for permission, path, name in OWN_SECTIONS if visitor.may(permission)]


def names_of(agreement: Agreement, tongue: Language) -> dict[str, str]:
    """Return the names of actors and parties, by id."""
    names = {actor.id: tongue.named(actor.name) for actor in agreement.actors}
    return names | {party.id: tongue.named(party.name) for party in agreement.parties}


def moment_words(value: datetime | None, agreement: Agreement, tongue: Language) -> str:
    """Return a time in UTC with the local one beside it."""
    if value is None:
        return tongue("not known")
    zone: ZoneInfo = reporting_zone(agreement.reporting)
    local = f"{words.moment(value, zone, dated=False)} {words.offset(value, zone)}"
    return f"{tongue.dated(words.moment(value))} UTC ({local})"


def problem_page(request: Request, problem: Problem) -> HTMLResponse:
    """Show an error to somebody with a browser."""
    try:
        visitor = visitor_of(request, room_of(request))
    except (Refused, MechanismError):
        visitor = Visitor()
    made = page(request, visitor, "problem.html", problem.title, status=problem.status, problem=problem)
    made.headers.update(problem.headers)
    return made
