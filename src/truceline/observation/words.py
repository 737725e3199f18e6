# SPDX-License-Identifier: Apache-2.0
"""The words of monitors' reports, and the kinds and counts that they stand for.

The words are those of the OSCE SMM's daily reports.  A word that says less than a
kind of the vocabulary becomes the wider kind, never the likelier one.
"""

from __future__ import annotations

from collections.abc import Iterable

from truceline.observation.model import Count
from truceline.vocabulary import CountQualifier, Kind, lineage

WEAPONS: dict[str, Kind] = {
    "small arms": Kind.SMALL_ARMS,
    "heavy machine gun": Kind.HEAVY_MG,
    "tracer": Kind.GUNFIRE_UNDETERMINED,
    "artillery": Kind.ARTILLERY,
    "mortar": Kind.MORTAR,
    "multiple launch rocket system": Kind.MLRS,
    "MLRS BM-21 Grad": Kind.MLRS,
    "tank": Kind.TANK,
    "automatic grenade launcher": Kind.DIRECT_FIRE,
    "anti-aircraft gun": Kind.DIRECT_FIRE,
    "recoilless gun (SPG-9)": Kind.DIRECT_FIRE,
    "SPG-9": Kind.DIRECT_FIRE,
    "IFV cannon (BMP-1)": Kind.DIRECT_FIRE,
    "IFV BMP-1 cannon": Kind.DIRECT_FIRE,
}
"""Weapons in the SMM's words.  A word that is not here says no more than its event."""

EVENTS: dict[str, Kind] = {
    "explosion": Kind.EXPLOSION_UNDETERMINED,
    "impact": Kind.EXPLOSION_UNDETERMINED,
    "salvo": Kind.EXPLOSION_UNDETERMINED,
    "burst": Kind.GUNFIRE_UNDETERMINED,
    "shot": Kind.GUNFIRE_UNDETERMINED,
    "projectile": Kind.ATTACK_UNSPECIFIED,
    "muzzle flash": Kind.ATTACK_UNSPECIFIED,
    "flare": Kind.ILLUMINATION_FLARE,
}
"""What was observed in the SMM's words, with no weapon named."""

QUALIFIERS: dict[str, CountQualifier] = {
    "exact": CountQualifier.EXACT,
    "exact_total": CountQualifier.EXACT,
    "sum_in_sequence": CountQualifier.EXACT,
    "about": CountQualifier.ABOUT,
    "approx": CountQualifier.ABOUT,
    "likely": CountQualifier.ABOUT,
    "almost": CountQualifier.ALMOST,
    "nearly": CountQualifier.ALMOST,
    "at_least": CountQualifier.AT_LEAST,
    "more_than": CountQualifier.MORE_THAN,
    "uncounted": CountQualifier.UNCOUNTED,
}
"""Every word for how exact a count is, and the vocabulary's word for it."""


def common_kind(kinds: Iterable[Kind]) -> Kind | None:
    """Return the narrowest kind that all of ``kinds`` fall under; None: there is none."""
    paths = [lineage(kind) for kind in kinds]
    if not paths:
        return None
    return next((kind for kind in paths[0] if all(kind in path for path in paths)), None)


def kind_of_words(event: str, weapons: Iterable[str] = ()) -> Kind | None:
    """Return the kind that an event's word and its weapons' words stand for.

    Several weapons in one count give the narrowest kind that covers them all.  An
    explosion whose weapons have nothing narrower in common stays an explosion.

    Args:
        event: A key of ``EVENTS``.
        weapons: Weapons as named; words that ``WEAPONS`` does not have are passed over.

    Returns:
        The kind; None: the event's word is not known.
    """
    plain = EVENTS.get(event)
    if plain is None or plain is Kind.ILLUMINATION_FLARE:
        return plain
    named = common_kind(WEAPONS[weapon] for weapon in weapons if weapon in WEAPONS)
    return plain if named in (None, Kind.ATTACK_UNSPECIFIED) else named


def count_of_words(qualifier: CountQualifier, stated: int | None) -> Count:
    """Return a count as its source puts it.

    The number stated stands at the end or ends that it speaks of: "about 5" and
    "almost 5" keep 5 at both with their qualifier, "at least 5" and "more than 5"
    keep 5 as the least and leave the most open.  Nothing is added or rounded.
    """
    if qualifier is CountQualifier.UNCOUNTED or stated is None:
        return Count(CountQualifier.UNCOUNTED)
    if qualifier in (CountQualifier.AT_LEAST, CountQualifier.MORE_THAN):
        return Count(qualifier, stated, None)
    return Count(qualifier, stated, stated)
