# SPDX-License-Identifier: Apache-2.0
"""Fuses and assesses what is recorded, and records that it was done.

A run reads the statements below one tree size and nothing else; its record names
that size, the engine, its settings and the digest of what came out, so that anybody
with the same records can run it again and compare.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pydantic import TypeAdapter

from truceline.assessment import Assessment, assess
from truceline.errors import StorageFailure
from truceline.evidence import JSON, canonical, fields_payload
from truceline.fusion import Fusion, Incident, Membership, fuse
from truceline.mission.ledger import Draft
from truceline.mission.mission import Mission, require_read_models
from truceline.mission.reading import observations
from truceline.observation.codec import STATEMENT_KINDS
from truceline.observation.model import Observation
from truceline.observation.table import ObservationTable
from truceline.storage import ReadRow, Transaction, Value, schema
from truceline.vocabulary import Kind, Tier

INCIDENTS = TypeAdapter(Incident)
MEMBERSHIPS = TypeAdapter(Membership)
ASSESSMENTS = TypeAdapter(Assessment)


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What a run read and what came out."""

    tree_size: int
    root: bytes
    observations: int
    unplaced: int
    incidents: int
    assessments: int
    engine: str
    settings: tuple[tuple[str, float], ...]
    results_sha256: str
    recorded: bool


@dataclass(frozen=True, slots=True)
class _Results:
    fusion: Fusion
    assessments: tuple[Assessment, ...]
    observations: int
    unplaced: int

    def rows(self) -> Iterator[tuple[ReadRow, bytes]]:
        """Yield each result with its canonical text, in a fixed order."""
        for incident in self.fusion.incidents:
            body = canonical(INCIDENTS.dump_python(incident, mode="json"))
            values: dict[str, Value] = {
                "incident_id": incident.incident_id,
                "from_s": incident.when.start.timestamp(),
                "to_s": incident.when.last.timestamp(),
                "body": body,
            }
            yield ReadRow(schema.incidents, values), body
        for link in self.fusion.memberships:
            body = canonical(MEMBERSHIPS.dump_python(link, mode="json"))
            links: dict[str, Value] = {
                "observation_id": link.observation_id,
                "incident_id": link.incident_id,
                "body": body,
            }
            yield ReadRow(schema.memberships, links), body
        for one in self.assessments:
            body = canonical(ASSESSMENTS.dump_python(one, mode="json"))
            weighed: dict[str, Value] = {
                "incident_id": one.incident_id,
                "version_id": one.version_id,
                "clause_id": one.clause_id,
                "body": body,
            }
            yield ReadRow(schema.assessments, weighed), body


def can_be_fused(observation: Observation) -> bool:
    """Tell whether an observation can be an account of an event at a place.

    A lull is a statement that nothing happened, and what names no place on a map
    could join anything: both are kept and shown, and never fused.
    """
    return observation.place is not None and observation.kind is not Kind.LULL


def run(mission: Mission, *, progress: Callable[[str], None] = lambda _step: None) -> RunSummary:
    """Fuse and assess everything recorded so far.

    A run with nothing new to read returns the summary of the last one and records
    nothing.
    """
    require_read_models(mission)
    with mission.ledger.writing() as writer:
        last = last_run(writer.transaction)
        size = writer.next_index
        if last is not None and not _anything_since(writer.transaction, last.tree_size):
            return last
        progress("reading the record")
        results = _compute(mission, writer.transaction, size, progress)
        digest = _store(writer.transaction, results)
        head = writer.transaction.head()
        if head is None:
            raise StorageFailure("The mission has records but no head: restore it from a backup.")
        summary = RunSummary(
            size,
            head.root,
            results.observations,
            results.unplaced,
            len(results.fusion.incidents),
            len(results.assessments),
            results.fusion.engine,
            results.fusion.settings,
            digest,
            recorded=True,
        )
        writer.append(Draft("run", fields_payload({Tier.PUBLIC: _fields(summary)})))
    return summary


def recompute(mission: Mission, transaction: Transaction) -> RunSummary | None:
    """Compute the last run's results again from the records that it read.

    Raises:
        StorageFailure: They differ from what the run recorded.
    """
    last = last_run(transaction)
    if last is None:
        return None
    digest = _store(transaction, _compute(mission, transaction, last.tree_size, lambda _step: None))
    if digest != last.results_sha256:
        raise StorageFailure(
            f"The run at tree size {last.tree_size} does not reproduce: it recorded results "
            f"{last.results_sha256[:16]}, and the same records now give {digest[:16]}. Nothing was changed. "
            "Either this program's engine is another version, or a read row was altered; "
            "check the log with: truceline log verify"
        )
    return last


def last_run(transaction: Transaction) -> RunSummary | None:
    """Return what the last run recorded, or None when there was none."""
    body = transaction.latest_body(schema.runs)
    if body is None:
        return None
    fields = json.loads(body)
    return RunSummary(
        tree_size=fields["tree_size"],
        root=bytes.fromhex(fields["root"]),
        observations=fields["observations"],
        unplaced=fields["unplaced"],
        incidents=fields["incidents"],
        assessments=fields["assessments"],
        engine=fields["engine"],
        settings=tuple((name, float(value)) for name, value in sorted(fields["settings"].items())),
        results_sha256=fields["results_sha256"],
        recorded=False,
    )


def _fields(summary: RunSummary) -> dict[str, JSON]:
    return {
        "tree_size": summary.tree_size,
        "root": summary.root.hex(),
        "observations": summary.observations,
        "unplaced": summary.unplaced,
        "incidents": summary.incidents,
        "assessments": summary.assessments,
        "engine": summary.engine,
        "settings": dict(summary.settings),
        "results_sha256": summary.results_sha256,
    }


def _anything_since(transaction: Transaction, tree_size: int) -> bool:
    """Tell whether anything that a run reads was recorded since that size."""
    return any(
        (row := transaction.latest(kind)) is not None and row.leaf_index >= tree_size
        for kind in (*STATEMENT_KINDS, "agreement")
    )


def _compute(
    mission: Mission, transaction: Transaction, size: int, progress: Callable[[str], None]
) -> _Results:
    kept = {one.observation_id: one for one in observations(transaction, below=size)}
    fusible = {name: one for name, one in kept.items() if can_be_fused(one)}
    progress(f"fusing {len(fusible):,} observations")
    fusion = fuse(ObservationTable.from_observations(fusible.values()))
    progress(f"assessing {len(fusion.incidents):,} incidents")
    assessments = tuple(
        sorted(
            (
                assessment
                for incident in fusion.incidents
                for assessment in assess(
                    incident, [fusible[member] for member in incident.members], mission.agreement
                )
            ),
            key=lambda one: (one.incident_id, one.version_id, one.clause_id),
        )
    )
    return _Results(fusion, assessments, len(kept), len(kept) - len(fusible))


def _store(transaction: Transaction, results: _Results) -> str:
    """Replace the derived read models and return the SHA-256 of the results."""
    transaction.clear(schema.DERIVED)
    digest = hashlib.sha256()
    batch: list[ReadRow] = []
    for row, body in results.rows():
        digest.update(len(body).to_bytes(8, "big") + body)
        batch.append(row)
    transaction.apply(batch)
    return digest.hexdigest()
