# SPDX-License-Identifier: Apache-2.0
"""Keys stay with their owner, and others can check what they signed."""

from __future__ import annotations

import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from truceline.errors import RejectedInput, StorageFailure
from truceline.evidence import Entropy, SigningKey, VerificationError, sign_checkpoint
from truceline.evidence.verify.note import parse_note, parse_verifier_key, verify_checkpoint, verify_note


def test_a_key_is_the_same_after_saving_and_loading(tmp_path: Path, key: SigningKey) -> None:
    key.save(tmp_path / "key.pem")
    assert SigningKey.load(tmp_path / "key.pem").author == key.author


def test_a_key_file_is_its_owners_alone(tmp_path: Path, key: SigningKey) -> None:
    key.save(tmp_path / "key.pem")
    assert stat.S_IMODE((tmp_path / "key.pem").stat().st_mode) == 0o600


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620])
def test_a_key_file_open_to_others_is_refused(tmp_path: Path, key: SigningKey, mode: int) -> None:
    key.save(tmp_path / "key.pem")
    (tmp_path / "key.pem").chmod(mode)
    with pytest.raises(StorageFailure, match="chmod 600"):
        SigningKey.load(tmp_path / "key.pem")


def test_a_key_is_never_overwritten(tmp_path: Path, key: SigningKey) -> None:
    key.save(tmp_path / "key.pem")
    with pytest.raises(StorageFailure, match="never overwritten"):
        key.save(tmp_path / "key.pem")


def test_a_missing_key_file_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(StorageFailure, match="cannot be read"):
        SigningKey.load(tmp_path / "key.pem")


def test_a_key_that_cannot_be_written_is_said_so(tmp_path: Path, key: SigningKey) -> None:
    with pytest.raises(StorageFailure, match="cannot be written"):
        key.save(tmp_path / "nowhere" / "key.pem")


@pytest.mark.parametrize("elliptic", [True, False])
def test_a_file_that_is_no_ed25519_key_is_refused(tmp_path: Path, elliptic: bool) -> None:
    private = generate_private_key(SECP256R1()).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    (tmp_path / "key.pem").write_bytes(private if elliptic else b"not a key")
    (tmp_path / "key.pem").chmod(0o600)
    with pytest.raises(StorageFailure, match="not an Ed25519 key" if elliptic else "not a private key"):
        SigningKey.load(tmp_path / "key.pem")


def test_a_key_does_not_print_itself(key: SigningKey) -> None:
    assert repr(key) == f"SigningKey({key.author})"


def test_a_key_comes_from_the_entropy_that_is_handed_in(entropy: Entropy) -> None:
    fixed: Callable[[int], bytes] = lambda length: b"\x07" * length  # noqa: E731 - shorter than a function
    assert SigningKey.generate(fixed).author == SigningKey.generate(fixed).author
    assert SigningKey.generate(entropy).author != SigningKey.generate(entropy).author


def test_the_signed_note_of_the_go_reference_implementation_verifies() -> None:
    key = parse_verifier_key("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    note = (
        "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n"
        "\n"
        "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6"
        "KE6RyyBwJnAM=\n"
    ).encode()
    verify_note(parse_note(note, "note"), key, "note")


