# SPDX-License-Identifier: Apache-2.0
"""Format ``party-claims``: what parties and third parties state about a whole period.

A claim is kept as a claim.  It never becomes an incident, never adds to one's count,
and two claims are never averaged (design rule 2).
"""

from __future__ import annotations

from collections.abc import Callable

from truceline.intake.fields import Fields
from truceline.intake.model import IntakeContext
from truceline.observation.model import PartyClaim

NEEDS = frozenset(
    {
        "claim_id", "claimant", "about", "period_from_utc", "period_to_utc", "published_on",
        "what", "count_qualifier", "count", "source_url",
    }
)  # fmt: skip
READS = NEEDS | {"note"}


def reader(context: IntakeContext) -> Callable[[Fields], PartyClaim]:
    """Return what reads one claim."""

    def read(fields: Fields) -> PartyClaim:
        period = fields.interval("period_from_utc", "period_to_utc")
        if not fields.given("published_on"):
            fields.fault("published_on", "is empty; a claim needs the day on which it was made")
        published = fields.published("published_on", period.last, context.zone)
        notes = [
            fields.text("note"),
            *(f"{name}: {text}" for name, text in sorted(fields.rest(READS).items())),
        ]
        return PartyClaim(
            claim_id=fields.identity("claim_id"),
            claimant=fields.identity("claimant"),
            about=fields.identity("about"),
            period=period,
            published_on=published,
            subject=fields.identity("what"),
            count=fields.count("count_qualifier", "count"),
            sources=tuple(url for url in fields.text("source_url").split("|") if url),
            note="; ".join(note for note in notes if note),
        )

    return read
