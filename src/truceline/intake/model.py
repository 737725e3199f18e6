# SPDX-License-Identifier: Apache-2.0
"""What goes through intake: rows of text, refusals, limits and what rows are read against."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from zoneinfo import ZoneInfo

from truceline.agreement import Agreement, Gazetteer
from truceline.errors import Fault
from truceline.vocabulary import SourceKind

UNSHOWABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters, and halves of characters, which UTF-8 cannot hold."""


def shown(text: str, longest: int = 120) -> str:
    """Return a text as a fault quotes it: short, and safe to write anywhere."""
    short = text if len(text) <= longest else text[: longest - 1] + "…"
    return UNSHOWABLE.sub("\N{REPLACEMENT CHARACTER}", short)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a file may ask of the machine.

    Attributes:
        line_bytes: Longest line of a text file.
        expanded_bytes: Most that a compressed file may unfold to.
        ratio: Most times that a compressed file may grow, beyond ``free_bytes``.
        free_bytes: What may unfold without a look at the ratio.
        rows: Most rows in one file.
        columns: Most columns in one file.
    """

    line_bytes: int = 1_000_000
    expanded_bytes: int = 2 << 30
    ratio: int = 200
    free_bytes: int = 16 << 20
    rows: int = 20_000_000
    columns: int = 256


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file, as text.

    Attributes:
        number: As a person finds it: in CSV and XLSX the header is row 1; in JSONL and
            Parquet the first row is 1.
        values: Column to text; the empty text stands for null.
        faults: What was wrong already when the row was read.
    """

    number: int
    values: Mapping[str, str]
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that was not taken, with every reason and the row as given."""

    row_number: int
    faults: tuple[Fault, ...]
    row: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class IntakeContext:
    """What rows are read against: one agreement and its place names."""

    agreement: Agreement
    gazetteer: Gazetteer
    limits: Limits = field(default_factory=Limits)

    @cached_property
    def zone(self) -> ZoneInfo:
        """The zone in which the agreement's dates are reckoned."""
        return ZoneInfo(self.agreement.reporting.timezone)

    @cached_property
    def family_of_source(self) -> Mapping[str, str]:
        """Each named source's or speaker's family."""
        return {source.id: source.family for source in self.agreement.sources}

    @cached_property
    def range_of_source(self) -> Mapping[str, float]:
        """How far each named source's watch reaches, where the pack says so, metres."""
        return {source.id: source.range_m for source in self.agreement.sources if source.range_m is not None}

    @cached_property
    def sigma_of_source(self) -> Mapping[str, float]:
        """How well each named source's own position is known, where the pack says so, metres."""
        return {
            source.id: source.position_sigma_m
            for source in self.agreement.sources
            if source.position_sigma_m is not None
        }

    @cached_property
    def kind_of_family(self) -> Mapping[str, SourceKind]:
        """What sort of source each family is."""
        return {family.id: family.source_kind for family in self.agreement.families}
