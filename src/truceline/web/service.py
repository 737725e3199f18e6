# SPDX-License-Identifier: Apache-2.0
"""The whole service: the API and the console over one room."""

from __future__ import annotations

from fastapi import FastAPI

from truceline.api import Room, make_app
from truceline.api.limits import Limits
from truceline.web import (
    agreement,
    entering,
    incidents,
    mechanism,
    organisations,
    passkeys,
    people,
    procedure,
    record,
    review,
    situation,
)
from truceline.web.assets import load_assets
from truceline.web.pages import problem_page


def service(room: Room, *, limits: Limits | None = None) -> FastAPI:
    """Return the service of a room.

    Args:
        room: What is served.
        limits: How often a door may be knocked at; None: as the service has it.
    """
    pages = (
        situation, incidents, review, agreement, procedure, mechanism, record, people, entering, passkeys,
        organisations,
    )  # fmt: skip
    routers = [one.router for one in pages]
    app = make_app(room, routers, problem_page, limits=limits)
    app.state.assets = load_assets()
    app.mount("/assets", app.state.assets)
    return app
