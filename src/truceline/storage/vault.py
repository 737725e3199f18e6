# SPDX-License-Identifier: Apache-2.0
"""The vault: payloads and media by the SHA-256 of what is stored.

An object is on the disk before any record that needs it is committed, so a crash
leaves at worst an object that nothing refers to.  Only an erasure removes one.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from truceline.errors import StorageFailure


def write_durably(path: Path, content: bytes) -> None:
    """Write a file so that after a crash it is there whole or not at all."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise StorageFailure(
            f"{path.name} cannot be written in {path.parent}: {error.strerror}. Nothing was kept of it."
        ) from error


def _sync_folder(path: Path) -> None:
    """Make the names in a folder as durable as the files."""
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@dataclass(frozen=True, slots=True)
class Vault:
    """A folder of objects named by their digest."""

    folder: Path

    def _path(self, digest: str) -> Path:
        return self.folder / digest[:2] / digest

    def put(self, content: bytes) -> str:
        """Store ``content`` and return its SHA-256 in hexadecimal."""
        digest = hashlib.sha256(content).hexdigest()
        path = self._path(digest)
        if not path.exists():
            write_durably(path, content)
        return digest

    def get(self, digest: str) -> bytes:
        """Return the object with this digest.

        Raises:
            StorageFailure: It is missing, or is not what its name says.
        """
        path = self._path(digest)
        try:
            content = path.read_bytes()
        except OSError as error:
            raise StorageFailure(
                f"The vault object {digest} cannot be read ({error.strerror}). "
                "Restore it from a backup; the log shows what it must hash to."
            ) from error
        if hashlib.sha256(content).hexdigest() != digest:
            raise StorageFailure(
                f"The vault object {digest} was changed on disk: its digest no longer matches its name. "
                "Keep the file for inquiry and restore it from a backup."
            )
        return content

    def destroy(self, digest: str) -> None:
        """Overwrite and remove an object; one that is gone already is no fault.

        Overwriting is best effort: a solid-state disk, a file system that copies on
        write, or a backup may keep what was there.
        """
        path = self._path(digest)
        try:
            with path.open("r+b") as stream:
                stream.write(bytes(path.stat().st_size))
                stream.flush()
                os.fsync(stream.fileno())
            path.unlink()
            _sync_folder(path.parent)
        except FileNotFoundError:
            return
        except OSError as error:
            raise StorageFailure(
                f"The vault object {digest} cannot be destroyed ({error.strerror}). "
                "Its erasure is recorded; it is tried again when the mission is next opened."
            ) from error
