# SPDX-License-Identifier: Apache-2.0
"""Who acts or reads, as the options of every verb of procedure say it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, get_args

import typer

if TYPE_CHECKING:  # loaded by the verbs that need them, so that --help is quick
    from truceline.evidence import SigningKey
    from truceline.procedure import Who

CapacityName = Literal[
    "head_of_mission", "duty_officer", "monitor", "analyst", "verifier", "secretary", "commission_member",
    "party_liaison", "guarantor", "auditor", "administrator", "public",
]  # fmt: skip
"""The values of ``procedure.Capacity``, spelled out so that ``--help`` need not load the rooms."""

MissionDir = Annotated[Path, typer.Argument(metavar="MISSION", help="The mission's folder.")]
Person = Annotated[
    str, typer.Option("--person", metavar="ID", help="Your own id in this mission; never published.")
]
As = Annotated[
    CapacityName,
    typer.Option(
        "--capacity",
        metavar="CAPACITY",
        help=f"As what you act or read. One of: {', '.join(get_args(CapacityName))}.",
    ),
]
Of = Annotated[
    str,
    typer.Option(
        "--of", metavar="ID", help="The party, state or organisation you speak for; else the mission."
    ),
]
KeyFile = Annotated[
    Path | None,
    typer.Option(
        "--key", metavar="FILE", help="Your own key, in PEM, enrolled for you; else the operator signs."
    ),
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Only say whether it would be taken; record nothing.")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def who_of(person: str, capacity: str, on_behalf_of: str) -> Who:
    """Return a person in a capacity, as the options say it."""
    from truceline.procedure import Capacity, Who

    return Who(person, Capacity(capacity), on_behalf_of)


def key_of(file: Path | None) -> SigningKey | None:
    """Return the person's own key; None: the operator signs for them.

    Raises:
        StorageFailure: The file is no such key, or is open to others.
    """
    from truceline.evidence import SigningKey

    return None if file is None else SigningKey.load(file)
