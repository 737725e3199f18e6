# SPDX-License-Identifier: Apache-2.0
"""From recorded steps to how the mechanism stands: a fold over the records, and what is kept of it.

What is kept is the state at one head of the log.  While the log only grows by records that
change no earlier one, the steps since are added to it; whatever else was recorded, an
erasure or a restore, the fold begins anew, and the state of before is let go.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Final

from truceline.agreement import Agreement, Gazetteer, load_files
from truceline.errors import RejectedInput, StorageFailure
from truceline.evidence import parse_leaf
from truceline.mechanism import KINDS, STEPS, Mechanism, replay
from truceline.mechanism.suspension import Phase
from truceline.mission.evacuation.retired import RetiredKey
from truceline.mission.fold import FOLDED_KINDS, fields_of
from truceline.mission.mission import Mission, require_current
from truceline.procedure import Entry, decode
from truceline.storage import Transaction

ADD_ONLY: Final = sorted(FOLDED_KINDS - {"erasure"} | KINDS | {"access"})
"""The kinds of record that change nothing of what earlier ones say."""


def mechanism(mission: Mission) -> Mechanism:
    """Return how the mechanism stands, all of it: what a reader may see of it is ``procedure.sight``'s.

    Raises:
        StorageFailure: A step cannot be read, for want of a tier's key or for damage.
    """
    with mission.store.read() as transaction:
        require_current(transaction, mission)
        return as_committed(mission, transaction)


def as_committed(mission: Mission, transaction: Transaction) -> Mechanism:
    """Return how the mechanism stands in a transaction that has recorded nothing yet; see ``mechanism``."""
    head, kept = transaction.head(), mission.replayed.held
    if head is None:
        return Mechanism()
    if kept is not None and kept[:2] == (head.tree_size, head.root):
        return kept[2]
    begun, state = 0, Mechanism()
    if kept is not None and _grew_from(transaction, kept[0], kept[1]):
        begun, state = kept[0], kept[2]
    state = replay(_entries(mission, transaction, begun), agreements(mission, transaction), state)
    # Once the keys are destroyed, nothing that they opened stays in memory.
    destroyed = state.suspension.phase is Phase.KEYS_DESTROYED
    mission.replayed.held = None if destroyed else (head.tree_size, head.root, state)
    return state


def _grew_from(transaction: Transaction, tree_size: int, root: bytes) -> bool:
    """Tell whether the log went on from a head by records that change no earlier one."""
    before = transaction.head_at(tree_size)
    return before is not None and before.root == root and transaction.has_only(ADD_ONLY, since=tree_size)


def mechanism_in(mission: Mission, transaction: Transaction) -> Mechanism:
    """Return how the mechanism stands in a transaction, with what it has recorded; see ``mechanism``."""
    return replay(_entries(mission, transaction), agreements(mission, transaction))


def agreements(mission: Mission, transaction: Transaction) -> Callable[[int], Agreement]:
    """Return a function from a leaf index to the agreement, as amended, that it falls under."""
    held: list[tuple[int, Agreement]] = []
    for row in transaction.records_of(["agreement"]):
        files = {
            name: str(content).encode()
            for name, content in fields_of(mission.ledger.open_payload(row)).items()
        }
        same = dict(mission.agreement.files) == files
        held.append((row.leaf_index, mission.agreement if same else _loaded(tuple(files.items()))))

    def at(leaf_index: int) -> Agreement:
        return [agreement for index, agreement in held if index < max(leaf_index, held[0][0] + 1)][-1]

    return at


@lru_cache(maxsize=16)
def _loaded(files: tuple[tuple[str, bytes], ...]) -> Agreement:
    """Return an agreement as it was before an amendment; each is loaded once, not at every step."""
    return load_files(dict(files))


def mission_under(mission: Mission, transaction: Transaction, tree_size: int) -> Mission:
    """Return a mission under the agreement that was in force when the log had so many records.

    What a run judged, and what a report says of it, goes by that agreement, whatever was amended since.
    """
    agreement = agreements(mission, transaction)(tree_size)
    if agreement is mission.agreement:
        return mission
    same_places = agreement.places == mission.agreement.places
    gazetteer = mission.gazetteer if same_places else Gazetteer.load(agreement.places)
    return replace(mission, agreement=agreement, gazetteer=gazetteer)


def _entries(mission: Mission, transaction: Transaction, since: int = 0) -> Iterator[Entry]:
    """Yield every recorded step from a leaf index on.

    Raises:
        StorageFailure: One cannot be read.
        RuleViolation: One cannot be read, because the mission's keys were destroyed.
    """
    operator = mission.ledger.author.author
    for index, leaf_bytes, body in transaction.acts(since):
        leaf = parse_leaf(leaf_bytes, f"record {index}")
        try:
            step, who = decode(STEPS, json.loads(body), f"record {index}")
        except RejectedInput as error:
            if isinstance(mission.ledger.author, RetiredKey):
                raise mission.ledger.author.refusal() from error
            raise StorageFailure(
                f"The step in record {index} cannot be read: {error} A tier's key may not be here "
                "(truceline log verify says which); without it nobody can tell how the mechanism stands."
            ) from error
        yield Entry(index, leaf.made_at, who, step, leaf.author != operator)
