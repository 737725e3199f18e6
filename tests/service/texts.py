# SPDX-License-Identifier: Apache-2.0
"""Every text that the console shows in the reader's language: of templates, of words, of headings."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment, nodes

from truceline.access import Permission, Role
from truceline.ceasefire.standing import State
from truceline.commission.case import Phase
from truceline.commission.finding import FindingStanding, Outcome
from truceline.commission.steps import ComplianceResult
from truceline.geodesy import COMPASS
from truceline.guarantees.commitments import LegalStatus
from truceline.guarantees.contingents import ContingentStatus, Domain
from truceline.guarantees.hubs import HubStatus
from truceline.mechanism import STEPS
from truceline.procedure import Capacity, ClockState
from truceline.procedure.asked import asked_of, summary_of
from truceline.reports import words
from truceline.vocabulary import Kind, Tier
from truceline.web import pages, situation
from truceline.web.languages import MONTHS, in_words
from truceline.web.procedure import NOT_BY_FORM

WEB = Path(pages.__file__).parent
ENUMS = (
    Role, Permission, Phase, Outcome, FindingStanding, ComplianceResult, ClockState, LegalStatus,
    ContingentStatus, Domain, HubStatus, State, Capacity,
)  # fmt: skip

Plural = tuple[str, str]


def texts() -> set[str]:
    """Return every text that is looked up in a catalogue."""
    found = {text for text in _of_templates() if isinstance(text, str)}
    found |= {word.value.replace("_", " ") for enum in ENUMS for word in enum}
    found |= {words.kind(kind) for kind in Kind} | set(words.STATUS_WORDS.values())
    found |= {one.strip() for one in words.QUALIFIERS.values()} - {""}
    found |= set(_of_steps()) | {tier.value for tier in Tier}
    found |= {name for _, name in pages.SECTIONS} | {"not counted", "at most"}
    # A catalogue holds a noun that is counted, and stands alone as well, once.
    return (found | set(_of_programs())) - {one for one, _ in plurals()}


def plurals() -> set[Plural]:
    """Return every noun that is counted, in the singular and the plural."""
    return {pair for pair in _of_templates() if isinstance(pair, tuple)}


def _of_templates() -> Iterator[str | Plural]:
    environment = Environment(autoescape=True)
    for path in sorted((WEB / "templates").glob("*.html")):
        for call in environment.parse(path.read_text(encoding="utf-8")).find_all(nodes.Call):
            given = [one.value for one in call.args if isinstance(one, nodes.Const)]
            match call.node:
                case nodes.Name(name="_") if given:
                    yield str(given[0])
                case nodes.Getattr(node=nodes.Name(name="_"), attr="some"):
                    yield str(given[-2]), str(given[-1])


def _of_steps() -> Iterator[str]:
    """Yield what forms say of steps, and what their names and fields are called wherever they are shown."""
    for name, step in STEPS.items():
        yield from (in_words(one).capitalize() for one in (name, step.kind))
        for asked in asked_of(step):
            yield in_words(asked.name).capitalize()
            if name not in NOT_BY_FORM:
                yield asked.help
                yield from (in_words(choice) for choice in asked.choices)
        if name not in NOT_BY_FORM:
            yield summary_of(step)


def _of_programs() -> Iterator[str]:
    """Yield headings, what pages say in a sentence of their own, and what errors say."""
    for path in sorted([*WEB.glob("*.py"), *(WEB.parent / "api").glob("*.py")]):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
                continue
            given = [one.value for one in call.args if isinstance(one, ast.Constant)]
            if call.func.id == "page" and len(given) > 1:
                yield str(given[1])
            if call.func.id == "tongue":
                yield from (str(one) for one in given)
            if call.func.id == "Refused":
                yield from (str(one) for one in given if isinstance(one, str))
    yield from (situation.IN_FORCE_UNTIL, situation.IN_FORCE, situation.NO_LONGER, situation.BY_THE_RECORD)
    yield from (name for _, _, name in pages.OWN_SECTIONS)
    yield from ("Case", "Incident", "Record", "the commission", "members", "the parties to the case")
    yield from (*MONTHS, *COMPASS, words.AROUND, words.NEAR, words.ABOUT)
    yield from ("real", "kind", "place", "interval", "exception")  # the factors of an assessment
