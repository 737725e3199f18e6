# SPDX-License-Identifier: Apache-2.0
"""Where the time comes from: injected, always aware, always UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Something that tells the time."""

    def now(self) -> datetime:
        """Return the present instant as an aware UTC datetime."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the present instant in UTC, to the second."""
        return datetime.now(UTC).replace(microsecond=0)


@dataclass(frozen=True, slots=True)
class FixedClock:
    """A clock that stands still: for tests and reproducible runs."""

    instant: datetime

    def now(self) -> datetime:
        """Return the instant it was made with."""
        return self.instant
