# SPDX-License-Identifier: Apache-2.0
"""Rows of the record: read back as written, or refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from truceline.errors import RejectedInput
from truceline.geodesy import Ellipse
from truceline.interval import Interval
from truceline.observation.codec import LARGEST_COUNT, JSONValue, from_row, kind_of, to_row
from truceline.observation.model import Count, Observation, PartyClaim, Sighting, Statement, Watch
from truceline.vocabulary import CountQualifier, Kind, SourceKind, WatchState

NOON = datetime(2031, 5, 1, 12, tzinfo=UTC)
HERE = Ellipse(48.0, 37.8, 300.0, 200.0, 45.0)
SEEN = Observation(
    "o-1", "patrol 7", SourceKind.PATROL, "patrols", Interval(NOON, NOON), 30.0, HERE, "", Kind.MORTAR,
    Count(CountQualifier.EXACT, LARGEST_COUNT, LARGEST_COUNT), NOON, None,
    Sighting(HERE, "post", ("NW",), 1_000.0, 2_000.0),
)  # fmt: skip
SAID = PartyClaim(
    "c-1", "A", "B", Interval(NOON), NOON, "shelling", Count(CountQualifier.AT_LEAST, 3, None), ("url",)
)
WATCHED = Watch("w-1", "patrol", SourceKind.PATROL, Interval(NOON), HERE, "", 5_000.0, WatchState.OK)


def row_with(statement: Statement, path: str, value: object) -> bytes:
    """Return the statement's row with one field changed."""
    row = to_row(statement)
    *steps, last = path.split(".")
    inner: dict[str, JSONValue] = row
    for step in steps:
        found = inner[step]
        assert isinstance(found, dict)
        inner = found
    assert last in inner
    changed: dict[str, object] = {last: value}
    inner.update(changed)  # type: ignore[arg-type]
    return json.dumps(row).encode()


@pytest.mark.parametrize("statement", [SEEN, SAID, WATCHED], ids=["observation", "claim", "watch"])
def test_a_statement_reads_back_as_it_was_written(statement: Statement) -> None:
    assert from_row(kind_of(statement), json.dumps(to_row(statement)).encode(), "row 1") == statement


@pytest.mark.parametrize(
    ("statement", "path"), [(SEEN, "received_at"), (SAID, "published_on")], ids=["observation", "claim"]
)
def test_a_moment_without_a_zone_is_refused(statement: Statement, path: str) -> None:
    with pytest.raises(RejectedInput) as refused:
        from_row(kind_of(statement), row_with(statement, path, "2031-05-01T12:00:00"), "row 1")
    (fault,) = refused.value.faults
    assert (fault.where, fault.path, fault.reason) == ("row 1", path, "has no time zone")


@pytest.mark.parametrize("count", [2**53, 2**70, -1], ids=str)
@pytest.mark.parametrize("end", ["minimum", "maximum"])
@pytest.mark.parametrize("statement", [SEEN, SAID], ids=["observation", "claim"])
def test_a_count_that_the_log_cannot_hold_is_refused(statement: Statement, end: str, count: int) -> None:
    with pytest.raises(RejectedInput) as refused:
        from_row(kind_of(statement), row_with(statement, f"count.{end}", count), "row 1")
    assert [fault.path for fault in refused.value.faults] == [f"count.{end}"]


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf"), "NaN"], ids=str)
@pytest.mark.parametrize(
    ("statement", "path"),
    [
        (SEEN, "time_sigma_s"),
        *((SEEN, f"place.{name}") for name in ("latitude", "longitude", "sigma_major_m", "sigma_minor_m")),
        (SEEN, "place.azimuth_deg"),
        (SEEN, "sighting.position.latitude"),
        (SEEN, "sighting.distance_min_m"),
        (SEEN, "sighting.distance_max_m"),
        (WATCHED, "range_m"),
        (WATCHED, "place.longitude"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_a_number_that_is_not_finite_is_refused(statement: Statement, path: str, number: object) -> None:
    with pytest.raises(RejectedInput) as refused:
        from_row(kind_of(statement), row_with(statement, path, number), "row 1")
    (fault,) = refused.value.faults
    assert (fault.path, fault.reason) == (path, "is not a finite number")
