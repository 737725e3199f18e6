# SPDX-License-Identifier: Apache-2.0
"""Audit: a published log and a disclosure, checked and computed again.

Needs no mission folder and no secret of the operator.  The steps:

1. the log is whole (``evidence.verify``), under a key that the caller has from elsewhere;
2. the disclosure was made at a state of this log that the log continues;
3. each opening leads to the commitment in its leaf;
4. the agreement is the one recorded, and its release rule was kept;
5. each recorded run is computed again from the rows that are opened;
6. each step of procedure is replayed, and evidence is what was frozen;
7. what could not be seen is counted.

A check holds, differs, or could not be seen; nothing is passed over in silence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from truceline.agreement import ReleaseRule
from truceline.errors import RejectedInput
from truceline.evidence import LogReport, TreeEdge, VerificationError, append, root, verify_log
from truceline.evidence.verify.note import parse_verifier_key, verify_checkpoint
from truceline.mission.audit.disclosed import NO_ROWS, Check, Gap, ImportCounts, Seen, Verdict, look
from truceline.mission.audit.disclosure import Manifest, may_hold_places, rule_for
from truceline.mission.audit.disclosure_file import Disclosure, open_disclosure
from truceline.mission.audit.procedure import frozen, procedure_checks
from truceline.mission.audit.rerun import run_checks
from truceline.vocabulary import Tier

HOLDS, DIFFERS, NOT_SEEN = Verdict.HOLDS, Verdict.DIFFERS, Verdict.NOT_SEEN


@dataclass(frozen=True, slots=True)
class Unseen:
    """Items of one kind of record that were not seen; each stands in one of ``tiers``."""

    kind: str
    tiers: tuple[Tier, ...]
    records: int
    items: int


@dataclass(frozen=True, slots=True)
class Recorded:
    """How many records of a kind the log holds, and how many items these commit to."""

    kind: str
    records: int
    items: int


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What an audit came to.

    Attributes:
        manifest: What the disclosure says of itself.
        log: What was verified of the log; None: it did not verify.
        checks: Every check with its verdict, in the order in which they were made.
        unseen: What could not be seen, by kind and tier.
        recorded: What the log holds, by kind, below the disclosure's size.
        imports: What the opened import records state, added up.
    """

    manifest: Manifest
    log: LogReport | None
    checks: tuple[Check, ...]
    unseen: tuple[Unseen, ...] = ()
    recorded: tuple[Recorded, ...] = ()
    imports: ImportCounts = NO_ROWS

    @property
    def differing(self) -> tuple[Check, ...]:
        """The checks that found a difference."""
        return tuple(check for check in self.checks if check.verdict is DIFFERS)

    @property
    def not_seen(self) -> tuple[Check, ...]:
        """The checks that could not be made, or not in full."""
        return tuple(check for check in self.checks if check.verdict is NOT_SEEN)

    @property
    def sound(self) -> bool:
        """Whether nothing differs."""
        return not self.differing


def audit(
    log: Path,
    disclosure: Path,
    key: str | None = None,
    *,
    progress: Callable[[str], None] = lambda _step: None,
) -> AuditReport:
    """Check a published log and what was disclosed of it, and compute its runs again.

    Args:
        log: The published log's folder.
        disclosure: The file that ``truceline disclose`` wrote.
        key: The log's verifier key, had from elsewhere; None: the one beside the log.
        progress: Told which step is under way.

    Raises:
        RejectedInput: The file is no disclosure.
    """
    with open_disclosure(disclosure) as opened:
        try:
            return _audit(log, opened, key, progress)
        except VerificationError as error:
            check = Check("log", DIFFERS, f"{error.what} {error.meaning}", error.where)
            return AuditReport(opened.manifest, None, (check,))


