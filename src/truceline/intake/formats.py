# SPDX-License-Identifier: Apache-2.0
"""The formats that intake reads, and the one way in: ``read``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from truceline.errors import Fault, RejectedInput
from truceline.intake import alerts, claims, firms, reports, smm, smm_watch, table, viina, watches
from truceline.intake.fields import Fields
from truceline.intake.model import IntakeContext, Refusal
from truceline.intake.rows import open_rows
from truceline.observation.model import Statement

RowReader = Callable[[Fields], Statement]
"""Builds a statement from a row; asked for its faults before the statement is used."""


@dataclass(frozen=True, slots=True)
class Form:
    """One sort of file of a format, recognised by its columns.

    Attributes:
        title: What it is, for people.
        needs: Columns that must be there.
        reader: Makes what reads its rows, anew for each file.
    """

    title: str
    needs: frozenset[str]
    reader: Callable[[IntakeContext], RowReader]


FORMATS: Mapping[str, tuple[Form, ...]] = {
    "table": (Form("observation table", table.NEEDS, table.reader),),
    "reports": (Form("transcribed public reports", reports.NEEDS, reports.reader),),
    "smm": (
        Form("monitors' observations", smm.NEEDS, smm.reader),
        Form("hours watched", smm_watch.WATCH_NEEDS, smm_watch.watch_reader),
        Form("restrictions of movement", smm_watch.RESTRICTION_NEEDS, smm_watch.restriction_reader),
    ),
    "watches": (Form("who watched, where and when", watches.NEEDS, watches.reader),),
    "party-claims": (Form("parties' claims", claims.NEEDS, claims.reader),),
    "viina": (Form("labelled news reports", viina.NEEDS, viina.reader),),
    "firms": (Form("thermal detections", firms.NEEDS, firms.reader),),
    "air-alerts": (
        Form("alerts, official channel", alerts.OFFICIAL_NEEDS, alerts.official_reader),
        Form("alerts, noted by volunteers", alerts.VOLUNTEER_NEEDS, alerts.volunteer_reader),
    ),
}
"""Each format's name and the sorts of file that it takes."""


def read(path: Path, format_name: str, context: IntakeContext) -> Iterator[Statement | Refusal]:
    """Yield a statement or a refusal for each row of a file, in the file's order.

    Rows stream.  The file can turn out to be unreadable after rows were yielded (a
    broken archive, a line beyond the limit): whoever keeps rows does so in one
    transaction, and drops them all if this raises.

    Args:
        path: The file.
        format_name: A key of ``FORMATS``.
        context: The agreement, its gazetteer, and limits.

    Raises:
        RejectedInput: The format is not known, the file cannot be read, or its columns
            are not those of the format.
    """
    if format_name not in FORMATS:
        known = ", ".join(FORMATS)
        raise RejectedInput(
            f"There is no format {format_name}; use one of: {known}.",
            [Fault("format", "format", "not a known format", format_name)],
        )
    sheet = open_rows(path, context.limits)
    # Closes the file also when a caller stops half-way or the columns are refused.
    with closing(sheet.rows):
        read_row = _form(path.name, format_name, sheet.columns).reader(context)
        for row in sheet.rows:
            fields = Fields(path.name, row)
            statement = read_row(fields)
            yield fields.refusal() if fields.faults else statement


def _form(file: str, format_name: str, columns: tuple[str, ...]) -> Form:
    """Return the form whose columns are all there; else say what the nearest one lacks."""
    there = frozenset(columns)
    nearest = min(FORMATS[format_name], key=lambda form: len(form.needs - there))
    if missing := sorted(nearest.needs - there):
        raise RejectedInput(
            f"{file} lacks columns of format {format_name} ({nearest.title}); add them or name its format.",
            [Fault(file, "header", "column is missing", name) for name in missing],
        )
    return nearest
