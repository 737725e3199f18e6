# SPDX-License-Identifier: Apache-2.0
"""What ``truceline fuse`` writes: ``memberships.parquet`` and ``incidents.parquet``.

Columns are those of the design ("Output of ``truceline fuse``"); the engine's name and its
settings stand in the files' metadata, so that a file says what it rests on.
"""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet

from truceline.errors import StorageFailure
from truceline.fusion.model import Fusion

_TIME = pa.timestamp("us", tz="UTC")
_TERMS = ("space", "time", "type", "intensity", "prior")

MEMBERSHIPS = pa.schema(
    [
        pa.field("observation_id", pa.string(), nullable=False),
        pa.field("incident_id", pa.string(), nullable=False),
        pa.field("probability", pa.float64(), nullable=False),
        pa.field("runner_up_id", pa.string()),
        pa.field("runner_up_probability", pa.float64(), nullable=False),
        *(pa.field(term, pa.float64(), nullable=False) for term in _TERMS),
    ]
)
"""Columns of ``memberships.parquet``."""

INCIDENTS = pa.schema(
    [
        pa.field("incident_id", pa.string(), nullable=False),
        pa.field("latitude", pa.float64(), nullable=False),
        pa.field("longitude", pa.float64(), nullable=False),
        pa.field("sigma_major_m", pa.float64(), nullable=False),
        pa.field("sigma_minor_m", pa.float64(), nullable=False),
        pa.field("azimuth_deg", pa.float64(), nullable=False),
        pa.field("event_from", _TIME, nullable=False),
        pa.field("event_to", _TIME, nullable=False),
        pa.field("kinds", pa.list_(pa.struct([("kind", pa.string()), ("probability", pa.float64())]))),
        pa.field("count_min", pa.int64()),
        pa.field("count_max", pa.int64()),
        pa.field("reports", pa.int64(), nullable=False),
        pa.field("independent_sources", pa.int64(), nullable=False),
        pa.field("probability_real", pa.float64(), nullable=False),
    ]
)
"""Columns of ``incidents.parquet``."""


def memberships_to_arrow(fusion: Fusion) -> pa.Table:
    """Return one row an observation, sorted by its id."""
    return pa.table(
        {
            name: pa.array([getattr(one, name) for one in fusion.memberships], MEMBERSHIPS.field(name).type)
            for name in MEMBERSHIPS.names
        },
        schema=MEMBERSHIPS.with_metadata(_metadata(fusion)),
    )


def incidents_to_arrow(fusion: Fusion) -> pa.Table:
    """Return one row an incident, sorted by its id."""
    rows = [
        (
            one.incident_id,
            one.place.latitude,
            one.place.longitude,
            one.place.sigma_major_m,
            one.place.sigma_minor_m,
            one.place.azimuth_deg,
            one.when.start,
            one.when.last,
            [{"kind": kind.value, "probability": probability} for kind, probability in one.kinds],
            one.count_min,
            one.count_max,
            one.reports,
            one.independent_sources,
            one.probability_real,
        )
        for one in fusion.incidents
    ]
    columns = list(zip(*rows, strict=True)) or [()] * len(INCIDENTS)
    return pa.Table.from_arrays(
        [pa.array(values, field.type) for field, values in zip(INCIDENTS, columns, strict=True)],
        schema=INCIDENTS.with_metadata(_metadata(fusion)),
    )


def write_fusion(fusion: Fusion, folder: Path) -> tuple[Path, Path]:
    """Write both files, making the folder where there is none, and return their paths.

    The same fusion gives the same bytes.

    Raises:
        StorageFailure: The folder or a file cannot be written.
    """
    memberships, incidents = folder / "memberships.parquet", folder / "incidents.parquet"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        pyarrow.parquet.write_table(memberships_to_arrow(fusion), memberships)
        pyarrow.parquet.write_table(incidents_to_arrow(fusion), incidents)
    except OSError as error:
        raise StorageFailure(
            f"The results cannot be written to {folder}: {error}. Choose a folder that can be written."
        ) from error
    return memberships, incidents


def _metadata(fusion: Fusion) -> dict[str, str]:
    """Return the engine and its settings, as a file carries them."""
    return {"truceline.engine": fusion.engine, "truceline.settings": json.dumps(dict(fusion.settings))}
