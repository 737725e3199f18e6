# SPDX-License-Identifier: Apache-2.0
"""Collects witnesses' cosignatures on the mission's log, and tells how far it is attested.

Invariants:

- the log is published with whatever it has: no witness can hold it back;
- what every witness said is told by name, a refusal and a silence too;
- cosignatures are on the disk, each file a checkpoint that verifies by itself, before
  they are shown below the published checkpoint.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from truceline.errors import RejectedInput, StorageFailure
from truceline.evidence import parse_leaf
from truceline.evidence.publish import publish_cosigned
from truceline.evidence.verify import VerificationError
from truceline.evidence.verify.note import MAX_NOTE
from truceline.evidence.verify.policy import (
    Attestation,
    Policy,
    PolicyWitness,
    attestation,
    parse_policy,
)
from truceline.evidence.verify.tiles import read_file
from truceline.mission.mission import Mission
from truceline.mission.witnesses.asking import Answer, Asking, State, WitnessState, ask_all
from truceline.mission.witnesses.posting import Post, post
from truceline.storage import write_durably

POLICY_FILE = "policy.txt"
COSIGNATURES = "cosignatures"


@dataclass(frozen=True, slots=True)
class Collected:
    """What came of asking every witness: for which size, what each said, and how the log stands."""

    size: int
    states: tuple[WitnessState, ...]
    attestation: Attestation
    shown: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the log is attested.

    Attributes:
        size: How many entries the log has.
        attestation: How its latest checkpoint stands.
        attested_size: The largest size whose checkpoint is attested; None: none is.
    """

    size: int
    attestation: Attestation
    attested_size: int | None


def read_policy(mission: Mission) -> Policy:
    """Read the mission's policy, which must list the mission's own log or no log.

    Raises:
        RejectedInput: There is none.
        VerificationError: It is malformed, or lists only other logs.
    """
    path = mission.folder / POLICY_FILE
    if not path.is_file():
        raise RejectedInput(
            f"The mission has no {POLICY_FILE}: write who witnesses it and how many are enough "
            "(docs/witnesses.md shows how)."
        )
    policy = parse_policy(read_file(path, MAX_NOTE), str(path))
    origin = mission.settings.origin
    own_key = mission.ledger.log_key.public
    if policy.logs and not any((log.key.name, log.key.public) == (origin, own_key) for log in policy.logs):
        raise VerificationError(
            "The policy does not list this mission's log.",
            where=str(path),
            meaning="Nothing of it would ever be attested. Its key is "
            f"{mission.ledger.log_key.verifier_key(origin)}",
        )
    return policy


def collect(mission: Mission, *, send: Post = post) -> Collected:
    """Ask every witness for its cosignature on the latest checkpoint; keep and show what comes.

    Args:
        mission: Whose log; it is published first.
        send: Posts to a witness.

    Raises:
        RejectedInput: The mission has no policy.
        VerificationError: The policy is malformed, or a kept cosignature no longer verifies.
        StorageFailure: What came could not be kept.
    """
    policy = read_policy(mission)
    mission.ledger.publish()
    state = current_state(mission)
    kept = _kept(mission, state)
    standing = attestation(policy, kept, "kept cosignatures")
    have = {name for name, _ in standing.by}
    asked = [witness for witness in policy.witnesses if witness.name not in have]
    answers = dict(zip((one.name for one in asked), _ask(mission, asked, state, send), strict=True))
    lines = b"".join(line for _, line in answers.values())
    note = kept + lines
    if lines:
        write_durably(_path(mission, state.size), note)
    already = {name: WitnessState(name, Answer.COSIGNED, state.size) for name in have}
    states = tuple(already.get(witness.name) or answers[witness.name][0] for witness in policy.witnesses)
    return Collected(state.size, states, attestation(policy, note), _show(mission, state, note))


