# SPDX-License-Identifier: Apache-2.0
"""A pack's bytes to plain values, or to every fault that stands in the way.

A pack is somebody else's file until it is checked, so this reader takes less than
YAML allows: no aliases, no tags, no merge keys, one document, bounded size and
depth, and no key twice.  Plain scalars follow the JSON rules of YAML 1.2 (10.2),
not those of YAML 1.1: ``19:30``, ``2015-02-12`` and ``NO`` stay text, as written.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

import yaml

from truceline.errors import Fault

Value: TypeAlias = "str | int | float | bool | list[Value] | dict[str, Value] | None"
"""What YAML and JSON can say."""

MAX_BYTES = 4_000_000
"""Largest file of a pack; a country's zones in full detail stay well below."""

MAX_DEPTH = 24
"""Deepest nesting; the deepest place of a real pack is about half of it."""

# The C parser reads the same language, ten times as fast, where libyaml is there.
_PARSER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_NUMBER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})(\.[0-9]{1,30})?([eE][-+]?[0-9]{1,3})?")
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}


def read_yaml(name: str, content: bytes) -> tuple[Value, list[Fault]]:
    """Return the one document of a YAML file and the faults found in it.

    Args:
        name: The file's name, for the faults.
        content: The file, byte for byte.
    """
    text, faults = _decode(name, content)
    if faults:
        return None, faults
    builder = _Builder(name)
    try:
        for event in yaml.parse(text, Loader=_PARSER):
            builder.take(event)
            if builder.too_deep:
                break
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = "file" if mark is None else f"line {mark.line + 1}"
        reason = getattr(error, "problem", None) or "holds a character that YAML does not allow"
        builder.fault(where, f"not readable as YAML: {reason}")
    return builder.document, builder.faults


def read_json(name: str, content: bytes) -> tuple[Value, list[Fault]]:
    """Return a JSON file's value and the faults found in it; see ``read_yaml``."""
    text, faults = _decode(name, content)
    if faults:
        return None, faults

    def pairs(members: list[tuple[str, Value]]) -> dict[str, Value]:
        found = dict(members)
        if len(found) < len(members):
            keys = [key for key, _ in members]
            faults.extend(
                Fault(name, key, "the same key stands twice in one object; keep one of the two")
                for key in sorted({key for key in keys if keys.count(key) > 1})
            )
        return found

    def constant(word: str) -> None:
        faults.append(Fault(name, "file", "not a number that JSON allows", word))

    value: Value = None
    try:
        value = json.loads(text, object_pairs_hook=pairs, parse_constant=constant)
    except json.JSONDecodeError as error:
        faults.append(Fault(name, f"line {error.lineno}", f"not readable as JSON: {error.msg}"))
    except RecursionError:
        faults.append(Fault(name, "file", "nested too deep to read"))
    except ValueError:  # an integer of thousands of digits
        faults.append(Fault(name, "file", "holds a number too long to read"))
    return value, faults


def walk(value: Value, pattern: str) -> Iterator[tuple[str, str]]:
    """Yield (path, text) of every piece of text at a place such as ``facts.*.id``.

    ``*`` stands for every element of a list or every key of a mapping; a mapping's
    keys themselves are reached with ``@`` as the last step.  What is missing or of
    another type is passed over: the models say so.
    """
    return _walk(value, pattern.split("."), ())


def _walk(value: Value, steps: list[str], path: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if not steps:
        if isinstance(value, str):
            yield ".".join(path), value
        return
    step, rest = steps[0], steps[1:]
    if step == "@" and isinstance(value, dict):
        for key in value:
            yield ".".join((*path, key)), key
    elif step == "*" and isinstance(value, list):
        for index, element in enumerate(value):
            yield from _walk(element, rest, (*path, str(index)))
    elif step == "*" and isinstance(value, dict):
        for key, element in value.items():
            yield from _walk(element, rest, (*path, key))
    elif isinstance(value, dict) and step in value:
        yield from _walk(value[step], rest, (*path, step))


def _decode(name: str, content: bytes) -> tuple[str, list[Fault]]:
    if len(content) > MAX_BYTES:
        return "", [Fault(name, "file", f"larger than {MAX_BYTES:,} bytes; a pack's file is smaller")]
    try:
        return content.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return "", [Fault(name, f"line {line}", "not UTF-8; save the file as UTF-8")]


@dataclass
class _Frame:
    """A list or mapping that is still open, and the key that waits for its value."""

    container: list[Value] | dict[str, Value]
    key: str | None = None


@dataclass
class _Builder:
    """Builds one document from the parser's events; its stack is a list, so depth is safe."""

    name: str
    document: Value = None
    faults: list[Fault] = field(default_factory=list)
    stack: list[_Frame] = field(default_factory=list)
    documents: int = 0
    too_deep: bool = False

    def fault(self, path: str, reason: str, value: str | None = None) -> None:
        self.faults.append(Fault(self.name, path, reason, value))

    def path(self) -> str:
        steps = [
            frame.key if isinstance(frame.container, dict) else str(len(frame.container))
            for frame in self.stack
        ]
        return ".".join(step for step in steps if step is not None) or "file"

    def take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents == 2:
                self.fault("file", "holds a second document (---); keep one to a file")
        elif isinstance(event, yaml.AliasEvent):
            self.fault(self.path(), "an alias (*); write the value out")
            self.place(None)
        elif isinstance(event, yaml.ScalarEvent):
            self.place(self.scalar(event))
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self.open(event)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self.place(self.stack.pop().container)

    def open(self, event: yaml.MappingStartEvent | yaml.SequenceStartEvent) -> None:
        if event.tag is not None:
            self.fault(self.path(), "a tag (!); leave it out", event.tag)
        if len(self.stack) == MAX_DEPTH:
            self.too_deep = True
            self.fault(self.path(), f"nested more than {MAX_DEPTH} deep")
        self.stack.append(_Frame({} if isinstance(event, yaml.MappingStartEvent) else []))

    def scalar(self, event: yaml.ScalarEvent) -> Value:
        if event.tag is not None:
            self.fault(self.path(), "a tag (!); leave it out", event.tag)
        text: str = event.value
        plain = event.style in (None, "")
        at_key = (
            bool(self.stack) and isinstance(self.stack[-1].container, dict) and self.stack[-1].key is None
        )
        if not plain or at_key:
            return text
        if text in _WORDS:
            return _WORDS[text]
        if _INTEGER.fullmatch(text):
            return int(text)
        return float(text) if _NUMBER.fullmatch(text) else text

    def place(self, value: Value) -> None:
        """Put a finished value where it belongs: in a list, as a key, or under its key."""
        if not self.stack:
            if self.documents == 1:
                self.document = value
            return
        frame = self.stack[-1]
        if isinstance(frame.container, list):
            frame.container.append(value)
        elif frame.key is None:
            if not isinstance(value, str):
                self.fault(self.path(), "a key that is not text")
            frame.key = str(value)
            if frame.key in frame.container:
                self.fault(self.path(), "the same key stands twice; keep one of the two")
        else:
            frame.container.setdefault(frame.key, value)
            frame.key = None
