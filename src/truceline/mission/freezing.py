# SPDX-License-Identifier: Apache-2.0
"""Freezing evidence: which records stand behind incidents, by leaf index and root.

What is frozen is the log itself: the root at one size commits to every record below it,
so evidence cannot be exchanged without breaking the log.  While a case is open, nothing
that is evidence in it is erased.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from truceline.agreement import Rule
from truceline.commission.steps import Evidence
from truceline.errors import Fault, RejectedInput
from truceline.mission.mission import Mission, require_read_models
from truceline.mission.reading import find_record
from truceline.mission.replaying import mechanism_in
from truceline.mission.run import last_run
from truceline.procedure import forbidden
from truceline.storage import RecordRow, Transaction, schema


def freeze(mission: Mission, incidents: Sequence[str], records: Sequence[str] = ()) -> Evidence:
    """Return the evidence behind incidents, as the log stands now, with further records by name.

    Args:
        mission: Whose record.
        incidents: Ids of incidents of the last run.
        records: Ids or leaf indexes of other records.

    Raises:
        RejectedInput: An incident or record is not known: all of them are told.
    """
    require_read_models(mission)
    with mission.store.read() as transaction:
        head, last = transaction.head(), last_run(transaction)
        known = transaction.keys(schema.incidents, "incident_id", list(incidents))
        faults = [
            Fault("refer", "incidents", "the last run has no such incident", name)
            for name in incidents
            if name not in known
        ]
        if faults or head is None:
            raise RejectedInput(
                "The evidence cannot be frozen; truceline report lists the incidents.", faults
            )
        found = {find_record(transaction, name).leaf_index for name in records}
        found |= set(_behind(transaction, incidents))
        digest = last.results_sha256 if last is not None and incidents else None
        return Evidence(head.tree_size, head.root.hex(), tuple(sorted(found)), digest)


def _behind(transaction: Transaction, incidents: Sequence[str]) -> list[int]:
    """Return where the observations of incidents are recorded."""
    bodies = transaction.bodies(schema.memberships, ids=("incident_id", list(incidents)))
    names = [str(json.loads(body)["observation_id"]) for body in bodies]
    return list(transaction.leaf_indexes("observations", names).values())


def require_not_held(mission: Mission, transaction: Transaction, row: RecordRow) -> None:
    """Refuse to erase what is evidence in an open case.

    Raises:
        RuleViolation: It is.
    """
    for case in mechanism_in(mission, transaction).docket.cases.values():
        held = any(row.leaf_index in evidence.records for evidence in case.evidence)
        if held and case.closed_at is None:
            raise forbidden(
                mission.agreement,
                Rule.EVIDENCE,
                f"Record {row.leaf_index} is evidence in {case.case_id}, which is open. Erase it once the "
                "case is closed, or ask the commission. Nothing was erased.",
            )
