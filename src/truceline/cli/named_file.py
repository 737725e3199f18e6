# SPDX-License-Identifier: Apache-2.0
"""Values that stand in a file, which only a command line may name."""

from __future__ import annotations

from pathlib import Path

from truceline.agreement.reading import MAX_BYTES


def read_named(name: str) -> bytes:
    """Return the content of a file that an option names.

    Raises:
        OSError: It cannot be read.
        ValueError: It is too large.
    """
    with Path(name).open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise ValueError(f"the file is larger than {MAX_BYTES:,} bytes")
    return content
