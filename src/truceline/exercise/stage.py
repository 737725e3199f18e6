# SPDX-License-Identifier: Apache-2.0
"""The stage of an exercise: a mission, its own clock, and the people's keys; cues are played on it.

A cue that the agreement forbids is no failure: it is told, and the rest of its matter is
left out.  So one course serves every pack, and each pack's rules decide how far it goes.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from truceline.agreement import Agreement
from truceline.commission.bench import Sitting
from truceline.commission.deciding import barred
from truceline.commission.steps import Evidence, RecordSilence
from truceline.errors import RejectedInput, RuleViolation
from truceline.evidence import SigningKey
from truceline.exercise.cast import SECRETARY, Cue, Matter
from truceline.exercise.truth import TrueEvent
from truceline.mechanism import Mechanism, take
from truceline.mission import Mission
from truceline.mission.acting import act
from truceline.mission.freezing import freeze
from truceline.mission.replaying import mechanism
from truceline.procedure import Entry
from truceline.storage import schema

SETTLED = timedelta(days=2)
"""After so long the reports of an event have arrived, and its incident keeps its id."""


@dataclass(slots=True)
class ExerciseClock:
    """The exercise's own clock; somebody sets it."""

    instant: datetime

    def now(self) -> datetime:
        """Return the exercise's present, UTC."""
        return self.instant


@dataclass(slots=True)
class Stage:
    """See the module.

    Attributes:
        mission: Where all of it is recorded.
        clock: The mission's clock.
        events: What really happens.
        reports: By true event, the ids of the reports that tell of it.
        keys: By person, the key that they sign with.
        known: What earlier cues found out.
        played: How many steps were taken, by their names.
        refused: By matter, why the rest of it is left out.
        used: The true events that were brought somewhere already.
    """

    mission: Mission
    clock: ExerciseClock
    events: Sequence[TrueEvent]
    reports: Mapping[str, Sequence[str]]
    keys: Mapping[str, SigningKey]
    known: dict[str, str] = field(default_factory=dict)
    played: Counter[str] = field(default_factory=Counter)
    refused: dict[str, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    _state: Mechanism | None = None

    @property
    def now(self) -> datetime:
        """The exercise's present."""
        return self.clock.instant

    @property
    def agreement(self) -> Agreement:
        """The agreement, as staged."""
        return self.mission.agreement

    @property
    def state(self) -> Mechanism:
        """How the mechanism stands, all of it."""
        if self._state is None:
            self._state = mechanism(self.mission)
        return self._state

    def play(self, one: Cue) -> None:
        """Play a cue at its moment; what is forbidden is kept in ``refused``."""
        if one.matter in self.refused:
            return
        self.clock.instant = max(self.clock.instant, one.at)
        try:
            step = one.step(self)
            if step is None:
                return
            entry = act(self.mission, one.who, step, key=self.keys.get(one.who.person))
        except (RuleViolation, RejectedInput) as refusal:
            self.refused[one.matter] = refusal.summary
            return
        if self._state is not None:
            self._state = take(self._state, entry, self.agreement)
        self.played[step.name] += 1

    def matter(self, accused: str, staged: str) -> Matter | None:
        """Return an event not yet used, the best reported of the last days, with its incident."""
        told = [
            one
            for one in self.events
            if one.at < self.now and one.event_id not in self.used and not one.exception
            and one.staged == staged and (bool(staged) or one.by == accused)
        ]  # fmt: skip
        recent = sorted(
            told,
            key=lambda one: (
                one.at > self.now - SETTLED,
                -len(self.reports.get(one.event_id, ())),
                -one.at.timestamp(),
            ),
        )
        for event in recent:
            incident = self._incident_of(event)
            if incident is not None:
                self.used.add(event.event_id)
                return Matter(event, incident)
        return None

    def freeze(self, incident: str) -> Evidence:
        """Freeze the records behind an incident."""
        return freeze(self.mission, [incident])

    def may_vote(self, case_id: str, person: str) -> bool:
        """Tell whether a member may vote on the open proposal of a case."""
        case = self.state.docket.cases[case_id]
        if case.open_proposal is None:
            return False
        entry = Entry(2**40, self.now, SECRETARY, RecordSilence(case_id, "response"))
        composition = self.state.composition
        at = Sitting(entry, self.agreement, composition)
        return barred(case, case.open_proposal, person, self.agreement, composition, at) is None

    def _incident_of(self, event: TrueEvent) -> str | None:
        """Return the incident that most reports of an event were fused into; None: there is none yet."""
        names = list(self.reports.get(event.event_id, ()))
        with self.mission.store.read() as transaction:
            bodies = list(transaction.bodies(schema.memberships, ids=("observation_id", names)))
        counted = Counter(str(json.loads(body)["incident_id"]) for body in bodies)
        return min(counted, key=lambda name: (-counted[name], name), default=None)
