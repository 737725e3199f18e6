# SPDX-License-Identifier: Apache-2.0
"""The verifier's command line: ``python -m truceline.evidence.verify LOG``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from .errors import VerificationError
from .log import LogReport, verify_log
from .note import MAX_NOTE
from .policy import parse_policy, verify_attested
from .proof import verify_proof
from .tiles import read_file


def main(arguments: Sequence[str] | None = None) -> int:
    """Check a log or a proof file, say what was checked; return 0 only if all is well."""
    parser = argparse.ArgumentParser(
        prog="truceline.evidence.verify", description="Check a published log, or a proof file, by yourself."
    )
    parser.add_argument("log", type=Path, help="the log's folder, or a .tlog-proof file")
    parser.add_argument("--key", help="the operator's verifier key, got by another way than the log")
    parser.add_argument("--earlier", type=Path, help="a checkpoint that you kept: the log must continue it")
    parser.add_argument("--policy", type=Path, help="whose cosignatures are enough (C2SP tlog-policy)")
    given = parser.parse_args(arguments)
    if given.log.is_file() and given.key is None:
        parser.error("a proof file needs --key")
    try:
        if given.log.is_file():
            lines, code = _proof_lines(given.log, given.key), 0
        else:
            earlier = None if given.earlier is None else read_file(given.earlier, MAX_NOTE)
            report = verify_log(given.log, given.key, earlier)
            lines, code = _log_lines(report), 1 if report.unsettled else 0
            if given.policy is not None:
                lines += _policy_lines(given.policy, given.log)
    except VerificationError as error:
        sys.stdout.write(f"FAILED: {error}\n")
        return 1
    sys.stdout.write("\n".join(lines) + "\n")
    return code


def _proof_lines(path: Path, key: str) -> list[str]:
    """Check a proof file and say what it proves."""
    leaf, checkpoint = verify_proof(read_file(path, MAX_NOTE), key, where=str(path))
    return [
        f"OK: {leaf.record_id} is in the log {checkpoint.origin}, among its first {checkpoint.size} entries.",
        f"  kind {leaf.kind}, made at {leaf.made_at.isoformat()}, number {leaf.author_seq} of {leaf.author}",
    ]


def _policy_lines(policy: Path, log: Path) -> list[str]:
    """Check that enough witnesses have seen this state of the log, and say who."""
    attested = verify_attested(
        parse_policy(read_file(policy, MAX_NOTE), str(policy)), read_file(log / "checkpoint", MAX_NOTE)
    )
    return [f"  attested: seen by {name} at {seen.isoformat()}" for name, seen in attested.by]


def _log_lines(report: LogReport) -> list[str]:
    """Say what was checked."""
    state = report.checkpoint
    lines = [
        f"OK: the log {state.origin} is whole: {state.size} entries, root {state.root.hex()}",
        f"  checkpoint signed by {report.key}",
        f"  {state.size} entries: canonical form, author's signature, place in the tree",
        f"  {report.tiles} tiles and bundles computed again",
    ]
    if not report.key_given:
        lines.append(
            "  Note: the key came from the log's own folder. Compare it with the one the operator gave you."
        )
    if report.earlier is not None:
        lines.append(f"  continues the checkpoint over {report.earlier.size} entries that you kept")
    if report.ahead:
        lines.append(f"  {report.ahead} files of an export under way are not covered by the checkpoint yet")
    if report.ignored:
        lines.append(f"  {report.ignored} files that are no part of a log were left aside")
    lines += [f"  author {account}" for account in report.authors]
    if report.unsettled:
        lines.append(
            "ATTENTION: numbers are missing or used twice. The log is whole, but ask those authors "
            "and the operator which records were withheld, lost or told twice."
        )
    return lines


if __name__ == "__main__":
    raise SystemExit(main())
