# SPDX-License-Identifier: Apache-2.0
"""A step from what somebody typed for its fields.

What is typed goes through ``procedure.read_step``, as everything that becomes a step
does; all faults are told together, each once.

A value may stand in a file (``@FILE``) only where the caller says how files are read: a
command line does, a service never does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from truceline.agreement.reading import read_json
from truceline.errors import Fault, RejectedInput
from truceline.evidence import JSON
from truceline.procedure.asked import Asked, Sort, asked_of
from truceline.procedure.step import Step, read_step

Given = str | Sequence[str] | None
"""What was typed for a field; None: nothing."""

_PLAIN: Final[Mapping[Sort, tuple[re.Pattern[str], Callable[[str], JSON], str]]] = {
    Sort.WHOLE: (re.compile(r"[+-]?[0-9]{1,40}"), int, "is no whole number"),
    Sort.DECIMAL: (
        re.compile(r"[+-]?([0-9]{1,40}\.?[0-9]{0,40}|\.[0-9]{1,40})([eE][+-]?[0-9]{1,3})?"),
        float,
        "is no number; write it with digits and a point",
    ),
    Sort.YES_NO: (
        re.compile(r"yes|no|true|false", re.IGNORECASE),
        lambda typed: typed.lower() in {"yes", "true"},
        "say yes or no",
    ),
}
"""How values are written that JSON has a sort for, how they are read, and what is wrong with others."""

_SHOWN: Final = 60
"""Characters of a value that a fault repeats."""

_REFUSAL: Final = "The step cannot be taken as entered."


ReadFile = Callable[[str], bytes]
"""Returns the content of a file that was named; raises OSError, or ValueError with a reason."""


def step_from(step: type[Step], given: Mapping[str, Given], *, files: ReadFile | None = None) -> Step:
    """Return a step from what was typed for its fields.

    Args:
        step: Which step.
        given: What was typed, by field.
        files: Reads a file that a value names as ``@FILE``; None: an ``@`` is a letter like others.

    Raises:
        RejectedInput: Something is missing or malformed: all faults at once.
    """
    reading = _Reading(step, files)
    values: dict[str, JSON] = {}
    faults: dict[str, list[Fault]] = {}
    for asked in asked_of(step):
        typed = given.get(asked.name)
        if typed is None or (asked.repeated and not typed):
            if asked.blank:
                values[asked.name] = asked.blank[0]
            continue
        try:
            values[asked.name] = reading.value(asked, typed)
        except RejectedInput as error:
            faults[asked.name] = list(error.faults)
    try:
        made = read_step(step, values, step.name)
    except RejectedInput as error:
        # Of a value that could not be read it is not said that it is missing, too.
        others = [fault for fault in error.faults if fault.path not in faults]
        raise RejectedInput(error.summary, [*_all(faults), *others]) from error
    if faults:
        raise RejectedInput(_REFUSAL, _all(faults))
    return made


def _all(faults: Mapping[str, list[Fault]]) -> list[Fault]:
    return [fault for found in faults.values() for fault in found]


@dataclass(frozen=True, slots=True)
class _Reading:
    """How the values of one step are read."""

    step: type[Step]
    files: ReadFile | None

    def value(self, asked: Asked, typed: str | Sequence[str]) -> JSON:
        """Return one field's value.

        Raises:
            RejectedInput: It cannot be read.
        """
        if isinstance(typed, str):
            return self._one(asked, typed)
        values: list[JSON] = []
        for one in typed:
            if self._names_file(one):
                listed = self._json(asked, one)
                values += listed if isinstance(listed, list) else [listed]
            else:
                values.append(self._one(asked, one))
        return values

    def _names_file(self, typed: str) -> bool:
        return self.files is not None and typed.startswith("@") and not typed.startswith("@@")

    def _one(self, asked: Asked, typed: str) -> JSON:
        """Return one value.

        Raises:
            RejectedInput: It is written otherwise than its sort.
        """
        if asked.sort is Sort.JSON:
            return self._json(asked, typed)
        if asked.sort is Sort.TEXT:
            return self._text(asked, typed)
        if asked.sort not in _PLAIN:
            return typed  # an id, a choice, a moment or a day: the step itself says what it takes
        pattern, read, complaint = _PLAIN[asked.sort]
        if not pattern.fullmatch(typed):
            raise self._refused(asked, complaint, typed)
        return read(typed)

    def _text(self, asked: Asked, typed: str) -> str:
        if self._names_file(typed):
            try:
                return self._file(asked, typed).decode("utf-8-sig")
            except UnicodeDecodeError as error:
                raise self._refused(asked, "not UTF-8; save the file as UTF-8", typed) from error
        return typed[1:] if self.files is not None and typed.startswith("@@") else typed

    def _json(self, asked: Asked, typed: str) -> JSON:
        content = self._file(asked, typed) if self._names_file(typed) else typed.encode("utf-8", "replace")
        value, faults = read_json(self.step.name, content)
        if faults:
            found = [
                Fault(self.step.name, asked.name, f"{one.path}: {one.reason}", _shown(typed))
                for one in faults
            ]
            raise RejectedInput(_REFUSAL, found)
        return value

    def _file(self, asked: Asked, typed: str) -> bytes:
        if self.files is None:
            raise self._refused(asked, "cannot be read from a file here", typed)
        try:
            return self.files(typed[1:])
        except OSError as error:
            raise self._refused(asked, f"the file cannot be read: {error.strerror}", typed) from error
        except ValueError as error:
            raise self._refused(asked, str(error), typed) from error

    def _refused(self, asked: Asked, reason: str, typed: str) -> RejectedInput:
        return RejectedInput(_REFUSAL, [Fault(self.step.name, asked.name, reason, _shown(typed))])


def _shown(typed: str) -> str:
    """Return the beginning of what was typed, such that any terminal can print it."""
    return typed[:_SHOWN].encode("utf-8", "replace").decode()
