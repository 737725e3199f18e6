# SPDX-License-Identifier: Apache-2.0
"""Steps of procedure: what a record states, field by field, and in which tier each field lies.

A step is a frozen dataclass.  Its class says the kind of record, the step's name and
the tier of its fields; a field that belongs elsewhere says so with ``within``.  Who took
the step lies beside it: capacity and on whose behalf in the class's tier, the person in
the commission's, or closer.

Invariant: a step that is written and read again is equal to the first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field, dataclass, fields
from typing import ClassVar, Final

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

from truceline.errors import Fault, RejectedInput
from truceline.evidence import JSON
from truceline.procedure.who import Capacity, Who
from truceline.vocabulary import Tier

_TIER: Final = "tier"
_COMPLETED: Final = "completed"
RESERVED: Final = frozenset({"step", "capacity", "on_behalf_of", "person"})
"""Names of fields that say who took which step; no step has a field of such a name."""

FILLER: Final = "filler-"
"""Fields whose names begin so say nothing; see ``filled``."""


@dataclass(frozen=True, slots=True)
class Step:
    """Base of all steps."""

    kind: ClassVar[str]
    """The kind of record."""
    name: ClassVar[str]
    """The step's own name, unique over all kinds."""
    tier: ClassVar[Tier] = Tier.PUBLIC
    """Where fields lie that do not say otherwise, and who acted."""

    @property
    def addressee(self) -> str:
        """The party in whose file the mission puts this step; empty: in nobody's."""
        return ""


def within(tier: Tier) -> Mapping[str, Tier]:
    """Return the metadata of a field that lies in ``tier``: ``field(metadata=within(Tier.SEALED))``."""
    return {_TIER: tier}


def completed() -> Mapping[str, bool]:
    """Return the metadata of a field that nobody is asked for: the mission states it as the step is taken."""
    return {_COMPLETED: True}


def is_completed(each: Field[object]) -> bool:
    """Tell whether the mission itself states a field of a step."""
    return bool(each.metadata.get(_COMPLETED, False))


def tiers_of(step: type[Step]) -> dict[str, Tier]:
    """Return the tier of each of a step's fields."""
    return {each.name: each.metadata.get(_TIER, step.tier) for each in fields(step)}


def encode(step: Step, who: Who) -> dict[Tier, dict[str, JSON]]:
    """Return what a record of the step states, by tier and field.

    Raises:
        RejectedInput: A field holds something of another sort than it must.
    """
    stated: dict[Tier, dict[str, JSON]] = {
        step.tier: {
            "step": step.name,
            "capacity": who.capacity.value,
            "on_behalf_of": who.on_behalf_of,
        }
    }
    closer = list(Tier).index(step.tier) > list(Tier).index(Tier.COMMISSION)
    stated.setdefault(step.tier if closer else Tier.COMMISSION, {})["person"] = who.person
    try:
        values = _adapter(type(step)).dump_python(step, mode="json", warnings="error")
    except PydanticSerializationError as error:
        raise RejectedInput(
            "The step cannot be written down.", [Fault(step.name, "fields", str(error))]
        ) from error
    for name, tier in tiers_of(type(step)).items():
        stated.setdefault(tier, {})[name] = values[name]
    return stated


def filled(step: Step, who: Who, most: int) -> dict[Tier, dict[str, JSON]]:
    """Return what a record of a step states, with as many fields as the largest step of its kind.

    How many fields a record has stands in the log.  Where the very sort of step is kept
    from the public, it must not show in that.

    Args:
        step: What is recorded.
        who: Who took it.
        most: How many fields the largest step of its kind has.

    Raises:
        RejectedInput: A field holds something of another sort than it must.
    """
    stated = encode(step, who)
    fillers = {f"{FILLER}{number}": "" for number in range(len(fields(step)), most)}
    return {**stated, step.tier: {**stated[step.tier], **fillers}}


def decode(kinds: Mapping[str, type[Step]], stated: Mapping[str, JSON], where: str) -> tuple[Step, Who]:
    """Return the step that a record states, and who took it.

    Args:
        kinds: The steps that there are, by name.
        stated: The record's fields, all tiers together.
        where: The record, for the message.

    Raises:
        RejectedInput: It states no such step, or something of it is missing.
    """
    step_class = kinds.get(str(stated.get("step")))
    if step_class is None:
        raise RejectedInput(
            "A record states a step that this program does not know.",
            [Fault(where, "step", "unknown, or not to be seen here", str(stated.get("step")))],
        )
    try:
        who = Who(str(stated["person"]), Capacity(str(stated["capacity"])), str(stated["on_behalf_of"]))
    except KeyError as error:
        raise RejectedInput(
            "A record does not say who took the step.", [Fault(where, str(error.args[0]), "is missing")]
        ) from error
    except ValueError as error:
        raise RejectedInput(
            "A record names no known capacity.", [Fault(where, "capacity", str(error))]
        ) from error
    values = {
        name: value for name, value in stated.items() if name not in RESERVED and not name.startswith(FILLER)
    }
    return read_step(step_class, values, where), who


def read_step(step_class: type[Step], values: Mapping[str, JSON], where: str) -> Step:
    """Return a step from values that somebody entered, checked.

    Raises:
        RejectedInput: A value is missing, unknown or of another sort: all faults at once.
    """
    names = {each.name for each in fields(step_class)}
    unknown = [
        Fault(where, name, f"is no field of {step_class.name}") for name in values if name not in names
    ]
    known = {name: value for name, value in values.items() if name in names}
    try:
        step = _adapter(step_class).validate_python(known)
    except ValidationError as error:
        unknown += faults_of(error, where)
        raise RejectedInput("The step cannot be taken as entered.", unknown) from error
    if unknown:
        raise RejectedInput("The step cannot be taken as entered.", unknown)
    return step


def faults_of(error: ValidationError, where: str) -> list[Fault]:
    """Return what a model found wrong, as faults."""
    return [
        Fault(where, ".".join(str(part) for part in one["loc"]), one["msg"].removeprefix("Value error, "))
        for one in error.errors(include_url=False)
    ]


_ADAPTERS: dict[type[Step], TypeAdapter[Step]] = {}
"""Made once for each class of steps: making one takes as long as reading a thousand steps."""


def _adapter(step_class: type[Step]) -> TypeAdapter[Step]:
    if step_class not in _ADAPTERS:
        _ADAPTERS[step_class] = TypeAdapter(step_class)
    return _ADAPTERS[step_class]
