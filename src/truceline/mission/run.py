# SPDX-License-Identifier: Apache-2.0
"""Fuses and assesses what is recorded, and records that it was done.

A run reads the statements and the parties' notices below one tree size and nothing else;
its record names that size, the engine, its settings and the digest of what came out, so
that anybody with the same records can run it again and compare.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace

from truceline.assessment import Assessment
from truceline.errors import StorageFailure
from truceline.evidence import JSON, fields_payload
from truceline.evidence.verify import VerificationError
from truceline.fusion import Incident, Membership
from truceline.mission.derive import Derived, Results, derive
from truceline.mission.heeded import HEEDED, Heeded, heeded_below
from truceline.mission.integrity import EDITED, shown_results
from truceline.mission.ledger import Draft
from truceline.mission.mission import Mission, require_read_models
from truceline.mission.reading import observations
from truceline.mission.replaying import agreements
from truceline.mission.sealing import not_here
from truceline.observation.codec import STATEMENT_KINDS
from truceline.storage import ReadRow, Transaction, Value, schema
from truceline.vocabulary import Tier


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What a run read and what came out.

    ``unlike`` says why a run's results cannot come out again; empty: they do, or it was not tried.
    """

    tree_size: int
    root: bytes
    observations: int
    unfused: int
    incidents: int
    assessments: int
    engine: str
    settings: tuple[tuple[str, float], ...]
    results_sha256: str
    recorded: bool
    unlike: str = ""


def run(mission: Mission, *, progress: Callable[[str], None] = lambda _step: None) -> RunSummary:
    """Fuse and assess everything recorded so far.

    A run with nothing new to read returns the summary of the last one and records
    nothing.
    """
    require_read_models(mission)
    # Reading and computing take long; others may write meanwhile, and the run names what it read.
    with mission.store.read() as transaction:
        last, head = last_run(transaction), transaction.head()
        if head is None:
            raise StorageFailure("The mission has records but no head: restore it from a backup.")
        if last is not None and not _anything_since(transaction, last.tree_size):
            return last
        progress("reading the record")
        read = list(observations(transaction, below=head.tree_size))
        heeded = heeded_below(mission, transaction, head.tree_size)
        agreement = agreements(mission, transaction)(head.tree_size)
    _require_read(heeded)
    results = derive(read, agreement, notices=heeded.notices, rulings=heeded.rulings, progress=progress)
    summary = RunSummary(
        head.tree_size,
        head.root,
        results.observations,
        results.unfused,
        len(results.fusion.incidents),
        len(results.assessments),
        results.fusion.engine,
        results.fusion.settings,
        results.digest(),
        recorded=True,
    )
    with mission.ledger.writing() as writer:
        if _overtaken(writer.transaction, head.tree_size):
            raise StorageFailure(
                "Another run, an erasure or an amendment came in between; nothing was changed. Run again."
            )
        _store(writer.transaction, results)
        writer.append(Draft("run", fields_payload({Tier.PUBLIC: _fields(summary)})))
    return summary


def _require_read(heeded: Heeded) -> None:
    """Refuse to run past a step that cannot be read: it may notify an exception, or rule on a report.

    Raises:
        StorageFailure: There is one.
    """
    if heeded.unread:
        named = ", ".join(str(index) for index in heeded.unread)
        raise StorageFailure(
            f"The steps in the records {named} cannot be read here: a notice or a ruling may be among them. "
            "Nothing was changed. Put the sealed tier's key into keys/ (truceline log verify says what is "
            "missing), and recreate the read models: truceline rebuild"
        )


def check_results(mission: Mission, transaction: Transaction) -> None:
    """Check that the results shown are those that the last run recorded.

    Where something that the run read was erased since, they are others, and are not checked.

    Raises:
        VerificationError: A result was edited, added or dropped in the read models.
    """
    last = last_run(transaction)
    if last is None or shown_results(transaction) == last.results_sha256:
        return
    if not _why_unlike(mission, transaction, last.tree_size):
        raise VerificationError(
            "The incidents and assessments shown are not those that the last run recorded.",
            where=f"the run at tree size {last.tree_size}",
            meaning=EDITED,
        )


