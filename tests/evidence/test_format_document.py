# SPDX-License-Identifier: Apache-2.0
"""The examples in ``docs/evidence-format.md`` are true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from truceline.evidence import leaf_hash, open_item
from truceline.evidence.verify import parse_verifier_key, verify_checkpoint, verify_leaf, verify_record

DOCUMENT = Path(__file__).parents[2] / "docs" / "evidence-format.md"


@pytest.fixture
def blocks() -> list[str]:
    """The fenced examples in their order."""
    return re.findall(r"^```\n(.*?)^```$", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def block(blocks: list[str], start: str) -> str:
    return next(text for text in blocks if text.startswith(start))


def test_the_documents_leaf_is_in_the_documents_checkpoint(blocks: list[str]) -> None:
    key = parse_verifier_key(block(blocks, "monitoring.example/log+").strip())
    checkpoint = verify_checkpoint(block(blocks, "monitoring.example/log\n").encode(), key, "document")
    leaf = block(blocks, "{").strip().encode()
    verify_record(leaf, 0, (), checkpoint, "document")
    assert leaf_hash(leaf) == checkpoint.root


def test_the_documents_item_opens_in_the_documents_leaf(blocks: list[str]) -> None:
    leaf = verify_leaf(block(blocks, "{").strip().encode(), "document")
    lines = [line.split(maxsplit=1) for line in block(blocks, "salt").strip().split("\n")]
    path = [bytes.fromhex(text) for name, text in lines if name == "path"]
    salt, item = bytes.fromhex(lines[0][1]), lines[1][1].encode()
    open_item(leaf, "public", 1, salt=salt, item=item, path=path)
