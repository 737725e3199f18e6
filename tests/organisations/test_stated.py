# SPDX-License-Identifier: Apache-2.0
"""``oidc.toml``: every fault is told, and a secret by nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from truceline.access.providers import read_providers
from truceline.errors import RejectedInput

GOOD = {"id": "org", "label": "Organisation", "issuer": "https://id.example/realm", "client_id": "truceline"}
SECRET = "EXERCISE-not-to-be-shown"  # noqa: S105 - of nobody real


def written(folder: Path, *entries: dict[str, str]) -> Path:
    path = folder / "oidc.toml"
    lines = [
        line
        for entry in entries
        for line in ("[[provider]]", *(f'{name} = "{value}"' for name, value in entry.items()))
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_a_secret_comes_from_the_environment_or_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f"{SECRET}\n", encoding="utf-8")
    other = {**GOOD, "id": "other", "issuer": "https://other.example", "secret_file": "secret"}
    path = written(tmp_path, {**GOOD, "secret_env": "ORG_SECRET"}, other)
    found = read_providers(path, {"ORG_SECRET": "from the environment"})
    assert [(one.id, one.secret) for one in found] == [("org", "from the environment"), ("other", SECRET)]
    assert SECRET not in repr(found)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"id": "Org"}, "lower-case"),
        ({"id": "a/b"}, "lower-case"),
        ({"issuer": "http://id.example"}, "https"),
        ({"issuer": "https://id.example/?x=1"}, "https"),
        ({"issuer": "https://a:b@id.example"}, "https"),
        ({"issuer": "id.example"}, "https"),
        ({"client_id": ""}, "client_id"),
        ({"secret_env": "MISSING"}, "no secret there"),
        ({"secret_file": "missing"}, "either"),
        ({"secret": SECRET}, "provider.0.secret"),
        ({"secret_env": ""}, "secret_env"),
    ],
)
def test_a_fault_is_told_and_no_secret_is(tmp_path: Path, changed: dict[str, str], told: str) -> None:
    path = written(tmp_path, {**GOOD, "secret_env": "ORG_SECRET", **changed})
    with pytest.raises(RejectedInput) as refused:
        read_providers(path, {"ORG_SECRET": SECRET})
    assert told in str(refused.value)
    assert SECRET not in str(refused.value)
    assert SECRET not in repr(refused.value.faults)


def test_two_with_one_name_or_issuer_are_refused(tmp_path: Path) -> None:
    entry = {**GOOD, "secret_env": "ORG_SECRET"}
    with pytest.raises(RejectedInput) as refused:
        read_providers(written(tmp_path, entry, entry), {"ORG_SECRET": SECRET})
    assert [(one.path, one.reason) for one in refused.value.faults] == [
        ("id", "stands twice"),
        ("issuer", "stands twice"),
    ]


@pytest.mark.parametrize("text", ["", "provider = 7", "[[provider", "[provider]\nid = 7", "\x00"])
def test_what_is_no_such_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "oidc.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RejectedInput):
        read_providers(path, {})
    with pytest.raises(RejectedInput):
        read_providers(tmp_path / "none.toml", {})
