# SPDX-License-Identifier: Apache-2.0
"""Who makes a request, and whether the door of its route opens to them.

A route takes its visitor as ``Annotated[Visitor, Depends(Door(Permission.…))]``; there is
no other way to know who asks.  ``require_doors`` refuses to start a service in which a
route has no door.

What changes something and comes with a session's cookie must carry the session's CSRF
token, in the form or in ``X-CSRF-Token``, and must come from the service's own pages
(``Sec-Fetch-Site`` or ``Origin``).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.routing import BaseRoute, Mount

from truceline.access import Permission, Visitor
from truceline.access.recognising import SESSION, TOKEN
from truceline.access.secrets import digest
from truceline.access.visits import CAN_WAIT
from truceline.api.limits import Limits
from truceline.api.problems import Refused
from truceline.api.room import Room

SESSION_COOKIE: Final = "truceline_session"
CSRF_FIELD: Final = "csrf"
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")


def room_of(request: Request) -> Room:
    """Return the room that a request came into."""
    room = request.app.state.room
    if not isinstance(room, Room):
        raise TypeError("the service was started without a room")
    return room


class Door:
    """A dependency that lets a visitor through or refuses them; see the module."""

    def __init__(self, permission: Permission) -> None:
        """Make the door of one permission."""
        self.permission = permission

    async def __call__(self, request: Request) -> Visitor:
        """Return who asks.

        Raises:
            Refused: They may not, or asked too often, or what they sent was not sent from our pages.
        """
        room = room_of(request)
        visitor = _known_at_once(request, room)
        if visitor is None:
            visitor = await run_in_threadpool(visitor_of, request, room)
        _limits(request).require(self.permission, visitor, _client(request))
        if not visitor.may(self.permission):
            raise _denied(visitor, self.permission)
        if request.method not in SAFE:
            await _require_own_page(request, room, visitor)
        if self.permission is not Permission.ENTER:
            await self._note(room, visitor, f"{request.method} {request.url.path}")
        return visitor

    async def _note(self, room: Room, visitor: Visitor, path: str) -> None:
        if self.permission in CAN_WAIT:
            room.visits.note(visitor, self.permission, path)
        else:
            await run_in_threadpool(room.visits.note, visitor, self.permission, path)


class LookingDoor(Door):
    """The door of what a map asks for by the dozen: one look is noted, not each tile."""

    async def _note(self, room: Room, visitor: Visitor, path: str) -> None:
        room.visits.note_look(visitor, self.permission, path)


def _limits(request: Request) -> Limits:
    limits = request.app.state.limits
    if not isinstance(limits, Limits):
        raise TypeError("the service was started without limits")
    return limits


def _client(request: Request) -> str:
    return "" if request.client is None else request.client.host


def _known_at_once(request: Request, room: Room) -> Visitor | None:
    """Return who makes a request, where no file need be read to know it."""
    kind, _, secret = request.headers.get("authorization", "").partition(" ")
    if secret:
        return room.recognised.lately(TOKEN, secret.strip()) if kind.lower() == "bearer" else None
    cookie = request.cookies.get(SESSION_COOKIE)
    return room.recognised.lately(SESSION, cookie) if cookie else Visitor()


def visitor_of(request: Request, room: Room) -> Visitor:
    """Return who makes a request, by its bearer token or its cookie.

    Raises:
        Refused: It carries a token that is not good.
    """
    kind, _, secret = request.headers.get("authorization", "").partition(" ")
    if secret:
        found = room.recognised.by_token(secret.strip()) if kind.lower() == "bearer" else None
        if found is None:
            raise Refused(
                401, "The token is not known, or has run out.", "Make a new one on your account's page."
            )
        return found
    cookie = request.cookies.get(SESSION_COOKIE)
    return (room.recognised.by_session(cookie) if cookie else None) or Visitor()


def _denied(visitor: Visitor, permission: Permission) -> Refused:
    if visitor.account is None:
        return Refused(401, "Sign in first.", f"Only some who are signed in may {permission.value}.")
    return Refused(
        403, "This is not yours to do.", f"A {visitor.role.value} may not {permission.value} here."
    )


async def _require_own_page(request: Request, room: Room, visitor: Visitor) -> None:
    """Refuse what another site made a browser send.

    Raises:
        Refused: It did not come from our pages, or without the session's token.
    """
    if visitor.scopes is not None:
        return  # no browser adds a bearer token by itself
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    foreign = site is not None and site not in {"same-origin", "none"}
    if origin is not None and urlsplit(origin).netloc not in {
        request.headers.get("host", ""),
        urlsplit(room.address).netloc,
    }:
        foreign = True
    if foreign:
        raise Refused(403, "This was sent from another site.", "Open the page here and send it again.")
    if not visitor.csrf:
        return  # nobody is signed in, so there is nothing to abuse
    given = request.headers.get("x-csrf-token", "")
    if not given and request.headers.get("content-type", "").startswith(_FORMS):
        typed = (await request.form()).get(CSRF_FIELD, "")
        given = "" if isinstance(typed, UploadFile) else typed
    if digest(given) != digest(visitor.csrf):
        raise Refused(403, "The page was too old to be sent.", "Load it again, and send it again.")


def require_doors(app: FastAPI) -> None:
    """Refuse a service in which a route has no door.

    Raises:
        RuntimeError: Some route has none; which, it says.
    """
    bare = [route.path for route in api_routes(app.routes) if door_of(route) is None]
    if bare:
        raise RuntimeError(f"These routes say nobody's permission: {', '.join(bare)}")


def api_routes(routes: Iterable[BaseRoute]) -> list[APIRoute]:
    """Return every route of a service but its static files.

    Raises:
        RuntimeError: Something else than a route or static files is served.
    """
    found: list[APIRoute] = []
    for route in routes:
        if isinstance(route, APIRoute):
            found.append(route)
        elif not isinstance(route, Mount):
            raise RuntimeError(f"{route!r} is served without a door")  # noqa: TRY004 - of the service, not a type
    return found


def door_of(route: APIRoute) -> Door | None:
    """Return the door of a route, or None."""
    pending: list[Dependant] = [route.dependant]
    while pending:
        dependant = pending.pop()
        if isinstance(dependant.call, Door):
            return dependant.call
        pending += dependant.dependencies
    return None
