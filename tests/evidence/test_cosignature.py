# SPDX-License-Identifier: Apache-2.0
"""A cosignature counts for one witness, one text and one time; a policy says who is enough."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from truceline.evidence import SigningKey, VerificationError, sign_checkpoint
from truceline.evidence.cosignature import cosign, cosignature_lines, cosigner_key, signature_line
from truceline.evidence.verify.cosignature import (
    cosigned_message,
    cosigner_id,
    parse_cosigner_key,
    verify_cosignatures,
)
from truceline.evidence.verify.note import parse_note, parse_verifier_key
from truceline.evidence.verify.policy import Policy, attestation, parse_policy, verify_attested

ORIGIN = "monitoring.example/log"
NOW = datetime(2025, 4, 20, 6, tzinfo=UTC)
LOG_KEY = SigningKey.generate(lambda size: b"l" * size)
CHECKPOINT = sign_checkpoint(ORIGIN, 7, bytes(range(32)), LOG_KEY)
TEXT = parse_note(CHECKPOINT, "test").text
NAMES = ("north", "south", "neutral")
KEYS = {name: SigningKey.generate(bytes([number]).__mul__) for number, name in enumerate(NAMES)}

TWO_OF_THREE_WITH_THE_NEUTRAL = (
    "group parties any north south\ngroup enough all neutral parties\nquorum enough\n"
)


def address(name: str) -> str:
    return f"witness.example/{name}"


def line(name: str, at: datetime = NOW, text: str = TEXT) -> bytes:
    return cosign(text, address(name), KEYS[name], at)


def policy_text(quorum: str = TWO_OF_THREE_WITH_THE_NEUTRAL, log: bool = True) -> str:
    witnesses = "".join(f"witness {name} {cosigner_key(address(name), KEYS[name])}\n" for name in NAMES)
    return (f"log {LOG_KEY.verifier_key(ORIGIN)}\n" if log else "") + witnesses + quorum


def policy(quorum: str = TWO_OF_THREE_WITH_THE_NEUTRAL) -> Policy:
    return parse_policy(policy_text(quorum).encode())


def key_of(name: str) -> str:
    return cosigner_key(address(name), KEYS[name])


def test_a_cosignature_tells_when_the_witness_gave_it() -> None:
    note = parse_note(CHECKPOINT + line("north"), "test")
    assert verify_cosignatures(note, parse_cosigner_key(key_of("north")), "test") == NOW
    assert verify_cosignatures(note, parse_cosigner_key(key_of("south")), "test") is None


def test_of_several_cosignatures_by_one_witness_the_earliest_counts() -> None:
    note = parse_note(CHECKPOINT + line("north", NOW + timedelta(days=1)) + line("north"), "test")
    assert verify_cosignatures(note, parse_cosigner_key(key_of("north")), "test") == NOW


def test_the_signed_message_is_the_specifications() -> None:
    # tlog-cosignature, "Ed25519 signed message", its own example of header and time.
    assert cosigned_message(TEXT, 1679315147).startswith(
        b"cosignature/v1\ntime 1679315147\n" + ORIGIN.encode()
    )
    assert cosigned_message(TEXT, 1679315147).endswith(TEXT.encode())


def test_openssl_verifies_a_cosignature(tmp_path: Path) -> None:
    blob = base64.b64decode(line("north").split(b" ")[2])
    at_s = int.from_bytes(blob[4:12], "big")
    (tmp_path / "message").write_bytes(cosigned_message(TEXT, at_s))
    (tmp_path / "signature").write_bytes(blob[12:])
    # RFC 8410 section 4: a fixed head stands before the 32 bytes of an Ed25519 public key.
    public = bytes.fromhex("302a300506032b6570032100") + KEYS["north"].public
    (tmp_path / "key.der").write_bytes(public)
    done = subprocess.run(
        ["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER", "-inkey", "key.der",
         "-in", "message", "-sigfile", "signature"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_the_key_of_a_public_witness_is_read() -> None:
    # A witness of the public network, as transparency-dev/formats has it in its tests.
    key = parse_cosigner_key("remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2")
    assert (key.name, key.key_id.hex()) == ("remora.n621.de", "da77ade7")


def test_a_logs_key_is_no_witness_key_and_a_witness_key_no_logs() -> None:
    with pytest.raises(VerificationError, match="witness key"):
        parse_cosigner_key(LOG_KEY.verifier_key(ORIGIN))
    with pytest.raises(VerificationError, match="does not fit"):
        parse_verifier_key(key_of("north"))


def test_the_logs_signature_never_passes_for_a_cosignature() -> None:
    # The same key, asked to serve twice: the bytes before the text keep the two apart.
    signature = LOG_KEY.sign(TEXT.encode())
    forged = signature_line(ORIGIN, cosigner_id(ORIGIN, LOG_KEY.public), bytes(8) + signature)
    with pytest.raises(VerificationError, match="does not verify"):
        verify_cosignatures(
            parse_note(CHECKPOINT + forged, "test"), parse_cosigner_key(cosigner_key(ORIGIN, LOG_KEY)), "test"
        )


def test_each_flipped_bit_of_a_cosignature_is_caught_or_is_another_keys_line() -> None:
    key = parse_cosigner_key(key_of("north"))
    blob = base64.b64decode(line("north").split(b" ")[2])
    for at in range(8 * len(blob)):
        flipped = bytearray(blob)
        flipped[at // 8] ^= 1 << at % 8
        note = parse_note(
            CHECKPOINT + signature_line(key.name, bytes(flipped[:4]), bytes(flipped[4:])), "test"
        )
        if at < 32:
            assert verify_cosignatures(note, key, "test") is None
        else:
            with pytest.raises(VerificationError):
                verify_cosignatures(note, key, "test")


@pytest.mark.parametrize("length", [0, 7, 71, 73])
def test_a_cosignature_of_another_length_is_refused(length: int) -> None:
    key = parse_cosigner_key(key_of("north"))
    note = parse_note(CHECKPOINT + signature_line(key.name, key.key_id, bytes(length) or b"x"), "test")
    with pytest.raises(VerificationError, match="wrong length"):
        verify_cosignatures(note, key, "test")


@pytest.mark.parametrize("at_s", [2**63, 2**64 - 1, 10**15])
def test_a_time_that_no_calendar_has_is_refused(at_s: int) -> None:
    key = parse_cosigner_key(key_of("north"))
    signature = KEYS["north"].sign(cosigned_message(TEXT, at_s))
    line_of_it = signature_line(key.name, key.key_id, at_s.to_bytes(8, "big") + signature)
    with pytest.raises(VerificationError, match="no possible time"):
        verify_cosignatures(parse_note(CHECKPOINT + line_of_it, "test"), key, "test")


def test_a_cosignature_of_the_future_is_refused() -> None:
    with pytest.raises(VerificationError, match="dated in the future"):
        attestation(policy(), CHECKPOINT + line("north", NOW + timedelta(days=1)), not_after=NOW)


def test_a_backdated_cosignature_is_caught() -> None:
    # The time is in the signed message: the operator cannot move it.
    key = parse_cosigner_key(key_of("north"))
    blob = base64.b64decode(line("north").split(b" ")[2])
    earlier = int((NOW - timedelta(days=30)).timestamp()).to_bytes(8, "big")
    forged = signature_line(key.name, key.key_id, earlier + blob[12:])
    with pytest.raises(VerificationError, match="does not verify"):
        attestation(policy(), CHECKPOINT + forged)


def test_a_cosignature_over_another_checkpoint_is_caught() -> None:
    other = TEXT.replace("\n7\n", "\n8\n")
    with pytest.raises(VerificationError, match=r"witness\.example/north does not verify"):
        attestation(policy(), CHECKPOINT + line("north", text=other))


def test_a_cosignature_by_another_key_under_the_witnesss_name_counts_for_nobody() -> None:
    stranger = cosign(TEXT, address("north"), SigningKey.generate(lambda size: b"?" * size), NOW)
    found = attestation(policy(), CHECKPOINT + stranger)
    assert found.by == ()
    assert found.missing == NAMES


@pytest.mark.parametrize(
    ("cosigners", "attested"),
    [
        ([], False),
        (["north"], False),
        (["neutral"], False),
        (["north", "south"], False),  # two of three, but without the neutral one
        (["north", "neutral"], True),
        (["south", "neutral"], True),
        (["north", "south", "neutral"], True),
    ],
)
def test_two_of_three_with_the_neutral_one_attest(cosigners: Sequence[str], attested: bool) -> None:
    data = CHECKPOINT + b"".join(map(line, cosigners))
    found = attestation(policy(), data)
    assert found.attested is attested
    assert found.by == tuple((name, NOW) for name in NAMES if name in cosigners)
    assert found.missing == tuple(name for name in NAMES if name not in cosigners)
    if attested:
        assert verify_attested(policy(), data) == found
    else:
        with pytest.raises(VerificationError, match="quorum 'enough' is not met"):
            verify_attested(policy(), data)


def test_no_party_holds_a_veto() -> None:
    enough = policy("group enough 2 north south neutral\nquorum enough\n")
    for absent in NAMES:
        assert enough.satisfied_by(name for name in NAMES if name != absent)


def test_one_witness_can_be_the_quorum_and_none_too() -> None:
    assert attestation(policy("quorum north\n"), CHECKPOINT + line("north")).attested
    assert not attestation(policy("quorum north\n"), CHECKPOINT + line("south")).attested
    assert attestation(policy("quorum none\n"), CHECKPOINT).attested


def test_cosignatures_do_not_make_up_for_a_missing_log_signature() -> None:
    body = TEXT.encode() + b"\n" + b"".join(map(line, NAMES))
    with pytest.raises(VerificationError, match="no signature by monitoring"):
        attestation(policy(), body)


def test_a_log_that_the_policy_does_not_list_is_not_attested() -> None:
    other = sign_checkpoint("other.example/log", 7, bytes(32), LOG_KEY)
    with pytest.raises(VerificationError, match="does not list"):
        attestation(policy(), other)


def test_a_log_may_have_two_keys_and_either_is_enough() -> None:
    new = SigningKey.generate(lambda size: b"n" * size)
    both = parse_policy(f"log {new.verifier_key(ORIGIN)}\n{policy_text()}".encode())
    for key in (LOG_KEY, new):
        attestation(both, sign_checkpoint(ORIGIN, 7, bytes(32), key))


def test_a_policy_without_logs_leaves_the_log_to_its_reader() -> None:
    assert parse_policy(policy_text(log=False).encode()).logs == ()
    assert attestation(parse_policy(policy_text(log=False).encode()), CHECKPOINT).missing == NAMES


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "does not end"),
        ("quorum none", "does not end"),
        ("quorum none\r\n", "control"),
        ("\n", "no quorum"),
        (policy_text("") + "# no quorum\n", "no quorum"),
        (policy_text("quorum none\nquorum none\n"), "more than one"),
        (policy_text("quorum elsewhere\n"), "not defined above"),
        ("quorum late\n" + policy_text(""), "not defined above"),
        (policy_text("group g all north later\nquorum g\n"), "not defined above"),
        (policy_text("group g all north none\nquorum g\n"), "not defined above"),
        (policy_text("group g all north north\nquorum g\n"), "in a group already"),
        (policy_text("group g all north\ngroup h all north south\nquorum h\n"), "in a group already"),
        (policy_text("group north all south\nquorum north\n"), "is taken"),
        (policy_text("group none all south\nquorum none\n"), "is taken"),
        (policy_text("group g 0 north\nquorum g\n"), "must be any"),
        (policy_text("group g 2 north\nquorum g\n"), "must be any"),
        (policy_text("group g 01 north\nquorum g\n"), "must be any"),
        (policy_text("group g some north\nquorum g\n"), "must be any"),
        (policy_text("group g any\nquorum g\n"), "no log, witness, group or quorum"),
        (policy_text("quorum none extra\n"), "no log, witness, group or quorum"),
        (policy_text(f"witness again {key_of('north')}\nquorum none\n"), "stands in the policy already"),
        (policy_text(f"log {LOG_KEY.verifier_key('second')}\nquorum none\n"), "stands in the policy already"),
        (policy_text(f"witness w {LOG_KEY.verifier_key(ORIGIN)}\nquorum none\n"), "witness key"),
        (f"log {key_of('north')}\nquorum none\n", "does not fit"),
        ("trust everybody\nquorum none\n", "no log, witness, group or quorum"),
    ],
)
def test_a_policy_with_a_fault_is_refused_and_says_where(text: str, what: str) -> None:
    with pytest.raises(VerificationError, match=what) as caught:
        parse_policy(text.encode(), "policy.txt")
    assert caught.value.where.startswith("policy.txt")


def test_a_policys_tabs_comments_urls_and_foreign_octets_are_read() -> None:
    name = b"\xff\xfe"
    text = b"# who counts\n\n \twitness\t" + name + b" " + key_of("north").encode()
    found = parse_policy(text + b" http://127.0.0.1:8350 \nquorum " + name + b"\n")
    assert found.witnesses[0].url == "http://127.0.0.1:8350"
    assert found.witnesses[0].name.encode("utf-8", "surrogateescape") == name
    assert attestation(found, CHECKPOINT + line("north")).attested


def test_lines_of_known_witnesses_are_taken_over_once_and_others_left() -> None:
    stranger = cosign(TEXT, "stranger.example", SigningKey.generate(lambda size: b"?" * size), NOW)
    note = parse_note(CHECKPOINT + stranger + line("south") + line("south"), "test")
    assert cosignature_lines(note, [parse_cosigner_key(key_of("south"))]) == line("south")


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: f"{text}\n".encode()))
def test_whatever_bytes_come_as_a_policy_only_a_verification_error_comes_out(data: bytes) -> None:
    with suppress(VerificationError):
        parse_policy(data)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_policy_with_any_bytes_replaced_is_refused_or_read(data: st.DataObject) -> None:
    whole = bytearray(policy_text().encode())
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at : at + data.draw(st.integers(0, 20))] = data.draw(st.binary(max_size=8))
    with suppress(VerificationError):
        attestation(parse_policy(bytes(whole)), CHECKPOINT + line("north"))
