# SPDX-License-Identifier: Apache-2.0
"""How commitments stand, and what a finding would ask of whom: a dry run that changes nothing.

Invariants: both are pure functions of what was recorded; neither opens anything, names a
person, or says what should be done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from truceline.agreement import Agreement, Guarantee
from truceline.ceasefire.standing import Standing
from truceline.commission.composition import Composition
from truceline.commission.finding import Finding
from truceline.guarantees.commitments import Commitments, StatedStatus
from truceline.guarantees.gates import Gates, GateState, gate_states_for
from truceline.guarantees.obligations import LONGEST_HOURS, Ground, Obligation, ground_of
from truceline.guarantees.sign_off import signed_for, why_not_triggered
from truceline.procedure import Clock, ClockState, due, state_of


@dataclass(frozen=True, slots=True)
class GuarantorState:
    """How a commitment stands for one guarantor.

    Attributes:
        guarantor: Its id.
        status: How binding the commitment is for it.
        gates: Each gate of the commitment.
    """

    guarantor: str
    status: StatedStatus
    gates: tuple[GateState, ...]

    @property
    def gates_open(self) -> bool:
        """Whether every gate is open."""
        return all(gate.opened for gate in self.gates)


@dataclass(frozen=True, slots=True)
class OfficeState:
    """An office that signs off.

    Attributes:
        office: Its id.
        held: Whether anybody holds it at that moment.
        guarantors: For whom it signs off.
    """

    office: str
    held: bool
    guarantors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClockAhead:
    """A clock that would run.

    Attributes:
        hours: Its length.
        zero: From when; None: from the sign-off, or a first breach that it states.
        due: When it would be due; None: that depends on the sign-off.
    """

    hours: int
    zero: datetime | None
    due: datetime | None


@dataclass(frozen=True, slots=True)
class CommitmentAhead:
    """What a hypothetical finding would ask under one commitment.

    Attributes:
        commitment: The guarantee's id.
        why_not: Why its trigger would not be met; empty: it would be.
        guarantors: How it stands for each guarantor.
        offices: Who would have to sign off, before anything opens.
        zero: Where its clocks start: ``finding``, ``sign_off`` or ``first_breach``.
        clocks: Its clocks; none where the trigger would not be met.
    """

    commitment: str
    why_not: str
    guarantors: tuple[GuarantorState, ...]
    offices: tuple[OfficeState, ...]
    zero: str
    clocks: tuple[ClockAhead, ...]

    @property
    def triggered(self) -> bool:
        """Whether its trigger would be met."""
        return not self.why_not


@dataclass(frozen=True, slots=True)
class ClockShown:
    """A clock of an obligation at a moment.

    Attributes:
        hours: Its length.
        due: When it is due.
        state: How it stands.
        met_at: When it was answered; None: not yet.
    """

    hours: int
    due: datetime | None
    state: ClockState
    met_at: datetime | None


@dataclass(frozen=True, slots=True)
class ObligationState:
    """An obligation at a moment.

    Attributes:
        obligation: As it was recorded.
        ground: What has become of its finding.
        clocks: How each of its clocks stands.
    """

    obligation: Obligation
    ground: Ground
    clocks: tuple[ClockShown, ...]


@dataclass(frozen=True, slots=True)
class CommitmentState:
    """How one commitment stands at a moment.

    Attributes:
        commitment: The guarantee's id.
        guarantors: How it stands for each guarantor.
        open: Its open obligations, in order.
        ended: Its obligations that are open no more, in order.
    """

    commitment: str
    guarantors: tuple[GuarantorState, ...]
    open: tuple[ObligationState, ...]
    ended: tuple[ObligationState, ...]


def hypothetical(
    agreement: Agreement,
    commitments: Commitments,
    gates: Gates,
    composition: Composition,
    standing: Standing,
    *,
    characterisations: Sequence[str],
    at: datetime,
) -> tuple[CommitmentAhead, ...]:
    """Return what a finding of breach would ask, commitment by commitment, if it were adopted.

    Args:
        agreement: The pack.
        commitments: As recorded.
        gates: As recorded.
        composition: Who holds which office.
        standing: How the ceasefire stands.
        characterisations: What the breach would be called, by the pack's ids.
        at: When it would be adopted.
    """
    return tuple(
        _ahead(guarantee, agreement, commitments, gates, composition, standing, tuple(characterisations), at)
        for guarantee in agreement.guarantees
    )


def overview(
    agreement: Agreement,
    commitments: Commitments,
    gates: Gates,
    standing: Standing,
    findings: Mapping[str, Finding],
    at: datetime,
) -> tuple[CommitmentState, ...]:
    """Return how each commitment stands at a moment that is not before the last recorded step.

    Args:
        agreement: The pack.
        commitments: As recorded.
        gates: As recorded.
        standing: How the ceasefire stands.
        findings: Every finding that was adopted, by id.
        at: The moment.
    """
    return tuple(
        _now(guarantee, agreement, commitments, gates, standing, findings, at)
        for guarantee in agreement.guarantees
    )


def obligation_state(
    obligation: Obligation, agreement: Agreement, findings: Mapping[str, Finding], at: datetime
) -> ObligationState:
    """Return an obligation, open or not, as it stands at a moment."""
    clocks = tuple(_shown(clock, agreement, at) for clock in obligation.clocks)
    return ObligationState(obligation, ground_of(obligation, findings), clocks)


def _ahead(
    guarantee: Guarantee,
    agreement: Agreement,
    commitments: Commitments,
    gates: Gates,
    composition: Composition,
    standing: Standing,
    characterisations: tuple[str, ...],
    at: datetime,
) -> CommitmentAhead:
    why_not = why_not_triggered(guarantee, breach=True, stands=True, characterisations=characterisations)
    zero = at if guarantee.zero == "finding" else None
    return CommitmentAhead(
        guarantee.id,
        why_not,
        _guarantors(guarantee, agreement, commitments, gates, standing, at),
        tuple(
            OfficeState(office, _held(composition, office, at), signed_for(guarantee, agreement, office))
            for office in guarantee.sign_off
        ),
        guarantee.zero,
        ()
        if why_not
        else tuple(_clock_ahead(hours, zero) for hours in dict.fromkeys(guarantee.clocks_hours)),
    )


def _clock_ahead(hours: int, zero: datetime | None) -> ClockAhead:
    # A clock longer than a term may be never runs: the sign-off is refused until the pack is put right.
    if zero is None or hours > LONGEST_HOURS:
        return ClockAhead(hours, zero, None)
    return ClockAhead(hours, zero, zero + timedelta(hours=hours))


def _now(
    guarantee: Guarantee,
    agreement: Agreement,
    commitments: Commitments,
    gates: Gates,
    standing: Standing,
    findings: Mapping[str, Finding],
    at: datetime,
) -> CommitmentState:
    ours = [
        obligation_state(one, agreement, findings, at)
        for one in commitments.obligations.values()
        if one.commitment == guarantee.id
    ]
    return CommitmentState(
        guarantee.id,
        _guarantors(guarantee, agreement, commitments, gates, standing, at),
        tuple(one for one in ours if one.obligation.open),
        tuple(one for one in ours if not one.obligation.open),
    )


def _guarantors(
    guarantee: Guarantee,
    agreement: Agreement,
    commitments: Commitments,
    gates: Gates,
    standing: Standing,
    at: datetime,
) -> tuple[GuarantorState, ...]:
    return tuple(
        GuarantorState(
            guarantor,
            commitments.status(guarantee, guarantor),
            gate_states_for(gates, guarantee.gates, agreement, standing, at, guarantor),
        )
        for guarantor in dict.fromkeys(guarantee.guarantors)
    )


def _held(composition: Composition, office: str, at: datetime) -> bool:
    return any(one.office == office and one.term.holds(at) for one in composition.tenures)


def _shown(clock: Clock, agreement: Agreement, at: datetime) -> ClockShown:
    return ClockShown(
        clock.term.hours or 0,
        due(clock, agreement.calendar),
        state_of(clock, agreement.calendar, at),
        clock.met_at,
    )
