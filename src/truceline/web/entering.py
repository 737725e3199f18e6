# SPDX-License-Identifier: Apache-2.0
"""Signing in and out, and accepting an invitation, with a password and a code.

What the other ways in share stands here too: the pages that offer them, the cookie that
tells one browser from another, and what follows when somebody has entered.
"""

from __future__ import annotations

from typing import Annotated, Final

import segno
from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from truceline.access import Permission, Visitor, Welcome
from truceline.access.secrets import digest, make_token
from truceline.api.doors import SESSION_COOKIE, Door
from truceline.api.limits import Limits
from truceline.api.problems import Problem, Refused, problem_of
from truceline.api.reading import Here
from truceline.api.room import Room
from truceline.errors import RejectedInput, RuleViolation
from truceline.web.pages import page

router = APIRouter(include_in_schema=False)

Comer = Annotated[Visitor, Depends(Door(Permission.ENTER))]
Own = Annotated[Visitor, Depends(Door(Permission.KEEP_ACCOUNT))]
Typed = Annotated[str, Form(max_length=300)]

SESSION_S: Final = 12 * 3600
BROWSER_COOKIE: Final = "truceline_browser"
BROWSER_S: Final = 900


def keep_session(room: Room, answer: Response, session: str) -> None:
    """Give somebody who has entered their session's cookie."""
    answer.set_cookie(
        SESSION_COOKIE, session, max_age=SESSION_S, httponly=True, secure=room.secure, samesite="strict"
    )
    answer.delete_cookie(BROWSER_COOKIE)


def entered(room: Room, session: str) -> RedirectResponse:
    """Lead somebody who has entered to the first page."""
    answer = RedirectResponse("/", 303)
    keep_session(room, answer, session)
    return answer


def browser_of(request: Request) -> str:
    """Return the digest of a secret that this browser alone has; empty: it has none."""
    held = request.cookies.get(BROWSER_COOKIE, "")
    return digest(held) if held else ""


def know_browser(request: Request, room: Room) -> str:
    """Return the secret of this browser, new where it has none; the answer has to carry it."""
    return request.cookies.get(BROWSER_COOKIE, "") or make_token(room.mission.ledger.entropy)


def keep_browser(room: Room, answer: Response, secret: str) -> None:
    """Let a browser carry its secret, also when an organisation sends it back here."""
    answer.set_cookie(
        BROWSER_COOKIE, secret, max_age=BROWSER_S, httponly=True, secure=room.secure, samesite="lax"
    )


@router.get("/sign-in")
def sign_in_form(request: Request, visitor: Comer) -> HTMLResponse:
    """Show the form for signing in."""
    return show_sign_in(request, visitor, None)


def show_sign_in(
    request: Request, visitor: Visitor, problem: Problem | None, person: str = ""
) -> HTMLResponse:
    """Show the ways to sign in, with what went wrong."""
    status = 200 if problem is None else problem.status
    return page(request, visitor, "sign_in.html", "Sign in", status=status, problem=problem, person=person)


@router.post("/sign-in", response_model=None)
def sign_in(
    request: Request, room: Here, visitor: Comer, person: Typed, password: Typed, code: Typed
) -> HTMLResponse | RedirectResponse:
    """Sign in."""
    limits = request.app.state.limits
    if isinstance(limits, Limits):
        limits.require_sign_in(person)
    try:
        return entered(room, room.desk.sign_in(person.strip(), password, code))
    except RuleViolation as error:
        return show_sign_in(request, visitor, Problem(401, str(error)), person)


@router.post("/sign-out")
def sign_out(room: Here, visitor: Own) -> RedirectResponse:
    """End one's own session."""
    if visitor.account is not None:
        room.desk.end_session(visitor.account.person, visitor.session)
    answer = RedirectResponse("/", 303)
    answer.delete_cookie(SESSION_COOKIE)
    return answer


@router.get("/welcome/{invitation}")
def welcome(request: Request, room: Here, visitor: Comer, invitation: str) -> HTMLResponse:
    """Show an invitation: the secret for an authenticator, where to set a password, and the other ways."""
    return show_welcome(request, visitor, invited(room, invitation), invitation, None)


def invited(room: Room, invitation: str) -> Welcome:
    """Return an invitation that is good.

    Raises:
        Refused: It is not.
    """
    found = room.desk.welcome(invitation)
    if found is None:
        raise Refused(404, "This link was used, or has run out.", "Ask an administrator for a new one.")
    return found


def show_welcome(
    request: Request, visitor: Visitor, found: Welcome, invitation: str, problem: Problem | None
) -> HTMLResponse:
    """Show an invitation, with what went wrong."""
    picture = segno.make(found.totp_address, micro=False).svg_data_uri(scale=4, border=2)
    return page(
        request,
        visitor,
        "welcome.html",
        "Welcome",
        status=200 if problem is None else problem.status,
        found=found,
        picture=picture,
        invitation=invitation,
        problem=problem,
    )


@router.post("/welcome/{invitation}", response_model=None)
def accept(
    request: Request, room: Here, visitor: Comer, invitation: str, password: Typed, code: Typed
) -> HTMLResponse | RedirectResponse:
    """Set a password and a second factor, and enter."""
    found = invited(room, invitation)
    try:
        return entered(room, room.desk.accept(invitation, password, code))
    except RejectedInput as error:
        return show_welcome(request, visitor, found, invitation, problem_of(error))
