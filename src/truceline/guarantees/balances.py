# SPDX-License-Identifier: Apache-2.0
"""What the support ledger says as of a day: balances, draw-downs, and deliveries beside allocations.

A movement counts from the last day of its period on, whenever it was recorded.  Where
``at`` is a moment, its UTC day counts; None: everything that is recorded.

Invariants: debits equal credits in every currency on every day; currencies are never
added together; claims of delivery are laid beside allocations and never summed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from truceline.guarantees.ledger import Account, Amounts, Category, Delivery, Posting, Support
from truceline.guarantees.money import day_of

DonorCurrency = tuple[str, str]
"""A donor's id and a currency."""


@dataclass(frozen=True, slots=True)
class Sides:
    """What was posted to an account, on either side, in minor units."""

    debit: int = 0
    credit: int = 0


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """Every account of one currency, over all donors."""

    accounts: Mapping[Account, Sides]

    @property
    def debits(self) -> int:
        """All debits together."""
        return sum(sides.debit for sides in self.accounts.values())

    @property
    def credits(self) -> int:
        """All credits together."""
        return sum(sides.credit for sides in self.accounts.values())


@dataclass(frozen=True, slots=True)
class Overdrawn:
    """A donor whose draw-downs went beyond what was recorded as pledged without allocation.

    It is a note and no fault: the pledge may be older than the source, or stand in a
    later month of it.

    Attributes:
        donor: Who.
        currency: In which.
        since: The first day at whose end the balance was below zero.
        lowest: The lowest that it was.
        balance: What it is now.
    """

    donor: str
    currency: str
    since: date
    lowest: int
    balance: int


@dataclass(frozen=True, slots=True)
class Beside:
    """What one donor allocated in a category, and what is claimed to have been delivered of it.

    Attributes:
        donor: Who.
        category: For what.
        allocated: By currency, in minor units.
        claims: Each claim by itself; they may contradict each other.
    """

    donor: str
    category: Category
    allocated: Mapping[str, int]
    claims: tuple[Delivery, ...]


def balances(ledger: Support, at: date | None = None) -> Mapping[DonorCurrency, Amounts]:
    """Return what each donor pledged, allocated and has yet to allocate, by donor and currency."""
    found: dict[DonorCurrency, Amounts] = {}
    for posting in _until(ledger, at):
        key = (posting.donor, posting.currency)
        found[key] = found.get(key, Amounts()) + posting.amounts
    return dict(sorted(found.items()))


def totals(ledger: Support, at: date | None = None) -> Mapping[str, Amounts]:
    """Return the balances of all donors together, by currency."""
    found: dict[str, Amounts] = {}
    for (_, currency), amounts in balances(ledger, at).items():
        found[currency] = found.get(currency, Amounts()) + amounts
    return dict(sorted(found.items()))


def to_be_allocated(ledger: Support, donor: str, at: date | None = None) -> Mapping[str, int]:
    """Return what a donor has pledged and not allocated, by currency, in minor units.

    Below zero: see ``overdrawn``.  A currency that is missing: nothing is recorded in it.
    """
    return {
        currency: amounts.to_be_allocated
        for (who, currency), amounts in balances(ledger, at).items()
        if who == donor
    }


def trial_balance(ledger: Support, at: date | None = None) -> Mapping[str, TrialBalance]:
    """Return the debits and credits of every account, by currency."""
    found: dict[str, dict[Account, Sides]] = {}
    for posting in _until(ledger, at):
        accounts = found.setdefault(posting.currency, dict.fromkeys(Account, Sides()))
        for account in Account:
            accounts[account] = _posted(accounts[account], account, posting.amounts.in_account(account))
    return {currency: TrialBalance(accounts) for currency, accounts in sorted(found.items())}


def draw_downs(ledger: Support, at: date | None = None) -> tuple[Posting, ...]:
    """Return the movements that stand and allocate from what was pledged before, by period and donor."""
    return _sorted(
        one
        for one in _until(ledger, at)
        if one.amounts.to_be_allocated < 0 and not one.reverses and one.movement_id not in ledger.reversals
    )


def negative_movements(ledger: Support, at: date | None = None) -> tuple[Posting, ...]:
    """Return everything posted with a negative amount: draw-downs, and corrections as what they are."""
    return _sorted(
        one for one in _until(ledger, at) if any(one.amounts.in_account(account) < 0 for account in Account)
    )


def overdrawn(ledger: Support, at: date | None = None) -> tuple[Overdrawn, ...]:
    """Return the donors whose balance to be allocated was below zero on any day, with how far."""
    moved: dict[DonorCurrency, dict[date, int]] = {}
    for one in _until(ledger, at):
        days = moved.setdefault((one.donor, one.currency), {})
        days[one.ends] = days.get(one.ends, 0) + one.amounts.to_be_allocated
    found = []
    for (donor, currency), days in sorted(moved.items()):
        balance, below = 0, []
        for day in sorted(days):
            balance += days[day]
            if balance < 0:
                below.append((day, balance))
        if below:
            lowest = min(amount for _, amount in below)
            found.append(Overdrawn(donor, currency, below[0][0], lowest, balance))
    return tuple(found)


def told_twice(ledger: Support, at: date | None = None) -> tuple[str, ...]:
    """Return the donors with standing movements from more than one side: the same money may count twice.

    Which account is to stand is for people to say, with ``correct-movement``.
    """
    sides: dict[str, set[str]] = {}
    for one in _until(ledger, at):
        if not one.reverses and one.movement_id not in ledger.reversals:
            sides.setdefault(one.donor, set()).add(one.stated_by)
    return tuple(sorted(donor for donor, found in sides.items() if len(found) > 1))


def deliveries_beside(ledger: Support, at: date | None = None) -> tuple[Beside, ...]:
    """Return, by donor and category, what was allocated and every claim of what was delivered."""
    claims: dict[tuple[str, Category], list[Delivery]] = {}
    for claim in ledger.deliveries.values():
        if at is None or claim.by <= day_of(at):
            claims.setdefault((claim.donor, claim.category), []).append(claim)
    allocated: dict[tuple[str, Category], dict[str, int]] = {}
    for (donor, currency), amounts in balances(ledger, at).items():
        for category in Category:
            if amounts.in_category(category):
                allocated.setdefault((donor, category), {})[currency] = amounts.in_category(category)
    return tuple(
        Beside(*key, allocated.get(key, {}), tuple(claims.get(key, ())))
        for key in sorted(claims.keys() | allocated.keys())
    )


def _until(ledger: Support, at: date | None) -> Iterator[Posting]:
    last = date.max if at is None else day_of(at)
    return (posting for posting in ledger.postings() if posting.ends <= last)


def _sorted(postings: Iterator[Posting]) -> tuple[Posting, ...]:
    return tuple(sorted(postings, key=lambda one: (one.ends, one.donor, one.movement_id, one.reverses)))


def _posted(sides: Sides, account: Account, amount: int) -> Sides:
    """Return an account after an amount: pledges are credits, uses are debits, negatives the reverse."""
    if (account is Account.PLEDGED) == (amount > 0):
        return Sides(sides.debit, sides.credit + abs(amount))
    return Sides(sides.debit + abs(amount), sides.credit)
