# SPDX-License-Identifier: Apache-2.0
"""The README's words are commands that work; the glossary knows every public noun."""

from __future__ import annotations

import ast
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```\n(.*?)```", README, re.DOTALL)


def steps() -> list[str]:
    block = next(block for block in BLOCKS if "truceline init" in block)
    return [line for line in block.splitlines() if line.startswith("truceline ")]


def test_every_step_of_the_readme_works_word_for_word(tmp_path: Path) -> None:
    for name in ("packs", "examples"):
        shutil.copytree(ROOT / name, tmp_path / name)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    assert len(steps()) >= 10
    for step in steps():
        done = subprocess.run(
            shlex.split(step), cwd=tmp_path, env={**os.environ, "PATH": path}, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{step}\n{done.stdout}{done.stderr}"
    assert (tmp_path / "build/reports/daily-2025-04-20.html").is_file()


def test_the_two_commands_are_make_targets() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"^make ([\w-]+)", README, re.MULTILINE)) | set(
        re.findall(r"`make\s+([\w-]+)`", README)
    )
    assert {"demo", "test", "bench", "setup", "minsk"} <= named
    for target in named:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


@pytest.mark.parametrize("document", [*sorted(ROOT.glob("docs/**/*.md")), ROOT / "README.md"], ids=str)
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    for link in re.findall(r"\]\(([^)#]+)[^)]*\)", document.read_text(encoding="utf-8")):
        if not link.startswith("http"):
            assert (document.parent / link).exists(), f"{document.name}: {link}"


NOUNS = (
    "agreement/stated.py",
    "agreement/mechanism.py",
    "agreement/notice.py",
    "procedure/who.py",
    "procedure/step.py",
    "procedure/entry.py",
    "procedure/clocks.py",
    "procedure/sight.py",
    "review/steps.py",
    "review/state.py",
    "ceasefire/standing.py",
    "ceasefire/arrangements.py",
    "commission/composition.py",
    "commission/finding.py",
    "commission/case.py",
    "guarantees/gates.py",
    "guarantees/obligations.py",
    "guarantees/coalition.py",
    "guarantees/contingents.py",
    "guarantees/hubs.py",
    "guarantees/ledger.py",
    "mechanism/state.py",
    "mechanism/suspension.py",
)
"""Modules whose nouns are the mechanism's, beside every ``model.py``."""


def public_nouns() -> set[str]:
    names = set()
    rooms = ROOT / "src" / "truceline"
    for path in (*rooms.glob("*/model.py"), *(rooms / name for name in NOUNS)):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names |= {
            node.name
            for node in tree.body
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
        }
    return names


def test_the_glossary_knows_every_public_noun() -> None:
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    missing = {name for name in public_nouns() if f"`{name}`" not in glossary}
    assert not missing


def test_the_glossary_knows_no_noun_that_is_not_there() -> None:
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `(\w+)` \|", glossary, re.MULTILINE))
    assert listed
    assert listed <= public_nouns()


@pytest.mark.parametrize(
    "verb",
    [
        "init", "ingest", "run", "fuse", "report", "rebuild", "status", "demo", "exercise",
        "log verify", "log prove", "log open",
        "pack check", "audit", "backup", "device new", "device sign", "device status", "disclose", "erase",
        "reconcile", "restore", "submit", "timestamp", "witness collect", "witness serve",
        "amend", "procedure", "steps", "case", "case evidence", "case vote", "party complain",
    ],
)  # fmt: skip
def test_every_verb_explains_itself(verb: str) -> None:
    program = Path(sys.executable).with_name("truceline")
    done = subprocess.run([program, *verb.split(), "--help"], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "Usage:" in done.stdout
