# SPDX-License-Identifier: Apache-2.0
"""Publishing: the log as plain files that any file server, or a USB stick, can carry.

Format: C2SP tlog-tiles.  Invariants:

- entries first, tiles next, the checkpoint last: a reader always finds what the
  checkpoint that it sees needs;
- each file appears whole: written aside, flushed to the disk, renamed into place;
- nothing that a published checkpoint covers is ever changed: the folder must hold
  the beginning of the same log, or nothing is written;
- a run that was killed is made good by the next one.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from truceline.errors import StorageFailure
from truceline.evidence.tree import TreeEdge, append, edge_at, root, tile_nodes
from truceline.evidence.verify.errors import VerificationError
from truceline.evidence.verify.leaf import MAX_LEAF
from truceline.evidence.verify.log import KEY_FILE
from truceline.evidence.verify.merkle import leaf_hash, merkle_root
from truceline.evidence.verify.note import (
    MAX_NOTE,
    Checkpoint,
    parse_checkpoint,
    parse_note,
    parse_verifier_key,
    verify_checkpoint,
)
from truceline.evidence.verify.tiles import ENTRIES, WIDTH, read_file, read_tile, tile_path

ReadLeaves = Callable[[int, int], Sequence[bytes]]
"""Gives the leaves from start up to end: (start, end) -> leaf bytes in the log's order."""

STAGED = ".staged"
"""The one file that is being written; it is no part of the log."""


def publish(
    log_dir: Path, checkpoint: bytes, size: int, read_leaves: ReadLeaves, verifier_key: str | None = None
) -> None:
    """Export everything up to ``checkpoint`` that the folder does not hold yet.

    Args:
        log_dir: The published folder; made if it is not there.
        checkpoint: The signed checkpoint, byte for byte.
        size: How many entries it covers.
        read_leaves: Reads committed leaves.
        verifier_key: The log's verifier key, shown beside the checkpoint; None: not shown.

    Raises:
        StorageFailure: The folder is ahead, of another log, or does not fit the
            leaves; the checkpoint does not fit; or a file cannot be written.
    """
    try:
        _publish(log_dir, checkpoint, size, read_leaves, verifier_key)
    except VerificationError as error:
        raise StorageFailure(
            f"The log in {log_dir} was not published, because what is to be continued does not hold. "
            f"Keep a copy of the folder and of the records, and find out which was altered. {error}"
        ) from error
    except OSError as error:
        raise StorageFailure(
            f"The log in {log_dir} could not be written: {error}. Correct that and publish again."
        ) from error


def _publish(
    log_dir: Path, checkpoint: bytes, size: int, read_leaves: ReadLeaves, verifier_key: str | None
) -> None:
    new = _new_checkpoint(checkpoint, verifier_key)
    old = _published(log_dir, new)
    if new.size != size:
        raise StorageFailure(f"The checkpoint covers {new.size} entries, not {size}; publish the right one.")
    log_dir.mkdir(parents=True, exist_ok=True)
    files = _Files(log_dir)
    # 1. Entries, from the start of the last unfinished bundle.
    start = old.size // WIDTH * WIDTH
    hashes = _export_entries(files, _edge(log_dir, start), old, new, read_leaves)
    # 2. Tiles, from the lowest level up.
    _export_tiles(files, log_dir, old.size, hashes)
    if verifier_key is not None:
        _export_key(files, log_dir, verifier_key)
    files.settle()
    # 3. The checkpoint, once everything below it is on the disk; cosignatures that it has got stay.
    if not _shows(log_dir, checkpoint):
        files.write("checkpoint", checkpoint)
    files.settle()
    # 4. Partial files whose full ones are now there are no longer needed (tlog-tiles, "Partial Tiles").
    files.tidy()


def publish_cosigned(log_dir: Path, checkpoint: bytes, cosignatures: bytes) -> bool:
    """Show cosignature lines below the published checkpoint, if it is still this one.

    Whoever calls this keeps others from publishing meanwhile.

    Args:
        log_dir: The published folder.
        checkpoint: The signed checkpoint that was cosigned, byte for byte.
        cosignatures: Signature lines, checked before.

    Returns:
        False: another checkpoint is published by now, so nothing was shown.

    Raises:
        StorageFailure: The file cannot be read or written.
    """
    try:
        if not _shows(log_dir, checkpoint):
            return False
        write_whole(log_dir, "checkpoint", checkpoint + cosignatures)
    except (OSError, VerificationError) as error:
        raise StorageFailure(f"The checkpoint in {log_dir} could not be written: {error}") from error
    return True


def published_size(log_dir: Path) -> int:
    """Return how many entries the folder shows; 0: none, or what is there cannot be read.

    Args:
        log_dir: The published folder.
    """
    path = log_dir / "checkpoint"
    try:
        return parse_checkpoint(parse_note(read_file(path, MAX_NOTE), str(path)), str(path)).size
    except (OSError, VerificationError):
        return 0


def write_whole(folder: Path, name: str, data: bytes) -> None:
    """Write one file below a folder so that after a crash it is there whole or not at all.

    Raises:
        OSError: It cannot be written.
    """
    files = _Files(folder)
    files.write(name, data)
    files.settle()


def _shows(log_dir: Path, checkpoint: bytes) -> bool:
    """Tell whether the folder shows this checkpoint, alone or with cosignatures below."""
    path = log_dir / "checkpoint"
    return path.exists() and read_file(path, MAX_NOTE).startswith(checkpoint)


