# SPDX-License-Identifier: Apache-2.0
"""What a disclosure lets one see of a log: one pass over the leaves, and what it found.

Nothing is taken from an opening that does not lead to the commitment in its leaf.  What
is withheld is counted, by the kind of record and by the tiers that it may stand in.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass, field
from enum import StrEnum
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from truceline.agreement import Agreement, load_files
from truceline.errors import RejectedInput
from truceline.evidence import (
    NOTHING,
    Leaf,
    Opening,
    VerificationError,
    canonical,
    leaf_hash,
    parse_leaf,
    tier_root,
)
from truceline.evidence.verify.tiles import WIDTH, read_bundle
from truceline.mechanism import KINDS, STEPS
from truceline.mission.audit.disclosure_file import Disclosure
from truceline.mission.erasure.erased import ERASURE, Erasure, read_erasure
from truceline.mission.fold import digest_of
from truceline.observation.codec import STATEMENT_KINDS, JSONValue, StatementKind, from_row, id_of
from truceline.observation.model import Observation
from truceline.parties import SUBMISSION
from truceline.procedure import Entry, decode
from truceline.vocabulary import Tier

ALTERED = "What was disclosed is not what was logged. Keep the file: it and the signed log show this."


class Verdict(StrEnum):
    """What a check came to."""

    HOLDS = "holds"
    DIFFERS = "differs"
    NOT_SEEN = "not seen"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was checked.

    Attributes:
        name: Which check (docs/audit.md lists them).
        verdict: What it came to.
        ground: Why, in a sentence.
        place: The record, file or tier that it is about.
    """

    name: str
    verdict: Verdict
    ground: str
    place: str


@dataclass(frozen=True, slots=True)
class RunRecord:
    """What a ``run`` record states (``mission.run``)."""

    tree_size: int
    root: str
    observations: int
    unfused: int
    incidents: int
    assessments: int
    engine: str
    settings: dict[str, float]
    results_sha256: str


@dataclass(frozen=True, slots=True)
class ImportCounts:
    """What became of the rows of imported files, as their records state it."""

    rows: int = 0
    accepted: int = 0
    known: int = 0
    refused: int = 0
    conflicts: int = 0

    def __add__(self, other: ImportCounts) -> ImportCounts:
        """Return both together."""
        return ImportCounts(*(one + more for one, more in zip(astuple(self), astuple(other), strict=True)))


NO_ROWS = ImportCounts()


@dataclass(slots=True)
class Tally:
    """How many records, and how many items in them."""

    records: int = 0
    items: int = 0

    def add(self, items: int) -> None:
        """Count one record with so many items."""
        self.records += 1
        self.items += items


@dataclass(frozen=True, slots=True)
class Gap:
    """A tier of a record of which items are withheld; ``withheld`` None: nothing of it is here."""

    index: int
    leaf: Leaf
    tier: Tier
    withheld: frozenset[int] | None


@dataclass(slots=True)
class Seen:
    """What was found below the disclosure's tree size.

    Attributes:
        hashes: Of every entry of the log.
        checks: What differed on the way.
        openings: How many openings lead to their commitments.
        recorded: By kind: all records in the log.
        unseen: By kind and the tiers where it may stand: what was not seen.
        observations: Those seen, with the leaf index of their record.
        unseen_rows: Of ``observations`` records: leaf index, record id, rows not seen.
        agreements: Leaf index, and the agreement; None: not seen whole, or broken.
        runs: Leaf index, record id, and what the run states; None: not seen, or malformed.
        acts: Leaf index, kind, and the step of procedure; None: too little of it is seen, or malformed.
        operator: Who founded the log: the author of its first record.
        imports: What the import records that were seen state, added up.
        gaps: The tiers not opened, or not wholly.
        opened: The tiers that were opened to this audience.
        erasures: By the id of the record that they refer to: each erasure's index and what
            it states; None: it is not opened.  Those not signed by two are left out.
        statements: By kind and id: the short digest of the row.
    """

    hashes: list[bytes] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    openings: int = 0
    recorded: dict[str, Tally] = field(default_factory=dict)
    unseen: dict[tuple[str, tuple[Tier, ...]], Tally] = field(default_factory=dict)
    observations: list[tuple[int, Observation]] = field(default_factory=list)
    unseen_rows: list[tuple[int, str, int]] = field(default_factory=list)
    agreements: list[tuple[int, Agreement | None]] = field(default_factory=list)
    runs: list[tuple[int, str, RunRecord | None]] = field(default_factory=list)
    acts: list[tuple[int, str, Entry | None]] = field(default_factory=list)
    operator: str = ""
    imports: ImportCounts = NO_ROWS
    gaps: list[Gap] = field(default_factory=list)
    opened: set[Tier] = field(default_factory=set)
    erasures: dict[str, list[tuple[int, Erasure | None]]] = field(default_factory=dict)
    statements: dict[tuple[str, str], bytes] = field(default_factory=dict)

    def differs(self, name: str, ground: str, place: str) -> None:
        """Note something that differs."""
        self.checks.append(Check(name, Verdict.DIFFERS, ground, place))

    def agreement_below(self, size: int) -> Agreement | None:
        """Return the last agreement recorded below a tree size, or None if that one was not seen."""
        return next((agreement for index, agreement in reversed(self.agreements) if index < size), None)

    def erased_below(self, record_id: str, size: int) -> bool:
        """Tell whether something of a record was erased below a tree size."""
        return any(index < size for index, _ in self.erasures.get(record_id, []))

    def accounts_for(self, gap: Gap) -> bool:
        """Tell whether erasures account for what is not opened; one that is not opened itself may."""
        rows: set[int] = set()
        for _, erasure in self.erasures.get(gap.leaf.record_id, []):
            if erasure is None:
                return True
            if erasure.leaf_index == gap.index and gap.tier in erasure.tiers:
                if erasure.index is None:
                    return True
                rows.add(erasure.index)
        return gap.withheld is not None and gap.withheld <= rows


