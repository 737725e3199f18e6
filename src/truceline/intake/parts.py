# SPDX-License-Identifier: Apache-2.0
"""Parts that several formats build statements from: kinds, families, details, ids."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from truceline.intake.fields import Fields
from truceline.intake.model import IntakeContext
from truceline.intake.places import Placed
from truceline.vocabulary import Kind, SourceKind

KINDS: Mapping[str, Kind] = {kind.value: kind for kind in Kind}
SOURCE_KINDS: Mapping[str, SourceKind] = {kind.value: kind for kind in SourceKind}

CONTRADICTS = "CONTRADICTS"
"""How the note of a row begins that denies or contradicts another account."""

Details = tuple[tuple[str, str], ...]


def details_of(*parts: Mapping[str, str]) -> Details:
    """Return details as sorted pairs, without empty texts; a later part's word stands."""
    merged = {name: text for part in parts for name, text in part.items() if text}
    return tuple(sorted(merged.items()))


def kept(fields: Fields, *names: str) -> dict[str, str]:
    """Return columns as they were given, checked as text."""
    return {name: fields.text(name) for name in names}


def family_of(context: IntakeContext, speaker: str, otherwise: str) -> str:
    """Return the family of whoever first said it, else that of the outlet.

    Independence is counted between families: ten outlets that carry one ministry are
    one voice.  A family that the pack does not list is kept as it is.
    """
    return context.family_of_source.get(speaker, otherwise)


def contradiction(fields: Fields) -> dict[str, str]:
    """Return the detail ``contradicts`` where the note says that the row denies another account.

    Such a row tells of the same event and speaks against it: it supports nobody.
    """
    return {"contradicts": "yes"} if fields.given("note").startswith(CONTRADICTS) else {}


def content_id(prefix: str, *parts: str) -> str:
    """Return an id that depends on nothing but what was said.

    Args:
        prefix: What sort of id, for people.
        parts: Everything that makes the statement this one.
    """
    digest = hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()
    return f"{prefix}:{digest[:20]}"


def without_place(placed: Placed, why: str) -> Placed:
    """Return the same without its ellipse, and why."""
    return Placed(
        None, (*((name, text) for name, text in placed.details if name != "unplaced"), ("unplaced", why))
    )
