# SPDX-License-Identifier: Apache-2.0
"""Each author's own numbering: what is missing, doubled or late.

Every author numbers its records 1, 2, 3...  A number that never came is a record
that was withheld, lost or dropped; a number that came twice means that the author,
or a copy of its key, told two stories.  Neither breaks the log, and no author may
spoil it for the others by skipping a number: so it is reported, with who and which.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

from .leaf import MAX_INTEGER


@dataclass(frozen=True, slots=True)
class AuthorAccount:
    """What the log holds of one author.

    Attributes:
        author: The author's id.
        leaves: How many records.
        last: The highest number used.
        missing: Ranges of numbers, both ends included, below ``last`` that are not there.
        repeated: Numbers used again, once for each time.
        late: Numbers that stand behind a higher one; filled a gap, so not missing.
    """

    author: str
    leaves: int
    last: int
    missing: tuple[tuple[int, int], ...]
    repeated: tuple[int, ...]
    late: tuple[int, ...]

    def __str__(self) -> str:
        """Say in a line what a person should ask about, or that nothing is."""
        ranges = [f"{first}" if first == last else f"{first}-{last}" for first, last in self.missing]
        told = [
            f"{word} {', '.join(numbers)}"
            for word, numbers in (
                ("missing", ranges),
                ("used twice", [str(number) for number in self.repeated]),
                ("late", [str(number) for number in self.late]),
            )
            if numbers
        ]
        return f"{self.author}: {self.leaves} records, numbers {'; '.join(told) or f'1-{self.last} complete'}"


@dataclass(slots=True)
class Numbering:
    """Counts one author's records as they come; memory grows with the gaps alone."""

    author: str
    leaves: int = 0
    last: int = 0
    missing: list[tuple[int, int]] = field(default_factory=list)
    repeated: list[int] = field(default_factory=list)
    late: list[int] = field(default_factory=list)

    def add(self, number: int) -> None:
        """Take the next record's number."""
        self.leaves += 1
        if number > self.last:
            if number > self.last + 1:
                self.missing.append((self.last + 1, number - 1))
            self.last = number
            return
        at = bisect_right(self.missing, (number, MAX_INTEGER)) - 1
        if at < 0 or self.missing[at][1] < number:
            self.repeated.append(number)
            return
        first, last = self.missing[at]
        rest = [(first, number - 1), (number + 1, last)]
        self.missing[at : at + 1] = [(low, high) for low, high in rest if low <= high]
        self.late.append(number)

    def account(self) -> AuthorAccount:
        """Return what was counted."""
        return AuthorAccount(
            self.author, self.leaves, self.last, tuple(self.missing), tuple(self.repeated), tuple(self.late)
        )