_RUN = TypeAdapter(RunRecord)
_IMPORT = TypeAdapter(ImportCounts)
_FILES = TypeAdapter(dict[str, str])


def look(log: Path, size: int, disclosure: Disclosure) -> Seen:
    """Go through a log once and open what the disclosure opens.

    Args:
        log: The published log, verified before.
        size: How many entries it has.
        disclosure: Made at a size no larger; only records below that size are looked into.

    Raises:
        VerificationError: An entry cannot be read any more.
        RejectedInput: An opening in the disclosure is malformed.
    """
    seen, left = Seen(), set(disclosure.held)
    for index, entry in _entries(log, size):
        seen.hashes.append(leaf_hash(entry))
        if index >= disclosure.checkpoint.size:
            continue
        leaf = parse_leaf(entry, f"entry {index}")
        seen.operator = seen.operator or leaf.author
        seen.recorded.setdefault(leaf.kind, Tally()).add(leaf.items)
        opened = {}
        for tier in map(Tier, leaf.commitments):
            left.discard((index, tier))
            opening = _checked(seen, index, leaf, tier, disclosure)
            if opening is not None:
                opened[tier] = opening.items
        _take(seen, index, leaf, opened)
        if leaf.kind == ERASURE:
            _take_erasure(seen, index, leaf, opened, disclosure.manifest.origin)
    for index, tier in sorted(left):
        seen.differs(
            "openings", f"The log has no tier that this opens. {ALTERED}", f"record {index}, tier {tier}"
        )
    return seen


