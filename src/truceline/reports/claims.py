# SPDX-License-Identifier: Apache-2.0
"""Claims beside the record: never merged, never averaged, each with its own hours.

A claim's figure is shown as it was stated.  What the record holds for the same hours
is counted from incidents alone, wherever they lie and whoever fired: the record
attributes nothing, so the two are neighbours and not one figure.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from truceline.agreement.model import Agreement
from truceline.interval import Interval
from truceline.observation.model import PartyClaim
from truceline.reports import words
from truceline.reports.model import ClaimEntry, ComparisonEntry, SumCheck, Tally
from truceline.vocabulary import CountQualifier, Kind

SUBJECT_KINDS = (
    (frozenset({"violation", "violations"}), Kind.ATTACK_UNSPECIFIED),
    (frozenset({"assault", "assaults"}), Kind.GROUND_ASSAULT),
    (frozenset({"uav", "fpv", "drone", "drones", "quadcopter", "munition"}), Kind.UAV_STRIKE),
    (frozenset({"shelling", "shellings", "artillery", "mortar"}), Kind.INDIRECT_FIRE),
    (frozenset({"mlrs"}), Kind.MLRS),
    (frozenset({"missile", "missiles"}), Kind.MISSILE),
    (frozenset({"bomb", "bombs", "airstrike", "airstrikes"}), Kind.AIRSTRIKE),
    (frozenset({"attack", "attacks", "strike", "strikes"}), Kind.ATTACK_UNSPECIFIED),
)
"""Words of a claim's subject and the widest kind that they can mean; the first that fits."""

BORDER_REGIONS = frozenset({"border", "regions"})
BEFORE_A_PLACE = frozenset({"of", "on", "in", "at", "near", "against", "around"})

CountRecord = Callable[[Kind, Interval], tuple[Tally, int]]
"""Counts incidents of a kind in some hours: their tally and their original statements."""


def kind_of_subject(subject: str) -> Kind | None:
    """Return the kind of incident to count beside a claim; None: the record has none."""
    said = subject.lower()
    if said in Kind.__members__.values():
        return Kind(said)
    spoken = {*_spoken(said)}
    if {"shelling", "mlrs"} <= spoken and "artillery" not in spoken:
        return Kind.MLRS
    return next((kind for meant, kind in SUBJECT_KINDS if meant & spoken), None)


def _spoken(subject: str) -> list[str]:
    return subject.replace("-", "_").replace(" ", "_").split("_")


def place_of_subject(subject: str) -> str:
    """Return the place or the regions that a claim's subject names; empty: it names none.

    A place is a name with a capital letter after a word such as "of" or "on"; a
    weapon's name there ("use of Shahed drones") is no place.
    """
    spoken = _spoken(subject)
    if {word.lower() for word in spoken} >= BORDER_REGIONS:
        return "border regions"
    for place, (word, following) in enumerate(pairwise(spoken), start=1):
        if word.lower() in BEFORE_A_PLACE and following[:1].isupper() and not following.isupper():
            rest = spoken[place:]
            return "" if kind_of_subject("_".join(rest)) else " ".join(rest)
    return ""


def hours_beside(claimed: Interval, period: Interval) -> str:
    """Say how a claim's hours differ from the report's."""
    if claimed == period:
        return "the same hours as this report"
    parts = []
    for early, late, one, other in (
        (claimed.start, period.start, "begins", "before the report does"),
        (period.start, claimed.start, "begins", "after the report does"),
        (period.last, claimed.last, "ends", "after the report does"),
        (claimed.last, period.last, "ends", "before the report does"),
    ):
        if early < late:
            minutes = round((late - early).total_seconds() / 60)
            whole, rest = divmod(minutes, 60)
            length = " ".join(
                [f"{words.number(whole)} h"] * (whole > 0) + [f"{rest} min"] * (rest > 0 or not whole)
            )
            parts.append(f"{one} {length} {other}")
    return "; ".join(parts)


def _order(agreement: Agreement, claim: PartyClaim) -> tuple[int, str]:
    """Parties in the pack's order, each before those named after it, then everyone else by name."""
    parties = agreement.party_ids()
    side = words.side(claim, parties)
    if side is None:
        return len(parties), claim.claimant
    return parties.index(side), "" if side == claim.claimant else claim.claimant


def claims_beside_record(
    agreement: Agreement, claims: Sequence[PartyClaim], period: Interval, count: CountRecord
) -> tuple[ClaimEntry, ...]:
    """Return the claims that overlap the period, each with what the record holds."""
    chosen = sorted(
        (claim for claim in claims if claim.period.overlaps(period)),
        key=lambda one: (_order(agreement, one), one.period.start, one.period.last, one.claim_id),
    )
    entries = []
    for claim in chosen:
        kind = kind_of_subject(claim.subject)
        record, statements = (Tally(), 0) if kind is None else count(kind, claim.period)
        hours, place = hours_beside(claim.period, period), place_of_subject(claim.subject)
        entries.append(ClaimEntry(claim, hours, kind, record, statements, place))
    return tuple(entries)


def _check_sum(total: PartyClaim, part_ids: Sequence[str], by_id: dict[str, PartyClaim]) -> SumCheck:
    parts = tuple(by_id[part] for part in part_ids if part in by_id)
    missing = tuple(part for part in part_ids if part not in by_id)
    figures = [words.figure(part.count) for part in parts]
    known = [figure for figure in figures if figure is not None]
    complete = not missing and len(known) == len(figures)
    return SumCheck(total, parts, missing, sum(known) if complete else None)


def comparisons_shown(
    agreement: Agreement, claims: Sequence[PartyClaim], period: Interval
) -> tuple[ComparisonEntry, ...]:
    """Return the pack's comparisons that speak of a claim that overlaps the period.

    A part of a sum may lie outside the period; it is shown with the sum all the same.
    """
    by_id = {claim.claim_id: claim for claim in claims}
    current = {claim.claim_id for claim in claims if claim.period.overlaps(period)}
    shown = []
    for comparison in agreement.comparisons:
        if not current & {*comparison.claims, *comparison.sum_of}:
            continue
        compared = sorted(
            (by_id[one] for one in comparison.claims if one in by_id),
            key=lambda one: (_order(agreement, one), one.period.start, one.claim_id),
        )
        sums = [
            _check_sum(by_id[total], parts, by_id)
            for total, parts in sorted(comparison.sum_of.items())
            if total in by_id
        ]
        sums.sort(key=lambda one: (_order(agreement, one.total), one.total.claim_id))
        shown.append(ComparisonEntry(comparison, tuple(compared), tuple(sums)))
    return tuple(shown)


def sum_words(check: SumCheck) -> str:
    """Show a sum and say whether it comes out."""
    shown = " + ".join([words.count(part.count) for part in check.parts])
    if check.missing:
        return f"not checked: {', '.join(check.missing)} is not in the record"
    if check.added is None:
        return f"not checked: a part of {shown} is not counted"
    total = words.figure(check.total.count)
    stated = words.count(check.total.count)
    inexact = any(part.count.qualifier is not CountQualifier.EXACT for part in (*check.parts, check.total))
    if total is None:
        return f"{shown} = {words.number(check.added)}; the claim itself states no figure"
    if inexact:
        return (
            f"{shown} comes to {'' if check.added == total else 'about '}{words.number(check.added)}, beside"
            f" {stated} as stated; not every figure is exact, so it cannot be checked to the unit"
        )
    if check.added == total:
        return f"{shown} = {stated}: it adds up"
    return (
        f"{shown} = {words.number(check.added)}: it does not add up to {stated} as stated;"
        f" the difference is {words.number(abs(check.added - total))}"
    )
