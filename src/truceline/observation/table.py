# SPDX-License-Identifier: Apache-2.0
"""The observation table: the interchange format (design, "Observation table", version 1).

One row an observation, held as columns.  What holds for every table:

- only observations with a place are in it; a source that names no place is kept elsewhere;
- ids are unique, positions and ellipses are finite and in range, no interval ends before it starts;
- a null count is ``NOT_COUNTED``, a null origin is the empty text: neither is ever a number or a name.

PyArrow has no type stubs; its untyped surface stays in this module.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet
from numpy.typing import NDArray

from truceline.errors import Fault, RejectedInput
from truceline.observation.model import Observation
from truceline.vocabulary import Kind, SourceKind

KINDS: tuple[Kind, ...] = tuple(Kind)
"""What the codes in ``kind`` stand for."""

SOURCE_KINDS: tuple[SourceKind, ...] = tuple(SourceKind)
"""What the codes in ``source_kind`` stand for."""

NOT_COUNTED = -1
"""Stands for null in ``count_min`` and ``count_max``."""

FAULTS_LISTED = 50
"""How many faults a refusal spells out before it only says how many more there are."""

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Texts = NDArray[np.object_]

_TIME = pa.timestamp("us", tz="UTC")
SCHEMA = pa.schema(
    [
        pa.field("observation_id", pa.string(), nullable=False),
        pa.field("source_id", pa.string(), nullable=False),
        pa.field("source_kind", pa.string(), nullable=False),
        pa.field("event_from", _TIME, nullable=False),
        pa.field("event_to", _TIME, nullable=False),
        pa.field("time_sigma_s", pa.float64(), nullable=False),
        pa.field("latitude", pa.float64(), nullable=False),
        pa.field("longitude", pa.float64(), nullable=False),
        pa.field("sigma_major_m", pa.float64(), nullable=False),
        pa.field("sigma_minor_m", pa.float64(), nullable=False),
        pa.field("azimuth_deg", pa.float64(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("count_min", pa.int64()),
        pa.field("count_max", pa.int64()),
        pa.field("received_at", _TIME, nullable=False),
        pa.field("origin_id", pa.string()),
    ]
)
"""Names, types and nulls of the interchange table."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BOUNDS = (
    ("time_sigma_s", 0.0, np.inf),
    ("latitude", -90.0, 90.0),
    ("longitude", -180.0, 180.0),
    ("sigma_major_m", 0.0, np.inf),
    ("sigma_minor_m", 0.0, np.inf),
    ("azimuth_deg", -360.0, 360.0),
)


