# SPDX-License-Identifier: Apache-2.0
"""SQL and files, and nothing else: no other room knows how anything is stored."""

from truceline.storage import schema
from truceline.storage.address import DatabaseAddress, check_url, schema_name
from truceline.storage.database import Database
from truceline.storage.places import database_of, made, move
from truceline.storage.store import Head, ReadRow, RecordRow, Store, Transaction, Value
from truceline.storage.vault import Vault, write_durably

__all__ = [
    "Database",
    "DatabaseAddress",
    "Head",
    "ReadRow",
    "RecordRow",
    "Store",
    "Transaction",
    "Value",
    "Vault",
    "check_url",
    "database_of",
    "made",
    "move",
    "schema",
    "schema_name",
    "write_durably",
]
