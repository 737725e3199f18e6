# SPDX-License-Identifier: Apache-2.0
"""Feeds bytes to every parser of evidence: nothing but its own error may come out.

    python -m fuzz.parsers [-runs=N] [libFuzzer options]

Needs ``atheris`` (``make fuzz`` installs it).  The tests do the same with Hypothesis;
this goes on for as long as it is let, guided by coverage.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import atheris

with atheris.instrument_imports():
    from truceline.errors import MechanismError
    from truceline.evidence import opening_from_bytes
    from truceline.evidence.verify import (
        VerificationError,
        parse_leaf,
        parse_proof,
        parse_verifier_key,
        verify_checkpoint,
    )
    from truceline.evidence.verify.note import parse_checkpoint, parse_note
    from truceline.evidence.verify.tiles import parse_bundle, parse_hashes
    from truceline.observation.codec import from_row

KEY = parse_verifier_key("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
"""The verifier key of the Go reference note, so that some signature checks are reached."""

PARSERS: tuple[Callable[[bytes], object], ...] = (
    lambda data: parse_leaf(data, "fuzz"),
    lambda data: parse_proof(data, "fuzz"),
    lambda data: parse_note(data, "fuzz"),
    lambda data: parse_checkpoint(parse_note(data, "fuzz"), "fuzz"),
    lambda data: parse_bundle(data, "fuzz"),
    lambda data: parse_hashes(data, "fuzz"),
    lambda data: verify_checkpoint(data, KEY, "fuzz"),
    lambda data: parse_verifier_key(data.decode("utf-8", "surrogateescape")),
    opening_from_bytes,
    lambda data: from_row("observations", data, "fuzz"),
    lambda data: from_row("claims", data, "fuzz"),
    lambda data: from_row("watches", data, "fuzz"),
)


def feed(data: bytes) -> None:
    """Give the bytes behind the first to the parser that the first names."""
    if not data:
        return
    try:
        PARSERS[data[0] % len(PARSERS)](data[1:])
    except (VerificationError, MechanismError):
        return


if __name__ == "__main__":
    atheris.Setup(sys.argv, feed)
    atheris.Fuzz()
