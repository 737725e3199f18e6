# SPDX-License-Identifier: Apache-2.0
"""From the engine's numbers to the account that people read: incidents and memberships.

What is published is what the sources declared, combined: the inflation with which the
engine compares reports is taken out again.  Figures are rounded, so that the last bits of
a machine's arithmetic never show.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from truceline.fusion.association import Scores
from truceline.fusion.incidents import Incidents, carriers
from truceline.fusion.model import Fusion, Incident, Membership
from truceline.fusion.reports import FIRST, LAST, LAT, LON, MEAN, PRECISION, VXX, VXY, VYY, Reports
from truceline.fusion.settings import FusionSettings
from truceline.geodesy import Ellipse
from truceline.interval import EARLIEST, LATEST, Interval
from truceline.observation.table import KINDS, SOURCE_KINDS, ObservationTable
from truceline.vocabulary import Kind

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_DECIMALS = 6
_LEAST_KIND = 0.0005
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def incident_id(earliest_observation_id: str) -> str:
    """Return the id of the incident whose earliest member has this id."""
    return "inc-" + hashlib.sha256(earliest_observation_id.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """Where a run of the engine has arrived.

    Attributes:
        table: As handed in.
        order: Row of the table for each report.
        reports: In insertion order.
        incidents: With their members.
        settings: The assumptions behind it.
        ruled: Reports whose incident people ruled on: they belong there for certain.
    """

    table: ObservationTable
    order: Integers
    reports: Reports
    incidents: Incidents
    settings: FusionSettings
    ruled: frozenset[int] = frozenset()


def account(outcome: Outcome, scores: Sequence[Scores], engine: str) -> Fusion:
    """Return what a run of the engine gives, sorted by id.

    Args:
        outcome: Where it has arrived.
        scores: Of each report against the outcome.
        engine: Name and version of the engine.
    """
    incidents, ids = outcome.incidents, outcome.table.observation_id[outcome.order]
    names = {slot: incident_id(ids[members[0]]) for slot, members in enumerate(incidents.members) if members}
    memberships = [
        _ruled(ids[report], int(incidents.slot_of[report]), one, names)
        if report in outcome.ruled
        else _membership(ids[report], int(incidents.slot_of[report]), one, names)
        for report, one in enumerate(scores)
    ]
    belonging = np.array([membership.probability for membership in memberships])
    published = [_incident(name, slot, outcome, belonging) for slot, name in names.items()]
    return Fusion(
        tuple(sorted(published, key=lambda incident: incident.incident_id)),
        tuple(sorted(memberships, key=lambda membership: membership.observation_id)),
        engine,
        outcome.settings.as_numbers(),
    )


def _membership(observation_id: str, own: int, scores: Scores, names: dict[int, str]) -> Membership:
    """Return how a report belongs to its incident; one that stands alone has no odds against itself."""
    rivals = [row for row, slot in enumerate(scores.slots) if slot != own]
    runner_up = max(rivals, key=lambda row: (scores.log_odds[row], -row), default=None)
    if own in scores.slots:
        at = scores.slots.index(own)
        probability, terms = float(scores.probability[at]), scores.terms[at]
    else:
        probability, terms = 1.0 - float(scores.probability.sum()), np.zeros(5)
    space, time, kind, intensity, prior = (round(float(term), _DECIMALS) + 0.0 for term in terms)
    return Membership(
        observation_id,
        names[own],
        min(max(round(probability, _DECIMALS), 0.0), 1.0),
        None if runner_up is None else names[scores.slots[runner_up]],
        0.0 if runner_up is None else _rounded_down(float(scores.probability[runner_up])),
        space,
        time,
        kind,
        intensity,
        prior,
    )


def _ruled(observation_id: str, own: int, scores: Scores, names: dict[int, str]) -> Membership:
    """Return how a report belongs where people put it: for certain, beside the odds it would have had."""
    weighed = _membership(observation_id, own, scores, names)
    return replace(weighed, probability=1.0, runner_up_id=None, runner_up_probability=0.0)


def _incident(name: str, slot: int, outcome: Outcome, belonging: Floats) -> Incident:
    """Return the published account of one incident."""
    table, reports, settings = outcome.table, outcome.reports, outcome.settings
    members, summary = outcome.incidents.members[slot], outcome.incidents.summaries[slot]
    rows, independent = outcome.order[members], carriers(reports, members)
    count_min, count_max = _counts(table.count_min[rows], table.count_max[rows])
    false_share = np.array([settings.false_share[SOURCE_KINDS[code]] for code in table.source_kind[rows]])
    return Incident(
        name,
        _place(summary, table, outcome.order[independent], settings),
        _when(summary, settings),
        _kinds(outcome.incidents.kinds[slot]),
        count_min,
        count_max,
        len(members),
        min(len(independent), len(set(reports.sources[members].tolist()))),
        probability_real(reports.voices[members], false_share, belonging[members]),
        tuple(sorted(table.observation_id[rows].tolist())),
    )


def probability_real(voices: Integers, false_share: Floats, belonging: Floats) -> float:
    """Return how probable it is that at least one voice reports a real event.

    A voice is an origin with all its relays, or a source where no origin is named.  Voices
    are taken to err independently; relays of one are as doubtful as the most doubtful of
    them.  The most trusted voice counts whole, because the incident is what it speaks of;
    every other counts as far as it belongs.

    Args:
        voices: Of each member.
        false_share: Of each member's source kind.
        belonging: Probability of each membership.
    """
    doubts: dict[int, float] = {}
    links: dict[int, float] = {}
    for voice, doubt, link in zip(voices.tolist(), false_share.tolist(), belonging.tolist(), strict=True):
        doubts[voice] = max(doubts.get(voice, 0.0), doubt)
        links[voice] = max(links.get(voice, 0.0), link)
    trusted = min(doubts, key=lambda voice: (doubts[voice], voice))
    all_false = 1.0
    for voice, doubt in doubts.items():
        all_false *= 1 - (1.0 if voice == trusted else links[voice]) * (1 - doubt)
    # Never rounded to certainty: however many agree, each may be wrong.
    return min(round(1 - all_false, _DECIMALS), 1 - 10.0**-_DECIMALS)


def _place(summary: Floats, table: ObservationTable, rows: Integers, settings: FusionSettings) -> Ellipse:
    """Return the fused ellipse; that of a single origin is the source's own."""
    if len(rows) == 1:
        row = rows[0]
        made = Ellipse(
            float(table.latitude[row]),
            float(table.longitude[row]),
            float(table.sigma_major_m[row]),
            float(table.sigma_minor_m[row]),
            float(table.azimuth_deg[row]) % 180.0,
        )
    else:
        declared = summary[[VXX, VXY, VYY]] / settings.sigma_inflation**2
        made = Ellipse.from_covariance(float(summary[LAT]), float(summary[LON]), *declared.tolist())
    return Ellipse(
        round(made.latitude, _DECIMALS + 1),
        round(made.longitude, _DECIMALS + 1),
        round(made.sigma_major_m, 3),
        round(made.sigma_minor_m, 3),
        round(made.azimuth_deg, 3) % 180.0,
    )


