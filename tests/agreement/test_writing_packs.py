# SPDX-License-Identifier: Apache-2.0
"""docs/writing-packs.md shows packs that load, and leaves no key out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from truceline.agreement import load_files, mechanism, model
from truceline.agreement.features import Properties
from truceline.agreement.loader import AgreementFile, SourcesFile
from truceline.agreement.stated import Stated
from truceline.vocabulary import Kind, SourceKind, Tier

PAGE = (Path(__file__).parents[2] / "docs" / "writing-packs.md").read_text(encoding="utf-8")
MODELS = sorted(
    {
        found
        for found in (vars(model) | vars(mechanism)).values()
        if isinstance(found, type) and issubclass(found, Stated)
    },
    key=lambda found: found.__name__,
)


def shown(name: str) -> bytes:
    """Return a file made of every example that begins with its name."""
    parts = re.findall(rf"```yaml\n# {re.escape(name)}\n(.*?)```", PAGE, flags=re.DOTALL)
    return "".join(parts).encode()


def test_the_examples_together_are_a_pack_that_loads() -> None:
    (zones,) = re.findall(r"```json\n(.*?)```", PAGE, flags=re.DOTALL)
    files = {name: shown(name) for name in ("agreement.yaml", "sources.yaml", "places.yaml")}
    agreement = load_files(files | {"zones.geojson": zones.encode()})
    assert agreement.agreement_id == "my-truce"
    assert agreement.guarantees[0].clocks_hours == (24, 72)


@pytest.mark.parametrize(
    "stated", [*MODELS, AgreementFile, SourcesFile, Properties], ids=lambda found: found.__name__
)
def test_every_key_stands_in_an_example(stated: type[BaseModel]) -> None:
    examples = "".join(re.findall(r"```(?:yaml|json)\n(.*?)```", PAGE, flags=re.DOTALL))
    keys = {field.alias or name for name, field in stated.model_fields.items()}
    missing = {key for key in keys if not re.search(rf'\b{key}"?:', examples)}
    assert not missing


@pytest.mark.parametrize("word", [word.value for words in (Kind, SourceKind, Tier) for word in words])
def test_every_word_that_a_pack_can_use_is_named(word: str) -> None:
    assert re.search(rf"\b{word}\b", PAGE)


def test_the_shown_fault_is_what_the_check_says() -> None:
    assert "names no zone of this pack (given: 'nowhere')" in PAGE