@dataclass(frozen=True, slots=True, eq=False)
class ObservationTable:
    """Observations as columns of equal length.

    Attributes:
        observation_id: Unique ids, text.
        source_id: Who reports, text.
        source_kind: Indices into ``SOURCE_KINDS``.
        event_from_s: Start of the interval in which the event began, seconds since 1970 UTC.
        event_to_s: End of that interval, likewise.
        time_sigma_s: Standard deviation of each end, seconds.
        latitude: Centre, WGS 84 degrees.
        longitude: Centre, WGS 84 degrees.
        sigma_major_m: Standard deviation along the major axis, metres.
        sigma_minor_m: Standard deviation across it, metres.
        azimuth_deg: Of the major axis, degrees clockwise from north.
        kind: Indices into ``KINDS``.
        count_min: Least number stated; ``NOT_COUNTED`` where none is.
        count_max: Greatest number stated; ``NOT_COUNTED`` where none is.
        received_at_s: When the mechanism received it, seconds since 1970 UTC.
        origin_id: The statement that it repeats, text; empty where none is known.
    """

    observation_id: Texts
    source_id: Texts
    source_kind: Integers
    event_from_s: Floats
    event_to_s: Floats
    time_sigma_s: Floats
    latitude: Floats
    longitude: Floats
    sigma_major_m: Floats
    sigma_minor_m: Floats
    azimuth_deg: Floats
    kind: Integers
    count_min: Integers
    count_max: Integers
    received_at_s: Floats
    origin_id: Texts

    def __len__(self) -> int:
        return len(self.observation_id)

    @classmethod
    def from_observations(cls, observations: Iterable[Observation]) -> ObservationTable:
        """Return the table of those observations that have a place.

        An interval without an end is taken to end when the report was received: an
        event cannot have begun after that.

        Raises:
            RejectedInput: Ids repeat, or a value is out of range.
        """
        columns: dict[str, list[object]] = {name: [] for name in SCHEMA.names}
        for one in observations:
            if one.place is None:
                continue
            end = one.when.end if one.when.end is not None else max(one.when.start, one.received_at)
            row = (
                one.observation_id,
                one.source_id,
                one.source_kind.value,
                _microseconds(one.when.start),
                _microseconds(end),
                one.time_sigma_s,
                one.place.latitude,
                one.place.longitude,
                one.place.sigma_major_m,
                one.place.sigma_minor_m,
                one.place.azimuth_deg,
                one.kind.value,
                one.count.minimum,
                one.count.maximum,
                _microseconds(one.received_at),
                one.origin_id or None,
            )
            for values, value in zip(columns.values(), row, strict=True):
                values.append(value)
        arrays = [
            pa.array(values, pa.int64()).cast(_TIME) if field.type == _TIME else pa.array(values, field.type)
            for field, values in zip(SCHEMA, columns.values(), strict=True)
        ]
        return cls.from_arrow(pa.Table.from_arrays(arrays, names=SCHEMA.names))

    @classmethod
    def from_arrow(cls, table: pa.Table, where: str = "table") -> ObservationTable:
        """Return the columns of an Arrow table, checked.

        Text columns are converted to the type that the format asks for; further
        columns are left out.

        Args:
            table: With at least the columns of ``SCHEMA``; the two counts and
                ``origin_id`` may be absent, which means null.
            where: What to call the table in faults, e.g. its file name.

        Raises:
            RejectedInput: With each column and row at fault.
        """
        faults = _Faults(where)
        columns = {field.name: _column(table, field, faults) for field in SCHEMA}
        faults.raise_if_any()
        for name, column in columns.items():
            if not SCHEMA.field(name).nullable:
                faults.at(pc.is_null(column).to_numpy(zero_copy_only=False), name, "no value", column)
        faults.raise_if_any()

        def floats(name: str) -> Floats:
            return np.asarray(columns[name].to_numpy(zero_copy_only=False), dtype=np.float64)

        def seconds(name: str) -> Floats:
            values = columns[name].cast(pa.int64()).to_numpy(zero_copy_only=False)
            return np.asarray(values, dtype=np.float64) / 1e6

        def counts(name: str) -> Integers:
            filled = pc.fill_null(columns[name], NOT_COUNTED).to_numpy(zero_copy_only=False)
            stated = pc.is_valid(columns[name]).to_numpy(zero_copy_only=False)
            faults.at(stated & (filled < 0), name, "a count is zero or more", columns[name])
            return np.asarray(filled, dtype=np.int64)

        def texts(name: str) -> Texts:
            return np.array(pc.fill_null(columns[name], "").to_pylist(), dtype=np.object_)

        def codes(name: str, words: list[str]) -> Integers:
            found = pc.fill_null(pc.index_in(columns[name], pa.array(words)), -1)
            result = np.asarray(found.to_numpy(zero_copy_only=False), dtype=np.int64)
            faults.at(result < 0, name, "not a word of the vocabulary", columns[name])
            return result

        made = cls(
            texts("observation_id"),
            texts("source_id"),
            codes("source_kind", [kind.value for kind in SOURCE_KINDS]),
            seconds("event_from"),
            seconds("event_to"),
            floats("time_sigma_s"),
            floats("latitude"),
            floats("longitude"),
            floats("sigma_major_m"),
            floats("sigma_minor_m"),
            floats("azimuth_deg"),
            codes("kind", [kind.value for kind in KINDS]),
            counts("count_min"),
            counts("count_max"),
            seconds("received_at"),
            texts("origin_id"),
        )
        for name, low, high in _BOUNDS:
            values = floats(name)
            bad = ~(np.isfinite(values) & (values >= low) & (values <= high))
            faults.at(bad, name, f"must be a finite number, {low:g} to {high:g}", columns[name])
        faults.at(made.event_to_s < made.event_from_s, "event_to", "before event_from", columns["event_to"])
        shorter = made.sigma_major_m < made.sigma_minor_m
        faults.at(shorter, "sigma_major_m", "smaller than sigma_minor_m", columns["sigma_major_m"])
        both = (made.count_min >= 0) & (made.count_max >= 0)
        below = both & (made.count_max < made.count_min)
        faults.at(below, "count_max", "below count_min", columns["count_max"])
        first = {name: row for row, name in reversed(list(enumerate(made.observation_id)))}
        repeated = np.array([first[name] != row for row, name in enumerate(made.observation_id)], dtype=bool)
        faults.at(repeated, "observation_id", "used by an earlier row too", columns["observation_id"])
        faults.raise_if_any()
        return made

    def to_arrow(self) -> pa.Table:
        """Return the table with exactly the names and types of ``SCHEMA``."""

        def times(seconds: Floats) -> pa.Array:
            return pa.array(np.round(seconds * 1e6).astype(np.int64)).cast(_TIME)

        def words(codes: Integers, names: tuple[Kind, ...] | tuple[SourceKind, ...]) -> pa.Array:
            return pa.array([name.value for name in names], pa.string()).take(pa.array(codes))

        def counts(values: Integers) -> pa.Array:
            return pa.array(values, pa.int64(), mask=values == NOT_COUNTED)

        arrays = [
            pa.array(self.observation_id, pa.string()),
            pa.array(self.source_id, pa.string()),
            words(self.source_kind, SOURCE_KINDS),
            times(self.event_from_s),
            times(self.event_to_s),
            pa.array(self.time_sigma_s),
            pa.array(self.latitude),
            pa.array(self.longitude),
            pa.array(self.sigma_major_m),
            pa.array(self.sigma_minor_m),
            pa.array(self.azimuth_deg),
            words(self.kind, KINDS),
            counts(self.count_min),
            counts(self.count_max),
            times(self.received_at_s),
            pa.array(self.origin_id, pa.string(), mask=self.origin_id == ""),
        ]
        return pa.Table.from_arrays(arrays, schema=SCHEMA)