def _audit(log: Path, opened: Disclosure, key: str | None, progress: Callable[[str], None]) -> AuditReport:
    # 1. The log.
    progress("verifying the log")
    report = verify_log(log, key)
    checks = [*_log_checks(report, log)]
    # 2. The state that the disclosure was made at: signed by this log's key, and no larger.
    fault = _state_fault(opened, report)
    if fault is not None:
        return AuditReport(opened.manifest, report, (*checks, fault))
    # 3. The openings.
    progress("opening what was disclosed")
    seen = look(log, report.checkpoint.size, opened)
    sizes = {report.checkpoint.size, opened.checkpoint.size}
    sizes |= {run.tree_size for _, _, run in seen.runs if run is not None}
    sizes |= {evidence.tree_size for _, evidence in frozen(seen)}
    roots = roots_at(sizes, seen.hashes)
    # The entries were read a second time here: they must still be those that were verified.
    if roots[report.checkpoint.size] != report.checkpoint.root:
        raise VerificationError(
            "The log was changed while it was being read.",
            where=str(log),
            meaning="Copy it and audit the copy.",
        )
    place = opened.path.name
    if roots[opened.checkpoint.size] != opened.checkpoint.root:
        ground = (
            f"The first {opened.checkpoint.size} records of this log do not give the root that the operator "
            "signed in the disclosure. Keep both: together they prove that two histories were shown."
        )
        return AuditReport(opened.manifest, report, (*checks, Check("checkpoint", DIFFERS, ground, place)))
    since = report.checkpoint.size - opened.checkpoint.size
    ground = f"The log continues the {opened.checkpoint.size} records that the disclosure was made at"
    checks.append(
        Check("checkpoint", HOLDS, f"{ground}; {since} came since." if since else f"{ground}.", place)
    )
    checks += _found(seen, opened)
    # 4. The agreement and its release rule.
    checks += _release_checks(seen, opened)
    # 5. The runs.
    checks += run_checks(seen, roots, progress)
    # 6. Procedure, and what was frozen as evidence.
    checks += procedure_checks(seen, roots)
    # 7. What was not seen, and what there is.
    unseen = sorted((kind, tiers, tally) for (kind, tiers), tally in seen.unseen.items())
    return AuditReport(
        opened.manifest,
        report,
        tuple(checks),
        tuple(Unseen(kind, tiers, tally.records, tally.items) for kind, tiers, tally in unseen),
        tuple(Recorded(kind, tally.records, tally.items) for kind, tally in sorted(seen.recorded.items())),
        seen.imports,
    )


def roots_at(sizes: Iterable[int], hashes: list[bytes]) -> Mapping[int, bytes]:
    """Return the roots over the first so many leaf hashes, for each size that there is."""
    roots, edge = {}, TreeEdge()
    for size in sorted(size for size in sizes if 0 <= size <= len(hashes)):
        edge = append(edge, hashes[edge.size : size])
        roots[size] = root(edge)
    return roots


def _log_checks(report: LogReport, log: Path) -> Iterable[Check]:
    """Say what verifying the log has shown, whose key it was, and whose numbers do not add up."""
    place = str(log)
    size = report.checkpoint.size
    yield Check("log", HOLDS, f"{size} records, their signatures and their places in the tree verify.", place)
    if report.key_given:
        yield Check("key", HOLDS, "The checkpoint is signed by the key that you gave.", place)
    else:
        ground = "The key came from the log's own folder. Compare it with the one that the operator gave you."
        yield Check("key", NOT_SEEN, f"{ground} Key: {report.key}", place)
    for account in report.unsettled:
        verdict = DIFFERS if account.repeated else NOT_SEEN
        ground = "An author's numbers do not add up: ask who withheld, lost or told a record twice."
        yield Check("authors", verdict, ground, str(account))
    if not report.unsettled:
        yield Check("authors", HOLDS, "No author's number is missing or used twice.", place)


def _state_fault(opened: Disclosure, report: LogReport) -> Check | None:
    """Return what is wrong with the disclosure's checkpoint, or None."""
    note = opened.manifest.checkpoint.encode()
    try:
        verify_checkpoint(note, parse_verifier_key(report.key), opened.path.name)
    except VerificationError as error:
        ground = f"{error.what} It was made from another log than this one."
        return Check("checkpoint", DIFFERS, ground, error.where)
    if opened.checkpoint.size > report.checkpoint.size:
        ground = (
            f"The disclosure was made at {opened.checkpoint.size} records, and this log has "
            f"{report.checkpoint.size}: it was cut back, or is an old copy. Get the present log."
        )
        return Check("checkpoint", DIFFERS, ground, opened.path.name)
    return None


