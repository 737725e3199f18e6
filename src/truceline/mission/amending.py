# SPDX-License-Identifier: Apache-2.0
"""Amending the agreement in a running mission.

An amendment is two records in one change: the step by which somebody who may puts it in
force, and the agreement as amended, byte for byte.  What stands below them in the log was
done under the agreement before, and is still judged by it; what comes after falls under
the new one.  The copy in the mission's folder stays as it was first recorded.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from truceline.agreement import Agreement, load_pack
from truceline.ceasefire.standing import AmendAgreement
from truceline.errors import Fault, RejectedInput
from truceline.evidence import SigningKey
from truceline.mission.acting import append_act
from truceline.mission.mission import Mission, agreement_record, require_read_models
from truceline.mission.replaying import agreements, mechanism_in
from truceline.procedure import Entry, Who


def pack_digest(agreement: Agreement) -> str:
    """Return the SHA-256 of a pack, in hexadecimal.

    It is taken over the pack's files in their order (agreement, zones, sources, places): of
    each its name, then its content, every one of these behind its length in bytes as 8 bytes,
    the most significant first.
    """
    digest = hashlib.sha256()
    for name, content in agreement.files:
        for part in (name.encode(), content):
            digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def amend(mission: Mission, who: Who, pack: Path, *, ground: str, key: SigningKey | None = None) -> Entry:
    """Put an amended agreement in force, from now on.

    A mission that is open goes on under the agreement that it was opened with: open it again.

    Args:
        mission: Where.
        who: Who does so, in which capacity.
        pack: The folder of the agreement as amended.
        ground: By what it was amended: a decision, a protocol, an exchange of letters.
        key: The person's own key, enrolled for them; None: the operator signs for them.

    Returns:
        The entry; the agreement as amended stands in the record after it.

    Raises:
        RejectedInput: The pack has faults, is another agreement's, drops a party, or changes nothing.
        RuleViolation: The step is forbidden; nothing was recorded.
        StorageFailure: The mission cannot be read or written to; nothing was recorded.
    """
    require_read_models(mission)
    amended = load_pack(pack)
    with mission.ledger.writing() as writer:
        transaction = writer.transaction
        before = agreements(mission, transaction)(writer.next_index)
        _require_amendment(before, amended, str(pack))
        step = AmendAgreement(pack_digest(amended), ground=ground, summary=_summary(before, amended))
        entry, _ = append_act(mission, writer, mechanism_in(mission, transaction), who, step, key=key)
        writer.append(agreement_record(amended))
    return entry


def _require_amendment(before: Agreement, amended: Agreement, where: str) -> None:
    """Refuse what is no amendment of an agreement.

    Raises:
        RejectedInput: It is another agreement's pack, drops a party, or changes nothing.
    """
    faults = []
    if amended.agreement_id != before.agreement_id:
        reason = f"is another agreement; this mission is under {before.agreement_id}"
        faults.append(Fault(where, "id", reason, amended.agreement_id))
    faults += [
        Fault(where, "parties", "a party to the agreement is missing; no amendment drops one", party)
        for party in before.party_ids()
        if party not in amended.party_ids()
    ]
    if amended.files == before.files:
        faults.append(Fault(where, "files", "is the agreement that is in force, byte for byte"))
    if faults:
        raise RejectedInput("The agreement cannot be amended by this pack. Nothing was recorded.", faults)


def _summary(before: Agreement, amended: Agreement) -> str:
    """Say which files of the pack are others than before."""
    old = dict(before.files)
    return f"Changed: {', '.join(name for name, content in amended.files if old[name] != content)}."