def read_table(path: Path) -> ObservationTable:
    """Read an observation table from Parquet or CSV, by the file's ending.

    CSV is UTF-8 with a header; times are RFC 3339 with a zone; an empty cell is null.

    Raises:
        RejectedInput: The file cannot be read, or with each column and row at fault.
    """
    ending = _ending(path)
    try:
        if ending == ".parquet":
            table = pyarrow.parquet.read_table(path)
        else:
            as_text = pyarrow.csv.ConvertOptions(
                column_types={name: pa.string() for name in SCHEMA.names},
                null_values=[""],
                strings_can_be_null=True,
            )
            table = pyarrow.csv.read_csv(path, convert_options=as_text)
    except (pa.ArrowException, OSError) as error:
        raise RejectedInput(
            "The observation table cannot be read; check that it is the file you meant.",
            [Fault(path.name, "file", str(error).splitlines()[0])],
        ) from error
    return ObservationTable.from_arrow(table, path.name)


def write_table(table: ObservationTable, path: Path) -> None:
    """Write an observation table as Parquet or CSV, by the file's ending.

    Raises:
        RejectedInput: The ending is neither ``.parquet`` nor ``.csv``.
    """
    if _ending(path) == ".parquet":
        pyarrow.parquet.write_table(table.to_arrow(), path)
    else:
        pyarrow.csv.write_csv(table.to_arrow(), path)


def _ending(path: Path) -> str:
    """Return ``.parquet`` or ``.csv``, or refuse."""
    ending = path.suffix.lower()
    if ending not in {".parquet", ".csv"}:
        raise RejectedInput(
            "An observation table must be a .parquet or .csv file; rename or convert it.",
            [Fault(path.name, "file name", "neither .parquet nor .csv", path.suffix)],
        )
    return ending


class _Faults:
    """Gathers faults by row, lists the first ``FAULTS_LISTED`` and counts the rest."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.listed: list[Fault] = []
        self.total = 0

    def at(self, bad: NDArray[np.bool_], name: str, reason: str, column: pa.Array) -> None:
        """Note a fault for each row where ``bad`` holds; rows are counted from 1."""
        rows = np.flatnonzero(bad)
        self.total += len(rows)
        for row in rows[: FAULTS_LISTED - len(self.listed)].tolist():
            given = column[row].as_py()
            shown = None if given is None else str(given)[:80]
            self.listed.append(Fault(f"{self.where} row {row + 1}", name, reason, shown))

    def whole_column(self, name: str, reason: str) -> None:
        """Note that a column as such cannot be used."""
        self.total += 1
        self.listed.append(Fault(self.where, name, reason))

    def raise_if_any(self) -> None:
        """Refuse the table if a fault was noted."""
        if self.total:
            more = self.total - len(self.listed)
            note = f" The first {len(self.listed)} are listed; there are {more} more." if more else ""
            raise RejectedInput(f"The observation table has faults; correct these rows.{note}", self.listed)


def _column(table: pa.Table, field: pa.Field, faults: _Faults) -> pa.Array:
    """Return one column in the type that the format asks for, faults noted."""
    found = table.schema.get_all_field_indices(field.name)
    if len(found) != 1:
        if field.nullable and not found:
            return pa.nulls(table.num_rows, field.type)
        faults.whole_column(field.name, "the column is missing" if not found else "the column stands twice")
        return pa.nulls(table.num_rows, field.type)
    column = table.column(found[0]).combine_chunks()
    zoned = pa.types.is_timestamp(column.type) and column.type.tz is not None
    if field.type == _TIME and not (zoned or _is_text(column.type)):
        faults.whole_column(field.name, f"must be timestamps with a zone, in UTC, not {column.type}")
        return pa.nulls(table.num_rows, field.type)
    # Finer times than a microsecond are cut; every other conversion must lose nothing.
    safe = not pa.types.is_timestamp(column.type)
    try:
        return pc.cast(column, field.type, safe=safe)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        bad = np.array([not _converts(value, field.type) for value in column], dtype=bool)
        faults.at(bad, field.name, f"cannot be read as {field.type}", column)
        if not bad.any():
            faults.whole_column(field.name, f"cannot be read as {field.type} from {column.type}")
        return pa.nulls(table.num_rows, field.type)


def _is_text(kind: pa.DataType) -> bool:
    """Tell whether an Arrow type is text, plain or dictionary-encoded."""
    value = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_string(value) or pa.types.is_large_string(value))


def _converts(value: pa.Scalar, kind: pa.DataType) -> bool:
    """Tell whether one value converts to a type."""
    try:
        value.cast(kind)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return False
    return True


def _microseconds(moment: datetime) -> int:
    """Return whole microseconds since 1970 UTC."""
    return (moment - _EPOCH) // timedelta(microseconds=1)
