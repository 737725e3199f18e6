# SPDX-License-Identifier: Apache-2.0
"""How a report says numbers, times, places and kinds; one way everywhere.

Unknown is said as "not known", never as 0.  Texts from sources pass through
``plain`` before they are shown, so that no control character can reorder or hide
what stands beside it (Unicode UTS 55, "bidirectional spoofing").
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from truceline.geodesy import COMPASS, Ellipse, distance_m, to_plane
from truceline.interval import Interval
from truceline.observation.model import Count, PartyClaim
from truceline.reports.model import GroupRow, NamedPlace, Tally, UnassessedRow, UnplacedRow
from truceline.vocabulary import CountQualifier, Kind, SourceKind, Status, is_attack, lineage

DASH = "\u2013"
"""Between the ends of an interval."""

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December",
)  # fmt: skip
"""Named here because strftime follows the machine's locale."""

UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f]"
)
"""Controls, marks that reorder text or cannot be seen, lone surrogates: not fit for XML or for eyes."""

KIND_WORDS = {
    Kind.ATTACK_UNSPECIFIED: "attack, kind not stated",
    Kind.EXPLOSION_UNDETERMINED: "explosion, undetermined",
    Kind.GUNFIRE_UNDETERMINED: "gunfire, undetermined",
    Kind.MLRS: "multiple-launch rockets",
    Kind.HEAVY_MG: "heavy machine gun",
    Kind.SMALL_ARMS: "small arms",
    Kind.UAV_STRIKE: "drone strike",
    Kind.UAV_FLIGHT: "drone flight",
    Kind.AIRSTRIKE: "airstrike",
    Kind.MISSILE: "missile strike",
    Kind.TANK: "tank fire",
}
"""Where the vocabulary's word, with blanks, would not read well."""

STATUS_WORDS: dict[Status | None, str] = {
    Status.VERIFIED: "verified",
    Status.NOT_VERIFIED: "not verified",
    Status.UNABLE_TO_VERIFY: "unable to verify",
    Status.UNDER_INQUIRY: "under inquiry",
    Status.CORROBORATED: "corroborated",
    Status.ALLEGED: "alleged",
    None: "not assessed",
}
"""Farthest along first: where clauses differ, an incident shows the first that applies."""

QUALIFIERS = {
    CountQualifier.EXACT: "",
    CountQualifier.ABOUT: "about ",
    CountQualifier.ALMOST: "almost ",
    CountQualifier.AT_LEAST: "at least ",
    CountQualifier.MORE_THAN: "more than ",
}

MONITORS = frozenset(
    {
        SourceKind.PATROL,
        SourceKind.CAMERA,
        SourceKind.ACOUSTIC,
        SourceKind.SEISMIC,
        SourceKind.SATELLITE,
        SourceKind.UAV,
        SourceKind.RADAR,
    }
)
"""Sources that watch; parties, news and the public only tell."""


def plain(text: str) -> str:
    """Return ``text`` with characters that could mislead a reader replaced by U+FFFD."""
    return UNSAFE.sub("\ufffd", text)


def named(names: dict[str, str]) -> str:
    """Return the English name, or the first by language code."""
    return names.get("en") or names[min(names)]


def number(value: int) -> str:
    """Return a whole number as ``2,935``."""
    return f"{value:,}"


def some(value: int, noun: str) -> str:
    """Return ``1 incident`` or ``2,935 incidents``."""
    return f"{number(value)} {noun}{'' if value == 1 else 's'}"


def span(least: int, most: int) -> str:
    """Return ``41-58``, or ``41`` where both ends agree."""
    return number(least) if least == most else f"{number(least)}{DASH}{number(most)}"


def tally(value: Tally) -> str:
    """Return a tally's interval, e.g. ``41-58``."""
    return span(value.least, value.most)


def count_range(least: int | None, most: int | None) -> str:
    """Return a count interval in words; nobody counted is said so."""
    if least is None:
        return "not counted" if most is None else f"at most {number(most)}"
    return f"at least {number(least)}" if most is None else span(least, most)


