# SPDX-License-Identifier: Apache-2.0
"""Sealed tiers open for the tier's key, for their own record and tier, and otherwise not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.mission.made import entropy

from truceline.errors import StorageFailure
from truceline.evidence import SigningKey
from truceline.evidence.sealing import TierKey, public_from_text, public_text, seal, unseal

RECORD, OTHER = "rec-" + "1" * 32, "rec-" + "2" * 32
KEY = TierKey.generate(entropy(1))
PACKED = b"what opens the tier" * 20
INFO = b"truceline/sealed/v1\n" + RECORD.encode() + b"\ncommission"
LIBRARY = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def opened(content: bytes, wrapped: bytes, record: str = RECORD, tier: str = "commission") -> bytes:
    return unseal(content, KEY.unwrap(wrapped, record, tier), record, tier)


@settings(max_examples=25)
@given(packed=st.binary(max_size=300), seed=st.integers(0, 2**32))
def test_what_is_sealed_opens_for_its_own_key_record_and_tier(packed: bytes, seed: int) -> None:
    sealed = seal(packed, RECORD, "commission", KEY.public, entropy(seed))
    assert opened(sealed.content, sealed.wrapped) == packed


def test_the_librarys_hpke_unwraps_what_is_wrapped_here(tmp_path: Path) -> None:
    """So that a key-holder needs RFC 9180 and none of our code."""
    KEY.save(tmp_path / "key.pem")
    private = load_pem_private_key((tmp_path / "key.pem").read_bytes(), password=None)
    assert isinstance(private, X25519PrivateKey)
    sealed = seal(PACKED, RECORD, "commission", KEY.public, entropy(2))
    assert LIBRARY.decrypt(sealed.wrapped, private, INFO) == KEY.unwrap(sealed.wrapped, RECORD, "commission")


def test_what_the_librarys_hpke_wraps_is_unwrapped_here() -> None:
    content_key = os.urandom(32)
    wrapped = LIBRARY.encrypt(content_key, X25519PublicKey.from_public_bytes(KEY.public), INFO)
    assert KEY.unwrap(wrapped, RECORD, "commission") == content_key


@pytest.mark.parametrize(("record", "tier"), [(OTHER, "commission"), (RECORD, "parties")])
def test_a_sealed_tier_cannot_pass_for_another_record_or_tier(record: str, tier: str) -> None:
    sealed = seal(PACKED, RECORD, "commission", KEY.public, entropy(3))
    with pytest.raises(StorageFailure, match="does not open"):
        KEY.unwrap(sealed.wrapped, record, tier)
    content_key = KEY.unwrap(sealed.wrapped, RECORD, "commission")
    with pytest.raises(StorageFailure, match="does not open"):
        unseal(sealed.content, content_key, record, tier)


def test_another_key_opens_nothing() -> None:
    sealed = seal(PACKED, RECORD, "commission", KEY.public, entropy(4))
    with pytest.raises(StorageFailure, match="does not open"):
        TierKey.generate(entropy(5)).unwrap(sealed.wrapped, RECORD, "commission")


def test_any_changed_byte_is_noticed() -> None:
    sealed = seal(b"short", RECORD, "commission", KEY.public, entropy(6))
    for at in range(len(sealed.content)):
        changed = sealed.content[:at] + bytes([sealed.content[at] ^ 1]) + sealed.content[at + 1 :]
        with pytest.raises(StorageFailure):
            opened(changed, sealed.wrapped)
    for at in range(len(sealed.wrapped)):
        changed = sealed.wrapped[:at] + bytes([sealed.wrapped[at] ^ 1]) + sealed.wrapped[at + 1 :]
        # X25519 masks the highest bit of a public key (RFC 7748 section 5); HPKE binds it again.
        with pytest.raises(StorageFailure):
            opened(sealed.content, changed)


@settings(max_examples=50)
@given(content=st.binary(max_size=120), wrapped=st.binary(max_size=120))
def test_any_bytes_fail_as_a_storage_failure(content: bytes, wrapped: bytes) -> None:
    with pytest.raises(StorageFailure):
        opened(content, wrapped)
    with pytest.raises(StorageFailure):
        unseal(b"truceline/sealed/v1\n" + content, bytes(32), RECORD, "commission")


def test_each_sealing_has_its_own_key_and_does_not_hold_the_text() -> None:
    draw = entropy(7)
    first, second = (seal(PACKED, RECORD, "commission", KEY.public, draw) for _ in range(2))
    assert KEY.unwrap(first.wrapped, RECORD, "commission") != KEY.unwrap(second.wrapped, RECORD, "commission")
    assert PACKED[:20] not in first.content + first.wrapped


def test_nothing_is_sealed_for_a_public_key_that_everybody_can_open() -> None:
    with pytest.raises(StorageFailure, match="unsafe"):
        seal(PACKED, RECORD, "commission", bytes(32), entropy(8))


def test_a_key_file_is_its_owners_alone_and_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "tier-commission.pem"
    KEY.save(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert TierKey.load(path).public == KEY.public
    with pytest.raises(StorageFailure, match="never overwritten"):
        KEY.save(path)
    path.chmod(0o640)
    with pytest.raises(StorageFailure, match="open to other users"):
        TierKey.load(path)


def test_a_key_file_of_another_sort_is_refused(tmp_path: Path) -> None:
    SigningKey.generate(entropy(9)).save(tmp_path / "signing.pem")
    (tmp_path / "noise.pem").write_text("noise")
    (tmp_path / "noise.pem").chmod(0o600)
    for name, says in (
        ("signing", "not an X25519"),
        ("noise", "not a private key"),
        ("none", "cannot be read"),
    ):
        with pytest.raises(StorageFailure, match=says):
            TierKey.load(tmp_path / f"{name}.pem")


def test_a_key_shows_its_public_side_only() -> None:
    assert repr(KEY) == f"TierKey({public_text(KEY.public)})"
    assert public_from_text(public_text(KEY.public)) == KEY.public


@pytest.mark.parametrize(
    "text", ["", "x25519:", "x25519:AAAA", "ed25519:" + "A" * 43 + "=", "x25519:!" + "A" * 43]
)
def test_a_public_key_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(StorageFailure, match="not a tier's public key"):
        public_from_text(text)
