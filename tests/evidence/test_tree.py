# SPDX-License-Identifier: Apache-2.0
"""The tree is RFC 6962's, however it is grown, and its proofs prove nothing else."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from truceline.errors import RejectedInput, StorageFailure
from truceline.evidence import (
    HashReader,
    TreeEdge,
    VerificationError,
    append,
    consistency_proof,
    edge_at,
    inclusion_proof,
    leaf_hash,
    root,
    tile_nodes,
)
from truceline.evidence.verify import merkle_root, verify_consistency, verify_inclusion

CT_LEAVES = (
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
)
CT_ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
"""Leaves and roots of the Certificate Transparency reference implementation, sizes 0 to 8."""


def hashes_of(count: int) -> list[bytes]:
    return [leaf_hash(str(number).encode()) for number in range(count)]


def plain_root(hashes: Sequence[bytes]) -> bytes:
    """RFC 6962 section 2.1, word for word."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return hashlib.sha256(b"\x01" + plain_root(hashes[:split]) + plain_root(hashes[split:])).digest()


def nodes(hashes: Sequence[bytes]) -> HashReader:
    def tile(level: int, index: int) -> list[bytes]:
        span = 256**level
        starts = range(index * 256 * span, min((index + 1) * 256 * span, len(hashes)), span)
        return [plain_root(hashes[at : at + span]) for at in starts if at + span <= len(hashes)]

    return tile_nodes(tile)


@pytest.mark.parametrize("size", range(9))
def test_known_roots_of_the_reference_tree_come_out(size: int) -> None:
    hashes = [leaf_hash(bytes.fromhex(leaf)) for leaf in CT_LEAVES[:size]]
    assert root(append(TreeEdge(), hashes)).hex() == CT_ROOTS[size]
    assert merkle_root(hashes).hex() == CT_ROOTS[size]


@given(st.lists(st.integers(0, 40), max_size=8))
def test_the_root_does_not_depend_on_the_batches(batches: list[int]) -> None:
    hashes = hashes_of(sum(batches))
    edge, at = TreeEdge(), 0
    for batch in batches:
        edge, at = append(edge, hashes[at : at + batch]), at + batch
    assert edge == append(TreeEdge(), hashes)
    assert root(edge) == merkle_root(hashes) == plain_root(hashes)


@given(st.integers(0, 700))
@settings(max_examples=30)
def test_the_edge_can_be_read_back_from_tiles(size: int) -> None:
    hashes = hashes_of(size)
    assert edge_at(size, nodes(hashes)) == append(TreeEdge(), hashes)


@given(st.integers(1, 700), st.data())
@settings(max_examples=60)
def test_every_leaf_has_an_inclusion_proof_that_verifies(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    hashes = hashes_of(size)
    path = inclusion_proof(index, size, nodes(hashes))
    verify_inclusion(hashes[index], index, size, path, plain_root(hashes), where="test")


@given(st.integers(2, 300), st.data())
@settings(max_examples=60)
def test_an_inclusion_proof_serves_for_no_other_place_leaf_or_path(size: int, data: st.DataObject) -> None:
    index, other = data.draw(
        st.tuples(*[st.integers(0, size - 1)] * 2).filter(lambda pair: pair[0] != pair[1])
    )
    hashes = hashes_of(size)
    path, top = inclusion_proof(index, size, nodes(hashes)), plain_root(hashes)
    bent = list(path)
    bent[data.draw(st.integers(0, len(path) - 1))] = bytes(32)
    for leaf, place, proof in (
        (hashes[index], other, path),
        (hashes[other], index, path),
        (hashes[index], index, bent),
        (hashes[index], index, path[1:]),
        (hashes[index], index, path[:-1]),
        (hashes[index], index, (*path, bytes(32))),
        (hashes[index], size, path),
    ):
        with pytest.raises(VerificationError):
            verify_inclusion(leaf, place, size, proof, top, where="test")


@given(st.integers(0, 700), st.data())
@settings(max_examples=60)
def test_a_grown_tree_has_a_consistency_proof_that_verifies(second: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, second))
    hashes = hashes_of(second)
    path = consistency_proof(first, second, nodes(hashes))
    roots = plain_root(hashes[:first]), plain_root(hashes)
    verify_consistency(first, roots[0], second, roots[1], path, where="test")


@given(st.integers(2, 300), st.data())
@settings(max_examples=60)
def test_no_consistency_proof_hides_a_rewritten_tree(second: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(1, second - 1))
    hashes = hashes_of(second)
    old, new = plain_root(hashes[:first]), plain_root(hashes)
    path = consistency_proof(first, second, nodes(hashes))
    hashes[data.draw(st.integers(0, first - 1))] = bytes(32)
    rewritten = plain_root(hashes)
    for roots, proof in (
        ((old, rewritten), path),
        ((old, rewritten), consistency_proof(first, second, nodes(hashes))),
        ((plain_root(hashes[:first]), new), path),
        ((old, new), path[:-1]),
        ((old, new), (*path, bytes(32))),
        ((old, new), ()),
    ):
        with pytest.raises(VerificationError):
            verify_consistency(first, roots[0], second, roots[1], proof, where="test")


def test_a_tree_cannot_continue_a_larger_one() -> None:
    with pytest.raises(VerificationError, match="cannot continue"):
        verify_consistency(3, bytes(32), 2, bytes(32), (), where="test")


def test_two_trees_of_one_size_must_be_the_same() -> None:
    with pytest.raises(VerificationError, match="do not match"):
        verify_consistency(3, bytes(32), 3, b"\x01" * 32, (), where="test")


@pytest.mark.parametrize("index", [-1, 5])
def test_a_proof_of_a_leaf_that_is_not_there_is_refused(index: int) -> None:
    with pytest.raises(RejectedInput, match="no entry"):
        inclusion_proof(index, 5, nodes(hashes_of(5)))


def test_a_proof_from_a_larger_tree_is_refused() -> None:
    with pytest.raises(RejectedInput, match="cannot continue"):
        consistency_proof(6, 5, nodes(hashes_of(5)))


def test_an_edge_that_fits_no_tree_is_refused() -> None:
    with pytest.raises(StorageFailure, match="Rebuild it"):
        TreeEdge(3, (bytes(32),))
