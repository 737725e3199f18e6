# SPDX-License-Identifier: Apache-2.0
"""What a witness decides: whether a log's new checkpoint continues the last one.  No I/O.

Protocol: C2SP tlog-witness 1.0.0, the add-checkpoint call.  Invariants:

- a checkpoint is cosigned only if it continues the last one cosigned of that log, so
  that no two which were cosigned can contradict each other;
- a smaller tree is never cosigned after a larger one;
- what a log signed and could not be shown to continue is handed back for keeping: two
  trees of one size are proof of misbehaviour, a failed proof asks for an explanation.

The decision names the state to keep; whoever serves it keeps that before answering.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from truceline.evidence.cosignature import cosign, cosigner_key
from truceline.evidence.signing import SigningKey
from truceline.evidence.verify.errors import VerificationError
from truceline.evidence.verify.merkle import EMPTY_ROOT, verify_consistency
from truceline.evidence.verify.note import (
    Checkpoint,
    SignedNote,
    VerifierKey,
    parse_checkpoint,
    parse_note,
    verify_note,
)
from truceline.evidence.verify.text import read_base64, read_decimal

ADD_CHECKPOINT = "add-checkpoint"
SIZE_TYPE = "text/x.tlog.size"
TEXT_TYPE = "text/plain; charset=utf-8"
MAX_PROOF = 63
MAX_REQUEST = 1 << 16
"""Bytes of a request: more than 63 proof lines and 64 signatures need."""


@dataclass(frozen=True, slots=True)
class Witness:
    """Who witnesses, and the logs it knows, by origin; a log may have several keys."""

    name: str
    key: SigningKey
    logs: Mapping[str, Sequence[VerifierKey]]

    @property
    def verifier_key(self) -> str:
        """The key to hand out to those who rely on this witness."""
        return cosigner_key(self.name, self.key)


@dataclass(frozen=True, slots=True)
class Submission:
    """An add-checkpoint request as read; nothing in it is checked yet."""

    old_size: int
    proof: tuple[bytes, ...]
    data: bytes
    note: SignedNote
    checkpoint: Checkpoint


@dataclass(frozen=True, slots=True)
class Response:
    """What to answer over HTTP."""

    status: HTTPStatus
    body: bytes
    content_type: str = TEXT_TYPE


@dataclass(frozen=True, slots=True)
class Decision:
    """What to answer, and what to keep before answering.

    Attributes:
        response: The answer.
        keep: The checkpoint to keep as the last cosigned; None: the state stays.
        disputed: The checkpoint, signed by the log, that was not shown to continue the
            last one; None: there is none.
    """

    response: Response
    keep: bytes | None = None
    disputed: bytes | None = None


def submission_bytes(old_size: int, proof: Sequence[bytes], checkpoint: bytes) -> bytes:
    """Return the body of an add-checkpoint request (tlog-witness, "add-checkpoint")."""
    lines = [f"old {old_size}", *(base64.b64encode(each).decode() for each in proof), "", ""]
    return "\n".join(lines).encode() + checkpoint


def parse_submission(body: bytes) -> Submission:
    """Read an add-checkpoint request strictly.

    Raises:
        VerificationError: The bytes are not such a request.
    """
    where = "request"
    head, parted, data = body.partition(b"\n\n")
    lines = head.decode("ascii", "replace").split("\n")
    if not parted or not lines[0].startswith("old ") or len(lines) > 1 + MAX_PROOF:
        raise VerificationError(
            "This is no add-checkpoint request.", where=where, meaning="Send: old size, proof, checkpoint."
        )
    note = parse_note(data, where)
    return Submission(
        read_decimal(lines[0].removeprefix("old "), where),
        tuple(read_base64(line, where, 32) for line in lines[1:]),
        data,
        note,
        parse_checkpoint(note, where),
    )


def add_checkpoint(
    witness: Witness, submission: Submission, last: Checkpoint | None, now: datetime
) -> Decision:
    """Decide on a submitted checkpoint, in the order of tlog-witness, "add-checkpoint".

    Args:
        witness: Who is asked.
        submission: The request.
        last: The last checkpoint that it cosigned of that log; None: none yet.
        now: The time of cosigning.
    """
    refusal = _refusal(witness, submission)
    if refusal is not None:
        return Decision(refusal)
    new = submission.checkpoint
    # 3. The old size is that of the last checkpoint cosigned (409 with that size).
    before = Checkpoint(new.origin, 0, EMPTY_ROOT) if last is None else last
    if submission.old_size != before.size:
        return Decision(_conflict(before.size))
    # 4. Of one size there is one tree (409).
    if new.size == before.size and new.root != before.root:
        return Decision(_conflict(before.size), disputed=submission.data)
    # 5. The new tree begins with the old one (422).
    try:
        verify_consistency(
            before.size, before.root, new.size, new.root, submission.proof, where="consistency proof"
        )
    except VerificationError as error:
        answer = Response(HTTPStatus.UNPROCESSABLE_ENTITY, f"{error.what}\n".encode())
        return Decision(answer, disputed=submission.data)
    # 6. Keep it, then cosign.
    line = cosign(submission.note.text, witness.name, witness.key, now)
    return Decision(Response(HTTPStatus.OK, line), keep=submission.data)


def _refusal(witness: Witness, submission: Submission) -> Response | None:
    """Return why the request is not even compared with the state, or None."""
    # 1. The origin is known (404), and one of its keys signed (403).
    origin = submission.checkpoint.origin
    keys = witness.logs.get(origin)
    if keys is None:
        return _refuse(HTTPStatus.NOT_FOUND, f"This witness does not know the log {origin}.")
    if not _signed(submission.note, keys):
        return _refuse(HTTPStatus.FORBIDDEN, f"No key known for {origin} signed this checkpoint.")
    # 2. The old size is no larger than the new (400).
    if submission.old_size > submission.checkpoint.size:
        return _refuse(HTTPStatus.BAD_REQUEST, "The old size is larger than the checkpoint.")
    return None


def _signed(note: SignedNote, keys: Sequence[VerifierKey]) -> bool:
    """Tell whether one of the keys signed; signatures by unknown keys are left alone."""
    for key in keys:
        try:
            verify_note(note, key, "request")
        except VerificationError:
            continue  # the next key may have signed; if none did, the answer is 403
        return True
    return False


def _refuse(status: HTTPStatus, sentence: str) -> Response:
    return Response(status, f"{sentence}\n".encode())


def _conflict(size: int) -> Response:
    return Response(HTTPStatus.CONFLICT, f"{size}\n".encode(), SIZE_TYPE)
