# SPDX-License-Identifier: Apache-2.0
"""Review on the page of an incident: what was done, what can be done next, and a file that is attached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import RedirectResponse

from truceline.access import Visitor
from truceline.api.acting import Actor
from truceline.api.evidence import ATTACHERS, Uploaded, attached
from truceline.api.reading import Here
from truceline.mission.views import ReviewView
from truceline.procedure import Capacity

router = APIRouter(include_in_schema=False)

_INQUIRERS: Final = frozenset({Capacity.VERIFIER, Capacity.DUTY_OFFICER, Capacity.ANALYST})
_SECONDS: Final = frozenset({Capacity.VERIFIER, Capacity.HEAD_OF_MISSION})


@dataclass(frozen=True, slots=True)
class Offer:
    """A step that makes sense next, and the address of its form with all that is known filled in."""

    name: str
    address: str


def offers(seen: ReviewView | None, visitor: Visitor, incident_id: str) -> list[Offer]:
    """Return the steps on an incident that make sense next for somebody; the rules decide in the end."""
    if seen is None:
        return []
    inquiry, capacity = seen.inquiry, visitor.who.capacity
    if inquiry is None or inquiry.decision is not None:
        names = ["open-inquiry"] if capacity in _INQUIRERS | {Capacity.HEAD_OF_MISSION} else []
    elif inquiry.proposal is not None:
        may = capacity in _SECONDS and inquiry.proposal.person != visitor.who.person
        names = ["confirm-status"] if may else []
        names += ["decline-status"] if capacity in _SECONDS else []
    else:
        names = ["propose-status"] if capacity is Capacity.VERIFIER else []
        names += ["ask-for-evidence", "task-patrol"] if capacity in _INQUIRERS else []
    known = {
        "incident_id": incident_id if inquiry is None else inquiry.incident_id,
        "seen": str(0 if inquiry is None else inquiry.last),
    }
    return [Offer(name, f"/steps/{name}?{urlencode(known)}") for name in names]


def may_rule(visitor: Visitor) -> bool:
    """Tell whether somebody rules on which reports tell of one event, and corrects reports."""
    return visitor.who.capacity in _INQUIRERS


def may_attach(visitor: Visitor, seen: ReviewView | None) -> bool:
    """Tell whether somebody may attach a file to an incident now."""
    inquiry = None if seen is None else seen.inquiry
    return inquiry is not None and inquiry.decision is None and visitor.who.capacity in ATTACHERS


@router.post("/incidents/{incident_id}/files")
def attach(room: Here, visitor: Actor, incident_id: str, upload: Uploaded) -> RedirectResponse:
    """Attach a file to the inquiry into an incident."""
    attached(room, visitor, incident_id, upload)
    return RedirectResponse(f"/incidents/{incident_id}#review", 303)
