# SPDX-License-Identifier: Apache-2.0
"""Checking a whole published log from nothing but its folder and the operator's key.

Everything is computed again from the entries; the tiles and the signed root must
come out the same.  That shows that nothing logged was changed, dropped or moved. It
does not show that what was logged is true.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .authors import AuthorAccount, Numbering
from .errors import VerificationError
from .leaf import verify_leaf, verify_seen
from .merkle import NOT_CONSISTENT, NOT_INCLUDED, leaf_hash, merkle_root
from .note import MAX_NOTE, Checkpoint, VerifierKey, parse_verifier_key, verify_checkpoint
from .text import MALFORMED
from .tiles import ENTRIES, WIDTH, parse_tile_name, read_bundle, read_file, read_tile, tile_path

KEY_FILE = "verifier-key.txt"


@dataclass(frozen=True, slots=True)
class LogReport:
    """What was checked, and found to hold.

    Attributes:
        checkpoint: Origin, size and root; ``size`` leaves and their signatures were checked.
        key: The verifier key that the checkpoint was checked with.
        key_given: Whether the caller gave that key; if not, it came from the folder
            and proves no more than that the log is whole in itself.
        tiles: How many tiles and bundles were recomputed.
        authors: Each author's numbering, by author.
        earlier: The earlier checkpoint that the log was found to continue, if one was given.
        ahead: Files of an export still under way, which no checkpoint covers yet.
        ignored: Files among the tiles that are no part of a log.
        leaves_checked: Whether each leaf's form and signature were checked too.
    """

    checkpoint: Checkpoint
    key: str
    key_given: bool
    tiles: int
    authors: tuple[AuthorAccount, ...]
    earlier: Checkpoint | None
    ahead: int
    ignored: int
    leaves_checked: bool = True

    @property
    def unsettled(self) -> tuple[AuthorAccount, ...]:
        """The authors with numbers missing or used twice: somebody must explain them."""
        return tuple(account for account in self.authors if account.missing or account.repeated)


def verify_log(folder: Path, verifier_key: str | None = None, earlier: bytes | None = None) -> LogReport:
    """Check a published log: signatures, entries, tiles, root, and that it continues.

    Args:
        folder: The log: ``checkpoint`` and ``tile/``.
        verifier_key: The operator's key, got by another way than the log itself;
            None: the one in the folder.
        earlier: A checkpoint of this log that the caller kept, byte for byte.

    Raises:
        VerificationError: The first thing that does not hold.
    """
    return _verify(folder, verifier_key, earlier, _Contents())


def verify_tree(folder: Path, verifier_key: str | None = None, earlier: bytes | None = None) -> LogReport:
    """Check everything but the leaves themselves: that no entry was changed, dropped or moved.

    For a log of a million entries this takes seconds, where checking a million
    authors' signatures takes minutes.  Arguments and errors as for ``verify_log``.
    """
    return _verify(folder, verifier_key, earlier, None)


def _verify(
    folder: Path, verifier_key: str | None, earlier: bytes | None, contents: _Contents | None
) -> LogReport:
    # 1. The key: the caller's own, and the folder must not show another.
    key_text = _key_text(folder, verifier_key)
    key = parse_verifier_key(key_text)
    # 2. The operator signed this checkpoint.
    where = str(folder / "checkpoint")
    checkpoint = verify_checkpoint(read_file(folder / "checkpoint", MAX_NOTE), key, where)
    kept = None if earlier is None else _earlier(earlier, key, checkpoint)
    # 3. Every entry hashes to its place in the lowest tiles, and is a signed leaf.
    roots = []
    for number in range(-(-checkpoint.size // WIDTH)):
        entries, hashes = _check_entries(folder, number, checkpoint.size)
        if contents is not None:
            _check_leaves(entries, number * WIDTH, contents)
        roots.append(merkle_root(hashes))
    # 4. Each higher tile holds the roots of the full tiles below it.
    tiles = 2 * len(roots) + _check_higher_tiles(folder, roots[: checkpoint.size // WIDTH])
    # 5. The root over all entries is the one signed.
    if merkle_root(roots) != checkpoint.root:
        raise VerificationError(
            f"The {checkpoint.size} entries do not give the signed root.", where=where, meaning=NOT_INCLUDED
        )
    # 6. The log continues the checkpoint that the caller kept.
    if kept is not None and _root_at(folder, roots, kept.size, checkpoint.size) != kept.root:
        raise VerificationError(
            f"The first {kept.size} entries do not give the root of the earlier checkpoint.",
            where="earlier checkpoint",
            meaning=NOT_CONSISTENT,
        )
    # 7. Leftover partial tiles tell the same story.
    ahead, ignored = _check_leftovers(folder, checkpoint.size)
    accounts = {} if contents is None else contents.authors
    authors = tuple(accounts[author].account() for author in sorted(accounts))
    return LogReport(
        checkpoint,
        key_text,
        verifier_key is not None,
        tiles,
        authors,
        kept,
        ahead,
        ignored,
        contents is not None,
    )


class _Contents:
    """What the leaves told so far."""

    def __init__(self) -> None:
        self.record_ids: set[int] = set()
        self.authors: dict[str, Numbering] = {}


def _key_text(folder: Path, given: str | None) -> str:
    """Return the key to check with; a folder that shows another than the caller's is refused."""
    path = folder / KEY_FILE
    if given is not None and not path.exists():
        return given
    data = read_file(path, 1024)
    shown = data.decode("utf-8", "replace").removesuffix("\n")
    if data != f"{shown}\n".encode() or (given is not None and shown != given):
        raise VerificationError(
            "The folder shows another key than the one given, or a malformed one.",
            where=str(path),
            meaning="This may be another operator's log, or somebody wants you to trust another key. Ask.",
        )
    return shown


