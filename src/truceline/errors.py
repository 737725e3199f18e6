# SPDX-License-Identifier: Apache-2.0
"""The error family: what went wrong, in which record, and what to do.

Every error that Truceline raises on purpose is a ``MechanismError`` of one of the
families below.  ``truceline.evidence.verify`` stands alone and has its own
``VerificationError``, so that a party can run it without the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class MechanismError(Exception):
    """Base of the errors that the mechanism raises on purpose."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with something that was handed in.

    Attributes:
        where: The file, row or record, e.g. ``reports.csv row 12``.
        path: The field, or the path inside the document, e.g. ``clauses.2.zone``.
        reason: What is wrong, in a sentence.
        value: The offending value as given, shortened; None where there is none.
    """

    where: str
    path: str
    reason: str
    value: str | None = None

    def __str__(self) -> str:
        """Render as one line for people."""
        given = "" if self.value is None else f" (given: {self.value!r})"
        return f"{self.where}: {self.path}: {self.reason}{given}"


class RejectedInput(MechanismError):  # noqa: N818 - the field's word
    """Input that cannot be taken; lists every fault found, not just the first."""

    def __init__(self, summary: str, faults: Sequence[Fault] = ()) -> None:
        """Keep the summary and every fault.

        Args:
            summary: What was refused and what to do, in a sentence.
            faults: Each fault with its place and reason.
        """
        super().__init__("\n".join([summary, *(f"  {fault}" for fault in faults)]))
        self.summary = summary
        self.faults = tuple(faults)


class RuleViolation(MechanismError):  # noqa: N818 - the field's word
    """A step that the agreement or the procedure forbids.

    Attributes:
        rule: The name of the rule of procedure; empty: it is no rule of procedure.
        citation: Where the rule stands, in words; empty: the message says it.
    """

    def __init__(self, summary: str, *, rule: str = "", citation: str = "") -> None:
        """Keep what was refused, and which rule forbids it.

        Args:
            summary: What was refused and what to do, in a sentence.
            rule: The rule's name.
            citation: Where the rule stands.
        """
        super().__init__(f"{summary} Forbidden by {citation}." if citation else summary)
        self.summary = summary
        self.rule = rule
        self.citation = citation


class StorageFailure(MechanismError):  # noqa: N818 - the field's word
    """The mission folder or database cannot be read or written as it must."""