class _Files:
    """Writes the folder's files, each whole or not at all."""

    def __init__(self, log_dir: Path) -> None:
        self._log_dir = log_dir
        self._touched = {log_dir}
        self._finished: list[Path] = []

    def write(self, name: str, data: bytes) -> None:
        """Write one file aside, flush it, and rename it into place."""
        target = self._log_dir / name
        target.parent.mkdir(parents=True, exist_ok=True)
        staged = self._log_dir / STAGED
        with staged.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        staged.replace(target)
        self._touched.update(
            parent for parent in target.parents if parent == self._log_dir or self._log_dir in parent.parents
        )

    def write_tile(self, level: int | str, index: int, width: int, data: bytes) -> None:
        """Write a tile or bundle, and remember a finished one's partial predecessors."""
        self.write(tile_path(level, index, width), data)
        if width == WIDTH:
            self._finished.append(self._log_dir / f"{tile_path(level, index)}.p")

    def settle(self) -> None:
        """Flush the folders, so that the renames so far outlive a power cut."""
        for folder in sorted(self._touched):
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        self._touched = {self._log_dir}

    def tidy(self) -> None:
        """Remove the partial predecessors of the tiles finished in this run."""
        for folder in self._finished:
            if folder.is_dir():
                shutil.rmtree(folder)


def _new_checkpoint(data: bytes, verifier_key: str | None) -> Checkpoint:
    """Return the checkpoint to publish; its signature is checked if the key is given."""
    if verifier_key is not None:
        return verify_checkpoint(data, parse_verifier_key(verifier_key), "new checkpoint")
    return parse_checkpoint(parse_note(data, "new checkpoint"), "new checkpoint")


def _published(log_dir: Path, new: Checkpoint) -> Checkpoint:
    """Return the checkpoint in the folder, which the new one must be able to continue."""
    path = log_dir / "checkpoint"
    if not path.exists():
        return Checkpoint(new.origin, 0, root(TreeEdge()))
    old = parse_checkpoint(parse_note(read_file(path, MAX_NOTE), str(path)), str(path))
    if old.origin != new.origin:
        raise StorageFailure(f"{log_dir} holds the log {old.origin}, not {new.origin}; use another folder.")
    if old.size > new.size:
        raise StorageFailure(
            f"{log_dir} already shows {old.size} entries, the records hold {new.size}. Was an old backup "
            "restored? Publishing now would take back what parties have seen. Recover what is missing first."
        )
    return old


def _edge(log_dir: Path, size: int) -> TreeEdge:
    """Return the edge over the first ``size`` entries of the folder, all in full lowest tiles."""

    def read(level: int, index: int) -> list[bytes]:
        return read_tile(log_dir, level, index, min(WIDTH, (size >> 8 * level) - index * WIDTH))

    return edge_at(size, tile_nodes(read))


def _export_entries(
    files: _Files, edge: TreeEdge, old: Checkpoint, new: Checkpoint, read_leaves: ReadLeaves
) -> list[bytes]:
    """Write the bundles from the edge up to the new size; return the hashes of their entries."""
    hashes: list[bytes] = []
    for first, entries in _bundles(edge.size, new.size, read_leaves):
        computed = [leaf_hash(entry) for entry in entries]
        if first <= old.size:  # the bundle where the published part ends: it must end as published
            _expect(root(append(edge, computed[: old.size - first])), old)
        hashes += computed
        if first + len(entries) > old.size:
            data = b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)
            files.write_tile(ENTRIES, first // WIDTH, len(entries), data)
        edge = append(edge, computed)
    if new.size == old.size:
        _expect(root(edge), old)
    _expect(root(edge), new)
    return hashes


def _bundles(start: int, end: int, read_leaves: ReadLeaves) -> Iterator[tuple[int, Sequence[bytes]]]:
    """Yield (index of the first entry, entries) bundle by bundle."""
    for first in range(start, end, WIDTH):
        last = min(first + WIDTH, end)
        entries = read_leaves(first, last)
        if len(entries) != last - first or any(len(entry) > MAX_LEAF for entry in entries):
            raise StorageFailure(
                f"The records do not hold the entries {first} to {last - 1} as they must; check the database."
            )
        yield first, entries


def _expect(computed: bytes, checkpoint: Checkpoint) -> None:
    """Check that the leaves give a checkpoint's root."""
    if computed != checkpoint.root:
        raise StorageFailure(
            f"The leaves do not give the root of the checkpoint over {checkpoint.size} entries. Nothing was "
            "published. Either the records or the published folder were altered: verify both before going on."
        )


def _export_tiles(files: _Files, log_dir: Path, old_size: int, hashes: list[bytes]) -> None:
    """Write the tiles over the new entries, level by level, each above a full one below."""
    level, start, row = 0, old_size // WIDTH * WIDTH, hashes
    while True:
        for at in range(0, len(row), WIDTH):
            chunk = row[at : at + WIDTH]
            files.write_tile(level, (start + at) // WIDTH, len(chunk), b"".join(chunk))
        full = [merkle_root(row[at : at + WIDTH]) for at in range(0, len(row) // WIDTH * WIDTH, WIDTH)]
        if not full:
            return
        level, parent = level + 1, start // WIDTH
        start = parent // WIDTH * WIDTH
        kept = read_tile(log_dir, level, start // WIDTH, parent - start) if parent > start else []
        row = kept + full


def _export_key(files: _Files, log_dir: Path, verifier_key: str) -> None:
    """Show the verifier key; one that is shown already is never changed here."""
    path, data = log_dir / KEY_FILE, f"{verifier_key}\n".encode()
    if not path.exists():
        files.write(KEY_FILE, data)
    elif read_file(path, 1024) != data:
        raise StorageFailure(
            f"{path} shows another key. A log keeps its key; a change is announced, not overwritten."
        )
