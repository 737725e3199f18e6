# SPDX-License-Identifier: Apache-2.0
"""The agreement that an exercise is held under: laid over, gone on, marked, and sound."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.exercise.made import UNTIL
from tests.mission.made import PACKS

from truceline.agreement import Agreement, load_files, load_pack
from truceline.agreement.reading import Value
from truceline.errors import RejectedInput
from truceline.exercise.staging import CAVEAT, exercise_files, laid_over
from truceline.interval import Interval

ALL = ("blank", "easter-truce-2025", "lebanon-2024", "minsk", "paris-2026")
BEGINS = UNTIL - timedelta(days=30)


def staged(pack: str, begins: datetime = BEGINS, until: datetime = UNTIL) -> Agreement:
    folder = PACKS / pack / "exercise"
    overlay = {path.name: path.read_bytes() for path in folder.iterdir()} if folder.is_dir() else {}
    return load_files(exercise_files(dict(load_pack(PACKS / pack).files), overlay, begins, until))


@pytest.mark.parametrize("pack", ALL)
def test_every_shipped_pack_holds_throughout_and_says_exercise(pack: str) -> None:
    agreement = staged(pack)
    assert all(title.startswith("EXERCISE") for title in agreement.title.values())
    assert agreement.summary.startswith("EXERCISE")
    assert agreement.caveats[0] == CAVEAT
    assert any(one.start <= BEGINS and one.last >= UNTIL for one in agreement.in_force)
    assert agreement.clauses_on(Interval(BEGINS, UNTIL))


@pytest.mark.parametrize("pack", ["lebanon-2024", "minsk"])
def test_where_an_agreement_ended_its_end_is_lifted_and_nothing_else(pack: str) -> None:
    before, after = load_pack(PACKS / pack), staged(pack)
    assert [one.id for _, one in after.clauses_on(Interval(UNTIL))] == [
        clause.id for version in before.versions for clause in version.clauses
    ]
    assert after.parties == before.parties
    assert after.commission == before.commission
    assert [zone.zone_id for zone in after.zones] == [zone.zone_id for zone in before.zones]


def test_an_exercise_within_the_agreement_own_time_changes_no_date() -> None:
    begins, until = datetime(2017, 1, 1, tzinfo=UTC), datetime(2017, 2, 1, tzinfo=UTC)
    assert staged("minsk", begins, until).versions == load_pack(PACKS / "minsk").versions


def test_the_overlay_of_paris_adds_and_keeps() -> None:
    agreement = staged("paris-2026")
    assert [one.id for one in agreement.versions] == [
        "paris-declaration", "declaration-of-intent", "exercise-ceasefire",
    ]  # fmt: skip
    assert agreement.in_force[0].start == BEGINS
    assert agreement.commission.characterisations, "what the pack states stays"
    assert agreement.zone_at("exercise-line", BEGINS) is not None
    assert agreement.guarantees == load_pack(PACKS / "paris-2026").guarantees


def test_a_file_that_is_no_file_of_a_pack_is_refused() -> None:
    files = dict(load_pack(PACKS / "blank").files)
    with pytest.raises(RejectedInput, match="exercise"):
        exercise_files(files, {"agreement.yml": b"id: other"}, BEGINS, UNTIL)


values: st.SearchStrategy[Value] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.sampled_from(["id", "a", "b"]), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(values)
def test_nothing_laid_over_itself_changes_it_unless_ids_repeat(value: Value) -> None:
    once = laid_over(value, value)
    assert laid_over(once, once) == once


@given(values, values)
def test_what_is_laid_over_is_there_afterwards(below: Value, above: Value) -> None:
    if not isinstance(above, dict | list):
        assert laid_over(below, above) == above
    elif isinstance(above, dict) and isinstance(below, dict):
        laid = laid_over(below, above)
        assert isinstance(laid, dict)
        assert set(laid) == {*below, *above}
