# SPDX-License-Identifier: Apache-2.0
"""Whatever is altered, the page names the step that it breaks, and so does the Python verifier."""

from __future__ import annotations

import json
import random

import pytest
from tests.browser.conftest import Verifier
from tests.browser.made import (
    AUTHOR,
    KEY,
    LEAF,
    LOG_KEY,
    ORIGIN,
    WITNESSES,
    b64,
    changed_leaf,
    disclosed,
    flipped,
    forged_leaf,
    proof_of,
)
from tests.mission.made import entropy

from truceline.evidence import SigningKey, VerificationError, verify_proof

GOOD = proof_of(LEAF)
LINES = GOOD.split("\n")  # header, extra, index, three of the path, "", origin, size, root, "", signature
OTHER_KEY = SigningKey.generate(entropy(77)).verifier_key(ORIGIN)


def with_line(number: int, line: str) -> str:
    return "\n".join([*LINES[:number], line, *LINES[number + 1 :]])


def python_refuses(proof: str, key: str) -> bool:
    try:
        verify_proof(proof.encode(), key)
    except VerificationError:
        return True
    return False


SIGNATURE = LINES[11].split(" ")[2]

ALTERED_FILES = {
    "header": (with_line(0, "c2sp.org/tlog-proof@v2"), "file"),
    "no leaf": (with_line(1, "index 3"), "file"),
    "leaf not base64": (with_line(1, LINES[1] + "="), "file"),
    "leaf": (with_line(1, f"extra {flipped(LINES[1][6:], 40)}"), "inclusion"),
    "index": (with_line(2, "index 2"), "inclusion"),
    "index beyond the log": (with_line(2, "index 7"), "inclusion"),
    "index with a zero": (with_line(2, "index 03"), "file"),
    "first of the path": (with_line(3, flipped(LINES[3], 0)), "inclusion"),
    "last of the path": (with_line(5, flipped(LINES[5], 31)), "inclusion"),
    "path in another order": ("\n".join([*LINES[:3], LINES[4], LINES[3], *LINES[5:]]), "inclusion"),
    "path too short": ("\n".join([*LINES[:5], *LINES[6:]]), "inclusion"),
    "path too long": (with_line(5, f"{LINES[5]}\n{LINES[5]}"), "inclusion"),
    "path not of hashes": (with_line(3, b64(bytes(31))), "file"),
    "origin": (with_line(7, "monitoring.example/lag"), "checkpoint"),
    "size": (with_line(8, "8"), "checkpoint"),
    "root": (with_line(9, flipped(LINES[9], 5)), "checkpoint"),
    "extension line": (with_line(9, f"{LINES[9]}\nextension"), "checkpoint"),
    "signature": (with_line(11, f"\u2014 {ORIGIN} {flipped(SIGNATURE, 60)}"), "checkpoint"),
    "signature by another id": (with_line(11, f"\u2014 {ORIGIN} {flipped(SIGNATURE, 0)}"), "checkpoint"),
    "signature by another name": (with_line(11, f"\u2014 {ORIGIN}x {SIGNATURE}"), "checkpoint"),
    "signature malformed": (with_line(11, f"- {ORIGIN} {SIGNATURE}"), "checkpoint"),
    "second, false signature": (GOOD + f"\u2014 {ORIGIN} {flipped(SIGNATURE, 60)}\n", "checkpoint"),
    "no newline at the end": (GOOD.removesuffix("\n"), "checkpoint"),
    "no checkpoint": (GOOD.split("\n\n", maxsplit=1)[0] + "\n\n", "checkpoint"),
    "carriage returns": (GOOD.replace("\n", "\r\n"), "file"),
    "byte order mark": ("\ufeff" + GOOD, "file"),
    "nothing": ("", "file"),
}  # fmt: skip


@pytest.mark.parametrize("name", ALTERED_FILES)
def test_each_altered_part_of_the_file_fails_at_its_step(verifier: Verifier, name: str) -> None:
    proof, step = ALTERED_FILES[name]
    outcome = verifier.check(proof)
    assert outcome.failed == step
    assert python_refuses(proof, KEY)


def test_nothing_is_checked_after_a_failure_and_the_verdict_says_what_it_means(verifier: Verifier) -> None:
    outcome = verifier.check(ALTERED_FILES["index"][0], item=disclosed())
    assert list(outcome.states.values()) == ["holds"] * 3 + ["failed"] + ["not checked"] * 4
    assert outcome.verdict.startswith("Step 4 failed: The path leads to another root")
    assert "Do not rely on it, and keep this file." in outcome.meaning


@pytest.mark.parametrize(
    ("key", "step"),
    [
        (OTHER_KEY, "checkpoint"),
        (LOG_KEY.verifier_key("elsewhere.example/log"), "checkpoint"),
        (KEY.replace(KEY.split("+")[1], "00000000"), "key"),
        (KEY[:-4], "key"),
        (KEY + "=", "key"),
        (WITNESSES[0].verifier_key, "key"),
        ("key", "key"),
    ],
)
def test_another_key_fails(verifier: Verifier, key: str, step: str) -> None:
    assert verifier.check(GOOD, key).failed == step
    assert python_refuses(GOOD, key)


