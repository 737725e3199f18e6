# SPDX-License-Identifier: Apache-2.0
"""Passkeys on pages: each way has a challenge, which a script puts to the device, and an answer.

The script puts the device's answer into the page's own form and sends it, so that what
goes wrong is shown like everything else, in the reader's language.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from truceline.access.secrets import digest
from truceline.api.problems import Problem, problem_of
from truceline.api.reading import Here
from truceline.errors import RejectedInput, RuleViolation
from truceline.web.entering import (
    Comer,
    Own,
    browser_of,
    entered,
    invited,
    keep_browser,
    know_browser,
    show_sign_in,
    show_welcome,
)
from truceline.web.people import show_account

router = APIRouter(include_in_schema=False)

Answered = Annotated[str, Form(max_length=20_000)]
Label = Annotated[str, Form(max_length=300)]


def _challenge(text: str) -> Response:
    return Response(text, media_type="application/json")


@router.post("/sign-in/passkey/challenge")
def begin_sign_in(request: Request, room: Here, _visitor: Comer) -> Response:
    """Return what to ask of whatever passkey somebody has."""
    secret = know_browser(request, room)
    answer = _challenge(room.keyring.begin_sign_in(digest(secret)))
    keep_browser(room, answer, secret)
    return answer


@router.post("/sign-in/passkey", response_model=None)
def sign_in(
    request: Request, room: Here, visitor: Comer, answer: Answered
) -> HTMLResponse | RedirectResponse:
    """Sign in with a passkey."""
    try:
        return entered(room, room.keyring.sign_in(browser_of(request), answer))
    except RuleViolation as error:
        return show_sign_in(request, visitor, Problem(401, str(error)))


@router.post("/welcome/{invitation}/passkey/challenge")
def begin_entry(room: Here, _visitor: Comer, invitation: str) -> Response:
    """Return what to ask a device for the first passkey of whoever was invited."""
    invited(room, invitation)
    return _challenge(room.keyring.begin_entry(invitation))


@router.post("/welcome/{invitation}/passkey", response_model=None)
def enter(
    request: Request, room: Here, visitor: Comer, invitation: str, answer: Answered, label: Label = ""
) -> HTMLResponse | RedirectResponse:
    """Keep the passkey of whoever was invited, and enter."""
    found = invited(room, invitation)
    try:
        return entered(room, room.keyring.enter(invitation, answer, label))
    except (RejectedInput, RuleViolation) as error:
        return show_welcome(request, visitor, found, invitation, problem_of(error))


@router.post("/account/passkeys/challenge")
def begin_adding(room: Here, visitor: Own) -> Response:
    """Return what to ask a device for another passkey."""
    return _challenge(room.keyring.begin_adding(visitor))


@router.post("/account/passkeys", response_model=None)
def add(
    request: Request, room: Here, visitor: Own, answer: Answered, label: Label = ""
) -> HTMLResponse | RedirectResponse:
    """Keep another passkey."""
    try:
        room.keyring.add(visitor, answer, label)
    except (RejectedInput, RuleViolation) as error:
        return show_account(request, room, visitor, problem=problem_of(error))
    return RedirectResponse("/account", 303)


@router.post("/account/passkeys/{credential}/end", response_model=None)
def end(request: Request, room: Here, visitor: Own, credential: str) -> HTMLResponse | RedirectResponse:
    """Remove one of one's own passkeys, but never the last way in."""
    try:
        room.keyring.end(visitor, credential)
    except RuleViolation as error:
        return show_account(request, room, visitor, problem=problem_of(error))
    return RedirectResponse("/account", 303)
