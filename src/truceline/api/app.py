# SPDX-License-Identifier: Apache-2.0
"""The application: routes, doors, errors and the headers that every answer carries."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

from anyio.to_thread import current_default_thread_limiter
from fastapi import APIRouter, FastAPI
from fastapi.responses import JSONResponse
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from truceline import __version__
from truceline.api import acting, events, evidence, ground, reading, reports, tiles
from truceline.api.acting import LARGEST_UPLOAD
from truceline.api.doors import require_doors
from truceline.api.limits import Limits
from truceline.api.problems import MEDIA_TYPE, Render, handle_problems, problem_of
from truceline.api.room import Room
from truceline.api.turns import THREADS, Turns

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

LARGEST_BODY: Final = LARGEST_UPLOAD + (1 << 20)
"""Bytes of one request: what is larger is refused before it fills a disk."""

AS_IT_IS: Final = ("text/event-stream", "application/octet-stream", "application/vnd.pmtiles", "image/*")
"""What is sent as it is: streams, files of evidence and of the log.  Everything else is compressed, for bad
lines.  Compression tells nobody a secret of the page (BREACH): the session's cookie is SameSite=Strict, so
no other site can have a page made that holds both its own text and somebody's."""

HEADERS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
}


class Headers:
    """Adds to every answer the headers that protect whoever reads it."""

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        """Wrap an application; ``secure``: it is reached over TLS, and never otherwise."""
        self._app = app
        more = {"Strict-Transport-Security": "max-age=31536000"} if secure else {}
        self._headers = {**HEADERS, **more}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, sending)


class BodyLimit:
    """Refuses what is too large while it comes in, whoever sends it, before it fills a disk."""

    def __init__(self, app: ASGIApp, *, most: int) -> None:
        """Wrap an application; ``most``: bytes of one request."""
        self._app, self._most = app, most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        stated = dict(scope["headers"]).get(b"content-length", b"0")
        if stated.isdigit() and int(stated) > self._most:
            problem = problem_of(HTTPException(413))
            refusal = JSONResponse(problem.document(), problem.status, media_type=MEDIA_TYPE)
            await refusal(scope, receive, send)
            return
        came = 0

        async def receiving() -> Message:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            if came > self._most:
                raise HTTPException(413)  # its length was not stated, or was a lie
            return message

        await self._app(scope, receiving, send)


@asynccontextmanager
async def _living(app: FastAPI) -> AsyncIterator[None]:
    current_default_thread_limiter().total_tokens = THREADS
    async with events.following(app):
        yield


def make_app(
    room: Room, routers: Sequence[APIRouter], page: Render, *, limits: Limits | None = None
) -> FastAPI:
    """Return the service of a room.

    Args:
        room: What is served.
        routers: Those of the pages, beside those of the API.
        page: Shows an error to somebody with a browser.
        limits: How often a door may be knocked at; None: as the service has it.

    Raises:
        RuntimeError: A route says nobody's permission.
    """
    app = FastAPI(
        title="Truceline",
        version=__version__,
        summary="Ceasefire monitoring and verification in a record that mistrusting parties can check.",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=_living,
        # Nothing of a request leaves this service, whatever the environment says.
        telemetry={"auto_configure": False, "tracing": False},
    )
    app.state.room = room
    app.state.limits = limits or Limits()
    app.add_middleware(Turns)
    app.add_middleware(BodyLimit, most=LARGEST_BODY)
    app.add_middleware(GZipMiddleware, minimum_size=1_000, compresslevel=5, exclude_content_types=AS_IT_IS)
    app.add_middleware(Headers, secure=room.secure)  # outermost, so that refusals carry them, too
    handle_problems(app, page)
    read = (reading.router, tiles.router, ground.router, reports.router)
    for router in (*read, acting.router, evidence.router, events.router, *routers):
        app.router.routes.extend(router.routes)  # each as it is, so that every door can be seen
    require_doors(app)
    return app
