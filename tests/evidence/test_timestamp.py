# SPDX-License-Identifier: Apache-2.0
"""A time-stamp counts for one checkpoint and one authority, in whatever order its certificates lie."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import rfc3161_client
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.evidence.authority import LocalAuthority

from truceline.errors import RejectedInput, StorageFailure
from truceline.evidence import SigningKey, VerificationError, sign_checkpoint
from truceline.evidence.timestamp import (
    MAX_TOKEN,
    Authority,
    in_set_order,
    make_request,
    read_authority,
    verify_timestamp,
)

KEY = SigningKey.generate(bytes([1]).__mul__)
CHECKPOINT = sign_checkpoint("monitoring.example/log", 7, bytes(32), KEY)


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> LocalAuthority:
    """An authority whose root is the shorter certificate: OpenSSL writes it behind the longer."""
    return LocalAuthority(tmp_path_factory.mktemp("tsa") / "local")


@pytest.fixture(scope="module")
def token(local: LocalAuthority) -> bytes:
    return local.reply(make_request(CHECKPOINT).data)


def check(data: bytes, local: LocalAuthority, checkpoint: bytes = CHECKPOINT) -> datetime:
    return verify_timestamp(data, checkpoint, read_authority(local.root), "test")


def test_a_stamp_by_openssl_tells_when_the_checkpoint_existed(token: bytes, local: LocalAuthority) -> None:
    assert abs(check(token, local) - datetime.now(UTC)) < timedelta(minutes=5)


def test_openssl_verifies_the_same_stamp(token: bytes, local: LocalAuthority, tmp_path: Path) -> None:
    (tmp_path / "7.tsr").write_bytes(token)
    (tmp_path / "7.checkpoint").write_bytes(CHECKPOINT)
    done = local.verify(tmp_path / "7.tsr", tmp_path / "7.checkpoint")
    assert done.returncode == 0, done.stderr
    (tmp_path / "7.checkpoint").write_bytes(CHECKPOINT + b"\n")
    assert local.verify(tmp_path / "7.tsr", tmp_path / "7.checkpoint").returncode != 0


def test_certificates_out_of_set_order_are_read_nonetheless(token: bytes, local: LocalAuthority) -> None:
    # The library refuses this response of OpenSSL's as it is; in order, it takes it.
    with pytest.raises(ValueError, match="InvalidSetOrdering"):
        rfc3161_client.decode_timestamp_response(token)
    assert in_set_order(token) != token
    assert len(in_set_order(token)) == len(token)
    assert in_set_order(in_set_order(token)) == in_set_order(token)
    check(token, local)


def test_certificates_in_set_order_are_left_as_they_are(tmp_path: Path) -> None:
    longer = LocalAuthority(
        tmp_path / "longer", root="A root whose name makes its certificate the longer one"
    )
    data = longer.reply(make_request(CHECKPOINT).data)
    rfc3161_client.decode_timestamp_response(data)
    assert in_set_order(data) == data
    check(data, longer)


def test_a_stamp_without_certificates_needs_the_authoritys_own(local: LocalAuthority) -> None:
    query = rfc3161_client.TimestampRequestBuilder(data=CHECKPOINT, cert_req=False).hash_algorithm(
        rfc3161_client.HashAlgorithm.SHA256
    )
    data = local.reply(query.build().as_bytes())
    verify_timestamp(data, CHECKPOINT, read_authority(local.both), "test")
    with pytest.raises(VerificationError, match="does not verify"):
        check(data, local)


def test_a_stamp_over_another_checkpoint_is_refused(token: bytes, local: LocalAuthority) -> None:
    with pytest.raises(VerificationError, match="Mismatch between messages"):
        check(token, local, sign_checkpoint("monitoring.example/log", 8, bytes(32), KEY))


def test_a_stamp_by_another_authority_is_refused(token: bytes, tmp_path: Path) -> None:
    # The same names; another key.
    with pytest.raises(VerificationError, match="does not verify"):
        check(token, LocalAuthority(tmp_path / "other"))


def test_a_stamp_by_another_certificate_of_the_root_is_refused_if_one_is_named(
    token: bytes, local: LocalAuthority, tmp_path: Path
) -> None:
    other = read_authority(LocalAuthority(tmp_path / "other").both)
    named = Authority(read_authority(local.root).roots, (), other.own)
    with pytest.raises(VerificationError, match="does not match"):
        verify_timestamp(token, CHECKPOINT, named, "test")


def test_the_answer_to_another_request_is_refused(local: LocalAuthority) -> None:
    request = make_request(CHECKPOINT)
    data = local.reply(request.data)
    verify_timestamp(data, CHECKPOINT, read_authority(local.root), "test", nonce=request.nonce)
    with pytest.raises(VerificationError, match="Nonce mismatch"):
        verify_timestamp(
            data, CHECKPOINT, read_authority(local.root), "test", nonce=make_request(CHECKPOINT).nonce
        )


def test_a_refusal_by_the_authority_is_no_stamp(local: LocalAuthority) -> None:
    refused = rfc3161_client.TimestampRequestBuilder(data=CHECKPOINT).hash_algorithm(
        rfc3161_client.HashAlgorithm.SHA512  # the authority is set up to take SHA-256 alone
    )
    with pytest.raises(VerificationError, match="refused to stamp"):
        check(local.reply(refused.build().as_bytes()), local)


def test_each_flipped_byte_of_a_stamp_is_caught_or_changes_nothing_signed(
    token: bytes, local: LocalAuthority
) -> None:
    authority, true = read_authority(local.root), check(token, local)
    caught = 0
    for at in range(len(token)):
        flipped = bytearray(token)
        flipped[at] ^= 1 << at % 8
        try:
            assert verify_timestamp(bytes(flipped), CHECKPOINT, authority, "test") == true
        except VerificationError:
            caught += 1
    assert caught > 0.6 * len(token)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_whatever_bytes_come_as_a_stamp_only_a_verification_error_comes_out(
    data: st.DataObject, token: bytes, local: LocalAuthority
) -> None:
    changed = bytearray(token)
    at = data.draw(st.integers(0, len(changed)))
    changed[at : at + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=40))
    with suppress(VerificationError):
        check(bytes(changed), local)
    with suppress(VerificationError):
        check(data.draw(st.binary(max_size=100)), local)


def test_a_stamp_beyond_all_size_is_refused(local: LocalAuthority) -> None:
    with pytest.raises(VerificationError, match="too long"):
        check(bytes(MAX_TOKEN + 1), local)


def test_an_authority_is_known_by_its_root(local: LocalAuthority, tmp_path: Path) -> None:
    both = read_authority(local.both)
    assert (len(both.roots), both.intermediates) == (1, ())
    assert both.own is not None
    with pytest.raises(RejectedInput, match="holds no root"):
        read_authority(local.folder / "tsa.pem")
    (tmp_path / "junk.pem").write_text("junk")
    with pytest.raises(RejectedInput, match="no certificates"):
        read_authority(tmp_path / "junk.pem")
    with pytest.raises(StorageFailure, match="cannot be read"):
        read_authority(tmp_path / "absent.pem")
