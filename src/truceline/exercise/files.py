# SPDX-License-Identifier: Apache-2.0
"""What an exercise writes beside its mission: rows for intake, and the truth for its trainers."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence

from truceline.evidence import JSON
from truceline.exercise.claiming import DayClaim
from truceline.exercise.observers import Report
from truceline.exercise.staging import CAVEAT, MARK
from truceline.exercise.truth import TrueEvent
from truceline.exercise.watching import Shift
from truceline.interval import iso


def table(reports: Sequence[Report]) -> str:
    """Return reports as an observation table (format ``table``)."""
    return _csv(
        {
            "observation_id": one.observation_id,
            "source_id": one.source_id,
            "source_kind": one.kind_of_source.value,
            "family": one.family,
            "event_from": iso(one.event_from),
            "event_to": iso(one.event_to),
            "time_sigma_s": f"{one.time_sigma_s:.0f}",
            "latitude": f"{one.position[0]:.5f}",
            "longitude": f"{one.position[1]:.5f}",
            "sigma_major_m": f"{one.sigma_m:.0f}",
            "sigma_minor_m": f"{one.sigma_m:.0f}",
            "azimuth_deg": "0",
            "place_name": one.place_name,
            "kind": one.kind.value,
            "count_min": "" if one.count[0] is None else str(one.count[0]),
            "count_max": "" if one.count[1] is None else str(one.count[1]),
            "received_at": iso(one.received_at),
            "origin_id": one.origin_id,
            "note": one.details.get("note", MARK),
            "weapon_class": one.details.get("weapon_class", ""),
        }
        for one in reports
    )


def watches(shifts: Sequence[Shift], first: int) -> str:
    """Return shifts as watches (format ``watches``), numbered from ``first`` on."""
    return _csv(
        {
            "watch_id": f"{MARK}-watch-{number:05d}",
            "source_id": one.post.source_id,
            "source_kind": one.post.kind.value,
            "watched_from": iso(one.begins),
            "watched_to": iso(one.ends),
            "latitude": f"{one.post.position[0]:.4f}",
            "longitude": f"{one.post.position[1]:.4f}",
            "sigma_m": "100",
            "place_name": one.post.place_name,
            "range_m": f"{one.post.range_m:.0f}",
            "state": one.state.value,
            "note": f"{MARK}. {one.note}".strip(),
        }
        for number, one in enumerate(shifts, start=first)
    )


def claims(made: Sequence[DayClaim]) -> str:
    """Return what parties claim of days (format ``party-claims``)."""
    return _csv(
        {
            "claim_id": one.claim_id,
            "claimant": one.claimant,
            "about": one.about,
            "period_from_utc": iso(one.begins),
            "period_to_utc": iso(one.ends),
            "published_on": iso(one.ends),
            "what": "acts of fire",
            "count_qualifier": one.qualifier,
            "count": str(one.count),
            "source_url": "",
            "note": MARK,
        }
        for one in made
    )


def truth(
    events: Sequence[TrueEvent],
    reports: Sequence[Report],
    made: Mapping[str, JSON],
    stages: Mapping[str, str],
) -> str:
    """Return the truth of an exercise, for its trainers: what happened, and which reports tell of what.

    Args:
        events: What really happens.
        reports: Every report.
        made: From what the exercise was made.
        stages: Each case's number, and the stage that it was brought to.
    """
    told: dict[str, list[str]] = {}
    for one in reports:
        told.setdefault(one.of, []).append(one.observation_id)
    document: dict[str, JSON] = {
        "mark": CAVEAT,
        "made_from": dict(made),
        "events": [
            {
                "id": one.event_id,
                "at": iso(one.at),
                "latitude": round(one.position[0], 5),
                "longitude": round(one.position[1], 5),
                "kind": one.kind.value,
                "count": one.count,
                "by": one.by,
                "clause": f"{one.version}/{one.clause}",
                "notified_exception": one.exception,
                "staged": one.staged,
                "reports": [*told.get(one.event_id, [])],
            }
            for one in events
        ],
        "false_reports": [*told.get("", [])],
        "cases": dict(stages),
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _csv(rows: Iterable[Mapping[str, str]]) -> str:
    """Return rows as CSV with a header; empty: there are none."""
    made = list(rows)
    if not made:
        return ""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(made[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(made)
    return out.getvalue()
