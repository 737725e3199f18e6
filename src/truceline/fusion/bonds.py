# SPDX-License-Identifier: Apache-2.0
"""People's rulings as the engine heeds them: which reports stay together, which stay apart.

Reports that must be together move as the first of them chose; none of them is asked again.
What one of them must be apart from, all of them are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from truceline.fusion.model import Rulings


@dataclass(frozen=True, slots=True)
class Bonds:
    """For each report that was ruled on, by its place in the order of insertion: with whom, without whom."""

    together: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    apart: Mapping[int, frozenset[int]] = field(default_factory=dict)


def bonds(rulings: Rulings, ids: Sequence[str]) -> Bonds:
    """Return the rulings that bear on these reports.

    Args:
        rulings: By observation id; those that name other reports have no effect.
        ids: The reports' ids, in the order of insertion.
    """
    if not rulings.together and not rulings.apart:
        return Bonds()
    place = {name: report for report, name in enumerate(ids)}
    neighbours: defaultdict[str, set[str]] = defaultdict(set)
    for one, other in rulings.together:
        neighbours[one].add(other)
        neighbours[other].add(one)
    named = {name for pair in (*rulings.together, *rulings.apart) for name in pair}
    group_of = {name: _group(name, neighbours) for name in named}
    together = {
        place[name]: tuple(sorted(place[other] for other in group if other != name and other in place))
        for name, group in group_of.items()
        if name in place
    }
    apart: defaultdict[int, set[int]] = defaultdict(set)
    for one, other in rulings.apart:
        here = {place[name] for name in group_of[one] if name in place}
        there = {place[name] for name in group_of[other] if name in place}
        for report in here:
            apart[report] |= there
        for report in there:
            apart[report] |= here
    return Bonds(
        {report: others for report, others in together.items() if others},
        {report: frozenset(others) for report, others in apart.items() if others},
    )


def _group(name: str, neighbours: Mapping[str, set[str]]) -> frozenset[str]:
    """Return the reports that are bound to one, over however many rulings, itself among them."""
    group, waiting = {name}, [name]
    while waiting:
        fresh = neighbours.get(waiting.pop(), set()) - group
        group |= fresh
        waiting += fresh
    return frozenset(group)
