# SPDX-License-Identifier: Apache-2.0
"""The verifier needs Python and ``cryptography``, and nothing of ours."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from truceline.evidence import verify

if TYPE_CHECKING:
    from tests.evidence.conftest import Log

BLOCKED = """
import runpy, sys
allowed = {{"cryptography", "_cffi_backend", "cffi", "typing_extensions", *{also}, *sys.stdlib_module_names}}
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] not in allowed:
            raise ImportError(f"blocked: {{name}}")
sys.meta_path.insert(0, Refuse())
sys.argv = ["verify", *sys.argv[1:]]
runpy.run_module("{module}", run_name="__main__", alter_sys=True)
"""


def run(module: str, also: set[str], folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    code = BLOCKED.format(module=module, also=also)
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )


def test_the_installed_verifier_runs_with_every_other_library_blocked(
    make_log: Callable[[int], Log], tmp_path: Path
) -> None:
    log = make_log(3)
    log.publish()
    done = run(
        "truceline.evidence.verify", {"truceline"}, tmp_path, str(log.folder), "--key", log.verifier_key
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("OK: ")


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The verifier's folder, copied alone."""
    assert verify.__file__ is not None
    shutil.copytree(Path(verify.__file__).parent, tmp_path / "alone" / "verify")
    return tmp_path / "alone"


def test_the_verifiers_folder_runs_alone_without_the_rest_of_truceline(
    make_log: Callable[[int], Log], copied: Path
) -> None:
    log = make_log(3)
    log.publish()
    done = run("verify", {"verify"}, copied, str(log.folder), "--key", log.verifier_key)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("OK: ")


def test_the_verifier_alone_fails_with_exit_code_1_on_an_altered_log(
    make_log: Callable[[int], Log], copied: Path
) -> None:
    log = make_log(3)
    log.publish()
    path = log.folder / "tile/entries/000.p/3"
    path.write_bytes(path.read_bytes().replace(b"15:01", b"15:09"))
    done = run("verify", {"verify"}, copied, str(log.folder), "--key", log.verifier_key)
    assert done.returncode == 1
    assert "Entry 1 is not the one" in done.stdout