def test_an_operator_who_signs_a_root_for_another_size_is_caught(verifier: Verifier) -> None:
    signed = LOG_KEY.sign_note(f"{ORIGIN}\n15\n{LINES[9]}\n", ORIGIN).decode()
    proof = GOOD.split("\n\n")[0] + "\n\n" + signed
    outcome = verifier.check(proof)
    assert (outcome.failed, outcome.said["inclusion"]) == ("inclusion", "The path is too short.")
    assert python_refuses(proof, KEY)


def test_an_operator_who_signs_for_another_log_is_caught(verifier: Verifier) -> None:
    signed = LOG_KEY.sign_note(f"elsewhere.example/log\n7\n{LINES[9]}\n", ORIGIN).decode()
    proof = GOOD.split("\n\n")[0] + "\n\n" + signed
    outcome = verifier.check(proof)
    assert outcome.failed == "checkpoint"
    assert "This is another log" in outcome.meaning
    assert python_refuses(proof, KEY)


MALFORMED_LEAVES = {
    **{f"without {name}": changed_leaf(**{name: None}) for name in json.loads(LEAF)},
    "with a field more": changed_leaf(zone="A"),
    "with spaces": LEAF.replace(b",", b", "),
    "field twice": LEAF.replace(b'"items":4', b'"items":4,"items":4'),
    "number as a fraction": LEAF.replace(b'"items":4', b'"items":4.0'),
    "number too large": changed_leaf(author_seq=2**53),
    "no items": changed_leaf(items=0),
    "too many items": changed_leaf(items=10_001),
    "schema true": changed_leaf(schema=True),
    "id in capitals": changed_leaf(id="rec-" + "A" * 32),
    "kind in capitals": changed_leaf(kind="Observation"),
    "refs of other things": changed_leaf(refs=["x"]),
    "refs twice": changed_leaf(refs=["rec-" + "0" * 32] * 2),
    "unknown tier": changed_leaf(commitments={"secret": b64(bytes(32))}),
    "no tier": changed_leaf(commitments={}),
    "short commitment": changed_leaf(commitments={"public": b64(bytes(31))}),
    "30 February": changed_leaf(made_at="2025-02-30T12:00:00Z"),
    "hour 24": changed_leaf(made_at="2025-04-19T24:00:00Z"),
    "no zone": changed_leaf(made_at="2025-04-19T15:00:00"),
    "needless fraction": changed_leaf(made_at="2025-04-19T15:00:00.000000Z"),
    "author of another kind": changed_leaf(author="rsa:abc"),
    "short author": changed_leaf(author="ed25519:" + b64(bytes(31))),
    "short signature": changed_leaf(signature=b64(bytes(63))),
    "not an object": b"[]",
    "not JSON": b"observation",
    "not UTF-8": b"\xff",
    "nested too deep": b"[" * 30_000 + b"]" * 30_000,
    "too long": changed_leaf(kind="k" * 65_536),
}  # fmt: skip


@pytest.mark.parametrize("name", MALFORMED_LEAVES)
def test_a_logged_record_in_any_other_form_fails_as_such(verifier: Verifier, name: str) -> None:
    proof = proof_of(MALFORMED_LEAVES[name])
    assert verifier.check(proof).failed == "leaf"
    assert python_refuses(proof, KEY)


def test_a_record_from_an_author_who_saw_a_larger_log_fails(verifier: Verifier) -> None:
    outcome = verifier.check(proof_of(changed_leaf(seen_size=4)))
    assert outcome.failed == "leaf"
    assert "cut back" in outcome.meaning


@pytest.mark.parametrize(
    "leaf",
    [
        forged_leaf(made_at="2025-04-19T15:00:01Z"),
        forged_leaf(author=SigningKey.generate(entropy(78)).author),
        changed_leaf(signature=b64(AUTHOR.sign(b"something else"))),
    ],
)
def test_a_record_that_its_author_did_not_sign_fails(verifier: Verifier, leaf: bytes) -> None:
    outcome = verifier.check(proof_of(leaf))
    assert outcome.failed == "author"
    assert "did not sign these words" in outcome.meaning
    assert python_refuses(proof_of(leaf), KEY)


def test_the_browser_and_python_agree_on_300_proof_files_with_one_flipped_bit(verifier: Verifier) -> None:
    draw, files = random.Random(300), []
    for _ in range(300):
        data = bytearray(GOOD.encode())
        data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
        files.append(bytes(data))
    script = """async ([files, key]) => {
        const failed = [];
        for (const file of files) {
          const proof = Uint8Array.from(atob(file), (char) => char.charCodeAt(0));
          const steps = await verify({ proof, key, policy: "", item: "" });
          failed.push(steps.some((step) => step.state === "failed"));
        }
        return failed;
      }"""
    browser: list[bool] = verifier.page.evaluate(script, [[b64(each) for each in files], KEY])
    for file, refused in zip(files, browser, strict=True):
        with pytest.raises(VerificationError):
            verify_proof(file, KEY)
        assert refused, file