def recompute(mission: Mission, transaction: Transaction) -> RunSummary | None:
    """Compute the last run's results again from the records that it read.

    Where something that it read was erased since, or is sealed for a key that is not
    here, the results are those of what is left, and the summary says so.

    Raises:
        StorageFailure: They differ from what the run recorded, for no such reason.
    """
    last = last_run(transaction)
    if last is None:
        return None
    heeded = heeded_below(mission, transaction, last.tree_size)
    # It judged by the agreement that it read, whatever was amended since.
    agreement = agreements(mission, transaction)(last.tree_size)
    results = derive(
        observations(transaction, below=last.tree_size),
        agreement,
        notices=heeded.notices,
        rulings=heeded.rulings,
    )
    _store(transaction, results)
    digest = results.digest()
    if digest != last.results_sha256:
        unlike = _why_unlike(mission, transaction, last.tree_size)
        if unlike:
            return replace(last, unlike=unlike)
        raise StorageFailure(
            f"The run at tree size {last.tree_size} does not reproduce: it recorded results "
            f"{last.results_sha256[:16]}, and the same records now give {digest[:16]}. Nothing was changed. "
            "Either this program's engine is another version, or a read row was altered; "
            "check the log with: truceline log verify"
        )
    return last


def _why_unlike(mission: Mission, transaction: Transaction, tree_size: int) -> str:
    """Say what a run at ``tree_size`` could read and we cannot; empty: nothing."""
    erased = transaction.erasing.since(tree_size, "observations")
    grounds = []
    if erased:
        named = ", ".join(str(index) for index in erased)
        grounds.append(f"Observations that it read were erased since, from the records {named}.")
    unread = heeded_below(mission, transaction, tree_size).unread
    if unread:
        named = ", ".join(map(str, unread))
        grounds.append(f"Steps of procedure cannot be read here, in the records {named}.")
    return " ".join([*grounds, not_here(mission.ledger.tier_keys, transaction)]).strip()


def last_run(transaction: Transaction) -> RunSummary | None:
    """Return what the last run recorded, or None when there was none."""
    body = transaction.latest_body(schema.runs)
    if body is None:
        return None
    try:
        fields = json.loads(body)
        return RunSummary(
            tree_size=fields["tree_size"],
            root=bytes.fromhex(fields["root"]),
            observations=fields["observations"],
            unfused=fields["unfused"],
            incidents=fields["incidents"],
            assessments=fields["assessments"],
            engine=fields["engine"],
            settings=tuple((name, float(value)) for name, value in sorted(fields["settings"].items())),
            results_sha256=fields["results_sha256"],
            recorded=False,
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StorageFailure(
            "The read model of runs is broken; nothing recorded is lost. Recreate it: truceline rebuild"
        ) from error


def _fields(summary: RunSummary) -> dict[str, JSON]:
    return {
        "tree_size": summary.tree_size,
        "root": summary.root.hex(),
        "observations": summary.observations,
        "unfused": summary.unfused,
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
        for kind in (*STATEMENT_KINDS, *HEEDED, "agreement", "erasure")
    )


def _overtaken(transaction: Transaction, tree_size: int) -> bool:
    """Tell whether something came since that a run at this size must not be laid over."""
    return any(
        (row := transaction.latest(kind)) is not None and row.leaf_index >= tree_size
        for kind in ("run", "erasure", "agreement")
    )


def _store(transaction: Transaction, results: Results) -> None:
    """Replace the derived read models."""
    transaction.clear(schema.DERIVED)
    transaction.apply([_row(result, body) for result, body in results.encoded()])


def _row(result: Derived, body: bytes) -> ReadRow:
    match result:
        case Incident():
            when = result.when
            span: dict[str, Value] = {"from_s": when.start.timestamp(), "to_s": when.last.timestamp()}
            return ReadRow(schema.incidents, {"incident_id": result.incident_id, **span, "body": body})
        case Membership():
            link: dict[str, Value] = {"observation_id": result.observation_id, "body": body}
            return ReadRow(schema.memberships, {"incident_id": result.incident_id, **link})
        case Assessment():
            clause: dict[str, Value] = {"version_id": result.version_id, "clause_id": result.clause_id}
            return ReadRow(schema.assessments, {"incident_id": result.incident_id, **clause, "body": body})
