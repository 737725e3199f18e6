# SPDX-License-Identifier: Apache-2.0
"""tlog-scales, which others wrote, reads our published log and our proof files' parts."""

from __future__ import annotations

import pytest
from tests.conformance.conftest import LONG, Published
from tlog_scales.backend import LocalBackend
from tlog_scales.reader import TilesReader
from tlog_scales.signing import Vkey
from tlog_scales.tiles import leaf_hash
from tlog_scales.tlog import Checkpoint, ConsistencyProof, InclusionProof, InclusionProofInvalid

from truceline.evidence import prove, prove_consistency
from truceline.evidence.verify import parse_proof

INDEXES = (0, 1, 255, 256, 1_791, 1_792, LONG - 1)


@pytest.fixture
def reader(untouched: Published) -> TilesReader:
    return TilesReader(LocalBackend(untouched.folder))


def test_it_accepts_the_checkpoints_signature(untouched: Published, reader: TilesReader) -> None:
    checkpoint = reader.get_checkpoint()
    checkpoint.verify(Vkey.from_string(untouched.verifier_key))
    assert (checkpoint.origin, checkpoint.size) == ("monitoring.example/log", LONG)


def test_it_computes_the_signed_root_from_our_tiles(reader: TilesReader) -> None:
    assert reader.get_checkpoint().root_hash == reader.calculate_root_hash()


@pytest.mark.parametrize("index", INDEXES)
def test_it_finds_each_leaf_and_proves_it(untouched: Published, reader: TilesReader, index: int) -> None:
    checkpoint = reader.get_checkpoint()
    entry = reader.get_entry(index)
    assert entry == untouched.leaves[index]
    reader.get_inclusion_proof(index, LONG).check(leaf_hash(entry), checkpoint.root_hash)


@pytest.mark.parametrize("index", INDEXES)
def test_it_accepts_our_proof_file_and_no_other_leaf(untouched: Published, index: int) -> None:
    proof = parse_proof(prove(untouched.folder, index).encode())
    checkpoint = Checkpoint.from_text(proof.checkpoint.decode())
    theirs = InclusionProof(proof.index, checkpoint.size, list(proof.path))
    theirs.check(leaf_hash(untouched.leaves[index]), checkpoint.root_hash)
    with pytest.raises(InclusionProofInvalid):
        theirs.check(leaf_hash(untouched.leaves[index - 1]), checkpoint.root_hash)


@pytest.mark.parametrize("first", [0, 1, 255, 256, 1_024, 1_999, LONG])
def test_it_accepts_our_consistency_proofs(untouched: Published, first: int) -> None:
    earlier = Checkpoint.from_text(untouched.checkpoint(first).decode())
    latest = Checkpoint.from_text(untouched.checkpoint(LONG).decode())
    theirs = ConsistencyProof(first, LONG, list(prove_consistency(untouched.folder, first)))
    theirs.check(earlier.root_hash, latest.root_hash)
