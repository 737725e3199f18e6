# SPDX-License-Identifier: Apache-2.0
"""Puts a daily report together: a pure function of its inputs, whatever their order.

Everything is sorted by what it is (time, id, the pack's order) before it is used, no
clock is read, and claims never enter a count of incidents.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from truceline.agreement.model import Agreement
from truceline.assessment.model import Coverage
from truceline.errors import Fault, RejectedInput
from truceline.interval import Interval
from truceline.observation.model import Observation
from truceline.reports import words
from truceline.reports.claims import claims_beside_record, comparisons_shown
from truceline.reports.entries import Places, Record, incident_entries
from truceline.reports.model import (
    Bounds,
    DailyReport,
    GroupRow,
    IncidentEntry,
    MapFrame,
    ReportInputs,
    UnassessedRow,
    UnplacedRow,
)
from truceline.reports.period import previous_period, report_period, reporting_zone, standing
from truceline.reports.tallies import hours_of
from truceline.vocabulary import Kind, Status, WatchState, is_attack

SAME_COVERAGE = 0.05
"""Shares of the line watched that differ by more make two periods incomparable."""

NO_REGION = "outside the named regions"
NO_REASON = "no reason is on record"


def _check_coverage(inputs: ReportInputs, period: Interval, previous: Interval) -> None:
    faults = [
        Fault("coverage", name, f"must cover {words.hours(wanted)} UTC", words.hours(coverage.interval))
        for name, coverage, wanted in (
            ("coverage", inputs.coverage, period),
            ("previous_coverage", inputs.previous_coverage, previous),
        )
        if coverage.interval != wanted
    ]
    if faults:
        raise RejectedInput(
            "Coverage was worked out for other hours; work it out for the report's period.", faults
        )


def _groups(
    record: Record, names: Sequence[str], order: Sequence[str], entries: Sequence[IncidentEntry]
) -> tuple[GroupRow, ...]:
    """Count by group; a group appears where either period holds anything of it.

    Args:
        record: The incidents of both periods.
        names: The group of each of them, in the record's order.
        order: The groups in the order of the rows.
        entries: The incidents of the period, for their statuses.
    """
    group_of = dict(zip((one.incident_id for one in record.incidents), names, strict=True))
    held = Counter((group_of[entry.incident.incident_id], entry.status) for entry in entries)
    rows = []
    for name in order:
        chosen = record.mask([one == name for one in names])
        now = record.timeline.tally(record.period, chosen)
        before = record.timeline.tally(record.previous, chosen)
        if now.most or before.most:
            rows.append(
                GroupRow(name, now, before, held[name, Status.ALLEGED], held[name, Status.CORROBORATED])
            )
    return tuple(rows)


def _unplaced(
    agreement: Agreement, observations: Sequence[Observation]
) -> tuple[tuple[Observation, ...], tuple[UnplacedRow, ...]]:
    """Return the observations without a place, and how many of each reason, family and kind."""
    order = {family.id: place for place, family in enumerate(agreement.families)}
    names = {family.id: family.name for family in agreement.families}
    kinds = list(Kind)
    listed = sorted(
        (one for one in observations if one.place is None),
        key=lambda one: (order.get(one.family, len(order)), one.family, one.when.start, one.observation_id),
    )
    reasons = Counter(_why_unplaced(one) for one in listed)
    counted = Counter((_why_unplaced(one), one.family, one.kind) for one in listed)

    def place_of(row: tuple[str, str, Kind]) -> tuple[int, str, int, str, int]:
        reason, family, kind = row
        return -reasons[reason], reason, order.get(family, len(order)), family, kinds.index(kind)

    return tuple(listed), tuple(
        UnplacedRow(row[0], names.get(row[1], row[1]), row[2], counted[row])
        for row in sorted(counted, key=place_of)
    )


def _why_unplaced(observation: Observation) -> str:
    return observation.detail("unplaced") or NO_REASON


def _unassessed(entries: Sequence[IncidentEntry]) -> tuple[UnassessedRow, ...]:
    """Count the incidents without an assessment by ground and likeliest kind."""
    kinds = list(Kind)
    rows = []
    grounds = Counter(entry.ground for entry in entries if entry.status is None)
    for ground in sorted(grounds, key=lambda one: (-grounds[one], one)):
        held = Counter(entry.kind for entry in entries if entry.status is None and entry.ground == ground)
        ordered = sorted(held.items(), key=lambda item: (-item[1], kinds.index(item[0])))
        rows.append(UnassessedRow(ground, grounds[ground], tuple(ordered)))
    return tuple(rows)


def _frame(inputs: ReportInputs, period: Interval, entries: Sequence[IncidentEntry]) -> MapFrame:
    zones = sorted(
        (zone for zone in inputs.agreement.zones if zone.valid.overlaps(period)),
        key=lambda zone: (zone.zone_id, zone.valid.start),
    )
    boxes: list[Bounds] = [
        (entry.incident.place.longitude, entry.incident.place.latitude) * 2 for entry in entries
    ]
    boxes += [zone.geometry.bounds for zone in zones if zone.role == "line" and not zone.geometry.is_empty]
    bounds = inputs.agreement.places.bounds
    if boxes:
        west, south = min(box[0] for box in boxes), min(box[1] for box in boxes)
        east, north = max(box[2] for box in boxes), max(box[3] for box in boxes)
        wide, high = max(0.08 * (east - west), 0.35), max(0.08 * (north - south), 0.25)
        bounds = (west - wide, max(south - high, -85.0), east + wide, min(north + high, 85.0))
    watched = sorted(
        (
            watch
            for watch in inputs.watches
            if watch.state is WatchState.OK and watch.place is not None and watch.when.overlaps(period)
        ),
        key=lambda watch: watch.watch_id,
    )
    towns = sorted(
        inputs.gazetteer.towns_in(bounds, 0),
        key=lambda town: (-town.population, town.name, town.latitude, town.longitude),
    )
    return MapFrame(bounds, tuple(zones), tuple(watched), tuple(towns[:150]))


def _settled(coverage: Coverage) -> Coverage:
    """Return the same coverage with its gaps in the order of time."""
    gaps = sorted(
        coverage.gaps, key=lambda gap: (gap.when.start, gap.when.last, gap.place_name, gap.state, gap.note)
    )
    return replace(coverage, gaps=tuple(gaps))


def why_incomparable(now: Coverage, before: Coverage) -> str:
    """Say why counts of two periods cannot be compared; empty: they can."""
    if now.share is None or before.share is None:
        which = "either period" if now.share is before.share else "one of the two periods"
        return f"how much of the line was watched in {which} is not known"
    if now.share == 0 or before.share == 0:
        return "in at least one of the two periods nothing of the line was watched"
    if abs(now.share - before.share) > SAME_COVERAGE:
        return (
            f"{words.percent(now.share)} of the line was watched now"
            f" and {words.percent(before.share)} in the period before"
        )
    if now.interval.duration != before.interval.duration:
        return "the two periods are not equally long, because clocks changed"
    return ""


def daily_report(inputs: ReportInputs) -> DailyReport:
    """Return the report for ``inputs.report_date``.

    Raises:
        RejectedInput: A member observation is missing, coverage is for other hours,
            or the pack's reporting zone is not known.
    """
    agreement, reporting = inputs.agreement, inputs.agreement.reporting
    period = report_period(reporting, inputs.report_date)
    previous = previous_period(reporting, inputs.report_date)
    _check_coverage(inputs, period, previous)
    record, places = Record(inputs, period, previous), Places(inputs.gazetteer)
    entries = incident_entries(inputs, record, places)
    kind_names = [words.kind_group(kind).value for kind in record.kinds]
    region_names = [places.region(incident) or NO_REGION for incident in record.incidents]
    members = {member for entry in entries for member in entry.incident.members}
    fused = {
        member for incident in record.incidents for member in incident.members
    } | inputs.members_elsewhere
    outside = [
        one for one in inputs.observations if one.observation_id not in members and one.when.overlaps(period)
    ]
    apart = [one for one in outside if one.observation_id not in fused]
    unplaced, unplaced_rows = _unplaced(agreement, apart)
    statuses = Counter(entry.status for entry in entries)
    pack_regions = [words.named(region.name) for region in agreement.places.regions]
    found_regions = sorted({*region_names} - {*pack_regions, NO_REGION})
    return DailyReport(
        agreement=agreement,
        report_date=inputs.report_date,
        period=period,
        previous=previous,
        standing=standing(agreement.in_force, period, inputs.report_date, reporting_zone(reporting)),
        clauses=agreement.clauses_on(period),
        entries=entries,
        tally=record.timeline.tally(period),
        attacks=record.timeline.tally(period, record.mask([is_attack(kind) for kind in record.kinds])),
        by_status=tuple((one, statuses[one]) for one in words.STATUS_WORDS if statuses[one]),
        unassessed=_unassessed(entries),
        without_watch=sum(
            not any(one.source_kind in words.MONITORS for one in entry.observations) for entry in entries
        ),
        by_hour=tuple(record.timeline.tally(hour) for hour in hours_of(period)),
        kinds=_groups(record, kind_names, [kind.value for kind in Kind], entries),
        regions=_groups(
            record, region_names, [*dict.fromkeys(pack_regions), *found_regions, NO_REGION], entries
        ),
        claims=claims_beside_record(agreement, inputs.claims, period, record.count),
        comparisons=comparisons_shown(agreement, inputs.claims, period),
        coverage=_settled(inputs.coverage),
        previous_coverage=_settled(inputs.previous_coverage),
        incomparable=why_incomparable(inputs.coverage, inputs.previous_coverage),
        unplaced=unplaced,
        unplaced_rows=unplaced_rows,
        unfused=len(apart) - len(unplaced),
        elsewhere=len(outside) - len(apart),
        frame=_frame(inputs, period, entries),
        derivation=inputs.derivation,
    )
