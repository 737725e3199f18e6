# SPDX-License-Identifier: Apache-2.0
"""Handing out proofs from a published log, as files that stand alone.

Format: C2SP tlog-proof (draft), with the leaf itself in the ``extra`` line, so that
one file and the operator's key are all that its holder needs.
"""

from __future__ import annotations

import base64
from pathlib import Path

from truceline.errors import StorageFailure
from truceline.evidence.tree import HashReader, consistency_proof, inclusion_proof, tile_nodes
from truceline.evidence.verify.errors import VerificationError
from truceline.evidence.verify.merkle import leaf_hash, verify_inclusion
from truceline.evidence.verify.note import MAX_NOTE, Checkpoint, parse_checkpoint, parse_note
from truceline.evidence.verify.proof import HEADER
from truceline.evidence.verify.tiles import WIDTH, read_bundle, read_file, read_tile


def prove(log_dir: Path, index: int) -> str:
    """Return the text of a ``.tlog-proof`` file for the entry at ``index``.

    Raises:
        RejectedInput: The published log has no such entry (yet).
        StorageFailure: The published log is damaged, so that the proof would not hold.
    """
    try:
        data, state = _state(log_dir)
        path = inclusion_proof(index, state.size, _nodes(log_dir, state.size))
        bundle, offset = divmod(index, WIDTH)
        entry = read_bundle(log_dir, bundle, min(WIDTH, state.size - bundle * WIDTH))[offset]
        verify_inclusion(leaf_hash(entry), index, state.size, path, state.root, where=f"entry {index}")
    except VerificationError as error:
        raise _damaged(log_dir, error) from error
    lines = [HEADER, f"extra {_base64(entry)}", f"index {index}", *map(_base64, path)]
    return "\n".join(lines) + "\n\n" + data.decode()


def prove_consistency(log_dir: Path, first: int) -> tuple[bytes, ...]:
    """Return the proof that the published log continues its first ``first`` entries.

    Raises:
        RejectedInput: The published log has fewer entries.
        StorageFailure: The published log is damaged.
    """
    try:
        _, state = _state(log_dir)
        return consistency_proof(first, state.size, _nodes(log_dir, state.size))
    except VerificationError as error:
        raise _damaged(log_dir, error) from error


def _state(log_dir: Path) -> tuple[bytes, Checkpoint]:
    """Return the published checkpoint as bytes, and read."""
    path = log_dir / "checkpoint"
    data = read_file(path, MAX_NOTE)
    return data, parse_checkpoint(parse_note(data, str(path)), str(path))


def _nodes(log_dir: Path, size: int) -> HashReader:
    """Return a reader of the published tree's subtree roots."""
    return tile_nodes(
        lambda level, tile: read_tile(log_dir, level, tile, min(WIDTH, (size >> 8 * level) - tile * WIDTH))
    )


def _damaged(log_dir: Path, error: VerificationError) -> StorageFailure:
    return StorageFailure(f"The published log in {log_dir} is damaged; run its verification. {error}")


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
