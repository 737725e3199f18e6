# SPDX-License-Identifier: Apache-2.0
"""One shape for every error: problem details (RFC 9457), as JSON or as a page.

What happened, to which thing, what was kept, what to do next.  Nothing else of an
unforeseen error leaves the service: its trace goes to the operator's log.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.responses import Response

from truceline.errors import Fault, MechanismError, RejectedInput, RuleViolation, StorageFailure
from truceline.evidence import JSON
from truceline.evidence.verify import VerificationError

MEDIA_TYPE = "application/problem+json"
_SHAPE: dict[str, object] = {
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "rule": {"type": "string"},
        "citation": {"type": "string"},
        "faults": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "where": {"type": "string"},
                    "path": {"type": "string"},
                    "reason": {"type": "string"},
                },
            },
        },
    },
}
PROBLEMS: dict[int | str, dict[str, object]] = {
    status: {"description": said, "content": {MEDIA_TYPE: {"schema": _SHAPE}}}
    for status, said in (
        (400, "Malformed, or sent from elsewhere."),
        (401, "Not signed in."),
        (403, "Not this role's to do."),
        (404, "Not there, or not released to who asks."),
        (409, "Forbidden by a rule of procedure."),
        (413, "Too large."),
        (415, "Of a sort that is not taken."),
        (422, "Cannot be read; each fault is told."),
        (429, "Too often."),
        (503, "Not now."),
    )
}
"""How the description of the service tells of errors; every route may answer so."""

_log = logging.getLogger("truceline.service")


class Refused(Exception):  # noqa: N818 - the service's word
    """A request that is refused before it reaches a service of the mission."""

    def __init__(self, status: int, title: str, detail: str) -> None:
        """Keep the status of HTTP, what happened and what to do."""
        super().__init__(title)
        self.status, self.title, self.detail = status, title, detail


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong with a request.

    Attributes:
        status: Of HTTP.
        title: What happened, in a sentence.
        detail: What was kept and what to do.
        faults: Each fault, with its place and reason.
        rule: The rule of procedure that forbids it; empty: none.
        citation: Where the rule stands.
    """

    status: int
    title: str
    detail: str = ""
    faults: tuple[Fault, ...] = ()
    rule: str = ""
    citation: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def document(self) -> dict[str, JSON]:
        """Return it as RFC 9457 has it."""
        held: dict[str, JSON] = {"type": "about:blank", "title": self.title, "status": self.status}
        if self.detail:
            held["detail"] = self.detail
        if self.faults:
            held["faults"] = [
                {"where": one.where, "path": one.path, "reason": one.reason, "value": one.value}
                for one in self.faults
            ]
        if self.rule:
            held |= {"rule": self.rule, "citation": self.citation}
        return held


def problem_of(error: Exception) -> Problem:
    """Return what to tell of an error."""
    if isinstance(error, MechanismError | VerificationError):
        return _of_the_mission(error)
    match error:
        case Refused():
            later = _LATER.get(error.status)
            headers = {} if later is None else {"Retry-After": later}
            return Problem(error.status, error.title, error.detail, headers=headers)
        case RequestValidationError():
            faults = tuple(
                Fault("request", ".".join(map(str, one["loc"])), str(one["msg"])) for one in error.errors()
            )
            return Problem(422, "The request cannot be read.", "Nothing was changed.", faults)
        case HTTPException():
            said = _SAID.get(error.status_code, str(error.detail))
            return Problem(error.status_code, said, headers=dict(error.headers or {}))
    _log.error("unforeseen", exc_info=error)
    return Problem(
        500, "Something went wrong here.", "Nothing was recorded. Tell the operator when it happened."
    )


def _of_the_mission(error: MechanismError | VerificationError) -> Problem:
    match error:
        case RejectedInput():
            return Problem(422, error.summary, "Nothing was changed.", error.faults)
        case RuleViolation():
            cited = f"Forbidden by {error.citation}. " if error.citation else ""
            said = f"{cited}Nothing was recorded."
            return Problem(409, error.summary, said, (), error.rule, error.citation)
        case StorageFailure():
            return Problem(503, str(error), "Try again in a while.", headers={"Retry-After": "5"})
    return Problem(500, str(error), "Tell the operator; the record itself is untouched.")


_LATER = {429: "60", 503: "5"}
"""After how many seconds it is worth trying again."""

_SAID = {404: "There is no such page.", 405: "This cannot be done here.", 413: "That is too much at once."}

Render = Callable[[Request, Problem], Response]
"""Shows a problem to somebody with a browser."""


def handle_problems(app: FastAPI, page: Render) -> None:
    """Answer every error of a service in one shape: a page to who asks for one, else JSON."""

    async def answer(request: Request, error: Exception) -> Response:
        problem = problem_of(error)
        if not request.url.path.startswith("/api/") and "text/html" in request.headers.get("accept", ""):
            return page(request, problem)
        return JSONResponse(
            problem.document(), problem.status, headers=problem.headers, media_type=MEDIA_TYPE
        )

    for kind in (
        Refused, MechanismError, VerificationError, RequestValidationError, HTTPException, Exception,
    ):  # fmt: skip
        app.add_exception_handler(kind, answer)
