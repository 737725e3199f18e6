# SPDX-License-Identifier: Apache-2.0
"""A pack from its folder, or from the bytes that were recorded, to an ``Agreement``.

The invariants:

1. A pack loads whole or not at all; ``RejectedInput`` lists every fault found, each
   with file, path and reason.
2. Loading depends on the bytes of the four files and on nothing else, so the
   agreement can be loaded again from ``Agreement.files``.
3. Nothing of a file is executed, and its size and depth are bounded.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, Field, ValidationError

from truceline.agreement.checks import AGREEMENT, PLACES, SOURCES, ZONES, faults_between
from truceline.agreement.features import Feature, FeatureCollection, faults_of, zone_of
from truceline.agreement.mechanism import (
    Calendar,
    CapacityName,
    Commission,
    Force,
    Gate,
    Guarantee,
    Office,
    Remedy,
)
from truceline.agreement.model import (
    Actor,
    Agreement,
    Comparison,
    Fact,
    Party,
    Places,
    ReleaseRule,
    Reporting,
    Source,
    SourceFamily,
    Validity,
    Version,
    Zone,
)
from truceline.agreement.reading import MAX_BYTES, Value, read_json, read_yaml
from truceline.agreement.rulebook import Rule
from truceline.agreement.stated import Stated
from truceline.agreement.terms import Id, Names, Words
from truceline.errors import Fault, RejectedInput

PACK_FILES = (AGREEMENT, ZONES, SOURCES, PLACES)
"""The files of a pack; anything else in its folder is for people."""


class AgreementFile(Stated):
    """``agreement.yaml``."""

    id: Id
    title: Names
    summary: Words
    in_force: tuple[Validity, ...] = ()
    parties: tuple[Party, ...]
    actors: tuple[Actor, ...] = ()
    versions: tuple[Version, ...]
    facts: tuple[Fact, ...] = ()
    commission: Commission
    remedies: tuple[Remedy, ...] = ()
    calendar: Calendar = Calendar()
    offices: tuple[Office, ...] = ()
    gates: tuple[Gate, ...] = ()
    guarantees: tuple[Guarantee, ...] = ()
    force: Force | None = None
    state_by: tuple[CapacityName, ...] = ("head_of_mission",)
    rules: dict[Rule, Words] = Field(default_factory=dict)
    release_rules: tuple[ReleaseRule, ...] = ()
    reporting: Reporting
    comparisons: tuple[Comparison, ...] = ()
    caveats: tuple[Words, ...] = ()


class SourcesFile(Stated):
    """``sources.yaml``."""

    families: tuple[SourceFamily, ...]
    sources: tuple[Source, ...] = ()


Document = TypeVar("Document", bound=BaseModel)

_PLAINER = {
    "missing": "is missing",
    "extra_forbidden": "is not a key that a pack has; see docs/writing-packs.md",
}


def load_pack(folder: Path) -> Agreement:
    """Return the agreement that a folder holds.

    Raises:
        RejectedInput: The folder cannot be read, or the pack has faults: all of them.
    """
    if not folder.is_dir():
        raise RejectedInput(
            "There is no such pack; give the folder that holds agreement.yaml.",
            [Fault(str(folder), "folder", "not a folder")],
        )
    files, faults = {}, []
    for name in PACK_FILES:
        try:
            with (folder / name).open("rb") as file:
                # One byte more than allowed, so that too large is told from just fitting.
                files[name] = file.read(MAX_BYTES + 1)
        except FileNotFoundError:
            continue
        except OSError as error:
            faults.append(Fault(name, "file", f"cannot be read: {error.strerror}"))
    return _load(files, faults, str(folder))


def load_files(files: Mapping[str, bytes]) -> Agreement:
    """Return the agreement that these files hold, name to content.

    Raises:
        RejectedInput: The pack has faults: all of them.
    """
    return _load(files, [], "given as files")


def _load(files: Mapping[str, bytes], faults: list[Fault], where: str) -> Agreement:
    faults = list(faults)
    told = {fault.where for fault in faults}
    values: dict[str, Value] = {}
    for name in PACK_FILES:
        values[name] = None
        if name in files:
            read = read_json if name == ZONES else read_yaml
            values[name], found = read(name, files[name])
            faults += found
            told |= {fault.where for fault in found if values[name] is None}
        elif name not in told:
            faults.append(Fault(name, "file", "the pack has no such file"))
            told.add(name)
    faults += [Fault(name, "file", "not a file of a pack") for name in files if name not in PACK_FILES]

    def stated(model: type[Document], name: str) -> Document | None:
        return None if name in told else _validated(model, name, values[name], faults)

    agreement = stated(AgreementFile, AGREEMENT)
    sources = stated(SourcesFile, SOURCES)
    places = stated(Places, PLACES)
    collection = stated(FeatureCollection, ZONES)
    zones = _zones(collection, places, faults)
    faults += faults_between(values)
    if agreement is not None:
        faults += _in_force_faults(agreement)
    if faults or agreement is None or sources is None or places is None:
        raise RejectedInput(
            f"The pack ({where}) cannot be used; mend what is listed and try again.",
            sorted(dict.fromkeys(faults), key=lambda fault: (*PACK_FILES, fault.where).index(fault.where)),
        )
    return Agreement(
        agreement_id=agreement.id,
        title=agreement.title,
        summary=agreement.summary,
        in_force=tuple(validity.interval for validity in agreement.in_force),
        parties=agreement.parties,
        actors=agreement.actors,
        versions=agreement.versions,
        zones=zones,
        facts=agreement.facts,
        commission=agreement.commission,
        remedies=agreement.remedies,
        calendar=agreement.calendar,
        offices=agreement.offices,
        gates=agreement.gates,
        guarantees=agreement.guarantees,
        force=agreement.force,
        state_by=agreement.state_by,
        rules=agreement.rules,
        release_rules=agreement.release_rules,
        reporting=agreement.reporting,
        comparisons=agreement.comparisons,
        caveats=agreement.caveats,
        families=sources.families,
        sources=sources.sources,
        places=places,
        files=tuple((name, files[name]) for name in PACK_FILES),
    )


def _validated(
    model: type[Document], name: str, value: object, faults: list[Fault], below: str = ""
) -> Document | None:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        for found in error.errors(include_url=False):
            path = below + ".".join(str(step) for step in found["loc"])
            reason = _PLAINER.get(found["type"], found["msg"].removeprefix("Value error, "))
            given = found["input"]
            shown = str(given)[:60] if isinstance(given, str | int | float) else None
            faults.append(Fault(name, path.rstrip(".") or "file", reason, shown))
        return None


def _zones(
    collection: FeatureCollection | None, places: Places | None, faults: list[Fault]
) -> tuple[Zone, ...]:
    if collection is None:
        return ()
    zones: dict[int, Zone] = {}
    for index, stated in enumerate(collection.features):
        feature = _validated(Feature, ZONES, stated, faults, f"features.{index}.")
        if feature is None:
            continue
        for path, reason in faults_of(feature, places):
            faults.append(Fault(ZONES, f"features.{index}.{path}", reason, feature.properties.id))
        zones[index] = zone_of(feature)
    faults += _overlap_faults(zones)
    return tuple(zones.values())


def _overlap_faults(zones: Mapping[int, Zone]) -> list[Fault]:
    """Return a fault for every pair of zones of one id that are in force at one time."""
    by_id: dict[str, list[int]] = {}
    for index, zone in zones.items():
        by_id.setdefault(zone.zone_id, []).append(index)
    return [
        Fault(
            ZONES,
            f"features.{second}.properties.from",
            f"in force while features.{first}, of the same id, still is; end that one first",
            zone_id,
        )
        for zone_id, same in by_id.items()
        for first, second in combinations(same, 2)
        if zones[first].valid.overlaps(zones[second].valid)
    ]


def _in_force_faults(agreement: AgreementFile) -> list[Fault]:
    intervals = [validity.interval for validity in agreement.in_force]
    return [
        Fault(AGREEMENT, f"in_force.{second}", f"overlaps in_force.{first}; join the two")
        for (first, one), (second, other) in combinations(enumerate(intervals), 2)
        if one.overlaps(other)
    ]
