# SPDX-License-Identifier: Apache-2.0
"""The first engine: insert every report where it fits best, then look at every one again.

1. Reports are put in the order (received_at, observation_id), so that the order of the
   rows cannot matter.
2. Each joins the incident to which it belongs more probably than not, or opens one.
3. The density of incidents is counted again, now that reports of one incident are known,
   and each report is asked once more, its own incident taken without it.
4. Each report is scored against the outcome: that is its membership and its runner-up.

No pair of reports is ever linked for its own sake, so that nothing chains.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from truceline.fusion.account import Outcome, account
from truceline.fusion.association import Scorer, Scores
from truceline.fusion.bonds import Bonds, bonds
from truceline.fusion.incidents import Incidents
from truceline.fusion.intensity import log_density
from truceline.fusion.kinds import prior
from truceline.fusion.model import Fusion, Rulings
from truceline.fusion.reports import Reports, believable, insertion_order, prepare
from truceline.fusion.settings import DEFAULT, FusionSettings
from truceline.observation.table import ObservationTable

Floats = NDArray[np.float64]

ENGINE = "likelihood-2"
"""Name and version of the engine, published with its results."""

ENGINE_WITH_RULINGS = "likelihood-2+rulings"
"""The same where people ruled on reports: who computes it again needs what they ruled."""

NO_RULINGS = Rulings()


def fuse(
    table: ObservationTable, settings: FusionSettings = DEFAULT, rulings: Rulings = NO_RULINGS
) -> Fusion:
    """Return the incidents that observations tell of, and how surely each belongs where it is.

    Args:
        table: The observations; the order of its rows does not matter.
        settings: The assumptions; they go into the result.
        rulings: What people ruled on them; reports that were superseded are not in the table.
    """
    table = believable(table, settings)
    order = insertion_order(table)
    # What cannot be has the log odds minus infinity, on purpose.
    with np.errstate(divide="ignore", invalid="ignore"):
        reports = prepare(table, order, settings)
        bound = bonds(rulings, table.observation_id[order].tolist())
        work = _Work(reports, settings, bound)
        work.insert()
        for _ in range(settings.sweeps):
            work.recount()
            if not work.sweep():
                break
        scores = work.settle()
    engine = ENGINE_WITH_RULINGS if rulings else ENGINE
    ruled = frozenset(bound.together)
    return account(Outcome(table, order, reports, work.incidents, settings, ruled), scores, engine)


class _Work:
    """The incidents of one run, and the steps on them."""

    def __init__(self, reports: Reports, settings: FusionSettings, bound: Bonds) -> None:
        self._reports = reports
        self._bound = bound
        self._settings = settings
        self._kind_prior = prior()
        self.incidents = Incidents(reports, self._kind_prior, settings.gate_sigmas)
        self._scorer = self._scorer_with(np.full(len(reports), settings.incidents_per_report))

    def insert(self) -> None:
        """Put every report where it fits best, in order."""
        for report in range(len(self._reports)):
            with_them = self._with_them(report)
            self._place(report, self._choice(self._score(report)) if with_them is None else with_them)

    def recount(self) -> None:
        """Count incidents instead of reports: each report stands for its share of its incident."""
        size = np.bincount(self.incidents.slot_of)
        self._scorer = self._scorer_with(1.0 / size[self.incidents.slot_of])

    def sweep(self) -> int:
        """Ask every report once more where it belongs, and return how many moved."""
        moved = 0
        for report in range(len(self._reports)):
            if report in self._bound.together:
                continue
            own = int(self.incidents.slot_of[report])
            choice = self._choice(self._score(report))
            if choice != (own if len(self.incidents.members[own]) > 1 else None):
                self.incidents.leave(report)
                self._place(report, choice)
                moved += 1
        return moved

    def settle(self) -> list[Scores]:
        """Return every report's scores against the outcome.

        A report whose incident has moved out of its reach leaves it; the others of that
        incident are then scored again.
        """
        outcome: dict[int, Scores] = {}
        waiting = list(range(len(self._reports)))
        for report in waiting:
            scores = self._score(report)
            own = int(self.incidents.slot_of[report])
            free = report not in self._bound.together
            if free and len(self.incidents.members[own]) > 1 and own not in scores.slots:
                self.incidents.leave(report)
                self.incidents.found(report)
                waiting.extend(self.incidents.members[own])
                scores = self._score(report)
            outcome[report] = scores
        return [outcome[report] for report in range(len(self._reports))]

    def _choice(self, scores: Scores) -> int | None:
        """Return the incident that a report joins; None: it opens one of its own."""
        best = scores.best()
        if best is None or scores.probability[best] <= self._settings.join_probability:
            return None
        return scores.slots[best] if scores.log_odds[best] > 0 else None

    def _with_them(self, report: int) -> int | None:
        """Return the incident of the reports that this one must be with; None: it is the first of them."""
        slots = [int(self.incidents.slot_of[other]) for other in self._bound.together.get(report, ())]
        return next((slot for slot in slots if slot >= 0), None)

    def _barred(self, report: int) -> frozenset[int]:
        """Return the incidents of the reports that this one must be apart from."""
        others = self._bound.apart.get(report, frozenset())
        return frozenset(int(self.incidents.slot_of[other]) for other in others) - {-1}

    def _place(self, report: int, slot: int | None) -> None:
        if slot is None:
            self.incidents.found(report)
        else:
            self.incidents.join(slot, report)

    def _score(self, report: int) -> Scores:
        return self._scorer.score(report, self.incidents, self._barred(report))

    def _scorer_with(self, weight: Floats) -> Scorer:
        """Return a scorer with the density in which each report counts for ``weight`` of an incident."""
        density = log_density(self._reports, weight, self._settings)
        return Scorer(self._reports, density, self._kind_prior, self._settings)
