# SPDX-License-Identifier: Apache-2.0
"""The daily report, made from the last run for whoever may see all that it shows."""

from __future__ import annotations

import threading
from datetime import date
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response

from truceline.api.problems import PROBLEMS, Refused
from truceline.api.reading import Exporter, Here
from truceline.mission.reporting import make_daily_report
from truceline.mission.roll import sees_everything
from truceline.reports import report_files

router = APIRouter(prefix="/api/v1", tags=["read"], responses=PROBLEMS)

TYPES: Final = {
    "html": "text/html; charset=utf-8",
    "json": "application/json",
    "geojson": "application/geo+json",
    "csv": "text/csv; charset=utf-8",
}
_making = threading.Lock()


@router.get("/reports/daily", response_class=Response)
def daily(
    room: Here,
    visitor: Exporter,
    day: Annotated[date, Query(description="The day, as the pack's reporting zone has it.")],
    form: Annotated[Literal["html", "json", "geojson", "csv"], Query(alias="format")] = "html",
) -> Response:
    """Return the daily report of a day, to be saved: it works offline and on paper.

    A report is not cut to what one reader may see, so it is for those who may see everything.
    """
    if not sees_everything(room.mission.agreement, visitor.who):
        raise Refused(
            403,
            "The daily report is not released to you.",
            "It shows exact places and every tier below the sealed one. The situation page is for everybody.",
        )
    if not _making.acquire(blocking=False):
        raise Refused(503, "Another report is being made just now.", "Try again in a moment.")
    try:
        files = report_files(make_daily_report(room.mission, day))
    finally:
        _making.release()
    name = f"daily-{day.isoformat()}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(files[name], media_type=TYPES[form], headers=headers)
