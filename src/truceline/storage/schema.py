# SPDX-License-Identifier: Apache-2.0
"""The tables of a mission's database.

``records``, ``openings``, ``sealed_keys``, ``adopted``, ``discards`` and ``heads`` are the
system of record, together with the vault.  Every other table is a read model: ``truceline
rebuild`` empties and recreates it.  Times are seconds since 1970 UTC where they are
searched by, RFC 3339 text where they are only shown.

Digests are taken over rows in the order of their keys, so every database must order them
alike: text by its bytes, whatever the language that a server was set up for.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

_ON_A_SERVER = "postgresql"
Words = String().with_variant(String(collation="C"), _ON_A_SERVER)
Whole = Integer().with_variant(BigInteger(), _ON_A_SERVER)
"""64 bits, which SQLite's integers have anyway."""

metadata = MetaData()

records = Table(
    "records",
    metadata,
    Column("leaf_index", Whole, primary_key=True, autoincrement=False),
    Column("record_id", Words, nullable=False, unique=True),
    Column("kind", Words, nullable=False, index=True),
    Column("author", Words, nullable=False),
    Column("author_seq", Whole, nullable=False),
    Column("logged_at", Words, nullable=False),
    Column("leaf", LargeBinary, nullable=False),
    Index("records_by_author", "author", "author_seq", unique=True),
)

openings = Table(
    "openings",
    metadata,
    Column("leaf_index", Whole, primary_key=True, autoincrement=False),
    Column("tier", Words, primary_key=True),
    Column("digest", Words, nullable=False),
    sqlite_with_rowid=False,
)

sealed_keys = Table(
    "sealed_keys",
    metadata,
    Column("leaf_index", Whole, primary_key=True, autoincrement=False),
    Column("tier", Words, primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
"""The content key of each sealed opening, wrapped for the tier; no row: it lies open."""

adopted = Table("adopted", metadata, Column("leaf_index", Whole, primary_key=True, autoincrement=False))
"""Records that came without openings: taken back from the published log after a restore."""

discards = Table("discards", metadata, Column("digest", Words, primary_key=True))
"""Vault objects that an erasure has struck out and that are still to be destroyed."""

heads = Table(
    "heads",
    metadata,
    Column("tree_size", Whole, primary_key=True, autoincrement=False),
    Column("edge", LargeBinary, nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("checkpoint", Text, nullable=False),
)

read_models = MetaData()

fold = Table("fold", read_models, Column("version", Whole, primary_key=True, autoincrement=False))

statements = Table(
    "statements",
    read_models,
    Column("kind", Words, primary_key=True),
    Column("statement_id", Words, primary_key=True),
    Column("leaf_index", Whole, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("from_s", Float, nullable=False),
    Column("to_s", Float, nullable=False),
    Column("placed", Boolean, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("statements_by_time", "kind", "from_s"),
    Index("statements_by_leaf", "leaf_index"),
)

conflicts = Table(
    "conflicts",
    read_models,
    Column("kind", Words, primary_key=True),
    Column("statement_id", Words, primary_key=True),
    Column("digest", LargeBinary, primary_key=True),
    Column("leaf_index", Whole, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

imports = Table(
    "imports",
    read_models,
    Column("leaf_index", Whole, primary_key=True, autoincrement=False),
    Column("sha256", Words, nullable=False, index=True),
    Column("body", LargeBinary, nullable=False),
)

runs = Table(
    "runs",
    read_models,
    Column("leaf_index", Whole, primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),
)

erasures = Table(
    "erasures",
    read_models,
    Column("leaf_index", Whole, primary_key=True, autoincrement=False),
    Column("erased_leaf", Whole, nullable=False, index=True),
    Column("body", LargeBinary, nullable=False),
)

acts = Table(
    "acts",
    read_models,
    Column("leaf_index", Whole, primary_key=True, autoincrement=False),
    Column("kind", Words, nullable=False),
    Column("body", LargeBinary, nullable=False),
)
"""Steps of procedure: what each record of one states, all tiers together."""

incidents = Table(
    "incidents",
    read_models,
    Column("incident_id", Words, primary_key=True),
    Column("from_s", Float, nullable=False, index=True),
    Column("to_s", Float, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

memberships = Table(
    "memberships",
    read_models,
    Column("observation_id", Words, primary_key=True),
    Column("incident_id", Words, nullable=False, index=True),
    Column("body", LargeBinary, nullable=False),
)

assessments = Table(
    "assessments",
    read_models,
    Column("incident_id", Words, primary_key=True),
    Column("version_id", Words, primary_key=True),
    Column("clause_id", Words, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

DERIVED = (incidents, memberships, assessments)
"""What a run computes; a new run replaces all of it."""
