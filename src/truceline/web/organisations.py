# SPDX-License-Identifier: Apache-2.0
"""Signing in with an organisation's account: there, and back again."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from truceline.access import Provider
from truceline.access.exchange import ProviderFailure
from truceline.access.organisations import Returned
from truceline.access.secrets import digest
from truceline.api.problems import Problem, Refused
from truceline.api.reading import Here
from truceline.api.room import Room
from truceline.errors import RejectedInput, RuleViolation
from truceline.web.entering import (
    Comer,
    browser_of,
    invited,
    keep_browser,
    keep_session,
    know_browser,
    show_sign_in,
    show_welcome,
)
from truceline.web.pages import page

router = APIRouter(include_in_schema=False)

Brought = Annotated[str, Query(max_length=4000)]


def _provider(room: Room, name: str) -> Provider:
    found = room.organisations.provider(name)
    if found is None:
        raise Refused(404, "There is no such organisation here.", "Choose one on the page for signing in.")
    return found


def _require_followed_here(request: Request) -> None:
    """Refuse to begin for another site: it could bind or sign in whom it likes, unseen.

    Raises:
        Refused: The link was not on a page of ours.
    """
    if request.headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}:
        raise Refused(403, "This was sent from another site.", "Open the page here and send it again.")


def _leave(request: Request, room: Room, provider: Provider, invitation: str) -> RedirectResponse:
    secret = know_browser(request, room)
    answer = RedirectResponse(room.organisations.begin(provider, digest(secret), invitation), 303)
    keep_browser(room, answer, secret)
    return answer


@router.get("/sign-in/with/{name}", response_model=None)
def begin_sign_in(request: Request, room: Here, visitor: Comer, name: str) -> HTMLResponse | RedirectResponse:
    """Go to an organisation to sign in."""
    provider = _provider(room, name)
    _require_followed_here(request)
    try:
        return _leave(request, room, provider, "")
    except ProviderFailure as error:
        return show_sign_in(request, visitor, Problem(502, str(error)))


@router.get("/welcome/{invitation}/with/{name}", response_model=None)
def begin_entry(
    request: Request, room: Here, visitor: Comer, invitation: str, name: str
) -> HTMLResponse | RedirectResponse:
    """Go to an organisation to bind its account through an invitation."""
    provider, found = _provider(room, name), invited(room, invitation)
    _require_followed_here(request)
    try:
        return _leave(request, room, provider, digest(invitation))
    except ProviderFailure as error:
        return show_welcome(request, visitor, found, invitation, Problem(502, str(error)))


@router.get("/sign-in/with/{name}/answer")
def finish(
    request: Request,
    room: Here,
    visitor: Comer,
    name: str,
    state: Brought = "",
    code: Brought = "",
    iss: Brought = "",
) -> HTMLResponse:
    """Come back from an organisation."""
    provider, returned = _provider(room, name), Returned(state, code, iss)
    try:
        session = room.organisations.finish(provider, browser_of(request), returned)
    except ProviderFailure as error:
        return show_sign_in(request, visitor, Problem(502, str(error)))
    except (RuleViolation, RejectedInput) as error:
        return show_sign_in(request, visitor, Problem(401, error.summary))
    # Not a redirect: a browser on its way from elsewhere would not send the new cookie with it.
    now = room.desk.visitor_of_session(session) or visitor
    answer = page(request, now, "entered.html", "You are signed in")
    keep_session(room, answer, session)
    return answer
