# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from truceline.vocabulary import Kind, falls_under, is_attack, lineage


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_has_an_end_to_its_lineage(kind: Kind) -> None:
    assert lineage(kind)[0] is kind
    assert len(set(lineage(kind))) == len(lineage(kind))


@pytest.mark.parametrize(
    "kind",
    [
        Kind.LULL, Kind.CASUALTY, Kind.DAMAGE, Kind.AIR_RAID_ALERT, Kind.HUMANITARIAN, Kind.PRISONER_EXCHANGE,
        Kind.WEAPON_PRESENCE, Kind.RESTRICTION_OF_MOVEMENT, Kind.JAMMING, Kind.ILLUMINATION_FLARE,
        Kind.MOVEMENT, Kind.VEHICLE_MOVEMENT, Kind.UAV_FLIGHT, Kind.FIRE, Kind.STRUCTURE_FIRE,
        Kind.THERMAL_HOTSPOT,
    ],
)  # fmt: skip
def test_what_is_not_an_attack_never_counts_as_one(kind: Kind) -> None:
    assert not is_attack(kind)


def test_narrow_words_fall_under_wide_ones_and_not_the_reverse() -> None:
    assert falls_under(Kind.MORTAR, Kind.INDIRECT_FIRE)
    assert falls_under(Kind.MORTAR, Kind.ATTACK_UNSPECIFIED)
    assert not falls_under(Kind.INDIRECT_FIRE, Kind.MORTAR)
