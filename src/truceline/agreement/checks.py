# SPDX-License-Identifier: Apache-2.0
"""What must hold between the parts of a pack: names given once, names that exist.

The checks read plain values, not models, so that a fault elsewhere in the file
hides none of these: a pack's faults come out all together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from truceline.agreement.reading import Value, walk
from truceline.errors import Fault

AGREEMENT, ZONES = "agreement.yaml", "zones.geojson"
SOURCES, PLACES = "sources.yaml", "places.yaml"


@dataclass(frozen=True, slots=True)
class Reference:
    """Every text at ``path`` of ``file`` must be the id of something that exists.

    Attributes:
        file: Where the reference stands.
        path: The pattern of its place, see ``walk``.
        noun: What it must name, for people.
        names: (file, pattern) of the ids that it may name.
    """

    file: str
    path: str
    noun: str
    names: tuple[tuple[str, str], ...]


_PARTIES = ((AGREEMENT, "parties.*.id"),)
_ACTORS = ((AGREEMENT, "actors.*.id"),)
_OFFICES = ((AGREEMENT, "offices.*.id"),)
_GATES = ((AGREEMENT, "gates.*.id"),)
_STANDARDS = ((AGREEMENT, "commission.standards.*.id"),)
_CHARACTERISATIONS = ((AGREEMENT, "commission.characterisations.*.id"),)
_CLAUSES = ((AGREEMENT, "versions.*.clauses.*.id"),)
_ZONES = ((ZONES, "features.*.properties.id"),)

REFERENCES = (
    Reference(AGREEMENT, "versions.*.clauses.*.binds.*", "party", _PARTIES),
    Reference(AGREEMENT, "versions.*.clauses.*.zone", "zone", _ZONES),
    Reference(AGREEMENT, "versions.*.clauses.*.distance.line", "zone", _ZONES),
    Reference(AGREEMENT, "versions.*.clauses.*.exceptions.*.zone", "zone", _ZONES),
    Reference(AGREEMENT, "actors.*.party", "party", _PARTIES),
    Reference(AGREEMENT, "guarantees.*.guarantors.*", "actor", _ACTORS),
    Reference(AGREEMENT, "commission.seats.*.appointed_by", "party or actor", _PARTIES + _ACTORS),
    Reference(AGREEMENT, "commission.standard_for.@", "clause", _CLAUSES),
    Reference(AGREEMENT, "commission.standard_for.*", "standard of the commission", _STANDARDS),
    Reference(AGREEMENT, "offices.*.of", "party or actor", _PARTIES + _ACTORS),
    Reference(AGREEMENT, "gates.*.office", "office", _OFFICES),
    Reference(AGREEMENT, "guarantees.*.gates.*", "gate", _GATES),
    Reference(AGREEMENT, "guarantees.*.sign_off.*", "office", _OFFICES),
    Reference(
        AGREEMENT, "guarantees.*.trigger.finding", "characterisation of the commission", _CHARACTERISATIONS
    ),
    Reference(AGREEMENT, "force.gates.*", "gate", _GATES),
    Reference(SOURCES, "families.*.compartment", "actor", _ACTORS),
    Reference(SOURCES, "sources.*.family", "family", ((SOURCES, "families.*.id"),)),
)

UNIQUE = (
    (AGREEMENT, "parties.*.id"),
    (AGREEMENT, "actors.*.id"),
    (AGREEMENT, "versions.*.id"),
    (AGREEMENT, "versions.*.clauses.*.id"),
    (AGREEMENT, "versions.*.clauses.*.exceptions.*.id"),
    (AGREEMENT, "facts.*.id"),
    (AGREEMENT, "facts.*.claims.*.id"),
    (AGREEMENT, "commission.seats.*.id"),
    (AGREEMENT, "commission.standards.*.id"),
    (AGREEMENT, "commission.characterisations.*.id"),
    (AGREEMENT, "offices.*.id"),
    (AGREEMENT, "gates.*.id"),
    (AGREEMENT, "remedies.*.id"),
    (AGREEMENT, "guarantees.*.id"),
    (AGREEMENT, "release_rules.*.audience"),
    (AGREEMENT, "comparisons.*.id"),
    (AGREEMENT, "comparisons.*.claims.*"),
    (AGREEMENT, "comparisons.*.sum_of.*.*"),
    (AGREEMENT, "versions.*.clauses.*.binds.*"),
    (SOURCES, "families.*.id"),
    (SOURCES, "sources.*.id"),
    (PLACES, "regions.*.id"),
    (PLACES, "countries.*"),
)
"""Places whose texts may stand only once in the list that holds them."""


def faults_between(documents: Mapping[str, Value]) -> Iterator[Fault]:
    """Yield every duplicate and every reference that leads nowhere."""
    for file, pattern in UNIQUE:
        yield from _duplicates(file, pattern, documents[file])
    for reference in REFERENCES:
        known = {text for file, pattern in reference.names for _, text in walk(documents[file], pattern)}
        for path, text in walk(documents[reference.file], reference.path):
            if text not in known:
                yield Fault(reference.file, path, f"names no {reference.noun} of this pack", text)
    yield from _resolutions(documents[AGREEMENT])
    yield from _distances(documents[AGREEMENT], documents[ZONES])
    yield from _timezone(documents[AGREEMENT])


def _duplicates(file: str, pattern: str, document: Value) -> Iterator[Fault]:
    up = 1 if pattern.endswith("*") else 2
    first: dict[tuple[tuple[str, ...], str], str] = {}
    for path, text in walk(document, pattern):
        within = tuple(path.split(".")[:-up])
        earlier = first.setdefault((within, text), path)
        if earlier != path:
            yield Fault(file, path, f"stands already at {earlier}; each must be its own", text)


def _resolutions(agreement: Value) -> Iterator[Fault]:
    claims = {
        path.rsplit(".claims.")[0] + "|" + text for path, text in walk(agreement, "facts.*.claims.*.id")
    }
    for path, text in walk(agreement, "facts.*.resolution.claim"):
        if path.removesuffix(".resolution.claim") + "|" + text not in claims:
            yield Fault(AGREEMENT, path, "names no claim of this fact", text)


def _distances(agreement: Value, zones: Value) -> Iterator[Fault]:
    roles = dict(walk(zones, "features.*.properties.role"))
    lines = {
        text
        for path, text in walk(zones, "features.*.properties.id")
        if roles.get(path.removesuffix("id") + "role") == "line"
    }
    known = {text for _, text in walk(zones, "features.*.properties.id")}
    for path, text in walk(agreement, "versions.*.clauses.*.distance.line"):
        if text in known - lines:
            yield Fault(AGREEMENT, path, "a distance is measured from a zone whose role is line", text)
    listed: dict[str, set[str]] = {}
    for path, text in walk(agreement, "versions.*.clauses.*.weapon_classes.*"):
        listed.setdefault(path.split(".weapon_classes.")[0], set()).add(text)
    for path, text in walk(agreement, "versions.*.clauses.*.distance.minimum_km.@"):
        clause = path.split(".distance.minimum_km.")[0]
        if clause in listed and text not in listed[clause]:
            yield Fault(AGREEMENT, path, "not among the clause's weapon_classes", text)


def _timezone(agreement: Value) -> Iterator[Fault]:
    for path, text in (*walk(agreement, "reporting.timezone"), *walk(agreement, "calendar.timezone")):
        try:
            ZoneInfo(text)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            # ValueError and OSError: a name that is a path or a folder of the tz database.
            yield Fault(AGREEMENT, path, "no time zone of the tz database; write e.g. Europe/Kyiv", text)
