# SPDX-License-Identifier: Apache-2.0
"""The support ledger: double entry, so that its totals balance by construction.

For every donor and currency there are five accounts.  A movement credits ``pledged``
and debits what the pledge is for: three categories of allocation, and what is still to
be allocated.  A negative amount is posted on the other side: it draws down what was
pledged before, or corrects.

Invariants: what a movement pledges is the sum of its parts and is not stored beside
them, so none can be out of balance; nothing posted is ever edited or removed, a
correction is a counter-posting; deliveries are claims and have no account.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar, Final

from pydantic import ConfigDict, Field

from truceline.agreement.terms import Id
from truceline.guarantees.money import MOST, Currency, Minor, Period, bounds_of, written

ItemText = Annotated[str, Field(max_length=500)]
"""A few words for a thing or a unit."""

AS_STATED: Final = ConfigDict(extra="forbid")
"""A part of a step with a field that it does not have is refused, as a step itself is."""


class Account(StrEnum):
    """An account of one donor in one currency."""

    PLEDGED = "pledged"
    TO_BE_ALLOCATED = "to_be_allocated"
    FINANCIAL = "allocated:financial"
    HUMANITARIAN = "allocated:humanitarian"
    MILITARY = "allocated:military"


class Category(StrEnum):
    """What support is for."""

    FINANCIAL = "financial"
    HUMANITARIAN = "humanitarian"
    MILITARY = "military"


@dataclass(frozen=True, slots=True)
class Amounts:
    """What moves, by what it is for, in minor units; what is pledged is their sum.

    Attributes:
        financial: Allocated as money for the budget.
        humanitarian: Allocated for people in need.
        military: Allocated for defence.
        to_be_allocated: Pledged without saying yet for what; negative: drawn down.
    """

    __pydantic_config__: ClassVar[ConfigDict] = AS_STATED
    financial: Minor = 0
    humanitarian: Minor = 0
    military: Minor = 0
    to_be_allocated: Minor = 0

    def __post_init__(self) -> None:
        """Refuse amounts that are not kept exactly everywhere."""
        if self.gross > MOST and any(
            abs(amount) > MOST for amount in (self.allocated, *map(self.in_account, Account))
        ):
            raise ValueError("an amount is beyond 2**53 minor units; check its unit")

    @property
    def allocated(self) -> int:
        """What has been given a use."""
        return self.financial + self.humanitarian + self.military

    @property
    def pledged(self) -> int:
        """What was promised: allocated and to be allocated."""
        return self.allocated + self.to_be_allocated

    @property
    def gross(self) -> int:
        """The sizes of all parts together: no sum over any of them can be larger."""
        parts = (self.financial, self.humanitarian, self.military, self.to_be_allocated)
        return sum(abs(part) for part in parts)

    def in_category(self, category: Category) -> int:
        """Return what is allocated in a category."""
        match category:
            case Category.FINANCIAL:
                return self.financial
            case Category.HUMANITARIAN:
                return self.humanitarian
            case Category.MILITARY:
                return self.military

    def in_account(self, account: Account) -> int:
        """Return what moves in an account."""
        match account:
            case Account.PLEDGED:
                return self.pledged
            case Account.TO_BE_ALLOCATED:
                return self.to_be_allocated
            case Account.FINANCIAL:
                return self.financial
            case Account.HUMANITARIAN:
                return self.humanitarian
            case Account.MILITARY:
                return self.military

    def __add__(self, other: Amounts) -> Amounts:
        return Amounts(
            self.financial + other.financial,
            self.humanitarian + other.humanitarian,
            self.military + other.military,
            self.to_be_allocated + other.to_be_allocated,
        )

    def __neg__(self) -> Amounts:
        return Amounts(-self.financial, -self.humanitarian, -self.military, -self.to_be_allocated)


@dataclass(frozen=True, slots=True)
class Movement:
    """One movement of support, as its source has it.

    A thing given in kind has words, a number and a unit; it never has a place.

    Attributes:
        movement_id: Unique over the ledger.
        donor: Who gives: the agreement's id of it, or the source's code.
        period: The month or the day in which it moved.
        currency: By ISO 4217.
        amounts: What moved.
        item: In kind: what, in words; empty: not in kind, or not known.
        quantity: In kind: how many; None: not known.
        unit: In kind: of what size each is.
        stated_pledged: What the source itself gives as pledged; None: it does not say.
        stated_allocated: What the source itself gives as allocated; None: it does not say.
        row: Where it stands in its source file.
    """

    __pydantic_config__: ClassVar[ConfigDict] = AS_STATED
    movement_id: Id
    donor: Id
    period: Period
    currency: Currency
    amounts: Amounts = field(default_factory=Amounts)
    item: ItemText = ""
    quantity: Minor | None = None
    unit: ItemText = ""
    stated_pledged: Minor | None = None
    stated_allocated: Minor | None = None
    row: Annotated[int, Field(strict=True, ge=1, le=MOST)] | None = None

    def __post_init__(self) -> None:
        """Refuse a period that no calendar has, and a number of nothing."""
        bounds_of(self.period)
        if not self.item and (self.quantity is not None or self.unit):
            raise ValueError("a quantity needs an item: say what it is a quantity of")

    @property
    def draws_down(self) -> bool:
        """Whether it allocates from what was pledged before without allocation."""
        return self.amounts.to_be_allocated < 0

    @property
    def off_balance(self) -> str:
        """Where the source's own figures differ from the sum of its parts, in words; empty: nowhere."""
        found = [
            f"its parts make {written(made, self.currency)} {word}, its source states "
            f"{written(stated, self.currency)}: {written(stated - made, self.currency)} apart"
            for word, made, stated in (
                ("pledged", self.amounts.pledged, self.stated_pledged),
                ("allocated", self.amounts.allocated, self.stated_allocated),
            )
            if stated is not None and stated != made
        ]
        return "; ".join(found)


