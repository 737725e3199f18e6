# SPDX-License-Identifier: Apache-2.0
"""What the engine assumes, in one place, so that it can be shown beside every result.

None of these figures is measured on a real mechanism; each is an assumption, stated so
that it can be disputed.  ``docs/fusion.md`` says what each one does to the result.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from truceline.errors import Fault, RejectedInput
from truceline.vocabulary import SourceKind


@dataclass(frozen=True, slots=True)
class Scale:
    """One grain at which the density of incidents is counted: ``metres`` wide, ``seconds`` long."""

    metres: float
    seconds: float


_ANY_SIGN = frozenset(
    {"join_log_odds", "join_probability", "same_source_log_odds", "same_origin_log_odds", "sweeps"}
)


def _false_shares() -> Mapping[SourceKind, float]:
    return MappingProxyType(
        {
            SourceKind.PATROL: 0.03,
            SourceKind.CAMERA: 0.05,
            SourceKind.UAV: 0.05,
            SourceKind.SEISMIC: 0.10,
            SourceKind.RADAR: 0.10,
            SourceKind.ACOUSTIC: 0.15,
            SourceKind.NEWS: 0.20,
            SourceKind.PARTY: 0.30,
            SourceKind.PUBLIC: 0.30,
            SourceKind.SATELLITE: 0.35,
        }
    )


@dataclass(frozen=True, slots=True)
class FusionSettings:
    """The assumptions of the engine.

    Attributes:
        sigma_inflation: Every declared standard deviation is multiplied by this when
            reports are compared: overstating costs far less than understating.
        sigma_floor_m: Least standard deviation of a place, metres.
        time_floor_s: Least standard deviation of a time, seconds.
        words_least_sigma_m: Least standard deviation of a place that a party, the news or the
            public states, metres, whatever is declared: words place an event no better.
        words_least_sigma_s: Least standard deviation of a moment that they state, seconds.
        instruments_least_sigma_m: Least standard deviation of a place that a patrol or a
            device states, metres, whatever is declared.
        instruments_least_sigma_s: Least standard deviation of a moment that they state, seconds.
        gate_sigmas: Reports farther than this from an incident are not scored against it.
        scales: Grains of the local density, coarse to fine.
        scale_weight: How many incidents a coarser grain counts for at the next finer one.
        sparsest_per_km2_day: Least density of incidents that is ever assumed.
        incidents_per_report: How many incidents a report stands for in the density, before
            the first incidents are known.
        join_log_odds: Natural-log odds, before any evidence, that a report belongs to an
            incident already known rather than to a new one.
        join_probability: A report joins only an incident to which it belongs with more
            than this probability; otherwise it stays an incident of its own.
        same_source_log_odds: Added where the source has already reported that incident:
            a source seldom lists one event twice.
        same_origin_log_odds: Added where the incident holds another relay of the same
            statement at the same place.  A statement that names another place tells of
            another event: such a report never joins.
        same_origin_reach_m: How far apart two relays may put one place, metres.
        word_exact: Weight of the very word, where the truth is a kind with that name.
        word_wider: Weight of each wider word.
        word_narrower: Weight of a narrower word than the truth.
        word_undetermined: Weight of ``explosion_undetermined`` and ``gunfire_undetermined``
            for the kinds they fit.
        word_sibling: Weight of another word under the same wider word.
        word_other: Weight of any other word of an attack.
        word_fire: Weight of ``fire`` and its narrower words for a kind that explodes.
        false_share: For each source kind, the share of its reports behind which there is
            no event of that sort.
        sweeps: How many times settled reports are looked at again.
    """

    sigma_inflation: float = 1.1
    sigma_floor_m: float = 50.0
    time_floor_s: float = 2.0
    words_least_sigma_m: float = 500.0
    words_least_sigma_s: float = 60.0
    instruments_least_sigma_m: float = 10.0
    instruments_least_sigma_s: float = 1.0
    gate_sigmas: float = 4.0
    scales: tuple[Scale, ...] = (
        Scale(40_000.0, 7 * 86_400.0),
        Scale(10_000.0, 86_400.0),
        Scale(5_000.0, 6 * 3_600.0),
        Scale(3_000.0, 2 * 3_600.0),
        Scale(2_000.0, 2_400.0),
    )
    scale_weight: float = 1.0
    sparsest_per_km2_day: float = 1e-5
    incidents_per_report: float = 0.5
    join_log_odds: float = 0.0
    join_probability: float = 0.5
    same_source_log_odds: float = -3.0
    same_origin_log_odds: float = 10.0
    same_origin_reach_m: float = 2_000.0
    word_exact: float = 0.7
    word_wider: float = 0.2
    word_narrower: float = 0.05
    word_undetermined: float = 0.25
    word_sibling: float = 0.05
    word_other: float = 0.02
    word_fire: float = 0.01
    false_share: Mapping[SourceKind, float] = field(default_factory=_false_shares)
    sweeps: int = 1

    def __post_init__(self) -> None:
        """Refuse settings with which nothing could be computed."""
        faults = [
            Fault("settings", name, "must be above zero", str(value))
            for name, value in self.as_numbers()
            if name not in _ANY_SIGN and not value > 0
        ]
        faults += [
            Fault("settings", f"false_share.{kind}", "must lie between 0 and 1", str(share))
            for kind, share in self.false_share.items()
            if not 0 < share < 1
        ]
        faults += [
            Fault("settings", "false_share", f"says nothing of {kind}")
            for kind in SourceKind
            if kind not in self.false_share
        ]
        if not self.scales:
            faults.append(Fault("settings", "scales", "needs at least one grain"))
        if faults:
            raise RejectedInput("These fusion settings cannot be used; correct them.", faults)

    def as_numbers(self) -> tuple[tuple[str, float], ...]:
        """Return every setting by name, as it goes beside the result."""
        numbers = [
            (name, float(getattr(self, name)))
            for name in self.__dataclass_fields__
            if name not in {"scales", "false_share"}
        ]
        for index, scale in enumerate(self.scales):
            numbers += [(f"scale_{index}_metres", scale.metres), (f"scale_{index}_seconds", scale.seconds)]
        numbers += [(f"false_share_{kind.value}", share) for kind, share in self.false_share.items()]
        return tuple(sorted(numbers))


DEFAULT = FusionSettings()
"""The settings that ``fuse`` uses when it is given none."""
