# SPDX-License-Identifier: Apache-2.0
"""The hours that a daily report covers, and whether the agreement is in force in them.

A report for date D covers the hours from the pack's cut-off on the day before D to
the cut-off on D, in the pack's own zone: 24 hours, or 23 or 25 where clocks change.
A cut-off that clocks skip or repeat is taken with the offset in force before the change.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from truceline.agreement.model import Reporting
from truceline.errors import Fault, RejectedInput
from truceline.interval import Interval
from truceline.reports.model import ForceState, Standing


def reporting_zone(reporting: Reporting) -> ZoneInfo:
    """Return the pack's reporting zone.

    Raises:
        RejectedInput: No such zone is known.
    """
    try:
        return ZoneInfo(reporting.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        raise RejectedInput(
            "The pack's reporting zone is not known; name one such as Europe/Kyiv.",
            [Fault("agreement.yaml", "reporting.timezone", "no such zone", reporting.timezone)],
        ) from None


def _cut(reporting: Reporting, day: date) -> datetime:
    """Return the cut-off on ``day`` in UTC."""
    if reporting.cut_off == "24:00":
        local = datetime.combine(day + timedelta(days=1), time(), reporting_zone(reporting))
    else:
        local = datetime.combine(day, time.fromisoformat(reporting.cut_off), reporting_zone(reporting))
    return local.astimezone(UTC)


def report_period(reporting: Reporting, report_date: date) -> Interval:
    """Return the hours that the report for ``report_date`` covers, UTC.

    Raises:
        RejectedInput: The pack's reporting zone is not known.
    """
    return Interval(_cut(reporting, report_date - timedelta(days=1)), _cut(reporting, report_date))


def previous_period(reporting: Reporting, report_date: date) -> Interval:
    """Return the hours of the report for the date before ``report_date``, UTC."""
    return report_period(reporting, report_date - timedelta(days=1))


def standing(in_force: tuple[Interval, ...], period: Interval, report_date: date, zone: ZoneInfo) -> Standing:
    """Say how ``period`` lies to the hours in which the agreement is in force."""
    hours = sorted(in_force, key=lambda one: (one.start, one.last))
    if not hours:
        return Standing(ForceState.NEVER, (), None, None)
    common = [(one, part) for one in hours if (part := one.intersection(period)) is not None]
    within = tuple(part for _, part in common)
    if common:
        nearest = common[-1][0]
        day = (report_date - nearest.start.astimezone(zone).date()).days + 1
        whole = any(part == period for part in within)
        return Standing(ForceState.WHOLE if whole else ForceState.PART, within, nearest, day)
    earlier = [one for one in hours if one.last <= period.start]
    if not earlier:
        return Standing(ForceState.BEFORE, (), hours[0], None)
    if len(earlier) == len(hours):
        return Standing(ForceState.AFTER, (), earlier[-1], None)
    return Standing(ForceState.BETWEEN, (), hours[len(earlier)], None)
