# SPDX-License-Identifier: Apache-2.0
"""Making checkpoints: the operator's signed word for a state of the log.

Format: C2SP tlog-checkpoint 1.0.0, no extension lines, signed under the origin's own
name.  Whoever calls this must never sign two checkpoints that do not continue each
other; the one transaction that appends leaves and edge is what sees to that.
"""

from __future__ import annotations

import base64

from truceline.errors import Fault, RejectedInput
from truceline.evidence.signing import SigningKey
from truceline.evidence.verify.errors import VerificationError
from truceline.evidence.verify.note import parse_verifier_key, verify_checkpoint


def sign_checkpoint(origin: str, size: int, root: bytes, key: SigningKey) -> bytes:
    """Return a signed checkpoint.

    Args:
        origin: The log's name, without spaces or plus signs, like ``monitoring.example/log``.
        size: How many entries.
        root: The root over them, 32 bytes.
        key: The log's key, used for nothing else.

    Raises:
        RejectedInput: The origin, size or root does not fit the format.
    """
    try:  # what we hand out must pass the parties' own verifier
        note = key.sign_note(f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n", origin)
        verify_checkpoint(note, parse_verifier_key(key.verifier_key(origin)), "new checkpoint")
    except (VerificationError, UnicodeEncodeError) as error:
        raise RejectedInput(
            "The checkpoint cannot be made; correct the log's origin, size or root.",
            [Fault("checkpoint", "text", str(error), f"{origin!a} {size}")],
        ) from error
    return note
