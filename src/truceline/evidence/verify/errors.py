# SPDX-License-Identifier: Apache-2.0
"""The one error that verification raises."""

from __future__ import annotations


class VerificationError(Exception):
    """Something that was checked does not hold.

    Attributes:
        what: What does not hold, in a sentence.
        where: The file, the entry or the proof that it was found in.
        meaning: What a party that relies on the log should take from it.
    """

    def __init__(self, what: str, *, where: str, meaning: str) -> None:
        """Keep the three answers apart, and join them for people."""
        super().__init__(f"{what}\n  where: {where}\n  what it means: {meaning}")
        self.what = what
        self.where = where
        self.meaning = meaning
