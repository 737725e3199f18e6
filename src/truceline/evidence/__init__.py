# SPDX-License-Identifier: Apache-2.0
"""Evidence: records that are signed, committed to, logged and published.

Invariants:

- a record is one leaf: canonical, signed by its author, and without testimony: only
  salted commitments, so that content can be sealed or erased and the log still holds;
- the log is append-only: its edge grows, its checkpoints continue each other;
- what is published is static files, and what was published is never changed;
- whatever is made here passes ``verify``, which stands alone and which a party can read.

The formats are fixed in ``docs/evidence-format.md``.  Importing this package needs
the standard library and ``cryptography`` alone, so that ``python -m
truceline.evidence.verify`` runs with no more than that.
"""

from truceline.evidence.canonical import JSON, canonical
from truceline.evidence.checkpoint import sign_checkpoint
from truceline.evidence.opening import (
    ItemProof,
    Opening,
    opening_from_bytes,
    opening_to_bytes,
    prove_item,
    tier_root,
    withhold,
)
from truceline.evidence.proof import prove, prove_consistency
from truceline.evidence.publish import ReadLeaves, publish, published_size
from truceline.evidence.record import NOTHING, Payload, Record, fields_payload, make_record
from truceline.evidence.signing import Entropy, SigningKey
from truceline.evidence.tree import (
    HashReader,
    TileReader,
    TreeEdge,
    append,
    consistency_proof,
    edge_at,
    inclusion_proof,
    root,
    tile_nodes,
)
from truceline.evidence.verify import (
    Checkpoint,
    Leaf,
    LogReport,
    VerificationError,
    leaf_hash,
    open_item,
    parse_leaf,
    verify_leaf,
    verify_log,
    verify_proof,
)

__all__ = [
    "JSON",
    "NOTHING",
    "Checkpoint",
    "Entropy",
    "HashReader",
    "ItemProof",
    "Leaf",
    "LogReport",
    "Opening",
    "Payload",
    "ReadLeaves",
    "Record",
    "SigningKey",
    "TileReader",
    "TreeEdge",
    "VerificationError",
    "append",
    "canonical",
    "consistency_proof",
    "edge_at",
    "fields_payload",
    "inclusion_proof",
    "leaf_hash",
    "make_record",
    "open_item",
    "opening_from_bytes",
    "opening_to_bytes",
    "parse_leaf",
    "prove",
    "prove_consistency",
    "prove_item",
    "publish",
    "published_size",
    "root",
    "sign_checkpoint",
    "tier_root",
    "tile_nodes",
    "verify_leaf",
    "verify_log",
    "verify_proof",
    "withhold",
]