def _earlier(data: bytes, key: VerifierKey, now: Checkpoint) -> Checkpoint:
    """Return the caller's earlier checkpoint, signed by the same key and no larger."""
    kept = verify_checkpoint(data, key, "earlier checkpoint")
    if kept.size > now.size:
        raise VerificationError(
            f"The log has shrunk from {kept.size} to {now.size} entries.",
            where="earlier checkpoint",
            meaning=NOT_CONSISTENT,
        )
    return kept


def _check_entries(folder: Path, number: int, size: int) -> tuple[list[bytes], list[bytes]]:
    """Check one bundle against its tile; return its entries and their leaf hashes."""
    first = number * WIDTH
    width = min(WIDTH, size - first)
    entries = read_bundle(folder, number, width)
    hashes = [leaf_hash(entry) for entry in entries]
    for offset, (computed, held) in enumerate(zip(hashes, read_tile(folder, 0, number, width), strict=True)):
        if computed != held:
            raise VerificationError(
                f"Entry {first + offset} is not the one that was hashed into the tree.",
                where=f"entry {first + offset}, {tile_path(ENTRIES, number, width)}",
                meaning="This entry, or its hash, was altered after it was logged.",
            )
    return entries, hashes


def _check_leaves(entries: list[bytes], first: int, contents: _Contents) -> None:
    """Check each leaf of a bundle whose first entry has number ``first``."""
    for index, entry in enumerate(entries, first):
        where = f"entry {index}"
        leaf = verify_leaf(entry, where)
        verify_seen(leaf, index, where)
        record_id = int(leaf.record_id[4:], 16)
        if record_id in contents.record_ids:
            raise VerificationError(
                f"{leaf.record_id} was logged before.",
                where=where,
                meaning="One id stands for two entries, so a reference to it is not clear.",
            )
        contents.record_ids.add(record_id)
        contents.authors.setdefault(leaf.author, Numbering(leaf.author)).add(leaf.author_seq)


def _check_higher_tiles(folder: Path, row: list[bytes]) -> int:
    """Check the tiles of level 1 and up, given the roots of the full lowest tiles; return how many."""
    checked, level = 0, 1
    while row:
        parents = []
        for number in range(-(-len(row) // WIDTH)):
            expected = row[number * WIDTH : (number + 1) * WIDTH]
            if read_tile(folder, level, number, len(expected)) != expected:
                raise VerificationError(
                    "The tile does not hold the roots of the tiles below it.",
                    where=tile_path(level, number, len(expected)),
                    meaning="Proofs made from this tile would fail. The entries themselves may be intact.",
                )
            if len(expected) == WIDTH:
                parents.append(merkle_root(expected))
            checked += 1
        row, level = parents, level + 1
    return checked


def _root_at(folder: Path, roots: list[bytes], earlier: int, size: int) -> bytes:
    """Return the root over the first ``earlier`` entries, given the checked tiles and their roots."""
    full, rest = divmod(earlier, WIDTH)
    if rest == 0:
        return merkle_root(roots[:full])
    last = read_tile(folder, 0, full, min(WIDTH, size - full * WIDTH))
    return merkle_root([*roots[:full], merkle_root(last[:rest])])


def _check_leftovers(folder: Path, size: int) -> tuple[int, int]:
    """Check the partial files that the checkpoint does not need; return how many are ahead, ignored."""
    ahead = ignored = 0
    for path in sorted(path for path in (folder / "tile").rglob("*") if not path.is_dir()):
        level, _, name = path.relative_to(folder / "tile").as_posix().partition("/")
        place = parse_tile_name(name)
        if place is None or not (
            level == ENTRIES or (level.isascii() and level.isdigit() and int(level) < 64)
        ):
            ignored += 1
            continue
        index, width = place
        held = size if level == ENTRIES else size >> (8 * int(level))
        needed = min(WIDTH, held - index * WIDTH)
        if width > needed:
            ahead += 1
        if width == needed or needed <= 0:
            continue
        shared = min(width, needed)
        if level == ENTRIES:
            same = read_bundle(folder, index, width)[:shared] == read_bundle(folder, index, needed)[:shared]
        else:
            same = (
                read_tile(folder, int(level), index, width)[:shared]
                == read_tile(folder, int(level), index, needed)[:shared]
            )
        if not same:
            raise VerificationError(
                "A partial file differs from what the checkpoint covers.",
                where=str(path),
                meaning=f"Somebody who read it saw another log than this one. {MALFORMED}",
            )
    return ahead, ignored
