# SPDX-License-Identifier: Apache-2.0
"""A sound proof passes every step, and the page says what each step means."""

from __future__ import annotations

import pytest
from tests.browser.conftest import Verifier
from tests.browser.made import KEY, LEAF, POLICY, WITNESSES, disclosed, proof_of

from truceline.mission import Mission
from truceline.mission.proving import prove_record
from truceline.vocabulary import Tier

NEEDED = ("file", "key", "checkpoint", "inclusion", "leaf", "author")


def test_a_sound_proof_holds_at_every_step_and_leaves_out_what_was_not_given(verifier: Verifier) -> None:
    outcome = verifier.check(proof_of(LEAF))
    assert outcome.verdict == "Every step holds"
    assert outcome.states == {
        **dict.fromkeys(NEEDED, "holds"),
        "witnesses": "not given",
        "item": "not given",
    }
    assert "Not checked, as nothing was given for it: witnesses saw the same log" in outcome.meaning


@pytest.mark.parametrize(("size", "index"), [(3, 2), (4, 3), (8, 7), (8, 5), (13, 12), (13, 8), (300, 256)])
def test_a_sound_proof_holds_wherever_the_record_stands(verifier: Verifier, size: int, index: int) -> None:
    outcome = verifier.check(proof_of(LEAF, size, index))
    assert outcome.failed is None
    assert f"entry {index}, counted from 0, of {size}" in outcome.said["inclusion"]


def test_records_of_a_mission_hold(verifier: Verifier, easter: Mission) -> None:
    key = easter.ledger.log_key.verifier_key(easter.settings.origin)
    for index in ("0", "1", "2"):
        outcome = verifier.check(prove_record(easter, index), key)
        assert [outcome.states[step] for step in NEEDED] == ["holds"] * len(NEEDED)


def test_a_quorum_of_witnesses_holds_and_says_when_each_cosigned(verifier: Verifier) -> None:
    proof = WITNESSES[2].cosign(WITNESSES[0].cosign(proof_of(LEAF)))
    said = verifier.check(proof, policy=POLICY).said["witnesses"]
    assert "witness-0.example: 2025-04-19 15:01:30 UTC; witness-1.example: no cosignature" in said
    assert "The quorum enough is met." in said


def test_bare_witness_keys_serve_without_a_policy(verifier: Verifier) -> None:
    keys = "\n".join(witness.verifier_key for witness in WITNESSES)
    outcome = verifier.check(WITNESSES[1].cosign(proof_of(LEAF)), policy=keys)
    assert outcome.states["witnesses"] == "holds"
    assert "witness-0.example: no cosignature; witness-1.example: 2025" in outcome.said["witnesses"]


def test_a_witness_nobody_knows_takes_nothing_away(verifier: Verifier) -> None:
    assert verifier.check(WITNESSES[1].cosign(proof_of(LEAF))).failed is None


@pytest.mark.parametrize("index", [0, 1, 2, 3])
@pytest.mark.parametrize("tier", [Tier.PUBLIC, Tier.SEALED])
def test_a_disclosed_item_opens(verifier: Verifier, tier: Tier, index: int) -> None:
    outcome = verifier.check(proof_of(LEAF), item=disclosed(tier, index))
    assert outcome.states["item"] == "holds"


def test_what_was_disclosed_is_shown_as_text_and_never_run(verifier: Verifier) -> None:
    outcome = verifier.check(proof_of(LEAF), item=disclosed(at=2))
    assert "a <b>field</b> near the line" in outcome.said["item"]
    assert verifier.page.locator("#steps b").count() == 0


def test_a_key_pasted_with_its_newline_serves(verifier: Verifier) -> None:
    assert verifier.check(proof_of(LEAF), key=f" {KEY}\n").failed is None