def test_openssl_accepts_a_checkpoints_signature(tmp_path: Path, key: SigningKey) -> None:
    note = parse_note(sign_checkpoint("log.example", 7, bytes(32), key), "checkpoint")
    public = Ed25519PublicKey.from_public_bytes(key.public)
    (tmp_path / "key.pem").write_bytes(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    (tmp_path / "text").write_bytes(note.text.encode())
    (tmp_path / "signature").write_bytes(note.signatures[0][2])
    command = ["openssl", "pkeyutl", "-verify", "-rawin", "-pubin"]
    command += ["-inkey", "key.pem", "-in", "text", "-sigfile", "signature"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "Signature Verified Successfully")


def test_a_checkpoint_says_origin_size_and_root(key: SigningKey) -> None:
    data = sign_checkpoint("log.example", 7, b"\x01" * 32, key)
    state = verify_checkpoint(data, parse_verifier_key(key.verifier_key("log.example")), "checkpoint")
    assert (state.origin, state.size, state.root) == ("log.example", 7, b"\x01" * 32)


@pytest.mark.parametrize(
    "origin",
    ["", "two words", "a+b", "line\nbreak", "bell\x07", "no\u00a0break", "half \ud800", "half\ud800"],
)
def test_an_origin_that_cannot_be_a_key_name_is_refused(key: SigningKey, origin: str) -> None:
    with pytest.raises(RejectedInput, match="checkpoint cannot be made"):
        sign_checkpoint(origin, 0, bytes(32), key)


def test_a_root_of_the_wrong_length_is_refused(key: SigningKey) -> None:
    with pytest.raises(RejectedInput, match="checkpoint cannot be made"):
        sign_checkpoint("log.example", 0, bytes(31), key)


@pytest.mark.parametrize(
    "text",
    ["", "name", "name+00000000", "name+00000000+AAAA", "two words+c74f20a3+AA", "n\ud800+00000000+AA"],
)
def test_what_is_no_verifier_key_is_refused(text: str) -> None:
    with pytest.raises(VerificationError):
        parse_verifier_key(text)


def test_a_verifier_key_whose_id_does_not_fit_is_refused(key: SigningKey) -> None:
    name, identity, public = key.verifier_key("log.example").split("+", 2)
    changed = [
        f"{name}.org+{identity}+{public}",
        f"{name}+{identity.upper()}+{public}",
        f"{name}+0000abcd+{public}",
    ]
    for text in changed:
        with pytest.raises(VerificationError, match="does not fit"):
            parse_verifier_key(text)


@pytest.mark.parametrize(
    "data",
    [
        b"no signature\n",
        b"text\n\n",
        b"text\n\n\xe2\x80\x94 name AAAAAAA=",
        b"text\n\n- name AAAAAAA=\n",
        b"text\n\n\xe2\x80\x94 na+me AAAAAAA=\n",
        b"text\n\n\xe2\x80\x94 name AAAA\n",
        b"text\r\n\n\xe2\x80\x94 name AAAAAAA=\n",
        b"\xff\n\n\xe2\x80\x94 name AAAAAAA=\n",
        b"text\n\n" + b"\xe2\x80\x94 name AAAAAAA=\n" * 65,
        b"x" * (1 << 20) + b"\n\n\xe2\x80\x94 name AAAAAAA=\n",
    ],
    ids=lambda data: repr(data[:40]),
)
def test_what_is_no_signed_note_is_refused(data: bytes) -> None:
    with pytest.raises(VerificationError):
        parse_note(data, "note")


@pytest.mark.parametrize(
    "text", ["a\n1\n", "a\n1\nAA==\n", "a\n01\n{root}\n", "a\n-1\n{root}\n", "a\n1\n{root}\nmore\n"]
)
def test_a_note_that_is_no_checkpoint_is_refused(key: SigningKey, text: str) -> None:
    note = key.sign_note(text.format(root="A" * 43 + "="), "a")
    with pytest.raises(VerificationError):
        verify_checkpoint(note, parse_verifier_key(key.verifier_key("a")), "checkpoint")


def test_signatures_by_unknown_keys_are_left_alone(key: SigningKey, entropy: Entropy) -> None:
    witness = SigningKey.generate(entropy)
    data = sign_checkpoint("log.example", 7, bytes(32), key)
    line = witness.sign_note("anything else\n", "witness.example").split(b"\n\n")[1]
    verify_checkpoint(data + line, parse_verifier_key(key.verifier_key("log.example")), "checkpoint")


def test_a_checkpoint_by_another_key_of_the_same_name_is_refused(key: SigningKey, entropy: Entropy) -> None:
    data = sign_checkpoint("log.example", 7, bytes(32), SigningKey.generate(entropy))
    with pytest.raises(VerificationError, match=r"no signature by log\.example"):
        verify_checkpoint(data, parse_verifier_key(key.verifier_key("log.example")), "checkpoint")


def test_a_second_signature_by_the_log_must_verify_too(key: SigningKey) -> None:
    data = sign_checkpoint("log.example", 7, bytes(32), key)
    line = key.sign_note("another text\n", "log.example").split(b"\n\n")[1]
    with pytest.raises(VerificationError, match="does not verify"):
        verify_checkpoint(data + line, parse_verifier_key(key.verifier_key("log.example")), "checkpoint")


def test_a_checkpoint_of_another_log_by_the_same_key_is_refused(key: SigningKey) -> None:
    text = sign_checkpoint("other.example", 7, bytes(32), key).split(b"\n\n")[0].decode() + "\n"
    data = key.sign_note(text, "log.example")
    with pytest.raises(VerificationError, match=r"of other\.example"):
        verify_checkpoint(data, parse_verifier_key(key.verifier_key("log.example")), "checkpoint")
