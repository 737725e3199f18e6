# SPDX-License-Identifier: Apache-2.0
"""Whatever a dishonest operator does, a named check of the party's catches it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.adversary.operator import DishonestOperator
from tests.evidence.conftest import make_leaf, sample_leaves

from truceline.evidence import prove
from truceline.evidence.verify import VerificationError, verify_log, verify_proof

COUNT = 300


@pytest.fixture
def operator(tmp_path: Path) -> DishonestOperator:
    return DishonestOperator(tmp_path / "log", sample_leaves(COUNT))


def caught(operator: DishonestOperator, *, kept: bool = False, folder: Path | None = None) -> str:
    """Return what the party's check says; fail if it finds nothing."""
    with pytest.raises(VerificationError) as error:
        verify_log(
            folder or operator.folder, operator.verifier_key, operator.kept_by_a_party if kept else None
        )
    assert error.value.where
    assert error.value.meaning
    return error.value.what


def test_the_honest_log_passes_every_check(operator: DishonestOperator) -> None:
    operator.grow(sample_leaves(COUNT + 20)[COUNT:])
    report = verify_log(operator.folder, operator.verifier_key, operator.kept_by_a_party)
    assert report.checkpoint.size == COUNT + 20
    assert not report.unsettled


@pytest.mark.parametrize("index", [0, 17, 255, 256, 299])
def test_dropping_an_entry_is_caught_by_the_kept_checkpoint(operator: DishonestOperator, index: int) -> None:
    operator.drop(index)
    assert "shrunk" in caught(operator, kept=True)


def test_dropping_an_entry_is_caught_without_anything_kept(operator: DishonestOperator) -> None:
    """Later authors had seen a longer log than the one that is shown."""
    operator.drop(17)
    assert "had seen" in caught(operator)


def test_dropping_the_middle_of_an_authors_records_leaves_a_gap_in_its_numbers(
    tmp_path: Path,
) -> None:
    blind = [make_leaf("north", number + 1, number) for number in range(10)]
    other = DishonestOperator(tmp_path / "blind", blind)
    other.drop(4)
    report = verify_log(other.folder, other.verifier_key)
    assert [account.missing for account in report.unsettled] == [((5, 5),)]


def test_dropping_and_adding_another_is_caught_by_consistency(operator: DishonestOperator) -> None:
    leaves = [*sample_leaves(COUNT)[:17], *sample_leaves(COUNT + 1)[18:]]
    operator.publish_instead(leaves)
    assert "earlier checkpoint" in caught(operator, kept=True) or "had seen" in caught(operator)


def test_reordering_is_caught_by_consistency(operator: DishonestOperator) -> None:
    operator.reorder(0, 1)
    assert caught(operator, kept=True)


def test_a_backdated_entry_is_caught_by_what_its_author_had_seen(operator: DishonestOperator) -> None:
    """A record put in far back names a checkpoint that was not there yet."""
    late = make_leaf("north", 5_000, number=9, seen_size=COUNT)
    operator.replace(3, late)
    assert "had seen 300 entries" in caught(operator)
    assert "earlier checkpoint" in caught_with_kept_only(operator, late)


def caught_with_kept_only(operator: DishonestOperator, late: bytes) -> str:
    """A backdated record that lies about what it had seen is caught by the kept checkpoint."""
    honest_looking = make_leaf("north", 5_000, number=9, seen_size=0)
    assert honest_looking != late
    operator.replace(3, honest_looking)
    return caught(operator, kept=True)


def test_an_entry_altered_and_everything_recomputed_is_caught_by_the_kept_checkpoint(
    operator: DishonestOperator,
) -> None:
    operator.replace(42, make_leaf("north", 22, number=1_000, seen_size=42))
    assert "earlier checkpoint" in caught(operator, kept=True)


def test_an_entry_altered_without_its_authors_key_is_caught_by_its_signature(
    operator: DishonestOperator,
) -> None:
    forged = operator.log.leaves[42].replace(b'"kind":"observation"', b'"kind":"observatioN"')
    assert forged != operator.log.leaves[42]
    operator.replace(42, forged)
    assert caught(operator)


def test_an_old_backup_put_back_is_caught_by_the_kept_checkpoint(
    operator: DishonestOperator, tmp_path: Path
) -> None:
    old = DishonestOperator(tmp_path / "old", sample_leaves(COUNT - 50))
    assert "shrunk" in caught(operator, kept=True, folder=old.folder)


def test_a_truncated_log_is_caught_by_the_kept_checkpoint(operator: DishonestOperator) -> None:
    operator.truncate(100)
    assert "shrunk" in caught(operator, kept=True)


def test_a_swapped_key_is_caught_by_the_key_that_the_party_holds(operator: DishonestOperator) -> None:
    operator.swap_the_key()
    assert "another key" in caught(operator)


def test_a_forged_signature_is_caught_by_the_key(operator: DishonestOperator) -> None:
    note = (operator.folder / "checkpoint").read_text().splitlines()
    note[1] = str(COUNT - 1)
    (operator.folder / "checkpoint").write_text("\n".join(note) + "\n")
    assert caught(operator)


def test_two_views_of_one_size_are_caught_when_the_parties_compare(
    operator: DishonestOperator, tmp_path: Path
) -> None:
    """A split view: each party sees a whole log; their checkpoints do not continue each other."""
    other = [*sample_leaves(COUNT)[:-1], make_leaf("south", COUNT // 2, number=777, seen_size=COUNT - 1)]
    view = DishonestOperator(tmp_path / "view", other)
    verify_log(operator.folder, operator.verifier_key)
    verify_log(view.folder, view.verifier_key)
    with pytest.raises(VerificationError, match="earlier checkpoint"):
        verify_log(view.folder, view.verifier_key, operator.kept_by_a_party)


def test_other_tiles_for_one_client_are_caught(operator: DishonestOperator, tmp_path: Path) -> None:
    other = DishonestOperator(
        tmp_path / "other", [make_leaf("north", number + 1, number + 5_000) for number in range(COUNT)]
    )
    names = [
        path.relative_to(operator.folder).as_posix()
        for path in sorted((operator.folder / "tile").rglob("*"))
        if path.is_file()
    ]
    assert len(names) >= 4
    for number, name in enumerate(names):
        mixed = tmp_path / f"mixed-{number}"
        operator.serve_other_tiles(other.folder, mixed, names=[name])
        assert caught(operator, folder=mixed)


def test_a_proof_does_not_serve_for_another_record(operator: DishonestOperator) -> None:
    proof = prove(operator.folder, 7)
    leaf, _ = verify_proof(proof.encode(), operator.verifier_key)
    assert leaf.author_seq == 4
    with pytest.raises(VerificationError):
        verify_proof(proof.encode(), operator.verifier_key, leaf=operator.log.leaves[8])
    with pytest.raises(VerificationError):
        verify_proof(proof.replace("index 7", "index 9").encode(), operator.verifier_key)
