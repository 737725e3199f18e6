# SPDX-License-Identifier: Apache-2.0
"""What a step asks for, read off its dataclass.

The docstring says what each field is for, the type how it is written, and the tier who
reads it; nothing is said twice.
"""

from __future__ import annotations

import inspect
import re
import types
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from datetime import date, datetime
from enum import Enum, StrEnum
from typing import Annotated, Final, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from truceline.agreement.terms import Id
from truceline.evidence import JSON
from truceline.procedure.step import Step, is_completed, tiers_of
from truceline.vocabulary import Tier

_SENTENCE = re.compile(r".+?[.!?](?=\s|$)", re.DOTALL)
_ATTRIBUTE = re.compile(r" {4}(\w+): (.*)")
_ABSENT = re.compile(r"(\bor )?\bNone(?=[:.])")
"""How a docstring speaks of a field without a value."""

_LONGEST_CHOICE: Final = 60
"""Characters of a list of choices that is short enough to stand beside its option."""


class Sort(StrEnum):
    """How one value of a field is written."""

    ID = "ID"
    TEXT = "TEXT"
    WHOLE = "WHOLE-NUMBER"
    DECIMAL = "DECIMAL-NUMBER"
    MOMENT = "DATE-TIME"
    DAY = "DATE"
    YES_NO = "YES|NO"
    CHOICE = "CHOICE"
    JSON = "JSON"


@dataclass(frozen=True, slots=True)
class Asked:
    """One field of a step, as somebody is asked for it.

    Attributes:
        name: Its name.
        help: What it is for.
        tier: Who reads it.
        sort: How a value is written.
        choices: The values that there are; empty: any of its sort.
        shape: What a value in JSON looks like; empty: it is not given in JSON.
        repeated: Whether it is a list, given value by value.
        required: Whether it must be given.
        blank: What to state where it is not given; empty: nothing, for the step has a default.
    """

    name: str
    help: str
    tier: Tier
    sort: Sort
    choices: tuple[str, ...]
    shape: str
    repeated: bool
    required: bool
    blank: tuple[JSON, ...]

    @property
    def option(self) -> str:
        """The option by which it is given."""
        return f"--{self.name.replace('_', '-')}"

    @property
    def metavar(self) -> str:
        """How a value is written, in a word or two."""
        listed = "|".join(self.choices)
        return listed if self.choices and len(listed) <= _LONGEST_CHOICE else self.sort.value

    @property
    def said(self) -> str:
        """What it is for, with its choices or its shape where the metavar does not say them."""
        parts = [self.help]
        if self.choices and self.metavar == Sort.CHOICE.value:
            parts.append(f"One of: {', '.join(self.choices)}.")
        if self.shape:
            parts.append(f"In JSON: {self.shape}.")
        return " ".join(parts)

    @property
    def described(self) -> str:
        """All that somebody must know to give it: what is said, how it is written, and who reads it."""
        parts = [self.said]
        if self.sort is Sort.MOMENT:
            parts.append("With its zone (RFC 3339), such as 2030-01-14T09:00:00+02:00.")
        if self.repeated:
            parts.append("May be repeated.")
        if self.tier is not Tier.PUBLIC:
            parts.append(f"Tier: {self.tier.value}.")
        return " ".join(parts)


def summary_of(step: type[Step]) -> str:
    """Return the first sentence of what a step is."""
    found = _SENTENCE.match(_about(step))
    return found[0] if found else _about(step)


def _about(step: type[Step]) -> str:
    """Return what a step's docstring says before its fields."""
    return " ".join(_docstring(step).partition("Attributes:")[0].replace("``", "").split())


def _docstring(owner: type) -> str:
    return inspect.cleandoc(owner.__doc__ or "")


def _said_of_fields(step: type[Step]) -> dict[str, str]:
    """Return what the docstrings of a step and its bases say of each field."""
    said: dict[str, str] = {}
    for owner in reversed(step.__mro__):
        name = ""
        for line in _docstring(owner).partition("Attributes:")[2].splitlines():
            begins = _ATTRIBUTE.fullmatch(line)
            if begins:
                name, said[begins[1]] = begins[1], begins[2]
            elif line.strip() and name:
                said[name] += " " + line.strip()
    return {name: _ABSENT.sub(r"\1left out", text.replace("``", "")) for name, text in said.items()}


