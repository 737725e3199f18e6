# SPDX-License-Identifier: Apache-2.0
"""What tests of disclosures and audits share."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

from truceline.evidence import fields_payload
from truceline.mission import Mission
from truceline.mission.audit.checks import AuditReport, audit
from truceline.mission.audit.disclosed import Verdict
from truceline.mission.audit.disclosure import disclose
from truceline.mission.ledger import Draft
from truceline.mission.run import RunSummary, _fields, last_run
from truceline.vocabulary import Tier

Members = dict[str, bytes]


def verdicts(report: AuditReport, name: str) -> set[Verdict]:
    return {check.verdict for check in report.checks if check.name == name}


def ground(report: AuditReport, name: str, verdict: Verdict) -> str:
    return "\n".join(f"{one.ground} {one.place}" for one in report.checks
                     if (one.name, one.verdict) == (name, verdict))  # fmt: skip


def members_of(path: Path) -> Members:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def repacked(path: Path, change: Callable[[Members], None]) -> Path:
    """Return a disclosure like this one, whole as a file, with its members changed."""
    members = members_of(path)
    change(members)
    out = path.with_name("repacked.disclosure")
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return out


def without(members: Members, name: str) -> None:
    """Take one member out."""
    del members[name]


def index_of(mission: Mission, kind: str) -> int:
    with mission.store.read() as transaction:
        found = transaction.latest(kind)
    assert found is not None
    return found.leaf_index


def last(mission: Mission) -> RunSummary:
    with mission.store.read() as transaction:
        found = last_run(transaction)
    assert found is not None
    return found


def record_run(mission: Mission, summary: RunSummary) -> None:
    with mission.ledger.writing() as writer:
        writer.append(Draft("run", fields_payload({Tier.PUBLIC: _fields(summary)})))


def given_to(mission: Mission, audience: str) -> AuditReport:
    path = mission.folder.parent / f"{audience}.disclosure"
    disclose(mission, audience, path)
    return audit(mission.folder / "log", path)