def figure(value: Count) -> int | None:
    """Return the one number that a count turns on, as stated; None: not counted."""
    if value.qualifier is CountQualifier.ALMOST and value.maximum is not None:
        return value.maximum
    return value.maximum if value.minimum is None else value.minimum


def count(value: Count) -> str:
    """Return a source's count with its qualifier, e.g. ``more than 1,300``."""
    qualifier, stated = QUALIFIERS.get(value.qualifier), figure(value)
    if qualifier is None or stated is None:
        return "not counted"
    one_number = value.qualifier in {CountQualifier.ALMOST, CountQualifier.AT_LEAST, CountQualifier.MORE_THAN}
    if one_number or value.minimum is None or value.maximum is None:
        return f"{qualifier}{number(stated)}"
    return f"{qualifier}{span(value.minimum, value.maximum)}"


def percent(share: float | None) -> str:
    """Return a share as whole percent; never 0 or 100 for what is only near it."""
    if share is None:
        return "not known"
    if 0 < share < 0.01:
        return "under 1 %"
    if 0.99 < share < 1:
        return "over 99 %"
    return f"{share * 100:.0f} %"


def probability(value: float) -> str:
    """Return a probability with two places; never 0 or 1 for what is only near it."""
    if 0 < value < 0.005:
        return "< 0.01"
    if 0.995 <= value < 1:
        return "> 0.99"
    return f"{value:.2f}"


def day(value: date) -> str:
    """Return ``20 April 2025``."""
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}"


def moment(value: datetime, zone: ZoneInfo | None = None, *, dated: bool = True) -> str:
    """Return ``20 April 2025, 15:00``, in UTC or in ``zone``."""
    local = value if zone is None else value.astimezone(zone)
    clock = f"{local.hour:02}:{local.minute:02}"
    return f"{day(local.date())}, {clock}" if dated else clock


def hours(value: Interval, zone: ZoneInfo | None = None) -> str:
    """Return an interval as short as is unambiguous, in UTC or in ``zone``."""
    start = value.start if zone is None else value.start.astimezone(zone)
    if value.end is None:
        return f"from {moment(start)}"
    end = value.end if zone is None else value.end.astimezone(zone)
    if start == end:
        return moment(start)
    return f"{moment(start)} {DASH} {moment(end, dated=start.date() != end.date())}"


def short_hours(value: Interval, zone: ZoneInfo | None = None) -> str:
    """Return an interval for a table's cell: ``20 Apr 15:00 - 18:30``."""
    start = value.start if zone is None else value.start.astimezone(zone)
    end = value.last if zone is None else value.last.astimezone(zone)
    first = f"{start.day} {MONTHS[start.month - 1][:3]} {moment(start, dated=False)}"
    if start == end:
        return first
    same = start.date() == end.date()
    last = (
        moment(end, dated=False)
        if same
        else f"{end.day} {MONTHS[end.month - 1][:3]} {moment(end, dated=False)}"
    )
    return f"{first} {DASH} {last}"