def _entries(log: Path, size: int) -> Iterator[tuple[int, bytes]]:
    for first in range(0, size, WIDTH):
        yield from enumerate(read_bundle(log, first // WIDTH, min(WIDTH, size - first)), first)


def _checked(seen: Seen, index: int, leaf: Leaf, tier: Tier, disclosure: Disclosure) -> Opening | None:
    """Return a tier's opening if it is there and leads to the leaf's commitment."""
    opening = disclosure.opening(index, tier)
    if opening is None:
        seen.gaps.append(Gap(index, leaf, tier, None))
        return None
    if len(opening.items) != leaf.items or tier_root(opening) != leaf.commitments[tier]:
        place = f"record {index} ({leaf.record_id}), tier {tier}"
        seen.differs("openings", f"The opening does not lead to the commitment in the log. {ALTERED}", place)
        return None
    seen.openings += 1
    seen.opened.add(tier)
    withheld = frozenset(at for at, item in enumerate(opening.items) if item is None)
    if withheld:
        seen.gaps.append(Gap(index, leaf, tier, withheld))
    return opening


Opened = Mapping[Tier, tuple[bytes | None, ...]]


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a record over all its tiers: what was found, and the tiers that are shut there."""

    found: tuple[bytes, ...]
    shut: tuple[Tier, ...]


def _items(leaf: Leaf, opened: Opened) -> list[Item]:
    """Return each item of a record, as far as it is opened."""
    closed = tuple(tier for tier in map(Tier, leaf.commitments) if tier not in opened)
    items = []
    for at in range(leaf.items):
        here = [(tier, held[at]) for tier, held in opened.items()]
        found = tuple(item for _, item in here if item is not None and item != NOTHING)
        items.append(Item(found, (*closed, *(tier for tier, item in here if item is None))))
    return items


def _take(seen: Seen, index: int, leaf: Leaf, opened: Opened) -> None:
    """Count what is not seen of a record, and read what is."""
    items = _items(leaf, opened)
    unseen = Counter(item.shut for item in items if item.shut and not item.found)
    for tiers, count in unseen.items():
        seen.unseen.setdefault((leaf.kind, tiers), Tally()).add(count)
    place = f"record {index} ({leaf.record_id})"
    for kind in STATEMENT_KINDS:
        if leaf.kind == kind:
            unread = unseen.total() + _take_rows(seen, kind, index, items, place)
            if kind == "observations" and unread:
                seen.unseen_rows.append((index, leaf.record_id, unread))
    if leaf.kind == "agreement":
        seen.agreements.append((index, None if unseen else _agreement(seen, items, place)))
    elif leaf.kind == "run":
        seen.runs.append((index, leaf.record_id, None if unseen else _run(seen, items, place)))
    elif leaf.kind in KINDS:
        seen.acts.append((index, leaf.kind, _act(seen, index, leaf, items, place)))
    elif leaf.kind == "import" and Tier.PUBLIC in opened:
        try:
            seen.imports += _IMPORT.validate_json(canonical(_fields(items)), strict=True)
        except (ValidationError, RejectedInput):
            seen.differs("rows", "The record does not state what became of a file's rows.", place)


def _take_erasure(seen: Seen, index: int, leaf: Leaf, opened: Opened, origin: str) -> None:
    """Note what an erasure accounts for, if two signed it for this log."""
    place, erasure = f"record {index} ({leaf.record_id})", None
    if Tier.PUBLIC in opened:
        try:
            _fields(_items(leaf, opened))  # read_erasure takes for granted that items are fields
            erasure = read_erasure(leaf, opened)
        except RejectedInput as error:
            seen.differs("erasures", error.summary, place)
            return
        except VerificationError as error:
            seen.differs("erasures", f"{error.what} {error.meaning}", place)
            return
        if erasure.origin != origin:
            seen.differs("erasures", "It was signed for another log.", place)
            return
    for record_id in leaf.refs:
        seen.erasures.setdefault(record_id, []).append((index, erasure))


def _take_rows(seen: Seen, kind: StatementKind, index: int, items: list[Item], place: str) -> int:
    """Read the rows of a statements' record; return how many are there and cannot be used."""
    unread = 0
    for at, item in enumerate(items):
        where = f"{place}, row {at}"
        if not item.found and item.shut:
            continue
        if len(item.found) != 1:
            ground = "The row stands in several tiers." if item.found else "The row is empty in every tier."
            seen.differs("rows", f"{ground} A row stands in exactly one.", where)
            unread += 1
            continue
        row = item.found[0]
        try:
            statement = from_row(kind, row, where)
        except RejectedInput as error:
            seen.differs("rows", str(error), where)
            unread += 1
            continue
        name, digest = (kind, id_of(statement)), digest_of(row)
        before = seen.statements.setdefault(name, digest)
        if before != digest:
            seen.differs("rows", f"{name[1]} is recorded before with other content.", where)
        if isinstance(statement, Observation):
            seen.observations.append((index, statement))
    return unread


def _fields(items: list[Item]) -> dict[str, JSONValue]:
    """Return the named fields of a single statement.

    Raises:
        RejectedInput: An item is not a field, or a name stands in it twice.
    """
    fields: dict[str, JSONValue] = {}
    for item in items:
        for text in item.found:
            try:
                pair = json.loads(text)
            except (ValueError, RecursionError):
                pair = None
            name = pair.get("name") if isinstance(pair, dict) and len(pair) == 2 else None
            if not isinstance(name, str) or "value" not in pair or name in fields:
                raise RejectedInput("An item of the record is not a field, or is there twice.")
            fields[name] = pair["value"]
    return fields


def _agreement(seen: Seen, items: list[Item], place: str) -> Agreement | None:
    try:
        files = _FILES.validate_python(_fields(items), strict=True)
        return load_files({name: text.encode() for name, text in files.items()})
    except (ValidationError, RejectedInput, UnicodeEncodeError) as error:
        seen.differs("agreement", f"The recorded agreement cannot be loaded: {error}", place)
        return None


def _act(seen: Seen, index: int, leaf: Leaf, items: list[Item], place: str) -> Entry | None:
    """Return a step of procedure; what a party adds in confidence may be missing from it."""
    closer = {tier for item in items if not item.found for tier in item.shut}
    if closer - {Tier.SEALED} or (closer and leaf.kind == SUBMISSION):
        return None
    try:
        step, who = decode(STEPS, _fields(items), place)
    except (RejectedInput, OverflowError) as error:  # OverflowError: a moment beyond the calendar
        seen.differs("rows", f"The step cannot be read: {error}", place)
        return None
    return Entry(index, leaf.made_at, who, step, leaf.author != seen.operator)


def _run(seen: Seen, items: list[Item], place: str) -> RunRecord | None:
    try:
        return _RUN.validate_json(canonical(_fields(items)), strict=True)
    except (ValidationError, RejectedInput):
        seen.differs("run", "The record does not state a run as it must.", place)
        return None
