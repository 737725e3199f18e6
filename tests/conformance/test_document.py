# SPDX-License-Identifier: Apache-2.0
"""The commands that the document gives a party's engineer work as they stand."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from pathlib import Path

from tests.conformance.conftest import LONG, Audit, Published
from tests.mission.made import ROOT

DOCUMENT = (ROOT / "docs" / "other-verifiers.md").read_text(encoding="utf-8")


def test_the_documents_command_audits_a_log(audit: Audit, untouched: Published, tmp_path: Path) -> None:
    assert audit(untouched.folder, untouched.verifier_key)[0] == 0  # the packages are there
    (command,) = re.findall(r"^GO111MODULE=.*$", DOCUMENT, re.MULTILINE)
    command = command.replace("LOG", shlex.quote(str(untouched.folder)))
    command = command.replace("VERIFIER-KEY", shlex.quote(untouched.verifier_key))
    done = subprocess.run(
        ["sh", "-c", command],
        cwd=ROOT,
        env={**os.environ, "GOCACHE": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.split(",")[0]) == (0, f"OK {LONG} entries"), done.stderr
