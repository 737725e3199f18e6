# SPDX-License-Identifier: Apache-2.0
"""Who sees what of an entry.

| reader | public | parties | commission | sealed |
|---|---|---|---|---|
| public, administrator | yes | | | |
| guarantor, auditor | yes | yes | | |
| party liaison | yes | yes | what its own party stated | what its own party stated |
| monitor, analyst, verifier, duty officer | yes | yes | yes | |
| secretary, head of mission | yes | yes | yes | yes |
| commission member | yes | yes | yes | unless another party appointed them |

What the mission addresses to one party is read as if that party had stated it, but for which person of
the mission it was.

Invariant: nobody of one party sees what another stated in confidence, whatever the
capacity in which they read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from truceline.evidence import JSON
from truceline.procedure.entry import Entry
from truceline.procedure.step import encode
from truceline.procedure.who import Capacity, Who
from truceline.vocabulary import Tier

_MISSION = frozenset({Capacity.MONITOR, Capacity.ANALYST, Capacity.VERIFIER, Capacity.DUTY_OFFICER})
_WHOLE = frozenset({Capacity.SECRETARY, Capacity.HEAD_OF_MISSION})


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who reads.

    Attributes:
        who: The person and capacity.
        party: The party that they are of, or that appointed them; empty: of none.
    """

    who: Who
    party: str = ""

    def sees(self, tier: Tier, stated_by: str) -> bool:
        """Tell whether this reader sees a tier of what ``stated_by`` stated (empty: the mission)."""
        own = bool(self.party) and self.party == stated_by
        capacity = self.who.capacity
        match tier:
            case Tier.PUBLIC:
                return True
            case Tier.PARTIES:
                return capacity not in {Capacity.PUBLIC, Capacity.ADMINISTRATOR}
            case Tier.COMMISSION:
                ours = capacity is Capacity.LIAISON and own
                return ours or capacity in _MISSION | _WHOLE | {Capacity.MEMBER}
            case Tier.SEALED:
                if capacity is Capacity.MEMBER:
                    return not self.party or own
                return capacity in _WHOLE or (capacity is Capacity.LIAISON and own)


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """What one reader sees of an entry: its fields by name, and the tiers that are kept from them."""

    leaf_index: int
    at: datetime
    fields: Mapping[str, JSON]
    withheld: tuple[Tier, ...]
    own_key: bool


def shown(entry: Entry, reader: Reader) -> ShownEntry | None:
    """Return what a reader sees of an entry; None: not even that there is one."""
    stated = encode(entry.step, entry.who)
    # What the mission states in its own name may be for one party alone; a side's words never are another's.
    side = entry.who.on_behalf_of or entry.step.addressee
    if not reader.sees(entry.step.tier, side):
        return None
    seen = {tier: held for tier, held in stated.items() if reader.sees(tier, side)}
    if reader.who.capacity is Capacity.LIAISON and not entry.who.on_behalf_of:
        # The mission speaks to a party by its capacity: who of its staff it was, is the mission's own.
        seen = {
            tier: {name: value for name, value in held.items() if name != "person"}
            for tier, held in seen.items()
        }
    return ShownEntry(
        entry.leaf_index,
        entry.at,
        {name: value for held in seen.values() for name, value in held.items()},
        tuple(tier for tier in Tier if tier in stated and tier not in seen),
        entry.own_key,
    )
