# SPDX-License-Identifier: Apache-2.0
"""How verbs speak: plain lines for people, one JSON object for programs."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from truceline.errors import RejectedInput, RuleViolation
from truceline.observation.codec import JSONValue

SHOWN_REFUSALS = 20


def safe(name: str) -> str:
    """Return a file's name as text that can be printed and recorded, whatever its bytes."""
    return os.fsencode(name).decode("utf-8", "replace")


def printable(line: str) -> str:
    """Return a line that cannot play tricks on a terminal: what is quoted in it is not ours."""
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in line)


def refusal_lines(error: Exception) -> list[str]:
    """Return a refusal as lines for people: the reason, and by name the rule of procedure that forbids it."""
    rule = error.rule if isinstance(error, RuleViolation) else ""
    return [str(error), *([f"  rule: {rule}"] if rule else [])]


def refusal_document(error: Exception) -> dict[str, JSONValue]:
    """Return a refusal as a JSON object: what was said, every fault, and the rule that forbids it."""
    faults = error.faults if isinstance(error, RejectedInput) else ()
    forbidden: dict[str, JSONValue] = {}
    if isinstance(error, RuleViolation):
        forbidden = {"rule": error.rule, "citation": error.citation}
    return {
        **forbidden,
        "error": error.summary if isinstance(error, RejectedInput | RuleViolation) else str(error),
        "faults": [
            {"where": fault.where, "path": fault.path, "reason": fault.reason, "value": fault.value}
            for fault in faults
        ],
    }


def say(line: str = "") -> None:
    """Print one line for people."""
    sys.stdout.write(line + "\n")


def complain(text: str) -> None:
    """Print to the error stream."""
    sys.stderr.write(text + "\n")


def say_json(document: Mapping[str, JSONValue]) -> None:
    """Print one JSON object."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n")


def say_either(document: Mapping[str, JSONValue], lines: list[str], *, as_json: bool) -> None:
    """Print the document as JSON, or the lines."""
    if as_json:
        say_json(document)
        return
    for line in lines:
        say(line)


@contextmanager
def row_progress(label: str) -> Iterator[Callable[[int], None]]:
    """Show a count of rows on a terminal; stay silent elsewhere."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _rows: None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[rows]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(label, total=None, rows="")
        yield lambda rows: progress.update(task, rows=f"{rows:,} rows")


@contextmanager
def step_progress() -> Iterator[Callable[[str], None]]:
    """Show the step that is under way on a terminal; stay silent elsewhere."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _step: None
        return
    with console.status("starting") as status:
        yield status.update
