# SPDX-License-Identifier: Apache-2.0
"""Backing a mission up into one file, and unpacking it on a clean machine.

The file is a tar with a manifest in front: every other member by name, length and
SHA-256.  It holds records, read models, vault, settings, cosignatures and
time-stamps; the signing keys only when asked for, because who holds them can sign.
It is the same whether the mission's database is a file or on a server, and says nothing
of the server: what is restored from it never writes to where the mission itself does.
The published log is not in it: it is made again from the records.

A restored mission signs nothing until it is reconciled (``mission.recovery``).
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from truceline.errors import Fault, RejectedInput
from truceline.evidence import Entropy, canonical
from truceline.interval import iso
from truceline.mission.ledger import RESTORED
from truceline.mission.mission import Mission
from truceline.mission.recovery.bringing import brought
from truceline.mission.settings import FILE_NAME
from truceline.storage import check_url, write_durably

FORMAT = "truceline/backup/1"
MANIFEST = "manifest.json"
DATABASE = "truceline.db"
TAKEN = (FILE_NAME, "policy.txt", "agreement", "vault", "cosignatures", "timestamps")
KEYS = "keys"
LARGEST_MANIFEST = 1 << 28
CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class BackupSummary:
    """What a backup holds: its file, the tree size, how many members, whether keys."""

    path: Path
    tree_size: int
    members: int
    with_keys: bool


def back_up(mission: Mission, path: Path, *, with_keys: bool = False) -> BackupSummary:
    """Write a backup of the mission as it stands now.

    Nobody writes to the mission meanwhile.  The file appears whole or not at all.

    Raises:
        RejectedInput: The file is there already.
    """
    if path.exists():
        raise RejectedInput(f"{path} exists; a backup never replaces a file. Name another.")
    part, snapshot, settings = (path.with_name(f".{path.name}.{end}") for end in ("part", "db", "toml"))
    try:
        with mission.ledger.frozen():
            mission.store.snapshot(snapshot)
            with mission.store.read() as transaction:
                head = transaction.head()
            size = 0 if head is None else head.tree_size
            folders = (*TAKEN, KEYS) if with_keys else TAKEN
            settings.write_text(mission.settings.at_home().to_toml(), encoding="utf-8")
            members = {DATABASE: snapshot, **dict(_files(mission.folder, folders)), FILE_NAME: settings}
            manifest = canonical(
                {
                    "format": FORMAT,
                    "mission": mission.settings.mission_id,
                    "made_at": iso(mission.ledger.clock.now()),
                    "tree_size": size,
                    "members": {
                        name: {"sha256": _sha256(file), "length": file.stat().st_size}
                        for name, file in members.items()
                    },
                }
            )
            with part.open("wb") as stream:
                with tarfile.open(fileobj=stream, mode="w") as archive:
                    _add(archive, MANIFEST, io.BytesIO(manifest), len(manifest))
                    for name, file in members.items():
                        with file.open("rb") as content:
                            _add(archive, name, content, file.stat().st_size)
                stream.flush()
                os.fsync(stream.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
        snapshot.unlink(missing_ok=True)
        settings.unlink(missing_ok=True)
    return BackupSummary(path, size, len(members), with_keys)


def unpack(
    path: Path,
    folder: Path,
    *,
    keys: Path | None = None,
    database_url: str | None = None,
    entropy: Entropy = os.urandom,
) -> int:
    """Unpack a backup into a new folder, marked as restored; return its tree size.

    Args:
        path: The backup.
        folder: The new mission's folder.
        keys: The folder of the mission's keys, where the backup is without.
        database_url: The PostgreSQL server that the records go to, into a new schema, without a
            password; None: they go to a file in the folder.
        entropy: Gives random bytes.

    Raises:
        RejectedInput: The folder is not free, the file is not a whole backup, there
            are no keys, or the URL has faults; nothing is left behind.
        StorageFailure: The server cannot be written to; nothing is left behind.
    """
    if database_url is not None:
        check_url(database_url, "restore")
    if folder.exists():
        raise RejectedInput(f"{folder} exists; a backup is restored into a folder of its own.")
    building = folder.with_name(f".{folder.name}.restoring")
    if building.exists():
        raise RejectedInput(f"{building} is left from an attempt that was cut off; remove it and try again.")
    building.mkdir(parents=True)
    try:
        size = _unpack(path, building)
        _bring_keys(building, keys)
        marker = canonical({"tree_size": size, "backup": path.name})
        write_durably(building / RESTORED, marker)
        with brought(building, database_url, entropy):
            building.rename(folder)
    except BaseException:
        shutil.rmtree(building)
        raise
    return size


def _bring_keys(building: Path, keys: Path | None) -> None:
    if keys is not None:
        shutil.copytree(keys, building / KEYS, dirs_exist_ok=True)
    if not (building / KEYS).is_dir():
        raise RejectedInput("The backup is without keys; name their folder with --keys DIR.")
    (building / KEYS).chmod(0o700)


def _unpack(path: Path, building: Path) -> int:
    try:
        with tarfile.open(path, mode="r:") as archive:
            listed = iter(archive)
            manifest, size = _manifest(archive, next(listed, None), path)
            missing = dict(manifest)
            for member in listed:
                expected = missing.pop(member.name, None)
                if expected is None or not member.isreg() or not _is_inside(member.name):
                    raise _broken(path, member.name, "is not a file that the manifest lists")
                _extract(archive, member, building / member.name, expected, path)
    except (tarfile.TarError, OSError, EOFError) as error:
        raise _broken(path, "file", str(error)) from error
    if missing:
        raise _broken(path, min(missing), f"is missing, and {len(missing) - 1} others")
    return size


def _manifest(
    archive: tarfile.TarFile, member: tarfile.TarInfo | None, path: Path
) -> tuple[dict[str, tuple[str, int]], int]:
    content = None
    if member is not None and member.name == MANIFEST and member.size <= LARGEST_MANIFEST:
        content = archive.extractfile(member)
    if content is None:
        raise _broken(path, MANIFEST, "does not stand in front")
    try:
        document = json.loads(content.read())
        members = {
            str(name): (str(one["sha256"]), int(one["length"])) for name, one in document["members"].items()
        }
        size, form = int(document["tree_size"]), document["format"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _broken(path, MANIFEST, f"cannot be read: {error}") from error
    if form != FORMAT:
        raise _broken(path, "format", f"is not {FORMAT}")
    return members, size


def _extract(
    archive: tarfile.TarFile, member: tarfile.TarInfo, target: Path, expected: tuple[str, int], path: Path
) -> None:
    content = archive.extractfile(member)
    if content is None or member.size != expected[1]:
        raise _broken(path, member.name, "has another length than the manifest says")
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    private = PurePosixPath(member.name).parts[0] == KEYS
    with os.fdopen(
        os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if private else 0o644), "wb"
    ) as out:
        while chunk := content.read(CHUNK):
            digest.update(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    if digest.hexdigest() != expected[0]:
        raise _broken(path, member.name, "was changed: its digest is not the manifest's")


def _files(folder: Path, names: tuple[str, ...]) -> Iterator[tuple[str, Path]]:
    for name in names:
        place = folder / name
        found = [place] if place.is_file() else sorted(one for one in place.rglob("*") if one.is_file())
        for file in found:
            if not file.name.endswith(".part"):
                yield file.relative_to(folder).as_posix(), file


def _is_inside(name: str) -> bool:
    """Tell whether a member's name stays inside the folder that it is unpacked in."""
    path = PurePosixPath(name)
    plain = path.as_posix() == name and not path.is_absolute() and ".." not in path.parts
    return plain and path.parts[0] in {DATABASE, KEYS, *TAKEN}


def _add(archive: tarfile.TarFile, name: str, content: IO[bytes], length: int) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = length, 0o600
    archive.addfile(member, content)


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _broken(path: Path, where: str, reason: str) -> RejectedInput:
    return RejectedInput(
        "This is not a whole backup; nothing was restored. Try another copy of it.",
        [Fault(str(path), where, reason)],
    )
