# SPDX-License-Identifier: Apache-2.0
"""Steps drawn at random: every class there is, with ids that may fit."""

from __future__ import annotations

import types
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Annotated, Literal, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st
from pydantic import TypeAdapter
from tests.procedure.made import START

from truceline.agreement import Term
from truceline.errors import RejectedInput
from truceline.mechanism import STEPS
from truceline.procedure import Step, read_step

POOL: dict[str, list[object]] = {
    "case_id": ["case-1", "case-2", "case-3"],
    "proposal_id": ["proposal-1", "proposal-2", "proposal-3"],
    "finding_id": ["finding-1", "finding-2"],
    "order_id": ["order-1", "order-2"],
    "clock": ["response:A", "rebuttal:B:A", "vote:proposal-1", "remedy:order-1", "window:appeal:finding-1"],
    "party": ["A", "B", "X"],
    "response_of": ["A", "B"],
    "seat": ["chair", "seat-A", "seat-B", "guarantors", "observer", "none"],
    "member": ["chair", "of-a", "of-b", "one", "two", "three"],
    "office": ["x-government", "y-government", "host-government", "none"],
    "holder": ["minister-x", "minister-y", "host"],
    "version": ["first", "none"],
    "clause": ["fire", "a-only", "none"],
    "exception": ["demining", "exercise"],
    "commitment": ["renewed-attack", "long-term", "none"],
    "gate": ["in-force", "entered", "host-request", "approval", "none"],
    "actor": ["X", "Y", "Z", "A-government", "W"],
    "against": ["A", "B", "X"],
    "contributor": ["X", "Y", "Z"],
    "standard": ["reasonable-grounds", "clear-and-convincing"],
    "region": ["east", "none"],
    "owner": ["A", "B", "X"],
    "remedy": ["inquiry", "notification"],
    "donor": ["X", "Y"],
    "currency": ["EUR", "USD"],
    "root": ["ab" * 32],
    "sha256": ["ab" * 32, "cd" * 32],
    "results_sha256": ["ab" * 32, None],
    "pack_sha256": ["ab" * 32],
    "period": ["2030-01", "2030-02-03"],
}
"""Values that may fit, by the name of the field."""

MOMENTS = st.integers(-500, 3_000).map(lambda hours: START + timedelta(hours=hours))
SHORT_IDS = st.sampled_from(["one", "two", "three", "sub-1", "obligation-1", "obligation-2"])


def steps() -> st.SearchStrategy[Step | None]:
    """Draw any step; None: what was drawn is no step, and was refused as that."""
    return st.sampled_from(sorted(STEPS)).flatmap(lambda name: _of(STEPS[name]))


def _of(step: type[Step]) -> st.SearchStrategy[Step | None]:
    drawn = st.fixed_dictionaries({each.name: _field(step, each.name) for each in fields(step)})
    return drawn.map(lambda values: _built(step, values))


def _built(step: type[Step], values: dict[str, object]) -> Step | None:
    """Return the step that these values make, or None if they make none."""
    plain = TypeAdapter(dict[str, object]).dump_python(values, mode="json")
    try:
        return read_step(step, plain, "drawn")
    except RejectedInput:
        return None


def _field(owner: type, name: str) -> st.SearchStrategy[object]:
    if name in POOL:
        return st.sampled_from(POOL[name])
    return _typed(get_type_hints(owner, include_extras=True)[name])


def _typed(hint: object) -> st.SearchStrategy[object]:  # noqa: PLR0911 - one return a sort of type
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _typed(inner[0])
    if origin in (Union, types.UnionType):
        return st.one_of(*(_typed(one) for one in inner))
    if origin is Literal:
        return st.sampled_from(inner)
    if origin is tuple:
        return st.lists(_typed(inner[0]), max_size=2).map(tuple)
    if origin is dict or hint is dict:
        return st.just({"en": "A state"})
    if hint is type(None):
        return st.none()
    if isinstance(hint, type):
        return _plain(hint)
    raise TypeError(f"no values are known for {hint}")


def _plain(kind: type) -> st.SearchStrategy[object]:  # noqa: PLR0911 - one return a sort of type
    if issubclass(kind, Enum):
        return st.sampled_from(list(kind))
    if issubclass(kind, Term):
        return st.integers(1, 200).map(lambda hours: Term(hours=hours))
    if is_dataclass(kind):
        return st.fixed_dictionaries({each.name: _field(kind, each.name) for each in fields(kind)})
    if issubclass(kind, datetime):
        return MOMENTS
    if issubclass(kind, bool):
        return st.booleans()
    if issubclass(kind, int):
        return st.integers(-5, 1_000)
    if issubclass(kind, float):
        return st.floats(-200, 200)
    if issubclass(kind, str):
        return st.one_of(SHORT_IDS, SHORT_IDS, st.just("Words, \u202e\u0441\u043b\u043e\u0432\u0430"))
    raise TypeError(f"no values are known for {kind}")
