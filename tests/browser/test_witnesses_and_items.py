# SPDX-License-Identifier: Apache-2.0
"""Witnesses that are too few or forged, and disclosures that are not from the record, fail as such."""

from __future__ import annotations

import base64
import json

import pytest
from tests.browser.conftest import Verifier
from tests.browser.made import (
    AUTHOR,
    KEY,
    LEAF,
    ORIGIN,
    POLICY,
    RECORD,
    WITNESSES,
    Witness,
    b64,
    changed_leaf,
    disclosed,
    flipped,
    proof_of,
)
from tests.mission.made import entropy

from truceline.evidence import SigningKey
from truceline.vocabulary import Tier

GOOD = proof_of(LEAF)
OTHER_KEY = SigningKey.generate(entropy(77)).verifier_key(ORIGIN)


@pytest.mark.parametrize(
    ("cosigned", "policy", "says"),
    [
        ([], POLICY, "Too few have cosigned"),
        ([1, 2], POLICY, "Too few have cosigned"),
        ([0], POLICY, "Too few have cosigned"),
        ([], WITNESSES[0].verifier_key, "Too few have cosigned"),
        ([], "# nobody", "No witness is named"),
        ([0, 1], POLICY.replace(KEY, OTHER_KEY), "does not list this log's key"),
        ([0, 1], POLICY.replace("quorum enough", ""), "no quorum line"),
        ([0, 1], POLICY.replace("quorum enough", "quorum other"), "not defined above"),
        ([0, 1], POLICY.replace("all neutral parties", "3 neutral parties"), "does not fit the members"),
        ([0, 1], POLICY.replace("party-1 party-2", "party-1 party-1"), "in a group already"),
        ([0, 1], POLICY.replace("witness party-1", "witness neutral"), "The name is taken"),
        ([0, 1], POLICY + "quorum enough\n", "second quorum line"),
        ([0, 1], POLICY + "member x\n", "no log, witness, group or quorum line"),
        ([0, 1], KEY, "not an Ed25519 key of type 4"),
        ([0, 1], POLICY.replace(WITNESSES[0].identity.hex(), "00000000"), "The id of the key of neutral"),
    ],
)
def test_witnesses_too_few_or_a_broken_policy_fail(
    verifier: Verifier, cosigned: list[int], policy: str, says: str
) -> None:
    proof = GOOD
    for number in cosigned:
        proof = WITNESSES[number].cosign(proof)
    outcome = verifier.check(proof, policy=policy)
    assert outcome.failed == "witnesses"
    assert says in outcome.said["witnesses"]


def test_a_forged_cosignature_fails_even_where_the_others_are_enough(verifier: Verifier) -> None:
    forger = Witness(2)
    forger.key = AUTHOR  # the witness's name and id, and somebody else's key
    proof = forger.cosign(WITNESSES[1].cosign(WITNESSES[0].cosign(GOOD)))
    outcome = verifier.check(proof, policy=POLICY)
    assert outcome.failed == "witnesses"
    assert "The cosignature by witness-2.example does not verify" in outcome.verdict


def test_a_cosignature_dated_by_somebody_else_fails(verifier: Verifier) -> None:
    line = WITNESSES[0].cosign(GOOD).split("\n")[-2].split(" ")
    blob = bytearray(base64.b64decode(line[2]))
    blob[11] ^= 1  # the last byte of the time
    proof = GOOD + f"{line[0]} {line[1]} {b64(bytes(blob))}\n"
    assert verifier.check(proof, policy=WITNESSES[0].verifier_key).failed == "witnesses"


@pytest.mark.parametrize("length", [1, 7, 71, 73])
def test_a_cosignature_of_another_length_fails(verifier: Verifier, length: int) -> None:
    proof = GOOD + f"\u2014 {WITNESSES[0].name} {b64(WITNESSES[0].identity + bytes(length))}\n"
    outcome = verifier.check(proof, policy=WITNESSES[0].verifier_key)
    assert "is malformed" in outcome.said["witnesses"]


OPENED = json.loads(disclosed())
ALTERED_ITEMS = {
    "item": disclosed(item=OPENED["item"].replace("mortar", "tank")),
    "item with a space": disclosed(item=OPENED["item"] + " "),
    "salt": disclosed(salt=flipped(OPENED["salt"], 0)),
    "short salt": disclosed(salt=b64(bytes(16))),
    "index": disclosed(index=0),
    "index beyond": disclosed(index=4),
    "index below": disclosed(index=-1),
    "index as text": disclosed(index="1"),
    "tier": disclosed(tier="sealed"),
    "tier that is not there": disclosed(tier="commission"),
    "tier that no record has": disclosed(tier="constructor"),
    "path": disclosed(path=[flipped(OPENED["path"][0], 0), *OPENED["path"][1:]]),
    "no path": disclosed(path=[]),
    "field more": disclosed(note="x"),
    "not JSON": "mortar",
    "not an object": "[]",
}


@pytest.mark.parametrize("name", ALTERED_ITEMS)
def test_an_altered_disclosure_fails_and_leaves_the_record_standing(verifier: Verifier, name: str) -> None:
    outcome = verifier.check(GOOD, item=ALTERED_ITEMS[name])
    assert outcome.failed == "item"
    assert outcome.states["author"] == "holds"


def test_an_item_of_another_record_fails(verifier: Verifier) -> None:
    roots = {tier: b64(bytes(32)) for tier in RECORD.leaf.commitments}
    assert verifier.check(proof_of(changed_leaf(commitments=roots)), item=disclosed()).failed == "item"


def test_an_item_of_one_tier_does_not_pass_for_another(verifier: Verifier) -> None:
    moved = json.loads(disclosed(Tier.SEALED)) | {"tier": "public"}
    assert verifier.check(GOOD, item=json.dumps(moved)).failed == "item"