def _found(seen: Seen, opened: Disclosure) -> Iterable[Check]:
    """Say what the openings and the rows in them came to."""
    yield from seen.checks
    place, failed = opened.path.name, {check.name for check in seen.checks}
    if not opened.held:
        yield Check("openings", NOT_SEEN, "The disclosure opens nothing at all.", place)
    elif "openings" not in failed:
        yield Check(
            "openings", HOLDS, f"{seen.openings} openings lead to their commitments in the log.", place
        )
    erasures = sorted({index for each in seen.erasures.values() for index, erasure in each if erasure})
    if erasures:
        named = ", ".join(map(str, erasures))
        yield Check("erasures", HOLDS, f"{len(erasures)} erasures are signed by two.", f"records {named}")
    if not seen.statements:
        yield Check("rows", NOT_SEEN, "No observation, claim or watch is opened.", place)
    elif "rows" not in failed:
        yield Check("rows", HOLDS, f"{len(seen.statements):,} statements were read.", place)


def _release_checks(seen: Seen, opened: Disclosure) -> Iterable[Check]:
    """Check that this audience was given what the agreement says, no less and no more."""
    manifest, place = opened.manifest, opened.path.name
    agreement = seen.agreement_below(opened.checkpoint.size)
    if agreement is None:
        yield Check("agreement", NOT_SEEN, "The agreement in force is not opened.", place)
        yield Check("release", NOT_SEEN, "Without the agreement its release rule cannot be known.", place)
        return
    yield Check("agreement", HOLDS, f"It is {agreement.agreement_id}, as recorded.", place)
    try:
        rule = rule_for(agreement, manifest.audience)
    except RejectedInput as error:
        yield Check("release", DIFFERS, error.summary, place)
        return
    stated = (set(manifest.tiers), manifest.delay_hours, manifest.cell_km)
    if stated != (set(rule.tiers), rule.delay_hours, rule.cell_km) or not seen.opened <= set(rule.tiers):
        ground = f"The disclosure follows another rule for {rule.audience} than the agreement's."
        yield Check("release", DIFFERS, ground, place)
    held_back = [gap for gap in seen.gaps if gap.tier in rule.tiers]
    late = set(manifest.delayed) if rule.delay_hours else set()
    unexplained = [gap for gap in held_back if not _explained(gap, rule, late, seen)]
    for gap in unexplained:
        what = (
            "is not there"
            if gap.withheld is None
            else f"has {len(gap.withheld)} of {gap.leaf.items} items shut"
        )
        ground = f"The agreement opens tier {gap.tier} to {rule.audience}, and it {what}. Ask why."
        yield Check("release", DIFFERS, ground, f"record {gap.index} ({gap.leaf.record_id})")
    erased = sorted({gap.index for gap in held_back if gap.leaf.record_id in seen.erasures})
    if erased:
        ground = "Something of these records was erased."
        yield Check("release", NOT_SEEN, ground, f"records {', '.join(map(str, erased))}")
    if late:
        ground = f"{len(late)} records are left out as logged within the last {rule.delay_hours} hours."
        yield Check("release", NOT_SEEN, ground, place)
    if manifest.coarsened:
        ground = "This audience is given no exact places, so rows that may hold one are withheld whole."
        yield Check("release", NOT_SEEN, ground, f"{len(manifest.coarsened)} records")
    if not unexplained:
        tiers = ", ".join(tier for tier in Tier if tier in rule.tiers)
        ground = f"Everything in the tiers that are open to {rule.audience} ({tiers}) is here, or explained."
        yield Check("release", HOLDS, ground, place)


def _explained(gap: Gap, rule: ReleaseRule, late: set[int], seen: Seen) -> bool:
    """Tell whether the rule, or a recorded erasure, accounts for what is not opened."""
    if gap.index in late or seen.accounts_for(gap):
        return True
    return bool(gap.withheld and rule.cell_km and may_hold_places(gap.leaf.kind, gap.tier))
