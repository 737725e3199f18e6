# SPDX-License-Identifier: Apache-2.0
"""What is sealed needs its key, and a lost key costs its tier and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.backends import edit, sql
from tests.mission.erasing import (
    SECRET,
    VICTIM,
    destroy,
    latest,
    reopened,
)
from tests.mission.made import MakeTable, entropy, row

from truceline.errors import RejectedInput, StorageFailure
from truceline.evidence import opening_from_bytes
from truceline.evidence.sealing import TierKey, unseal
from truceline.mission import (
    Mission,
    ingest,
    rebuild,
    recorded_observations,
    verify_mission,
)
from truceline.mission.sealing import TierKeys, key_file, unopened
from truceline.vocabulary import Tier

pytestmark = pytest.mark.over_both


def test_what_is_not_public_lies_sealed_in_the_vault(taken: Mission) -> None:
    record = latest(taken, "observations")
    assert [tier for tier, _ in record.wrapped] == ["commission"]
    with pytest.raises(StorageFailure):
        opening_from_bytes(taken.ledger.vault.get(dict(record.openings)["commission"]))
    assert latest(taken, "claims").wrapped == ()


def test_a_key_holder_elsewhere_opens_what_is_wrapped_for_it(taken: Mission) -> None:
    """From the key file, the vault object and the wrapped key alone."""
    record = latest(taken, "observations")
    key = TierKey.load(taken.folder / "keys" / "tier-commission.pem")
    content_key = key.unwrap(dict(record.wrapped)["commission"], record.record_id, "commission")
    content = taken.ledger.vault.get(dict(record.openings)["commission"])
    opening = opening_from_bytes(unseal(content, content_key, record.record_id, "commission"))
    assert SECRET.encode() in (opening.items[VICTIM] or b"")


def test_a_mission_from_before_sealing_still_opens(mission: Mission, make_table: MakeTable) -> None:
    old = replace(mission, ledger=replace(mission.ledger, tier_keys=TierKeys()))
    ingest(old, make_table([row(1)]), "table")
    for table in ("sealed_keys", "discards", "erasures"):
        sql(f"DROP TABLE {table}")(mission.store)
    for tier in mission.ledger.tier_keys.holders:
        key_file(mission.folder / "keys", tier).unlink()
    again = reopened(mission)
    verify_mission(again)
    rebuild(again)
    assert len(recorded_observations(again)) == 1
    again.close()


def test_a_lost_key_shuts_its_tier_and_nothing_else(keyless: Mission, make_table: MakeTable) -> None:
    verify_mission(keyless)
    with keyless.store.read() as transaction:
        # The observations, and what the two import records say for the commission.
        assert unopened(keyless.ledger.tier_keys, transaction) == ((Tier.COMMISSION, 3),)
    assert set(keyless.ledger.open_payload(latest(keyless, "observations"))[Tier.COMMISSION]) == {None}
    assert None not in keyless.ledger.open_payload(latest(keyless, "claims"))[Tier.PUBLIC]
    ingest(keyless, make_table([row(50)]), "table")
    assert [tier for tier, _ in latest(keyless, "observations").wrapped] == ["commission"]
    verify_mission(keyless)


def test_rebuilding_without_a_key_does_what_it_can_and_says_so(keyless: Mission) -> None:
    done = rebuild(keyless)
    assert dict(done.statements) == {"claims": 52}
    assert done.run is not None
    assert "commission in 3 records" in done.run.unlike


def test_a_key_that_is_not_the_tiers_own_is_noticed(taken: Mission) -> None:
    path = key_file(taken.folder / "keys", Tier.COMMISSION)
    path.unlink()
    TierKey.generate(entropy(5)).save(path)
    again = reopened(taken)
    with pytest.raises(StorageFailure, match="does not open"):
        verify_mission(again)
    again.close()


def test_a_sealed_object_whose_wrapped_key_was_deleted_does_not_pass_for_an_open_one(taken: Mission) -> None:
    edit(taken, sql("DELETE FROM sealed_keys"))
    with pytest.raises(StorageFailure, match="damaged"):
        verify_mission(taken)


def test_without_its_key_a_tier_can_be_erased_whole_only(keyless: Mission) -> None:
    with pytest.raises(RejectedInput, match="key is not here"):
        destroy(keyless, item=VICTIM)
    destroy(keyless, tier=Tier.COMMISSION)
    verify_mission(keyless)