def _when(summary: Floats, settings: FusionSettings) -> Interval:
    """Return the interval in which the event began, one sigma beyond the fused ends."""
    first, last = float(summary[FIRST]), float(summary[LAST])
    if summary[PRECISION] > 0:
        sigma = 1 / (np.sqrt(float(summary[PRECISION])) * settings.sigma_inflation)
        mean = min(max(float(summary[MEAN]), first), last)
        first, last = max(first, mean - sigma), min(last, mean + sigma)
    if first > last:
        # People put together what cannot be of one moment: the account spans what lies between.
        first, last = last, first
    return Interval(_moment(first), _moment(last))


def _moment(seconds: float) -> datetime:
    """Return the instant to the millisecond, within the years that the system knows."""
    first, last = (limit.timestamp() for limit in (EARLIEST, LATEST))
    return _EPOCH + timedelta(milliseconds=round(min(max(seconds, first), last) * 1e3))


def _kinds(belief: Floats) -> tuple[tuple[Kind, float], ...]:
    """Return the kinds worth naming with their probabilities, descending, summing to 1."""
    named = np.flatnonzero(belief >= _LEAST_KIND)
    shares = np.round(belief[named] / belief[named].sum(), _DECIMALS)
    ranked = sorted(zip(named.tolist(), shares.tolist(), strict=True), key=lambda pair: (-pair[1], pair[0]))
    rest = round(1.0 - sum(share for _, share in ranked[1:]), _DECIMALS)
    return tuple((KINDS[code], rest if place == 0 else share) for place, (code, share) in enumerate(ranked))


def _counts(least: Integers, greatest: Integers) -> tuple[int | None, int | None]:
    """Return the least and the greatest number that any member states; no number is averaged."""
    stated = np.concatenate([least[least >= 0], greatest[greatest >= 0]])
    if not len(stated):
        return None, None
    open_end = bool(((least >= 0) & (greatest < 0)).any())
    return int(stated.min()), None if open_end else int(stated.max())


def _rounded_down(probability: float) -> float:
    """Return the probability cut after the last decimal, so that sums never pass 1."""
    return float(np.floor(probability * 10**_DECIMALS) / 10**_DECIMALS)
