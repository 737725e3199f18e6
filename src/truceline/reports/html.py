# SPDX-License-Identifier: Apache-2.0
"""The report as one page: self-contained, no script, nothing fetched, nothing linked outside.

Every text from a pack or a source is escaped by the template engine, and addresses of
pages are shown as text, so that nothing a source wrote can act on the reader's machine.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from truceline.observation.model import Observation, PartyClaim
from truceline.reports import figures, marks, words
from truceline.reports.claims import sum_words
from truceline.reports.map_svg import draw_map, zone_words
from truceline.reports.model import ClaimEntry, ComparisonEntry, DailyReport, GroupRow
from truceline.reports.period import reporting_zone
from truceline.reports.summary import figures_line, in_force
from truceline.vocabulary import Kind

LISTED = 300
"""Incidents with a row in the page; the CSV holds all."""

OBSERVATIONS_LISTED = 25
UNPLACED_LISTED = 100
REASONS_FIRST = 3
"""Reasons on the first screen for having no place; the section below names all."""

SHOWN = {
    "original_speaker": "speaker: ",
    "headline": "",
    "means": "",
    "description": "",
    "weapon": "",
    "calibre_mm": "calibre in mm: ",
    "killed": "killed: ",
    "injured": "injured: ",
    "attributed_by_source_to": "the source names: ",
    "note": "",
    "place_basis": "place: ",
    "unplaced": "not placed: ",
}
"""Details of an observation that the page shows, each with its label; JSON has all."""


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """The claims about the same hours: a cell for each party, others apart."""

    hours: ClaimEntry
    cells: tuple[tuple[ClaimEntry, ...], ...]
    record: tuple[ClaimEntry, ...]
    unmatched: tuple[str, ...]


def _row(entries: Sequence[ClaimEntry], parties: Sequence[str]) -> ClaimRow:
    kinds: dict[Kind, ClaimEntry] = {}
    for entry in entries:
        if entry.kind is not None:
            kinds.setdefault(entry.kind, entry)
    order = list(Kind)
    return ClaimRow(
        entries[0],
        tuple(
            tuple(entry for entry in entries if words.side(entry.claim, parties) == party)
            for party in parties
        ),
        tuple(kinds[kind] for kind in sorted(kinds, key=order.index)),
        tuple(dict.fromkeys(words.subject(entry.claim) for entry in entries if entry.kind is None)),
    )


def claim_rows(entries: Sequence[ClaimEntry], parties: Sequence[str]) -> tuple[ClaimRow, ...]:
    """Lay claims out in rows by their hours, so that only equal hours stand side by side."""
    by_hours: dict[tuple[object, object], list[ClaimEntry]] = {}
    for entry in entries:
        by_hours.setdefault((entry.claim.period.start, entry.claim.period.last), []).append(entry)
    ordered = sorted(
        by_hours.values(), key=lambda held: (held[0].claim.period.start, held[0].claim.period.last)
    )
    return tuple(_row(held, parties) for held in ordered)


def change(row: GroupRow) -> str:
    """Say by how much a count can have changed, as an interval."""
    fewest, most = row.now.least - row.before.most, row.now.most - row.before.least
    if fewest == most == 0:
        return "no change"
    said = [
        f"{words.number(abs(one))} {'fewer' if one < 0 else 'more'}" if one else "none more"
        for one in (fewest, most)
    ]
    return said[0] if fewest == most else f"between {said[0]} and {said[1]}"


def address(observation: Observation) -> str:
    """Return where an observation was published, as text; empty: not given."""
    return observation.detail("url") or observation.detail("page") or ""


def sighting(observation: Observation) -> str:
    """Return where an observer stood, which way and how far, as given; empty: not given so."""
    seen = observation.sighting
    if seen is None:
        return ""
    near, far = seen.distance_min_m, seen.distance_max_m
    ends = [words.metres(end) for end in dict.fromkeys((near, far)) if end is not None]
    way = [" to ".join(ends), " or ".join(seen.bearings)]
    given = " ".join(part for part in way if part) or "no direction or distance given"
    return f"from {seen.position_name or 'a position without a name'}: {given}"


def said(observation: Observation) -> str:
    """Return what else an observation states, in its own words."""
    given = [f"{label}{value}" for name, label in SHOWN.items() if (value := observation.detail(name))]
    return "; ".join(part for part in (sighting(observation), *given) if part)


def claim_counts(entry: ComparisonEntry, claim: PartyClaim) -> str:
    """Return what a claim counts, in the pack's words or else the source's."""
    return entry.comparison.counts.get(claim.claim_id, words.subject(claim))


def css_text(text: str) -> Markup:
    """Return a text fit for a string in a style sheet: what is not plain becomes a dot."""
    return Markup(re.sub(r"[^A-Za-z0-9 ,.:+/=()-]", "·", text))  # noqa: S704 - only these are left


def _finalize(value: object) -> object:
    return words.plain(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("truceline.reports", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals.update(
        words=words, figures=figures, mark=marks.mark, address=address, said=said,
        change=change, sum_words=sum_words, claim_counts=claim_counts, zone_words=zone_words,
        css_text=css_text,
    )  # fmt: skip
    return environment


def report_html(report: DailyReport) -> str:
    """Return the report as one HTML page."""
    agreement = report.agreement
    names = {actor.id: words.named(actor.name) for actor in agreement.actors}
    names |= {party.id: words.named(party.name) for party in agreement.parties}
    parties = agreement.party_ids()
    third = [entry for entry in report.claims if words.side(entry.claim, parties) is None]
    own = [entry for entry in report.claims if words.side(entry.claim, parties) is not None]
    return (
        _environment()
        .get_template("daily.html")
        .render(
            report=report,
            title=words.named(agreement.title),
            zone=reporting_zone(agreement.reporting),
            names=names,
            parties=parties,
            family_names={family.id: family.name for family in agreement.families},
            clause_titles={
                (version.id, clause.id): clause.title
                for version in agreement.versions
                for clause in version.clauses
            },
            in_force=in_force(report),
            figures_line=figures_line(report),
            definitions=marks.definitions(),
            colour_rules=marks.colour_rules(),
            drawn=draw_map(report, LISTED),
            claim_rows=claim_rows(own, parties),
            third_claims=third,
            listed=LISTED,
            observations_listed=OBSERVATIONS_LISTED,
            unplaced_listed=UNPLACED_LISTED,
            reasons_first=REASONS_FIRST,
        )
    )
