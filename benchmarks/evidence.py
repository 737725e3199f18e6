# SPDX-License-Identifier: Apache-2.0
"""How fast the log takes entries, proves them and is verified, beside pymerkle in the same run.

    python -m benchmarks.evidence [ENTRIES]

ENTRIES is 1,000,000 unless given; 10000000 needs 10 GB of disk and a quarter of an hour.
Entries are 386 bytes of synthetic text (EXERCISE), not leaves: what is measured is the
log.  Appending is durable: one SQLite transaction a batch, with its signed checkpoint.
"""

from __future__ import annotations

import base64
import random
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from pymerkle import InmemoryTree

from truceline.evidence import (
    SigningKey,
    TreeEdge,
    append,
    inclusion_proof,
    leaf_hash,
    publish,
    root,
    sign_checkpoint,
    tile_nodes,
)
from truceline.evidence.verify import verify_inclusion, verify_tree
from truceline.evidence.verify.tiles import WIDTH, read_tile
from truceline.storage import Head, RecordRow, Store
from truceline.storage.sqlite import SQLiteFile

ORIGIN = "exercise.example/log"
ENTRY = b"EXERCISE " * 42
PEER_ENTRIES = 100_000
PROOFS = 500


def entry(number: int) -> bytes:
    """Return an entry of 386 bytes."""
    return b"%08d" % number + ENTRY


def appending(folder: Path, key: SigningKey, batch: int, batches: int) -> float:
    """Return entries a second, appended durably in batches."""
    database = SQLiteFile(folder / f"batch-{batch}.db")
    database.make()
    store = Store(database)
    edge = TreeEdge()
    prepared = [[entry(at * batch + one) for one in range(batch)] for at in range(batches)]
    started = time.perf_counter()
    for entries in prepared:
        first = edge.size
        edge = append(edge, map(leaf_hash, entries))
        rows = [
            RecordRow(index, f"rec-{index}", "exercise", "nobody", index + 1, "", data, (("public", "-"),))
            for index, data in enumerate(entries, first)
        ]
        top = root(edge)
        note = sign_checkpoint(ORIGIN, edge.size, top, key)
        with store.write() as transaction:
            transaction.add_records(rows)
            transaction.add_head(Head(edge.size, b"".join(edge.hashes), top, note.decode()))
    seconds = time.perf_counter() - started
    store.close()
    return batch * batches / seconds


def proving(log: Path, size: int) -> tuple[float, float]:
    """Return the milliseconds of a proof from files, median and 99th percentile; each is verified."""
    draw = random.Random(3)  # noqa: S311 - a benchmark's choice, not a secret
    times = []
    top = base64.b64decode((log / "checkpoint").read_bytes().split(b"\n")[2])

    def tile(level: int, number: int) -> Sequence[bytes]:
        held = size >> (8 * level)
        return read_tile(log, level, number, min(WIDTH, held - number * WIDTH))

    for _ in range(PROOFS):
        index = draw.randrange(size)

        started = time.perf_counter()
        read = tile_nodes(tile)
        path = inclusion_proof(index, size, read)
        times.append((time.perf_counter() - started) * 1_000)
        verify_inclusion(leaf_hash(entry(index)), index, size, path, top, where="benchmark")
    ordered = sorted(times)
    return statistics.median(ordered), ordered[int(PROOFS * 0.99)]


def peer() -> tuple[float, float]:
    """Return pymerkle's entries a second in memory, and the milliseconds of one proof."""
    tree = InmemoryTree(algorithm="sha256")
    prepared = [entry(number) for number in range(PEER_ENTRIES)]
    started = time.perf_counter()
    for data in prepared:
        tree.append_entry(data)
    rate = PEER_ENTRIES / (time.perf_counter() - started)
    started = time.perf_counter()
    for number in range(1, 101):
        tree.prove_inclusion(number * 997, PEER_ENTRIES)
    return rate, (time.perf_counter() - started) * 10


def main() -> None:
    """Print every figure, and its ratio to the peer's."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    key = SigningKey.generate(secrets.token_bytes)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        peer_rate, peer_proof = peer()
        print(f"pymerkle, in memory: {peer_rate:,.0f} entries/s; a proof {peer_proof:.2f} ms")
        for batch, batches in ((1, 500), (100, 100), (10_000, 10)):
            rate = appending(folder, key, batch, batches)
            print(f"append, batch {batch:6,}: {rate:10,.0f} entries/s  ({rate / peer_rate:.2f} x pymerkle)")
        log = folder / "log"
        edge = TreeEdge()
        started = time.perf_counter()
        for start in range(0, size, 100_000):
            end = min(start + 100_000, size)
            edge = append(edge, (leaf_hash(entry(number)) for number in range(start, end)))
            note = sign_checkpoint(ORIGIN, end, root(edge), key)
            publish(
                log, note, end, lambda first, last: [entry(number) for number in range(first, last)],
                key.verifier_key(ORIGIN),
            )  # fmt: skip
        print(f"publish {size:,}: {size / (time.perf_counter() - started):,.0f} entries/s, as files")
        middle, slow = proving(log, size)
        print(
            f"inclusion proof at {size:,}: p50 {middle:.2f} ms, p99 {slow:.2f} ms "
            f"({middle / peer_proof:.2f} x pymerkle at {PEER_ENTRIES:,} in memory)"
        )
        started = time.perf_counter()
        verify_tree(log, key.verifier_key(ORIGIN))
        print(f"verify {size:,}: {time.perf_counter() - started:.1f} s (tree; authors' signatures are extra)")


if __name__ == "__main__":
    main()
