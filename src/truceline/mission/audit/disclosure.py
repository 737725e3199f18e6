# SPDX-License-Identifier: Apache-2.0
"""Disclosures: one file that, with the published log, lets one audience check and recompute.

Invariants:

- the agreement's release rule says what is opened: tiers, how late, and whether exact
  places may be given; where they may not, rows are withheld whole, never altered;
- what is withheld inside an opened tier is there as a bare commitment, so that all that
  is shown still leads to the commitment in the log;
- the same records, at the same time, give the same bytes.

The format is written down in ``docs/audit.md``; ``disclosure_file`` reads it.
"""

from __future__ import annotations

import base64
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict

from truceline.agreement import Agreement, ReleaseRule
from truceline.errors import Fault, RejectedInput, StorageFailure
from truceline.evidence import (
    NOTHING,
    Opening,
    canonical,
    opening_to_bytes,
    parse_leaf,
    withhold,
)
from truceline.mission.mission import Mission
from truceline.vocabulary import Tier

MANIFEST = "manifest.json"
MAX_MANIFEST = 1 << 24
MAX_OPENING = 1 << 28
"""Bytes of one opening, packed or unpacked: 10,000 rows of 26 kB."""

MAX_TOTAL = 1 << 34
"""Bytes of all openings together, unpacked."""

PLACELESS = frozenset(
    {
        "access", "agreement", "claims", "compromise", "enrolment", "erasure", "import", "revocation",
        "rotation", "run", "tier-keys",
    }
)  # fmt: skip
"""The kinds of record that hold no exact place; any other kind is taken to hold one."""

PUBLIC_RULE = ReleaseRule(audience="public", tiers=(Tier.PUBLIC,))
"""What the public sees where a pack does not say."""

ANNOUNCED = slice(25, 33)
"""Where a packed opening states how many bytes it unpacks to (docs/audit.md)."""


def _in_utc(moment: datetime) -> datetime:
    if moment.utcoffset() != timedelta(0):
        raise ValueError("needs to be in UTC")
    return moment


class Manifest(BaseModel):
    """What a disclosure says of itself.

    Attributes:
        format: Which format this is.
        mission: The mission's id.
        exercise: Whether the mission is for training.
        origin: The log's name.
        size: How many records the log had.
        root: The root over them, base64.
        checkpoint: The signed checkpoint that says so, byte for byte.
        audience: For whom.
        tiers: The tiers that its rule opens.
        delay_hours: How long its rule holds records back.
        cell_km: Above zero: its rule gives no exact places.
        made_at: When, by the operator's clock.
        delayed: The records left out because they were logged too lately.
        coarsened: The records whose rows are withheld because they hold exact places.
        unavailable: The records of which an opened tier was erased or cannot be read.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    format: Literal["truceline/disclosure/v1"] = "truceline/disclosure/v1"
    mission: str
    exercise: bool
    origin: str
    size: int
    root: str
    checkpoint: str
    audience: str
    tiers: tuple[Tier, ...]
    delay_hours: int
    cell_km: float
    made_at: Annotated[datetime, AfterValidator(_in_utc)]
    delayed: tuple[int, ...]
    coarsened: tuple[int, ...]
    unavailable: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DisclosureSummary:
    """What was disclosed: the manifest, and how many openings and items it opens or withholds."""

    manifest: Manifest
    openings: int
    opened: int
    withheld: int


def rule_for(agreement: Agreement, audience: str) -> ReleaseRule:
    """Return the agreement's release rule for an audience.

    Raises:
        RejectedInput: It names no such audience.
    """
    rules = {rule.audience: rule for rule in (PUBLIC_RULE, *agreement.release_rules)}
    if audience not in rules:
        raise RejectedInput(
            f"The agreement knows no audience {audience!r}; it knows: {', '.join(sorted(rules))}.",
            [Fault("disclose", "--audience", "not an audience of this agreement", audience)],
        )
    return rules[audience]


def may_hold_places(kind: str, tier: Tier) -> bool:
    """Tell whether a record of this kind may hold an exact place in this tier.

    A kind that is not known to hold none is taken to hold one.  An import's refusals
    quote refused values, places among them; its counts do not.
    """
    return kind not in PLACELESS or (kind == "import" and tier is not Tier.PUBLIC)


def released(kind: str, tier: Tier, opening: Opening, rule: ReleaseRule) -> Opening:
    """Return the opening as the rule gives it: rows with exact places withheld if it gives none."""
    if not rule.cell_km or not may_hold_places(kind, tier):
        return opening
    return withhold(opening, [at for at, item in enumerate(opening.items) if item not in (None, NOTHING)])


def member_name(index: int, tier: Tier) -> str:
    """Return the name under which a tier's opening lies in the file."""
    return f"openings/{index:08d}.{tier}"


