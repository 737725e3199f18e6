# SPDX-License-Identifier: Apache-2.0
"""Private keys on the disk: one key a file, readable by its owner alone.

A key file is never overwritten, but by ``destroy_key``, which leaves nothing in its place.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from truceline.errors import StorageFailure

LARGEST = 65_536
"""Bytes that are read of a key file."""


def load_key(path: Path) -> PrivateKeyTypes:
    """Read a private key in PEM.

    Raises:
        StorageFailure: Unreadable, not a private key, or open to other users.
    """
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            pem = file.read(LARGEST)
    except OSError as error:
        raise StorageFailure(f"The key file {path} cannot be read: {error.strerror}.") from None
    if mode & 0o077:
        raise StorageFailure(
            f"The key file {path} is open to other users (mode {mode:04o}). "
            f"Ask who could have read it; then close it with: chmod 600 {path}"
        )
    try:
        return load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise StorageFailure(f"The key file {path} is not a private key in PEM.") from None


def save_key(private: Ed25519PrivateKey | X25519PrivateKey, path: Path) -> None:
    """Write a private key as PEM (PKCS 8) to a new file that its owner alone can read.

    Raises:
        StorageFailure: The file is there already, or cannot be written.
    """
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        raise StorageFailure(f"The key file {path} exists; a key is never overwritten.") from None
    except OSError as error:
        raise StorageFailure(f"The key file {path} cannot be written: {error.strerror}.") from None


def destroy_key(path: Path) -> None:
    """Overwrite and remove a key file; one that is gone already is no fault.

    Overwriting is best effort: a solid-state disk, a file system that copies on write,
    or a copy elsewhere may keep what was there.

    Raises:
        StorageFailure: It cannot be overwritten or removed.
    """
    try:
        with path.open("r+b") as file:
            file.write(bytes(os.fstat(file.fileno()).st_size))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except FileNotFoundError:
        return
    except OSError as error:
        raise StorageFailure(f"The key file {path} cannot be destroyed: {error.strerror}.") from None
