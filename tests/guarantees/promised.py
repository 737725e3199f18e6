# SPDX-License-Identifier: Apache-2.0
"""Guarantees under the agreement of the valley, with findings made by hand (EXERCISE)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from tests.procedure.made import LIAISON_B, START, X, Y, valley

from truceline.agreement import Agreement
from truceline.agreement.mechanism import Guarantee
from truceline.ceasefire.standing import Standing
from truceline.commission import composition
from truceline.commission.composition import AppointOffice, Composition
from truceline.commission.finding import Attribution, Finding, FindingStanding, Outcome, Ruling
from truceline.guarantees import commitments, gates
from truceline.guarantees.commitments import Commitments
from truceline.guarantees.gates import Gates, OpenGate
from truceline.guarantees.obligations import Obligation
from truceline.guarantees.sign_off import SignOff
from truceline.procedure import Capacity, Entry, Step, Who

RENEWED, LONG_TERM = "renewed-attack", "long-term"
HOST = Who("premier-b", Capacity.LIAISON, "B-government")
MINISTER_X = Who("minister-x", Capacity.GUARANTOR, "X")
MINISTER_Y = Who("minister-y", Capacity.GUARANTOR, "Y")


def finding(
    number: int = 1,
    *,
    outcome: Outcome = Outcome.BREACH,
    characterisations: tuple[str, ...] = ("armed-attack",),
    standing: FindingStanding = FindingStanding.ADOPTED,
    adopted_at: datetime = START,
) -> Finding:
    """Return a finding on the clause on fire."""
    breach = outcome is Outcome.BREACH
    ruling = Ruling(
        "first",
        "fire",
        outcome,
        Attribution.TO_PARTY if breach else Attribution.NONE,
        "A" if breach else "",
        "reasonable-grounds",
    )
    return Finding(
        f"finding-{number}", f"case-{number}", number, adopted_at, (ruling,), characterisations, standing
    )


def with_guarantee(
    zero: Literal["finding", "sign_off", "first_breach"] = "finding",
    sign_off: tuple[str, ...] = ("x-government", "y-government"),
    clocks_hours: tuple[int, ...] = (24, 72),
    guarantors: tuple[str, ...] = ("X", "Y"),
) -> Agreement:
    """Return the valley's agreement with its first guarantee changed."""
    first, *others = valley().guarantees
    changed = Guarantee.model_validate(
        {
            **first.model_dump(),
            "zero": zero,
            "sign_off": sign_off,
            "clocks_hours": clocks_hours,
            "guarantors": guarantors,
        }
    )
    return replace(valley(), guarantees=(changed, *others))


def ended() -> Agreement:
    """Return the valley's agreement as one that never entered into force."""
    return replace(valley(), in_force=())


class Promises:
    """Gates and commitments in the course of events, as the mechanism folds them."""

    def __init__(self, agreement: Agreement | None = None) -> None:
        """Begin with nothing recorded and one finding of a renewed armed attack."""
        self.agreement = agreement or valley()
        self.now = START
        self.leaf_index = 10
        self.composition = Composition()
        self.gates = Gates()
        self.commitments = Commitments()
        self.standing = Standing()
        self.findings = {"finding-1": finding()}
        self.entries: list[Entry] = []

    def wait(self, hours: float) -> Promises:
        """Let time go by."""
        self.now += timedelta(hours=hours)
        return self

    def take(self, who: Who, step: Step) -> Entry:
        """Take a step now; a refusal leaves everything as it was."""
        entry = Entry(self.leaf_index, self.now, who, step)
        if step.kind == "composition":
            self.composition = composition.take(self.composition, entry, self.agreement)
        elif isinstance(step, gates.STEPS):
            self.gates = gates.take(self.gates, entry, self.agreement, self.composition)
        else:
            self.commitments = commitments.take(
                self.commitments,
                entry,
                self.agreement,
                self.composition,
                self.findings,
                self.standing,
                self.gates,
            )
        self.leaf_index += 1
        self.entries.append(entry)
        return entry

    def appointed(self) -> Promises:
        """Have every office held."""
        self.take(X, AppointOffice("x-government", self.now, holder=MINISTER_X.person))
        self.take(Y, AppointOffice("y-government", self.now, holder=MINISTER_Y.person))
        self.take(LIAISON_B, AppointOffice("host-government", self.now, holder=HOST.person))
        return self

    def approved(self) -> Promises:
        """Have every office held and each guarantor's own gate open."""
        self.appointed()
        self.take(X, approval("X"))
        self.take(Y, approval("Y"))
        return self

    def opened(self) -> Promises:
        """Have an obligation of X open."""
        self.approved()
        self.take(MINISTER_X, sign_off())
        return self

    def obligation(self, number: int = 1) -> Obligation:
        """Return an obligation by its number."""
        return self.commitments.obligations[f"obligation-{number}"]


def approval(actor: str) -> OpenGate:
    """Return the step that opens a guarantor's own gate."""
    return OpenGate("approval", "EXERCISE: the vote was for it", "EXERCISE gazette", actor=actor)


def sign_off(
    office: str = "x-government",
    *,
    finding_id: str = "finding-1",
    commitment: str = RENEWED,
    zero: datetime | None = None,
    ground_of_zero: str = "",
) -> SignOff:
    """Return the sign-off on a finding."""
    return SignOff(
        commitment,
        finding_id,
        office,
        "EXERCISE: the finding was read and accepted",
        zero=zero,
        ground_of_zero=ground_of_zero,
    )
