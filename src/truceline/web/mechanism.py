# SPDX-License-Identifier: Apache-2.0
"""Guarantees, coalition, force and hubs, and the support ledger."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from truceline.api.reading import Here, moment
from truceline.guarantees.money import written
from truceline.mission import views
from truceline.web.pages import page
from truceline.web.situation import Reader

router = APIRouter(include_in_schema=False)

At = Annotated[str, Query(max_length=40)]


@router.get("/guarantees")
def guarantees(
    request: Request, room: Here, visitor: Reader, finding: Annotated[str, Query(max_length=80)] = ""
) -> HTMLResponse:
    """Show each commitment, its gates, its obligations and their clocks; try a hypothetical finding."""
    agreement = room.mission.agreement
    known = [one.id for one in agreement.commission.characterisations]
    asked = [finding] if finding in known else []
    return page(
        request,
        visitor,
        "guarantees.html",
        "Guarantees",
        commitments=views.commitments(room.mission),
        stated={one.id: one for one in agreement.guarantees},
        gates={gate.id: gate for gate in agreement.gates},
        ahead=views.outlook(room.mission, asked) if asked else None,
        finding=finding,
    )


@router.get("/coalition")
def coalition(request: Request, room: Here, visitor: Reader, at: At = "", leaving: At = "") -> HTMLResponse:
    """Show the coalition, the force and its hubs as of a moment, and what would fall away."""
    as_of = moment(room, at)
    known = {actor.id for actor in room.mission.agreement.actors}
    holdings = views.coalition(room.mission, as_of)
    known |= {one.actor for one in holdings}
    return page(
        request,
        visitor,
        "coalition.html",
        "Coalition, force and hubs",
        as_of=as_of,
        at=at,
        holdings=holdings,
        force=views.force(room.mission, visitor.who, as_of),
        stated=room.mission.agreement.force,
        regions={one.id: one for one in room.mission.agreement.places.regions},
        leaving=leaving,
        falls=views.departure(room.mission, leaving, as_of) if leaving in known else None,
    )


@router.get("/support")
def support(request: Request, room: Here, visitor: Reader, at: At = "") -> HTMLResponse:
    """Show the support ledger as of a day."""
    as_of = moment(room, at)
    return page(
        request,
        visitor,
        "support.html",
        "Support ledger",
        as_of=as_of,
        at=at,
        ledger=views.support(room.mission, as_of),
        written=written,
    )
