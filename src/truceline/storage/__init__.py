# SPDX-License-Identifier: Apache-2.0
"""SQL and files, and nothing else: no other room knows how anything is stored."""

from truceline.storage import schema
from truceline.storage.store import Head, ReadRow, RecordRow, Store, Transaction, Value
from truceline.storage.vault import Vault, write_durably

__all__ = [
    "Head",
    "ReadRow",
    "RecordRow",
    "Store",
    "Transaction",
    "Value",
    "Vault",
    "schema",
    "write_durably",
]
