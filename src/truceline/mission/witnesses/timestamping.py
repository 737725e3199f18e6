# SPDX-License-Identifier: Apache-2.0
"""Gets checkpoints of the mission's log time-stamped, keeps the stamps and publishes them.

Beside each stamp goes the checkpoint that it is over, byte for byte: once the log has
grown, nothing else holds those bytes, and without them a stamp proves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from truceline.errors import RejectedInput, StorageFailure
from truceline.evidence.publish import write_whole
from truceline.evidence.timestamp import (
    NOT_STAMPED,
    QUERY_TYPE,
    REPLY_TYPE,
    Authority,
    make_request,
    verify_timestamp,
)
from truceline.evidence.verify import VerificationError
from truceline.mission.mission import Mission
from truceline.mission.witnesses.asking import CLOCK_TOLERANCE, State
from truceline.mission.witnesses.posting import Post, Unreachable, post
from truceline.mission.witnesses.witnessing import current_state
from truceline.storage import write_durably

TIMESTAMPS = "timestamps"


@dataclass(frozen=True, slots=True)
class Stamped:
    """A time-stamp that was verified and kept."""

    size: int
    stamped_at: datetime
    token: Path


def stamp(mission: Mission, url: str, authority: Authority, *, send: Post = post) -> Stamped:
    """Have the latest checkpoint stamped over HTTP (RFC 3161 section 3.4), keep and publish that.

    Raises:
        RejectedInput: The checkpoint is stamped already.
        VerificationError: No answer, or one that does not verify.
        StorageFailure: It could not be kept.
    """
    mission.ledger.publish()
    state = _unstamped(mission, None)
    request = make_request(state.checkpoint)
    reply = send(url, QUERY_TYPE, request.data)
    if isinstance(reply, Unreachable):
        raise VerificationError(f"No time-stamp came: {reply.reason}.", where=url, meaning=NOT_STAMPED)
    if reply.status != 200 or reply.content_type != REPLY_TYPE:
        raise VerificationError(
            f"The answer is no time-stamp: status {reply.status}, type {reply.content_type!a}.",
            where=url,
            meaning=NOT_STAMPED,
        )
    return _keep(mission, state, reply.body, authority, url, request.nonce)


def keep_token(mission: Mission, token: bytes, authority: Authority, size: int | None = None) -> Stamped:
    """Keep and publish a time-stamp that was got elsewhere.

    Args:
        mission: Whose log.
        token: The response (``.tsr``).
        authority: Who is believed.
        size: Which checkpoint it is over; None: the latest.

    Raises:
        RejectedInput: There is no checkpoint of that size, or it is stamped already.
        VerificationError: It does not verify.
        StorageFailure: It could not be kept.
    """
    mission.ledger.publish()
    return _keep(mission, _unstamped(mission, size), token, authority, "token", None)


def _unstamped(mission: Mission, size: int | None) -> State:
    """Return the checkpoint to stamp, which must not be stamped yet.

    Raises:
        RejectedInput: It is, or there is no such checkpoint.
    """
    state = current_state(mission, size)
    if (mission.folder / TIMESTAMPS / f"{state.size}.tsr").exists():
        raise RejectedInput(
            f"The checkpoint of {state.size} entries is stamped already. A later stamp says less, "
            "so the first is kept."
        )
    return state


def _keep(
    mission: Mission, state: State, token: bytes, authority: Authority, where: str, nonce: int | None
) -> Stamped:
    stamped_at = verify_timestamp(token, state.checkpoint, authority, where, nonce=nonce)
    earliest = state.last_logged_at - CLOCK_TOLERANCE
    if not earliest <= stamped_at <= mission.ledger.clock.now() + CLOCK_TOLERANCE:
        raise VerificationError(
            f"The stamp is dated {stamped_at.isoformat()}, which is before the checkpoint's last record, "
            "or in the future.",
            where=where,
            meaning="The authority's clock, or this machine's, is wrong. Set that right and stamp again.",
        )
    kept = mission.folder / TIMESTAMPS
    # The checkpoint first: a stamp never stands without what it is over.
    write_durably(kept / f"{state.size}.checkpoint", state.checkpoint)
    write_durably(kept / f"{state.size}.tsr", token)
    publish_timestamps(mission)
    return Stamped(state.size, stamped_at, kept / f"{state.size}.tsr")


def publish_timestamps(mission: Mission) -> None:
    """Copy every stamp that is kept to the published log, as far as it is not there.

    Raises:
        StorageFailure: They cannot be read or written.
    """
    log_dir = mission.folder / "log"
    with mission.ledger.writing():  # one at a time: the log has one staging file
        try:
            for path in sorted((mission.folder / TIMESTAMPS).glob("[0-9]*.*")):
                data, name = path.read_bytes(), f"{TIMESTAMPS}/{path.name}"
                if not (log_dir / name).is_file() or (log_dir / name).read_bytes() != data:
                    write_whole(log_dir, name, data)
        except OSError as error:
            raise StorageFailure(f"The time-stamps could not be published: {error}.") from error
