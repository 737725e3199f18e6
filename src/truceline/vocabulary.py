# SPDX-License-Identifier: Apache-2.0
"""The words that records share: kinds of event, sources, counts, tiers, statuses.

They stand above the agreement because its clauses name them.  Kinds form a tree
from narrow to wide (design, "Observation table"); the words for what is counted,
described and restricted are those of the OSCE SMM.  What is not an attack never
counts as one.
"""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What an observation or an incident is an instance of."""

    ATTACK_UNSPECIFIED = "attack_unspecified"
    EXPLOSION_UNDETERMINED = "explosion_undetermined"
    INDIRECT_FIRE = "indirect_fire"
    ARTILLERY = "artillery"
    MORTAR = "mortar"
    MLRS = "mlrs"
    DIRECT_FIRE = "direct_fire"
    TANK = "tank"
    MINE_BLAST = "mine_blast"
    AIR_ATTACK = "air_attack"
    AIRSTRIKE = "airstrike"
    UAV_STRIKE = "uav_strike"
    MISSILE = "missile"
    GUNFIRE = "gunfire"
    GUNFIRE_UNDETERMINED = "gunfire_undetermined"
    SMALL_ARMS = "small_arms"
    HEAVY_MG = "heavy_mg"
    GROUND_ASSAULT = "ground_assault"
    MOVEMENT = "movement"
    VEHICLE_MOVEMENT = "vehicle_movement"
    UAV_FLIGHT = "uav_flight"
    FIRE = "fire"
    STRUCTURE_FIRE = "structure_fire"
    THERMAL_HOTSPOT = "thermal_hotspot"
    WEAPON_PRESENCE = "weapon_presence"
    RESTRICTION_OF_MOVEMENT = "restriction_of_movement"
    JAMMING = "jamming"
    ILLUMINATION_FLARE = "illumination_flare"
    CASUALTY = "casualty"
    DAMAGE = "damage"
    AIR_RAID_ALERT = "air_raid_alert"
    LULL = "lull"
    HUMANITARIAN = "humanitarian"
    PRISONER_EXCHANGE = "prisoner_exchange"


WIDER: dict[Kind, Kind] = {
    Kind.ARTILLERY: Kind.INDIRECT_FIRE,
    Kind.MORTAR: Kind.INDIRECT_FIRE,
    Kind.MLRS: Kind.INDIRECT_FIRE,
    Kind.TANK: Kind.DIRECT_FIRE,
    Kind.AIRSTRIKE: Kind.AIR_ATTACK,
    Kind.UAV_STRIKE: Kind.AIR_ATTACK,
    Kind.MISSILE: Kind.AIR_ATTACK,
    Kind.SMALL_ARMS: Kind.GUNFIRE,
    Kind.HEAVY_MG: Kind.GUNFIRE,
    Kind.GUNFIRE_UNDETERMINED: Kind.GUNFIRE,
    Kind.INDIRECT_FIRE: Kind.ATTACK_UNSPECIFIED,
    Kind.DIRECT_FIRE: Kind.ATTACK_UNSPECIFIED,
    Kind.AIR_ATTACK: Kind.ATTACK_UNSPECIFIED,
    Kind.MINE_BLAST: Kind.ATTACK_UNSPECIFIED,
    Kind.EXPLOSION_UNDETERMINED: Kind.ATTACK_UNSPECIFIED,
    Kind.GUNFIRE: Kind.ATTACK_UNSPECIFIED,
    Kind.GROUND_ASSAULT: Kind.ATTACK_UNSPECIFIED,
    Kind.VEHICLE_MOVEMENT: Kind.MOVEMENT,
    Kind.UAV_FLIGHT: Kind.MOVEMENT,
    Kind.STRUCTURE_FIRE: Kind.FIRE,
    Kind.THERMAL_HOTSPOT: Kind.FIRE,
}
"""Each kind's next wider kind; a kind that is not a key is the top of its tree."""


def lineage(kind: Kind) -> tuple[Kind, ...]:
    """Return ``kind`` and every wider kind, narrowest first."""
    path = [kind]
    while path[-1] in WIDER:
        path.append(WIDER[path[-1]])
    return tuple(path)


def falls_under(kind: Kind, wider: Kind) -> bool:
    """Tell whether ``kind`` is ``wider`` or a narrower word for a part of it."""
    return wider in lineage(kind)


def is_attack(kind: Kind) -> bool:
    """Tell whether the kind is an attack at all."""
    return falls_under(kind, Kind.ATTACK_UNSPECIFIED)


class SourceKind(StrEnum):
    """What sort of source reports."""

    PATROL = "patrol"
    CAMERA = "camera"
    ACOUSTIC = "acoustic"
    SEISMIC = "seismic"
    SATELLITE = "satellite"
    UAV = "uav"
    RADAR = "radar"
    NEWS = "news"
    PARTY = "party"
    PUBLIC = "public"


class CountQualifier(StrEnum):
    """How exact a count is; never coerced into a plain number."""

    EXACT = "exact"
    ABOUT = "about"
    ALMOST = "almost"
    AT_LEAST = "at_least"
    MORE_THAN = "more_than"
    UNCOUNTED = "uncounted"


class WatchState(StrEnum):
    """Whether a source was watching: the denominator of every figure."""

    OK = "ok"
    DENIED = "denied"
    DELAYED = "delayed"
    JAMMED = "jammed"
    DOWN = "down"
    NOT_PLANNED = "not_planned"


class Tier(StrEnum):
    """Release tiers of a record's payload, widest audience first."""

    PUBLIC = "public"
    PARTIES = "parties"
    COMMISSION = "commission"
    SEALED = "sealed"


class Status(StrEnum):
    """Where an incident stands; only people move it past ``corroborated``."""

    ALLEGED = "alleged"
    CORROBORATED = "corroborated"
    UNDER_INQUIRY = "under_inquiry"
    VERIFIED = "verified"
    NOT_VERIFIED = "not_verified"
    UNABLE_TO_VERIFY = "unable_to_verify"
