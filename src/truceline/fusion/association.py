# SPDX-License-Identifier: Apache-2.0
"""How much a report speaks for each incident in reach, against a new one.

The log odds have five terms, shown with every membership:

- space, time: how dense the report's place and time are, given the incident's;
- type: how much better its word fits the incident's kinds than chance;
- intensity: how rare incidents are around there;
- prior: what is known before looking, among it whether the source or the statement
  has spoken of that incident already.

A report is never scored against an incident that holds itself: its own incident is
taken without it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from truceline.fusion.incidents import Incidents
from truceline.fusion.likelihood import offsets_m, space_term, time_term, type_term
from truceline.fusion.reports import LAT, LON, Reports
from truceline.fusion.settings import FusionSettings

Floats = NDArray[np.float64]

TERMS = ("space", "time", "type", "intensity", "prior")
"""The columns of ``Scores.terms``."""


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """One report against the incidents in reach.

    Attributes:
        slots: Which incidents, ascending.
        terms: Five columns, natural-log odds.
        log_odds: Their sums: of each incident against a new one.
        probability: Of each incident; what they leave to 1 is that of a new one.
    """

    slots: tuple[int, ...]
    terms: Floats
    log_odds: Floats
    probability: Floats

    def best(self) -> int | None:
        """Return the row of the most probable incident; the one opened first wins a tie."""
        return int(self.log_odds.argmax()) if self.slots else None


_WORTH_LISTING = 30.0
_NOTHING = Scores((), np.empty((0, len(TERMS))), np.empty(0), np.empty(0))


@dataclass(frozen=True, slots=True, eq=False)
class Scorer:
    """Scores reports against incidents.

    Attributes:
        reports: All reports.
        log_density: Of incidents around each report, per square metre and second.
        kind_prior: Probability of each kind before any word.
        settings: The engine's assumptions.
    """

    reports: Reports
    log_density: Floats
    kind_prior: Floats
    settings: FusionSettings

    def score(self, report: int, incidents: Incidents, barred: frozenset[int] = frozenset()) -> Scores:
        """Score a report against every incident in reach, leaving out those that cannot be.

        Args:
            report: Which report.
            incidents: As they stand.
            barred: Incidents from which people ruled it out.
        """
        one = self.reports.summaries[report]
        own = int(incidents.slot_of[report])
        slots = incidents.near(one)
        if barred:
            slots = slots[~np.isin(slots, list(barred))]
        if own >= 0:
            slots = slots[slots != own]
            if len(incidents.members[own]) > 1:
                slots = np.sort(np.append(slots, own))
        if not len(slots):
            return _NOTHING
        others = incidents.summaries[slots]
        at_own = (slots == own).nonzero()[0]
        if len(at_own):
            others[at_own], own_kinds = incidents.without(report)
        space, squared = space_term(one, others)
        close = squared <= self.settings.gate_sigmas**2
        slots, others, space = slots[close], others[close], space[close]
        fit = space + time_term(one, others) - self.log_density[report]
        # Incidents too unlikely to be worth listing: no word and no relay brings them back.
        likely = fit > max(float(fit.max(initial=0.0)), 0.0) - _WORTH_LISTING
        slots, others, space, fit = slots[likely], others[likely], space[likely], fit[likely]
        beliefs = incidents.kinds[slots]
        if len(at_own):
            beliefs[slots == own] = own_kinds
        kind = type_term(self.reports.kinds[report], beliefs, self.kind_prior)
        prior = self._prior_term(report, slots.tolist(), incidents)
        possible = kind + prior > -np.inf
        if not possible.any():
            return _NOTHING
        terms = np.empty((int(possible.sum()), len(TERMS)))
        terms[:, 0] = space[possible]
        terms[:, 1] = (fit - space)[possible] + self.log_density[report]
        terms[:, 2] = kind[possible]
        terms[:, 3] = -self.log_density[report]
        terms[:, 4] = prior[possible]
        # Rounded, so that the last bits of a machine's arithmetic decide nothing.
        log_odds = np.round(terms.sum(axis=1), 9)
        top = max(float(log_odds.max()), 0.0)
        weights = np.exp(log_odds - top)
        return Scores(
            tuple(slots[possible].tolist()), terms, log_odds, weights / (weights.sum() + np.exp(-top))
        )

    def _prior_term(self, report: int, slots: list[int], incidents: Incidents) -> Floats:
        """Return the log odds of each incident before looking at place, time and kind.

        Minus infinity where the incident holds the same statement about another place.
        """
        odds = np.full(len(slots), self.settings.join_log_odds)
        told = incidents.told(report)
        own = incidents.slot_of[report]
        again = [row for row, slot in enumerate(slots) if slot in told and told[slot] > (slot == own)]
        odds[again] += self.settings.same_source_log_odds
        if self.reports.relayed[report]:
            here = self.reports.summaries[report]
            for row, slot in enumerate(slots):
                relay = incidents.relay(report, slot)
                if relay is not None:
                    there = self.reports.summaries[[relay]]
                    x, y = offsets_m(float(here[LAT]), float(here[LON]), there[:, LAT], there[:, LON])
                    same_place = float(np.hypot(x, y)[0]) <= self.settings.same_origin_reach_m
                    bonus = self.settings.same_origin_log_odds if same_place else -np.inf
                    odds[row] = self.settings.join_log_odds + bonus
        return odds