def offset(value: datetime, zone: ZoneInfo) -> str:
    """Return the zone's offset at an instant, e.g. ``UTC+3`` or ``UTC+5:30``."""
    delta = value.astimezone(zone).utcoffset()
    minutes = 0 if delta is None else int(delta.total_seconds() // 60)
    whole, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{whole}{f':{rest:02}' if rest else ''}"


def metres(value: float) -> str:
    """Return a distance as a reader would say it: ``800 m``, ``3.5 km``, ``60 km``."""
    if value < 950:
        return f"{max(round(value / 50) * 50, 10)} m"
    return f"{value / 1000:.1f} km" if value < 4_950 else f"{value / 1000:.0f} km"


AROUND, NEAR, ABOUT = "wide area around {town}", "at or near {town}", "about {away} {point} of {town}"
"""Where something is, by a town."""


def place(ellipse: Ellipse, town: NamedPlace, tongue: Callable[[str], str] = str) -> str:
    """Say where an ellipse lies by the nearest town, with how far off it may be (one sigma).

    Args:
        ellipse: Where it is.
        town: The nearest.
        tongue: Says ``AROUND``, ``NEAR``, ``ABOUT`` and the points of the compass in another language.
    """
    at = (town.latitude, town.longitude)
    away = distance_m(at, ellipse.centre)
    if ellipse.sigma_major_m >= 20_000:
        where = tongue(AROUND).format(town=town.name)
    elif away < 1_500 or away < ellipse.sigma_major_m / 3:
        where = tongue(NEAR).format(town=town.name)
    else:
        x, y = to_plane(*ellipse.centre, at)
        point = COMPASS[round(math.degrees(math.atan2(x, y)) / 22.5) % 16]
        where = tongue(ABOUT).format(away=metres(away), point=tongue(point), town=town.name)
    return f"{where}, ± {metres(ellipse.sigma_major_m)}"


def kind(value: Kind) -> str:
    """Return a kind in words."""
    return KIND_WORDS.get(value, value.replace("_", " "))


def kind_group(value: Kind) -> Kind:
    """Return the row of the comparison that a kind belongs to: the widest below "attack"."""
    path = lineage(value)
    return path[-2] if is_attack(value) and len(path) > 1 else path[-1]


def status(value: Status | None) -> str:
    """Return a status in words."""
    return STATUS_WORDS[value]


def side(claim: PartyClaim, parties: Sequence[str]) -> str | None:
    """Return the party in whose column a claim stands: its own or, of ``PARTY:NAME``, PARTY."""
    if claim.claimant in parties:
        return claim.claimant
    party, _, name = claim.claimant.partition(":")
    return party if name and party in parties else None


def claimant(claim: PartyClaim, names: dict[str, str], parties: Sequence[str]) -> str:
    """Return who speaks, in words; a third party, and NAME of ``PARTY:NAME``, keep their own name."""
    speaker = claim.claimant
    if speaker not in parties:
        party = side(claim, parties) or "third_party"
        speaker = speaker.removeprefix(f"{party}:")
    return names.get(speaker, speaker)


def subject(claim: PartyClaim) -> str:
    """Return what a claim counts, in the source's words with blanks."""
    return claim.subject.replace("_", " ")


def kind_name(value: str) -> str:
    """Return a kind in words, given as the name of a row."""
    return kind(Kind(value))


def status_and_ground(value: Status | None, ground: str) -> str:
    """Return a status in words, with the ground where there is one."""
    return f"{status(value)}: {ground}" if ground else status(value)


def numbered(parts: Sequence[tuple[Kind, str]]) -> str:
    """Return kinds with their numbers: ``8 damage, 4 casualty``."""
    return ", ".join(f"{held} {kind(value)}" for value, held in parts)


def other_kinds(rows: Sequence[GroupRow]) -> str:
    """Return the kinds of the period that are no attack, with their intervals, the most first."""
    others = [(Kind(row.name), row.now) for row in rows if row.now.most and not is_attack(Kind(row.name))]
    others.sort(key=lambda one: (-one[1].most, -one[1].least))
    return numbered([(value, tally(held)) for value, held in others])


def unassessed(row: UnassessedRow) -> str:
    """Say why incidents were not assessed, and of which kinds they are."""
    return f"{row.ground} ({numbered([(value, number(held)) for value, held in row.kinds])})"


def by_reason(rows: Sequence[UnplacedRow]) -> tuple[tuple[str, int], ...]:
    """Return each reason for having no place with its observations, in the order of the rows."""
    held: dict[str, int] = {}
    for row in rows:
        held[row.reason] = held.get(row.reason, 0) + row.number
    return tuple(held.items())


def kind_and_narrower(value: Kind) -> str:
    """Return a kind in words where narrower kinds are counted with it."""
    return "attacks of any kind" if value is Kind.ATTACK_UNSPECIFIED else kind(value)
