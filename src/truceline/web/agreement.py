# SPDX-License-Identifier: Apache-2.0
"""The agreement: its clauses, zones, commission and guarantees as the pack states them, and its facts."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from truceline.api.reading import Here
from truceline.mission import views
from truceline.web.languages import language_of
from truceline.web.pages import page
from truceline.web.situation import Reader, in_force_words

router = APIRouter(include_in_schema=False)


@router.get("/agreement")
def agreement(request: Request, room: Here, visitor: Reader) -> HTMLResponse:
    """Show what was agreed, with every account of every fact."""
    standing = views.standing(room.mission, room.now)
    return page(
        request,
        visitor,
        "agreement.html",
        "Agreement",
        standing=standing,
        in_force=in_force_words(room.mission.agreement, standing.state.value, room.now, language_of(request)),
    )