@dataclass(frozen=True, slots=True)
class Posting:
    """A movement as it stands in the ledger, or the counter-posting that reverses one.

    Attributes:
        movement_id: Of the movement, also in the counter-posting.
        donor: Who gives.
        currency: In which it is posted.
        period: The month or day as stated; a counter-posting has that of its movement.
        ends: The period's last day: from then on it counts.
        amounts: What moves.
        leaf_index: The record that states it.
        stated_by: The state or organisation that recorded it; empty: the mission did.
        reverses: Whether it is the counter-posting.
    """

    movement_id: str
    donor: str
    currency: str
    period: str
    ends: date
    amounts: Amounts
    leaf_index: int
    stated_by: str
    reverses: bool = False

    def reversed(self, leaf_index: int) -> Posting:
        """Return the counter-posting, as recorded in a later record."""
        return replace(self, amounts=-self.amounts, leaf_index=leaf_index, reverses=True)

    def states(self, movement: Movement) -> bool:
        """Tell whether it posts just what a movement says, whatever the movement's id is."""
        return (self.donor, self.currency, self.period, self.amounts) == (
            movement.donor,
            movement.currency,
            movement.period,
            movement.amounts,
        )


@dataclass(frozen=True, slots=True)
class Delivery:
    """A claim that something was delivered; it moves no account, and others may contradict it.

    Attributes:
        claim_id: Unique over the ledger.
        donor: Whose support.
        category: What it was for.
        amount: In minor units; None: not stated.
        currency: Of the amount; None: no amount is stated.
        quantity: How many; None: not stated.
        delivered_from: The month or day on which delivery began; None: not known.
        delivered_until: That on which it ended; None: not known.
        by: The last day of it, or the day of the record where that is not known.
        stated_by: The party, state or organisation that claims it; empty: the mission records it.
        leaf_index: The record with the words: what, by whose account, from which source.
    """

    claim_id: str
    donor: str
    category: Category
    amount: int | None
    currency: str | None
    quantity: int | None
    delivered_from: str | None
    delivered_until: str | None
    by: date
    stated_by: str
    leaf_index: int


@dataclass(frozen=True, slots=True)
class BookedFile:
    """A source file whose movements are booked.

    Attributes:
        parts: In how many records.
        booked: The leaf index of each part that is there.
    """

    parts: int
    booked: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Support:
    """The ledger: all that was posted, the claims of delivery beside it, and the files it came from.

    Attributes:
        movements: Every movement by its id, in the order of the log.
        reversals: The counter-posting of each movement that was reversed, by the movement's id.
        deliveries: Every claim of delivery by its id, in the order of the log.
        files: What was booked of which file, by the file's SHA-256.
        gross: The sizes of all that was posted, by currency: what keeps every sum within 2**53.
    """

    movements: Mapping[str, Posting] = field(default_factory=dict)
    reversals: Mapping[str, Posting] = field(default_factory=dict)
    deliveries: Mapping[str, Delivery] = field(default_factory=dict)
    files: Mapping[str, BookedFile] = field(default_factory=dict)
    gross: Mapping[str, int] = field(default_factory=dict)

    def postings(self) -> Iterator[Posting]:
        """Yield everything posted: the movements, then the counter-postings."""
        yield from self.movements.values()
        yield from self.reversals.values()

    def standing(self, movement_id: str) -> Posting | None:
        """Return a movement that stands; None: there is none, or it was reversed."""
        return None if movement_id in self.reversals else self.movements.get(movement_id)