def asked_of(step: type[Step]) -> tuple[Asked, ...]:
    """Return what a step asks for, in its own order, what is required first."""
    said, tiers, hints = _said_of_fields(step), tiers_of(step), get_type_hints(step, include_extras=True)
    found = [
        _asked(each, hints[each.name], said.get(each.name, ""), tiers[each.name])
        for each in fields(step)
        if not is_completed(each)
    ]
    return tuple(sorted(found, key=lambda one: not one.required))


def _asked(each: Field[object], hint: object, said: str, tier: Tier) -> Asked:
    inner, least, optional = _bare(hint)
    has_default = each.default is not MISSING or each.default_factory is not MISSING
    repeated, item = False, inner
    if get_origin(inner) is tuple and _sort(get_args(inner)[0]) is not Sort.JSON:
        repeated, item = True, get_args(inner)[0]
    sort = _sort(item)
    blank: tuple[JSON, ...] = ()
    if not has_default and (optional or (repeated and not least)):
        blank = (None,) if optional else ([],)  # a list that may be empty is empty where nothing is given
    return Asked(
        each.name,
        said,
        tier,
        sort,
        _choices(item),
        _shape(item) if sort is Sort.JSON else "",
        repeated,
        required=not has_default and not blank,
        blank=blank,
    )


def _bare(hint: object) -> tuple[object, int, bool]:
    """Return a type without what qualifies it, the least length of a list, and whether it may be absent."""
    least, optional = 0, False
    while True:
        if get_origin(hint) is Annotated and hint != Id:
            hint, *notes = get_args(hint)
            stated = [one for note in notes if isinstance(note, FieldInfo) for one in note.metadata]
            least = max([least, *(getattr(one, "min_length", 0) for one in stated)])
        elif get_origin(hint) in (Union, types.UnionType) and type(None) in get_args(hint):
            optional = True
            others = [one for one in get_args(hint) if one is not type(None)]
            hint = Union[tuple(others)]  # noqa: UP007 - made of what is only known now
        else:
            return hint, least, optional


_PLAIN: Final = (
    (bool, Sort.YES_NO),
    (int, Sort.WHOLE),
    (float, Sort.DECIMAL),
    (datetime, Sort.MOMENT),
    (date, Sort.DAY),
    (str, Sort.TEXT),
)
"""Narrower types first: a yes is a whole number to Python, and a moment a date."""


def _sort(hint: object) -> Sort:
    inner, _, _ = _bare(hint)
    if inner == Id:
        return Sort.ID
    if _choices(inner):
        return Sort.CHOICE
    if isinstance(inner, type):
        return next((sort for kind, sort in _PLAIN if issubclass(inner, kind)), Sort.JSON)
    return Sort.JSON


def _choices(hint: object) -> tuple[str, ...]:
    inner, _, _ = _bare(hint)
    if get_origin(inner) is Literal:
        return tuple(str(one) for one in get_args(inner))
    if isinstance(inner, type) and issubclass(inner, Enum):
        return tuple(str(one.value) for one in inner)
    return ()


def _shape(hint: object) -> str:
    """Return what a value in JSON looks like, in words such as ``[{version: ID, clause: ID}, ...]``."""
    inner, _, _ = _bare(hint)
    origin = get_origin(inner)
    if origin is tuple:
        return f"[{_shape(get_args(inner)[0])}, ...]"
    if origin is dict:
        key, value = get_args(inner)
        return f"{{{_shape(key)}: {_shape(value)}, ...}}"
    if origin in (Union, types.UnionType):
        return " or ".join(_shape(one) for one in get_args(inner))
    if isinstance(inner, type) and (is_dataclass(inner) or issubclass(inner, BaseModel)):
        members = [f"{name}: {_shape(one)}" for name, one in _members(inner).items()]
        return f"{{{', '.join(members)}}}"
    return "|".join(_choices(inner)) or _sort(inner).value


def _members(owner: type) -> dict[str, object]:
    """Return the fields of a part of a step, with a question mark behind those that may be left out."""
    hints = get_type_hints(owner, include_extras=True)
    if issubclass(owner, BaseModel):
        return {
            name if one.is_required() else f"{name}?": hints[name] for name, one in owner.model_fields.items()
        }
    members = fields(owner)  # type: ignore[arg-type]  # a dataclass, as was asked
    return {
        f"{one.name}{'' if one.default is MISSING and one.default_factory is MISSING else '?'}": hints[
            one.name
        ]
        for one in members
    }
