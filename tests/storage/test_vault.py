# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from truceline.errors import StorageFailure
from truceline.storage import Vault


@settings(max_examples=25)
@given(content=st.binary(max_size=200))
def test_what_is_put_is_got(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    vault = Vault(tmp_path_factory.mktemp("vault"))
    assert vault.get(vault.put(content)) == content


def test_a_changed_object_is_named_and_not_handed_out(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    digest = vault.put(b"as it was")
    (tmp_path / digest[:2] / digest).write_bytes(b"as it is now")
    with pytest.raises(StorageFailure, match="changed on disk"):
        vault.get(digest)


def test_a_missing_object_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageFailure, match="cannot be read"):
        Vault(tmp_path).get("00" * 32)
