# SPDX-License-Identifier: Apache-2.0
"""Roots and proofs are those of pymerkle, which others wrote.

pymerkle is GPL: it judges here, and no part of the product imports it.
"""

from __future__ import annotations

import random

import pytest
from pymerkle import InmemoryTree
from tests.conformance.conftest import LONG, Published

from truceline.evidence import TreeEdge, append, leaf_hash, prove, root
from truceline.evidence.verify import merkle_root, parse_proof


def grown(leaves: list[bytes]) -> InmemoryTree:
    tree = InmemoryTree(algorithm="sha256")
    for leaf in leaves:
        tree.append_entry(leaf)
    return tree


@pytest.fixture(scope="module")
def drawn() -> list[bytes]:
    draw = random.Random(300)
    return [draw.randbytes(draw.randrange(400)) for _ in range(2_000)]


def test_roots_of_0_to_300_random_leaves_are_pymerkles(drawn: list[bytes]) -> None:
    tree, edge = InmemoryTree(algorithm="sha256"), TreeEdge()
    for size in range(301):
        hashes = [leaf_hash(leaf) for leaf in drawn[:size]]
        assert tree.get_root() == root(edge) == merkle_root(hashes), size
        tree.append_entry(drawn[size])
        edge = append(edge, [leaf_hash(drawn[size])])


def test_the_root_of_2000_random_leaves_is_pymerkles(drawn: list[bytes]) -> None:
    assert grown(drawn).get_root() == root(append(TreeEdge(), map(leaf_hash, drawn)))


def test_our_proof_files_hold_the_hashes_of_pymerkles_proofs(untouched: Published) -> None:
    tree = grown(list(untouched.leaves))
    for index in (0, 1, 255, 256, 1_791, 1_792, LONG - 1):
        theirs = tree.prove_inclusion(index + 1)  # it counts from one, and keeps the leaf's hash in the path
        theirs.verify(leaf_hash(untouched.leaves[index]), tree.get_root(), index + 1, LONG)
        ours = parse_proof(prove(untouched.folder, index).encode())
        assert sorted(theirs.path) == sorted([leaf_hash(untouched.leaves[index]), *ours.path])
