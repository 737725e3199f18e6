# SPDX-License-Identifier: Apache-2.0
"""Situation: is it in force, what happened, against what, how much was watched, what needs a person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse

from truceline.access import Permission, Visitor
from truceline.agreement import Agreement
from truceline.api.doors import Door
from truceline.api.reading import Here, moment
from truceline.api.room import Room
from truceline.assessment import Coverage, coverage
from truceline.commission.case import WINDOW
from truceline.interval import Interval
from truceline.mission import Mission, views
from truceline.mission.reading import claims, span_of, watches
from truceline.mission.reporting import line_at
from truceline.mission.roll import Filter, Selection, per_period, sees_everything, shown_watches
from truceline.observation import PartyClaim, Watch
from truceline.procedure import ClockState
from truceline.reports import words
from truceline.reports.map_svg import DrawnMap
from truceline.reports.period import reporting_zone
from truceline.web.drawing import Day, draw_days, draw_selection, frame_of, working
from truceline.web.languages import Language, language_of
from truceline.web.pages import page

router = APIRouter(include_in_schema=False)

Reader = Annotated[Visitor, Depends(Door(Permission.READ))]

DAYS: Final = 14
STALE: Final = timedelta(days=7)
"""A record that ended longer ago is shown as of its end, and says so."""


IN_FORCE_UNTIL: Final = "In force since {since} UTC, until {until} UTC: day {day}."
IN_FORCE: Final = "In force since {since} UTC: day {day}."
NO_LONGER: Final = "Not in force. It was in force from {since} to {until} UTC."
BY_THE_RECORD: Final = "By the record it is {state}."


@dataclass(frozen=True, slots=True)
class Beside:
    """The claims about the same hours, by party, and what the record holds for them."""

    period: Interval
    by_party: dict[str, tuple[PartyClaim, ...]]
    others: tuple[PartyClaim, ...]
    record: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Need:
    """What waits for a person, and where to see to it."""

    said: str
    address: str
    late: bool
    due: datetime | None = None


@router.get("/")
def situation(
    request: Request, room: Here, visitor: Reader, at: Annotated[str, Query(max_length=40)] = ""
) -> HTMLResponse:
    """Show how things stand."""
    mission, agreement = room.mission, room.mission.agreement
    selection = room.selection(visitor.who, Filter())
    asked = moment(room, at) if at else None
    over = _over(room, selection) if asked is None else None
    as_of = asked or over or room.now
    last = Interval(as_of - timedelta(days=1), as_of)
    week_before = Interval(last.start - timedelta(days=7), last.last - timedelta(days=7))
    watched = _watches(mission, Interval(as_of - timedelta(days=DAYS), as_of))
    days = list(_days(mission, selection, watched, as_of)) if selection is not None else []
    recent = room.selection(visitor.who, Filter(since=last.start, until=as_of))
    standing = views.standing(mission, as_of)
    return page(
        request,
        visitor,
        "situation.html",
        "Situation",
        as_of=as_of,
        stale=over is not None,
        standing=standing,
        in_force=in_force_words(agreement, standing.state.value, as_of, language_of(request)),
        last=None if selection is None else per_period(selection, last),
        week_before=None if selection is None else per_period(selection, week_before),
        coverage=coverage(line_at(mission, last), watched, last),
        days=days,
        chart=draw_days(days) if days else "",
        drawn=None if selection is None or recent is None else _drawn(room, visitor, selection, recent, last),
        recent=0 if recent is None else len(recent),
        delay=None if selection is None else selection.rule,
        beside=_beside(mission, selection, Interval(as_of - timedelta(days=DAYS), as_of + timedelta(days=2))),
        needs=list(_needs(room, visitor, language_of(request))),
        report_day=(as_of - timedelta(seconds=1)).astimezone(reporting_zone(agreement.reporting)).date(),
        may_report=selection is not None and sees_everything(agreement, visitor.who),
        open_facts=[one for one in agreement.facts if one.resolution is None],
        day=last,
    )


def _drawn(
    room: Room, visitor: Visitor, selection: Selection, recent: Selection, hours: Interval
) -> DrawnMap:
    watched = shown_watches(room.mission, visitor.who, hours, room.now)
    bounds = frame_of(room.mission, selection)
    return draw_selection(room.mission, recent, bounds, hours.last, working(watched))


def _over(room: Room, selection: Selection | None) -> datetime | None:
    """Return when all this ended: the agreement, or a record long over; None: it goes on."""
    now, periods = room.now, room.mission.agreement.in_force
    ended = [held.end for held in periods if held.end is not None]
    if ended and len(ended) == len(periods) and max(ended) < now:
        return max(ended)
    if selection is None or not len(selection):
        return None
    began = float(selection.roll.from_s[selection.rows].max())
    zone = reporting_zone(room.mission.agreement.reporting)
    latest = datetime.fromtimestamp(began, UTC).astimezone(zone)
    end = (latest + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)
    return end if end + STALE < now else None


def in_force_words(agreement: Agreement, state: str, at: datetime, tongue: Language) -> str:
    """Say whether the agreement is in force, since when, and on which day of it."""
    for held in agreement.in_force:
        since = tongue.dated(words.moment(held.start))
        until = "" if held.end is None else tongue.dated(words.moment(held.end))
        if held.holds(at):
            return tongue(IN_FORCE_UNTIL if until else IN_FORCE).format(
                since=since, until=until, day=(at - held.start).days + 1
            )
        if held.end is not None and held.end <= at and held == agreement.in_force[-1]:
            return tongue(NO_LONGER).format(since=since, until=until)
    return tongue(BY_THE_RECORD).format(state=tongue(state.replace("_", " ")))


def _watches(mission: Mission, period: Interval) -> list[Watch]:
    with mission.store.read() as transaction:
        return list(watches(transaction, touching=span_of(period)))


def _days(mission: Mission, selection: Selection, watched: Sequence[Watch], as_of: datetime) -> Iterator[Day]:
    for back in range(DAYS, 0, -1):
        period = Interval(as_of - timedelta(days=back), as_of - timedelta(days=back - 1))
        least, most = per_period(selection, period)
        seen: Coverage = coverage(line_at(mission, period), watched, period)
        yield Day(period, least, most, seen.share)


def _beside(mission: Mission, selection: Selection | None, period: Interval) -> list[Beside]:
    """Return the claims of a time by their hours, so that only equal hours stand side by side."""
    parties = mission.agreement.party_ids()
    with mission.store.read() as transaction:
        stated = list(claims(transaction, touching=span_of(period)))
    by_hours: dict[tuple[datetime, datetime], list[PartyClaim]] = {}
    for claim in stated:
        by_hours.setdefault((claim.period.start, claim.period.last), []).append(claim)
    return [
        Beside(
            held[0].period,
            {party: tuple(one for one in held if words.side(one, parties) == party) for party in parties},
            tuple(one for one in held if words.side(one, parties) is None),
            (0, 0) if selection is None else per_period(selection, held[0].period),
        )
        for _, held in sorted(by_hours.items())
    ]


def _needs(room: Room, visitor: Visitor, tongue: Language) -> Iterator[Need]:
    """Yield what waits for a person: clocks that run, those that lapsed first."""
    found = [
        Need(
            f"{case.case_id}: {clock.clock_id.replace(':', ', ')}",
            f"/cases/{case.case_id}",
            clock.state is ClockState.LAPSED,
            clock.due,
        )
        for case in views.cases(room.mission, visitor.who)
        for clock in case.clocks
        if clock.state in {ClockState.RUNNING, ClockState.LAPSED}
        and case.closed_at is None
        and not clock.clock_id.startswith(WINDOW)  # somebody may, until it closes; nobody must
    ]
    found += [
        Need(
            f"{one.obligation.obligation_id}: {one.obligation.guarantor}, {commitment.commitment}",
            "/guarantees",
            any(clock.state is ClockState.LAPSED for clock in one.clocks),
        )
        for commitment in views.commitments(room.mission)
        for one in commitment.open
    ]
    found += _inquiries(room, visitor, tongue)
    yield from sorted(found, key=lambda need: (not need.late, need.said))


def _inquiries(room: Room, visitor: Visitor, tongue: Language) -> Iterator[Need]:
    """Yield the proposals that wait for a second person, and the requests that nobody has answered."""
    selection = room.selection(visitor.who, Filter())
    for name, inquiry in views.inquiries(room.mission, visitor.who).items():
        if selection is None or not selection.holds(name):
            continue
        address = f"/incidents/{name}#review"
        if inquiry.proposal is not None:
            proposed = tongue(words.status(inquiry.proposal.outcome))
            said = f"{name}: {proposed}, {tongue('proposed by')} {inquiry.proposal.person}"
            yield Need(said, address, late=False)
        for request in inquiry.requests.values():
            if not request.result:
                asked = request.asked_of or tongue("patrol")
                late = request.due is not None and request.due < room.now
                yield Need(f"{name}: {asked}: {request.text[:80]}", address, late, request.due)
