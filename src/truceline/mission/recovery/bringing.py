# SPDX-License-Identifier: Apache-2.0
"""Brings a mission's records from the file in its folder to a server, while nobody uses it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from truceline.evidence import Entropy
from truceline.mission.mission import mission_database
from truceline.mission.settings import FILE_NAME, read_settings
from truceline.storage import DatabaseAddress, made, move, schema_name, write_durably


@contextmanager
def brought(folder: Path, url: str | None, entropy: Entropy) -> Iterator[None]:
    """Bring a mission's records to a server, if one is named; if the block fails, they are not left there.

    The schema is a new one, so it is never that of a mission which this one was restored from.

    Args:
        folder: The mission's, still in the making: nobody else has it.
        url: As ``check_url`` allows it; None: the records stay where they are.
        entropy: Gives random bytes.

    Raises:
        StorageFailure: The server cannot be written to.
    """
    if url is None:
        yield
        return
    home = read_settings(folder)
    there = replace(home, database=DatabaseAddress(url, schema_name(home.mission_id, entropy(4).hex())))
    source, target = mission_database(folder, home), mission_database(folder, there)
    with made(target):
        move(source, target)
        write_durably(folder / FILE_NAME, there.to_toml().encode())
        source.discard()
        yield
