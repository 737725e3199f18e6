# SPDX-License-Identifier: Apache-2.0
"""Whatever is missing of a record, two people signed for, or verification fails."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.backends import Backend, edit, sql
from tests.mission.erasing import (
    SECOND,
    VICTIM,
    destroy,
    latest,
)
from tests.mission.made import CLOCK, ROOT, entropy

from truceline.errors import RuleViolation
from truceline.evidence import SigningKey, VerificationError, fields_payload, withhold
from truceline.mission import (
    Mission,
    mission_status,
    open_mission,
    rebuild,
    run,
    verify_mission,
)
from truceline.mission.erasure.erase import erase
from truceline.mission.erasure.erased import Erasure
from truceline.mission.ledger import RESTORED, Draft, Ledger
from truceline.mission.recovery.backup import back_up, unpack
from truceline.mission.sealing import not_here
from truceline.storage import RecordRow
from truceline.vocabulary import Tier

pytestmark = pytest.mark.over_both


def test_the_same_key_twice_is_refused_and_nothing_changes(taken: Mission) -> None:
    before = mission_status(taken).tree_size
    with pytest.raises(RuleViolation, match="two people"):
        erase(taken, "3", authority="A", ground="B", second=taken.ledger.author)
    assert mission_status(taken).tree_size == before


def forged(
    ledger: Ledger, record: RecordRow, change: Callable[[Erasure], Erasure], signer: SigningKey
) -> Draft:
    """Return an erasure that the operator made up."""
    first = ledger.author.author
    made = Erasure(
        ledger.origin, record.record_id, record.leaf_index, (Tier.COMMISSION,), None, "A", "B", first,
        SECOND.author,
    )  # fmt: skip
    made = change(made)
    signature = base64.b64encode(signer.sign(made.signed_bytes())).decode()
    payload = fields_payload({Tier.PUBLIC: {**made.fields(), "signature": signature}})
    return Draft("erasure", payload, refs=(record.record_id,))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda made: made, "does not verify"),
        (lambda made: replace(made, second=made.first), "two different signers"),
        (lambda made: replace(made, first=SECOND.author), "two different signers"),
        (lambda made: replace(made, record_id="rec-" + "0" * 32), "refer to the record"),
        (lambda made: replace(made, second="nobody"), "not an Ed25519 key"),
    ],
)
def test_an_erasure_that_two_did_not_sign_is_caught(
    taken: Mission, change: Callable[[Erasure], Erasure], says: str
) -> None:
    draft = forged(taken.ledger, latest(taken, "observations"), change, taken.ledger.author)
    with taken.ledger.writing() as writer:
        writer.append(draft)
    with pytest.raises(VerificationError, match=says):
        verify_mission(taken)


def test_an_erasure_that_states_half_is_caught(taken: Mission) -> None:
    record = latest(taken, "observations")
    payload = fields_payload({Tier.PUBLIC: {"record": record.record_id, "leaf_index": record.leaf_index}})
    with taken.ledger.writing() as writer:
        writer.append(Draft("erasure", payload, refs=(record.record_id,)))
    with pytest.raises(VerificationError, match="does not state"):
        verify_mission(taken)


@pytest.mark.parametrize("elsewhere", [{"leaf_index": 2}, {"leaf_index": 99}, {"origin": "another/log"}])
def test_an_erasure_cannot_point_at_another_place_than_its_record(
    taken: Mission, elsewhere: dict[str, str | int]
) -> None:
    record = latest(taken, "observations")
    draft = forged(taken.ledger, record, lambda made: replace(made, **elsewhere), SECOND)  # type: ignore[arg-type]
    with taken.ledger.writing() as writer:
        writer.append(draft)
    with pytest.raises(VerificationError, match="name a record of this log"):
        verify_mission(taken)


def test_content_dropped_without_an_erasure_is_caught(taken: Mission) -> None:
    index = latest(taken, "observations").leaf_index
    edit(taken, sql("DELETE FROM openings WHERE leaf_index = :index", index=index))
    with pytest.raises(VerificationError, match="opens the tier is gone"):
        verify_mission(taken)


def test_leaves_taken_back_after_a_restore_are_named_and_the_mission_verifies(
    taken: Mission, backend: Backend, tmp_path: Path
) -> None:
    """A backup from before an erasure and a run, with their leaves from the published log."""
    back_up(taken, tmp_path / "b.tar", with_keys=True)
    done = destroy(taken, item=VICTIM)
    run(taken)
    with taken.store.read() as transaction:
        later = list(transaction.records())[done.erased_by :]
        heads = [transaction.head_at(one.leaf_index + 1) for one in later]
    unpack(tmp_path / "b.tar", tmp_path / "backup", database_url=backend.url())
    (tmp_path / "backup" / RESTORED).unlink()
    again = open_mission(tmp_path / "backup", clock=CLOCK, entropy=entropy(9))
    with again.store.write() as writing:
        for one, head in zip(later, heads, strict=True):
            assert head is not None
            writing.add_record(replace(one, openings=(), wrapped=()))
            writing.add_head(head)
    verify_mission(again)
    rebuild(again)
    with again.store.read() as transaction:
        said = not_here(again.ledger.tier_keys, transaction)
    assert "2 records was lost" in said
    assert f"erase it again: {done.erasure.record_id}" in said
    again.close()


def test_an_erasure_of_one_row_does_not_cover_another(taken: Mission) -> None:
    """The operator withholds row 0 behind the erasure of row 5."""
    destroy(taken, item=VICTIM)
    record = latest(taken, "observations")
    left = withhold(taken.ledger.openings(record)[Tier.COMMISSION], [0])
    kept = taken.ledger.keep(record.record_id, Tier.COMMISSION, left)
    with taken.store.write() as transaction:
        transaction.erasing.strike(record.leaf_index, "commission")
        transaction.erasing.put(record.leaf_index, "commission", *kept)
    with pytest.raises(VerificationError, match="item 0 is gone"):
        verify_mission(taken)


def test_the_security_page_states_the_formats_and_every_option() -> None:
    page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    stated = Erasure("o", "r", 0, (Tier.PUBLIC,), None, "a", "g", "f", "s").fields()
    options = ("--row", "--tier", "--field", "--authority", "--ground", "--second-key")
    for word in (*stated, "signature", "truceline/erasure/v1", "truceline/sealed/v1", "tier-keys", *options):
        assert f"`{word}`" in page or f"{word} " in page, word