@dataclass(slots=True)
class _Making:
    """A disclosure being written."""

    archive: zipfile.ZipFile
    openings: int = 0
    opened: int = 0
    withheld: int = 0
    total: int = 0
    delayed: list[int] = field(default_factory=list)
    coarsened: list[int] = field(default_factory=list)
    unavailable: list[int] = field(default_factory=list)

    def add(self, index: int, tier: Tier, opening: Opening) -> None:
        """Write one opening."""
        hidden = opening.items.count(None)
        packed = opening_to_bytes(opening)
        announced = int.from_bytes(packed[ANNOUNCED], "big")
        self.total += announced
        if max(announced, len(packed)) > MAX_OPENING or self.total > MAX_TOTAL:
            raise RejectedInput(
                "This is more than one disclosure can hold; nothing was written.",
                [Fault(f"record {index}", tier, "too large", f"{announced} bytes, {self.total} so far")],
            )
        self.write(member_name(index, tier), packed)
        self.openings += 1
        self.withheld += hidden
        self.opened += len(opening.items) - hidden

    def write(self, name: str, content: bytes) -> None:
        """Write one member, stored, under a fixed date: the same content gives the same bytes."""
        self.archive.writestr(zipfile.ZipInfo(name), content)


def disclose(mission: Mission, audience: str, out: Path) -> DisclosureSummary:
    """Write what the agreement lets an audience see, as of now.

    Args:
        mission: Whose record; its log is published up to its latest commit first.
        audience: One of the pack's release rules, or ``public``.
        out: The file; it appears whole or not at all.

    Raises:
        RejectedInput: The audience is unknown, or the disclosure would be too large.
        StorageFailure: The record cannot be read, or the file not written.
    """
    rule = rule_for(mission.agreement, audience)
    mission.ledger.publish()
    now = mission.ledger.clock.now()
    latest = now - timedelta(hours=rule.delay_hours)
    with mission.store.read() as transaction, _new_archive(out) as archive:
        head = transaction.head()
        if head is None:
            raise StorageFailure("The mission has no records: restore it from a backup.")
        making = _Making(archive)
        for row in transaction.records():
            if rule.delay_hours and datetime.fromisoformat(row.logged_at) > latest:
                making.delayed.append(row.leaf_index)
                continue
            openings = mission.ledger.openings(row)
            for tier in (tier for tier in Tier if tier in rule.tiers):
                whole = openings.get(tier)
                if whole is None:
                    continue
                given = released(row.kind, tier, whole, rule)
                if given.items.count(None) > whole.items.count(None):
                    making.coarsened.append(row.leaf_index)
                making.add(row.leaf_index, tier, given)
            committed = map(Tier, parse_leaf(row.leaf, f"record {row.leaf_index}").commitments)
            if any(tier in rule.tiers and tier not in openings for tier in committed):
                making.unavailable.append(row.leaf_index)
        manifest = Manifest(
            mission=mission.settings.mission_id,
            exercise=mission.settings.exercise,
            origin=mission.settings.origin,
            size=head.tree_size,
            root=base64.b64encode(head.root).decode(),
            checkpoint=head.checkpoint,
            audience=rule.audience,
            tiers=tuple(tier for tier in Tier if tier in rule.tiers),
            delay_hours=rule.delay_hours,
            cell_km=rule.cell_km,
            made_at=now,
            delayed=tuple(making.delayed),
            coarsened=tuple(dict.fromkeys(making.coarsened)),
            unavailable=tuple(making.unavailable),
        )
        making.write(MANIFEST, canonical(manifest.model_dump(mode="json")))
    return DisclosureSummary(manifest, making.openings, making.opened, making.withheld)


@contextmanager
def _new_archive(out: Path) -> Iterator[zipfile.ZipFile]:
    """Write a zip aside, for its owner's eyes alone, and move it into place when it is whole."""
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        descriptor = os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
        with os.fdopen(descriptor, "w+b") as stream:
            with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
                yield archive
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(out)
    except OSError as error:
        raise StorageFailure(f"{out} cannot be written: {error.strerror}. Nothing was disclosed.") from error
    finally:
        part.unlink(missing_ok=True)
