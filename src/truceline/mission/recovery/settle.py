# SPDX-License-Identifier: Apache-2.0
"""After a restore: nothing is signed until nobody has seen more of the log than we hold.

A backup is older than the log that it was taken from.  To go on signing from it would
fork the log: two different records at one place, which every witness and every party
that kept a checkpoint would take for fraud.  So a restored mission first asks every
witness for the last size that it saw.  Where one is ahead, the missing leaves are
taken back from any copy of the published log; what they committed to may be lost, but
the log goes on as one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from truceline.errors import RuleViolation, StorageFailure
from truceline.evidence import JSON, TreeEdge, append, fields_payload, leaf_hash, parse_leaf
from truceline.evidence.verify import verify_log
from truceline.evidence.verify.note import MAX_NOTE
from truceline.evidence.verify.tiles import WIDTH, read_bundle, read_file
from truceline.interval import iso
from truceline.mission.ledger import RESTORED, Draft
from truceline.mission.mission import Mission
from truceline.mission.proving import verify_mission
from truceline.mission.witnesses.asking import Answer, WitnessState
from truceline.mission.witnesses.posting import Post, post
from truceline.mission.witnesses.witnessing import POLICY_FILE, reconcile
from truceline.storage import Head, RecordRow
from truceline.vocabulary import Tier

MATCHED = frozenset({Answer.COSIGNED})


@dataclass(frozen=True, slots=True)
class Reconciled:
    """How a restored mission stands.

    Attributes:
        states: What every witness answered.
        adopted: How many leaves were taken back from a copy of the published log.
        may_sign: Whether the mission signs again.
    """

    states: tuple[WitnessState, ...]
    adopted: int
    may_sign: bool


def is_restored(mission: Mission) -> bool:
    """Tell whether the mission was restored and may not sign yet."""
    return (mission.folder / RESTORED).exists()


def settle(
    mission: Mission,
    *,
    log_copy: Path | None = None,
    alone: bool = False,
    without: Sequence[str] = (),
    ground: str = "",
    send: Post = post,
) -> Reconciled:
    """Let a restored mission sign again, once nobody has seen more of its log than it holds.

    Args:
        mission: Just restored.
        log_copy: A copy of the published log that may be longer than ours.
        alone: That the mission has no witnesses, said by a person; nobody is asked.
        without: Witnesses that a person decides to go on without: no witness holds a
            veto, and one that lies or is gone for good must not end the mission.
        ground: Why; it is recorded with their names.
        send: Posts to a witness.

    Raises:
        RuleViolation: The mission has no witnesses and nobody said that it is alone.
        VerificationError: The copy is not a log that continues ours.
        StorageFailure: The restored mission does not verify.
    """
    if without and not ground:
        raise RuleViolation("To go on without a witness needs a ground, which is recorded: --ground TEXT.")
    adopted = 0 if log_copy is None else _adopt(mission, log_copy)
    verify_mission(mission)
    states: tuple[WitnessState, ...] = ()
    if (mission.folder / POLICY_FILE).is_file():
        states = tuple(reconcile(mission, send=send))
        waiting = {state.name for state in states if state.answer not in MATCHED}
        may_sign = bool(states) and waiting <= set(without)
    elif alone:
        may_sign = True
    else:
        raise RuleViolation(
            "This mission names no witnesses, so nobody can say whether its log was longer. "
            "If you are sure that the backup is the latest state, or brought the published log with --log, "
            "say --alone."
        )
    if may_sign:
        (mission.folder / RESTORED).unlink(missing_ok=True)
        with mission.ledger.writing() as writer:
            decision = _decision(states, adopted, without, ground)
            writer.append(Draft("restore", fields_payload({Tier.PUBLIC: decision})))
    return Reconciled(states, adopted, may_sign)


def _decision(
    states: Sequence[WitnessState], adopted: int, without: Sequence[str], ground: str
) -> dict[str, JSON]:
    """State that the mission signs again, what every witness said, and whom it went on without."""
    return {
        "adopted": adopted,
        "witnesses": [{"name": one.name, "answer": one.answer.value, "size": one.size} for one in states],
        "without": sorted(without),
        "ground": ground,
    }


def _adopt(mission: Mission, copy: Path) -> int:
    """Take back the leaves that a copy of the published log has and the backup has not."""
    ledger = mission.ledger
    with mission.store.read() as transaction:
        head = transaction.head()
    if head is None:
        raise StorageFailure("The backup holds no records; nothing can be continued from it.")
    # The copy is whole, signed by this log's own key, and continues the tree that we hold.
    own_key = ledger.log_key.verifier_key(ledger.origin)
    report = verify_log(copy, own_key, head.checkpoint.encode())
    start, size = head.tree_size, report.checkpoint.size
    first = start // WIDTH
    leaves = [
        leaf
        for number in range(first, -(-size // WIDTH))
        for leaf in read_bundle(copy, number, min(WIDTH, size - number * WIDTH))
    ]
    fresh = leaves[start - first * WIDTH :]
    edge = append(TreeEdge(head.tree_size, _hashes(head)), [leaf_hash(leaf) for leaf in fresh])
    note = read_file(copy / "checkpoint", MAX_NOTE).decode()
    base = "\n".join(note.split("\n")[:5]) + "\n"
    now = iso(ledger.clock.now())
    with ledger.adopting() as transaction:
        for index, entry in enumerate(fresh, start):
            leaf = parse_leaf(entry, f"entry {index}")
            transaction.add_record(
                RecordRow(index, leaf.record_id, leaf.kind, leaf.author, leaf.author_seq, now, entry)
            )
        if fresh:
            joined = b"".join(edge.hashes)
            transaction.add_head(Head(size, joined, report.checkpoint.root, base))
    return len(fresh)


def _hashes(head: Head) -> tuple[bytes, ...]:
    return tuple(head.edge[at : at + 32] for at in range(0, len(head.edge), 32))
