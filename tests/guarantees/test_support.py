# SPDX-License-Identifier: Apache-2.0
"""EXERCISE: the support ledger under the agreement of the valley.  Every amount is made up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from tests.procedure.made import (
    DUTY,
    HEAD,
    LIAISON_A,
    LIAISON_B,
    SECRETARY,
    START,
    Course,
    X,
    Y,
    member,
    valley,
)

from truceline.agreement import Rule
from truceline.errors import RejectedInput, RuleViolation
from truceline.evidence import JSON
from truceline.guarantees.balances import (
    balances,
    deliveries_beside,
    draw_downs,
    negative_movements,
    overdrawn,
    to_be_allocated,
    told_twice,
    totals,
    trial_balance,
)
from truceline.guarantees.ledger import Account, Amounts, Category, Movement, Support
from truceline.guarantees.money import MOST
from truceline.guarantees.support import (
    STEPS,
    BookMovements,
    ClaimDelivery,
    CorrectMovement,
    RecordMovement,
    SourceDonor,
    take,
)
from truceline.mechanism import STEPS as ALL_STEPS
from truceline.mechanism import Mechanism
from truceline.procedure import Capacity, Entry, Step, Who, decode, encode, read_step
from truceline.vocabulary import Tier

ANALYST = Who("analyst", Capacity.ANALYST)
SOURCE = "EXERCISE - statement of the ministry"
SHA = "ab" * 32


def moved(movement_id: str = "m-1", period: str = "2030-01", donor: str = "X", **amounts: int) -> Movement:
    return Movement(movement_id, donor, period, "EUR", Amounts(**amounts))


def recorded(*movements: Movement) -> Course:
    course = Course()
    for one in movements:
        course.take(DUTY, RecordMovement(one, SOURCE))
    return course


def refused(course: Course, who: Who, step: Step) -> RuleViolation:
    before = course.state
    with pytest.raises(RuleViolation) as caught:
        course.take(who, step)
    assert course.state is before
    return caught.value


def delivery(claim_id: str = "d-1", donor: str = "X", **fields: str | int | None) -> ClaimDelivery:
    values: dict[str, str | int | None] = {
        "claim_id": claim_id,
        "donor": donor,
        "category": "military",
        "what": "EXERCISE - lorries",
        "said_by": "the ministry of X",
        "source": SOURCE,
        "quantity": 12,
        "unit": "lorry",
        **fields,
    }
    step = read_step(ClaimDelivery, values, "test")
    assert isinstance(step, ClaimDelivery)
    return step


# Balance.


def test_what_is_pledged_is_the_sum_of_its_parts() -> None:
    amounts = Amounts(financial=1, humanitarian=20, military=300, to_be_allocated=4_000)
    assert (amounts.pledged, amounts.allocated) == (4_321, 321)
    assert [amounts.in_account(account) for account in Account] == [4_321, 4_000, 1, 20, 300]


def test_no_movement_can_be_made_out_of_balance() -> None:
    with pytest.raises(TypeError, match="pledged"):
        Amounts(financial=5, pledged=6)  # type: ignore[call-arg]
    movement: Mapping[str, JSON] = {
        "movement_id": "m",
        "donor": "X",
        "period": "2030-01",
        "currency": "EUR",
        "amounts": {"financial": 5, "pledged": 6},
    }
    with pytest.raises(RejectedInput, match="pledged"):
        read_step(RecordMovement, {"movement": movement, "source": SOURCE}, "test")


def test_a_source_whose_figures_do_not_add_up_is_refused_with_its_row_and_the_difference() -> None:
    off = replace(moved(military=1_000_00, to_be_allocated=-1), stated_pledged=1_000_00, row=17)
    error = refused(Course(), DUTY, RecordMovement(off, SOURCE))
    assert error.rule == Rule.BALANCE
    assert "m-1 (row 17)" in error.summary
    assert "EUR 0.01 apart" in error.summary
    assert "EUR 999.99 pledged" in error.summary


def test_a_source_whose_allocations_do_not_add_up_is_refused() -> None:
    off = replace(moved(military=500), stated_allocated=501)
    assert refused(Course(), DUTY, RecordMovement(off, SOURCE)).rule == Rule.BALANCE


def test_one_movement_out_of_balance_refuses_its_whole_file_and_all_such_are_named() -> None:
    off = [replace(moved(f"m-{at}", military=at), stated_pledged=0, row=at + 2) for at in range(14)]
    error = refused(Course(), ANALYST, BookMovements(SOURCE, SHA, tuple(off)))
    assert error.rule == Rule.BALANCE
    assert "m-1 (row 3)" in error.summary
    assert "and 3 more" in error.summary
    assert "m-0" not in error.summary


AMOUNT = st.integers(-(10**12), 10**12)
MOVEMENTS = st.lists(
    st.tuples(
        st.sampled_from(["X", "Y", "Z"]),
        st.sampled_from(["EUR", "USD", "JPY"]),
        st.dates(date(2029, 1, 1), date(2031, 12, 31)),
        st.builds(Amounts, AMOUNT, AMOUNT, AMOUNT, AMOUNT),
        st.booleans(),
    ),
    max_size=25,
)


@given(MOVEMENTS, st.dates(date(2028, 1, 1), date(2032, 1, 1)))
def test_debits_equal_credits_on_every_day_whatever_was_recorded(
    drawn: list[tuple[str, str, date, Amounts, bool]], at: date
) -> None:
    course = Course()
    for number, (donor, currency, day, amounts, corrected) in enumerate(drawn):
        one = Movement(f"m-{number}", donor, day.isoformat(), currency, amounts)
        course.take(DUTY, RecordMovement(one, SOURCE))
        if corrected:
            course.take(DUTY, CorrectMovement(one.movement_id, "EXERCISE"))
    ledger = course.state.support
    for balance in trial_balance(ledger, at).values():
        assert balance.debits == balance.credits
    expected: Counter[tuple[str, str]] = Counter()
    for donor, currency, day, amounts, corrected in drawn:
        if day <= at:
            expected[donor, currency] += 0 if corrected else amounts.pledged
    held = balances(ledger, at)
    assert {key: amounts.pledged for key, amounts in held.items()} == dict(expected)
    for currency, amounts in totals(ledger, at).items():
        trial = trial_balance(ledger, at)[currency].accounts
        for account in Account:
            sign = 1 if account is Account.PLEDGED else -1
            assert sign * (trial[account].credit - trial[account].debit) == amounts.in_account(account)


def test_a_movement_counts_from_the_last_day_of_its_period_on() -> None:
    ledger = recorded(moved(to_be_allocated=7)).state.support
    assert to_be_allocated(ledger, "X", date(2030, 1, 30)) == {}
    assert to_be_allocated(ledger, "X", date(2030, 1, 31)) == {"EUR": 7}
    assert to_be_allocated(ledger, "X", datetime(2030, 1, 31, 3, tzinfo=UTC)) == {"EUR": 7}
    assert to_be_allocated(ledger, "Y", date(2030, 1, 31)) == {}


def test_currencies_are_kept_apart() -> None:
    course = recorded(moved(financial=5), replace(moved("m-2", financial=7), currency="USD"))
    held = totals(course.state.support)
    assert {currency: amounts.pledged for currency, amounts in held.items()} == {"EUR": 5, "USD": 7}


# Draw-downs and corrections.


def test_a_draw_down_moves_from_to_be_allocated_and_is_shown_as_negative() -> None:
    course = recorded(
        moved("pledge", "2030-01", to_be_allocated=100),
        moved("use", "2030-02", military=60, to_be_allocated=-60),
    )
    ledger = course.state.support
    assert balances(ledger) == {("X", "EUR"): Amounts(military=60, to_be_allocated=40)}
    (drawn,) = draw_downs(ledger)
    assert (drawn.movement_id, drawn.amounts.to_be_allocated) == ("use", -60)
    assert negative_movements(ledger) == (drawn,)
    assert draw_downs(ledger, date(2030, 1, 31)) == ()
    assert overdrawn(ledger) == ()


def test_a_balance_below_zero_is_neither_refused_nor_hidden() -> None:
    course = recorded(
        moved("m-1", "2030-01", military=5, to_be_allocated=-5),
        moved("m-2", "2030-02", military=9, to_be_allocated=-9),
        moved("m-3", "2030-03", to_be_allocated=20),
    )
    ledger = course.state.support
    (note,) = overdrawn(ledger)
    assert (note.donor, note.since, note.lowest, note.balance) == ("X", date(2030, 1, 31), -14, 6)
    assert to_be_allocated(ledger, "X", date(2030, 2, 28)) == {"EUR": -14}


def test_movements_of_one_day_are_not_ordered_against_each_other() -> None:
    course = recorded(moved("m-1", military=5, to_be_allocated=-5), moved("m-2", to_be_allocated=5))
    assert overdrawn(course.state.support) == ()


def test_a_correction_is_a_counter_posting_and_removes_nothing() -> None:
    course = recorded(moved(financial=100))
    entry = course.take(SECRETARY, CorrectMovement("m-1", "EXERCISE - counted twice"))
    ledger = course.state.support
    assert balances(ledger) == {("X", "EUR"): Amounts()}
    assert [one.amounts.financial for one in ledger.postings()] == [100, -100]
    (shown,) = negative_movements(ledger)
    assert (shown.movement_id, shown.reverses, shown.leaf_index) == ("m-1", True, entry.leaf_index)
    assert trial_balance(ledger)["EUR"].debits == 200


def test_a_reversed_draw_down_is_no_draw_down_but_both_stay_in_sight() -> None:
    course = recorded(moved(military=5, to_be_allocated=-5))
    course.take(DUTY, CorrectMovement("m-1", "EXERCISE"))
    ledger = course.state.support
    assert draw_downs(ledger) == ()
    assert [one.reverses for one in negative_movements(ledger)] == [False, True]
    assert ledger.standing("m-1") is None


def test_a_movement_is_reversed_once() -> None:
    course = recorded(moved(financial=100))
    course.take(DUTY, CorrectMovement("m-1", "EXERCISE"))
    assert refused(course, DUTY, CorrectMovement("m-1", "EXERCISE")).rule == Rule.ONCE


def test_what_was_never_recorded_is_not_reversed() -> None:
    assert refused(Course(), DUTY, CorrectMovement("m-1", "EXERCISE")).rule == Rule.KNOWN_MATTER


def test_each_corrects_its_own_account_alone() -> None:
    course = recorded(moved("ours", financial=1))
    course.take(X, RecordMovement(moved("theirs", financial=2), SOURCE))
    assert refused(course, X, CorrectMovement("ours", "EXERCISE")).rule == Rule.ON_BEHALF
    assert refused(course, DUTY, CorrectMovement("theirs", "EXERCISE")).rule == Rule.ON_BEHALF
    assert refused(course, Y, CorrectMovement("theirs", "EXERCISE")).rule == Rule.ON_BEHALF
    course.take(X, CorrectMovement("theirs", "EXERCISE"))
    assert totals(course.state.support)["EUR"] == Amounts(financial=1)


def test_a_donor_with_two_accounts_of_its_support_is_named() -> None:
    course = recorded(moved("ours", financial=1), moved("of-y", donor="Y", financial=1))
    assert told_twice(course.state.support) == ()
    course.take(X, RecordMovement(moved("theirs", financial=1), SOURCE))
    assert told_twice(course.state.support) == ("X",)
    course.take(DUTY, CorrectMovement("ours", "EXERCISE - the donor states it itself"))
    assert told_twice(course.state.support) == ()


# Who records what.


def test_a_donor_speaks_for_itself() -> None:
    assert refused(Course(), Y, RecordMovement(moved(), SOURCE)).rule == Rule.ON_BEHALF
    assert Course().take(X, RecordMovement(moved(), SOURCE)).who == X


@pytest.mark.parametrize("who", [HEAD, LIAISON_A, member("chair"), Who("a", Capacity.PUBLIC)])
def test_nobody_else_moves_an_account(who: Who) -> None:
    course = recorded(moved("m-0"))
    for step in (
        RecordMovement(moved(), SOURCE),
        BookMovements(SOURCE, SHA, (moved(),)),
        CorrectMovement("m-0", "EXERCISE"),
    ):
        assert refused(course, who, step).rule == Rule.CAPACITY


def test_a_donor_books_no_files() -> None:
    assert refused(Course(), X, BookMovements(SOURCE, SHA, (moved(),))).rule == Rule.CAPACITY


def test_a_movement_is_recorded_once() -> None:
    course = recorded(moved())
    assert refused(course, X, RecordMovement(moved(), SOURCE)).rule == Rule.ONCE
    twice = BookMovements(SOURCE, SHA, (moved("m-2"), replace(moved("m-2"), row=3)))
    error = refused(course, DUTY, twice)
    assert error.rule == Rule.ONCE
    assert "m-2 (row 3)" in error.summary


# Files.


def test_a_file_is_booked_once() -> None:
    course = Course()
    course.take(ANALYST, BookMovements(SOURCE, SHA, (moved(),)))
    assert refused(course, DUTY, BookMovements(SOURCE, SHA, (moved("m-2"),))).rule == Rule.ONCE


def test_a_large_file_is_booked_in_parts_each_once() -> None:
    course = Course()
    course.take(DUTY, BookMovements(SOURCE, SHA, (moved("m-1"),), part=1, parts=2))
    again = BookMovements(SOURCE, SHA, (moved("m-9"),), part=1, parts=2)
    assert refused(course, DUTY, again).rule == Rule.ONCE
    otherwise = BookMovements(SOURCE, SHA, (moved("m-9"),), part=3, parts=3)
    assert refused(course, DUTY, otherwise).rule == Rule.ONCE
    course.take(DUTY, BookMovements(SOURCE, SHA, (moved("m-2"),), part=2, parts=2))
    assert list(course.state.support.files[SHA].booked) == [1, 2]


def test_a_file_of_two_parts_has_no_third() -> None:
    step = BookMovements(SOURCE, SHA, (moved(),), part=3, parts=2)
    assert refused(Course(), DUTY, step).rule == Rule.KNOWN_MATTER


def test_a_later_edition_reverses_what_it_states_otherwise() -> None:
    course = Course()
    course.take(DUTY, BookMovements(SOURCE, SHA, (moved("m-1", financial=5), moved("m-2", financial=1))))
    later = BookMovements(SOURCE, "cd" * 32, (moved("m-1.2", financial=6),), restates=("m-1",))
    course.take(DUTY, later)
    assert totals(course.state.support)["EUR"] == Amounts(financial=7)
    assert len(list(course.state.support.postings())) == 4
    again = BookMovements(SOURCE, "ef" * 32, (moved("m-1.3"),), restates=("m-1",))
    assert refused(course, DUTY, again).rule == Rule.ONCE


@pytest.mark.parametrize("sha256", ["", "AB" * 32, "ab" * 31, "zz" * 32])
def test_a_file_is_known_by_its_digest(sha256: str) -> None:
    with pytest.raises(RejectedInput, match="sha256"):
        read_step(BookMovements, {"source": SOURCE, "sha256": sha256, "movements": []}, "test")


# Delivery.


def test_a_delivery_moves_no_account() -> None:
    course = recorded(moved(military=100, to_be_allocated=50))
    before = balances(course.state.support), trial_balance(course.state.support)
    course.take(X, delivery(amount=70, currency="EUR"))
    assert (balances(course.state.support), trial_balance(course.state.support)) == before


def test_claims_that_contradict_each_other_stand_side_by_side() -> None:
    course = recorded(moved(military=100))
    course.take(X, delivery("d-1", quantity=12))
    course.take(LIAISON_B, delivery("d-2", quantity=7, said_by="the ministry of B"))
    course.take(DUTY, delivery("d-3", quantity=0, said_by="a monitor"))
    (beside,) = deliveries_beside(course.state.support)
    assert (beside.donor, beside.category, beside.allocated) == ("X", Category.MILITARY, {"EUR": 100})
    assert [(one.quantity, one.stated_by) for one in beside.claims] == [(12, "X"), (7, "B"), (0, "")]


def test_a_delivery_is_shown_where_nothing_was_allocated_and_the_reverse() -> None:
    course = recorded(moved(humanitarian=3))
    course.take(Y, delivery(donor="Y"))
    besides = deliveries_beside(course.state.support)
    assert [(one.donor, one.category.value, len(one.claims)) for one in besides] == [
        ("X", "humanitarian", 0),
        ("Y", "military", 1),
    ]


def test_a_delivery_counts_from_its_end_or_from_when_it_was_recorded() -> None:
    course = Course()
    course.take(X, delivery("dated", delivered_from="2029-11", delivered_until="2029-12-05"))
    course.take(X, delivery("undated"))

    def claims(at: date) -> list[str]:
        return [one.claim_id for each in deliveries_beside(course.state.support, at) for one in each.claims]

    assert claims(date(2029, 12, 4)) == []
    assert claims(date(2029, 12, 5)) == ["dated"]
    assert claims(START.date()) == ["dated", "undated"]


@pytest.mark.parametrize(
    "fields",
    [
        {"quantity": None},
        {"amount": 5},
        {"currency": "EUR"},
        {"delivered_from": "2029-12-05", "delivered_until": "2029-12-04"},
        {"delivered_from": "2030-02"},
        {"delivered_until": "2030-01-20"},
    ],
)
def test_a_claim_of_delivery_says_how_much_and_of_what_time(fields: dict[str, str | int | None]) -> None:
    assert refused(Course(), X, delivery("d-1", "X", **fields)).rule == Rule.DELIVERY


def test_a_delivery_in_the_month_that_still_runs_can_be_claimed() -> None:
    course = Course()
    course.take(X, delivery(delivered_from="2030-01", delivered_until="2030-01"))
    assert course.state.support.deliveries["d-1"].by == date(2030, 1, 31)


def test_a_claim_of_delivery_has_an_id_of_its_own() -> None:
    course = Course()
    course.take(X, delivery())
    assert refused(course, LIAISON_A, delivery(quantity=1)).rule == Rule.ONCE


def test_who_claims_a_delivery_speaks_for_a_side() -> None:
    course = Course()
    assert refused(course, Y, delivery(donor="X")).rule == Rule.ON_BEHALF
    assert refused(course, Who("z", Capacity.LIAISON, "Z"), delivery()).rule == Rule.ON_BEHALF
    assert refused(course, HEAD, delivery()).rule == Rule.CAPACITY


def test_nothing_in_kind_has_a_place() -> None:
    with pytest.raises(RejectedInput, match="place"):
        delivery(place="EXERCISE")


# What steps hold.


def test_everything_of_support_is_public_but_the_person() -> None:
    for step in (RecordMovement(moved(), SOURCE), delivery()):
        stated = encode(step, X)
        assert set(stated) == {Tier.PUBLIC, Tier.COMMISSION}
        assert set(stated[Tier.COMMISSION]) == {"person"}


def test_the_steps_of_support_are_registered() -> None:
    assert {step.name for step in STEPS} <= set(ALL_STEPS)
    assert {step.kind for step in STEPS} == {"support"}


def test_a_step_is_read_as_it_was_written() -> None:
    kind = replace(
        moved(military=5), item="EXERCISE - lorry", quantity=3, unit="7 t", stated_pledged=5, row=2
    )
    donors = (SourceDonor("XXX", "State X", "X"),)
    for step in (
        RecordMovement(kind, SOURCE),
        BookMovements(SOURCE, SHA, (kind, moved("m-2", to_be_allocated=-1)), ("m-0",), donors, 2, 3),
        CorrectMovement("m-1", "EXERCISE"),
        delivery(amount=1, currency="EUR", delivered_from="2030-01"),
    ):
        stated = {name: value for held in encode(step, DUTY).values() for name, value in held.items()}
        assert decode(ALL_STEPS, stated, "test") == (step, DUTY)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("financial", 1.0),
        ("financial", "1"),
        ("financial", True),
        ("financial", 2**53),
        ("financial", -(2**53)),
        ("financial", float("nan")),
    ],
)
def test_an_amount_is_a_whole_number_that_is_kept_exactly(field: str, value: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Amounts).validate_python({field: value})


def test_parts_whose_sum_is_not_kept_exactly_are_refused() -> None:
    with pytest.raises(ValueError, match="2\\*\\*53"):
        Amounts(financial=MOST, military=1)
    assert Amounts(financial=MOST, to_be_allocated=-MOST).pledged == 0


def test_the_ledger_never_sums_beyond_what_is_kept_exactly() -> None:
    course = Course()
    for number in range(2):
        course.take(DUTY, RecordMovement(moved(f"m-{number}", financial=MOST // 4), SOURCE))
    error = refused(course, DUTY, RecordMovement(moved("m-3", financial=4), SOURCE))
    assert error.rule == Rule.BALANCE
    refused(course, DUTY, CorrectMovement("m-0", "EXERCISE"))
    course.take(DUTY, RecordMovement(replace(moved("m-3", financial=4), currency="USD"), SOURCE))


def test_a_quantity_is_of_something() -> None:
    with pytest.raises(ValueError, match="item"):
        Movement("m", "X", "2030-01", "EUR", quantity=3)


IDS = st.from_regex(r"[a-c]{1}", fullmatch=True)
PERIODS = st.dates(date(1900, 1, 1), date(2199, 12, 31)).map(date.isoformat) | st.just("2199-12")
BIG = st.integers(-MOST // 4, MOST // 4)
ANY_MOVEMENT = st.builds(
    Movement,
    IDS,
    st.sampled_from(["X", "A", "nobody"]),
    PERIODS,
    st.sampled_from(["EUR", "JPY"]),
    st.builds(Amounts, BIG, BIG, BIG, BIG),
    st.text(min_size=1, max_size=9),
    st.none() | st.integers(-MOST, MOST),
    st.text(max_size=9),
    st.none() | BIG,
)
COUNTS = st.none() | st.integers(0, MOST)
ANY_STEP = st.one_of(
    st.builds(RecordMovement, ANY_MOVEMENT, st.text(min_size=1, max_size=9)),
    st.builds(
        BookMovements,
        st.text(min_size=1, max_size=9),
        st.sampled_from([SHA, "cd" * 32]),
        st.lists(ANY_MOVEMENT, min_size=1, max_size=4).map(tuple),
        st.lists(IDS, max_size=2).map(tuple),
        st.just(()),
        st.integers(1, 3),
        st.integers(1, 3),
    ),
    st.builds(CorrectMovement, IDS, st.text(min_size=1, max_size=9)),
    st.builds(
        ClaimDelivery,
        IDS,
        st.sampled_from(["X", "A"]),
        st.sampled_from(Category),
        st.just("EXERCISE"),
        st.just("EXERCISE"),
        st.just("EXERCISE"),
        COUNTS,
        st.none() | st.just("EUR"),
        COUNTS,
        st.just(""),
        st.none() | PERIODS,
        st.none() | PERIODS,
    ),
)


@given(st.lists(st.tuples(ANY_STEP, st.sampled_from([X, Y, DUTY, LIAISON_A, HEAD])), max_size=12))
def test_every_step_is_taken_or_refused_by_a_named_rule(steps: list[tuple[Step, Who]]) -> None:
    state, refusals = Support(), []
    for at, (step, who) in enumerate(steps):
        try:
            state = take(state, Entry(at, START, who, step), valley())
        except RuleViolation as error:
            refusals.append(error)
    assert all(error.rule in set(Rule) and error.summary for error in refusals)
    for balance in trial_balance(state).values():
        assert balance.debits == balance.credits <= MOST
    overdrawn(state)
    deliveries_beside(state)


def test_an_empty_ledger_has_nothing_and_says_nothing() -> None:
    ledger = Mechanism().support
    for query in (balances, totals, trial_balance, draw_downs, overdrawn, told_twice, deliveries_beside):
        assert len(query(ledger)) == 0
