# SPDX-License-Identifier: Apache-2.0
"""Where the packs and examples of a checkout are."""

from __future__ import annotations

from pathlib import Path

from truceline.errors import RejectedInput

CHECKOUT = Path(__file__).resolve().parents[3]


def _find(kind: str, name: str) -> Path:
    for root in (Path.cwd(), CHECKOUT):
        folder = root / kind / name
        if folder.is_dir():
            return folder
    raise RejectedInput(
        f"{kind}/{name} was not found here or beside the program. "
        "Run this from a checkout of Truceline, where the packs and examples are."
    )


def example(name: str) -> Path:
    """Return the folder of an example."""
    return _find("examples", name)


def pack(name: str) -> Path:
    """Return the folder of a pack."""
    return _find("packs", name)
