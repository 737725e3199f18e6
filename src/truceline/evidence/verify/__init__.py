# SPDX-License-Identifier: Apache-2.0
"""The verifier: what a party needs to check the log without trusting anybody.

It needs the standard library and ``cryptography``, and nothing else of Truceline:
this folder, copied alone, runs as ``python -m verify LOG``.  To read it whole, take
``text``, ``merkle``, ``note``, ``cosignature``, ``policy``, ``leaf``, ``tiles``,
``authors``, ``log``, ``proof``, in this order.  The formats are written down in
``docs/evidence-format.md``.

Invariants:

- every check returns what it read, or nothing; a check that fails raises
  ``VerificationError``, and nothing else leaves this package for bad bytes;
- every parser is strict: what is accepted has one spelling;
- nothing is believed because of where it was found.
"""

from .authors import AuthorAccount
from .errors import VerificationError
from .leaf import Leaf, open_item, parse_leaf, verify_leaf
from .log import LogReport, verify_log, verify_tree
from .merkle import leaf_hash, merkle_root, node_hash, verify_consistency, verify_inclusion
from .note import Checkpoint, VerifierKey, parse_verifier_key, verify_checkpoint
from .policy import Attestation, Policy, attestation, parse_policy, verify_attested
from .proof import Proof, parse_proof, verify_proof, verify_record

__all__ = [
    "Attestation",
    "AuthorAccount",
    "Checkpoint",
    "Leaf",
    "LogReport",
    "Policy",
    "Proof",
    "VerificationError",
    "VerifierKey",
    "attestation",
    "leaf_hash",
    "merkle_root",
    "node_hash",
    "open_item",
    "parse_leaf",
    "parse_policy",
    "parse_proof",
    "parse_verifier_key",
    "verify_attested",
    "verify_checkpoint",
    "verify_consistency",
    "verify_inclusion",
    "verify_leaf",
    "verify_log",
    "verify_proof",
    "verify_record",
    "verify_tree",
]
