# SPDX-License-Identifier: Apache-2.0
"""Signing in, one's own account, people and what they looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import segno
from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from truceline.access import MAY, Account, Permission, Role, Visitor, Welcome
from truceline.api.doors import SESSION_COOKIE, Door
from truceline.api.limits import Limits
from truceline.api.problems import Problem, Refused, problem_of
from truceline.api.reading import Here
from truceline.api.room import Room
from truceline.errors import RejectedInput, RuleViolation
from truceline.web.languages import LANGUAGE_COOKIE, OFFERED
from truceline.web.pages import page

router = APIRouter(include_in_schema=False)

Comer = Annotated[Visitor, Depends(Door(Permission.ENTER))]
Own = Annotated[Visitor, Depends(Door(Permission.KEEP_ACCOUNT))]
Manager = Annotated[Visitor, Depends(Door(Permission.MANAGE_PEOPLE))]
Watcher = Annotated[Visitor, Depends(Door(Permission.SEE_VISITS))]
Typed = Annotated[str, Form(max_length=300)]

SESSION_S = 12 * 3600
YEAR_S = 365 * 86400


def _entered(room: Room, session: str) -> RedirectResponse:
    answer = RedirectResponse("/", 303)
    answer.set_cookie(
        SESSION_COOKIE, session, max_age=SESSION_S, httponly=True, secure=room.secure, samesite="strict"
    )
    return answer


@router.get("/sign-in")
def sign_in_form(request: Request, visitor: Comer) -> HTMLResponse:
    """Show the form for signing in."""
    return page(request, visitor, "sign_in.html", "Sign in", problem=None, person="")


@router.post("/sign-in", response_model=None)
def sign_in(
    request: Request, room: Here, visitor: Comer, person: Typed, password: Typed, code: Typed
) -> HTMLResponse | RedirectResponse:
    """Sign in."""
    limits = request.app.state.limits
    if isinstance(limits, Limits):
        limits.require_sign_in(person)
    try:
        return _entered(room, room.desk.sign_in(person.strip(), password, code))
    except RuleViolation as error:
        problem = Problem(401, str(error))
        return page(request, visitor, "sign_in.html", "Sign in", status=401, problem=problem, person=person)


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
    """Show an invitation: the secret for an authenticator, and where to set a password."""
    return _welcome(request, visitor, _open(room, invitation), invitation, None)


def _open(room: Room, invitation: str) -> Welcome:
    found = room.desk.welcome(invitation)
    if found is None:
        raise Refused(404, "This link was used, or has run out.", "Ask an administrator for a new one.")
    return found


def _welcome(
    request: Request, visitor: Visitor, found: Welcome, invitation: str, problem: Problem | None
) -> HTMLResponse:
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
    found = _open(room, invitation)
    try:
        return _entered(room, room.desk.accept(invitation, password, code))
    except RejectedInput as error:
        return _welcome(request, visitor, found, invitation, problem_of(error))


@router.get("/language/{code}")
def choose_language(
    _visitor: Comer, code: str, back: Annotated[str, Query(max_length=300)] = "/"
) -> RedirectResponse:
    """Choose the language of the pages."""
    # Only a path of our own: "//host" and "/\host" lead elsewhere.
    safe = back if back.startswith("/") and not back.startswith(("//", "/\\")) else "/"
    answer = RedirectResponse(safe, 303)
    if code in OFFERED:
        answer.set_cookie(LANGUAGE_COOKIE, code, max_age=YEAR_S, httponly=True, samesite="lax")
    return answer


@router.get("/account")
def account(request: Request, room: Here, visitor: Own) -> HTMLResponse:
    """Show one's own account."""
    return _account(request, room, visitor)


def _account(request: Request, room: Room, visitor: Visitor, token: str = "") -> HTMLResponse:
    person = visitor.who.person
    return page(
        request,
        visitor,
        "account.html",
        "Your account",
        sessions=room.desk.sessions(person),
        tokens=room.desk.tokens(person),
        scopes=[one for one in Permission if visitor.role in MAY[one] and one is not Permission.ENTER],
        token=token,
    )


@router.post("/account/tokens")
def make_token(
    request: Request, room: Here, visitor: Own, label: Typed, scopes: Annotated[list[Permission], Form()]
) -> HTMLResponse:
    """Make a token, and show it this once."""
    return _account(request, room, visitor, room.desk.make_token(visitor, label, scopes))


@router.post("/account/tokens/{digest}/end")
def end_token(room: Here, visitor: Own, digest: str) -> RedirectResponse:
    """End one of one's own tokens."""
    room.desk.end_token(visitor.who.person, digest)
    return RedirectResponse("/account", 303)


@router.post("/account/sessions/{digest}/end")
def end_session(room: Here, visitor: Own, digest: str) -> RedirectResponse:
    """End one of one's own sessions."""
    room.desk.end_session(visitor.who.person, digest)
    return RedirectResponse("/account", 303)


@router.get("/people")
def people(request: Request, room: Here, visitor: Manager) -> HTMLResponse:
    """List everybody who may enter."""
    return _people(request, room, visitor)


def _people(
    request: Request, room: Room, visitor: Visitor, link: str = "", problem: Problem | None = None
) -> HTMLResponse:
    agreement = room.mission.agreement
    return page(
        request,
        visitor,
        "people.html",
        "People",
        status=200 if problem is None else problem.status,
        accounts=_ordered(room.desk.accounts()),
        roles=[role for role in Role if role is not Role.PUBLIC],
        bodies=sorted({*agreement.party_ids(), *(actor.id for actor in agreement.actors)}),
        link=link,
        problem=problem,
    )


def _ordered(accounts: Sequence[Account]) -> list[Account]:
    return sorted(accounts, key=lambda one: (one.closed, one.person))


@router.post("/people")
def invite(
    request: Request,
    room: Here,
    visitor: Manager,
    person: Typed,
    name: Typed,
    role: Annotated[Role, Form()],
    of: Annotated[str, Form(max_length=100)] = "",
) -> HTMLResponse:
    """Make an account, and show its link this once."""
    try:
        with room.writing():
            secret = room.desk.invite(visitor, person.strip(), name, role, of)
    except (RejectedInput, RuleViolation) as error:
        return _people(request, room, visitor, problem=problem_of(error))
    return _people(request, room, visitor, f"{room.address}/welcome/{secret}")


@router.post("/people/{person}/renew")
def renew(request: Request, room: Here, visitor: Manager, person: str) -> HTMLResponse:
    """Make a new link; the old password, sessions and tokens count no more."""
    return _people(request, room, visitor, f"{room.address}/welcome/{room.desk.renew(person)}")


@router.post("/people/{person}/close")
def close(room: Here, visitor: Manager, person: str) -> RedirectResponse:
    """Close an account."""
    with room.writing():
        room.desk.close(visitor, person)
    return RedirectResponse("/people", 303)


@router.get("/visits")
def visits(
    request: Request,
    room: Here,
    visitor: Watcher,
    before: Annotated[int | None, Query(ge=0, le=2**40)] = None,
) -> HTMLResponse:
    """Show who looked at what."""
    listed = room.visits.latest(before)
    return page(
        request,
        visitor,
        "visits.html",
        "Who looked at what",
        visits=listed,
        before=listed[-1].number if len(listed) == 100 else None,
    )
