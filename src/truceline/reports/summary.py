# SPDX-License-Identifier: Apache-2.0
"""A report in a sentence or two: is it in force, what was reported, how much was seen."""

from __future__ import annotations

from truceline.reports import words
from truceline.reports.model import DailyReport, ForceState
from truceline.reports.period import reporting_zone


def in_force(report: DailyReport) -> str:
    """Say in a sentence whether the agreement is in force in the period."""
    standing = report.standing
    nearest = standing.nearest
    if nearest is None:
        return "Not in force: the agreement states no hours in which it is."
    start = f"{words.moment(nearest.start)} UTC"
    end = "" if nearest.end is None else f"{words.moment(nearest.end)} UTC"
    match standing.state:
        case ForceState.WHOLE:
            return f"In force for the whole period: day {standing.day}."
        case ForceState.PART:
            parts = " and ".join(f"{words.hours(part)} UTC" for part in standing.within)
            return f"In force for a part of the period, {parts}: day {standing.day}."
        case ForceState.BEFORE:
            return f"Not in force: the period lies before the truce, which begins on {start}."
        case ForceState.BETWEEN:
            return f"Not in force: the period lies between two truces; the next begins on {start}."
        case _:
            return f"Not in force: the period lies after the truce, which ended on {end}."


def figures_line(report: DailyReport) -> str:
    """Return the figures with their interval, their coverage and their time."""
    zone = reporting_zone(report.agreement.reporting)
    share = report.coverage.share
    watched = (
        "how much of the line was watched is not known"
        if share is None
        else f"{words.percent(share)} of the line watched"
    )
    cut_off, utc = report.agreement.reporting.cut_off, words.moment(report.period.last, dated=False)
    noun = "incident" if report.tally.most == 1 else "incidents"
    return f"{words.tally(report.tally)} {noun} reported · {watched} · as of {cut_off} {zone.key} ({utc} UTC)"


def headline(report: DailyReport) -> str:
    """Return the report in one line, for a terminal: the date, the figures, whether in force."""
    exercise = "EXERCISE. " if report.derivation.exercise else ""
    return f"{exercise}{words.day(report.report_date)}: {figures_line(report)}. {in_force(report)}"
