# SPDX-License-Identifier: Apache-2.0
"""Replays procedure from what a disclosure opens, and checks what was frozen as evidence.

A step that the rules forbade, and that stands in the log all the same, shows here: the
replay uses the very function that decides when a step is recorded.  What a party added
in confidence is not needed for that, and may stay shut.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from truceline.agreement import Agreement
from truceline.commission.steps import AddEvidence, Evidence, Refer
from truceline.mechanism import replay
from truceline.mission.audit.disclosed import Check, Seen, Verdict
from truceline.parties import SUBMISSION
from truceline.procedure import Entry


def frozen(seen: Seen) -> Iterator[tuple[int, Evidence]]:
    """Yield what was frozen as evidence, with the leaf index of the step that froze it."""
    for index, _, entry in seen.acts:
        if entry is not None and isinstance(entry.step, Refer | AddEvidence):
            yield index, entry.step.evidence


def procedure_checks(seen: Seen, roots: Mapping[int, bytes]) -> Iterator[Check]:
    """Replay every step that can be seen, and compare each frozen root with the log's."""
    if not seen.acts:
        return
    for index, evidence in frozen(seen):
        if roots.get(evidence.tree_size, b"").hex() != evidence.root:
            ground = f"The log's root at size {evidence.tree_size} is not the one that was frozen."
            yield Check("evidence", Verdict.DIFFERS, ground, f"record {index}")
    # A submission bears on nobody's case but by a step of its own, so it may stay shut.
    shut = [index for index, kind, entry in seen.acts if entry is None and kind != SUBMISSION]
    entries = [entry for _, _, entry in seen.acts if entry is not None]
    place = f"{len(seen.acts)} records of procedure"
    if shut:
        ground = f"{len(shut)} of them cannot be read by this audience, so what followed is not replayed."
        yield Check("procedure", Verdict.NOT_SEEN, ground, place)
        return
    packs = {entry.leaf_index: seen.agreement_below(entry.leaf_index) for entry in entries}
    known: dict[int, Agreement] = {at: pack for at, pack in packs.items() if pack is not None}
    if len(known) < len(packs):
        yield Check("procedure", Verdict.NOT_SEEN, "An agreement under which it stands is not opened.", place)
        return
    yield from _replayed(entries, known, place)


def _replayed(entries: list[Entry], packs: Mapping[int, Agreement], place: str) -> Iterator[Check]:
    state = replay(entries, packs.__getitem__)
    for one in state.irregular:
        where = f"record {one.entry.leaf_index}"
        yield Check("procedure", Verdict.DIFFERS, f"Forbidden by {one.rule}: {one.reason}", where)
    if not state.irregular:
        ground = f"{len(entries)} steps were replayed, and the rules allowed each of them."
        yield Check("procedure", Verdict.HOLDS, ground, place)
