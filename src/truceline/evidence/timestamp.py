# SPDX-License-Identifier: Apache-2.0
"""Time-stamps on checkpoints: that a state of the log existed at a time, by an outsider's word.

Format: RFC 3161, by ``rfc3161-client``.  The stamp is over the checkpoint as the log
signed it, byte for byte and without cosignatures, because those are added later.  A
time-stamp says *not after*: every record that the checkpoint covers is older.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import rfc3161_client
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.x509.oid import ExtendedKeyUsageOID
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    Verifier,
    VerifierBuilder,
)

from truceline.errors import Fault, RejectedInput, StorageFailure
from truceline.evidence.verify.errors import VerificationError

QUERY_TYPE = "application/timestamp-query"
REPLY_TYPE = "application/timestamp-reply"
MAX_TOKEN = 1 << 16

NOT_STAMPED = "This time-stamp proves nothing about when the log was in this state. Ask the authority again."
_SEQUENCE, _CONTEXT_0 = 0x30, 0xA0


@dataclass(frozen=True, slots=True)
class Authority:
    """The certificates by which a time-stamping authority is known.

    Attributes:
        roots: Trusted on their own word: self-signed.
        intermediates: Certificates between a root and the authority's own.
        own: The authority's own certificate, if it is to be exactly that; None: any
            that a root vouches for and that is for time-stamping.
    """

    roots: tuple[x509.Certificate, ...]
    intermediates: tuple[x509.Certificate, ...]
    own: x509.Certificate | None


@dataclass(frozen=True, slots=True)
class Request:
    """A time-stamp request: its bytes, and the nonce that the answer must repeat."""

    data: bytes
    nonce: int | None


_UNREADABLE = (
    ValueError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.ExtensionNotFound,
    x509.UnsupportedGeneralNameType,
)
"""What the library lets out of a certificate that is damaged or strange; most are no ``ValueError``."""


def read_authority(path: Path) -> Authority:
    """Read a PEM file with an authority's certificates: its root, and any others of the chain.

    Raises:
        StorageFailure: The file cannot be read.
        RejectedInput: It holds no certificates, or no root.
    """
    try:
        certificates = x509.load_pem_x509_certificates(path.read_bytes())
    except OSError as error:
        raise StorageFailure(f"The certificates {path} cannot be read: {error.strerror}.") from None
    except _UNREADABLE as error:
        raise RejectedInput(
            f"{path} holds no certificates in PEM.", [Fault(str(path), "file", str(error))]
        ) from None
    roots = tuple(one for one in certificates if one.issuer == one.subject)
    if not roots:
        raise RejectedInput(
            f"{path} holds no root: give the self-signed certificate that the authority's own rests on, too.",
            [Fault(str(path), "certificates", "none is self-signed")],
        )
    own = [one for one in certificates if _for_time_stamping(one)]
    others = tuple(one for one in certificates if one not in roots and one not in own)
    return Authority(roots, others, own[0] if len(own) == 1 else None)


def _for_time_stamping(certificate: x509.Certificate) -> bool:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except x509.ExtensionNotFound:
        return False
    return ExtendedKeyUsageOID.TIME_STAMPING in usage.value


def make_request(checkpoint: bytes) -> Request:
    """Return a request to stamp a signed checkpoint: SHA-256, a nonce, and the certificate wanted.

    The nonce is the library's own draw.
    """
    builder = TimestampRequestBuilder().data(checkpoint).hash_algorithm(HashAlgorithm.SHA256)
    built = builder.cert_request(cert_request=True).build()
    return Request(built.as_bytes(), built.nonce)


def verify_timestamp(
    data: bytes, checkpoint: bytes, authority: Authority, where: str, *, nonce: int | None = None
) -> datetime:
    """Check a time-stamp response over a checkpoint, and return the time that it attests.

    Args:
        data: The response (``.tsr``).
        checkpoint: The checkpoint as the log signed it, byte for byte.
        authority: Who is believed.
        where: The response's place, for errors.
        nonce: The request's nonce; None: the request is not at hand.

    Raises:
        VerificationError: Malformed, not granted, over something else, not the answer to
            that request, or not by that authority.
    """
    # 1. A whole response (RFC 3161 section 2.4.2).
    response = _decode(data, where)
    if response.status != rfc3161_client.PKIStatus.GRANTED:
        raise VerificationError(
            f"The authority refused to stamp: {', '.join(response.status_string) or response.status}.",
            where=where,
            meaning=NOT_STAMPED,
        )
    # 2. Signed by the authority, valid at that time, for time-stamping alone
    #    (section 2.3); the nonce; and the SHA-2 imprint over the checkpoint.
    try:
        _verifier(authority, nonce).verify_message(response, checkpoint)
        stamped_at = response.tst_info.gen_time
    except (rfc3161_client.VerificationError, *_UNREADABLE) as error:
        raise VerificationError(
            f"The time-stamp does not verify: {error}.", where=where, meaning=NOT_STAMPED
        ) from error
    return stamped_at.astimezone(UTC)


def _verifier(authority: Authority, nonce: int | None) -> Verifier:
    return VerifierBuilder(
        roots=list(authority.roots),
        intermediates=list(authority.intermediates),
        tsa_certificate=authority.own,
        nonce=nonce,
    ).build()


def _decode(data: bytes, where: str) -> TimeStampResponse:
    if len(data) > MAX_TOKEN:
        raise VerificationError("The time-stamp is too long.", where=where, meaning=NOT_STAMPED)
    try:
        return rfc3161_client.decode_timestamp_response(in_set_order(data))
    except _UNREADABLE as error:
        raise VerificationError(
            f"This is no time-stamp response: {error}.", where=where, meaning=NOT_STAMPED
        ) from error


def in_set_order(data: bytes) -> bytes:
    """Return a response with its certificates in the order that DER asks of a set.

    OpenSSL writes them in the order of the chain, which the library refuses as not
    DER (X.690 section 11.6).  No signature covers their order (RFC 5652 section 5.1), and
    the same certificates in another order take as many bytes, so nothing else changes.

    Raises:
        ValueError: The bytes are not nested as a response is.
    """
    # TimeStampResp -> timeStampToken -> [0] content -> SignedData -> [0] certificates.
    _, start, end = _element(data, 0)
    token = _children(data, start, end)
    if len(token) < 2:  # refused: no token, so no certificates
        return data
    content = _children(data, *token[1][1:])
    if len(content) != 2 or content[1][0] != _CONTEXT_0:
        raise ValueError("the token holds no content")
    signed = _children(data, *content[1][1:])
    if len(signed) != 1 or signed[0][0] != _SEQUENCE:
        raise ValueError("the token's content is not signed data")
    for tag, first, last in _children(data, *signed[0][1:]):
        if tag == _CONTEXT_0:
            at, certificates = first, []
            for _, _, after in _children(data, first, last):
                certificates.append(data[at:after])
                at = after
            return data[:first] + b"".join(sorted(certificates)) + data[last:]
    return data


def _children(data: bytes, start: int, end: int) -> list[tuple[int, int, int]]:
    """Return (tag, start, end) of the content of each element between two places."""
    found = []
    while start < end:
        found.append(_element(data[:end], start))
        start = found[-1][2]
    return found


def _element(data: bytes, at: int) -> tuple[int, int, int]:
    """Return (tag, start, end) of the content of the element at a place (X.690 section 8.1)."""
    if at + 2 > len(data):
        raise ValueError("an element is cut off")
    tag, length, start = data[at], data[at + 1], at + 2
    if length & 0x80:
        size = length & 0x7F
        length = int.from_bytes(data[start : start + size], "big")
        start += size
    if start + length > len(data):
        raise ValueError("an element is cut off")
    return tag, start, start + length
