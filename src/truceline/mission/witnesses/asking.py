# SPDX-License-Identifier: Apache-2.0
"""Asks witnesses about one checkpoint, and judges what they answer.

Protocol: C2SP tlog-witness, the client's side.  Nothing that a witness sends counts
before it is verified, and every answer, none too, becomes a standing that is told by
the witness's name.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from functools import partial
from http import HTTPStatus
from pathlib import Path

from truceline.evidence import consistency_proof, tile_nodes
from truceline.evidence.cosignature import cosignature_lines
from truceline.evidence.verify import VerificationError
from truceline.evidence.verify.cosignature import verify_cosignatures
from truceline.evidence.verify.note import parse_note
from truceline.evidence.verify.policy import PolicyWitness
from truceline.evidence.verify.text import read_decimal
from truceline.evidence.verify.tiles import WIDTH, read_tile
from truceline.evidence.witness import ADD_CHECKPOINT, TEXT_TYPE, submission_bytes
from truceline.mission.witnesses.posting import Post, Reply, Unreachable

CLOCK_TOLERANCE = timedelta(minutes=5)
"""How far a witness's clock may be from ours before its time is refused."""
AT_ONCE = 8
RETRIES = 3


class Answer(Enum):
    """What a witness made of our latest checkpoint."""

    COSIGNED = "cosigned"
    AHEAD = "ahead"
    FORKED = "forked"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class WitnessState:
    """How one witness stands to our log.

    Attributes:
        name: Its name in the policy.
        answer: What it made of our checkpoint; AHEAD: it has seen a larger tree than
            ours; FORKED: it has seen another one.
        size: The size it last cosigned, as far as it said; None: it did not say.
        reason: Why not, in a sentence; empty when it cosigned.
    """

    name: str
    answer: Answer
    size: int | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """The checkpoint to be witnessed, and since when it can exist."""

    size: int
    checkpoint: bytes
    last_logged_at: datetime


@dataclass(frozen=True, slots=True)
class Asking:
    """One checkpoint, to be shown to witnesses."""

    log_dir: Path
    state: State
    now: datetime
    send: Post

    def ask(self, witness: PolicyWitness) -> tuple[WitnessState, bytes]:
        """Show the checkpoint to one witness; return how it stands, and its cosignature lines."""
        if witness.url is None:
            return _no(witness, Answer.UNREACHABLE, None, "the policy gives no address for it")
        # First as if it had seen all: it cosigns (again), or answers with the size that it has
        # seen; then from there, and once more should another question have come between.
        size = old_size = self.state.size
        reply = self._post(witness.url, old_size)
        for _ in range(RETRIES):
            if not isinstance(reply, Reply) or reply.status != HTTPStatus.CONFLICT:
                break
            said = _size_said(reply)
            if said is None or said > size or said == old_size:
                return _conflict(witness, said, size)
            old_size = said
            reply = self._post(witness.url, old_size)
        if isinstance(reply, Reply) and reply.status == HTTPStatus.UNPROCESSABLE_ENTITY:
            what = f"our log does not continue the {old_size} entries that it has cosigned"
            return _no(witness, Answer.FORKED, old_size, what)
        return self._judge(witness, reply)

    def _post(self, url: str, old_size: int) -> Reply | Unreachable:
        size = self.state.size
        nodes = tile_nodes(
            lambda level, tile: read_tile(
                self.log_dir, level, tile, min(WIDTH, (size >> 8 * level) - tile * WIDTH)
            )
        )
        proof = consistency_proof(old_size, size, nodes)
        body = submission_bytes(old_size, proof, self.state.checkpoint)
        return self.send(f"{url.rstrip('/')}/{ADD_CHECKPOINT}", TEXT_TYPE, body)

    def _judge(self, witness: PolicyWitness, reply: Reply | Unreachable) -> tuple[WitnessState, bytes]:
        """Verify the cosignature that a witness sent, and its time; or tell why there is none."""
        if isinstance(reply, Unreachable):
            return _no(witness, Answer.UNREACHABLE, None, reply.reason)
        if reply.status != HTTPStatus.OK:
            why = ascii(reply.body[:200].decode("ascii", "replace").strip())
            return _no(witness, Answer.REFUSED, None, f"it answered {reply.status}: {why}")
        try:
            lines = self._verified(witness, reply.body)
        except VerificationError as error:
            return _no(witness, Answer.REFUSED, None, error.what)
        return WitnessState(witness.name, Answer.COSIGNED, self.state.size), lines

    def _verified(self, witness: PolicyWitness, body: bytes) -> bytes:
        """Return the cosignature lines in an answer, verified.

        Raises:
            VerificationError: There is none, or it does not verify.
        """
        where = f"answer of {witness.name!a}"
        fault = partial(VerificationError, where=where, meaning="This answer counts for nothing.")
        # 1. Append the answer to the checkpoint and read that as a note (tlog-witness,
        #    "add-checkpoint"); an empty line in the answer would make it a note of another text.
        note = parse_note(self.state.checkpoint + body, where)
        if note.text != parse_note(self.state.checkpoint, where).text:
            raise fault("It answered with more than signature lines.")
        # 2. The witness's own lines verify, and are not of the future.
        at = verify_cosignatures(note, witness.key, where, not_after=self.now + CLOCK_TOLERANCE)
        if at is None:
            raise fault("It answered without a cosignature by its key.")
        # 3. Nobody can have seen a tree before its last record was logged.
        if at < self.state.last_logged_at - CLOCK_TOLERANCE:
            raise fault(
                f"Its cosignature is dated {at.isoformat()}, before the last record: check its clock."
            )
        return cosignature_lines(note, [witness.key])


def _conflict(witness: PolicyWitness, said: int | None, size: int) -> tuple[WitnessState, bytes]:
    """Tell of a witness that has seen what we do not have, or contradicts itself."""
    if said is None:
        return _no(witness, Answer.REFUSED, None, "it answered 409 without a size")
    if said > size:
        what = f"it has cosigned {said} entries, we have {size}: was an old backup restored?"
        return _no(witness, Answer.AHEAD, said, what)
    if said == size:
        what = f"it has cosigned another tree of {size} entries: one of the two is a fork"
        return _no(witness, Answer.FORKED, said, what)
    return _no(witness, Answer.REFUSED, said, f"it says {said} entries, and refuses what starts from there")


def _no(witness: PolicyWitness, answer: Answer, size: int | None, reason: str) -> tuple[WitnessState, bytes]:
    return WitnessState(witness.name, answer, size, reason), b""


def _size_said(reply: Reply) -> int | None:
    """Return the size in a 409's body, or None."""
    try:
        return read_decimal(reply.body.decode("ascii", "replace").removesuffix("\n"), "answer")
    except VerificationError:
        return None  # told as a refusal by the caller


def ask_all(asking: Asking, witnesses: Sequence[PolicyWitness]) -> list[tuple[WitnessState, bytes]]:
    """Ask witnesses at once; return each one's standing and verified cosignature lines."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(asking.ask, witnesses))
