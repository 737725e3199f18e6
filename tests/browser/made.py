# SPDX-License-Identifier: Apache-2.0
"""Small logs, proof files, cosignatures and disclosed items for the page to judge."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from datetime import UTC, datetime

from tests.mission.made import entropy

from truceline.evidence import (
    JSON,
    SigningKey,
    TreeEdge,
    append,
    fields_payload,
    inclusion_proof,
    leaf_hash,
    make_record,
    prove_item,
    root,
    sign_checkpoint,
)
from truceline.evidence.verify.cosignature import COSIGNATURE, cosigner_id
from truceline.vocabulary import Tier

ORIGIN = "monitoring.example/log"
LOG_KEY = SigningKey.generate(entropy(21))
KEY = LOG_KEY.verifier_key(ORIGIN)
AUTHOR = SigningKey.generate(entropy(22))
NOW = datetime(2025, 4, 19, 15, tzinfo=UTC)
COSIGNED_S = int(NOW.timestamp()) + 90
PREFIX = b"truceline/record/v1\n"
STATEMENT: dict[str, JSON] = {"count": 5, "kind": "mortar", "place": "a <b>field</b> near the line"}

RECORD = make_record(
    "observation",
    1,
    fields_payload({Tier.PUBLIC: STATEMENT, Tier.SEALED: {"witness": "name"}}),
    key=AUTHOR,
    author_seq=1,
    made_at=NOW,
    seen_size=2,
    entropy=entropy(23),
)
LEAF = RECORD.leaf_bytes


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def flipped(encoded: str, at: int) -> str:
    """Return base64 with one bit of its bytes changed."""
    data = bytearray(base64.b64decode(encoded))
    data[at] ^= 1
    return b64(bytes(data))


def checkpoint_over(leaves: Sequence[bytes]) -> bytes:
    return sign_checkpoint(ORIGIN, len(leaves), root(append(TreeEdge(), map(leaf_hash, leaves))), LOG_KEY)


def proof_of(leaf: bytes, size: int = 7, index: int = 3) -> str:
    """Return the proof file of ``leaf``, which may be malformed, in a log of ``size`` entries."""
    leaves = [leaf if at == index else b"entry %d" % at for at in range(size)]
    hashes = [leaf_hash(each) for each in leaves]
    path = inclusion_proof(index, size, lambda level, at: _subtree(hashes, level, at))
    head = ["c2sp.org/tlog-proof@v1", f"extra {b64(leaf)}", f"index {index}", *map(b64, path)]
    return "\n".join(head) + "\n\n" + checkpoint_over(leaves).decode()


def _subtree(hashes: list[bytes], level: int, at: int) -> bytes:
    return root(append(TreeEdge(), hashes[at << level : (at + 1) << level]))


def changed_leaf(**changes: object) -> bytes:
    """Return the leaf with fields changed (None: left out), signed again by its author."""
    return _changed(changes, sign=True)


def forged_leaf(**changes: object) -> bytes:
    """Return the leaf with fields changed under its old signature."""
    return _changed(changes, sign=False)


def _changed(changes: dict[str, object], *, sign: bool) -> bytes:
    fields = {**json.loads(LEAF), **changes}
    fields = {name: value for name, value in fields.items() if value is not None}
    if sign and "signature" in fields and "signature" not in changes:
        del fields["signature"]
        fields["signature"] = b64(AUTHOR.sign(PREFIX + _plain(fields)))
    return _plain(fields)


def _plain(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def disclosed(of: Tier = Tier.PUBLIC, at: int = 1, **changes: object) -> str:
    """Return what opens one item of the record, as the page takes it."""
    opened = prove_item(RECORD.openings[of], at)
    given: dict[str, object] = {
        "tier": str(of),
        "index": at,
        "salt": b64(opened.salt),
        "item": opened.item.decode(),
        "path": [b64(each) for each in opened.path],
    }
    return json.dumps({**given, **changes})


class Witness:
    """A witness that cosigns whatever it is shown."""

    def __init__(self, number: int) -> None:
        self.key = SigningKey.generate(entropy(30 + number))
        self.name = f"witness-{number}.example"
        self.identity = cosigner_id(self.name, self.key.public)
        self.verifier_key = f"{self.name}+{self.identity.hex()}+{b64(COSIGNATURE + self.key.public)}"

    def cosign(self, proof: str, at_s: int = COSIGNED_S) -> str:
        """Return the proof file with this witness's line under its checkpoint."""
        text = proof.split("\n\n")[1] + "\n"
        signature = self.key.sign(f"cosignature/v1\ntime {at_s}\n{text}".encode())
        return proof + f"\u2014 {self.name} {b64(self.identity + at_s.to_bytes(8, 'big') + signature)}\n"


WITNESSES = tuple(Witness(number) for number in range(3))
POLICY = "\n".join(
    [
        "# two of three, the neutral one among them",
        f"log {KEY}",
        f"witness neutral {WITNESSES[0].verifier_key} https://witness.example/",
        *(f"witness party-{at} {WITNESSES[at].verifier_key}" for at in (1, 2)),
        "group parties any party-1 party-2",
        "group enough all neutral parties",
        "quorum enough\n",
    ]
)