def reconcile(mission: Mission, *, send: Post = post) -> list[WitnessState]:
    """Ask every witness what it last saw of this log, and whether our tree continues that.

    After a restore nothing may be signed before every witness's last size is matched:
    a witness that is ``AHEAD`` or ``FORKED`` has seen records that this mission no
    longer has.  A witness that is behind is shown our latest checkpoint, which was
    signed before; what it cosigns is left for ``collect`` to ask for again.

    Args:
        mission: Whose log; nothing of it is changed.
        send: Posts to a witness.

    Raises:
        RejectedInput: The mission has no policy.
        VerificationError: The policy is malformed.
    """
    policy = read_policy(mission)
    return [state for state, _ in _ask(mission, policy.witnesses, current_state(mission), send)]


def witness_standing(mission: Mission) -> Standing:
    """Tell how far the log is attested, from what is kept; asks nobody.

    Raises:
        RejectedInput: The mission has no policy.
        VerificationError: The policy is malformed, or a kept cosignature does not verify.
    """
    policy = read_policy(mission)
    state = current_state(mission)
    latest = attestation(policy, _kept(mission, state))
    if latest.attested:
        return Standing(state.size, latest, state.size)
    for size in sorted(_sizes(mission), reverse=True):
        path = _path(mission, size)
        if size < state.size and attestation(policy, read_file(path, MAX_NOTE), str(path)).attested:
            return Standing(state.size, latest, size)
    return Standing(state.size, latest, None)


def attested_times(mission: Mission) -> dict[int, datetime]:
    """Return by when the log was attested, by size: the latest of its witnesses' times there.

    Every record below such a size had been made by then.

    Raises:
        VerificationError: The policy is malformed, or a kept cosignature does not verify.
    """
    if not (mission.folder / POLICY_FILE).is_file():
        return {}
    policy, times = read_policy(mission), {}
    for size in _sizes(mission):
        path = _path(mission, size)
        found = attestation(policy, read_file(path, MAX_NOTE), str(path))
        if found.attested and found.by:
            times[size] = max(moment for _, moment in found.by)
    return times


def current_state(mission: Mission, size: int | None = None) -> State:
    """Return the latest checkpoint, or the one of exactly this size.

    Raises:
        RejectedInput: There is no checkpoint of that size.
        StorageFailure: The database is not whole.
    """
    with mission.store.read() as transaction:
        head = transaction.head() if size is None else transaction.head_at(size)
        if head is None:
            raise RejectedInput(f"The mission has no checkpoint of size {size}.")
        leaves = transaction.leaves(head.tree_size - 1, head.tree_size)
        row = transaction.record(parse_leaf(leaves[0], "last record").record_id) if leaves else None
    if row is None:
        raise StorageFailure("The mission's last record cannot be found: restore it from a backup.")
    return State(head.tree_size, head.checkpoint.encode(), datetime.fromisoformat(row.logged_at))


def _ask(
    mission: Mission, witnesses: Sequence[PolicyWitness], state: State, send: Post
) -> list[tuple[WitnessState, bytes]]:
    return ask_all(Asking(mission.folder / "log", state, mission.ledger.clock.now(), send), witnesses)


def _show(mission: Mission, state: State, note: bytes) -> bool:
    """Show the cosignatures below the published checkpoint, if no later one is published."""
    lines = note.removeprefix(state.checkpoint)
    with mission.ledger.writing():  # nobody publishes a later checkpoint meanwhile
        return publish_cosigned(mission.folder / "log", state.checkpoint, lines)


def _kept(mission: Mission, state: State) -> bytes:
    """Return the checkpoint with the cosignatures kept for it, or alone.

    Raises:
        StorageFailure: What is kept is of another checkpoint.
    """
    path = _path(mission, state.size)
    if not path.exists():
        return state.checkpoint
    data = read_file(path, MAX_NOTE)
    if not data.startswith(state.checkpoint):
        raise StorageFailure(
            f"{path} holds another checkpoint than the record: one of the two was changed or restored "
            "without the other. Keep a copy of both and find out which."
        )
    return data


def _path(mission: Mission, size: int) -> Path:
    return mission.folder / COSIGNATURES / f"{size}.txt"


def _sizes(mission: Mission) -> list[int]:
    """Return the sizes that cosignatures are kept of."""
    return [int(path.stem) for path in (mission.folder / COSIGNATURES).glob("*.txt") if path.stem.isdecimal()]
