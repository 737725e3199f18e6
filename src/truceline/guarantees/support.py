# SPDX-License-Identifier: Apache-2.0
"""Support: who records what was pledged, allocated, drawn down and delivered.

A donor speaks for itself; the mission's staff book what a named source publishes.
Each corrects its own account and no other's.  All of it is public.

Invariants: a movement whose source's own figures do not add up is refused, with the
difference; negative amounts are posted and shown, and no balance below zero is refused
or hidden; a correction is a counter-posting; a claim of delivery moves no account.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Annotated, ClassVar, Final

from pydantic import ConfigDict, Field

from truceline.agreement import Agreement, Rule
from truceline.agreement.terms import Id, Words
from truceline.guarantees.ledger import (
    AS_STATED,
    BookedFile,
    Category,
    Delivery,
    ItemText,
    Movement,
    Posting,
    Support,
)
from truceline.guarantees.money import MOST, Currency, Period, bounds_of
from truceline.procedure import Capacity, Entry, Step, forbidden, require, require_capacity, require_own_side

STAFF: Final = (Capacity.DUTY_OFFICER, Capacity.SECRETARY, Capacity.ANALYST)
"""Those of the mission who keep the ledger."""

MOST_MOVEMENTS: Final = 10_000
"""Movements in one record at most."""

MOST_GROSS: Final = MOST // 2
"""Sizes of all postings in one currency at most: debits and credits together stay within 2**53."""

_SAID: Final = 10
"""Faults that one refusal spells out."""

Part = Annotated[int, Field(strict=True, ge=1, le=MOST_MOVEMENTS)]
Size = Annotated[int, Field(strict=True, ge=0, le=MOST)]


@dataclass(frozen=True, slots=True)
class RecordMovement(Step):
    """Record one movement: a pledge, an allocation, or a draw-down (negative ``to_be_allocated``).

    Attributes:
        movement: What moves.
        source: Where that is stated.
    """

    kind: ClassVar[str] = "support"
    name: ClassVar[str] = "record-movement"
    movement: Movement
    source: Words


@dataclass(frozen=True, slots=True)
class SourceDonor:
    """A donor as a source writes it, and under which id it is booked.

    Attributes:
        code: The source's code.
        name: The source's name.
        donor: The donor's id in the ledger.
    """

    __pydantic_config__: ClassVar[ConfigDict] = AS_STATED
    code: Id
    name: Words
    donor: Id


@dataclass(frozen=True, slots=True)
class BookMovements(Step):
    """Book the movements of one source file, or of one part of it.

    Attributes:
        source: What the file is, whose, and of when.
        sha256: Of the whole file.
        movements: In the file's order.
        restates: Movements of an earlier edition that this one states otherwise: they are
            reversed first.
        donors: How the file writes the donors.
        part: Which part of the file this is, from 1 on.
        parts: In how many parts it is booked.
    """

    kind: ClassVar[str] = "support"
    name: ClassVar[str] = "book-movements"
    source: Words
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    movements: Annotated[tuple[Movement, ...], Field(min_length=1, max_length=MOST_MOVEMENTS)]
    restates: Annotated[tuple[Id, ...], Field(max_length=MOST_MOVEMENTS)] = ()
    donors: Annotated[tuple[SourceDonor, ...], Field(max_length=MOST_MOVEMENTS)] = ()
    part: Part = 1
    parts: Part = 1


@dataclass(frozen=True, slots=True)
class CorrectMovement(Step):
    """Reverse a movement by a counter-posting; what it should have been is recorded anew.

    Attributes:
        movement_id: The movement.
        ground: Why.
    """

    kind: ClassVar[str] = "support"
    name: ClassVar[str] = "correct-movement"
    movement_id: Id
    ground: Words


@dataclass(frozen=True, slots=True)
class ClaimDelivery(Step):
    """State that something was delivered, or that it was not: a claim, which others may contradict.

    It says how much, in money or in number, and never where a thing is.

    Attributes:
        claim_id: Unique over the ledger.
        donor: Whose support it is.
        category: What it is for.
        what: What was delivered, in words.
        said_by: Whose account this is, in words.
        source: Where that account stands.
        amount: In minor units; 0: nothing; None: not stated.
        currency: Of the amount.
        quantity: How many; 0: none; None: not stated.
        unit: Of what size each is.
        delivered_from: The month or day on which delivery began; None: not known.
        delivered_until: That on which it ended; None: not known.
    """

    kind: ClassVar[str] = "support"
    name: ClassVar[str] = "claim-delivery"
    claim_id: Id
    donor: Id
    category: Category
    what: Words
    said_by: Words
    source: Words
    amount: Size | None = None
    currency: Currency | None = None
    quantity: Size | None = None
    unit: ItemText = ""
    delivered_from: Period | None = None
    delivered_until: Period | None = None


STEPS: tuple[type[Step], ...] = (RecordMovement, BookMovements, CorrectMovement, ClaimDelivery)


def take(state: Support, entry: Entry, agreement: Agreement) -> Support:
    """Return the ledger after a step.

    Raises:
        RuleViolation: The step is forbidden.
    """
    match entry.step:
        case RecordMovement():
            return _record(state, entry, entry.step, agreement)
        case BookMovements():
            return _book(state, entry, entry.step, agreement)
        case CorrectMovement():
            return _correct(state, entry, entry.step, agreement)
        case ClaimDelivery():
            return _claim(state, entry, entry.step, agreement)
        case other:
            raise TypeError(f"{other.name} is no step of support")


def _record(state: Support, entry: Entry, step: RecordMovement, agreement: Agreement) -> Support:
    require_capacity(entry, agreement, Capacity.GUARANTOR, *STAFF)
    if entry.who.capacity is Capacity.GUARANTOR:
        require_own_side(entry, agreement, step.movement.donor)
    return _posted(state, entry, (step.movement,), agreement)


def _book(state: Support, entry: Entry, step: BookMovements, agreement: Agreement) -> Support:
    require_capacity(entry, agreement, *STAFF)
    require(
        step.part <= step.parts,
        agreement,
        Rule.KNOWN_MATTER,
        f"A file booked in {step.parts} parts has no part {step.part}.",
    )
    file = state.files.get(step.sha256, BookedFile(step.parts, {}))
    require(
        file.parts == step.parts and step.part not in file.booked,
        agreement,
        Rule.ONCE,
        f"This file is booked already, in {file.parts} part{'s' if file.parts > 1 else ''}.",
    )
    booked = replace(file, booked={**file.booked, step.part: entry.leaf_index})
    without = _reversed(state, entry, step.restates, agreement)
    after = _posted(without, entry, step.movements, agreement)
    return replace(after, files={**state.files, step.sha256: booked})


def _posted(state: Support, entry: Entry, movements: Sequence[Movement], agreement: Agreement) -> Support:
    """Return the ledger with movements posted, each once and each in balance."""
    _require_all(
        [f"{_named(one)} does not balance: {found}" for one in movements if (found := one.off_balance)],
        agreement,
        Rule.BALANCE,
    )
    side, known, gross = _side_of(entry), dict(state.movements), dict(state.gross)
    again = []
    for one in movements:
        if one.movement_id in known:
            again.append(f"{_named(one)} is in the ledger already; correct that one first, and take a new id")
        _, ends = bounds_of(one.period)
        known[one.movement_id] = Posting(
            one.movement_id,
            one.donor,
            one.currency,
            one.period,
            ends,
            one.amounts,
            entry.leaf_index,
            side,
        )
        gross[one.currency] = gross.get(one.currency, 0) + one.amounts.gross
    _require_all(again, agreement, Rule.ONCE)
    _require_kept_exactly(gross, agreement)
    return replace(state, movements=known, gross=gross)


def _correct(state: Support, entry: Entry, step: CorrectMovement, agreement: Agreement) -> Support:
    require_capacity(entry, agreement, Capacity.GUARANTOR, *STAFF)
    return _reversed(state, entry, (step.movement_id,), agreement)


def _reversed(state: Support, entry: Entry, movement_ids: Sequence[str], agreement: Agreement) -> Support:
    """Return the ledger with movements reversed, each by whoever recorded it, and once."""
    side, reversals, gross = _side_of(entry), dict(state.reversals), dict(state.gross)
    for movement_id in movement_ids:
        before = state.movements.get(movement_id)
        if before is None:
            raise forbidden(agreement, Rule.KNOWN_MATTER, f"The ledger has no movement {movement_id}.")
        require(
            before.stated_by == side,
            agreement,
            Rule.ON_BEHALF,
            f"{before.stated_by or 'The mission'} recorded {movement_id}, and alone corrects it.",
        )
        require(
            movement_id not in reversals,
            agreement,
            Rule.ONCE,
            f"{movement_id} was reversed already; record what holds as a movement of its own.",
        )
        reversals[movement_id] = before.reversed(entry.leaf_index)
        gross[before.currency] = gross.get(before.currency, 0) + before.amounts.gross
    _require_kept_exactly(gross, agreement)
    return replace(state, reversals=reversals, gross=gross)


def _claim(state: Support, entry: Entry, step: ClaimDelivery, agreement: Agreement) -> Support:
    require_capacity(entry, agreement, Capacity.GUARANTOR, Capacity.LIAISON, *STAFF)
    if entry.who.capacity is Capacity.GUARANTOR:
        require_own_side(entry, agreement, step.donor)
    if entry.who.capacity is Capacity.LIAISON:
        require(
            agreement.party_of(entry.who.on_behalf_of) is not None,
            agreement,
            Rule.ON_BEHALF,
            f"{entry.who} is of no party to the agreement.",
        )
    require(
        step.claim_id not in state.deliveries,
        agreement,
        Rule.ONCE,
        f"There is a claim {step.claim_id} already; another account takes an id of its own.",
    )
    require(
        step.amount is not None or step.quantity is not None,
        agreement,
        Rule.DELIVERY,
        "A claim of delivery says how much, in money or in number.",
    )
    require(
        (step.amount is None) == (step.currency is None),
        agreement,
        Rule.DELIVERY,
        "An amount needs its currency, and a currency an amount.",
    )
    today = entry.at.date()
    begins = None if step.delivered_from is None else bounds_of(step.delivered_from)[0]
    ends = None if step.delivered_until is None else bounds_of(step.delivered_until)[1]
    require(
        begins is None or ends is None or begins <= ends,
        agreement,
        Rule.DELIVERY,
        "The delivery ends before it begins.",
    )
    # Somewhere it is tomorrow already.
    last = begins if step.delivered_until is None else bounds_of(step.delivered_until)[0]
    require(
        last is None or last <= today + timedelta(days=1),
        agreement,
        Rule.DELIVERY,
        "What is still to come has not been delivered.",
    )
    delivery = Delivery(
        step.claim_id,
        step.donor,
        step.category,
        step.amount,
        step.currency,
        step.quantity,
        step.delivered_from,
        step.delivered_until,
        today if ends is None else ends,
        entry.who.on_behalf_of,
        entry.leaf_index,
    )
    return replace(state, deliveries={**state.deliveries, step.claim_id: delivery})


def _side_of(entry: Entry) -> str:
    """Return on whose behalf a movement is recorded; empty: the mission's."""
    return entry.who.on_behalf_of if entry.who.capacity is Capacity.GUARANTOR else ""


def _named(movement: Movement) -> str:
    row = "" if movement.row is None else f" (row {movement.row})"
    return f"{movement.movement_id}{row}"


def _require_all(faults: Sequence[str], agreement: Agreement, rule: Rule) -> None:
    more = f"; and {len(faults) - _SAID} more" if len(faults) > _SAID else ""
    require(not faults, agreement, rule, "; ".join(faults[:_SAID]) + more + ".")


def _require_kept_exactly(gross: dict[str, int], agreement: Agreement) -> None:
    beyond = sorted(currency for currency, size in gross.items() if size > MOST_GROSS)
    require(
        not beyond,
        agreement,
        Rule.BALANCE,
        f"Sums so large in {', '.join(beyond)} cannot be kept exactly; check the unit of the amounts.",
    )
