# SPDX-License-Identifier: Apache-2.0
"""How far something has come: statuses in one order, each with its moment and its record.

Invariants: nothing is skipped and nothing goes back; the last status can follow any other,
and nothing follows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar

Status = TypeVar("Status", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Stage(Generic[Status]):
    """That something came to a status.

    Attributes:
        status: To which.
        since: When.
        leaf_index: Where that is recorded.
    """

    status: Status
    since: datetime
    leaf_index: int


def may_follow(before: Status, status: Status) -> bool:
    """Tell whether a status comes right after another, or is the last, to which every other leads."""
    order = tuple(type(before))
    if status is order[-1]:
        return before is not status
    return order.index(status) == order.index(before) + 1


def until(stages: Sequence[Stage[Status]], at: datetime) -> tuple[Stage[Status], ...]:
    """Return the stages that something had come to by a moment, in order; empty: none yet."""
    return tuple(stage for stage in stages if stage.since <= at)
